//! The checks of the hours that are not sealed yet, packed in memory: what is in the journal, ready to be read and sealed.
//!
//! Invariant: a check is here from when its transaction was committed until a segment holds it, so whoever reads here first and
//! the database then misses nothing.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::time::HOUR_MS;
use domain::view::CheckView;
use store::packed::Run;

/// A run that is larger than this is sealed before its hour ends: failures that each say something else.
const LARGE_BYTES: usize = 48 << 10;

/// The open checks of one monitor, by their hour.
#[derive(Debug, Default)]
pub(crate) struct OpenChecks {
    hours: BTreeMap<Timestamp, Run>,
}

/// An hour that is to be sealed.
pub(crate) struct DueHour {
    pub hour: Timestamp,
    pub checks: Vec<CheckView>,
}

impl OpenChecks {
    /// Adds a check that is committed.
    pub fn push(&mut self, check: &CheckView) {
        let hour = check.at.floor(HOUR_MS);
        self.hours.entry(hour).or_insert_with(|| Run::from(hour)).push(check);
    }

    /// Those of `from <= at < to`, in the order in which they were recorded.
    pub fn within(&self, from: Timestamp, to: Timestamp) -> Vec<CheckView> {
        if from >= to {
            return Vec::new();
        }
        let hours = self.hours.range(from.floor(HOUR_MS)..to);
        hours.flat_map(|(hour, run)| run.checks(*hour)).filter(|check| check.at >= from && check.at < to).collect()
    }

    /// The newest hour with a check before an instant.
    pub fn newest_hour(&self, before: Timestamp) -> Option<Timestamp> {
        self.hours.range(..before).next_back().map(|(hour, _)| *hour)
    }

    /// The oldest hour that is not sealed.
    pub fn oldest_hour(&self) -> Option<Timestamp> {
        self.hours.keys().next().copied()
    }

    /// The hours that ended before `until`, and those that have become large.
    pub fn due(&self, until: Timestamp) -> Vec<DueHour> {
        let due = |(hour, run): &(&Timestamp, &Run)| hour.as_millis() + HOUR_MS <= until.as_millis() || run.size_bytes() > LARGE_BYTES;
        self.hours.iter().filter(due).map(|(hour, run)| DueHour { hour: *hour, checks: run.checks(*hour) }).collect()
    }

    /// Forgets an hour that was sealed with so many checks, unless more have come meanwhile: then it is sealed once more.
    pub fn sealed(&mut self, hour: Timestamp, checks: usize) {
        if self.hours.get(&hour).is_some_and(|run| usize::try_from(run.len()).is_ok_and(|n| n == checks)) {
            self.hours.remove(&hour);
        }
    }

    /// The memory that the runs take.
    pub fn size_bytes(&self) -> usize {
        self.hours.values().map(Run::size_bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 / HOUR_MS * HOUR_MS + ms)
    }

    fn of(instants: &[i64]) -> OpenChecks {
        let mut open = OpenChecks::default();
        instants.iter().for_each(|ms| open.push(&CheckView { at: at(*ms), ..CheckView::default() }));
        open
    }

    fn times(checks: &[CheckView]) -> Vec<i64> {
        checks.iter().map(|check| check.at.as_millis() - at(0).as_millis()).collect()
    }

    #[test]
    fn windows_are_half_open() {
        let open = of(&[0, 5, HOUR_MS - 1, HOUR_MS, 3 * HOUR_MS]);
        assert_eq!(times(&open.within(at(5), at(HOUR_MS))), [5, HOUR_MS - 1]);
        assert_eq!(times(&open.within(at(HOUR_MS), at(9 * HOUR_MS))), [HOUR_MS, 3 * HOUR_MS]);
        assert!(open.within(at(9), at(3)).is_empty());
        assert_eq!((open.oldest_hour(), open.newest_hour(at(3 * HOUR_MS))), (Some(at(0)), Some(at(HOUR_MS))));
    }

    #[test]
    fn an_hour_that_grew_while_it_was_sealed_stays() {
        let mut open = of(&[1, 2, HOUR_MS + 1]);
        let due = open.due(at(HOUR_MS));
        assert_eq!(due.iter().map(|due| (due.hour, due.checks.len())).collect::<Vec<_>>(), [(at(0), 2)]);
        open.push(&CheckView { at: at(3), ..CheckView::default() });
        open.sealed(at(0), 2);
        assert_eq!(times(&open.within(at(0), at(HOUR_MS))), [1, 2, 3]);
        open.sealed(at(0), 3);
        assert_eq!(open.oldest_hour(), Some(at(HOUR_MS)));
    }

    #[test]
    fn an_hour_that_has_become_large_is_due() {
        let mut open = of(&[1]);
        assert!(open.due(at(2)).is_empty());
        for n in 0..100 {
            let excerpt = Some(format!("{n:>1000}"));
            open.push(&CheckView { at: at(10 + n), excerpt, ..CheckView::default() });
        }
        assert_eq!(open.due(at(2)).len(), 1);
    }
}
