//! What goes over the websocket `/live`, as JSON: a snapshot, then changes.

use serde::{Deserialize, Serialize};

use crate::check::Reason;
use crate::id::{MonitorId, SpaceId};
use crate::state::State;
use crate::time::Timestamp;

/// Latencies of a sparkline.
pub const SPARK_LENGTH: usize = 40;

/// The last check of a monitor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u32,
    /// The HTTP status, when one came.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub reason: Option<Reason>,
    /// The failure in a sentence.
    pub error: Option<String>,
    /// A fault of degree in a sentence, when it did not fail.
    pub warning: Option<String>,
    /// When what was looked at ends: a certificate, a registration.
    pub expires_at: Option<Timestamp>,
}

/// Everything of a monitor that changes by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorLive {
    /// Which one.
    pub id: MonitorId,
    /// The state to show.
    pub state: State,
    /// Since when. Times in which nobody watched do not end what was the case before and after them.
    pub since: Timestamp,
    /// For so long of the time since then nobody watched, in milliseconds.
    pub unwatched_ms: u64,
    /// While it is down: when that was confirmed. [`MonitorLive::since`] is the first failure.
    pub confirmed_at: Option<Timestamp>,
    /// It goes down and up so often that each single change says little.
    pub flapping: bool,
    /// The last check, when there was one.
    pub last: Option<LastCheck>,
    /// The next slot; none while paused.
    pub next_at: Option<Timestamp>,
    /// A check is under way.
    pub checking: bool,
    /// Of a heartbeat: when the run began that has not ended yet.
    pub running_since: Option<Timestamp>,
    /// Uptime of the last 24 hours, between 0 and 1.
    pub uptime_24h: Option<f64>,
    /// Coverage of the last 24 hours, between 0 and 1.
    pub coverage_24h: Option<f64>,
    /// The outcome bar: see [`crate::bar::Bar`].
    pub bar: String,
    /// The latencies of the last checks in microseconds, oldest first; 0 for a failure.
    pub spark: Vec<u32>,
}

/// A monitor in trouble, for the headline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Which one.
    pub id: MonitorId,
    /// Its name.
    pub name: String,
    /// Since when it is down.
    pub since: Timestamp,
}

/// The figures over all monitors of a space.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Monitors by state, in the order of [`State::ALL`].
    pub by_state: [u32; 8],
    /// The monitors that are down longest, at most three.
    pub down: Vec<Trouble>,
    /// The time-weighted mean uptime of the last 24 hours, between 0 and 1.
    pub uptime_24h: Option<f64>,
    /// Down time of the last 24 hours over all monitors, in milliseconds.
    pub down_ms_24h: u64,
    /// Checks a second, as configured: the sum of 1 / interval over what is not paused.
    pub checks_per_second: f64,
    /// The median of the last latencies, in microseconds.
    pub median_us: Option<u32>,
}

impl Totals {
    /// How many monitors are in a state.
    pub fn count(&self, state: State) -> u32 {
        self.by_state.get(state.index()).copied().unwrap_or(0)
    }

    /// How many monitors there are.
    pub fn all(&self) -> u32 {
        self.by_state.iter().sum()
    }
}

/// From the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// Everything the tab watches, afresh. Whatever the tab knew before is void.
    Snapshot {
        /// The number of this message; changes that follow have higher ones.
        seq: u64,
        /// The build of the server: a tab of another build offers to reload.
        build: String,
        /// The server's clock, to correct countdowns.
        now: Timestamp,
        /// The figures.
        totals: Totals,
        /// The watched monitors.
        monitors: Vec<MonitorLive>,
    },
    /// What changed since the last message.
    Changes {
        /// Higher than that of the message before.
        seq: u64,
        /// The figures, when they changed.
        totals: Option<Totals>,
        /// Watched monitors that changed, whole.
        monitors: Vec<MonitorLive>,
        /// Monitors were added, renamed, retagged or deleted: lists are stale.
        lists_changed: bool,
        /// Something happened that people may want to be told: incidents, the bell and messages are stale.
        #[serde(default)]
        news: bool,
        /// Runs of scheduled webhooks began or ended.
        #[serde(default)]
        runs: bool,
    },
    /// Something that everybody should see, such as a full disk; empty when it is over.
    Notice {
        /// One sentence, or nothing.
        text: String,
    },
}

/// The code with which the server closes a socket whose reader is signed out or has lost the space (RFC 6455, 7.4.2: codes
/// from 4000 are the application's): the page is to be loaded again.
pub const CLOSED_FOR_READER: u16 = 4001;

/// From the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// These rows are on the screen now (at most [`WATCH_MAX`]); a snapshot answers.
    Watch {
        /// The space that the tab shows.
        space: SpaceId,
        /// Its visible monitors.
        monitors: Vec<MonitorId>,
    },
}

/// The most monitors that one tab watches.
pub const WATCH_MAX: usize = 500;
