//! Whether a server that says nothing speaks HTTP. A web server waits for the end of a request, which the first bytes of another protocol
//! never bring: all that could be told would be that time was up, where the port is wrong.

use std::future::Future;
use std::time::Instant;

use domain::check::{Failure, Reason};

use super::run::{Seen, Ways, connect};
use super::talk::Talk;
use super::words::failure;
use crate::net::{Destination, Marks};

/// A conversation in a protocol with a server that may be a web server: what it comes to, or that it is one. Of who has
/// said something, and of who says nothing to HTTP either, nothing is known; the conversation goes on.
pub(super) async fn unless_http(
    (name, protocol): (&str, &str),
    to: &Destination,
    ways: &Ways<'_>,
    marks: &Marks,
    conversation: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let doubt = async {
        // Whoever speaks the protocol answers at once; the other half of the time is for asking.
        tokio::time::sleep(ways.deadline.saturating_duration_since(Instant::now()) / 2).await;
        if marks.since_first_byte_us().is_none() && speaks_http(name, to, ways).await {
            return http(name, protocol);
        }
        std::future::pending().await
    };
    tokio::select! {
        biased;
        ended = conversation => ended,
        strange = doubt => Err(strange),
    }
}

/// What is said of a web server.
pub(super) fn http(name: &str, protocol: &str) -> Failure {
    failure(Reason::Protocol, format!("{name} does not speak {protocol}: it speaks HTTP. Check the port."))
}

async fn speaks_http(name: &str, to: &Destination, ways: &Ways<'_>) -> bool {
    let mut seen = Seen::default();
    let asked = async {
        let mut talk = Talk::new(name, connect(name, to, ways, &mut seen).await?);
        talk.send(b"GET / HTTP/1.0\r\n\r\n").await?;
        talk.exact(5, &mut seen).await
    };
    asked.await.is_ok_and(|answer: Vec<u8>| answer == b"HTTP/")
}
