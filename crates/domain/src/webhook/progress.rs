//! How far a schedule has come: one small row, written with whatever it decides.

use serde::{Deserialize, Serialize};

use super::occurrence::RunState;
use crate::time::Timestamp;

/// Outcomes that the success rate is made of.
pub const RECENT: u32 = 64;
/// Outcomes that a row shows.
const SHOWN: u32 = 32;

/// A person stopped it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When.
    pub at: Timestamp,
    /// Who, by name; empty: it switched itself off.
    pub by: String,
    /// Why.
    pub note: String,
    /// When it goes on by itself.
    pub until: Option<Timestamp>,
}

/// The last run that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// Its nominal time.
    pub nominal: Timestamp,
    /// How it ended.
    pub state: RunState,
    /// The last status.
    pub status: Option<u16>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How long its last attempt took.
    pub duration_ms: u32,
    /// What went wrong; empty: nothing.
    pub note: String,
}

/// How far a schedule has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// All times of the timetable up to here are decided.
    pub cursor: Timestamp,
    /// Runs that the timetable has begun.
    pub runs: u64,
    /// Nominal times of occurrences that have not ended, in order.
    pub open: Vec<Timestamp>,
    /// Failed runs in a row.
    pub streak: u32,
    /// When the first of them was due.
    pub failing_since: Option<Timestamp>,
    /// That it will switch itself off was told.
    pub warned: bool,
    /// That it keeps failing was told.
    pub told: bool,
    /// The last skipped time that somebody was told of.
    pub skip_told: Option<Timestamp>,
    /// The last run that ended.
    pub last: Option<Last>,
    /// Outcomes of the last [`RECENT`] runs, the newest in the lowest bit: 1 succeeded.
    pub recent: u64,
    /// How many of them there are.
    pub recent_count: u32,
    /// All runs that succeeded.
    pub succeeded: u64,
    /// All runs that failed.
    pub failed: u64,
    /// All times that did not run.
    pub missed: u64,
    /// A person stopped it, or it stopped itself.
    pub pause: Option<Pause>,
}

impl Progress {
    /// A new one: nothing before now is its business.
    pub fn new(now: Timestamp) -> Self {
        Self { cursor: now, ..Self::default() }
    }

    /// Learns how a run ended. `counts`: not of one that was repeated by hand, which says nothing about the schedule.
    pub fn ended(&mut self, last: Last, counts: bool) {
        self.open.retain(|nominal| *nominal != last.nominal);
        let succeeded = last.state == RunState::Succeeded;
        if counts && matches!(last.state, RunState::Succeeded | RunState::Failed) {
            self.recent = (self.recent << 1) | u64::from(succeeded);
            self.recent_count = (self.recent_count + 1).min(RECENT);
            if succeeded {
                self.succeeded += 1;
                (self.streak, self.failing_since, self.warned, self.told) = (0, None, false, false);
            } else {
                self.failed += 1;
                self.streak += 1;
                self.failing_since.get_or_insert(last.nominal);
            }
        }
        if counts {
            self.last = Some(last);
        }
    }

    /// What a person gave another chance: failures before count no more.
    pub fn forgiven(self) -> Self {
        Self { streak: 0, failing_since: None, warned: false, told: false, ..self }
    }

    /// The share of the recent runs that succeeded.
    pub fn success_rate(&self) -> Option<f64> {
        if self.recent_count == 0 {
            return None;
        }
        let mask = if self.recent_count >= RECENT { u64::MAX } else { (1 << self.recent_count) - 1 };
        Some(f64::from((self.recent & mask).count_ones()) / f64::from(self.recent_count))
    }

    /// The recent outcomes, the oldest first: true for a success.
    pub fn outcomes(&self) -> Vec<bool> {
        (0..self.recent_count.min(SHOWN)).rev().map(|nth| self.recent >> nth & 1 == 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(state: RunState, ms: i64) -> Last {
        let at = Timestamp::from_millis(ms);
        Last { nominal: at, state, status: None, ended_at: at, duration_ms: 1, note: String::new() }
    }

    #[test]
    fn a_success_ends_a_streak_and_a_repeated_run_says_nothing() {
        let mut progress = Progress::new(Timestamp::default());
        for ms in [1, 2, 3] {
            progress.open.push(Timestamp::from_millis(ms));
            progress.ended(last(RunState::Failed, ms), true);
        }
        assert_eq!((progress.streak, progress.failing_since, progress.open.len()), (3, Some(Timestamp::from_millis(1)), 0));
        progress.ended(last(RunState::Succeeded, 2), false);
        assert_eq!((progress.streak, progress.recent_count), (3, 3));
        assert_eq!(progress.last.as_ref().map(|last| last.state), Some(RunState::Failed), "nor about how it stands");
        progress.ended(last(RunState::Succeeded, 4), true);
        assert_eq!((progress.streak, progress.failing_since, progress.success_rate()), (0, None, Some(0.25)));
        assert_eq!(progress.outcomes(), [false, false, false, true]);
        for _ in 0..100 {
            progress.ended(last(RunState::Succeeded, 5), true);
        }
        assert_eq!((progress.success_rate(), progress.outcomes().len()), (Some(1.0), 32));
    }
}
