//! Flapping: a mark on a monitor that goes down and up so often that each single change says little. No state: time goes
//! on being counted as what it is.
//!
//! The rule has a hysteresis, and is one that can be said in a sentence: a monitor flaps when it changed between answering
//! and down [`BEGINS`] times within the window, and is steady again when no more than [`ENDS`] changes are left in it. So
//! the mark settles by time alone. The recorder keeps it beside the machine.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::machine::Transition;
use crate::state::State;
use crate::time::Timestamp;

/// So many changes within the window, and it flaps: three outages.
pub const BEGINS: usize = 6;
/// No more changes than these within the window, and it is steady again.
pub const ENDS: usize = 2;

/// A change may be dated a little later than now: two of them never share an instant.
const AHEAD: Duration = Duration::from_secs(60);

/// How far back changes count: an hour, or twenty checks of a monitor that is checked seldom.
pub fn window(interval: Duration) -> Duration {
    Duration::from_secs(3_600).max(interval.saturating_mul(20))
}

/// Whether a monitor flaps, and since when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flapping {
    /// The instants at which the newest changes were decided, oldest first; at most [`BEGINS`].
    changes: Vec<Timestamp>,
    since: Option<Timestamp>,
}

impl Flapping {
    /// From its parts, as the database keeps them.
    pub fn from_parts(mut changes: Vec<Timestamp>, since: Option<Timestamp>) -> Self {
        changes.drain(..changes.len().saturating_sub(BEGINS));
        Self { changes, since }
    }

    /// The instants of the newest changes, oldest first.
    pub fn changes(&self) -> &[Timestamp] {
        &self.changes
    }

    /// Since when it flaps, if it does.
    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Counts a change of state.
    pub fn saw(&mut self, change: &Transition, window: Duration) {
        let answers = |state| matches!(state, State::Up | State::Degraded);
        let counts = (answers(change.from) && change.to == State::Down) || (change.from == State::Down && answers(change.to));
        if !counts {
            return;
        }
        if self.changes.len() >= BEGINS {
            self.changes.remove(0);
        }
        self.changes.push(change.decided_at);
        self.settle(change.decided_at, window);
    }

    /// Looks again after some time; says whether the mark changed.
    pub fn settle(&mut self, now: Timestamp, window: Duration) -> bool {
        let from = now.minus(window);
        // A clock that was set back leaves instants that are yet to come: they say nothing any more.
        let to = now.plus(AHEAD);
        self.changes.retain(|at| *at > from && *at <= to);
        let before = self.since;
        match self.since {
            None if self.changes.len() >= BEGINS => self.since = Some(now),
            Some(_) if self.changes.len() <= ENDS => self.since = None,
            _ => {}
        }
        before != self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(3_600);

    fn t(minute: i64) -> Timestamp {
        Timestamp::from_millis(minute * 60_000)
    }

    fn change(minute: i64, down: bool) -> Transition {
        let (from, to) = if down { (State::Up, State::Down) } else { (State::Down, State::Up) };
        Transition { from, to, at: t(minute), decided_at: t(minute) }
    }

    #[test]
    fn three_outages_within_an_hour_flap_until_most_of_them_are_an_hour_old() {
        let mut mark = Flapping::default();
        for (minute, down) in [(0, true), (5, false), (10, true), (15, false), (20, true)] {
            mark.saw(&change(minute, down), WINDOW);
        }
        assert_eq!(mark.since(), None);
        mark.saw(&change(25, false), WINDOW);
        assert_eq!(mark.since(), Some(t(25)));
        assert!(!mark.settle(t(74), WINDOW), "three changes are still within the hour");
        assert!(mark.settle(t(75), WINDOW));
        assert_eq!(mark.since(), None);
    }

    #[test]
    fn only_answering_and_down_are_changes_that_count() {
        let mut mark = Flapping::default();
        for (from, to) in
            [(State::Up, State::Unknown), (State::Unknown, State::Down), (State::Up, State::Degraded), (State::Down, State::Paused)]
        {
            mark.saw(&Transition { from, to, at: t(0), decided_at: t(0) }, WINDOW);
        }
        assert!(mark.changes().is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_forgets() {
        let mut mark = Flapping::default();
        (0..6).for_each(|n| mark.saw(&change(1_000 + n, n % 2 == 0), WINDOW));
        assert!(mark.since().is_some());
        assert!(mark.settle(t(10), WINDOW) && mark.since().is_none());
    }

    proptest! {
        #[test]
        fn it_always_settles_and_keeps_little(minutes in proptest::collection::vec(0i64..10_000, 0..200), restart in 0usize..200) {
            let mut mark = Flapping::default();
            for (n, minute) in minutes.iter().enumerate() {
                if n == restart {
                    mark = Flapping::from_parts(mark.changes().to_vec(), mark.since());
                }
                mark.saw(&change(*minute, n % 2 == 0), WINDOW);
                prop_assert!(mark.changes().len() <= BEGINS);
                prop_assert!(mark.since().is_none() || mark.changes().len() > ENDS);
            }
            mark.settle(t(20_000), WINDOW);
            prop_assert_eq!(mark.since(), None);
        }
    }
}
