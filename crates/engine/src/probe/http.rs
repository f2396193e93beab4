//! The HTTP check: one fresh connection a hop, redirects followed by ourselves, the body read to a cap and, unless an assertion
//! looks at it, thrown away.
//!
//! [`PreparedHttp`] holds all that does not change between two checks, so that a check allocates little and formats nothing
//! unless it fails. The same code runs "Test now": a [`Trace`] is what a check notes down when somebody wants to see it.

mod content;
mod exchange;
mod leg;
mod proxy;
mod request;
mod token;
mod tracer;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::assertion::Assertion;
use domain::check::{Failure, Observation, Phases, Trace};
use domain::http::StatusRanges;
use domain::kind::http::{HttpSettings, Version};
use domain::time::Timestamp;
use futures::future::BoxFuture;
use http::HeaderValue;
use tokio::time::{Instant as TokioInstant, timeout_at};

pub(crate) use super::InvalidSettings as InvalidHttp;
use super::run::EXCERPT_BYTES as FAILURE_BYTES;
use crate::net::{Alpn, Dialer, Dialling, Marks, Stream, TlsProfile, Trust, micros};
use exchange::{Body, ExchangeError, Reading, exchange};
use leg::{Leg, Transport};
use proxy::PreparedProxy;
use request::{Form, Outgoing};
use token::Tokens;
use tracer::Tracer;

/// So much of a body is kept for a person to look at.
const EXCERPT_BYTES: usize = 2048;

/// What every HTTP check of this instance has in common.
#[derive(Debug, Clone)]
pub struct HttpDefaults {
    /// Sent unless the monitor has a `User-Agent` of its own.
    pub user_agent: HeaderValue,
    /// So much of a body is read; the rest is left unread and the check is judged without it.
    pub body_cap_bytes: u64,
}

impl Default for HttpDefaults {
    fn default() -> Self {
        Self {
            user_agent: HeaderValue::from_static(concat!("Loopr/", env!("CARGO_PKG_VERSION"), " (uptime monitor)")),
            body_cap_bytes: 1 << 20,
        }
    }
}

/// An HTTP check, ready to run.
#[derive(Debug)]
pub struct PreparedHttp {
    first: Leg,
    outgoing: Outgoing,
    accepted: StatusRanges,
    assertions: Arc<[Assertion]>,
    redirects: u32,
    version: Version,
    proxy: Option<PreparedProxy>,
    tokens: Option<Tokens>,
    body_cap_bytes: u64,
    /// A connection has to stand this soon, where that is not the timeout's business.
    connect_timeout: Option<Duration>,
}

/// How far a check came; outlives the future that a timeout cuts off.
#[derive(Default)]
struct Progress {
    dialling: Dialling,
    marks: Option<Arc<Marks>>,
    status: Option<u16>,
    /// The headers of the last answer, when an assertion looks at one.
    headers: Option<http::HeaderMap>,
    expires_at: Option<Timestamp>,
    /// Where the last redirect led; the first leg is the monitor's own.
    leg: Option<Box<Leg>>,
    body: Body,
    /// What of a body is kept in any case.
    keep: usize,
}

impl Progress {
    fn phases(&self) -> Phases {
        let mut phases = self.dialling.phases;
        if let Some(marks) = &self.marks {
            phases.first_byte_us = marks.first_byte_us();
            phases.download_us = marks.since_first_byte_us();
        }
        phases
    }

    fn begin_hop(&mut self) {
        self.dialling = Dialling::default();
        self.marks = None;
        self.status = None;
        self.headers = None;
        self.body = Body::keeping(self.keep);
    }
}

impl PreparedHttp {
    /// Parses and builds everything that a check needs.
    ///
    /// # Errors
    /// A URL, method or header that cannot be sent.
    pub fn new(settings: &HttpSettings, defaults: &HttpDefaults) -> Result<Self, InvalidHttp> {
        let identity = settings.identity.as_ref().map(|(chain, key)| (chain.as_str(), key.reveal()));
        let trust = Trust::read(settings.ca.as_deref(), identity).map_err(|(_, message)| InvalidHttp(message))?;
        let alpn = match settings.version {
            Version::Http1 => Alpn::Http1,
            Version::Http2 => Alpn::Http2,
            Version::Auto => Alpn::Http,
        };
        let tls = TlsProfile { alpn, unverified: settings.insecure, trust };
        let first = Leg::parse(&settings.url, &Transport { tls, family: settings.family })?;
        Ok(Self {
            outgoing: Outgoing::new(settings, &first, &defaults.user_agent)?,
            first,
            accepted: settings.accepted_status.clone(),
            assertions: settings.assertions.clone().into(),
            redirects: settings.redirects,
            version: settings.version,
            proxy: settings.proxy.as_ref().map(|proxy| PreparedProxy::new(proxy, settings.family)).transpose()?,
            tokens: Tokens::new(settings, defaults)?,
            body_cap_bytes: settings.response_cap_bytes.unwrap_or(defaults.body_cap_bytes),
            connect_timeout: None,
        })
    }

    /// The same with a bound on how long a connection may take.
    pub fn connecting_within(self, span: Duration) -> Self {
        Self { connect_timeout: Some(span), ..self }
    }

    /// `api.example.com:443`: what checks of the same server have in common.
    pub fn host_key(&self) -> &str {
        &self.first.key
    }

    /// Checks once.
    pub async fn check(&self, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Observation {
        self.run(dialer, timeout, at, 0, None).await.0
    }

    /// Asks once and keeps up to so many bytes of the answer: for what a check needs to know first. Boxed, because a check may
    /// fetch a token by another check.
    pub(super) fn fetch<'a>(&'a self, dialer: &'a Dialer, timeout: Duration, keep: usize) -> BoxFuture<'a, (Observation, Vec<u8>)> {
        Box::pin(async move {
            let (observation, body) = self.run(dialer, timeout, Timestamp::default(), keep, None).await;
            (observation, body.excerpt)
        })
    }

    /// Checks once and tells everything it saw.
    pub async fn trace(&self, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Trace {
        let mut tracer = Tracer::default();
        let (observation, mut body) = self.run(dialer, timeout, at, EXCERPT_BYTES, Some(&mut tracer)).await;
        body.excerpt.truncate(EXCERPT_BYTES);
        tracer.finish(observation, body)
    }

    /// Asks once, tells everything it saw, and keeps so many bytes of the answer: a webhook.
    pub async fn deliver(&self, dialer: &Dialer, timeout: Duration, at: Timestamp, keep: usize) -> Trace {
        let mut tracer = Tracer::default();
        let (observation, mut body) = self.run(dialer, timeout, at, keep, Some(&mut tracer)).await;
        body.excerpt.truncate(keep);
        tracer.finish(observation, body)
    }

    async fn run(
        &self,
        dialer: &Dialer,
        timeout: Duration,
        at: Timestamp,
        keep: usize,
        mut tracer: Option<&mut Tracer>,
    ) -> (Observation, Body) {
        let begun = Instant::now();
        let deadline = begun + timeout;
        let mut progress = Progress { body: Body::keeping(keep), keep, ..Progress::default() };
        let hops = self.hops(dialer, deadline, &mut progress, tracer.as_deref_mut());
        let ended = timeout_at(TokioInstant::from_std(deadline), hops).await;
        let duration_us = micros(begun);
        let leg = progress.leg.as_deref().unwrap_or(&self.first);
        let failure = match ended {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure),
            Err(_) => Some(words::timed_out(leg, &progress.dialling, progress.status, timeout)),
        };
        let phases = progress.phases();
        if let Some(tracer) = tracer {
            tracer.end_hop(&progress.dialling, phases);
        }
        let excerpt = failure.as_ref().and_then(|_| {
            let bytes = progress.body.excerpt.get(..FAILURE_BYTES).unwrap_or(&progress.body.excerpt);
            (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
        });
        let (status, expires_at) = (progress.status, progress.expires_at);
        (Observation { at, duration_us, phases, status, failure, warning: None, excerpt, expires_at }, progress.body)
    }

    /// Follows redirects until an answer decides.
    async fn hops(
        &self,
        dialer: &Dialer,
        deadline: Instant,
        progress: &mut Progress,
        mut tracer: Option<&mut Tracer>,
    ) -> Result<(), Failure> {
        let mut changed: Option<Box<Outgoing>> = match &self.tokens {
            None => None,
            Some(tokens) => {
                let credentials = tokens.authorization(dialer, deadline).await.map_err(|cause| words::no_token(&cause))?;
                Some(Box::new(self.outgoing.authorized(credentials)))
            }
        };
        for redirects in 0.. {
            let outgoing = changed.as_deref().unwrap_or(&self.outgoing);
            let location = self.hop(outgoing, dialer, deadline, progress, tracer.as_deref_mut()).await?;
            let Some(location) = location else { break };
            let leg = progress.leg.as_deref().unwrap_or(&self.first);
            if redirects == self.redirects {
                return Err(words::too_many_redirects(&self.first, self.redirects));
            }
            let next = leg.follow(&location).map_err(|()| words::strange_redirect(leg, &location))?;
            if let Some(tracer) = tracer.as_deref_mut() {
                tracer.end_hop(&progress.dialling, progress.phases());
            }
            changed = Some(Box::new(outgoing.redirected(progress.status, leg, &next)));
            progress.leg = Some(Box::new(next));
        }
        let leg = progress.leg.as_deref().unwrap_or(&self.first);
        content::judge(&self.assertions, leg, progress.headers.as_ref(), &progress.body).await
    }

    /// One request and its answer: where it leads to, when it is a redirect to follow.
    async fn hop(
        &self,
        outgoing: &Outgoing,
        dialer: &Dialer,
        deadline: Instant,
        progress: &mut Progress,
        mut tracer: Option<&mut Tracer>,
    ) -> Result<Option<HeaderValue>, Failure> {
        progress.begin_hop();
        let Progress { dialling, marks, status, headers, expires_at, leg, body, .. } = progress;
        let leg = leg.as_deref().unwrap_or(&self.first);
        if let Some(tracer) = tracer.as_deref_mut() {
            tracer.begin_hop(outgoing.method(), leg);
        }
        let dialled_by = self.connect_timeout.map_or(deadline, |span| deadline.min(Instant::now() + span));
        let (stream, form) = self.reach(leg, dialer, dialled_by, dialling, tracer.as_deref_mut()).await?;
        *marks = Some(stream.marks());
        *expires_at = stream.expires_at();
        if let Some(tracer) = tracer.as_deref_mut() {
            tracer.connected(&stream);
        }
        let mut location = None;
        let request = match &self.proxy {
            Some(proxy) if form == Form::Absolute => outgoing.through(proxy.authorization.as_ref()).request(leg, form),
            _ => outgoing.request(leg, form),
        };
        let on_head = |head: &http::response::Parts| {
            *status = Some(head.status.as_u16());
            location = self.redirect_of(head);
            if let Some(tracer) = tracer.as_deref_mut() {
                tracer.head(head);
            }
            if location.is_some() {
                // What a redirect says beside its Location is nobody's business.
                return None;
            }
            if !self.assertions.is_empty() {
                *headers = Some(head.headers.clone());
            }
            Some(Reading { cap: self.body_cap_bytes, keep: self.kept_of(head.status.as_u16()) })
        };
        exchange(stream, form == Form::Http2, request, on_head, body).await.map_err(|error| words::broken(leg, &error))?;
        match (*status, location) {
            (_, Some(location)) => Ok(Some(location)),
            (Some(status), None) if !self.accepted.contains(status) => {
                if let Some(tokens) = self.tokens.as_ref().filter(|_| status == 401) {
                    tokens.forget();
                }
                Err(words::wrong_status(leg, status, &self.accepted))
            }
            _ => Ok(None),
        }
    }

    /// How much of a body is kept: what an assertion looks at, and what a failure shows.
    fn kept_of(&self, status: u16) -> usize {
        if self.assertions.iter().any(Assertion::needs_body) {
            usize::try_from(self.body_cap_bytes).unwrap_or(usize::MAX)
        } else if !self.accepted.contains(status) || !self.assertions.is_empty() {
            FAILURE_BYTES
        } else {
            0
        }
    }

    /// Connects to the server of a leg, or to the proxy that leads there.
    async fn reach(
        &self,
        leg: &Leg,
        dialer: &Dialer,
        deadline: Instant,
        dialling: &mut Dialling,
        tracer: Option<&mut Tracer>,
    ) -> Result<(Stream, Form), Failure> {
        let Some(proxy) = &self.proxy else {
            let dialled = dialer.dial(&leg.destination, deadline, dialling).await;
            let stream = dialled.map_err(|error| super::words::not_connected(leg.name(), &error))?.stream;
            let http2 = stream.is_http2() || (leg.destination.tls.is_none() && self.version == Version::Http2);
            return Ok((stream, if http2 { Form::Http2 } else { Form::Origin }));
        };
        if let Some(tracer) = tracer {
            tracer.fact("Proxy", proxy.name.clone());
        }
        let dialled = dialer.dial(&proxy.destination, deadline, dialling).await;
        let stream = dialled.map_err(|error| super::words::not_connected(&proxy.name, &error))?.stream;
        if proxy.passes_on(leg) {
            return Ok((stream, Form::Absolute));
        }
        let mut stream = proxy.tunnel(stream, leg).await.map_err(|error: ExchangeError| words::broken(leg, &error))?;
        if let Some((profile, name)) = &leg.destination.tls {
            let secured = dialer.secure(stream, profile, name, dialling).await;
            stream = secured.map_err(|error| super::words::not_connected(leg.name(), &error))?;
        }
        let form = if stream.is_http2() { Form::Http2 } else { Form::Origin };
        Ok((stream, form))
    }

    /// Where an answer redirects to. A status that the monitor accepts is an answer, not a way to one.
    fn redirect_of(&self, head: &http::response::Parts) -> Option<HeaderValue> {
        let status = head.status.as_u16();
        if self.redirects == 0 || !matches!(status, 301 | 302 | 303 | 307 | 308) || self.accepted.contains(status) {
            return None;
        }
        head.headers.get(http::header::LOCATION).cloned()
    }
}
