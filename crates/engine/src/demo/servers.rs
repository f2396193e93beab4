//! The servers of a filled directory that are no web servers: each speaks as much of its protocol as a check asks for, on the loopback
//! interface, so that these checks are real checks too.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use domain::Timestamp;
use domain::time::DAY_MS;
use futures::StreamExt as _;
use hickory_resolver::proto::op::{Message, MessageType};
use hickory_resolver::proto::rr::{RData, Record};
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{DNS_PORT, GRPC_PORT, POSTGRES_PORT, RECORD, REDIS_PORT, SMTP_PORT, SSH_PORT, TLS_PORT, WEBSOCKET_PORT, behind};

/// The certificate of a filled directory is good for so many days.
const CERTIFICATE_DAYS: i64 = 120;

/// A certificate for everything whose certificate is looked at, and its key, in PEM.
pub(super) fn certificate(now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let mut params = CertificateParams::new(behind::secured().collect::<Vec<_>>())?;
    let day = |days: i64| {
        let civil = Timestamp::from_millis(now.as_millis() + days * DAY_MS).civil(0);
        rcgen::date_time_ymd(i32::try_from(civil.year).unwrap_or(2026), civil.month, civil.day)
    };
    (params.not_before, params.not_after) = (day(-30), day(CERTIFICATE_DAYS));
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// Listens on all ports while `shutdown` is not cancelled. A port that somebody else has is told, and its monitors are down.
pub(super) async fn listen(certificate: Option<(String, String)>, shutdown: &CancellationToken) {
    serve(REDIS_PORT, shutdown, redis).await;
    serve(SMTP_PORT, shutdown, smtp).await;
    serve(SSH_PORT, shutdown, ssh).await;
    serve(POSTGRES_PORT, shutdown, postgres).await;
    serve(GRPC_PORT, shutdown, grpc).await;
    serve(WEBSOCKET_PORT, shutdown, websocket).await;
    if let Some(acceptor) = certificate.and_then(|(certificate, key)| acceptor(&certificate, &key)) {
        serve(TLS_PORT, shutdown, move |stream| secured(acceptor.clone(), stream)).await;
    }
    match UdpSocket::bind((Ipv4Addr::LOCALHOST, DNS_PORT)).await {
        Ok(socket) => drop(tokio::spawn(shutdown.clone().run_until_cancelled_owned(names(socket)))),
        Err(error) => untold(DNS_PORT, &error),
    }
}

fn untold(port: u16, error: &io::Error) {
    tracing::warn!(%error, port, "a target of the demo cannot be served");
}

async fn serve<F: Future<Output = io::Result<()>> + Send + 'static>(
    port: u16,
    shutdown: &CancellationToken,
    speak: impl Fn(TcpStream) -> F + Send + 'static,
) {
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => listener,
        Err(error) => return untold(port, &error),
    };
    let accepting = async move {
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                // A client that hangs up is none of the demo's business.
                tokio::spawn(speak(stream));
            }
        }
    };
    tokio::spawn(shutdown.clone().run_until_cancelled_owned(accepting));
}

/// Greets, and answers a line with what belongs to the first beginning that fits; a line that none fits ends it.
async fn lines(mut stream: TcpStream, greeting: &'static str, answers: &'static [(&'static str, &'static str)]) -> io::Result<()> {
    stream.write_all(greeting.as_bytes()).await?;
    let (read, mut write) = stream.split();
    let mut said = BufReader::new(read.take(64 * 1024)).lines();
    while let Some(line) = said.next_line().await? {
        let Some((_, answer)) = answers.iter().find(|(begins, _)| line.starts_with(begins)) else { return Ok(()) };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

async fn redis(stream: TcpStream) -> io::Result<()> {
    lines(stream, "", &[("PING", "+PONG\r\n"), ("", "")]).await
}

async fn smtp(stream: TcpStream) -> io::Result<()> {
    lines(stream, "220 relay.acme.example ESMTP\r\n", &[("QUIT", "221 bye\r\n"), ("", "250 fine\r\n")]).await
}

async fn ssh(stream: TcpStream) -> io::Result<()> {
    lines(stream, "SSH-2.0-OpenSSH_9.9\r\n", &[]).await
}

/// Lets everybody in: AuthenticationOk, a version, ReadyForQuery.
async fn postgres(mut stream: TcpStream) -> io::Result<()> {
    const WELCOME: &[u8] = b"R\0\0\0\x08\0\0\0\0S\0\0\0\x18server_version\x0017.2\0Z\0\0\0\x05I";
    let length = stream.read_u32().await?;
    let mut startup = vec![0; usize::try_from(length.clamp(4, 10_000) - 4).unwrap_or(0)];
    stream.read_exact(&mut startup).await?;
    stream.write_all(WELCOME).await?;
    // Whatever follows is the goodbye.
    let mut rest = Vec::new();
    stream.take(1_024).read_to_end(&mut rest).await.map(drop)
}

/// The answer of the health service: SERVING.
async fn grpc(stream: TcpStream) -> io::Result<()> {
    let answer = |_: Request<Incoming>| async {
        let trailers = HeaderMap::from_iter([(header::HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
        let body = Full::new(Bytes::from_static(&[0, 0, 0, 0, 2, 8, 1])).with_trailers(async move { Some(Ok::<_, Infallible>(trailers)) });
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        Ok::<_, Infallible>(response)
    };
    let served = hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service_fn(answer));
    served.await.map_err(io::Error::other)
}

async fn websocket(stream: TcpStream) -> io::Result<()> {
    let mut socket = tokio_tungstenite::accept_async(stream).await.map_err(io::Error::other)?;
    while let Some(Ok(_heard)) = socket.next().await {}
    Ok(())
}

fn acceptor(certificate: &str, key: &str) -> Option<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).ok()?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).ok()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).ok()?;
    Some(TlsAcceptor::from(Arc::new(config)))
}

async fn secured(acceptor: TlsAcceptor, stream: TcpStream) -> io::Result<()> {
    let stream = acceptor.accept(stream).await?;
    let mut rest = Vec::new();
    stream.take(1_024).read_to_end(&mut rest).await.map(drop)
}

/// Every name has one address.
async fn names(socket: UdpSocket) {
    let mut buffer = [0; 1_232];
    loop {
        let Ok((count, from)) = socket.recv_from(&mut buffer).await else { continue };
        let Some(question) = buffer.get(..count).and_then(|bytes| Message::from_vec(bytes).ok()) else { continue };
        let mut answer = question.clone();
        answer.metadata.message_type = MessageType::Response;
        answer.edns = None;
        if let (Some(query), Ok(address)) = (question.queries.first(), RECORD.parse::<Ipv4Addr>()) {
            answer.add_answer(Record::from_rdata(query.name().clone(), 300, RData::A(address.into())));
        }
        if let Ok(bytes) = answer.to_vec() {
            // Who asked may have gone.
            let _gone = socket.send_to(&bytes, from).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;
    use crate::net::{Access, Dialer, Policy};
    use crate::probe::{HttpDefaults, Probe};
    use domain::kind::Kind;
    use domain::monitor::MonitorDraft;

    async fn free<F: Future<Output = io::Result<()>> + Send + 'static>(speak: impl Fn(TcpStream) -> F + Send + 'static) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(speak(stream));
            }
        });
        port
    }

    async fn fine(kind: Kind, fields: &[(&str, String)]) {
        let settings = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let draft = MonitorDraft { kind: kind.name().into(), settings, ..MonitorDraft::default() };
        let spec = draft.validate().expect("valid");
        let probe = Probe::prepare(&spec.target, &HttpDefaults::default()).expect("a probe");
        let dialer = Dialer::new(Policy { private: Access::Open, ..Policy::default() });
        let seen = probe.check(&dialer, std::time::Duration::from_secs(30), Timestamp::default()).await.expect("a check");
        assert!(seen.failure.is_none(), "{kind:?}: {seen:?}");
    }

    #[tokio::test]
    async fn each_speaks_what_a_check_asks_for() {
        let at = |port: u16| ("address", format!("127.0.0.1:{port}"));
        let plain = ("security", "none".to_owned());
        fine(Kind::Redis, &[at(free(redis).await)]).await;
        fine(Kind::Smtp, &[at(free(smtp).await), plain.clone()]).await;
        fine(Kind::Ssh, &[at(free(ssh).await)]).await;
        fine(Kind::Postgres, &[at(free(postgres).await), ("username", "loopr".into()), plain]).await;
        fine(Kind::Grpc, &[at(free(grpc).await), ("plaintext", "on".into())]).await;
        fine(Kind::Websocket, &[("url", format!("ws://127.0.0.1:{}/", free(websocket).await))]).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after the epoch").as_secs();
        let now = Timestamp::from_millis(i64::try_from(now).expect("small") * 1_000);
        let (pem, key) = certificate(now).expect("made");
        let acceptor = acceptor(&pem, &key).expect("an acceptor");
        let port = free(move |stream| secured(acceptor.clone(), stream)).await;
        let host = behind::secured().next().expect("some");
        fine(Kind::Tls, &[("address", format!("{host}:{port}")), ("ca", pem)]).await;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let resolver = socket.local_addr().expect("an address").to_string();
        tokio::spawn(names(socket));
        fine(Kind::Dns, &[("query", "shop.acme.example".into()), ("resolver", resolver), ("expected", RECORD.into())]).await;
    }
}
