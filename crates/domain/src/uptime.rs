//! Honest uptime: from the time spent in each state, never from counting checks.

use serde::{Deserialize, Serialize};

use crate::state::{Counts, State};
use crate::time::Timestamp;

/// How long a monitor was in each state, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally([u64; 8]);

impl Tally {
    /// Adds a span; one that ends before it begins adds nothing.
    pub fn add(&mut self, state: State, from: Timestamp, to: Timestamp) {
        let ms = u64::try_from(to.since(from).as_millis()).unwrap_or(0);
        self.add_ms(state, ms);
    }

    /// Adds a number of milliseconds.
    pub fn add_ms(&mut self, state: State, ms: u64) {
        if let Some(slot) = self.0.get_mut(state.index()) {
            *slot = slot.saturating_add(ms);
        }
    }

    /// Adds everything of another tally.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// Milliseconds in one state.
    pub fn ms(&self, state: State) -> u64 {
        self.0.get(state.index()).copied().unwrap_or(0)
    }

    /// All eight, in the order of [`State::ALL`], as the database keeps them.
    pub fn as_array(&self) -> [u64; 8] {
        self.0
    }

    /// From what [`Tally::as_array`] gave.
    pub fn from_array(ms: [u64; 8]) -> Self {
        Self(ms)
    }

    fn counting(&self, counts: Counts) -> u64 {
        State::ALL.into_iter().filter(|s| s.counts() == counts).map(|s| self.ms(s)).sum()
    }

    /// Milliseconds down.
    pub fn down_ms(&self) -> u64 {
        self.counting(Counts::Down)
    }

    /// Milliseconds that enter the uptime.
    pub fn observed_ms(&self) -> u64 {
        self.counting(Counts::Up) + self.counting(Counts::Down)
    }

    /// (Up + Degraded) / (Up + Degraded + Down), between 0 and 1; `None` when nothing was observed.
    pub fn uptime(&self) -> Option<f64> {
        ratio(self.counting(Counts::Up), self.observed_ms())
    }

    /// The part of the time that should have been watched and was; `None` when none should have been.
    pub fn coverage(&self) -> Option<f64> {
        let observed = self.observed_ms();
        ratio(observed, observed + self.counting(Counts::Unobserved))
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    // Milliseconds of a few thousand years stay below 2^53, so the conversion is exact.
    let float = |ms: u64| {
        u32::try_from(ms >> 32).map(|high| f64::from(high) * 4_294_967_296.0 + f64::from(u32::try_from(ms & 0xffff_ffff).unwrap_or(0))).ok()
    };
    if whole == 0 { None } else { Some(float(part)? / float(whole)?) }
}

/// A stretch of one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The state.
    pub state: State,
    /// Its beginning, within the window.
    pub from: Timestamp,
    /// Its end, within the window.
    pub to: Timestamp,
}

/// Cuts a window into spans: `before` is the state at its beginning, `changes` the dated states after that, in order.
/// The spans touch each other and fill the window exactly.
pub fn spans(before: State, changes: &[(Timestamp, State)], from: Timestamp, to: Timestamp) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::with_capacity(changes.len() + 1);
    let mut push = |state, from: Timestamp, to: Timestamp| {
        if from >= to {
            return;
        }
        match out.last_mut() {
            Some(last) if last.state == state => last.to = to,
            _ => out.push(Span { state, from, to }),
        }
    };
    let (mut state, mut since) = (before, from);
    for (at, next) in changes {
        let at = (*at).clamp(since, to.max(since));
        push(state, since, at);
        (state, since) = (*next, at);
    }
    push(state, since, to);
    out
}

/// The time in each state of some spans.
pub fn tally(spans: &[Span]) -> Tally {
    let mut tally = Tally::default();
    for span in spans {
        tally.add(span.state, span.from, span.to);
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn t(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn state() -> impl Strategy<Value = State> {
        (0usize..8).prop_map(|i| State::ALL[i])
    }

    proptest! {
        #[test]
        fn spans_fill_the_window(before in state(), mut changes in proptest::collection::vec((0i64..10_000, state()), 0..40), from in 0i64..9_000, width in 1i64..5_000) {
            changes.sort_by_key(|c| c.0);
            let changes: Vec<_> = changes.into_iter().map(|(at, s)| (t(at), s)).collect();
            let (from, to) = (t(from), t(from + width));
            let spans = spans(before, &changes, from, to);
            prop_assert_eq!(spans.first().map(|s| s.from), Some(from));
            prop_assert_eq!(spans.last().map(|s| s.to), Some(to));
            for pair in spans.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert!(pair[0].state != pair[1].state && pair[0].from < pair[0].to);
            }
            let total: u64 = tally(&spans).as_array().iter().sum();
            prop_assert_eq!(total, u64::try_from(width).expect("positive"));
        }

        #[test]
        fn uptime_and_coverage_are_shares(ms: [u32; 8]) {
            let tally = Tally::from_array(ms.map(u64::from));
            for share in [tally.uptime(), tally.coverage()].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&share));
            }
        }

        #[test]
        fn cutting_a_window_in_two_changes_nothing(before in state(), at in 1i64..999, next in state(), cut in 1i64..999) {
            let changes = [(t(at), next)];
            let whole = tally(&spans(before, &changes, t(0), t(1000)));
            let mut halves = tally(&spans(before, &changes, t(0), t(cut)));
            let later = if at <= cut { next } else { before };
            let rest: Vec<_> = changes.into_iter().filter(|c| c.0 > t(cut)).collect();
            halves.merge(&tally(&spans(later, &rest, t(cut), t(1000))));
            prop_assert_eq!(whole, halves);
        }
    }

    #[test]
    fn what_nobody_watched_lowers_coverage_not_uptime() {
        let mut tally = Tally::default();
        tally.add_ms(State::Up, 600);
        tally.add_ms(State::Down, 200);
        tally.add_ms(State::Unknown, 200);
        tally.add_ms(State::Paused, 5_000);
        assert_eq!(tally.uptime(), Some(0.75));
        assert_eq!(tally.coverage(), Some(0.8));
        assert_eq!(Tally::default().uptime(), None);
    }
}
