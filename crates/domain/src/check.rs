//! What one check saw: an [`Observation`] to be recorded, and for a person who asks, the whole [`Trace`].

use serde::{Deserialize, Serialize};

use crate::machine::Verdict;
use crate::time::Timestamp;

/// How long each phase of a check took, in microseconds; `None` when it was not reached or not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Phases {
    /// Name resolution; zero and [`Hop::dns_cached`] when the answer came from the cache.
    pub dns_us: Option<u32>,
    /// TCP handshake.
    pub connect_us: Option<u32>,
    /// TLS handshake.
    pub tls_us: Option<u32>,
    /// From the request's first byte out to the response's first byte in.
    pub first_byte_us: Option<u32>,
    /// From the response's first byte to its end (or the cap).
    pub download_us: Option<u32>,
}

/// Why a check failed, coarse enough to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The name did not resolve.
    Dns,
    /// The connection was refused or reset while it was made.
    Refused,
    /// There is no way to the host.
    Unreachable,
    /// No answer within the timeout.
    Timeout,
    /// The TLS handshake or the certificate failed.
    Tls,
    /// The status is not accepted.
    Status,
    /// This instance's network policy refuses the target.
    Policy,
    /// The body ended early or could not be read.
    Body,
    /// What came back is another protocol, or breaks its rules.
    Protocol,
    /// It answered, and was meant not to.
    Answered,
    /// The answer is not what was asked for: an assertion about it failed.
    Content,
    /// It answered, later than wanted.
    Slow,
    /// A certificate or a registration ends soon, or has ended.
    Expiring,
    /// The name and password, key or token were refused.
    Auth,
    /// No signal came in time.
    Late,
    /// The service itself said that it failed.
    Reported,
    /// More packets were lost, or they came more unevenly, than wanted.
    Loss,
    /// The service answers and says that it does not serve.
    NotServing,
    /// Too few members of a group are up.
    Members,
    /// This machine does not let Loopr do it.
    Permission,
}

impl Reason {
    /// All of them, in the order of their stored numbers.
    pub const ALL: [Self; 20] = [
        Self::Dns,
        Self::Refused,
        Self::Unreachable,
        Self::Timeout,
        Self::Tls,
        Self::Status,
        Self::Policy,
        Self::Body,
        Self::Protocol,
        Self::Answered,
        Self::Content,
        Self::Slow,
        Self::Expiring,
        Self::Auth,
        Self::Late,
        Self::Reported,
        Self::Loss,
        Self::NotServing,
        Self::Members,
        Self::Permission,
    ];

    /// Its stored number.
    pub fn number(self) -> u8 {
        let position = Self::ALL.iter().position(|reason| *reason == self);
        position.and_then(|number| u8::try_from(number).ok()).unwrap_or(u8::MAX)
    }

    /// The reason of a stored number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// A word or two for tables and rows.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dns => "name not found",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Tls => "TLS failed",
            Self::Status => "wrong status",
            Self::Policy => "not allowed",
            Self::Body => "broken body",
            Self::Protocol => "wrong protocol",
            Self::Answered => "answered",
            Self::Content => "wrong answer",
            Self::Slow => "slow",
            Self::Expiring => "expires soon",
            Self::Auth => "login refused",
            Self::Late => "no signal",
            Self::Reported => "reported failure",
            Self::Loss => "packets lost",
            Self::NotServing => "not serving",
            Self::Members => "members down",
            Self::Permission => "not permitted",
        }
    }

    /// The stable name on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Status => "status",
            Self::Policy => "policy",
            Self::Body => "body",
            Self::Protocol => "protocol",
            Self::Answered => "answered",
            Self::Content => "content",
            Self::Slow => "slow",
            Self::Expiring => "expiring",
            Self::Auth => "auth",
            Self::Late => "late",
            Self::Reported => "reported",
            Self::Loss => "loss",
            Self::NotServing => "not_serving",
            Self::Members => "members",
            Self::Permission => "permission",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// A failed check in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is.
    pub reason: Reason,
    /// The thing, the cause and the way out: "api.acme.dev did not answer within 10 s. …". At most 500 bytes.
    pub message: String,
}

/// What one check saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// When the check began.
    pub at: Timestamp,
    /// From its beginning to its end, in microseconds.
    pub duration_us: u32,
    /// Where that time went (of the last hop).
    pub phases: Phases,
    /// The final HTTP status, when one came.
    pub status: Option<u16>,
    /// Set when the check failed.
    pub failure: Option<Failure>,
    /// Set when it did not fail and a fault of degree was found: slower than wanted, a certificate near its end.
    pub warning: Option<Failure>,
    /// The beginning of the answer, for a failure only; at most 1 KiB.
    pub excerpt: Option<String>,
    /// When what was looked at ends: a certificate, a registration.
    pub expires_at: Option<Timestamp>,
}

impl Observation {
    /// A check that failed before anything could be measured.
    pub fn failed(at: Timestamp, reason: Reason, message: impl Into<String>) -> Self {
        Self { at, failure: Some(Failure { reason, message: message.into() }), ..Self::default() }
    }

    /// Whether the check did not fail.
    pub fn is_success(&self) -> bool {
        self.failure.is_none()
    }

    /// What it amounts to.
    pub fn verdict(&self) -> Verdict {
        match (&self.failure, &self.warning) {
            (Some(_), _) => Verdict::Failure,
            (None, Some(_)) => Verdict::Degraded,
            (None, None) => Verdict::Success,
        }
    }

    /// The same for a monitor that is meant to fail: what answers is a failure, and what does not is a success. What this
    /// instance itself refuses says nothing about the target and stays a failure.
    pub fn upside_down(mut self) -> Self {
        self.failure = match self.failure {
            Some(failure) if matches!(failure.reason, Reason::Policy | Reason::Permission) => Some(failure),
            Some(_) => None,
            None => {
                let status = self.status.map_or_else(String::new, |status| format!(" with status {status}"));
                let message = format!("It answered{status}. This monitor is upside-down: it is up while nothing answers.");
                Some(Failure { reason: Reason::Answered, message })
            }
        };
        // Of what is meant to be away, no fault of degree is told.
        self.warning = None;
        self
    }
}

/// One request and its response, for "Test now".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// What was asked for.
    pub method: String,
    /// Where, without credentials.
    pub url: String,
    /// The address that was dialled; absent when the policy refused it.
    pub address: Option<String>,
    /// Whether the address came from the cache.
    pub dns_cached: bool,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: Option<String>,
    /// The negotiated TLS version and cipher suite.
    pub tls: Option<String>,
    /// The leaf certificate.
    pub certificate: Option<Certificate>,
    /// The status of this hop.
    pub status: Option<u16>,
    /// Where its time went.
    pub phases: Phases,
    /// What else is worth knowing, by name: of other protocols than HTTP.
    pub facts: Vec<(String, String)>,
    /// Response headers, at most 50, values cut at 200 bytes; `Set-Cookie` values are redacted.
    pub headers: Vec<(String, String)>,
}

/// What a leaf certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The common name or first subject alternative name.
    pub subject: String,
    /// The common name of who signed it.
    pub issuer: String,
    /// The last instant of its validity.
    pub not_after: Timestamp,
}

/// A check in full, for a person who tests a monitor before saving it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// What would have been recorded.
    pub observation: Observation,
    /// Each request, in order; the last one decided.
    pub hops: Vec<Hop>,
    /// How many bytes of body were read.
    pub body_bytes: u64,
    /// Whether reading stopped at the cap.
    pub body_capped: bool,
    /// The first 2 KiB of the body, as text.
    pub excerpt: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(reason: Option<Reason>) -> Observation {
        let failure = reason.map(|reason| Failure { reason, message: "no".into() });
        Observation { at: Timestamp::default(), duration_us: 1, status: Some(200), failure, ..Observation::default() }
    }

    #[test]
    fn upside_down_swaps_what_the_target_did_and_nothing_else() {
        assert!(seen(Some(Reason::Refused)).upside_down().is_success());
        assert!(seen(Some(Reason::Status)).upside_down().is_success());
        let answered = seen(None).upside_down().failure.map(|f| (f.reason, f.message.contains("200")));
        assert_eq!(answered, Some((Reason::Answered, true)));
        assert!(!seen(Some(Reason::Policy)).upside_down().is_success());
    }
}
