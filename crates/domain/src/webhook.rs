//! Scheduled webhooks: requests that are made when a timetable says so.
//!
//! A *schedule* is a timetable and a request. Each time of its timetable is an *occurrence*, named by its schedule and its nominal time, so
//! that no time is ever enqueued twice. An occurrence is delivered by *attempts*, until one is taken, or it is given up.
//!
//! Invariants: what has been decided of a timetable lies before the schedule's cursor and is never decided again; a time that did not run
//! is recorded with the reason. Called by the engine, by the pages and by the REST interface.

#[cfg(feature = "ssr")]
mod facts;
mod fields;
#[cfg(feature = "ssr")]
mod import;
mod occurrence;
#[cfg(feature = "ssr")]
mod plan;
mod progress;
#[cfg(feature = "ssr")]
mod spec;
#[cfg(feature = "ssr")]
mod timetable;
#[cfg(feature = "ssr")]
mod validate;
mod view;

use serde::{Deserialize, Serialize};

use crate::kind::Values;

pub use fields::form;
#[cfg(feature = "ssr")]
pub use import::{Imported, ImportedLine, read as read_import};
pub use occurrence::{Again, Attempt, Occurrence, OccurrenceId, Origin, Outcome, RunState};
#[cfg(feature = "ssr")]
pub use plan::{Decision, GRACE, Planned, plan};
pub use progress::{Last, Pause, Progress};
#[cfg(feature = "ssr")]
pub use spec::{Disabling, Retry, Schedule, ScheduleSpec, Signing, Trigger};
#[cfg(feature = "ssr")]
pub use timetable::Timetable;
pub use view::{
    Backfilled, DayOfRuns, DeadRun, ImportRow, ImportView, NamedSecret, NextRun, RunRow, RunView, ScheduleCounts, ScheduleDetail,
    ScheduleFilter, ScheduleForm, ScheduleRow, SchedulesView, ShiftNote, Standing, TriedView,
};

/// Bytes of an answer's body that are kept, at most.
pub const ANSWER_MAX: usize = 64 * 1024;
/// Bytes of a request's body, at most.
pub const REQUEST_MAX: usize = 64 * 1024;
/// The shortest interval.
pub const EVERY_MIN: std::time::Duration = std::time::Duration::from_secs(1);
/// Times that a preview shows.
pub const PREVIEWED: usize = 10;
/// Schedules of one space, at most.
pub const SCHEDULES_MAX: usize = 100_000;

/// How much it matters that a run begins at once, when not all can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// When nothing else waits.
    Low,
    /// As most.
    #[default]
    Normal,
    /// Before most.
    High,
    /// First of all.
    Critical,
}

/// What happens to a run that is due while one before it has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is skipped, and recorded as such.
    #[default]
    Skip,
    /// It waits; a second one that would wait is skipped.
    Queue,
    /// It begins.
    Allow,
}

/// What happens to times that passed while nothing ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// They are recorded as missed.
    Skip,
    /// The last of them runs; the others are missed.
    #[default]
    Last,
    /// So many of the last ones run, one after the other.
    All,
}

macro_rules! names {
    ($name:ident: $($variant:ident = $text:literal),+) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name: in JSON, in the database, in addresses.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads a stable name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}
pub(crate) use names;

names!(Priority: Low = "low", Normal = "normal", High = "high", Critical = "critical");
names!(Overlap: Skip = "skip", Queue = "queue", Allow = "allow");
names!(CatchUp: Skip = "skip", Last = "last", All = "all");

/// A schedule as a form or an API client wrote it: everything is text, nothing is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduleDraft {
    /// Empty: method and host.
    pub name: String,
    /// For people.
    pub note: String,
    /// Separated by commas.
    pub tags: String,
    /// `on`; anything else: it begins paused.
    pub enabled: String,
    /// The fields of [`form`]. A secret of [`crate::monitor::KEPT`] keeps the saved one. What is not known is passed over.
    #[serde(flatten)]
    pub settings: Values,
}

impl ScheduleDraft {
    /// A draft with some of its fields, not paused.
    pub fn of<const N: usize>(fields: [(&str, &str); N]) -> Self {
        let settings = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { enabled: "on".into(), settings, ..Self::default() }
    }

    /// What stands in a field of the form.
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }
}
