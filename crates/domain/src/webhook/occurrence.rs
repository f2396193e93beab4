//! One time of a timetable, and the attempts to deliver it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::names;
use crate::check::Trace;
use crate::http::Sent;
use crate::id::{InvalidId, ScheduleId, SpaceId};
use crate::time::Timestamp;

/// Which occurrence: the schedule and the nominal time, so that there is only one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OccurrenceId {
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// When it was due, by the timetable.
    pub nominal: Timestamp,
}

impl fmt::Display for OccurrenceId {
    /// `occ_`, what follows the prefix of the schedule, and the nominal time in milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schedule = self.schedule.to_string();
        write!(f, "occ_{}_{}", schedule.strip_prefix("sch_").unwrap_or(&schedule), self.nominal.as_millis())
    }
}

impl FromStr for OccurrenceId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let wrong = || InvalidId::of("occ");
        let (schedule, nominal) = text.strip_prefix("occ_").and_then(|rest| rest.split_once('_')).ok_or_else(wrong)?;
        let schedule = format!("sch_{schedule}").parse().map_err(|_| wrong())?;
        let millis = nominal.parse::<i64>().ok().filter(|n| n.to_string() == nominal).ok_or_else(wrong)?;
        Ok(Self { schedule, nominal: Timestamp::from_millis(millis) })
    }
}

impl Serialize for OccurrenceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OccurrenceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Why an occurrence is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Its time came.
    Schedule,
    /// Its time had passed while nothing ran.
    CatchUp,
    /// A person began it.
    Manual,
    /// A person asked for a span of the past.
    Backfill,
}

/// How an occurrence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It is due, and waits for room.
    Scheduled,
    /// A request is on its way.
    Running,
    /// It was taken.
    Succeeded,
    /// An attempt failed, and another one follows.
    Retrying,
    /// It was given up: a dead letter.
    Failed,
    /// It was due and did not run, because of one before it or a pause.
    Skipped,
    /// Its time passed while nothing ran.
    Missed,
    /// A person ended it.
    Cancelled,
}

names!(Origin: Schedule = "schedule", CatchUp = "catch_up", Manual = "manual", Backfill = "backfill");
names!(RunState: Scheduled = "scheduled", Running = "running", Succeeded = "succeeded", Retrying = "retrying", Failed = "failed", Skipped = "skipped", Missed = "missed", Cancelled = "cancelled");

impl Origin {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Schedule => "On time",
            Self::CatchUp => "Caught up",
            Self::Manual => "By hand",
            Self::Backfill => "Backfill",
        }
    }
}

impl Occurrence {
    /// A new one that is due.
    pub fn due(id: OccurrenceId, space: SpaceId, origin: Origin, due_at: Timestamp, now: Timestamp) -> Self {
        Self {
            id,
            space,
            origin,
            state: RunState::Scheduled,
            due_at,
            created_at: now,
            started_at: None,
            ended_at: None,
            attempts: 0,
            claim: None,
            status: None,
            duration_ms: 0,
            note: String::new(),
            count: 1,
            first: None,
            lost: 0,
            redelivered: false,
        }
    }

    /// As the log of runs shows it.
    pub fn row(&self) -> super::RunRow {
        super::RunRow {
            id: self.id,
            origin: self.origin,
            state: self.state,
            due_at: self.due_at,
            started_at: self.started_at,
            ended_at: self.ended_at,
            attempts: self.attempts,
            status: self.status,
            duration_ms: self.duration_ms,
            note: self.note.clone(),
            count: self.count,
            uncertain: self.lost > 0,
        }
    }
}

impl RunState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Scheduled => "Waiting",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Retrying => "Retrying",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
            Self::Missed => "Missed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether nothing follows by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Scheduled | Self::Running | Self::Retrying)
    }
}

/// One time of a timetable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// Which one.
    pub id: OccurrenceId,
    /// Who owns it.
    pub space: SpaceId,
    /// Why it is there.
    pub origin: Origin,
    /// How it stands.
    pub state: RunState,
    /// When it is looked at next: when it is due, when it is tried again, when its claim ends.
    pub due_at: Timestamp,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When its first attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Attempts that were begun.
    pub attempts: u32,
    /// Who has taken it up.
    pub claim: Option<String>,
    /// The last status.
    pub status: Option<u16>,
    /// How long the last attempt took.
    pub duration_ms: u32,
    /// What went wrong, or why it did not run; empty: nothing.
    pub note: String,
    /// For how many times of the timetable this row stands; more than one only of times that were missed or skipped together.
    pub count: u32,
    /// The first of them.
    pub first: Option<Timestamp>,
    /// Attempts of which nobody knows what became: the process ended between sending and recording, and the receiver may have had it twice.
    pub lost: u32,
    /// A person had it sent again: one attempt, which says nothing about the schedule.
    pub redelivered: bool,
}

/// Whether another attempt may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// It may.
    Later,
    /// It may, and the receiver asked for a pause of at least so long.
    After(Duration),
    /// It will not.
    No,
    /// The receiver wants nothing more (HTTP 410).
    Gone,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is on its way; of one that is over: the process ended, and nobody knows.
    Begun,
    /// It was taken.
    Succeeded,
    /// It was not, or nobody knows.
    Failed {
        /// The thing, the cause, the way out, in a sentence.
        error: String,
        /// Whether another one may help.
        again: Again,
    },
}

/// One attempt to deliver an occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// What was sent.
    pub sent: Sent,
    /// What was seen; none: it never came to it.
    pub trace: Option<Trace>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Attempt {
    /// One that begins now.
    pub fn begun(at: Timestamp) -> Self {
        Self { at, sent: Sent::default(), trace: None, outcome: Outcome::Begun }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        let schedule = ScheduleId::new(Timestamp::from_millis(1_790_000_000_000), 7);
        for ms in [0, 1_790_000_000_123, -5] {
            let id = OccurrenceId { schedule, nominal: Timestamp::from_millis(ms) };
            assert_eq!(id.to_string().parse::<OccurrenceId>(), Ok(id));
        }
        let text = OccurrenceId { schedule, nominal: Timestamp::from_millis(5) }.to_string();
        for wrong in [text.replace("occ_", "sch_"), format!("{text}x"), text.replace("_5", "_05"), "occ_5".into(), String::new()] {
            assert!(wrong.parse::<OccurrenceId>().is_err(), "{wrong}");
        }
    }
}
