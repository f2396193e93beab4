//! What programs are given: stable names, units in the names, RFC 3339 times, no secrets.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::check::{Failure, Phases, Reason};
use domain::live::{LastCheck, MonitorLive, Totals, Trouble};
use domain::monitor::{Monitor, PING_TOKEN};
use domain::state::State;
use domain::view::{CheckView, UptimeView};
use domain::webhook::{ScheduleCounts, Standing};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::kinds;

/// A monitor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MonitorJson {
    /// Prefixed and sortable by creation.
    #[schema(example = "mon_01jd2v9x3k5m7q8r9s0t1v2w3x")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Checkout API")]
    pub name: String,
    /// What kind of check it is.
    #[schema(example = "http")]
    pub kind: &'static str,
    /// From check to check.
    #[schema(example = 60)]
    pub interval_seconds: u64,
    /// A check ends after that.
    #[schema(example = 10_000)]
    pub timeout_ms: u64,
    /// Failures in a row before it is down.
    #[schema(example = 2)]
    pub failures_before_down: u32,
    /// Successes in a row before it is up again.
    #[schema(example = 1)]
    pub successes_before_up: u32,
    /// How soon an unconfirmed failure is looked at again.
    #[schema(example = 10_000)]
    pub retry_interval_ms: u64,
    /// Up means that nothing answers.
    pub upside_down: bool,
    /// The ids of what it depends on: while one of them is down, it is unreachable instead of down.
    pub depends_on: Vec<String>,
    /// Lower case, sorted.
    pub tags: Vec<String>,
    /// For people.
    pub note: String,
    /// False while paused.
    pub enabled: bool,
    /// `up`, `degraded`, `pending`, `down`, `unreachable`, `maintenance`, `paused` or `unknown`.
    #[schema(value_type = String, example = "up")]
    pub state: State,
    /// Since when.
    pub state_since: String,
    /// For so many seconds of the time since then nobody watched.
    #[schema(example = 0)]
    pub state_unwatched_seconds: u64,
    /// While it is down: when that was confirmed. `state_since` is the first failure.
    pub state_confirmed_at: Option<String>,
    /// It goes down and up so often that each single change says little.
    pub flapping: bool,
    /// The last check, when there was one.
    pub last_check: Option<LastCheckJson>,
    /// The next check; none while paused.
    pub next_check_at: Option<String>,
    /// Of a heartbeat: when the run began that has not ended yet.
    pub running_since: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When its settings last changed.
    pub updated_at: String,
    /// Where a heartbeat reports to; for tokens that may write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping_path: Option<String>,
    /// The fields of the kind.
    #[serde(flatten)]
    #[schema(ignore)]
    pub settings: Map<String, Value>,
}

/// The last check of a monitor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LastCheckJson {
    /// When it began.
    pub at: String,
    /// From its beginning to its end; null when nothing was measured: a signal without a run, the state of a group.
    #[schema(example = 84.2)]
    pub duration_ms: Option<f64>,
    /// The final HTTP status, when one came.
    #[schema(example = 200)]
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// A fault of degree, when it did not fail.
    pub warning: Option<String>,
    /// When what was looked at ends: a certificate, a registration.
    pub expires_at: Option<String>,
}

impl From<LastCheck> for LastCheckJson {
    fn from(last: LastCheck) -> Self {
        Self {
            at: last.at.to_rfc3339(),
            duration_ms: measured(last.duration_us),
            status: last.status,
            error: last.error,
            warning: last.warning,
            expires_at: last.expires_at.map(Timestamp::to_rfc3339),
        }
    }
}

impl MonitorJson {
    pub fn new(monitor: Monitor, live: MonitorLive, may_write: bool) -> Self {
        let retry = monitor.spec.retry_after();
        let values = &monitor.spec.settings.0;
        let token = values.get(PING_TOKEN).filter(|_| may_write);
        Self {
            id: monitor.id.to_string(),
            name: monitor.spec.name,
            kind: monitor.spec.kind.name(),
            ping_path: token.map(|token| format!("/ping/{token}")),
            settings: kinds::write(monitor.spec.kind.fields(), values),
            interval_seconds: monitor.spec.interval.as_secs(),
            timeout_ms: u64::try_from(monitor.spec.timeout.as_millis()).unwrap_or(u64::MAX),
            failures_before_down: monitor.spec.confirmation.failures,
            successes_before_up: monitor.spec.confirmation.successes,
            retry_interval_ms: u64::try_from(retry.as_millis()).unwrap_or(u64::MAX),
            upside_down: monitor.spec.upside_down,
            depends_on: monitor.spec.depends_on.iter().map(ToString::to_string).collect(),
            tags: monitor.spec.tags,
            note: monitor.spec.note,
            enabled: monitor.enabled,
            state: live.state,
            state_since: live.since.to_rfc3339(),
            state_unwatched_seconds: live.unwatched_ms / 1_000,
            state_confirmed_at: live.confirmed_at.map(Timestamp::to_rfc3339),
            flapping: live.flapping,
            last_check: live.last.map(Into::into),
            next_check_at: live.next_at.map(Timestamp::to_rfc3339),
            running_since: live.running_since.map(Timestamp::to_rfc3339),
            created_at: monitor.id.created_at().to_rfc3339(),
            updated_at: monitor.updated_at.to_rfc3339(),
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// One recorded check.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResultJson {
    /// When it began.
    pub at: String,
    /// Whether it succeeded.
    pub success: bool,
    /// From its beginning to its end; null when nothing was measured: a signal without a run, the state of a group.
    #[schema(example = 84.2)]
    pub duration_ms: Option<f64>,
    /// Where the time went.
    pub phases: PhasesJson,
    /// The final HTTP status, when one came.
    #[schema(example = 200)]
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub error: Option<ErrorJson>,
    /// A fault of degree, when it did not fail.
    pub warning: Option<ErrorJson>,
    /// The beginning of the answer, for a failure; what a heartbeat's job wrote.
    pub excerpt: Option<String>,
}

/// Where the time of a check went, in milliseconds; null for a phase that was not reached or not needed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PhasesJson {
    /// Name resolution.
    pub dns_ms: Option<f64>,
    /// TCP handshake.
    pub connect_ms: Option<f64>,
    /// TLS handshake.
    pub tls_ms: Option<f64>,
    /// From the request to the first byte of the answer.
    pub first_byte_ms: Option<f64>,
    /// From there to the end of the answer.
    pub download_ms: Option<f64>,
}

/// Why a check failed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorJson {
    /// `dns`, `refused`, `unreachable`, `timeout`, `tls`, `status`, `policy`, `body`, `protocol`, `answered`, `content`, `slow`, `expiring`,
    /// `auth`, `late`, `reported`, `loss`, `not_serving`, `members` or `permission`.
    #[schema(value_type = String, example = "timeout")]
    pub reason: Reason,
    /// In a sentence.
    pub message: String,
}

impl From<Failure> for ErrorJson {
    fn from(Failure { reason, message }: Failure) -> Self {
        Self { reason, message }
    }
}

impl From<CheckView> for ResultJson {
    fn from(check: CheckView) -> Self {
        let Phases { dns_us, connect_us, tls_us, first_byte_us, download_us } = check.phases;
        Self {
            at: check.at.to_rfc3339(),
            success: check.failure.is_none(),
            duration_ms: measured(check.duration_us),
            phases: PhasesJson {
                dns_ms: dns_us.map(ms),
                connect_ms: connect_us.map(ms),
                tls_ms: tls_us.map(ms),
                first_byte_ms: first_byte_us.map(ms),
                download_ms: download_us.map(ms),
            },
            status: check.status,
            error: check.failure.map(ErrorJson::from),
            warning: check.warning.map(ErrorJson::from),
            excerpt: check.excerpt,
        }
    }
}

/// Uptime over a window, from the time spent in each state.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UptimeJson {
    /// The beginning of the window.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Between 0 and 1: (up + degraded) / (up + degraded + down); null when nothing was observed.
    #[schema(example = 0.99981)]
    pub uptime: Option<f64>,
    /// Between 0 and 1: how much of the window was observed, less maintenance and pauses.
    #[schema(example = 1.0)]
    pub coverage: Option<f64>,
    /// Time down.
    pub down_ms: u64,
    /// Time in each state that occurred, in milliseconds.
    pub states_ms: BTreeMap<&'static str, u64>,
}

impl From<UptimeView> for UptimeJson {
    fn from(view: UptimeView) -> Self {
        let states = State::ALL.into_iter().map(|state| (state.name(), view.tally.ms(state)));
        Self {
            from: view.from.to_rfc3339(),
            to: view.to.to_rfc3339(),
            uptime: view.tally.uptime(),
            coverage: view.tally.coverage(),
            down_ms: view.tally.down_ms(),
            states_ms: states.filter(|(_, ms)| *ms > 0).collect(),
        }
    }
}

/// The figures over all monitors of the space.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SummaryJson {
    /// How many monitors there are.
    pub monitors: u32,
    /// How many are in each state.
    pub states: BTreeMap<&'static str, u32>,
    /// The monitors that are down longest, at most three.
    pub down: Vec<DownJson>,
    /// The mean uptime of the last 24 hours, between 0 and 1, weighted by time.
    pub uptime_24h: Option<f64>,
    /// Down time of the last 24 hours over all monitors.
    pub down_ms_24h: u64,
    /// The median of the last durations.
    pub median_ms: Option<f64>,
    /// Checks a second, as configured.
    pub checks_per_second: f64,
    /// Those of the scheduled webhooks.
    pub webhooks: WebhooksJson,
}

/// The figures of the scheduled webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhooksJson {
    /// How many there are.
    all: u32,
    /// How many stand in each way.
    standings: BTreeMap<&'static str, u32>,
    /// Runs that ended in the last 24 hours.
    runs_24h: u32,
    /// Those of them that failed.
    failed_24h: u32,
}

impl WebhooksJson {
    pub fn of(counts: ScheduleCounts, (runs_24h, failed_24h): (u32, u32)) -> Self {
        let standings = Standing::ALL.iter().map(|standing| (standing.name(), counts.of(*standing))).collect();
        Self { all: counts.all, standings, runs_24h, failed_24h }
    }
}

/// A monitor that is down.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DownJson {
    /// Which one.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Since when.
    pub since: String,
}

impl From<Trouble> for DownJson {
    fn from(trouble: Trouble) -> Self {
        Self { id: trouble.id.to_string(), name: trouble.name, since: trouble.since.to_rfc3339() }
    }
}

impl SummaryJson {
    pub fn of(totals: Totals, webhooks: WebhooksJson) -> Self {
        Self {
            monitors: totals.all(),
            states: State::ALL.into_iter().map(|state| (state.name(), totals.count(state))).collect(),
            down: totals.down.into_iter().map(Into::into).collect(),
            uptime_24h: totals.uptime_24h,
            down_ms_24h: totals.down_ms_24h,
            median_ms: totals.median_us.map(ms),
            checks_per_second: totals.checks_per_second,
            webhooks,
        }
    }
}

/// How long something took, when that is known.
fn measured(us: u32) -> Option<f64> {
    (us > 0).then(|| ms(us))
}

fn ms(us: u32) -> f64 {
    f64::from(us) / 1000.0
}
