//! Plain numbers about the engine, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::alert::MessageState;
use domain::check::Observation;
use domain::histogram::Histogram;
use domain::webhook::{Occurrence, RunState};

/// Counters since the start of the process.
#[derive(Default)]
pub(crate) struct Metrics {
    checks: AtomicU64,
    failures: AtomicU64,
    missed: AtomicU64,
    dropped: AtomicU64,
    recorded: AtomicU64,
    commits: AtomicU64,
    lag: Mutex<Histogram>,
    commit: Mutex<Histogram>,
    /// Messages that came into a state, in the order of [`MessageState::ALL`]; waiting: a try failed.
    messages: [AtomicU64; MessageState::ALL.len()],
    /// Runs of webhooks that came into a state, in the order of [`RunState::ALL`].
    runs: [AtomicU64; RunState::ALL.len()],
    run_retries: AtomicU64,
    run_lag: Mutex<Histogram>,
}

/// A copy of the counters.
#[derive(Debug, Clone, Default)]
pub struct MetricsSnapshot {
    /// Checks that ended.
    pub checks: u64,
    /// Failures among them.
    pub failures: u64,
    /// Slots that did not run.
    pub missed: u64,
    /// Results that no queue had room for.
    pub dropped: u64,
    /// Results in the database.
    pub recorded: u64,
    /// Transactions of the recorder.
    pub commits: u64,
    /// Monitors of this node.
    pub monitors: u64,
    /// Checks under way.
    pub in_flight: u64,
    /// Bytes that the checks of the open hours take in memory.
    pub open_bytes: u64,
    /// From a slot to the start of its check, in microseconds.
    pub start_lag_us: Histogram,
    /// How long transactions took, in microseconds.
    pub commit_us: Histogram,
    /// Messages that came into a state, in the order of [`MessageState::ALL`]: `waiting` are tries that failed, `sending` tries that began.
    pub messages: [u64; MessageState::ALL.len()],
    /// Runs of webhooks that came into a state, in the order of [`RunState::ALL`]: `retrying` are attempts that failed and are repeated.
    pub runs: [u64; RunState::ALL.len()],
    /// Attempts that were repeated ones.
    pub run_retries: u64,
    /// From the time that a run was due to the start of its first attempt, in microseconds.
    pub run_lag_us: Histogram,
    /// Schedules of this node.
    pub schedules: u64,
    /// Runs that wait.
    pub runs_waiting: u64,
    /// Runs on their way.
    pub runs_in_flight: u64,
}

fn micros(span: Duration) -> u32 {
    u32::try_from(span.as_micros()).unwrap_or(u32::MAX)
}

impl Metrics {
    pub fn started(&self, lag: Duration) {
        self.lag.lock().unwrap_or_else(PoisonError::into_inner).record(micros(lag));
    }

    pub fn checked(&self, observation: &Observation) {
        self.checks.fetch_add(1, Ordering::Relaxed);
        if !observation.is_success() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn missed(&self, slots: u32) {
        self.missed.fetch_add(u64::from(slots), Ordering::Relaxed);
    }

    pub fn dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub fn committed(&self, results: usize, took: Duration) {
        self.recorded.fetch_add(u64::try_from(results).unwrap_or(0), Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.commit.lock().unwrap_or_else(PoisonError::into_inner).record(micros(took));
    }

    pub fn message(&self, state: MessageState) {
        let index = MessageState::ALL.iter().position(|known| *known == state);
        if let Some(counter) = index.and_then(|index| self.messages.get(index)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A run began, later than it was due by so much.
    pub fn run_started(&self, lag: Duration) {
        self.run_lag.lock().unwrap_or_else(PoisonError::into_inner).record(micros(lag));
    }

    /// A run came into a state.
    pub fn run(&self, occurrence: &Occurrence, repeated: bool) {
        let index = RunState::ALL.iter().position(|known| *known == occurrence.state);
        if let Some(counter) = index.and_then(|index| self.runs.get(index)) {
            counter.fetch_add(u64::from(occurrence.count), Ordering::Relaxed);
        }
        self.run_retries.fetch_add(u64::from(repeated), Ordering::Relaxed);
    }

    pub fn snapshot(&self) -> MetricsSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        MetricsSnapshot {
            checks: load(&self.checks),
            failures: load(&self.failures),
            missed: load(&self.missed),
            dropped: load(&self.dropped),
            recorded: load(&self.recorded),
            commits: load(&self.commits),
            monitors: 0,
            in_flight: 0,
            open_bytes: 0,
            start_lag_us: self.lag.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            commit_us: self.commit.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            messages: std::array::from_fn(|index| self.messages.get(index).map_or(0, load)),
            runs: std::array::from_fn(|index| self.runs.get(index).map_or(0, load)),
            run_retries: load(&self.run_retries),
            run_lag_us: self.run_lag.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            schedules: 0,
            runs_waiting: 0,
            runs_in_flight: 0,
        }
    }
}
