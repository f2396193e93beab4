//! Sealed checks, `segment:[monitor, level, -start]`: the pieces of an hour, and the day after those of a day.
//!
//! Invariant: sealing adds to what is sealed already (the same check once), and the new pieces take the place of the old ones
//! in one transaction. So an hour can be sealed again after a crash, a late check finds its hour, and whoever reads both
//! levels at any moment misses nothing and drops what it sees twice.

use domain::time::{DAY_MS, HOUR_MS};
use domain::view::CheckView;
use domain::{MonitorId, Timestamp};
use surrealdb::types::{Bytes, RecordId, SurrealValue, Value};

use crate::error::StoreError;
use crate::open::Store;
use crate::packed::{Piece, pack, unpack};
use crate::rollups::Level;
use crate::rows::{compound, damaged, key_number, number, text, vars};

const TABLE: &str = "segment";
/// A transaction does not grow beyond this and its last piece: far below the memtable.
const LARGE_BYTES: usize = 2 << 20;

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    checks: i64,
    data: Bytes,
}

impl Row {
    fn new(monitor: MonitorId, level: Level, piece: Piece) -> Self {
        Self { id: key(monitor, level, piece.start), checks: i64::from(piece.checks), data: piece.data.into() }
    }
}

fn key(monitor: MonitorId, level: Level, start: Timestamp) -> RecordId {
    compound(TABLE, vec![text(monitor), text(level.name()), number(-start.as_millis())])
}

/// Checks of one hour of a monitor that are to be sealed.
#[derive(Debug, Clone)]
pub struct Unsealed {
    /// Whose.
    pub monitor: MonitorId,
    /// The full hour.
    pub hour: Timestamp,
    /// In any order.
    pub checks: Vec<CheckView>,
}

/// How much was packed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackedSize {
    /// Checks.
    pub checks: u64,
    /// The bytes that they take.
    pub bytes: u64,
}

/// The sealed checks of one monitor. Whether the asker may see the monitor is decided before.
pub struct Segments<'a> {
    store: &'a Store,
    monitor: MonitorId,
}

impl Store {
    /// The sealed checks of one monitor.
    pub fn segments(&self, monitor: MonitorId) -> Segments<'_> {
        Segments { store: self, monitor }
    }

    /// Seals hours of some monitors, in one transaction unless it would be large.
    pub async fn seal(&self, hours: Vec<Unsealed>) -> Result<(), StoreError> {
        let mut change = Change::default();
        for Unsealed { monitor, hour, checks } in hours {
            let sealed = self.segments(monitor).pieces(Level::Hour, hour, after(hour, HOUR_MS)).await?;
            change.replace(monitor, Level::Hour, sealed, checks)?;
            if change.bytes() > LARGE_BYTES {
                self.apply(std::mem::take(&mut change)).await?;
            }
        }
        self.apply(change).await
    }

    async fn apply(&self, change: Change) -> Result<(), StoreError> {
        let Change { gone, rows } = change;
        if rows.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let query = "BEGIN;
            DELETE $gone RETURN NONE;
            INSERT INTO segment $rows ON DUPLICATE KEY UPDATE checks = $input.checks, data = $input.data RETURN NONE;
            COMMIT;";
        let rows: Vec<Value> = rows.into_iter().map(SurrealValue::into_value).collect();
        self.db.run(query, vars! { gone: gone, rows: rows }).await.map(drop)
    }
}

/// Pieces that go and pieces that come, in one transaction.
#[derive(Default)]
struct Change {
    gone: Vec<RecordId>,
    rows: Vec<Row>,
}

impl Change {
    fn bytes(&self) -> usize {
        self.rows.iter().map(|row| row.data.len()).sum()
    }

    /// Replaces pieces by those of a level that hold what they held and some more checks.
    fn replace(&mut self, monitor: MonitorId, level: Level, old: Vec<Row>, more: Vec<CheckView>) -> Result<(), StoreError> {
        let mut all = read(&old)?;
        all.extend(more);
        in_order(&mut all);
        let rows: Vec<Row> = pack(&all).into_iter().map(|piece| Row::new(monitor, level, piece)).collect();
        self.gone.extend(old.into_iter().map(|row| row.id).filter(|id| !rows.iter().any(|row| row.id == *id)));
        self.rows.extend(rows);
        Ok(())
    }
}

fn read(rows: &[Row]) -> Result<Vec<CheckView>, StoreError> {
    let mut all = Vec::new();
    for row in rows {
        all.extend(unpack(&row.data).ok_or_else(|| damaged(TABLE, "its checksum or form is wrong"))?);
    }
    Ok(all)
}

/// In order of time, and each check once.
pub(crate) fn in_order(checks: &mut Vec<CheckView>) {
    checks.sort_by_key(|check| check.at);
    checks.dedup_by_key(|check| check.at);
}

fn after(instant: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_millis(instant.as_millis().saturating_add(ms))
}

impl Segments<'_> {
    /// The pieces of a level that start in `from <= start < to`.
    async fn pieces(&self, level: Level, from: Timestamp, to: Timestamp) -> Result<Vec<Row>, StoreError> {
        let query = "SELECT * FROM type::record('segment', [$monitor, $level, $first]..[$monitor, $level, $end])";
        let variables = vars! {
            monitor: self.monitor.to_string(), level: level.name().to_owned(),
            first: 1i64.saturating_sub(to.as_millis()), end: 1i64.saturating_sub(from.as_millis()),
        };
        self.store.db.run(query, variables).await?.rows::<Row>(0)
    }

    /// The sealed checks of `from <= at < to`, which is a day or less, in order of time.
    pub(crate) async fn within(&self, from: Timestamp, to: Timestamp) -> Result<Vec<CheckView>, StoreError> {
        // Hours first: what is merged in between is then seen twice rather than not at all.
        let mut all = read(&self.pieces(Level::Hour, from.floor(HOUR_MS), to).await?)?;
        all.extend(read(&self.pieces(Level::Day, from.floor(DAY_MS), to).await?)?);
        all.retain(|check| check.at >= from && check.at < to);
        in_order(&mut all);
        Ok(all)
    }

    /// How large the pieces of a level are that start in a day.
    async fn bytes(&self, level: Level, day: Timestamp) -> Result<usize, StoreError> {
        let query = "SELECT VALUE bytes::len(data) FROM type::record('segment', [$monitor, $level, $first]..[$monitor, $level, $end])";
        let variables = vars! {
            monitor: self.monitor.to_string(), level: level.name().to_owned(),
            first: 1i64.saturating_sub(after(day, DAY_MS).as_millis()), end: 1i64.saturating_sub(day.as_millis()),
        };
        let sizes = self.store.db.run(query, variables).await?.rows::<i64>(0)?;
        Ok(sizes.into_iter().filter_map(|size| usize::try_from(size).ok()).sum())
    }

    /// Where the newest piece before an instant starts.
    pub(crate) async fn newest_before(&self, to: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut newest = None;
        for level in [Level::Hour, Level::Day] {
            newest = newest.max(self.starts(level, to, 1).await?.into_iter().next());
        }
        Ok(newest)
    }

    /// Where the newest pieces of a level before an instant start, newest first.
    async fn starts(&self, level: Level, to: Timestamp, limit: i64) -> Result<Vec<Timestamp>, StoreError> {
        let query = "SELECT VALUE id FROM type::record('segment', [$monitor, $level, $first]..[$monitor, $level, {}]) LIMIT $limit";
        let variables = vars! {
            monitor: self.monitor.to_string(), level: level.name().to_owned(), first: 1i64.saturating_sub(to.as_millis()), limit: limit,
        };
        let ids = self.store.db.run(query, variables).await?.rows::<RecordId>(0)?;
        let start = |id: &RecordId| key_number(id, 2).map(|start| Timestamp::from_millis(-start));
        ids.iter().map(|id| start(id).ok_or_else(|| damaged(TABLE, "its key has no time"))).collect()
    }

    /// The newest day before an instant that has hours which are not merged.
    pub async fn unmerged_day(&self, before: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.starts(Level::Hour, before, 1).await?.first().map(|start| start.floor(DAY_MS)))
    }

    /// Merges the hours of a day into pieces of the day, in one transaction. A day of failures that each say something else
    /// is too large for one: its hours become pieces of the day one by one.
    pub async fn merge(&self, day: Timestamp) -> Result<(), StoreError> {
        let size = self.bytes(Level::Hour, day).await? + self.bytes(Level::Day, day).await?;
        if size <= LARGE_BYTES {
            return self.merge_within(day, DAY_MS).await;
        }
        for hour in 0..DAY_MS / HOUR_MS {
            self.merge_within(after(day, hour * HOUR_MS), HOUR_MS).await?;
        }
        Ok(())
    }

    async fn merge_within(&self, from: Timestamp, width_ms: i64) -> Result<(), StoreError> {
        let mut old = self.pieces(Level::Hour, from, after(from, width_ms)).await?;
        if old.is_empty() {
            return Ok(());
        }
        old.extend(self.pieces(Level::Day, from, after(from, width_ms)).await?);
        let mut change = Change::default();
        change.replace(self.monitor, Level::Day, old, Vec::new())?;
        self.store.apply(change).await
    }

    /// Seals checks of a day that ended, without sealing its hours first.
    pub async fn seal_day(&self, day: Timestamp, checks: Vec<CheckView>) -> Result<(), StoreError> {
        let old = self.pieces(Level::Day, day, after(day, DAY_MS)).await?;
        let mut change = Change::default();
        change.replace(self.monitor, Level::Day, old, checks)?;
        self.store.apply(change).await
    }

    /// Deletes the pieces of days before an instant, one bounded piece of them; true when none is left.
    pub async fn trim(&self, before: Timestamp) -> Result<bool, StoreError> {
        for level in [Level::Hour, Level::Day] {
            let old = self.starts(level, before.floor(DAY_MS), 200).await?;
            if !old.is_empty() {
                let gone: Vec<RecordId> = old.into_iter().map(|start| key(self.monitor, level, start)).collect();
                self.store.apply(Change { gone, rows: Vec::new() }).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the newest merged day takes.
    pub async fn size(&self) -> Result<PackedSize, StoreError> {
        let Some(newest) = self.starts(Level::Day, Timestamp::from_millis(i64::MAX), 1).await?.into_iter().next() else {
            return Ok(PackedSize::default());
        };
        let size = |n: usize| u64::try_from(n).unwrap_or(0);
        let rows = self.pieces(Level::Day, newest.floor(DAY_MS), after(newest.floor(DAY_MS), DAY_MS)).await?;
        Ok(PackedSize {
            checks: rows.iter().map(|row| u64::try_from(row.checks).unwrap_or(0)).sum(),
            bytes: rows.iter().map(|row| size(row.data.len())).sum(),
        })
    }
}
