//! A conversation over a connection: bytes out, lines or bytes in, never more than a bounded number of them. Used by the kinds
//! that speak a text protocol or a small binary one.

use domain::check::{Failure, Reason};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::run::{Seen, Ways};
use super::words::{failure, not_connected};
use crate::net::{Stream, TlsProfile};

/// What may wait to be read: the longest line, the longest packet.
const BUFFER_BYTES: usize = 64 * 1024;

/// One side of a conversation.
pub(super) struct Talk<'a> {
    name: &'a str,
    stream: Stream,
    waiting: Vec<u8>,
}

impl<'a> Talk<'a> {
    pub fn new(name: &'a str, stream: Stream) -> Self {
        Self { name, stream, waiting: Vec::new() }
    }

    /// Who is talked to.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The other side does not speak what it should.
    pub fn strange(&self, protocol: &str, what: &[u8]) -> Failure {
        let shown: String = String::from_utf8_lossy(what).chars().map(|c| if c.is_control() { '·' } else { c }).take(60).collect();
        failure(Reason::Protocol, format!("{} does not speak {protocol}: it said “{shown}”. Check the port.", self.name))
    }

    fn broken(&self, error: &std::io::Error) -> Failure {
        failure(Reason::Protocol, format!("{} broke off the connection ({error}). Check the service’s log.", self.name))
    }

    /// Says something.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        let sent = sent.await;
        sent.map_err(|error| self.broken(&error))
    }

    /// Waits for more; false when the other side has nothing more to say.
    async fn more(&mut self, seen: &mut Seen) -> Result<bool, Failure> {
        if self.waiting.len() >= BUFFER_BYTES {
            return Err(failure(
                Reason::Protocol,
                format!("{} said more than 64 KiB where a short answer was due. Check the port.", self.name),
            ));
        }
        let mut chunk = [0; 4_096];
        let count = self.stream.read(&mut chunk).await.map_err(|error| self.broken(&error))?;
        let bytes = chunk.get(..count).unwrap_or_default();
        seen.answer(bytes);
        self.waiting.extend_from_slice(bytes);
        Ok(count > 0)
    }

    fn ended(&self) -> Failure {
        failure(
            Reason::Protocol,
            format!("{} closed the connection before it had answered. Check the service’s log and the port.", self.name),
        )
    }

    /// The next line, without its end.
    pub async fn line(&mut self, seen: &mut Seen) -> Result<String, Failure> {
        loop {
            if let Some(end) = self.waiting.iter().position(|byte| *byte == b'\n') {
                let rest = self.waiting.split_off(end + 1);
                let line = std::mem::replace(&mut self.waiting, rest);
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if !self.more(seen).await? {
                return Err(self.ended());
            }
        }
    }

    /// So many bytes.
    pub async fn exact(&mut self, count: usize, seen: &mut Seen) -> Result<Vec<u8>, Failure> {
        if count > BUFFER_BYTES {
            return Err(failure(
                Reason::Protocol,
                format!("{} announced more than 64 KiB where a short answer was due. Check the port.", self.name),
            ));
        }
        while self.waiting.len() < count {
            if !self.more(seen).await? {
                return Err(self.ended());
            }
        }
        let rest = self.waiting.split_off(count);
        Ok(std::mem::replace(&mut self.waiting, rest))
    }

    /// Waits until something is contained in what came.
    pub async fn until(&mut self, wanted: &[u8], seen: &mut Seen) -> Result<(), Failure> {
        loop {
            if self.waiting.windows(wanted.len().max(1)).any(|window| window == wanted) {
                return Ok(());
            }
            if !self.more(seen).await? {
                let text = String::from_utf8_lossy(wanted);
                return Err(failure(
                    Reason::Content,
                    format!("{} closed the connection without saying “{text}”. Check the service.", self.name),
                ));
            }
        }
    }

    /// Speaks TLS from here on. What came before must have been read: anything more was put there by somebody else.
    pub async fn secure(
        self,
        profile: &TlsProfile,
        server: &ServerName<'static>,
        ways: &Ways<'_>,
        seen: &mut Seen,
    ) -> Result<Self, Failure> {
        let name = self.name;
        if !self.waiting.is_empty() {
            return Err(failure(
                Reason::Protocol,
                format!("{name} went on in plain text after it had agreed to TLS. Somebody may be in between."),
            ));
        }
        let secured = ways.dialer.secure(self.stream, profile, server, &mut seen.dialling).await;
        let stream = secured.map_err(|error| not_connected(name, &error))?;
        seen.stream(&stream);
        Ok(Self::new(name, stream))
    }

    /// The stream, when nothing is waiting to be read.
    pub fn into_stream(self) -> Stream {
        self.stream
    }
}
