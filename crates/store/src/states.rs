//! Where each monitor stands: one small row, written on a transition and at most every 30 s otherwise.

use domain::bar::Bar;
use domain::check::Reason;
use domain::flapping::Flapping;
use domain::live::LastCheck;
use domain::machine::{Machine, Parts};
use domain::state::State;
use domain::{MonitorId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, id_of, record};

const TABLE: &str = "monitor_state";

/// Where a monitor stood when its row was written.
#[derive(Debug, Clone, PartialEq)]
pub struct StateRow {
    /// Which one.
    pub monitor: MonitorId,
    /// Its state machine.
    pub machine: Machine,
    /// Raw results up to this instant are contained; later ones are replayed at start.
    pub recorded_to: Timestamp,
    /// Hours up to this instant have their rollup.
    pub rolled_to: Timestamp,
    /// The last check.
    pub last: Option<LastCheck>,
    /// The outcome bar.
    pub bar: Bar,
    /// The latencies of the last checks.
    pub spark: Vec<u32>,
    /// Whether it flaps.
    pub flapping: Flapping,
    /// Of what ends: when it ends, and how many days before that was last told.
    pub told_expiry: Option<(Timestamp, u32)>,
}

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    state: i64,
    since: i64,
    failing_since: Option<i64>,
    failures: i64,
    successes: i64,
    recorded_to: i64,
    rolled_to: i64,
    last_at: Option<i64>,
    last_us: Option<i64>,
    last_status: Option<i64>,
    last_reason: Option<String>,
    last_error: Option<String>,
    last_warning: Option<String>,
    expires_at: Option<i64>,
    bar_last: i64,
    bar: String,
    spark: Vec<i64>,
    decided_at: Option<i64>,
    beneath: Option<i64>,
    maintenance: Option<bool>,
    offline: Option<bool>,
    faulty_since: Option<i64>,
    faults: Option<i64>,
    flaps: Option<Vec<i64>>,
    flapping_since: Option<i64>,
    told_expiry: Option<Vec<i64>>,
}

fn number_of(state: State) -> i64 {
    i64::try_from(state.index()).unwrap_or(0)
}

fn state_of(number: i64) -> Result<State, StoreError> {
    usize::try_from(number).ok().and_then(State::from_index).ok_or_else(|| damaged(TABLE, "its state is unknown"))
}

impl From<&StateRow> for Row {
    fn from(row: &StateRow) -> Self {
        let parts = row.machine.parts();
        let last = row.last.as_ref();
        let (bar_last, bar) = row.bar.to_stored();
        Self {
            id: record(TABLE, row.monitor),
            state: number_of(parts.settled),
            since: parts.since.as_millis(),
            failing_since: parts.failing_since.map(Timestamp::as_millis),
            failures: i64::from(parts.failures),
            successes: i64::from(parts.successes),
            recorded_to: row.recorded_to.as_millis(),
            rolled_to: row.rolled_to.as_millis(),
            last_at: last.map(|l| l.at.as_millis()),
            last_us: last.map(|l| i64::from(l.duration_us)),
            last_status: last.and_then(|l| l.status).map(i64::from),
            last_reason: last.and_then(|l| l.reason).map(|r| r.name().to_owned()),
            last_error: last.and_then(|l| l.error.clone()),
            last_warning: last.and_then(|l| l.warning.clone()),
            expires_at: last.and_then(|l| l.expires_at).map(Timestamp::as_millis),
            bar_last,
            bar,
            spark: row.spark.iter().map(|us| i64::from(*us)).collect(),
            decided_at: parts.decided_at.map(Timestamp::as_millis),
            beneath: Some(number_of(parts.beneath)),
            maintenance: Some(parts.maintenance),
            offline: Some(parts.offline),
            faulty_since: parts.faulty_since.map(Timestamp::as_millis),
            faults: Some(i64::from(parts.faults)),
            flaps: Some(row.flapping.changes().iter().map(|at| at.as_millis()).collect()),
            flapping_since: row.flapping.since().map(Timestamp::as_millis),
            told_expiry: row.told_expiry.map(|(of, days)| vec![of.as_millis(), i64::from(days)]),
        }
    }
}

impl TryFrom<Row> for StateRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let count = |n: i64| u32::try_from(n).map_err(|_| damaged(TABLE, "a count is negative"));
        let settled = state_of(row.state)?;
        // A row of a version that knew of nothing beneath says all of it by its state.
        let known = Parts::settled(settled, Timestamp::from_millis(row.since));
        let machine = Machine::from_parts(Parts {
            decided_at: row.decided_at.map(Timestamp::from_millis).or(known.decided_at.filter(|_| row.beneath.is_none())),
            beneath: row.beneath.map_or(Ok(known.beneath), state_of)?,
            maintenance: row.maintenance.unwrap_or(known.maintenance),
            offline: row.offline.unwrap_or(false),
            failing_since: row.failing_since.map(Timestamp::from_millis),
            failures: count(row.failures)?,
            faulty_since: row.faulty_since.map(Timestamp::from_millis),
            faults: count(row.faults.unwrap_or(0))?,
            successes: count(row.successes)?,
            ..known
        });
        let flaps = row.flaps.unwrap_or_default().into_iter().map(Timestamp::from_millis).collect();
        let last = match (row.last_at, row.last_us) {
            (Some(at), Some(us)) => Some(LastCheck {
                at: Timestamp::from_millis(at),
                duration_us: count(us)?,
                status: row.last_status.and_then(|s| u16::try_from(s).ok()),
                reason: row.last_reason.as_deref().and_then(Reason::from_name),
                error: row.last_error,
                warning: row.last_warning,
                expires_at: row.expires_at.map(Timestamp::from_millis),
            }),
            _ => None,
        };
        Ok(Self {
            monitor: id_of(TABLE, &row.id)?,
            machine,
            recorded_to: Timestamp::from_millis(row.recorded_to),
            rolled_to: Timestamp::from_millis(row.rolled_to),
            last,
            bar: Bar::from_stored(row.bar_last, &row.bar),
            spark: row.spark.into_iter().map(|us| u32::try_from(us).unwrap_or(0)).collect(),
            flapping: Flapping::from_parts(flaps, row.flapping_since.map(Timestamp::from_millis)),
            told_expiry: match row.told_expiry.as_deref() {
                Some([of, days]) => Some((Timestamp::from_millis(*of), u32::try_from(*days).unwrap_or(0))),
                _ => None,
            },
        })
    }
}

/// The states of all monitors, for the engine.
pub struct States<'a>(&'a Store);

impl Store {
    /// The states of all monitors, for the engine.
    pub fn states(&self) -> States<'_> {
        States(self)
    }
}

impl States<'_> {
    /// All of them.
    pub async fn all(&self) -> Result<Vec<StateRow>, StoreError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let rows = self.0.db.page::<Row>(TABLE, after.as_ref()).await?;
            let Some(last) = rows.last() else { return Ok(all) };
            after = Some(last.id.clone());
            for row in rows {
                all.push(row.try_into()?);
            }
        }
    }
}
