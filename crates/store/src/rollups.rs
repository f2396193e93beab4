//! Summaries of an hour or a day, `rollup:[monitor, level, start]`.

use std::collections::BTreeMap;

use domain::check::{Phases, Reason};
use domain::histogram::Histogram;
use domain::uptime::Tally;
use domain::{MonitorId, Timestamp, varint};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, damaged, key_number, number, text, vars};

const TABLE: &str = "rollup";

/// How long a summary's piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// An hour from a full hour of UTC on.
    Hour,
    /// A day of UTC.
    Day,
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hour => "h",
            Self::Day => "d",
        }
    }
}

/// What happened to a monitor in a piece of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollup {
    /// Time in each state.
    pub tally: Tally,
    /// Checks that ran.
    pub checks: u32,
    /// Failures among them.
    pub failures: u32,
    /// Failures by their reason. Those that were counted before reasons were are missing here.
    pub reasons: BTreeMap<Reason, u32>,
    /// Slots that did not run.
    pub missed: u32,
    /// Sum of the latencies of successes, in microseconds.
    pub sum_us: u64,
    /// The fastest success.
    pub min_us: Option<u32>,
    /// The slowest success.
    pub max_us: Option<u32>,
    /// Sum and count of each phase of successes.
    pub phases: [(u64, u32); 5],
    /// Latencies of successes.
    pub histogram: Histogram,
}

impl Rollup {
    /// The same without how long anything took.
    pub fn untimed(self) -> Self {
        Self { sum_us: 0, min_us: None, max_us: None, phases: Default::default(), histogram: Histogram::default(), ..self }
    }

    /// Adds a success.
    pub fn add_success(&mut self, duration_us: u32, phases: &Phases) {
        self.add_successes(duration_us, phases, 1);
    }

    /// Adds several successes of the same latency. One of none took no time that could be measured: the state of a group, or
    /// a job that did not say when it began.
    pub fn add_successes(&mut self, duration_us: u32, phases: &Phases, times: u32) {
        self.checks += times;
        if duration_us == 0 {
            return;
        }
        self.sum_us += u64::from(duration_us) * u64::from(times);
        self.min_us = Some(self.min_us.map_or(duration_us, |m| m.min(duration_us)));
        self.max_us = Some(self.max_us.map_or(duration_us, |m| m.max(duration_us)));
        self.histogram.record_many(duration_us, times);
        let seen = [phases.dns_us, phases.connect_us, phases.tls_us, phases.first_byte_us, phases.download_us];
        for ((sum, count), us) in self.phases.iter_mut().zip(seen) {
            if let Some(us) = us {
                *sum += u64::from(us) * u64::from(times);
                *count += times;
            }
        }
    }

    /// Adds a failure.
    pub fn add_failure(&mut self, reason: Reason) {
        self.add_failures(reason, 1);
    }

    /// Adds several failures of the same reason.
    pub fn add_failures(&mut self, reason: Reason, times: u32) {
        self.checks += times;
        self.failures += times;
        *self.reasons.entry(reason).or_default() += times;
    }

    /// Adds everything of another.
    pub fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        self.checks += other.checks;
        self.failures += other.failures;
        for (reason, failures) in &other.reasons {
            *self.reasons.entry(*reason).or_default() += failures;
        }
        self.missed += other.missed;
        self.sum_us += other.sum_us;
        self.min_us = [self.min_us, other.min_us].into_iter().flatten().min();
        self.max_us = [self.max_us, other.max_us].into_iter().flatten().max();
        for (mine, theirs) in self.phases.iter_mut().zip(other.phases) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        }
        self.histogram.merge(&other.histogram);
    }

    /// The mean of each phase.
    pub fn mean_phases(&self) -> Phases {
        let [dns, connect, tls, first, download] =
            self.phases.map(|(sum, count)| sum.checked_div(u64::from(count)).and_then(|us| u32::try_from(us).ok()));
        Phases { dns_us: dns, connect_us: connect, tls_us: tls, first_byte_us: first, download_us: download }
    }
}

/// The version of the packed form, its first byte.
const VERSION: u8 = 1;

impl Rollup {
    /// Packed for the database: most of a rollup is its histogram.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        let states = self.tally.as_array();
        out.push(mask(states.iter().map(|ms| *ms != 0)));
        states.into_iter().filter(|ms| *ms != 0).for_each(|ms| varint::write(&mut out, ms));
        let successes = self.checks.saturating_sub(self.failures);
        [self.checks, self.failures, self.missed].into_iter().for_each(|n| varint::write(&mut out, u64::from(n)));
        varint::write(&mut out, self.reasons.keys().fold(0, |mask, reason| mask | 1 << reason.number()));
        self.reasons.values().for_each(|failures| varint::write(&mut out, u64::from(*failures)));
        varint::write(&mut out, self.sum_us);
        // One more, so that 0 is none.
        [self.min_us, self.max_us].into_iter().for_each(|us| varint::write(&mut out, us.map_or(0, |us| u64::from(us) + 1)));
        out.push(mask(self.phases.iter().map(|(_, count)| *count != 0)));
        for (sum, count) in self.phases.into_iter().filter(|(_, count)| *count != 0) {
            varint::write(&mut out, sum);
            varint::write_signed(&mut out, i64::from(successes) - i64::from(count));
        }
        out.extend_from_slice(&self.histogram.to_bytes());
        out
    }

    /// Reads what [`Rollup::to_bytes`] wrote; `None` when it is damaged.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[VERSION])?;
        let mut states = [0; 8];
        read_masked(&mut rest, &mut states, varint::read)?;
        let mut small = || u32::try_from(varint::read(&mut rest)?).ok();
        let (checks, failures, missed) = (small()?, small()?, small()?);
        let mut reasons = BTreeMap::new();
        let there = varint::read(&mut rest)?;
        for number in (0..64).filter(|number| there & (1 << number) != 0) {
            reasons.insert(Reason::from_number(number)?, u32::try_from(varint::read(&mut rest)?).ok()?);
        }
        let sum_us = varint::read(&mut rest)?;
        let mut limit = || Some(varint::read(&mut rest)?.checked_sub(1).and_then(|us| u32::try_from(us).ok()));
        let (min_us, max_us) = (limit()?, limit()?);
        let successes = i64::from(checks.checked_sub(failures)?);
        let mut phases = [(0, 0); 5];
        read_masked(&mut rest, &mut phases, |bytes| {
            let sum = varint::read(bytes)?;
            Some((sum, u32::try_from(successes.checked_sub(varint::read_signed(bytes)?)?).ok()?))
        })?;
        let histogram = Histogram::from_bytes(rest)?;
        Some(Self { tally: Tally::from_array(states), checks, failures, reasons, missed, sum_us, min_us, max_us, phases, histogram })
    }
}

/// A bit for each that is there.
fn mask(there: impl Iterator<Item = bool>) -> u8 {
    there.enumerate().fold(0, |mask, (bit, there)| mask | u8::from(there) << bit)
}

/// Reads those of `slots` that the mask in front of them says are there.
fn read_masked<T>(bytes: &mut &[u8], slots: &mut [T], mut read: impl FnMut(&mut &[u8]) -> Option<T>) -> Option<()> {
    let (mask, rest) = bytes.split_first()?;
    *bytes = rest;
    for (bit, slot) in slots.iter_mut().enumerate() {
        if mask & (1 << bit) != 0 {
            *slot = read(bytes)?;
        }
    }
    Some(())
}

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    data: Bytes,
}

impl Row {
    pub(crate) fn new(monitor: MonitorId, level: Level, start: Timestamp, rollup: &Rollup) -> Self {
        Self { id: compound(TABLE, vec![text(monitor), text(level.name()), number(start.as_millis())]), data: rollup.to_bytes().into() }
    }
}

/// A row as it is read: packed, or in the columns of an earlier version.
#[derive(SurrealValue)]
struct StoredRow {
    id: RecordId,
    data: Option<Bytes>,
    states: Option<Vec<i64>>,
    checks: Option<i64>,
    failures: Option<i64>,
    missed: Option<i64>,
    sum_us: Option<i64>,
    min_us: Option<i64>,
    max_us: Option<i64>,
    phases: Option<Vec<i64>>,
    histogram: Option<Bytes>,
}

impl StoredRow {
    fn read(self) -> Result<(Timestamp, Rollup), StoreError> {
        let start = key_number(&self.id, 2).ok_or_else(|| damaged(TABLE, "its key has no time"))?;
        let rollup = match &self.data {
            Some(data) => Rollup::from_bytes(data).ok_or_else(|| damaged(TABLE, "its packed form is wrong"))?,
            None => self.read_columns()?,
        };
        Ok((Timestamp::from_millis(start), rollup))
    }

    fn read_columns(self) -> Result<Rollup, StoreError> {
        let wrong = |what: &str| damaged(TABLE, what);
        let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
        let small = |n: Option<i64>| u32::try_from(n.unwrap_or(0)).unwrap_or(u32::MAX);
        let states: Vec<u64> = self.states.unwrap_or_default().into_iter().map(unsigned).collect();
        let mut phases = [(0, 0); 5];
        for (slot, pair) in phases.iter_mut().zip(self.phases.unwrap_or_default().as_chunks::<2>().0) {
            *slot = (unsigned(pair[0]), small(Some(pair[1])));
        }
        let histogram = self.histogram.as_ref().map_or(&[][..], |bytes| bytes);
        Ok(Rollup {
            tally: Tally::from_array(states.try_into().map_err(|_| wrong("it has not eight states"))?),
            checks: small(self.checks),
            failures: small(self.failures),
            reasons: BTreeMap::new(),
            missed: small(self.missed),
            sum_us: unsigned(self.sum_us.unwrap_or(0)),
            min_us: self.min_us.map(|us| small(Some(us))),
            max_us: self.max_us.map(|us| small(Some(us))),
            phases,
            histogram: Histogram::from_bytes(histogram).ok_or_else(|| wrong("its histogram is damaged"))?,
        })
    }
}

/// The summaries of one monitor. Whether the asker may see the monitor is decided before.
pub struct Rollups<'a> {
    store: &'a Store,
    monitor: MonitorId,
}

impl Store {
    /// The summaries of one monitor.
    pub fn rollups(&self, monitor: MonitorId) -> Rollups<'_> {
        Rollups { store: self, monitor }
    }
}

impl Rollups<'_> {
    /// Those that start in `from <= start < to`, in order of time. A window is at most about 1,500 rows.
    pub async fn between(&self, level: Level, from: Timestamp, to: Timestamp) -> Result<Vec<(Timestamp, Rollup)>, StoreError> {
        let text = "SELECT * FROM type::record('rollup', [$monitor, $level, $from]..[$monitor, $level, $to])";
        let variables = vars! {
            monitor: self.monitor.to_string(), level: level.name().to_owned(), from: from.as_millis(), to: to.as_millis(),
        };
        let rows = self.store.db.run(text, variables).await?.rows::<StoredRow>(0)?;
        rows.into_iter().map(StoredRow::read).collect()
    }

    /// Whether there is a level's first summary before an instant, and where it starts.
    pub async fn oldest(&self, level: Level, before: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let text = "SELECT VALUE id FROM type::record('rollup', [$monitor, $level, NONE]..[$monitor, $level, $before]) LIMIT 1";
        let variables = vars! { monitor: self.monitor.to_string(), level: level.name().to_owned(), before: before.as_millis() };
        let id = self.store.db.run(text, variables).await?.row::<RecordId>(0)?;
        Ok(id.and_then(|id| key_number(&id, 2)).map(Timestamp::from_millis))
    }

    /// Writes summaries of a level, in one transaction.
    pub async fn write(&self, level: Level, rollups: &[(Timestamp, Rollup)]) -> Result<(), StoreError> {
        let rows: Vec<_> = rollups.iter().map(|(start, rollup)| Row::new(self.monitor, level, *start, rollup).into_value()).collect();
        self.store.db.run(WRITE, vars! { rollups: rows }).await.map(drop)
    }

    /// Deletes what starts before an instant, one bounded piece; true when nothing is left of it.
    pub async fn trim(&self, level: Level, before: Timestamp) -> Result<bool, StoreError> {
        let query =
            "LET $ids = (SELECT VALUE id FROM type::record('rollup', [$monitor, $level, NONE]..[$monitor, $level, $before]) LIMIT 500);
            DELETE $ids RETURN NONE;
            RETURN array::len($ids);";
        let variables = vars! { monitor: self.monitor.to_string(), level: level.name().to_owned(), before: before.as_millis() };
        Ok(self.store.db.run(query, variables).await?.row::<i64>(2)?.unwrap_or(0) == 0)
    }
}

/// Writes `$rollups`; one that is there is replaced.
pub(crate) const WRITE: &str = "INSERT INTO rollup $rollups ON DUPLICATE KEY UPDATE data = $input.data RETURN NONE;";

#[cfg(test)]
mod tests {
    use super::*;
    use domain::state::State;
    use proptest::prelude::*;

    #[tokio::test]
    async fn the_columns_of_an_earlier_version_are_read() {
        let store = Store::open(&crate::open::StoreConfig::memory()).await.expect("opens");
        let monitor = MonitorId::from_bits(1);
        let mut rollup = Rollup::default();
        rollup.add_success(1_500, &Phases { dns_us: Some(10), ..Phases::default() });
        // A failure; reasons were not counted then.
        (rollup.checks, rollup.failures) = (2, 1);
        rollup.tally.add_ms(State::Down, 9);
        let id = compound(TABLE, vec![text(monitor), text("h"), number(7)]);
        let query = "CREATE $id SET states = [0, 0, 0, 9, 0, 0, 0, 0], checks = 2, failures = 1, missed = 0, sum_us = 1500, min_us = 1500,
            max_us = 1500, phases = [10, 1, 0, 0, 0, 0, 0, 0, 0, 0], histogram = $histogram RETURN NONE";
        let histogram: Bytes = rollup.histogram.to_bytes().into();
        store.db.run(query, vars! { id: id, histogram: histogram }).await.expect("written");
        let read = store.rollups(monitor).between(Level::Hour, Timestamp::default(), Timestamp::from_millis(99)).await.expect("reads");
        assert_eq!(read, [(Timestamp::from_millis(7), rollup)]);
    }

    proptest! {
        #[test]
        fn a_rollup_comes_back(spans in proptest::collection::vec((0usize..8, any::<u32>()), 0..9), seen: Vec<(u32, [Option<u32>; 5])>, failures in proptest::collection::vec(0..Reason::ALL.len(), 0..9), missed: u32) {
            let mut rollup = Rollup { missed, ..Rollup::default() };
            for (us, [dns_us, connect_us, tls_us, first_byte_us, download_us]) in seen {
                rollup.add_success(us, &Phases { dns_us, connect_us, tls_us, first_byte_us, download_us });
            }
            failures.into_iter().for_each(|reason| rollup.add_failure(Reason::ALL[reason]));
            for (state, ms) in spans {
                rollup.tally.add_ms(State::ALL[state], u64::from(ms));
            }
            prop_assert_eq!(Rollup::from_bytes(&rollup.to_bytes()), Some(rollup));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes: Vec<u8>) {
            bytes.insert(0, VERSION);
            let _damaged = Rollup::from_bytes(&bytes);
        }
    }
}
