//! One step of the machine: how each input changes what the checks say, what covers it, and thereby the history.

use std::time::Duration;

use super::{Input, Machine, Rule, Transition, Verdict};
use crate::state::State;
use crate::time::Timestamp;

impl Machine {
    /// Takes one input and says what changed in the history.
    pub fn step(&mut self, input: Input, rule: impl Into<Rule>) -> Option<Transition> {
        let rule = rule.into();
        let paused = self.0.settled == State::Paused;
        match input {
            // Of a monitor that is paused, or seen from a machine without network, no result says anything.
            Input::Checked { .. } | Input::Missed { .. } | Input::Decided { .. } if paused || self.0.offline => None,
            Input::Checked { at, verdict: Verdict::Failure } => self.failed(at, rule),
            Input::Checked { at, verdict: Verdict::Degraded } => self.answered_with_a_fault(at, rule),
            Input::Checked { at, verdict: Verdict::Success } => self.answered(State::Up, at, rule),
            Input::Decided { at } => self.confirm(at, rule),
            Input::Missed { at } => self.believe(State::Unknown, at, at),
            Input::Paused { at } => {
                self.forget(State::Unknown);
                self.settle(true, at, at)
            }
            Input::Resumed { at } => self.settle(false, at, at),
            Input::MaintenanceBegun { at } => {
                self.0.maintenance = true;
                self.settle(paused, at, at)
            }
            Input::MaintenanceEnded { at } => {
                self.0.maintenance = false;
                // Good news from within the window holds. Bad news does not: whoever worked there may have mended it a
                // moment ago, so failures count anew from the end of the window.
                if self.0.failing_since.is_some() || self.is_failing() {
                    self.forget(State::Unknown);
                }
                self.settle(paused, at, at)
            }
            Input::NetworkLost { at } => {
                self.0.offline = true;
                // A run that was never confirmed is part of the time in which nothing could be known.
                let from = self.0.failing_since.unwrap_or(at);
                self.forget(State::Unknown);
                self.settle(paused, from, at)
            }
            Input::NetworkBack { at } => {
                self.0.offline = false;
                self.settle(paused, at, at)
            }
            Input::ParentDown { at, since } => {
                // Declared down while the parent was already failing: it was the parent. What was down before stays down.
                let by_parent = self.0.settled == State::Down && self.0.decided_at.is_some_and(|decided| decided >= since);
                if by_parent { self.believe(State::Unreachable, at, at) } else { None }
            }
        }
    }

    fn failed(&mut self, at: Timestamp, rule: Rule) -> Option<Transition> {
        self.0.successes = 0;
        if self.0.beneath == State::Down || (self.0.beneath == State::Unreachable && rule.below_down) {
            self.forget(self.0.beneath);
            return None;
        }
        self.0.failures = self.0.failures.saturating_add(1);
        // A clock that was set back must not date a failure before the state it ends.
        self.0.failing_since.get_or_insert(at.max(self.0.since));
        self.count_fault(at);
        self.confirm(at, rule)
    }

    /// Believes a run of failures that is long enough, when nobody doubts that they are the target's own.
    fn confirm(&mut self, at: Timestamp, rule: Rule) -> Option<Transition> {
        let first = self.0.failing_since?;
        if rule.in_doubt || self.0.failures < rule.confirmation.failures.max(1) {
            return None;
        }
        self.believe(if rule.below_down { State::Unreachable } else { State::Down }, first, at)
    }

    /// A fault of degree is an answer: it ends a run of failures. While up, it is believed when it is confirmed like a
    /// failure, from the first fault on; in any other state there is no "up" to protect.
    fn answered_with_a_fault(&mut self, at: Timestamp, rule: Rule) -> Option<Transition> {
        if self.0.beneath != State::Up {
            return self.answered(State::Degraded, at, rule);
        }
        (self.0.failures, self.0.failing_since) = (0, None);
        let first = self.count_fault(at);
        if self.0.faults < rule.confirmation.failures.max(1) {
            return None;
        }
        self.believe(State::Degraded, first, at)
    }

    fn answered(&mut self, to: State, at: Timestamp, rule: Rule) -> Option<Transition> {
        let successes = self.0.successes.saturating_add(1);
        if self.is_failing() && successes < rule.confirmation.successes.max(1) {
            self.forget(self.0.beneath);
            self.0.successes = successes;
            return None;
        }
        self.believe(to, at, at)
    }

    /// Counts a fault and says when the run began.
    fn count_fault(&mut self, at: Timestamp) -> Timestamp {
        self.0.faults = self.0.faults.saturating_add(1);
        *self.0.faulty_since.get_or_insert(at.max(self.0.since))
    }

    /// Drops every count: the checks say `beneath` and nothing is on its way to be something else.
    fn forget(&mut self, beneath: State) {
        self.0.beneath = beneath;
        (self.0.failures, self.0.failing_since) = (0, None);
        (self.0.faults, self.0.faulty_since) = (0, None);
        self.0.successes = 0;
    }

    fn believe(&mut self, beneath: State, at: Timestamp, decided_at: Timestamp) -> Option<Transition> {
        self.forget(beneath);
        self.settle(self.0.settled == State::Paused, at, decided_at)
    }

    /// Puts the state that follows from everything into the history, if it is another one.
    fn settle(&mut self, paused: bool, at: Timestamp, decided_at: Timestamp) -> Option<Transition> {
        let to = match self.0 {
            _ if paused => State::Paused,
            parts if parts.maintenance => State::Maintenance,
            parts if parts.offline => State::Unknown,
            parts => parts.beneath,
        };
        let from = self.0.settled;
        if to == from {
            return None;
        }
        // The date of a change is its key: what would coincide with the change before, or come before it, is a millisecond
        // later than that.
        let earliest = self.0.decided_at.map_or(self.0.since, |_| self.0.since.plus(Duration::from_millis(1)));
        let at = at.max(earliest);
        let decided_at = decided_at.max(at);
        (self.0.settled, self.0.since, self.0.decided_at) = (to, at, Some(decided_at));
        Some(Transition { from, to, at, decided_at })
    }
}
