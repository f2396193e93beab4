//! A TCP connection, perhaps behind TLS, and perhaps some text over it.

use domain::check::Failure;
use domain::kind::tcp::TcpSettings;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::run::{Check, Seen, Ways, connect};
use super::talk::Talk;
use super::{InvalidSettings, destination};
use crate::net::{Alpn, Destination, TlsProfile};

/// A TCP check, ready to run.
#[derive(Debug)]
pub(super) struct Tcp {
    key: String,
    to: Destination,
    send: Vec<u8>,
    expect: Vec<u8>,
}

impl Tcp {
    pub fn new(settings: &TcpSettings) -> Result<Self, InvalidSettings> {
        let profile = settings.tls.then_some(TlsProfile { alpn: Alpn::None, unverified: settings.insecure, trust: None });
        Ok(Self {
            key: settings.address.to_string(),
            to: destination(&settings.address, profile, settings.family)?,
            send: settings.send.clone(),
            expect: settings.expect.clone(),
        })
    }
}

impl Check for Tcp {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("TCP", self.key.clone())
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let stream = connect(&self.key, &self.to, ways, seen).await?;
            let mut talk = Talk::new(&self.key, stream);
            if !self.send.is_empty() {
                talk.send(&self.send).await?;
            }
            if !self.expect.is_empty() {
                talk.until(&self.expect, seen).await?;
            }
            Ok(())
        }
        .boxed()
    }
}
