//! One request and one answer over one connection, in one future: the connection is polled together with the request, so
//! dropping the future ends everything.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Request;
use http::response::Parts;
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::net::Stream;

/// The head of an answer has to fit in here; it also bounds how much of a body is in memory at once.
const BUFFER_BYTES: usize = 64 * 1024;
/// The same as the window of HTTP/2, and the size of all headers.
const WINDOW_BYTES: u32 = 64 * 1024;

/// How much of a body was seen.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// How many bytes to keep.
    pub keep: usize,
    /// How many were read.
    pub bytes: u64,
    /// Whether there were more than the cap allowed.
    pub capped: bool,
    /// The first ones.
    pub excerpt: Vec<u8>,
}

impl Body {
    pub fn keeping(keep: usize) -> Self {
        Self { keep, ..Self::default() }
    }

    fn take(&mut self, data: &[u8]) {
        self.bytes = self.bytes.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        let room = self.keep.saturating_sub(self.excerpt.len()).min(data.len());
        self.excerpt.extend(data.iter().take(room));
    }
}

/// Where an exchange broke.
#[derive(Debug)]
pub(super) enum ExchangeError {
    /// The proxy did not make the connection.
    Proxy(String),
    /// Before the head of an answer was complete.
    Head(hyper::Error),
    /// While the body was read.
    Body,
}

/// What is to be done with a body, once the head is known.
pub(super) struct Reading {
    /// How many bytes are read.
    pub cap: u64,
    /// How many of them are kept.
    pub keep: usize,
}

type Connection<'a> = Pin<&'a mut (dyn Future<Output = hyper::Result<()>> + Send)>;

/// Polls the connection until it is done, and then no more.
struct Driver<'a> {
    connection: Connection<'a>,
    open: bool,
}

impl Driver<'_> {
    fn drive(&mut self, cx: &mut Context<'_>) {
        // Its error, if any, arrives through the response or its body as well.
        if self.open && self.connection.as_mut().poll(cx).is_ready() {
            self.open = false;
        }
    }
}

/// Sends a request, shows the head of the answer to `on_head`, and reads as much of the body as that answers (`None`: not
/// even to its end).
pub(super) async fn exchange(
    stream: Stream,
    http2: bool,
    request: Request<Full<Bytes>>,
    on_head: impl FnOnce(&Parts) -> Option<Reading> + Send,
    body: &mut Body,
) -> Result<(), ExchangeError> {
    let io = TokioIo::new(stream);
    if http2 {
        // What hyper spawns for HTTP/2 ends with the connection.
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.initial_stream_window_size(WINDOW_BYTES).initial_connection_window_size(WINDOW_BYTES).max_header_list_size(WINDOW_BYTES);
        let (mut sender, connection) = builder.handshake(io).await.map_err(ExchangeError::Head)?;
        let driver = Driver { connection: pin!(connection), open: true };
        return answered(driver, sender.send_request(request), on_head, body).await;
    }
    let mut builder = http1::Builder::new();
    builder.max_buf_size(BUFFER_BYTES);
    let (mut sender, connection) = builder.handshake(io).await.map_err(ExchangeError::Head)?;
    let driver = Driver { connection: pin!(connection), open: true };
    answered(driver, sender.send_request(request), on_head, body).await
}

async fn answered(
    mut driver: Driver<'_>,
    response: impl Future<Output = hyper::Result<http::Response<Incoming>>>,
    on_head: impl FnOnce(&Parts) -> Option<Reading>,
    body: &mut Body,
) -> Result<(), ExchangeError> {
    let mut response = pin!(response);
    let response = poll_fn(|cx| {
        driver.drive(cx);
        response.as_mut().poll(cx)
    });
    let (head, mut incoming) = response.await.map_err(ExchangeError::Head)?.into_parts();
    let Some(Reading { cap, keep }) = on_head(&head) else {
        return Ok(());
    };
    body.keep = body.keep.max(keep);
    poll_fn(|cx| read(&mut driver, &mut incoming, cap, body, cx)).await.map_err(|_| ExchangeError::Body)
}

fn read(driver: &mut Driver<'_>, incoming: &mut Incoming, cap: u64, body: &mut Body, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
    loop {
        if incoming.is_end_stream() {
            return Poll::Ready(Ok(()));
        }
        driver.drive(cx);
        let Some(frame) = ready!(Pin::new(&mut *incoming).poll_frame(cx)) else {
            return Poll::Ready(Ok(()));
        };
        if let Some(data) = frame?.data_ref() {
            body.take(data);
        }
        if body.bytes > cap {
            body.bytes = cap;
            body.capped = true;
            return Poll::Ready(Ok(()));
        }
    }
}
