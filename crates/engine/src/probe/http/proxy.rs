//! Connections that a proxy makes in our place: CONNECT of HTTP (RFC 9110, 9.3.6) and SOCKS 5 (RFC 1928). The proxy's own
//! address is judged by the policy; what it dials cannot be.

use domain::kind::address::Family;
use domain::kind::http::Proxy;
use http::HeaderValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_socks::TargetAddr;
use tokio_socks::tcp::Socks5Stream;

use super::InvalidHttp;
use super::exchange::ExchangeError;
use super::leg::Leg;
use super::request::basic;
use crate::net::{Destination, Stream};

/// The head of a proxy's answer has to fit in here.
const HEAD_BYTES: usize = 16 * 1024;

/// A proxy, ready to be used.
#[derive(Debug)]
pub(super) struct PreparedProxy {
    /// Where it is.
    pub destination: Destination,
    /// How messages name it.
    pub name: String,
    socks: bool,
    /// For a proxy that speaks HTTP.
    pub authorization: Option<HeaderValue>,
    /// For one that speaks SOCKS.
    login: Option<(String, domain::secret::Secret)>,
}

impl PreparedProxy {
    pub fn new(proxy: &Proxy, family: Family) -> Result<Self, InvalidHttp> {
        let host = url::Host::parse(&proxy.host).map_err(|_| InvalidHttp("The host of the proxy is not one.".into()))?;
        let authorization = proxy.credentials.as_ref().map(|(name, password)| {
            let value = HeaderValue::from_str(&basic(name, password.reveal()));
            value.map(|mut value| {
                value.set_sensitive(true);
                value
            })
        });
        Ok(Self {
            name: format!("{}:{}", proxy.host, proxy.port),
            destination: Destination::plain(host, proxy.port).over(family),
            socks: proxy.socks,
            authorization: authorization.transpose().map_err(|_| InvalidHttp("The credentials of the proxy cannot be sent.".into()))?,
            login: proxy.credentials.clone(),
        })
    }

    /// Whether a request for a leg is passed on as it is, instead of through a tunnel.
    pub fn passes_on(&self, leg: &Leg) -> bool {
        !self.socks && leg.destination.tls.is_none()
    }

    /// Makes a tunnel to where a leg leads.
    pub async fn tunnel(&self, stream: Stream, leg: &Leg) -> Result<Stream, ExchangeError> {
        if self.socks { self.socks(stream, leg).await } else { self.connect(stream, leg).await }
    }

    async fn socks(&self, stream: Stream, leg: &Leg) -> Result<Stream, ExchangeError> {
        let broken = |error: &dyn std::fmt::Display| ExchangeError::Proxy(error.to_string());
        let socket = stream.into_plain().map_err(|error| broken(&error))?;
        // The proxy resolves names: it is there because we may not get to where they lead.
        let target = match &leg.destination.host {
            url::Host::Domain(name) => TargetAddr::Domain(name.as_str().into(), leg.destination.port),
            url::Host::Ipv4(address) => TargetAddr::Ip((*address, leg.destination.port).into()),
            url::Host::Ipv6(address) => TargetAddr::Ip((*address, leg.destination.port).into()),
        };
        let made = match &self.login {
            Some((name, password)) => Socks5Stream::connect_with_password_and_socket(socket, target, name, password.reveal()).await,
            None => Socks5Stream::connect_with_socket(socket, target).await,
        };
        Ok(Stream::plain(made.map_err(|error| broken(&error))?.into_inner()))
    }

    async fn connect(&self, mut stream: Stream, leg: &Leg) -> Result<Stream, ExchangeError> {
        let broken = |error: std::io::Error| ExchangeError::Proxy(error.to_string());
        let mut head = format!("CONNECT {key} HTTP/1.1\r\nHost: {key}\r\n", key = leg.key).into_bytes();
        if let Some(value) = &self.authorization {
            head.extend_from_slice(b"Proxy-Authorization: ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        stream.write_all(&head).await.map_err(broken)?;
        // Byte by byte: what follows the head belongs to the tunnel.
        let mut answer = Vec::with_capacity(256);
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() >= HEAD_BYTES {
                return Err(ExchangeError::Proxy("its answer has no end".into()));
            }
            answer.push(stream.read_u8().await.map_err(broken)?);
        }
        let line = String::from_utf8_lossy(answer.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
        let status = line.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
        if status.is_some_and(|status| (200..300).contains(&status)) {
            Ok(stream)
        } else {
            Err(ExchangeError::Proxy(format!("it said “{}”", line.chars().take(80).collect::<String>())))
        }
    }
}
