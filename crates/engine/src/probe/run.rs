//! One check of any kind but HTTP, from its beginning to what is recorded: the timeout, the words, the trace. A kind only says
//! what it does ([`Check::run`]).

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::check::{Failure, Hop, Observation, Phases, Trace};
use domain::time::Timestamp;
use futures::future::BoxFuture;
use tokio::time::{Instant as TokioInstant, timeout_at};

use super::words;
use crate::net::{Destination, Dialer, Dialling, Marks, Phase, Stream, TlsSession, micros};

/// So much of an answer is kept with a failure.
pub(super) const EXCERPT_BYTES: usize = 1_024;

/// What a check may use, and until when.
pub(super) struct Ways<'a> {
    pub dialer: &'a Dialer,
    pub deadline: Instant,
}

/// What a check saw; outlives the future that a timeout cuts off.
#[derive(Default)]
pub(super) struct Seen {
    pub dialling: Dialling,
    /// Set by who speaks over a stream.
    pub marks: Option<Arc<Marks>>,
    /// Set by who measures the time to an answer itself, in microseconds.
    pub answered_us: Option<u32>,
    /// Set by who knows better how long it took, in microseconds.
    pub duration_us: Option<u32>,
    /// A number that says how it went: an SMTP reply, a DNS response code, a gRPC status.
    pub status: Option<u16>,
    pub warning: Option<Failure>,
    pub expires_at: Option<Timestamp>,
    /// The beginning of what came.
    pub answer: Vec<u8>,
    /// What a person who tests sees, by name.
    pub facts: Vec<(String, String)>,
    pub tls: Option<TlsSession>,
    /// Somebody watches.
    pub traced: bool,
}

impl Seen {
    /// Notes something for who watches.
    pub fn fact(&mut self, name: &str, value: impl FnOnce() -> String) {
        if self.traced && self.facts.len() < 50 {
            self.facts.push((name.to_owned(), value().chars().take(500).collect()));
        }
    }

    /// Keeps the beginning of what came.
    pub fn answer(&mut self, bytes: &[u8]) {
        let room = EXCERPT_BYTES.saturating_sub(self.answer.len()).min(bytes.len());
        self.answer.extend(bytes.iter().take(room));
    }

    /// Notes what a stream is, once it is there or speaks TLS.
    pub fn stream(&mut self, stream: &Stream) {
        self.marks = Some(stream.marks());
        self.expires_at = stream.expires_at().or(self.expires_at);
        if self.traced {
            self.tls = stream.tls_session().or(self.tls.take());
        }
    }

    fn phases(&self) -> Phases {
        let mut phases = self.dialling.phases;
        phases.first_byte_us = self.answered_us.or_else(|| self.marks.as_ref().and_then(|marks| marks.first_byte_us()));
        phases
    }
}

/// What one kind of check does.
pub(super) trait Check: Debug + Send + Sync {
    /// `host:port`: what checks of the same server have in common. Messages name the server by it.
    fn key(&self) -> &str;

    /// What is asked for and of whom, for a trace: `("DNS", "A example.com @1.1.1.1:53")`.
    fn line(&self) -> (&'static str, String);

    /// Checks. Need not end by itself: the deadline ends it.
    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Connects, and says in words when that fails.
pub(super) async fn connect(name: &str, to: &Destination, ways: &Ways<'_>, seen: &mut Seen) -> Result<Stream, Failure> {
    let dialled = ways.dialer.dial(to, ways.deadline, &mut seen.dialling).await;
    let stream = dialled.map_err(|error| words::not_connected(name, &error))?.stream;
    seen.stream(&stream);
    Ok(stream)
}

/// Checks once.
pub(super) async fn perform(check: &dyn Check, dialer: &Dialer, timeout: Duration, at: Timestamp, traced: bool) -> (Observation, Seen) {
    let begun = Instant::now();
    let ways = Ways { dialer, deadline: begun + timeout };
    let mut seen = Seen { traced, ..Seen::default() };
    let ended = timeout_at(TokioInstant::from_std(ways.deadline), check.run(&ways, &mut seen)).await;
    let took_us = micros(begun);
    let failure = match ended {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(_) => Some(words::timed_out(check.key(), seen.dialling.phase, timeout)),
    };
    let excerpt = failure.as_ref().filter(|_| !seen.answer.is_empty()).map(|_| String::from_utf8_lossy(&seen.answer).into_owned());
    let observation = Observation {
        at,
        duration_us: seen.duration_us.filter(|_| failure.is_none()).unwrap_or(took_us),
        phases: seen.phases(),
        status: seen.status,
        warning: seen.warning.take().filter(|_| failure.is_none()),
        failure,
        excerpt,
        expires_at: seen.expires_at,
    };
    (observation, seen)
}

/// Checks once and tells everything it saw.
pub(super) async fn trace(check: &dyn Check, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Trace {
    let (observation, seen) = perform(check, dialer, timeout, at, true).await;
    let (method, url) = check.line();
    let permitted = seen.dialling.address.filter(|_| seen.dialling.phase != Phase::Resolving);
    let hop = Hop {
        method: method.to_owned(),
        url,
        address: permitted.map(|address| address.to_string()),
        dns_cached: seen.dialling.dns_cached,
        version: None,
        tls: seen.tls.as_ref().map(|session| session.summary.clone()),
        certificate: seen.tls.and_then(|session| session.certificate),
        status: observation.status,
        phases: observation.phases,
        headers: Vec::new(),
        facts: seen.facts,
    };
    let excerpt = String::from_utf8_lossy(&seen.answer).into_owned();
    Trace { observation, hops: vec![hop], body_bytes: 0, body_capped: false, excerpt }
}
