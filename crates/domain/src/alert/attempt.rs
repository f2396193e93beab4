//! One try to deliver something, and what follows from it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::http::Sent;
use crate::time::Timestamp;

/// Bytes of an answer that are kept, at most.
pub const ANSWER_MAX: usize = 4 * 1024;
/// Bytes of what was sent that are kept, at most.
pub const SENT_MAX: usize = 16 * 1024;

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// Where it went, without secrets: `POST https://hooks.slack.com/services/…`, `ops@example.com over mail.example.com:587`.
    pub target: String,
    /// What was sent, without secrets and links that let people in; empty when it never came to that, and of tries of earlier versions.
    #[serde(default)]
    pub sent: Sent,
    /// The status or reply code of the other side, when one came.
    pub status: Option<u16>,
    /// The beginning of what the other side said, at most [`ANSWER_MAX`] bytes.
    pub answer: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The other side took it.
    Delivered,
    /// It did not, or nobody knows.
    Failed {
        /// The thing, the cause, the way out, in a sentence.
        error: String,
        /// Whether another try may help.
        again: Again,
    },
}

/// Whether another try may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// It may.
    Later,
    /// It may, and the other side asked for a pause of at least so long.
    After(Duration),
    /// It will not, as things are: the address is gone, or the settings are refused. A few tries are made all the same: receivers are
    /// deployed wrongly, too.
    Hardly,
    /// It will not: the other side said that it wants nothing more (HTTP 410), or there is nowhere to send it.
    Never,
}

impl Attempt {
    /// One that came to nothing before anything was sent.
    pub fn unsent(at: Timestamp, error: String, again: Again) -> Self {
        let outcome = Outcome::Failed { error, again };
        Self { at, duration_ms: 0, target: String::new(), sent: Sent::default(), status: None, answer: String::new(), outcome }
    }

    /// Whether it was taken.
    pub fn is_delivered(&self) -> bool {
        self.outcome == Outcome::Delivered
    }

    /// Why it was not taken.
    pub fn error(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Delivered => None,
            Outcome::Failed { error, .. } => Some(error),
        }
    }
}
