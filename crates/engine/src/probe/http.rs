//! The HTTP check: one fresh connection a hop, redirects followed by ourselves, the body read to a cap and thrown away.
//!
//! [`PreparedHttp`] holds all that does not change between two checks, so that a check allocates little and formats nothing
//! unless it fails. The same code runs "Test now": a [`Trace`] is what a check notes down when somebody wants to see it.

mod exchange;
mod leg;
mod request;
mod tracer;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::check::{Failure, Observation, Phases, Trace};
use domain::http::{HttpSettings, StatusRanges};
use domain::time::Timestamp;
use http::HeaderValue;
use tokio::time::{Instant as TokioInstant, timeout_at};

use crate::net::{Dialer, Dialling, Marks, micros};
use exchange::{Body, exchange};
use leg::Leg;
use request::Outgoing;
use tracer::Tracer;

/// So many redirects are followed; one more is a failure.
const REDIRECTS: usize = 10;
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

/// Settings that no request can be made of. Validation in the domain comes first, so this is rare.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidHttp(String);

/// An HTTP check, ready to run.
#[derive(Debug)]
pub struct PreparedHttp {
    first: Leg,
    outgoing: Outgoing,
    accepted: StatusRanges,
    body_cap_bytes: u64,
}

/// How far a check came; outlives the future that a timeout cuts off.
#[derive(Default)]
struct Progress {
    dialling: Dialling,
    marks: Option<Arc<Marks>>,
    status: Option<u16>,
    /// Where the last redirect led; the first leg is the monitor's own.
    leg: Option<Box<Leg>>,
    body: Body,
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
        self.body = Body::keeping(self.body.keep);
    }
}

impl PreparedHttp {
    /// Parses and builds everything that a check needs.
    ///
    /// # Errors
    /// A URL, method or header that cannot be sent.
    pub fn new(settings: &HttpSettings, defaults: &HttpDefaults) -> Result<Self, InvalidHttp> {
        let first = Leg::parse(&settings.url)?;
        let outgoing = Outgoing::new(settings, &first, &defaults.user_agent)?;
        let accepted = settings.accepted_status.clone();
        Ok(Self { first, outgoing, accepted, body_cap_bytes: defaults.body_cap_bytes })
    }

    /// `api.example.com:443`: what checks of the same server have in common.
    pub fn host_key(&self) -> &str {
        &self.first.key
    }

    /// Checks once.
    pub async fn check(&self, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Observation {
        self.run(dialer, timeout, at, None).await.0
    }

    /// Checks once and tells everything it saw.
    pub async fn trace(&self, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Trace {
        let mut tracer = Tracer::default();
        let (observation, body) = self.run(dialer, timeout, at, Some(&mut tracer)).await;
        tracer.finish(observation, body)
    }

    async fn run(&self, dialer: &Dialer, timeout: Duration, at: Timestamp, mut tracer: Option<&mut Tracer>) -> (Observation, Body) {
        let begun = Instant::now();
        let deadline = begun + timeout;
        let keep = if tracer.is_some() { EXCERPT_BYTES } else { 0 };
        let mut progress = Progress { body: Body::keeping(keep), ..Progress::default() };
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
        (Observation { at, duration_us, phases, status: progress.status, failure, ..Observation::default() }, progress.body)
    }

    /// Follows redirects until an answer decides.
    async fn hops(
        &self,
        dialer: &Dialer,
        deadline: Instant,
        progress: &mut Progress,
        mut tracer: Option<&mut Tracer>,
    ) -> Result<(), Failure> {
        let mut changed: Option<Box<Outgoing>> = None;
        for redirects in 0.. {
            let outgoing = changed.as_deref().unwrap_or(&self.outgoing);
            let location = self.hop(outgoing, dialer, deadline, progress, tracer.as_deref_mut()).await?;
            let Some(location) = location else { break };
            let leg = progress.leg.as_deref().unwrap_or(&self.first);
            if redirects == REDIRECTS {
                return Err(words::too_many_redirects(&self.first, REDIRECTS));
            }
            let next = leg.follow(&location).map_err(|()| words::strange_redirect(leg, &location))?;
            if let Some(tracer) = tracer.as_deref_mut() {
                tracer.end_hop(&progress.dialling, progress.phases());
            }
            changed = Some(Box::new(outgoing.redirected(progress.status, leg, &next)));
            progress.leg = Some(Box::new(next));
        }
        Ok(())
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
        let Progress { dialling, marks, status, leg, body } = progress;
        let leg = leg.as_deref().unwrap_or(&self.first);
        if let Some(tracer) = tracer.as_deref_mut() {
            tracer.begin_hop(outgoing.method(), leg);
        }
        let dialled = dialer.dial(&leg.destination, deadline, dialling).await;
        let stream = dialled.map_err(|error| words::not_connected(leg, &error))?.stream;
        *marks = Some(stream.marks());
        if let Some(tracer) = tracer.as_deref_mut() {
            tracer.connected(&stream);
        }
        let mut location = None;
        let request = outgoing.request(leg);
        let on_head = |head: &http::response::Parts| {
            *status = Some(head.status.as_u16());
            location = self.redirect_of(head);
            if let Some(tracer) = tracer.as_deref_mut() {
                tracer.head(head);
            }
            // What a redirect says beside its Location is nobody's business.
            if location.is_some() { None } else { Some(self.body_cap_bytes) }
        };
        exchange(stream, request, on_head, body).await.map_err(|error| words::broken(leg, &error))?;
        match (*status, location) {
            (_, Some(location)) => Ok(Some(location)),
            (Some(status), None) if !self.accepted.contains(status) => Err(words::wrong_status(leg, status, &self.accepted)),
            _ => Ok(None),
        }
    }

    /// Where an answer redirects to. A status that the monitor accepts is an answer, not a way to one.
    fn redirect_of(&self, head: &http::response::Parts) -> Option<HeaderValue> {
        let status = head.status.as_u16();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) || self.accepted.contains(status) {
            return None;
        }
        head.headers.get(http::header::LOCATION).cloned()
    }
}
