//! Who is due. One task on the probes' own runtime holds a heap of instants; wall time says what is due, monotonic
//! time how long to sleep, and a difference between the two that grows is a clock that was set.
//!
//! Invariants: one check of a monitor at a time; a scheduled check never starts before its slot; a slot that could not
//! start in time is recorded as missed, once, and the next one is on the grid as if nothing had happened.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::check::{Observation, Reason};
use domain::{MonitorId, Timestamp};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::board::{Board, Entry};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::net::Dialer;
use crate::probe::Probe;
use crate::record::{Command, Missed, RecorderHandle};

mod passive;

/// What the scheduler is told.
pub(crate) enum Wake {
    /// A monitor is new or has new settings: put it on its grid.
    Put(Arc<Entry>),
    /// A monitor is paused or gone.
    Take(MonitorId),
    /// Check once at an instant, off the grid. A check that is under way then stands for it.
    At(Arc<Entry>, Timestamp),
    /// Check at once, off the grid: what a check that is under way sees may be older than what is asked about, so that another follows it.
    Now(Arc<Entry>),
    /// A heartbeat has had a signal: it is expected at another time.
    Heard(Arc<Entry>),
}

/// A sleep is at most this long, so that a set clock is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// Wall and monotonic time may drift apart by this much between two looks.
const STEP_MS: i64 = 500;
/// A slot that is later than that, or than half its interval, is missed rather than run late.
const LATEST: Duration = Duration::from_secs(5);

/// What an instant in the heap is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Slot,
    Once,
    /// Once, and not before it was asked for.
    Fresh,
    /// When a heartbeat is overdue.
    Deadline,
}

type Due = Reverse<(Timestamp, MonitorId, u64, Kind)>;

/// The scheduler.
pub(crate) struct Scheduler {
    pub clock: Clock,
    pub dialer: Arc<Dialer>,
    pub recorder: RecorderHandle,
    pub metrics: Arc<Metrics>,
    /// Checks under way at once.
    pub global: Arc<Semaphore>,
    /// Where the members of groups stand.
    pub board: Arc<Board>,
}

/// Monitors on the grid. The number grows with every change of an entry, so that what is left in the heap of an
/// earlier one is recognised as void.
struct Grid {
    heap: BinaryHeap<Due>,
    entries: HashMap<MonitorId, (Arc<Entry>, u64)>,
    generation: u64,
    /// The deadline of each heartbeat that counts; others in the heap are void.
    deadlines: HashMap<MonitorId, Timestamp>,
}

impl Scheduler {
    /// Runs until `stop`, then waits for the checks that are under way.
    pub async fn run(self, mut commands: mpsc::UnboundedReceiver<Wake>, stop: CancellationToken) {
        let scheduler = Arc::new(self);
        let tasks = TaskTracker::new();
        let mut grid = Grid { heap: BinaryHeap::new(), entries: HashMap::new(), generation: 0, deadlines: HashMap::new() };
        let mut offset = offset_ms(scheduler.clock.reading());
        loop {
            let (now, elapsed) = scheduler.clock.reading();
            let step_ms = offset_ms((now, elapsed)) - offset;
            offset += step_ms;
            if step_ms.abs() > STEP_MS {
                tracing::warn!(step_ms, "the clock was set; slots follow it");
                scheduler.clock_was_set(&mut grid, now);
            }
            while let Some(Reverse((due, id, generation, kind))) = grid.heap.peek().copied().filter(|d| d.0.0 <= now) {
                grid.heap.pop();
                scheduler.due(&mut grid, &tasks, (due, id, generation, kind), now);
            }
            // Until an instant of monotonic time: what passed since the reading shortens the sleep.
            let sleep = grid.heap.peek().map_or(LONGEST_SLEEP, |d| d.0.0.since(now).min(LONGEST_SLEEP));
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                command = commands.recv() => match command {
                    Some(command) => scheduler.told(&mut grid, command),
                    None => break,
                },
                () = scheduler.clock.sleep_until(elapsed + sleep) => {}
            }
            while let Ok(command) = commands.try_recv() {
                scheduler.told(&mut grid, command);
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    fn told(&self, grid: &mut Grid, command: Wake) {
        match command {
            Wake::Put(entry) => {
                let now = self.clock.now();
                grid.put(entry, now);
            }
            Wake::Take(id) => grid.take(id),
            Wake::Heard(entry) => grid.expect_signal(&entry, self.clock.now()),
            Wake::At(entry, at) => grid.once(&entry, at, Kind::Once),
            Wake::Now(entry) => grid.once(&entry, self.clock.now(), Kind::Fresh),
        }
    }

    /// Slots are wall time: after a step back they would wait for it to be made up, after a step forward all would be
    /// overdue at once. What was skipped is missed; everything goes on at its next slot.
    fn clock_was_set(&self, grid: &mut Grid, now: Timestamp) {
        for (entry, _) in grid.entries.values() {
            if let Some(next) = entry.next_at().filter(|next| *next < now) {
                self.miss(entry, next, now, Missed::NotRunning);
            }
        }
        let entries: Vec<_> = grid.entries.values().map(|(entry, _)| Arc::clone(entry)).collect();
        grid.heap.clear();
        for entry in entries {
            grid.put(entry, now);
        }
    }

    fn due(self: &Arc<Self>, grid: &mut Grid, tasks: &TaskTracker, due: (Timestamp, MonitorId, u64, Kind), now: Timestamp) {
        let (at, id, generation, kind) = due;
        let Some((entry, current)) = grid.entries.get(&id) else { return };
        if *current != generation {
            return;
        }
        let entry = Arc::clone(entry);
        let plan = entry.plan();
        match kind {
            Kind::Once => return self.start(tasks, &entry, None),
            Kind::Fresh => {
                return if entry.flight.begin_or_follow() {
                    self.begun(tasks, &entry, None)
                };
            }
            Kind::Deadline => return self.deadline(grid, &entry, at, now),
            Kind::Slot => {}
        }
        let latest = LATEST.min(plan.slots.interval() / 2);
        let next = plan.slots.after(at.max(now));
        let late = now.since(at) > latest;
        let skipped_from = if late { at } else { plan.slots.after(at) };
        if skipped_from < next {
            self.miss(&entry, skipped_from, next, Missed::NotRunning);
        }
        if !late {
            self.start(tasks, &entry, Some(at));
        }
        entry.set_next_at(Some(next));
        grid.heap.push(Reverse((next, id, generation, Kind::Slot)));
    }

    /// Records the slots of `from <= slot < to` as missed.
    fn miss(&self, entry: &Arc<Entry>, from: Timestamp, to: Timestamp, why: Missed) {
        let interval = entry.plan().slots.interval().as_millis().max(1);
        let slots = u32::try_from(to.since(from).as_millis().div_ceil(interval).max(1)).unwrap_or(u32::MAX);
        self.record(Command::Missed { entry: Arc::clone(entry), at: from, slots, why });
    }

    fn record(&self, command: Command) {
        if !self.recorder.offer(command) {
            self.metrics.dropped();
        }
    }

    fn start(self: &Arc<Self>, tasks: &TaskTracker, entry: &Arc<Entry>, slot: Option<Timestamp>) {
        if !entry.flight.begin() {
            // A look at a failure that is under way is later than the slot before this one: it stands for this one.
            if let Some(slot) = slot.filter(|_| !entry.unscheduled.load(Ordering::Acquire)) {
                let end = slot.plus(Duration::from_millis(1));
                self.miss(entry, slot, end, Missed::StillRunning);
            }
            return;
        }
        self.begun(tasks, entry, slot);
    }

    /// Checks, and once more for each time that one was asked for meanwhile.
    fn begun(self: &Arc<Self>, tasks: &TaskTracker, entry: &Arc<Entry>, mut slot: Option<Timestamp>) {
        let (scheduler, entry) = (Arc::clone(self), Arc::clone(entry));
        entry.unscheduled.store(slot.is_none(), Ordering::Release);
        tasks.spawn(async move {
            loop {
                scheduler.check(&entry, slot.take()).await;
                if !entry.flight.end() {
                    return;
                }
                entry.unscheduled.store(true, Ordering::Release);
            }
        });
    }

    async fn check(&self, entry: &Arc<Entry>, slot: Option<Timestamp>) {
        let plan = entry.plan();
        if !plan.monitor.enabled {
            // Paused while another one was under way.
            return;
        }
        if let Ok(Probe::Group(group)) = &plan.probe {
            return self.group(entry, group, slot);
        }
        // A slot waits for its turn as long as it would be run late; an unscheduled check waits its whole timeout.
        let patience = if slot.is_some() { LATEST.min(plan.slots.interval() / 2) } else { plan.monitor.spec.timeout };
        let turn = async { (plan.host.acquire().await, self.global.acquire().await) };
        let permits = match (plan.host.try_acquire(), self.global.try_acquire()) {
            (Ok(host), Ok(global)) => Some((host, global)),
            _ => match tokio::time::timeout(patience, turn).await {
                Ok((Ok(host), Ok(global))) => Some((host, global)),
                _ => None,
            },
        };
        if permits.is_none() {
            if let Some(slot) = slot {
                self.miss(entry, slot, slot.plus(Duration::from_millis(1)), Missed::Saturated);
            }
            return;
        }
        let at = self.clock.now();
        if let Some(slot) = slot {
            self.metrics.started(at.since(slot));
        }
        let observation = match &plan.probe {
            Ok(probe) => probe.check(&self.dialer, plan.monitor.spec.timeout, at).await,
            // Settings that an earlier version accepted and this one cannot run are a failure that says so.
            Err(error) => Some(Observation::failed(at, Reason::Protocol, error.to_string())),
        };
        let Some(observation) = observation else { return };
        drop(permits);
        let observation = plan.monitor.spec.judge(observation);
        self.metrics.checked(&observation);
        if !self.recorder.offer(Command::Checked { entry: Arc::clone(entry), observation }) {
            self.metrics.dropped();
            let missed = Command::Missed { entry: Arc::clone(entry), at, slots: 1, why: Missed::NotRecorded };
            self.recorder.send(missed).await;
        }
    }
}

/// Wall time less monotonic time: constant while nobody sets the clock.
fn offset_ms((wall, monotonic): (Timestamp, Duration)) -> i64 {
    wall.as_millis() - i64::try_from(monotonic.as_millis()).unwrap_or(0)
}

impl Grid {
    /// Has a monitor checked off the grid, if it is on it.
    fn once(&mut self, entry: &Entry, at: Timestamp, kind: Kind) {
        if let Some((_, generation)) = self.entries.get(&entry.id) {
            self.heap.push(Reverse((at, entry.id, *generation, kind)));
        }
    }

    fn put(&mut self, entry: Arc<Entry>, now: Timestamp) {
        self.generation += 1;
        if matches!(entry.plan().probe, Ok(Probe::Heartbeat(_))) {
            self.deadlines.remove(&entry.id);
            self.entries.insert(entry.id, (Arc::clone(&entry), self.generation));
            return self.expect_signal(&entry, now);
        }
        let next = entry.plan().slots.after(now);
        entry.set_next_at(Some(next));
        self.heap.push(Reverse((next, entry.id, self.generation, Kind::Slot)));
        self.entries.insert(entry.id, (entry, self.generation));
    }

    fn take(&mut self, id: MonitorId) {
        self.deadlines.remove(&id);
        if let Some((entry, _)) = self.entries.remove(&id) {
            entry.set_next_at(None);
        }
    }
}
