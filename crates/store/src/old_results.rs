//! The rows of an earlier version, `result:[monitor, -t]`, a check each: read until they are sealed, and sealed in the
//! background, the newest first.

use std::sync::atomic::Ordering;

use domain::check::{Failure, Phases, Reason};
use domain::time::HOUR_MS;
use domain::view::CheckView;
use domain::{MonitorId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, key_number, none, vars};
use crate::segments::Unsealed;

const TABLE: &str = "result";
/// Rows that are read at once.
const CHUNK: i64 = 2_000;

#[derive(SurrealValue)]
struct Row {
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

/// The old rows of one monitor.
pub(crate) struct OldResults<'a> {
    store: &'a Store,
    monitor: MonitorId,
}

impl Store {
    pub(crate) fn old_results(&self, monitor: MonitorId) -> OldResults<'_> {
        OldResults { store: self, monitor }
    }

    /// Looks whether there are old rows at all: while there are, readers look at them.
    pub async fn look_for_old_results(&self) -> Result<(), StoreError> {
        let any = self.db.run("SELECT VALUE id FROM result LIMIT 1", none()).await?.row::<RecordId>(0)?.is_some();
        self.old.store(any, Ordering::Release);
        Ok(())
    }

    /// Whether rows of an earlier version wait to be sealed.
    pub fn has_old_results(&self) -> bool {
        self.old.load(Ordering::Acquire)
    }

    /// Seals the hour of the newest old row of a monitor and deletes its rows; true when none is left.
    pub async fn seal_old_results(&self, monitor: MonitorId) -> Result<bool, StoreError> {
        let old = self.old_results(monitor);
        let Some(newest) = old.newest_before(Timestamp::from_millis(i64::MAX)).await? else { return Ok(true) };
        let hour = newest.floor(HOUR_MS);
        let end = Timestamp::from_millis(hour.as_millis().saturating_add(HOUR_MS));
        let checks = old.within(hour, end).await?;
        // Two transactions: rows that a crash leaves behind are sealed again, which changes nothing.
        self.seal(vec![Unsealed { monitor, hour, checks }]).await?;
        let query = "DELETE type::record('result', [$monitor, $first]..[$monitor, $end]) RETURN NONE";
        self.db.run(query, old.range(hour, end)).await?;
        Ok(false)
    }
}

impl OldResults<'_> {
    fn range(&self, from: Timestamp, to: Timestamp) -> surrealdb::types::Variables {
        // Negated: the newest, just before `to`, is the smallest key; a range excludes its end.
        vars! {
            monitor: self.monitor.to_string(), first: 1i64.saturating_sub(to.as_millis()), end: 1i64.saturating_sub(from.as_millis()),
            limit: CHUNK,
        }
    }

    /// All of `from <= at < to`, newest first.
    pub(crate) async fn within(&self, from: Timestamp, mut to: Timestamp) -> Result<Vec<CheckView>, StoreError> {
        let mut all: Vec<CheckView> = Vec::new();
        loop {
            let query = "SELECT * FROM type::record('result', [$monitor, $first]..[$monitor, $end]) LIMIT $limit";
            let rows = self.store.db.run(query, self.range(from, to)).await?.rows::<Row>(0)?;
            let full = i64::try_from(rows.len()).is_ok_and(|n| n == CHUNK);
            for row in rows {
                all.push(row.try_into()?);
            }
            match all.last() {
                Some(oldest) if full => to = oldest.at,
                _ => return Ok(all),
            }
        }
    }

    /// The newest one before an instant.
    pub(crate) async fn newest_before(&self, to: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let query = "SELECT VALUE id FROM type::record('result', [$monitor, $first]..[$monitor, {}]) LIMIT 1";
        let variables = vars! { monitor: self.monitor.to_string(), first: 1i64.saturating_sub(to.as_millis()) };
        let id = self.store.db.run(query, variables).await?.row::<RecordId>(0)?;
        Ok(id.and_then(|id| key_number(&id, 1)).map(|at| Timestamp::from_millis(-at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::StoreConfig;
    use crate::rows::{compound, number, text};

    const NOW: i64 = 1_790_000_000_000;

    async fn write(store: &Store, monitor: MonitorId, times: impl Iterator<Item = i64>) {
        for at in times {
            let id = compound(TABLE, vec![text(monitor), number(-at)]);
            let query =
                "CREATE $id SET us = 1500, phases = [10, -1, -1, 900, 5], status = 503, reason = 'status', error = 'no' RETURN NONE";
            store.db.run(query, vars! { id: id }).await.expect("written");
        }
    }

    #[tokio::test]
    async fn rows_of_an_earlier_version_are_read_and_sealed() {
        let store = Store::open(&StoreConfig::memory()).await.expect("opens");
        let monitor = MonitorId::from_bits(1);
        let times: Vec<i64> = (0..90).map(|n| NOW + n * 120_000).collect();
        write(&store, monitor, times.iter().copied()).await;
        assert!(!store.has_old_results());
        store.look_for_old_results().await.expect("looks");
        assert!(store.has_old_results());
        let from = Timestamp::from_millis(NOW);
        let seen = |checks: Vec<CheckView>| checks.iter().map(|check| check.at.as_millis()).collect::<Vec<_>>();
        let checks = store.checks(monitor);
        let end = Timestamp::from_millis(i64::MAX);
        let whole = async || {
            let mut all = Vec::new();
            let mut day = from;
            while day.as_millis() < NOW + 2 * domain::time::DAY_MS {
                all.extend(seen(checks.of_day(day, end).await.expect("reads")));
                day = Timestamp::from_millis(day.floor(domain::time::DAY_MS).as_millis() + domain::time::DAY_MS);
            }
            all
        };
        assert_eq!(whole().await, times);
        let mut hours = 0;
        while !store.seal_old_results(monitor).await.expect("seals") {
            hours += 1;
            assert_eq!(whole().await, times, "nothing is missing while it moves");
        }
        assert!(hours >= 3);
        store.look_for_old_results().await.expect("looks");
        assert!(!store.has_old_results());
        assert_eq!(whole().await, times);
        let first = checks.of_day(from, end).await.expect("reads").remove(0);
        assert_eq!((first.status, first.phases.connect_us, first.failure.map(|f| f.reason)), (Some(503), None, Some(Reason::Status)));
    }
}
