//! Raw results, `result:[monitor, -t]`: time is negated so that a range reads the newest first.
//!
//! `ORDER BY id DESC LIMIT n` over `type::record(range)` answers the oldest rows in 3.3.5: it is never written here,
//! and a test would tell when a newer version mends it.

use domain::check::{Failure, Observation, Phases, Reason};
use domain::machine::Verdict;
use domain::view::CheckView;
use domain::{MonitorId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, damaged, key_number, number, text, vars};

const TABLE: &str = "result";

/// A check to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResult {
    /// Whose.
    pub monitor: MonitorId,
    /// What it saw.
    pub observation: Observation,
}

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    us: i64,
    phases: Vec<i64>,
    status: Option<i64>,
    reason: Option<String>,
    error: Option<String>,
    /// The reason and the message are of a fault of degree.
    degraded: Option<bool>,
    excerpt: Option<String>,
}

impl From<&StoredResult> for Row {
    fn from(result: &StoredResult) -> Self {
        let seen = &result.observation;
        let fault = seen.failure.as_ref().or(seen.warning.as_ref());
        let phases = [seen.phases.dns_us, seen.phases.connect_us, seen.phases.tls_us, seen.phases.first_byte_us, seen.phases.download_us];
        Self {
            id: compound(TABLE, vec![text(result.monitor), number(-seen.at.as_millis())]),
            us: i64::from(seen.duration_us),
            phases: phases.into_iter().map(|us| us.map_or(-1, i64::from)).collect(),
            status: seen.status.map(i64::from),
            reason: fault.map(|f| f.reason.name().to_owned()),
            error: fault.map(|f| f.message.clone()),
            degraded: (seen.verdict() == Verdict::Degraded).then_some(true),
            excerpt: seen.excerpt.clone(),
        }
    }
}

impl TryFrom<Row> for CheckView {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let at = key_number(&row.id, 1).ok_or_else(|| damaged(TABLE, "its key has no time"))?;
        let phase = |i: usize| row.phases.get(i).and_then(|us| u32::try_from(*us).ok());
        let fault = row.reason.map(|reason| Failure {
            reason: Reason::from_name(&reason).unwrap_or(Reason::Protocol),
            message: row.error.unwrap_or_default(),
        });
        let (failure, warning) = if row.degraded == Some(true) { (None, fault) } else { (fault, None) };
        Ok(Self {
            at: Timestamp::from_millis(-at),
            duration_us: u32::try_from(row.us).unwrap_or(u32::MAX),
            phases: Phases { dns_us: phase(0), connect_us: phase(1), tls_us: phase(2), first_byte_us: phase(3), download_us: phase(4) },
            status: row.status.and_then(|s| u16::try_from(s).ok()),
            failure,
            warning,
            excerpt: row.excerpt,
        })
    }
}

/// The raw results of one monitor. Whether the asker may see the monitor is decided before.
pub struct Results<'a> {
    store: &'a Store,
    monitor: MonitorId,
}

impl Store {
    /// The raw results of one monitor.
    pub fn results(&self, monitor: MonitorId) -> Results<'_> {
        Results { store: self, monitor }
    }
}

/// Rows of one window that are read at once: the literal range is materialised as a whole.
const CHUNK: u32 = 2_000;

impl Results<'_> {
    /// The newest of `from <= t < to`, newest first, at most `limit`.
    pub async fn newest(&self, from: Timestamp, to: Timestamp, limit: u32) -> Result<Vec<CheckView>, StoreError> {
        // Negated: the newest, just before `to`, is the smallest key; a range excludes its end.
        let query = "SELECT * FROM type::record('result', [$monitor, $first]..[$monitor, $end]) LIMIT $limit";
        let variables = vars! {
            monitor: self.monitor.to_string(), first: 1i64.saturating_sub(to.as_millis()),
            end: 1i64.saturating_sub(from.as_millis()), limit: i64::from(limit),
        };
        let rows = self.store.db.run(query, variables).await?.rows::<Row>(0)?;
        rows.into_iter().map(CheckView::try_from).collect()
    }

    /// Deletes what is older than an instant, one bounded piece; true when nothing is left of it.
    pub async fn trim(&self, before: Timestamp) -> Result<bool, StoreError> {
        let query = "LET $ids = (SELECT VALUE id FROM type::record('result', [$monitor, $first]..[$monitor, {}]) LIMIT 1000);
            DELETE $ids RETURN NONE;
            RETURN array::len($ids);";
        let variables = vars! { monitor: self.monitor.to_string(), first: 1i64.saturating_sub(before.as_millis()) };
        Ok(self.store.db.run(query, variables).await?.row::<i64>(2)?.unwrap_or(0) == 0)
    }

    /// All of `from <= t < to`, newest first, given to `take` in pieces of bounded size.
    pub async fn each(&self, from: Timestamp, mut to: Timestamp, mut take: impl FnMut(CheckView)) -> Result<(), StoreError> {
        loop {
            let rows = self.newest(from, to, CHUNK).await?;
            let full = u32::try_from(rows.len()).is_ok_and(|n| n == CHUNK);
            let oldest = rows.last().map(|r| r.at);
            rows.into_iter().for_each(&mut take);
            match oldest {
                Some(oldest) if full => to = oldest,
                _ => return Ok(()),
            }
        }
    }
}
