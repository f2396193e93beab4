//! Something broke: from its detection to what was learnt of it.
//!
//! Invariant: a monitor has at most one incident that is not resolved; it is opened by a confirmed transition to Down and ended by the
//! recovery, by a person, or because nobody watches the monitor any more. Written by the engine's recorder alone.

use serde::{Deserialize, Serialize};

use super::event::Event;
use crate::id::{IncidentId, MonitorId, SpaceId};
use crate::time::Timestamp;

/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest comment, in characters.
pub const COMMENT_MAX: usize = 10_000;
/// The longest post-mortem, in characters.
pub const POSTMORTEM_MAX: usize = 50_000;
/// Monitors that an incident names, at most.
pub const AFFECTED_MAX: usize = 100;

/// How an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Nobody has said that they look at it.
    Open,
    /// Somebody looks at it: reminders and escalation stop.
    Acknowledged,
    /// It is over.
    Resolved,
}

impl IncidentState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Acknowledged => "Acknowledged",
            Self::Resolved => "Resolved",
        }
    }
}

/// A monitor that suffers from what broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Which one.
    pub monitor: MonitorId,
    /// What it was called.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// When.
    pub at: Timestamp,
    /// What people call whoever did it; empty: Loopr by itself.
    pub name: String,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id; the id's instant is its beginning.
    pub id: IncidentId,
    /// Where.
    pub space: SpaceId,
    /// What broke: `Checkout API is down`.
    pub title: String,
    /// What opened it; none when a person did.
    pub event: Option<Event>,
    /// The monitor that opened it; none when a person did.
    pub monitor: Option<MonitorId>,
    /// The stable name of the cause.
    pub cause: Option<String>,
    /// The first failing answer, or what a person wrote when they opened it.
    pub detail: String,
    /// When it began: the first failure.
    pub began_at: Timestamp,
    /// When it was certain.
    pub confirmed_at: Timestamp,
    /// How it stands.
    pub state: IncidentState,
    /// Who looks at it.
    pub acknowledged: Option<By>,
    /// Who or what ended it. Its instant is when it was over, which may be before that was known.
    pub resolved: Option<By>,
    /// The monitors that suffer, the one that opened it first.
    pub affected: Vec<Affected>,
    /// What was learnt of it, in Markdown.
    #[serde(default)]
    pub postmortem: String,
    /// The last change.
    pub updated_at: Timestamp,
}

impl Incident {
    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        self.state != IncidentState::Resolved
    }

    /// How long it lasted or lasts, in milliseconds.
    pub fn lasted_ms(&self, now: Timestamp) -> u64 {
        let end = self.resolved.as_ref().map_or(now, |by| by.at);
        u64::try_from(end.since(self.began_at).as_millis()).unwrap_or(u64::MAX)
    }
}

/// What happened in an incident. In the order in which things of one instant are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// The first failure.
    Detected,
    /// Enough failures in a row.
    Confirmed,
    /// A person opened it.
    Opened,
    /// Another monitor suffers, too.
    Affected,
    /// Somebody was told.
    Alerted,
    /// Somebody could not be told.
    AlertFailed,
    /// Somebody looks at it.
    Acknowledged,
    /// Somebody wrote something.
    Commented,
    /// The monitor recovered.
    Recovered,
    /// It was ended, by a person or because nobody watches any more.
    Resolved,
    /// It was opened again.
    Reopened,
    /// The post-mortem was written.
    Postmortem,
}

/// An entry of the timeline of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub happened: Happened,
    /// Who; empty: Loopr by itself.
    #[serde(default)]
    pub by: String,
    /// What was said, whom, why.
    #[serde(default)]
    pub text: String,
}

impl IncidentEvent {
    /// Something that happened by itself.
    pub fn new(at: Timestamp, happened: Happened, text: impl Into<String>) -> Self {
        Self { at, happened, by: String::new(), text: text.into() }
    }

    /// Something that somebody did.
    pub fn by(at: Timestamp, happened: Happened, by: impl Into<String>, text: impl Into<String>) -> Self {
        Self { at, happened, by: by.into(), text: text.into() }
    }
}
