//! HTTP requests that are made on a person's behalf and are not checks: alerts, webhooks, push. One client for all of them.
//!
//! Invariants: every address is judged by the policy when it is dialled, and a host that is an address before that, as nobody resolves it;
//! redirects are not followed; no proxy is taken from the environment; an answer is read up to a limit and no further; no error names a
//! path, a query or a header, where secrets are. Called by the sender of alerts; later by webhooks.

use std::error::Error as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kind::address::Family;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy as Redirects;
use url::{Host, Url};

use super::tls::{Alpn, TlsProfile};
use super::{DialError, Dialer, Dialling};
use crate::probe::words;

/// How long a connection may take, name and TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// What one request may cost.
#[derive(Debug, Clone, Copy)]
pub struct WebLimits {
    /// From the name to the end of the answer.
    pub timeout: Duration,
    /// Bytes of the answer that are read.
    pub answer_bytes: usize,
}

/// A request.
#[derive(Clone)]
pub struct WebRequest {
    /// `POST`, mostly.
    pub method: Method,
    /// In full.
    pub url: String,
    /// All but those of the connection.
    pub headers: HeaderMap,
    /// What is sent.
    pub body: bytes::Bytes,
}

/// An answer, as far as it was read.
#[derive(Debug, Clone)]
pub struct WebAnswer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The beginning of the body.
    pub body: Vec<u8>,
    /// There was more of it.
    pub is_cut: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// The request could not have been made anywhere.
    #[error("{0}")]
    Invalid(String),
    /// The network policy refuses the host. It will be refused again.
    #[error("{0}")]
    Refused(String),
    /// There was no connection, or it broke. Whether the request arrived, nobody knows.
    #[error("{0}")]
    Broken(String),
}

/// The client.
pub struct Web {
    dialer: Arc<Dialer>,
    client: reqwest::Client,
}

impl Web {
    /// Over a dialer: its policy, its resolver, its certificates.
    ///
    /// # Errors
    /// When TLS cannot be set up, or the user agent is not one.
    pub fn new(dialer: Arc<Dialer>, user_agent: &str) -> Result<Self, WebError> {
        let unusable = |error: String| WebError::Invalid(format!("The client for HTTP cannot be set up: {error}."));
        let tls = dialer.tls().config(&TlsProfile::verified(Alpn::Http)).map_err(|error| unusable(error.to_string()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(rustls::ClientConfig::clone(&tls))
            .dns_resolver(Arc::new(Judged(Arc::clone(&dialer))))
            .redirect(Redirects::none())
            .no_proxy()
            // A connection that is kept would outlive a change of the policy, and may be closed under a request that cannot be repeated.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT)
            .user_agent(user_agent)
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self { dialer, client })
    }

    /// Asks once.
    ///
    /// # Errors
    /// [`WebError`]; whatever the status, an answer is none.
    pub async fn ask(&self, request: WebRequest, limits: WebLimits) -> Result<WebAnswer, WebError> {
        let url = Url::parse(&request.url).map_err(|error| WebError::Invalid(format!("The address cannot be read: {error}.")))?;
        let host = url.host().map(|host| host.to_owned()).ok_or_else(|| WebError::Invalid("The address has no host.".into()))?;
        let name = named(&host, url.port());
        self.dialer.policy().judge_host(&host).map_err(|refused| refusal(&name, &DialError::Policy(refused)))?;
        let begun = Instant::now();
        let asked = self.client.request(request.method, url).headers(request.headers).body(request.body).timeout(limits.timeout);
        let mut response = asked.send().await.map_err(|error| broken(&name, &error, begun.elapsed(), limits.timeout))?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let (mut body, mut is_cut) = (Vec::new(), false);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = limits.answer_bytes.saturating_sub(body.len());
                    body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                    is_cut = chunk.len() > room;
                    if is_cut {
                        break;
                    }
                }
                Ok(None) => break,
                // The status is what counts; it has come.
                Err(_) => {
                    is_cut = true;
                    break;
                }
            }
        }
        Ok(WebAnswer { status, headers, body, is_cut })
    }
}

impl WebRequest {
    /// A request with these headers.
    ///
    /// # Errors
    /// A sentence that names the header, without its value.
    pub fn new<'a>(
        method: &str,
        url: String,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: impl Into<bytes::Bytes>,
    ) -> Result<Self, WebError> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| WebError::Invalid(format!("“{method}” is not a method.")))?;
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let wrong = || WebError::Invalid(format!("The header {name} has characters that cannot stand in one."));
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
            let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?;
            value.set_sensitive(true);
            all.insert(name, value);
        }
        Ok(Self { method, url, headers: all, body: body.into() })
    }
}

/// The resolver that reqwest asks for every name: what it answers has been judged, and nothing else is dialled.
struct Judged(Arc<Dialer>);

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let dialer = Arc::clone(&self.0);
        Box::pin(async move {
            let host = Host::Domain(name.as_str().to_owned());
            let addresses = dialer.addresses(&host, Family::Any, &mut Dialling::default()).await?;
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

fn named(host: &Host<String>, port: Option<u16>) -> String {
    port.map_or_else(|| host.to_string(), |port| format!("{host}:{port}"))
}

fn refusal(name: &str, error: &DialError) -> WebError {
    let sentence = words::not_connected(name, error).message;
    if matches!(error, DialError::Policy(_)) { WebError::Refused(sentence) } else { WebError::Broken(sentence) }
}

/// What reqwest says has the whole address in it, so the cause is looked for and put into words of our own.
fn broken(name: &str, error: &reqwest::Error, took: Duration, timeout: Duration) -> WebError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(dial) = inner.downcast_ref::<DialError>() {
            return refusal(name, dial);
        }
        if let Some(io) = inner.downcast_ref::<io::Error>().filter(|_| error.is_connect()).map(innermost) {
            let is_tls = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some();
            let failure = if is_tls { words::unsecured(name, io) } else { words::unconnected(name, io) };
            return WebError::Broken(failure.message);
        }
        cause = inner.source();
    }
    WebError::Broken(match (error.is_timeout(), error.is_connect()) {
        (true, true) => format!("{name} did not take the connection within {}. Check the host and its firewall.", words::said(CONNECT)),
        (true, false) => format!("{name} did not answer within {}. It may have got the message all the same.", words::said(timeout)),
        (false, true) => format!("There is no way to {name}. Check the network of this machine and of the host."),
        (false, false) => {
            tracing::debug!(host = name, duration_ms = took.as_secs_f64() * 1e3, "web.broken: the connection ended without an answer");
            format!("{name} ended the connection without an answer. Check that this port speaks HTTP.")
        }
    })
}

/// An error of TLS comes as an error of a socket inside another one, which `source` passes over.
fn innermost(mut error: &io::Error) -> &io::Error {
    while let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        error = inner;
    }
    error
}
