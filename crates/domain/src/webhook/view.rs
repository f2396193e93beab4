//! What pages are shown of schedules and their runs: no secrets.

use serde::{Deserialize, Serialize};

use super::occurrence::{Attempt, OccurrenceId, Origin, RunState};
use super::progress::{Last, Pause};
use super::{Priority, ScheduleDraft};
use crate::error::AppError;
use crate::id::ScheduleId;
use crate::time::Timestamp;

/// What a change of the clock does to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftNote {
    /// Its time is skipped by the clock: it runs right after the gap.
    AfterGap,
    /// Its time comes twice; this is the first.
    FirstOfTwo,
    /// Its time comes twice; this is the second.
    SecondOfTwo,
}

impl ShiftNote {
    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::AfterGap => "The clock goes forward: its time does not exist on that day, so it runs right after the gap.",
            Self::FirstOfTwo => "The clock goes back: this time comes twice, and this is the first.",
            Self::SecondOfTwo => "The clock goes back: this time comes twice, and this is the second.",
        }
    }
}

/// A run that is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextRun {
    /// When.
    pub at: Timestamp,
    /// What the clock does to it.
    pub note: Option<ShiftNote>,
}

/// How a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A run is on its way.
    Running,
    /// The last run succeeded.
    Well,
    /// No run has ended yet.
    New,
    /// A run is tried again.
    Retrying,
    /// The last run failed.
    Failing,
    /// A person stopped it.
    Paused,
    /// It switched itself off.
    Disabled,
    /// It has no time any more.
    Ended,
}

super::names!(Standing: Failing = "failing", Retrying = "retrying", Running = "running", Well = "well", New = "new", Paused = "paused", Disabled = "disabled", Ended = "ended");

impl Standing {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Well => "Well",
            Self::New => "No run yet",
            Self::Retrying => "Retrying",
            Self::Failing => "Failing",
            Self::Paused => "Paused",
            Self::Disabled => "Switched off",
            Self::Ended => "Ended",
        }
    }
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// Which one.
    pub id: ScheduleId,
    /// What people call it.
    pub name: String,
    /// `POST https://example.com/hooks`.
    pub target: String,
    /// When it runs, in words.
    pub when: String,
    /// On whose wall.
    pub zone: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// How it stands.
    pub standing: Standing,
    /// When it runs next.
    pub next: Option<Timestamp>,
    /// How its last run ended.
    pub last: Option<Last>,
    /// Its recent outcomes, the oldest first: true for a success.
    pub outcomes: Vec<bool>,
    /// The share of the last ones, at most 64, that succeeded.
    pub success_rate: Option<f64>,
    /// How many these are.
    pub rated: u32,
    /// What goes first under load.
    pub priority: Priority,
}

/// How many schedules there are, by how they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleCounts {
    /// All.
    pub all: u32,
    /// Those that stand in each way, in the order of [`Standing::ALL`].
    pub each: [u32; Standing::ALL.len()],
}

impl ScheduleCounts {
    /// Counts some more that stand so.
    pub fn add(&mut self, standing: Standing, more: u32) {
        self.all += more;
        for (count, _) in self.each.iter_mut().zip(Standing::ALL).filter(|(_, each)| **each == standing) {
            *count += more;
        }
    }

    /// How many stand so.
    pub fn of(&self, standing: Standing) -> u32 {
        self.each.iter().zip(Standing::ALL).filter(|(_, each)| **each == standing).map(|(count, _)| *count).sum()
    }
}

/// Which schedules are wanted. Empty: all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduleFilter {
    /// Name, address, note or tag has this in it.
    pub search: String,
    /// One of the names of [`Standing`], or empty.
    pub standing: String,
    /// With this tag.
    pub tag: String,
    /// From 0.
    pub page: u32,
}

/// A page of the list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SchedulesView {
    /// The rows of the page.
    pub rows: Vec<ScheduleRow>,
    /// How many fit the filter.
    pub matching: u32,
    /// All of the space.
    pub counts: ScheduleCounts,
    /// All tags that schedules have.
    pub tags: Vec<String>,
    /// Runs that ended in the last 24 hours, and how many of them failed.
    pub day: (u32, u32),
}

/// What the form of a schedule needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScheduleForm {
    /// The saved one that is edited.
    pub id: Option<ScheduleId>,
    /// What stands in the fields.
    pub draft: ScheduleDraft,
    /// When it runs, in words; empty: that is not known yet.
    pub when: String,
    /// The zone of these words.
    pub zone: String,
    /// The next times.
    pub next: Vec<NextRun>,
    /// What is wrong with what was typed.
    pub wrong: Option<AppError>,
}

/// A row of the log of runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Which one.
    pub id: OccurrenceId,
    /// Why it is there.
    pub origin: Origin,
    /// How it stands.
    pub state: RunState,
    /// When it is tried again, or its claim ends.
    pub due_at: Timestamp,
    /// When its first attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Attempts that were begun.
    pub attempts: u32,
    /// The last status.
    pub status: Option<u16>,
    /// How long the last attempt took.
    pub duration_ms: u32,
    /// What went wrong, or why it did not run.
    pub note: String,
    /// For how many times it stands.
    pub count: u32,
    /// The receiver may have had it twice.
    pub uncertain: bool,
}

/// A day of runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOfRuns {
    /// The day in UTC, in days since 1970-01-01.
    pub day: i32,
    /// Runs that succeeded.
    pub succeeded: u32,
    /// Runs that failed.
    pub failed: u32,
    /// Times that did not run.
    pub missed: u32,
}

/// The page of a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduleDetail {
    /// As in the list.
    pub row: ScheduleRow,
    /// For people.
    pub note: String,
    /// The next times.
    pub next: Vec<NextRun>,
    /// Who stopped it, and why.
    pub pause: Option<Pause>,
    /// Failed runs in a row.
    pub streak: u32,
    /// When it will switch itself off, if it goes on failing: in a sentence; empty: it never does.
    pub disabling: String,
    /// Its other settings: each thing and what is the case with it.
    pub facts: Vec<(String, String)>,
    /// All runs that succeeded, all that failed, all times that did not run.
    pub totals: (u64, u64, u64),
    /// The days of the last year on which something ran.
    pub days: Vec<DayOfRuns>,
    /// The runs that ended last, the oldest first: when, how long, whether it succeeded.
    pub latency: Vec<(Timestamp, u32, bool)>,
    /// The newest runs.
    pub runs: Vec<RunRow>,
    /// The request as a command for curl; secrets are replaced.
    pub curl: String,
    /// The signing secret is valid beside an older one until then.
    pub rotated_until: Option<Timestamp>,
    /// It signs by Standard Webhooks.
    pub signs: bool,
}

/// An attempt, as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriedView {
    /// From 1.
    pub n: u32,
    /// What was sent and seen.
    pub attempt: Attempt,
}

/// The page of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// What people call it.
    pub name: String,
    /// As in the log.
    pub row: RunRow,
    /// The first of the times that it stands for.
    pub first: Option<Timestamp>,
    /// Its attempts, the first one first.
    pub attempts: Vec<TriedView>,
}

/// A run that was given up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadRun {
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// What people call it.
    pub name: String,
    /// As in the log.
    pub row: RunRow,
}

/// A line that is taken over from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// From 1.
    pub line: u32,
    /// What it will be called; empty: it cannot be taken over.
    pub name: String,
    /// When it runs, in words.
    pub when: String,
    /// `GET https://example.com/`.
    pub target: String,
    /// What else it brings: its zone, a sign-in, that it begins paused.
    pub note: String,
    /// Why it cannot be taken over; empty: it can.
    pub error: String,
}

/// What an import does or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    /// Line by line.
    pub rows: Vec<ImportRow>,
    /// How many were taken over; zero: it was only looked at.
    pub added: u32,
}

/// A value that templates name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSecret {
    /// `API_KEY`, for `{{ secret.API_KEY }}`.
    pub name: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A span of the past that was looked at or run again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfilled {
    /// The times that run, or would.
    pub times: Vec<Timestamp>,
    /// Times that have run already and are left alone.
    pub done: u32,
    /// There are more times than were asked for.
    pub more: bool,
}
