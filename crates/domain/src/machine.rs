//! The state machine of one monitor: observations, missed slots, windows, what happens around it and people's commands
//! in, dated transitions out.
//!
//! What the checks say is kept apart from what covers it: a pause covers a maintenance window, a window covers the loss of
//! the own network, and below all of them the checks go on being judged. The state in the history follows from both.
//!
//! Invariant: the transitions of a monitor are in order of their dates, no two share one, and between two of them nothing
//! changed, so the spans they bound never overlap, never run backwards and leave no gap. [`State::Pending`] is shown, but
//! is not part of that history: a run of failures becomes Down (or Unreachable) from its first failure, or never
//! happened.
//!
//! Called by the engine's recorder, one step at a time; the rules themselves are in `decide`.

mod decide;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::time::Timestamp;

/// How many results in a row it takes to believe them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Failures in a row before the monitor is down, and faults in a row before it is degraded; at least 1.
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

/// How an input is judged: the monitor's own rule, and what is the case around it at that moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rule {
    /// How many results in a row are believed.
    pub confirmation: Confirmation,
    /// A monitor that it depends on is down: a confirmed failure is [`State::Unreachable`].
    pub below_down: bool,
    /// Whether a failure is its own is still being found out: nothing is confirmed meanwhile.
    pub in_doubt: bool,
}

impl From<Confirmation> for Rule {
    fn from(confirmation: Confirmation) -> Self {
        Self { confirmation, ..Self::default() }
    }
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
    /// The doubt about a run of failures has ended: it is judged by the rule of now.
    Decided {
        /// When.
        at: Timestamp,
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
    /// A maintenance window began.
    MaintenanceBegun {
        /// When the window began.
        at: Timestamp,
    },
    /// The last of its maintenance windows ended.
    MaintenanceEnded {
        /// When the window ended.
        at: Timestamp,
    },
    /// The own network is gone: what checks find says nothing of the target.
    NetworkLost {
        /// When that was known.
        at: Timestamp,
    },
    /// The own network is back.
    NetworkBack {
        /// When that was known.
        at: Timestamp,
    },
    /// A monitor that it depends on turned out to be down since `since`.
    ParentDown {
        /// When that was decided.
        at: Timestamp,
        /// The first failure of the parent's run.
        since: Timestamp,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine(Parts);

/// The parts of a machine, as the database keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The state in the history.
    pub settled: State,
    /// Since when.
    pub since: Timestamp,
    /// When that was decided; none before the first change.
    pub decided_at: Option<Timestamp>,
    /// What the checks say, whatever covers it: Up, Degraded, Down, Unreachable or Unknown.
    pub beneath: State,
    /// A maintenance window is open.
    pub maintenance: bool,
    /// The own network is gone.
    pub offline: bool,
    /// The first failure of the unconfirmed run, if there is one.
    pub failing_since: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// The first of the faults in a row: failures or faults of degree, counted while up.
    pub faulty_since: Option<Timestamp>,
    /// How many they are.
    pub faults: u32,
    /// Successes in a row, counted while down.
    pub successes: u32,
}

impl Parts {
    /// A state that the checks say since an instant, and nothing else.
    pub fn settled(settled: State, since: Timestamp) -> Self {
        let beneath = if matches!(settled, State::Maintenance | State::Paused | State::Pending) { State::Unknown } else { settled };
        Self {
            settled,
            since,
            decided_at: Some(since),
            beneath,
            maintenance: settled == State::Maintenance,
            offline: false,
            failing_since: None,
            failures: 0,
            faulty_since: None,
            faults: 0,
            successes: 0,
        }
    }
}

impl Machine {
    /// A monitor that nobody has looked at yet.
    pub fn new(created_at: Timestamp) -> Self {
        Self(Parts { decided_at: None, ..Parts::settled(State::Unknown, created_at) })
    }

    /// Its parts.
    pub fn parts(&self) -> Parts {
        self.0
    }

    /// From its parts.
    pub fn from_parts(parts: Parts) -> Self {
        Self(parts)
    }

    /// The state to show.
    pub fn state(&self) -> State {
        if self.is_pending() { State::Pending } else { self.0.settled }
    }

    /// Since when the state to show holds.
    pub fn since(&self) -> Timestamp {
        self.0.failing_since.filter(|_| self.is_pending()).map_or(self.0.since, |first| first.max(self.0.since))
    }

    /// The state in the history: what an unconfirmed failure still counts as.
    pub fn settled(&self) -> State {
        self.0.settled
    }

    /// Since when the state in the history holds.
    pub fn settled_since(&self) -> Timestamp {
        self.0.since
    }

    /// When the state in the history was decided; none before the first change.
    pub fn decided_at(&self) -> Option<Timestamp> {
        self.0.decided_at
    }

    /// The first failure of the unconfirmed run, if there is one.
    pub fn failing_since(&self) -> Option<Timestamp> {
        self.0.failing_since
    }

    /// Whether the checks say that it is down, or unreachable because of another one: also within a maintenance window.
    pub fn is_failing(&self) -> bool {
        matches!(self.0.beneath, State::Down | State::Unreachable)
    }

    /// Whether a result waits to be confirmed by another look: a failure, or a fault of degree while it is up.
    pub fn wants_another_look(&self) -> bool {
        (self.0.failing_since.is_some() || self.0.faulty_since.is_some()) && self.0.settled != State::Paused && !self.0.offline
    }

    /// Since when there is a run that may yet become a change dated at its first fault, if there is one.
    pub fn unsettled_since(&self) -> Option<Timestamp> {
        [self.0.failing_since, self.0.faulty_since].into_iter().flatten().min().filter(|_| self.wants_another_look())
    }

    /// Whether a maintenance window is open, as far as the machine was told.
    pub fn in_maintenance(&self) -> bool {
        self.0.maintenance
    }

    /// Whether the own network is gone, as far as the machine was told.
    pub fn is_offline(&self) -> bool {
        self.0.offline
    }

    fn is_pending(&self) -> bool {
        let covered = self.0.maintenance || self.0.offline || self.0.settled == State::Paused;
        self.0.failing_since.is_some() && !covered
    }
}
