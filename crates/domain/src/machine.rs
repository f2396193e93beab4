//! The state machine of one monitor: observations, missed slots and people's commands in, dated transitions out.
//!
//! Invariant: the transitions of a monitor are in order of their dates, and between two of them nothing changed, so
//! the spans they bound never overlap, never run backwards and leave no gap. [`State::Pending`] is shown, but is not
//! part of that history: a run of failures becomes Down from its first failure, or never happened.

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::time::Timestamp;

/// How many results in a row it takes to believe them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Failures in a row before the monitor is down; at least 1.
    pub failures: u32,
    /// Successes in a row before it is up again; at least 1.
    pub successes: u32,
}

impl Default for Confirmation {
    /// One lost packet wakes nobody; one success is good news enough.
    fn default() -> Self {
        Self { failures: 2, successes: 1 }
    }
}

/// What a check amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything as wanted.
    Success,
    /// It answers, with a fault of degree.
    Degraded,
    /// It failed.
    Failure,
}

/// What happens to a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A check began at `at` and ended with a verdict.
    Checked {
        /// When the check began.
        at: Timestamp,
        /// What it found.
        verdict: Verdict,
    },
    /// A slot should have run at `at` and did not.
    Missed {
        /// The slot.
        at: Timestamp,
    },
    /// A person stopped the monitor.
    Paused {
        /// When.
        at: Timestamp,
    },
    /// A person started it again.
    Resumed {
        /// When.
        at: Timestamp,
    },
}

/// A change in the history of a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// The state before.
    pub from: State,
    /// The state from `at` on.
    pub to: State,
    /// When it began: for Down, the first failure of the confirmed run.
    pub at: Timestamp,
    /// When it was decided: for Down, the failure that confirmed it.
    pub decided_at: Timestamp,
}

/// Where a monitor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The state in the history.
    settled: State,
    /// Since when.
    since: Timestamp,
    /// The first failure of the unconfirmed run, if there is one.
    failing_since: Option<Timestamp>,
    /// Failures in a row.
    failures: u32,
    /// Successes in a row, counted while down.
    successes: u32,
}

/// The parts of a machine, as the database keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The state in the history.
    pub settled: State,
    /// Since when.
    pub since: Timestamp,
    /// The first failure of the unconfirmed run, if there is one.
    pub failing_since: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// Successes in a row, counted while down.
    pub successes: u32,
}

impl Machine {
    /// Its parts.
    pub fn parts(&self) -> Parts {
        let Self { settled, since, failing_since, failures, successes } = *self;
        Parts { settled, since, failing_since, failures, successes }
    }

    /// From its parts.
    pub fn from_parts(parts: Parts) -> Self {
        let Parts { settled, since, failing_since, failures, successes } = parts;
        Self { settled, since, failing_since, failures, successes }
    }

    /// A monitor that nobody has looked at yet.
    pub fn new(created_at: Timestamp) -> Self {
        Self { settled: State::Unknown, since: created_at, failing_since: None, failures: 0, successes: 0 }
    }

    /// The state to show.
    pub fn state(&self) -> State {
        if self.failing_since.is_some() { State::Pending } else { self.settled }
    }

    /// Since when the state to show holds.
    pub fn since(&self) -> Timestamp {
        self.failing_since.unwrap_or(self.since)
    }

    /// The state in the history: what an unconfirmed failure still counts as.
    pub fn settled(&self) -> State {
        self.settled
    }

    /// Since when the state in the history holds.
    pub fn settled_since(&self) -> Timestamp {
        self.since
    }

    /// Takes one input and says what changed in the history.
    pub fn step(&mut self, input: Input, rule: Confirmation) -> Option<Transition> {
        match input {
            Input::Checked { .. } | Input::Missed { .. } if self.settled == State::Paused => None,
            Input::Checked { at, verdict: Verdict::Failure } => self.failed(at, rule),
            Input::Checked { at, verdict } => {
                let to = if verdict == Verdict::Degraded { State::Degraded } else { State::Up };
                self.succeeded(at, to, rule)
            }
            Input::Missed { at } => self.settle(State::Unknown, at, at),
            Input::Paused { at } => self.settle(State::Paused, at, at),
            Input::Resumed { at } if self.settled == State::Paused => self.settle(State::Unknown, at, at),
            Input::Resumed { .. } => None,
        }
    }

    fn failed(&mut self, at: Timestamp, rule: Confirmation) -> Option<Transition> {
        self.successes = 0;
        if self.settled == State::Down {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        // A clock that was set back must not date a failure before the state it ends.
        let first = *self.failing_since.get_or_insert(at.max(self.since));
        if self.failures < rule.failures.max(1) {
            return None;
        }
        self.settle(State::Down, first, at)
    }

    fn succeeded(&mut self, at: Timestamp, to: State, rule: Confirmation) -> Option<Transition> {
        self.failures = 0;
        self.failing_since = None;
        if self.settled == State::Down {
            self.successes = self.successes.saturating_add(1);
            if self.successes < rule.successes.max(1) {
                return None;
            }
        }
        self.settle(to, at, at)
    }

    fn settle(&mut self, to: State, at: Timestamp, decided_at: Timestamp) -> Option<Transition> {
        self.failures = 0;
        self.successes = 0;
        self.failing_since = None;
        if to == self.settled {
            return None;
        }
        let at = at.max(self.since);
        let transition = Transition { from: self.settled, to, at, decided_at: decided_at.max(at) };
        self.settled = to;
        self.since = at;
        Some(transition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: Confirmation = Confirmation { failures: 2, successes: 1 };

    fn t(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn checked(seconds: i64, verdict: Verdict) -> Input {
        Input::Checked { at: t(seconds), verdict }
    }

    #[test]
    fn down_is_dated_at_the_first_failure_and_decided_at_the_last() {
        let mut machine = Machine::new(t(0));
        machine.step(checked(10, Verdict::Success), RULE);
        assert_eq!(machine.step(checked(20, Verdict::Failure), RULE), None);
        assert_eq!((machine.state(), machine.settled(), machine.since()), (State::Pending, State::Up, t(20)));
        let down = machine.step(checked(30, Verdict::Failure), RULE);
        assert_eq!(down, Some(Transition { from: State::Up, to: State::Down, at: t(20), decided_at: t(30) }));
        assert_eq!(machine.step(checked(40, Verdict::Failure), RULE), None);
        let up = machine.step(checked(50, Verdict::Success), RULE);
        assert_eq!(up.map(|u| (u.from, u.to, u.at)), Some((State::Down, State::Up, t(50))));
    }

    #[test]
    fn one_failure_between_successes_never_happened() {
        let mut machine = Machine::new(t(0));
        machine.step(checked(10, Verdict::Success), RULE);
        machine.step(checked(20, Verdict::Failure), RULE);
        assert_eq!(machine.step(checked(30, Verdict::Success), RULE), None);
        assert_eq!((machine.state(), machine.since()), (State::Up, t(10)));
    }

    #[test]
    fn recovery_takes_as_many_successes_as_asked() {
        let rule = Confirmation { failures: 1, successes: 3 };
        let mut machine = Machine::new(t(0));
        assert!(machine.step(checked(10, Verdict::Failure), rule).is_some());
        for (second, verdict) in
            [(20, Verdict::Success), (30, Verdict::Success), (40, Verdict::Failure), (50, Verdict::Success), (60, Verdict::Success)]
        {
            assert_eq!(machine.step(checked(second, verdict), rule), None);
        }
        assert_eq!(machine.step(checked(70, Verdict::Success), rule).map(|u| u.at), Some(t(70)));
    }

    #[test]
    fn a_paused_monitor_ignores_late_results() {
        let mut machine = Machine::new(t(0));
        machine.step(checked(10, Verdict::Success), RULE);
        machine.step(Input::Paused { at: t(15) }, RULE);
        assert_eq!(machine.step(checked(14, Verdict::Failure), RULE), None);
        assert_eq!(machine.state(), State::Paused);
        assert_eq!(machine.step(Input::Resumed { at: t(99) }, RULE).map(|r| r.to), Some(State::Unknown));
    }

    fn inputs() -> impl Strategy<Value = Vec<Input>> {
        let one = (0i64..500, 0u8..6).prop_map(|(second, kind)| match kind {
            0 => checked(second, Verdict::Success),
            1 => checked(second, Verdict::Degraded),
            2 => checked(second, Verdict::Failure),
            3 => Input::Missed { at: t(second) },
            4 => Input::Paused { at: t(second) },
            _ => Input::Resumed { at: t(second) },
        });
        proptest::collection::vec(one, 0..80)
    }

    proptest! {
        // The inputs are in no order: clocks step, results arrive late.
        #[test]
        fn history_never_overlaps_and_has_no_gap(inputs in inputs(), failures in 1u32..4, successes in 1u32..4) {
            let rule = Confirmation { failures, successes };
            let mut machine = Machine::new(t(0));
            let (mut state, mut since) = (State::Unknown, t(0));
            for input in inputs {
                if let Some(step) = machine.step(input, rule) {
                    prop_assert_eq!(step.from, state);
                    prop_assert!(step.to != step.from && step.to != State::Pending);
                    prop_assert!(step.at >= since && step.decided_at >= step.at);
                    (state, since) = (step.to, step.at);
                }
                prop_assert_eq!((machine.settled(), machine.settled_since()), (state, since));
                prop_assert!(machine.since() >= since);
            }
        }
    }
}
