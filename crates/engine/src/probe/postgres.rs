//! A PostgreSQL server: TLS, sign-in, perhaps one query in a read-only session. The protocol is `tokio-postgres`'; the
//! connection is ours, and bounded in what it reads.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use domain::check::{Failure, Reason};
use domain::kind::mysql::Security;
use domain::kind::postgres::PostgresSettings;
use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, Error, NoTls, SimpleQueryMessage};

use super::run::{Check, Seen, Ways, connect};
use super::stranger::{http, unless_http};
use super::talk::Talk;
use super::words::failure;
use super::{InvalidSettings, destination, judge_value, named, profile};
use crate::net::{Alpn, Destination, Stream, TlsProfile};

/// So much is read of one server in one check.
const ANSWER_BYTES: usize = 1 << 20;
/// SSLRequest: a length, and a number that no version has.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A PostgreSQL check, ready to run.
#[derive(Debug)]
pub(super) struct Postgres {
    key: String,
    to: Destination,
    upgrade: (TlsProfile, ServerName<'static>),
    config: Config,
    settings: PostgresSettings,
}

impl Postgres {
    pub fn new(settings: &PostgresSettings) -> Result<Self, InvalidSettings> {
        let tls = profile(Alpn::None, settings.security == Security::Prefer, settings.ca.as_deref())?;
        let mut config = Config::new();
        config.user(&settings.username).password(settings.password.reveal()).application_name("loopr").ssl_mode(SslMode::Disable);
        config.options("-c default_transaction_read_only=on");
        if !settings.database.is_empty() {
            config.dbname(&settings.database);
        }
        let upgrade = (tls, named(&settings.address.host)?);
        let to = destination(&settings.address, None, settings.family)?;
        Ok(Self { key: settings.address.to_string(), to, upgrade, config, settings: settings.clone() })
    }

    /// Agrees on TLS before the protocol proper begins.
    async fn secured(&self, stream: Stream, ways: &Ways<'_>, seen: &mut Seen) -> Result<Stream, Failure> {
        if self.settings.security == Security::None {
            return Ok(stream);
        }
        let mut talk = Talk::new(&self.key, stream);
        talk.send(&SSL_REQUEST).await?;
        match talk.exact(1, seen).await?.as_slice() {
            b"S" => Ok(talk.secure(&self.upgrade.0, &self.upgrade.1, ways, seen).await?.into_stream()),
            b"N" if self.settings.security == Security::Prefer => Ok(talk.into_stream()),
            b"N" => Err(failure(Reason::Tls, format!("{} does not offer TLS. Turn it on, or choose another encryption.", self.key))),
            other => {
                // One byte tells nobody what it is; a web server that answers at once goes on like this.
                let mut said = other.to_vec();
                if other == b"H" {
                    said.extend(talk.exact(4, seen).await.unwrap_or_default());
                }
                Err(if said == b"HTTP/" { http(&self.key, "PostgreSQL") } else { talk.strange("PostgreSQL", &said) })
            }
        }
    }

    /// Signs in, and asks what there is to ask.
    async fn converse(&self, stream: Stream, ways: &Ways<'_>, seen: &mut Seen) -> Result<(), Failure> {
        let stream = self.secured(stream, ways, seen).await?;
        seen.answer.clear();
        let bounded = Bounded { stream, left: ANSWER_BYTES };
        let (client, mut connection) = self.config.connect_raw(bounded, NoTls).await.map_err(|error| self.refused(&error))?;
        if let Some(version) = connection.parameter("server_version") {
            let version = version.to_owned();
            seen.fact("Version", || version);
        }
        let Some(query) = &self.settings.query else { return Ok(()) };
        let asked = async {
            let mut rows = std::pin::pin!(client.simple_query_raw(query).await?);
            while let Some(message) = rows.next().await {
                if let SimpleQueryMessage::Row(row) = message? {
                    let first = if row.is_empty() { None } else { row.try_get(0)? };
                    return Ok(Some(first.unwrap_or("NULL").to_owned()));
                }
            }
            Ok::<_, Error>(None)
        };
        // The connection is polled together with the question, so that dropping this ends both.
        let value = tokio::select! {
            value = asked => value.map_err(|error| self.refused(&error))?,
            ended = &mut connection => {
                let cause = ended.err().map_or_else(
                    || failure(Reason::Protocol, format!("{} closed the connection before it had answered. Check its log.", self.key)),
                    |error| self.refused(&error),
                );
                return Err(cause);
            }
        };
        judge_value(&self.key, value.as_deref(), self.settings.expected.as_ref(), seen)
    }

    fn refused(&self, error: &Error) -> Failure {
        let name = &self.key;
        let Some(answer) = error.as_db_error() else {
            let mut cause = error.to_string();
            let mut source = std::error::Error::source(error);
            while let Some(inner) = source {
                cause = format!("{cause}: {inner}");
                source = inner.source();
            }
            return failure(Reason::Protocol, format!("{name} does not speak PostgreSQL as it should: {cause}. Check the port."));
        };
        let code = answer.code();
        let reason = if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
            Reason::Auth
        } else if *code == SqlState::CANNOT_CONNECT_NOW || *code == SqlState::TOO_MANY_CONNECTIONS || *code == SqlState::ADMIN_SHUTDOWN {
            Reason::NotServing
        } else {
            Reason::Content
        };
        failure(reason, format!("{name} refused: {} ({}).", answer.message().chars().take(200).collect::<String>(), code.code()))
    }
}

impl Check for Postgres {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("PostgreSQL", format!("{} as {}", self.key, self.settings.username))
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let stream = connect(&self.key, &self.to, ways, seen).await?;
            let marks = stream.marks();
            unless_http((&self.key, "PostgreSQL"), &self.to, ways, &marks, self.converse(stream, ways, seen)).await
        }
        .boxed()
    }
}

/// A stream of which only so much is read: the driver would keep whatever a server announces.
struct Bounded {
    stream: Stream,
    left: usize,
}

impl AsyncRead for Bounded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let count = buffer.filled().len().saturating_sub(before);
        match self.left.checked_sub(count) {
            Some(left) => {
                self.left = left;
                Poll::Ready(Ok(()))
            }
            None => Poll::Ready(Err(io::Error::other("it answered with more than 1 MiB"))),
        }
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
