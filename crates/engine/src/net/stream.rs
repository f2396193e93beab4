//! The connected stream that a dial hands out: plain or TLS, noting when the first byte left and when the first byte came.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use domain::Timestamp;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::tls::{TlsSession, not_after};

enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// When the first byte of the request left and the first byte of the answer came, in microseconds since the stream was
/// made; shared, because the stream itself disappears into hyper.
#[derive(Debug)]
pub struct Marks {
    born: Instant,
    wrote: AtomicU32,
    read: AtomicU32,
}

impl Marks {
    fn note(&self, mark: &AtomicU32) {
        if mark.load(Ordering::Relaxed) == 0 {
            mark.store(micros(self.born).max(1), Ordering::Relaxed);
        }
    }

    /// From the first byte out to the first byte in; `None` as long as nothing came.
    pub fn first_byte_us(&self) -> Option<u32> {
        match (self.wrote.load(Ordering::Relaxed), self.read.load(Ordering::Relaxed)) {
            (0, _) | (_, 0) => None,
            (wrote, read) => Some(read.saturating_sub(wrote)),
        }
    }

    /// From the first byte in until now; `None` as long as nothing came.
    pub fn since_first_byte_us(&self) -> Option<u32> {
        match self.read.load(Ordering::Relaxed) {
            0 => None,
            read => Some(micros(self.born).saturating_sub(read)),
        }
    }
}

/// Microseconds since an instant; an hour and more is cut to what the field holds.
pub(crate) fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

/// A connected stream.
pub struct Stream {
    inner: Inner,
    marks: Arc<Marks>,
}

impl Stream {
    pub(crate) fn plain(stream: TcpStream) -> Self {
        Self::new(Inner::Plain(stream))
    }

    pub(super) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self::new(Inner::Tls(Box::new(stream)))
    }

    fn new(inner: Inner) -> Self {
        Self { inner, marks: Arc::new(Marks { born: Instant::now(), wrote: AtomicU32::new(0), read: AtomicU32::new(0) }) }
    }

    /// When bytes went and came, readable while the stream is in use elsewhere.
    pub fn marks(&self) -> Arc<Marks> {
        self.marks.clone()
    }

    /// What the TLS handshake agreed on, unless the stream is plain.
    pub fn tls_session(&self) -> Option<TlsSession> {
        match &self.inner {
            Inner::Plain(_) => None,
            Inner::Tls(stream) => Some(TlsSession::of(stream)),
        }
    }
}

impl Stream {
    /// The certificates of the other end, its own first; empty for a plain stream.
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        match &self.inner {
            Inner::Plain(_) => &[],
            Inner::Tls(stream) => stream.get_ref().1.peer_certificates().unwrap_or_default(),
        }
    }

    /// When the certificate of the other end ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.certificates().first().and_then(not_after)
    }

    /// Whether HTTP/2 was agreed on.
    pub fn is_http2(&self) -> bool {
        matches!(&self.inner, Inner::Tls(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2"))
    }

    /// The socket, to speak TLS over it; an error when that was done already.
    pub(crate) fn into_plain(self) -> io::Result<TcpStream> {
        match self.inner {
            Inner::Plain(stream) => Ok(stream),
            Inner::Tls(_) => Err(io::Error::other("this stream speaks TLS already")),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let done = match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Inner::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        };
        ready!(done)?;
        if buffer.filled().len() > before {
            self.marks.note(&self.marks.read);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.marks.note(&self.marks.wrote);
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Inner::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, pieces: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.marks.note(&self.marks.wrote);
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            Inner::Tls(stream) => Pin::new(stream.as_mut()).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.inner {
            Inner::Plain(stream) => stream.is_write_vectored(),
            Inner::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Inner::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Inner::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
