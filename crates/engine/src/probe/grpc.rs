//! The health service of gRPC (grpc.health.v1.Health/Check) over HTTP/2. Its two messages have one field each, so they are
//! written and read here.

use std::future::poll_fn;
use std::pin::{Pin, pin};

use bytes::Bytes;
use domain::check::{Failure, Reason};
use domain::kind::grpc::GrpcSettings;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body::Body as _;
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::run::{Check, Seen, Ways, connect};
use super::words::failure;
use super::{InvalidSettings, destination, profile};
use crate::net::{Alpn, Destination};

/// The largest answer.
const ANSWER_BYTES: usize = 4_096;
const WINDOW_BYTES: u32 = 64 * 1024;

/// A gRPC check, ready to run.
#[derive(Debug)]
pub(super) struct Grpc {
    key: String,
    service: String,
    to: Destination,
    request: Request<Full<Bytes>>,
}

impl Grpc {
    pub fn new(settings: &GrpcSettings) -> Result<Self, InvalidSettings> {
        let wrong = || InvalidSettings("The request cannot be made.".into());
        let tls = if settings.plaintext { None } else { Some(profile(Alpn::Http2, settings.insecure, settings.ca.as_deref())?) };
        let scheme = if settings.plaintext { "http" } else { "https" };
        let mut request = Request::new(Full::new(message(&settings.service)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = format!("{scheme}://{}/grpc.health.v1.Health/Check", settings.address).parse().map_err(|_| wrong())?;
        let headers = request.headers_mut();
        for (name, value) in [
            ("content-type", "application/grpc+proto"),
            ("te", "trailers"),
            ("user-agent", concat!("grpc-loopr/", env!("CARGO_PKG_VERSION"))),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        for typed in &settings.metadata {
            let name = HeaderName::from_bytes(typed.name.to_lowercase().as_bytes()).map_err(|_| wrong())?;
            let mut value = HeaderValue::from_bytes(typed.value.as_bytes()).map_err(|_| wrong())?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        let to = destination(&settings.address, tls, settings.family)?;
        Ok(Self { key: settings.address.to_string(), service: settings.service.clone(), to, request })
    }

    fn broken(&self, error: &hyper::Error) -> Failure {
        failure(
            Reason::Protocol,
            format!("{} does not speak gRPC as it should: {error}. Check the port, and whether it wants TLS.", self.key),
        )
    }

    fn named(&self) -> String {
        if self.service.is_empty() { "The server".to_owned() } else { format!("The service {}", self.service) }
    }

    /// What a status other than OK says.
    fn refused(&self, status: u16, message: &str) -> Failure {
        let text: String = message.chars().filter(|c| !c.is_control()).take(120).collect();
        match status {
            5 => failure(Reason::NotServing, format!("{} is not known to the health service of {}.", self.named(), self.key)),
            7 | 16 => failure(Reason::Auth, format!("{} refused the call: {text} (status {status}). Check the metadata.", self.key)),
            12 => failure(Reason::Protocol, format!("{} has no health service (grpc.health.v1). Add it to the server.", self.key)),
            _ => failure(Reason::Status, format!("{} answered with status {status}: {text}.", self.key)),
        }
    }
}

/// A HealthCheckRequest in its frame: no compression, four bytes of length, field 1 as a string.
fn message(service: &str) -> Bytes {
    let mut field = Vec::new();
    if !service.is_empty() {
        field.push(0x0a);
        let mut length = service.len();
        while length >= 0x80 {
            field.push(u8::try_from(length & 0x7f).unwrap_or(0) | 0x80);
            length >>= 7;
        }
        field.push(u8::try_from(length).unwrap_or(0));
        field.extend_from_slice(service.as_bytes());
    }
    let mut frame = vec![0];
    frame.extend_from_slice(&u32::try_from(field.len()).unwrap_or(0).to_be_bytes());
    frame.extend_from_slice(&field);
    frame.into()
}

/// The status of a HealthCheckResponse: field 1, a number; absent means 0, UNKNOWN.
fn serving(frame: &[u8]) -> Option<u8> {
    let (head, message) = frame.split_at_checked(5)?;
    if head.first() != Some(&0) {
        return None;
    }
    match message {
        [] => Some(0),
        [0x08, status, ..] => Some(*status),
        _ => None,
    }
}

fn status_of(headers: &HeaderMap) -> Option<(u16, String)> {
    let status = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
    let message = headers.get("grpc-message").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    Some((status, message.unwrap_or_default()))
}

impl Check for Grpc {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("gRPC", format!("{} {}", self.key, if self.service.is_empty() { "(server)" } else { &self.service }))
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let stream = connect(&self.key, &self.to, ways, seen).await?;
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder.initial_stream_window_size(WINDOW_BYTES).max_header_list_size(WINDOW_BYTES);
            let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| self.broken(&error))?;
            let mut connection = pin!(connection);
            let mut open = true;
            let mut drive = move |cx: &mut std::task::Context<'_>| {
                // Its error, if any, arrives through the response as well.
                if open && connection.as_mut().poll(cx).is_ready() {
                    open = false;
                }
            };
            let mut response = pin!(sender.send_request(self.request.clone()));
            let answered = poll_fn(|cx| {
                drive(cx);
                response.as_mut().poll(cx)
            });
            let (head, mut body) = answered.await.map_err(|error| self.broken(&error))?.into_parts();
            if head.status != http::StatusCode::OK {
                return Err(failure(
                    Reason::Status,
                    format!("{} answered {} instead of a gRPC answer. Check the address.", self.key, head.status),
                ));
            }
            // A call that fails at once has its status in the head.
            let mut status = status_of(&head.headers);
            let mut frame = Vec::new();
            loop {
                let next = poll_fn(|cx| {
                    drive(cx);
                    Pin::new(&mut body).poll_frame(cx)
                });
                let Some(part) = next.await else { break };
                let part = part.map_err(|error| self.broken(&error))?;
                if let Some(data) = part.data_ref() {
                    frame.extend_from_slice(data);
                }
                if let Some(trailers) = part.trailers_ref() {
                    status = status_of(trailers).or(status);
                }
                if frame.len() > ANSWER_BYTES {
                    return Err(failure(Reason::Protocol, format!("{} answered with more than a health answer.", self.key)));
                }
            }
            let (code, text) = status.unwrap_or((2, "no status".to_owned()));
            seen.status = Some(code);
            if code != 0 {
                return Err(self.refused(code, &text));
            }
            let state = serving(&frame);
            let word = match state {
                Some(0) => "UNKNOWN",
                Some(1) => "SERVING",
                Some(2) => "NOT_SERVING",
                Some(3) => "SERVICE_UNKNOWN",
                _ => return Err(failure(Reason::Protocol, format!("{} answered with something that is not a health answer.", self.key))),
            };
            seen.fact("Health", || word.to_owned());
            if state == Some(1) {
                Ok(())
            } else {
                Err(failure(Reason::NotServing, format!("{} of {} says {word}.", self.named(), self.key)))
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_as_the_protocol_has_them() {
        assert_eq!(message("").as_ref(), [0, 0, 0, 0, 0]);
        assert_eq!(message("a.B").as_ref(), [0, 0, 0, 0, 5, 0x0a, 3, b'a', b'.', b'B']);
        let long = message(&"x".repeat(200));
        assert_eq!(long.get(4..8), Some(&[203, 0x0a, 0xc8, 0x01][..]));
        for (frame, status) in [(&[0, 0, 0, 0, 2, 8, 1][..], Some(1)), (&[0, 0, 0, 0, 0], Some(0)), (&[1, 0, 0, 0, 0], None), (&[0], None)]
        {
            assert_eq!(serving(frame), status);
        }
    }
}
