//! Where one monitor stands: the truth between two writes of its row.

use std::collections::VecDeque;
use std::time::Duration;

use domain::bar::Bar;
use domain::check::{Failure, Observation, Phases};
use domain::flapping::{self, Flapping};
use domain::live::{LastCheck, MonitorLive, SPARK_LENGTH};
use domain::machine::{Input, Machine, Rule, Transition, Verdict};
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::uptime::{Tally, spans, tally};
use domain::view::CheckView;
use domain::{MonitorId, Timestamp};
use store::{Rollup, StateRow};

/// How long changes stay in memory: the day that rows show, and the hour that may still be open.
const MEMORY_MS: i64 = DAY_MS + HOUR_MS;

/// A check, as far as history cares; also what is read back from raw rows.
pub(crate) struct Seen<'a> {
    pub at: Timestamp,
    pub duration_us: u32,
    pub phases: &'a Phases,
    pub status: Option<u16>,
    pub failure: Option<&'a Failure>,
    pub warning: Option<&'a Failure>,
    /// When what was looked at ends; raw rows do not say.
    pub expires_at: Option<Timestamp>,
}

impl<'a> From<&'a Observation> for Seen<'a> {
    fn from(seen: &'a Observation) -> Self {
        let Observation { at, duration_us, phases, status, failure, warning, expires_at, .. } = seen;
        let (failure, warning) = (failure.as_ref(), warning.as_ref());
        Self { at: *at, duration_us: *duration_us, phases, status: *status, failure, warning, expires_at: *expires_at }
    }
}

impl<'a> From<&'a CheckView> for Seen<'a> {
    fn from(seen: &'a CheckView) -> Self {
        let CheckView { at, duration_us, phases, status, failure, warning, .. } = seen;
        let (failure, warning) = (failure.as_ref(), warning.as_ref());
        Self { at: *at, duration_us: *duration_us, phases, status: *status, failure, warning, expires_at: None }
    }
}

/// Where a monitor stands.
pub(crate) struct Standing {
    pub machine: Machine,
    pub flapping: Flapping,
    pub last: Option<LastCheck>,
    /// What the first of the failures in a row said.
    pub first_failure: Option<String>,
    /// Of what ends: when it ends, and how many days before that was last told.
    pub told_expiry: Option<(Timestamp, u32)>,
    pub bar: Bar,
    /// The bar is drawn up to here.
    marked_to: Timestamp,
    spark: VecDeque<u32>,
    created_at: Timestamp,
    /// The state before the first of `changes`, and since when.
    before: (Timestamp, State),
    /// Changes of the last day and hour, in order.
    changes: VecDeque<(Timestamp, State)>,
    /// Counts of hours that have no rollup yet, by their start: one or two, so not in a tree, whose nodes have room for eleven.
    open: Vec<(Timestamp, Rollup)>,
    /// Hours up to this instant have their rollup, or need none.
    pub rolled_to: Timestamp,
    /// The first hour whose rollup was taken and is not written yet.
    unwritten: Option<Timestamp>,
    /// Raw results up to this instant are contained.
    pub recorded_to: Timestamp,
    /// Changed since its row was written.
    pub dirty: bool,
    /// When its row was written.
    pub written_at: Timestamp,
    /// Its history was read at start: until then nothing new may be applied.
    pub loaded: bool,
}

impl Standing {
    /// A new monitor, of which there is no history.
    pub fn fresh(created_at: Timestamp) -> Self {
        Self {
            machine: Machine::new(created_at),
            flapping: Flapping::default(),
            last: None,
            first_failure: None,
            told_expiry: None,
            bar: Bar::default(),
            marked_to: created_at,
            spark: VecDeque::new(),
            created_at,
            before: (created_at, State::Unknown),
            changes: VecDeque::new(),
            open: Vec::new(),
            rolled_to: created_at.floor(HOUR_MS),
            unwritten: None,
            recorded_to: created_at,
            dirty: true,
            written_at: Timestamp::default(),
            loaded: true,
        }
    }

    /// As its row says; its changes and open hours are read by [`super::load`].
    pub fn from_row(row: StateRow, created_at: Timestamp) -> Self {
        Self {
            marked_to: row.recorded_to,
            machine: row.machine,
            flapping: row.flapping,
            last: row.last,
            told_expiry: row.told_expiry,
            bar: row.bar,
            spark: row.spark.into(),
            rolled_to: row.rolled_to,
            recorded_to: row.recorded_to,
            before: (row.machine.settled_since(), row.machine.settled()),
            dirty: false,
            written_at: row.recorded_to,
            loaded: false,
            ..Self::fresh(created_at)
        }
    }

    /// Takes the changes that are in the database.
    pub fn set_changes(&mut self, before: (Timestamp, State), changes: impl Iterator<Item = (Timestamp, State)>) {
        self.before = before;
        self.changes = changes.collect();
    }

    /// The earliest instant whose changes must be in memory at `now`.
    pub fn memory_from(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.as_millis() - MEMORY_MS).min(self.rolled_to)
    }

    /// Counts a check in its hour, unless that hour has its rollup already.
    pub fn count(&mut self, seen: &Seen) {
        let hour = seen.at.floor(HOUR_MS);
        if hour < self.rolled_to {
            return;
        }
        let rollup = self.open_hour(hour);
        match seen.failure {
            Some(failure) => rollup.add_failure(failure.reason),
            None => rollup.add_success(seen.duration_us, seen.phases),
        }
    }

    /// Applies a check to everything but the counts of its hour.
    pub fn check(&mut self, seen: &Seen, rule: impl Into<Rule>) -> Option<Transition> {
        let verdict = match (seen.failure, seen.warning) {
            (Some(_), _) => Verdict::Failure,
            (None, Some(_)) => Verdict::Degraded,
            (None, None) => Verdict::Success,
        };
        match seen.failure {
            Some(failure) if self.first_failure.is_none() => self.first_failure = Some(failure.message.clone()),
            Some(_) => {}
            None => self.first_failure = None,
        }
        let transition = self.step(Input::Checked { at: seen.at, verdict }, seen.at, rule);
        self.last = Some(LastCheck {
            at: seen.at,
            duration_us: seen.duration_us,
            status: seen.status,
            reason: seen.failure.or(seen.warning).map(|f| f.reason),
            error: seen.failure.map(|f| f.message.clone()),
            warning: seen.warning.map(|f| f.message.clone()),
            // What is read back does not say; it has not changed since.
            expires_at: seen.expires_at.or_else(|| self.last.as_ref().and_then(|last| last.expires_at)),
        });
        if self.spark.len() >= SPARK_LENGTH {
            self.spark.pop_front();
        }
        self.spark.push_back(if seen.failure.is_some() { 0 } else { seen.duration_us.max(1) });
        self.recorded_to = self.recorded_to.max(seen.at);
        transition
    }

    /// Slots did not run, the first of them at `at`.
    pub fn miss(&mut self, at: Timestamp, slots: u32, rule: impl Into<Rule>) -> Option<Transition> {
        if self.machine.settled() == State::Paused {
            return None;
        }
        self.count_missed(at, slots);
        self.step(Input::Missed { at }, at, rule)
    }

    /// Counts slots that did not run in the hour of the first of them, unless that hour has its rollup already.
    pub fn count_missed(&mut self, at: Timestamp, slots: u32) {
        let hour = at.floor(HOUR_MS);
        if hour >= self.rolled_to {
            self.open_hour(hour).missed += slots;
        }
    }

    /// Steps the machine and draws the bar.
    pub fn step(&mut self, input: Input, at: Timestamp, rule: impl Into<Rule>) -> Option<Transition> {
        self.dirty = true;
        let settled = self.machine.settled();
        let transition = self.machine.step(input, rule);
        match &transition {
            Some(change) => {
                self.bar.mark(settled, self.marked_to.min(change.at), change.at);
                self.bar.mark(change.to, change.at, at.max(change.at));
                self.changes.push_back((change.at, change.to));
                self.marked_to = at.max(change.at);
            }
            None if at > self.marked_to && self.machine.state() != State::Pending => {
                self.bar.mark(settled, self.marked_to, at);
                self.marked_to = at;
            }
            None => {}
        }
        transition
    }

    /// Counts a change for the mark of flapping, or lets it settle by time; says whether the mark changed.
    pub fn mark_flapping(&mut self, change: Option<&Transition>, now: Timestamp, interval: Duration) -> bool {
        let (window, before) = (flapping::window(interval), self.flapping.since());
        if let Some(change) = change {
            self.flapping.saw(change, window);
        }
        self.flapping.settle(now, window);
        let changed = before != self.flapping.since();
        self.dirty |= changed;
        changed
    }

    /// Takes the rollups of the hours that ended by `now`. An hour without a check and without a change has none. An
    /// unconfirmed fault keeps its hour open: it may yet be a change that is dated at the first of them.
    pub fn close_hours(&mut self, now: Timestamp) -> Vec<(Timestamp, Rollup)> {
        let mut closed = Vec::new();
        let unsettled = self.machine.unsettled_since();
        loop {
            let start = self.rolled_to;
            let end = Timestamp::from_millis(start.as_millis() + HOUR_MS);
            if end > now || unsettled.is_some_and(|since| since < end) {
                break;
            }
            self.rolled_to = end;
            let changed = self.changes.iter().any(|(at, _)| *at >= start && *at < end);
            let counts = self.open.iter().position(|(hour, _)| *hour == start).map(|index| self.open.remove(index).1);
            if counts.is_some() || changed {
                let mut rollup = counts.unwrap_or_default();
                rollup.tally = self.tally(start.max(self.created_at), end);
                closed.push((start, rollup));
            } else if self.open.is_empty() && !self.changes.iter().any(|(at, _)| *at >= end) {
                // Nothing happened since: after a year switched off there is nothing to walk through.
                self.rolled_to = now.floor(HOUR_MS).max(end);
            }
        }
        self.prune(now);
        self.unwritten = self.unwritten.or(closed.first().map(|(start, _)| *start));
        closed
    }

    /// The rollups that were taken are written.
    pub fn rollups_written(&mut self) {
        self.unwritten = None;
    }

    /// Hours up to this instant have their rollup in the database, or need none.
    pub fn summarised_to(&self) -> Timestamp {
        self.unwritten.unwrap_or(self.rolled_to)
    }

    fn prune(&mut self, now: Timestamp) {
        let from = self.memory_from(now);
        // One change before the window stays, as the state at its beginning.
        while self.changes.front().is_some_and(|(at, _)| *at < from) {
            if let Some(change) = self.changes.pop_front() {
                self.before = change;
            }
        }
    }

    /// The counts of an hour, in order.
    fn open_hour(&mut self, hour: Timestamp) -> &mut Rollup {
        let index = self.open.partition_point(|(start, _)| *start < hour);
        if self.open.get(index).is_none_or(|(start, _)| *start != hour) {
            self.open.reserve_exact(1);
            self.open.insert(index, (hour, Rollup::default()));
        }
        &mut self.open[index].1
    }

    /// The counts of hours that have no rollup yet, with the time in each state up to `now`.
    pub fn open_rollups(&self, now: Timestamp) -> Vec<(Timestamp, Rollup)> {
        let with_time = |(start, rollup): &(Timestamp, Rollup)| {
            let end = Timestamp::from_millis(start.as_millis() + HOUR_MS).min(now);
            (*start, Rollup { tally: self.tally((*start).max(self.created_at), end), ..rollup.clone() })
        };
        self.open.iter().map(with_time).collect()
    }

    fn tally(&self, from: Timestamp, to: Timestamp) -> Tally {
        let at_start = self.changes.iter().rev().find(|(at, _)| *at <= from).map_or(self.before.1, |(_, state)| *state);
        let within: Vec<_> = self.changes.iter().filter(|(at, _)| *at > from && *at < to).copied().collect();
        tally(&spans(at_start, &within, from, to))
    }

    /// The time in each state over the last 24 hours, or since the monitor was made.
    pub fn day(&self, now: Timestamp) -> Tally {
        self.tally(Timestamp::from_millis(now.as_millis() - DAY_MS).max(self.created_at), now)
    }

    /// Since when the state to show holds, looking past the times in which nobody watched: an outage that was there before
    /// and after a restart is one outage. Answers also for how many milliseconds of it nobody watched.
    pub fn since(&self) -> (Timestamp, u64) {
        let state = self.machine.state();
        let mut since = self.machine.since();
        let mut unwatched_ms = 0;
        if matches!(state, State::Pending | State::Unknown | State::Paused) {
            return (since, unwatched_ms);
        }
        let newest = since;
        let mut earlier = self.changes.iter().rev().chain(std::iter::once(&self.before)).filter(|(at, _)| *at < newest).copied();
        while let (Some((lost, State::Unknown)), Some((at, before))) = (earlier.next(), earlier.next())
            && before == state
        {
            unwatched_ms += u64::try_from(since.as_millis() - lost.as_millis()).unwrap_or(0);
            since = at;
        }
        (since, unwatched_ms)
    }

    /// What a browser is told; of the runs of jobs, nothing is known here.
    pub fn live(&self, id: MonitorId, now: Timestamp, next_at: Option<Timestamp>, checking: bool) -> MonitorLive {
        let day = self.loaded.then(|| self.day(now));
        let (state, (since, unwatched_ms)) = (self.machine.state(), self.since());
        let drawn_from = if state == State::Pending { since } else { self.marked_to };
        MonitorLive {
            id,
            state,
            since,
            unwatched_ms,
            confirmed_at: self.machine.decided_at().filter(|_| state == State::Down && since == self.machine.settled_since()),
            flapping: self.flapping.since().is_some(),
            last: self.last.clone(),
            next_at: next_at.filter(|_| self.machine.settled() != State::Paused),
            checking,
            running_since: None,
            uptime_24h: day.and_then(|d| d.uptime()),
            coverage_24h: day.and_then(|d| d.coverage()),
            bar: self.bar.text(state, drawn_from, now),
            spark: self.spark.iter().copied().collect(),
        }
    }

    /// The row that says all of this.
    pub fn to_row(&self, monitor: MonitorId) -> StateRow {
        StateRow {
            monitor,
            machine: self.machine,
            recorded_to: self.recorded_to,
            rolled_to: self.rolled_to,
            last: self.last.clone(),
            told_expiry: self.told_expiry,
            bar: self.bar.clone(),
            spark: self.spark.iter().copied().collect(),
            flapping: self.flapping.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::machine::Confirmation;

    const RULE: Confirmation = Confirmation { failures: 2, successes: 1 };

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 / HOUR_MS * HOUR_MS + ms)
    }

    fn check(standing: &mut Standing, ms: i64, failed: bool) -> Option<Transition> {
        let failure = Failure { reason: domain::check::Reason::Status, message: "503".into() };
        let failure = failed.then_some(&failure);
        let phases = Phases::default();
        let seen = Seen { at: at(ms), duration_us: 1_000, phases: &phases, status: None, failure, warning: None, expires_at: None };
        standing.count(&seen);
        standing.check(&seen, RULE)
    }

    #[test]
    fn an_hour_is_closed_with_its_time_and_counts() {
        let mut standing = Standing::fresh(at(0));
        check(&mut standing, 600_000, false);
        check(&mut standing, 1_200_000, true);
        check(&mut standing, 1_260_000, true);
        check(&mut standing, 1_800_000, false);
        assert!(standing.close_hours(at(HOUR_MS - 1)).is_empty());
        let closed = standing.close_hours(at(HOUR_MS));
        let (start, rollup) = &closed[0];
        assert_eq!((*start, rollup.checks, rollup.failures), (at(0), 4, 2));
        let ms = |state| rollup.tally.ms(state);
        assert_eq!((ms(State::Unknown), ms(State::Up), ms(State::Down)), (600_000, 600_000 + 1_800_000, 600_000));
        assert!(standing.close_hours(at(5 * HOUR_MS)).is_empty(), "hours in which nothing happened have no row");
        assert_eq!(standing.rolled_to, at(5 * HOUR_MS));
    }

    #[test]
    fn an_unconfirmed_failure_keeps_its_hour_open() {
        let mut standing = Standing::fresh(at(0));
        check(&mut standing, 0, false);
        check(&mut standing, HOUR_MS - 10_000, true);
        assert!(standing.close_hours(at(HOUR_MS + 5_000)).is_empty());
        check(&mut standing, HOUR_MS + 10_000, true);
        let closed = standing.close_hours(at(HOUR_MS + 11_000));
        assert_eq!(closed[0].1.tally.ms(State::Down), 10_000);
    }

    #[test]
    fn a_day_forgets_what_is_older() {
        let mut standing = Standing::fresh(at(0));
        check(&mut standing, 0, true);
        check(&mut standing, 1_000, true);
        check(&mut standing, HOUR_MS, false);
        let now = at(DAY_MS + HOUR_MS / 2);
        standing.close_hours(now);
        assert_eq!(standing.day(now).ms(State::Down), 1_800_000);
        let now = at(3 * DAY_MS);
        standing.close_hours(now);
        assert!(standing.changes.is_empty());
        assert_eq!(standing.day(now).uptime(), Some(1.0));
    }

    #[test]
    fn an_outage_before_and_after_a_restart_is_one_outage() {
        let mut standing = Standing::fresh(at(0));
        check(&mut standing, 1_000, true);
        check(&mut standing, 2_000, true);
        for (restart, unwatched_ms) in [(60_000, 10_000), (600_000, 20_000)] {
            standing.miss(at(restart), 1, RULE);
            assert_eq!((standing.machine.state(), standing.since()), (State::Unknown, (at(restart), 0)));
            check(&mut standing, restart + 10_000, true);
            check(&mut standing, restart + 11_000, true);
            assert_eq!((standing.machine.state(), standing.since()), (State::Down, (at(1_000), unwatched_ms)));
        }
        standing.miss(at(700_000), 1, RULE);
        check(&mut standing, 800_000, false);
        assert_eq!((standing.machine.state(), standing.since()), (State::Up, (at(800_000), 0)));
    }

    #[test]
    fn a_row_and_the_changes_restore_everything() {
        let mut standing = Standing::fresh(at(0));
        check(&mut standing, 10, false);
        check(&mut standing, 20, true);
        let mut restored = Standing::from_row(standing.to_row(MonitorId::new(at(0), 1)), at(0));
        restored.set_changes(standing.before, standing.changes.iter().copied());
        assert_eq!(restored.machine, standing.machine);
        assert_eq!(restored.day(at(50)), standing.day(at(50)));
        assert_eq!(check(&mut restored, 30, true).map(|t| (t.to, t.at)), Some((State::Down, at(20))));
    }
}
