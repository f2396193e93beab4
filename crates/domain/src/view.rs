//! What a browser is given: views without secrets, made for one page each.

use serde::{Deserialize, Serialize};

use crate::account::{Role, Scope};
use crate::change::Change;
use crate::check::{Failure, Observation, Phases};
use crate::id::{AccountId, InvitationId, MonitorId, SessionId, SpaceId, TokenId};
use crate::live::{MonitorLive, Totals};
use crate::maintenance::WindowView;
use crate::monitor::MonitorDraft;
use crate::state::State;
use crate::time::Timestamp;
use crate::uptime::{Span, Tally};

/// A space that somebody may enter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceView {
    /// Which one.
    pub id: SpaceId,
    /// What people call it.
    pub name: String,
    /// The asker's role in it.
    pub role: Role,
}

/// Who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorView {
    /// The account.
    pub account: AccountId,
    /// What people call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// May administer the instance.
    pub admin: bool,
    /// The space that is open now; none when they belong to none.
    pub space: Option<SpaceView>,
    /// All spaces they may enter, by name.
    pub spaces: Vec<SpaceView>,
}

/// One signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Which one.
    pub id: SessionId,
    /// The session that asks.
    pub current: bool,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last did something, to the minute.
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Browser and system in words: "Firefox on Linux".
    pub device: String,
    /// The address it signed in from.
    pub address: String,
}

/// A member of a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// The account.
    pub account: AccountId,
    /// What people call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

/// An invitation that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    /// Which one.
    pub id: InvitationId,
    /// The space and role it gives; none: only an account.
    pub role: Option<Role>,
    /// A note to tell invitations apart, for example whom it is for.
    pub note: String,
    /// Who made it.
    pub created_by: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What somebody who opened an invitation sees before accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationOffer {
    /// Who invites.
    pub from: String,
    /// The space they would join, and as what.
    pub space: Option<(String, Role)>,
    /// When the offer ends.
    pub expires_at: Timestamp,
}

/// A token of the REST interface; its secret is shown once, at its making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Which one.
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
}

/// A secret that is shown once: the path of a link (`/invitation/…`) or a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Once {
    /// The secret.
    pub secret: String,
}

/// An account, for an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Which one.
    pub id: AccountId,
    /// What people call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// May administer the instance.
    pub admin: bool,
    /// May not sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last seen.
    pub seen_at: Option<Timestamp>,
    /// How many spaces it belongs to.
    pub spaces: u32,
}

/// A space, for an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceSummary {
    /// Which one.
    pub id: SpaceId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many belong to it.
    pub members: u32,
    /// How many monitors it has.
    pub monitors: u32,
}

/// How the list of monitors is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// What is broken first, then by name.
    #[default]
    State,
    /// By name.
    Name,
    /// The slowest first.
    Latency,
    /// The least reliable first.
    Uptime,
}

impl Sort {
    /// The stable name, as in the URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Latency => "latency",
            Self::Uptime => "uptime",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::State, Self::Name, Self::Latency, Self::Uptime].into_iter().find(|s| s.name() == name)
    }
}

/// What part of the list of monitors is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Words that name, address or tags contain.
    pub search: String,
    /// Only this state.
    pub state: Option<State>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// The order.
    pub sort: Sort,
    /// The page, from 0.
    pub page: u32,
}

/// Rows of a page of the list.
pub const PAGE_SIZE: u32 = 50;

/// A row of the dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorRow {
    /// Which one.
    pub id: MonitorId,
    /// What people call it.
    pub name: String,
    /// Its kind in a word: `HTTPS`.
    pub label: String,
    /// Host and path.
    pub address: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// From slot to slot, in seconds.
    pub interval_seconds: u32,
    /// What changes by itself.
    pub live: MonitorLive,
}

/// A page of the dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorPage {
    /// The rows.
    pub rows: Vec<MonitorRow>,
    /// How many rows there are on all pages.
    pub matching: u32,
    /// The figures of the space, unfiltered.
    pub totals: Totals,
    /// All tags of the space with how many monitors have them, by name.
    pub tags: Vec<(String, u32)>,
    /// The server's clock when this was made.
    pub now: Timestamp,
}

/// A window of uptime.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct UptimeView {
    /// The beginning of the window.
    pub from: Timestamp,
    /// The end of the window.
    pub to: Timestamp,
    /// Time in each state.
    pub tally: Tally,
}

/// The top of a monitor's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorDetail {
    /// The row.
    pub row: MonitorRow,
    /// What is checked, in full: `GET https://example.com/`.
    pub target: String,
    /// The settings that matter: label and value.
    pub facts: Vec<(String, String)>,
    /// Where a heartbeat reports to: a path of this instance. For those who may edit it.
    pub ping_path: Option<String>,
    /// When what was looked at ends.
    pub expires_at: Option<Timestamp>,
    /// For people.
    pub note: String,
    /// What the form edits; secrets replaced.
    pub draft: MonitorDraft,
    /// When it was made.
    pub created_at: Timestamp,
    /// Uptime over 24 hours, 7 days, 30 days.
    pub uptime: [UptimeView; 3],
    /// The spans of the last 30 days.
    pub spans: Vec<Span>,
    /// The latest changes of state, newest first.
    pub changes: Vec<Change>,
    /// The maintenance windows that it is in, or will be in.
    pub windows: Vec<WindowView>,
    /// What it depends on.
    pub parents: Vec<Related>,
    /// What depends on it.
    pub children: Vec<Related>,
    /// What a group stands for.
    pub members: Vec<Related>,
    /// Nothing can be known of it because Loopr's own network is gone.
    pub offline: bool,
    /// The last 50 checks, newest first.
    pub checks: Vec<CheckView>,
    /// The server's clock when this was made.
    pub now: Timestamp,
}

/// How fast the successes of a window were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyView {
    /// The beginning of the window.
    pub from: Timestamp,
    /// The end of the window.
    pub to: Timestamp,
    /// Checks in it.
    pub checks: u32,
    /// Failures among them.
    pub failures: u32,
    /// The fastest success, in microseconds.
    pub min_us: Option<u32>,
    /// The mean, in microseconds.
    pub mean_us: Option<u32>,
    /// The slowest success, in microseconds.
    pub max_us: Option<u32>,
    /// Half of them were as fast or faster, in microseconds.
    pub p50_us: Option<u32>,
    /// 90 % of them, in microseconds.
    pub p90_us: Option<u32>,
    /// 95 % of them, in microseconds.
    pub p95_us: Option<u32>,
    /// 99 % of them, in microseconds.
    pub p99_us: Option<u32>,
}

/// A monitor that another one depends on, or that depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Which one.
    pub id: MonitorId,
    /// What people call it.
    pub name: String,
    /// The state to show.
    pub state: State,
    /// The checks say that it is down, also within a maintenance window.
    pub failing: bool,
}

/// One recorded check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u32,
    /// Where the time went.
    pub phases: Phases,
    /// The HTTP status, when one came.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// A fault of degree, when it did not fail.
    pub warning: Option<Failure>,
    /// The beginning of the answer, for a failure only.
    pub excerpt: Option<String>,
}

impl From<Observation> for CheckView {
    fn from(seen: Observation) -> Self {
        let Observation { at, duration_us, phases, status, failure, warning, excerpt, expires_at: _ } = seen;
        Self { at, duration_us, phases, status, failure, warning, excerpt }
    }
}

/// A stretch of the latency chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Range {
    /// One hour, a point a minute.
    Hour,
    /// 24 hours, a point every ten minutes.
    Day,
    /// Seven days, a point an hour.
    Week,
    /// 30 days, a point every six hours.
    Month,
    /// 90 days, a point a day.
    Quarter,
    /// 365 days, a point every five days.
    Year,
}

impl Range {
    /// All of them, from the shortest.
    pub const ALL: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The name in the URL and on the button.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "1y",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// Its length in milliseconds.
    pub fn width_ms(self) -> i64 {
        use crate::time::{DAY_MS, HOUR_MS};
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
            Self::Quarter => 90 * DAY_MS,
            Self::Year => 365 * DAY_MS,
        }
    }

    /// The width of a point in milliseconds.
    pub fn step_ms(self) -> i64 {
        use crate::time::{DAY_MS, HOUR_MS};
        match self {
            Self::Hour => 60_000,
            Self::Day => 600_000,
            Self::Week => HOUR_MS,
            Self::Month => 6 * HOUR_MS,
            Self::Quarter => DAY_MS,
            Self::Year => 5 * DAY_MS,
        }
    }
}

/// A point of the latency chart; points without checks are not sent: gaps stay gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// The beginning of its stretch.
    pub at: Timestamp,
    /// Checks in it.
    pub checks: u32,
    /// Failures among them.
    pub failures: u32,
    /// Successes of which it is known how long they took: of a heartbeat, runs whose beginning was signalled.
    pub measured: u32,
    /// The median latency of successes, in microseconds.
    pub p50_us: Option<u32>,
    /// The 95th percentile, in microseconds.
    pub p95_us: Option<u32>,
    /// The mean of each phase, in microseconds.
    pub phases: Phases,
}

/// The latency chart of a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The range.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// The width of a point in milliseconds.
    pub step_ms: i64,
    /// In order of time.
    pub points: Vec<SeriesPoint>,
    /// Percentiles over the whole range.
    pub p50_us: Option<u32>,
    /// Percentiles over the whole range.
    pub p95_us: Option<u32>,
    /// What was not Up in the range, to be shaded.
    pub shaded: Vec<Span>,
}
