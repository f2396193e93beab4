//! Maintenance windows: when work is announced for monitors. Within a window checks go on and are recorded, but the state
//! is Maintenance, which enters no uptime and wakes nobody.
//!
//! A window is once, every day, on days of the week, or by a cron expression, always on the wall of an IANA zone: it
//! begins when that wall says so, and lasts as long as its duration in real time. Times that a clock change skips begin
//! right after the gap, times that come twice begin once.
//!
//! Called by the engine, which begins and ends windows, by the pages and by the REST interface.

#[cfg(feature = "ssr")]
mod calendar;
mod repeat;
#[cfg(feature = "ssr")]
mod validate;
mod view;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{MonitorId, SpaceId, WindowId};
use crate::time::Timestamp;

#[cfg(feature = "ssr")]
pub use calendar::{Calendar, Look};
pub use repeat::{Days, LocalTime, Repeat, TimeOfDay};
pub use view::{Preview, WindowForm, WindowState, WindowView};

/// The shortest window.
pub const DURATION_MIN: Duration = Duration::from_secs(60);
/// The longest window.
pub const DURATION_MAX: Duration = Duration::from_secs(30 * 86_400);
/// The most monitors that are chosen one by one; more of them are matched by a tag.
pub const CHOSEN_MAX: usize = 1_000;
/// Occurrences that a preview shows.
pub const PREVIEWED: usize = 5;

/// Which monitors of its space a window is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Covers {
    /// All of them, also those that are added later.
    All,
    /// Those with at least one of these tags.
    Tagged(Vec<String>),
    /// These.
    Chosen(Vec<MonitorId>),
}

impl Covers {
    /// Whether a monitor is meant.
    pub fn includes(&self, id: MonitorId, tags: &[String]) -> bool {
        match self {
            Self::All => true,
            Self::Tagged(wanted) => wanted.iter().any(|tag| tags.contains(tag)),
            Self::Chosen(ids) => ids.contains(&id),
        }
    }

    /// The stable name of the way of choosing.
    pub fn name(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Tagged(_) => "tags",
            Self::Chosen(_) => "chosen",
        }
    }
}

/// A window as a form or an API client wrote it: everything is text, nothing is checked. An empty text means: the default.
/// The field names are the form's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowDraft {
    /// Empty: what repeats, in words.
    pub name: String,
    /// For people.
    pub note: String,
    /// `all`, `tags` or `chosen`. Empty: `all`.
    pub covers: String,
    /// Separated by commas, with `tags`.
    pub tags: String,
    /// With `chosen`: ids, separated by commas; in a form, names, one a line.
    pub monitors: String,
    /// `once`, `daily`, `weekly` or `cron`. Empty: `once`.
    pub repeat: String,
    /// `2026-11-30T02:00`, with `once`.
    pub start: String,
    /// `02:00`, with `daily` and `weekly`.
    pub time: String,
    /// `mon` to `sun`, with `weekly`.
    pub days: Vec<String>,
    /// Five fields, with `cron`.
    pub cron: String,
    /// `1 h`, `90 min`; a bare number is minutes.
    pub duration: String,
    /// An IANA name. Empty: `UTC`.
    pub zone: String,
    /// `on`; anything else: it does not begin.
    pub enabled: String,
}

/// Valid settings of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowSpec {
    /// What people call it.
    pub name: String,
    /// For people.
    pub note: String,
    /// Which monitors it is for.
    pub covers: Covers,
    /// When it begins.
    pub repeat: Repeat,
    /// How long it lasts.
    pub duration: Duration,
    /// On whose wall it begins: an IANA name.
    pub zone: String,
    /// False: it does not begin.
    pub enabled: bool,
}

/// A window of a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its id; the id's instant is its creation.
    pub id: WindowId,
    /// Who owns it.
    pub space: SpaceId,
    /// Its settings.
    pub spec: WindowSpec,
    /// When a person last began it by hand, out of turn.
    pub started_at: Option<Timestamp>,
    /// When a person last ended it by hand: whatever had begun by then is over.
    pub ended_at: Option<Timestamp>,
    /// The last change of its settings.
    pub updated_at: Timestamp,
}

/// One time that a window is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The first instant.
    pub from: Timestamp,
    /// The instant after the last.
    pub to: Timestamp,
}

impl Window {
    /// What a form shows to edit it.
    pub fn draft(&self) -> WindowDraft {
        let spec = &self.spec;
        let mut draft = WindowDraft {
            name: spec.name.clone(),
            note: spec.note.clone(),
            covers: spec.covers.name().to_owned(),
            repeat: spec.repeat.name().to_owned(),
            duration: crate::monitor::spell(spec.duration),
            zone: spec.zone.clone(),
            enabled: if spec.enabled { "on".into() } else { String::new() },
            ..WindowDraft::default()
        };
        match &spec.covers {
            Covers::All => {}
            Covers::Tagged(tags) => draft.tags = tags.join(", "),
            Covers::Chosen(ids) => draft.monitors = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
        match &spec.repeat {
            Repeat::Once(start) => draft.start = start.to_string(),
            Repeat::Daily(time) => draft.time = time.to_string(),
            Repeat::Weekly(days, time) => {
                draft.days = days.names().map(str::to_owned).collect();
                draft.time = time.to_string();
            }
            Repeat::Cron(text) => draft.cron.clone_from(text),
        }
        draft
    }
}
