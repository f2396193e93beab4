//! Summaries of an hour or a day, `rollup:[monitor, level, start]`.

use domain::check::Phases;
use domain::histogram::Histogram;
use domain::uptime::Tally;
use domain::{MonitorId, Timestamp};
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
    fn name(self) -> &'static str {
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
    /// Adds a success.
    pub fn add_success(&mut self, duration_us: u32, phases: &Phases) {
        self.add_successes(duration_us, phases, 1);
    }

    /// Adds several successes of the same latency.
    pub fn add_successes(&mut self, duration_us: u32, phases: &Phases, times: u32) {
        self.checks += times;
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
    pub fn add_failure(&mut self) {
        self.checks += 1;
        self.failures += 1;
    }

    /// Adds everything of another.
    pub fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        self.checks += other.checks;
        self.failures += other.failures;
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

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    states: Vec<i64>,
    checks: i64,
    failures: i64,
    missed: i64,
    sum_us: i64,
    min_us: Option<i64>,
    max_us: Option<i64>,
    phases: Vec<i64>,
    histogram: Bytes,
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Row {
    pub(crate) fn new(monitor: MonitorId, level: Level, start: Timestamp, rollup: &Rollup) -> Self {
        Self {
            id: compound(TABLE, vec![text(monitor), text(level.name()), number(start.as_millis())]),
            states: rollup.tally.as_array().into_iter().map(signed).collect(),
            checks: i64::from(rollup.checks),
            failures: i64::from(rollup.failures),
            missed: i64::from(rollup.missed),
            sum_us: signed(rollup.sum_us),
            min_us: rollup.min_us.map(i64::from),
            max_us: rollup.max_us.map(i64::from),
            phases: rollup.phases.iter().flat_map(|(sum, count)| [signed(*sum), i64::from(*count)]).collect(),
            histogram: rollup.histogram.to_bytes().into(),
        }
    }

    fn read(self) -> Result<(Timestamp, Rollup), StoreError> {
        let wrong = |what: &str| damaged(TABLE, what);
        let start = key_number(&self.id, 2).ok_or_else(|| wrong("its key has no time"))?;
        let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
        let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let states: Vec<u64> = self.states.into_iter().map(unsigned).collect();
        let mut phases = [(0, 0); 5];
        for (slot, pair) in phases.iter_mut().zip(self.phases.as_chunks::<2>().0) {
            *slot = (unsigned(pair[0]), small(pair[1]));
        }
        let rollup = Rollup {
            tally: Tally::from_array(states.try_into().map_err(|_| wrong("it has not eight states"))?),
            checks: small(self.checks),
            failures: small(self.failures),
            missed: small(self.missed),
            sum_us: unsigned(self.sum_us),
            min_us: self.min_us.map(small),
            max_us: self.max_us.map(small),
            phases,
            histogram: Histogram::from_bytes(&self.histogram).ok_or_else(|| wrong("its histogram is damaged"))?,
        };
        Ok((Timestamp::from_millis(start), rollup))
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
        let rows = self.store.db.run(text, variables).await?.rows::<Row>(0)?;
        rows.into_iter().map(Row::read).collect()
    }
}
