//! The recorder: takes what happened, decides, and writes decision and evidence together.
//!
//! Only a committed batch is announced. A batch that the database refuses is kept and written again, while what
//! arrives waits in a bounded queue; a banner says so.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::alert::Destination;
use domain::check::Observation;
use domain::machine::{Input, Transition};
use domain::state::State;
use domain::view::CheckView;
use domain::{AppError, IncidentId, MonitorId, SpaceId, Timestamp};
use store::packed::{MissedSlots, represent};
use store::{Batch, Level, Store};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::absence::Absence;
use super::commit::DiskSpace;
use super::doubt::{Doubts, cause};
use super::incidents::{IncidentOrder, OpenIncidents};
use super::load::{Loaded, Loading, load};
use super::marks::Marks;
use super::standing::Seen;
use super::untold::Untold;
use crate::alert::Directory;
use crate::board::{Board, Entry};
use crate::clock::Clock;
use crate::deliver::Waker;
use crate::gate::Gate;
use crate::live::Hub;
use crate::maintenance::Windows;
use crate::metrics::Metrics;
use crate::net::Dialer;
use crate::schedule::Wake;

/// Results that wait while the database does not take them; more are counted as missed.
const QUEUE: usize = 20_000;
/// How long a batch waits for company when nothing in it is urgent: a transaction costs as much as a hundred checks in it.
const LINGER: Duration = Duration::from_millis(100);
/// A row of where a monitor stands is at most this old: what came since is in the journal, and is applied again at start.
const STATE_EVERY_MS: i64 = 600_000;
/// Rows of hours that ended and of where monitors stand in one transaction beside the checks: the end of an hour, which
/// all monitors share, must not hold up the recorder.
const SWEEP_ROWS: usize = 25;
/// An hour gets its rollup that long after its end, so that checks that began in it are in it.
const GRACE_MS: i64 = 35_000;
/// How often what is due by time is looked at.
const TICK: Duration = Duration::from_secs(1);

/// Why a slot did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missed {
    /// The check before it was still under way.
    StillRunning,
    /// Too many checks were under way, here or to this host.
    Saturated,
    /// The process was not running, or the clock was set forward.
    NotRunning,
    /// The database did not take results.
    NotRecorded,
    /// Nothing is known of the members of a group.
    NobodyKnows,
}

impl Missed {
    fn name(self) -> &'static str {
        match self {
            Self::StillRunning => "still_running",
            Self::Saturated => "saturated",
            Self::NotRunning => "not_running",
            Self::NotRecorded => "not_recorded",
            Self::NobodyKnows => "nobody_knows",
        }
    }
}

/// What happened.
pub(crate) enum Command {
    /// A check ended.
    Checked { entry: Arc<Entry>, observation: Observation },
    /// Slots did not run.
    Missed { entry: Arc<Entry>, at: Timestamp, slots: u32, why: Missed },
    /// A person paused or resumed monitors.
    Enabled { entries: Vec<Arc<Entry>>, enabled: bool, at: Timestamp, done: oneshot::Sender<()> },
    /// What covers the monitors of a space may have changed.
    Look { space: SpaceId, done: Option<oneshot::Sender<()>> },
    /// A person does something to an incident.
    Incident(Box<IncidentOrder>),
    /// Monitors were deleted.
    Gone { monitors: Vec<MonitorId> },
    /// What covers any monitor may have changed: the own network is gone, or back, or certain to be there.
    LookEverywhere,
    /// Answer when everything before this is committed.
    Flush { done: oneshot::Sender<()> },
}

/// Where to send what happened.
#[derive(Clone)]
pub(crate) struct RecorderHandle {
    sender: mpsc::Sender<Command>,
}

impl RecorderHandle {
    /// Never waits: a probe's end must not depend on the database. False when the queue is full.
    pub fn offer(&self, command: Command) -> bool {
        self.sender.try_send(command).is_ok()
    }

    /// Waits for a place; false when the recorder has stopped.
    pub async fn send(&self, command: Command) -> bool {
        self.sender.send(command).await.is_ok()
    }

    /// Waits until everything sent before is committed.
    pub async fn flush(&self) {
        let (done, committed) = oneshot::channel();
        if self.send(Command::Flush { done }).await {
            // An error means that the recorder has stopped, which flushes too.
            let _stopped = committed.await;
        }
    }
}

/// The recorder.
pub(crate) struct Recorder {
    pub store: Store,
    pub clock: Clock,
    pub board: Arc<Board>,
    pub hub: Hub,
    pub metrics: Arc<Metrics>,
    pub wake: mpsc::UnboundedSender<Wake>,
    pub windows: Arc<Windows>,
    pub gate: Arc<Gate>,
    pub dialer: Arc<Dialer>,
    pub batch_size: usize,
    pub(super) doubts: Doubts,
    pub marks: Arc<Marks>,
    pub(super) batch: Batch,
    /// Whose the checks of the batch are.
    pub(super) checked: Vec<Arc<Entry>>,
    /// Checks before this instant may be in segments alone.
    pub(super) sealed_to: Timestamp,
    pub(super) touched: Vec<(SpaceId, MonitorId)>,
    pub(super) replies: Vec<oneshot::Sender<()>>,
    /// Incidents that are not over.
    pub(super) incidents: OpenIncidents,
    pub(super) directory: Arc<Directory>,
    pub(super) outbox: Waker<Destination>,
    /// Where something is to be sent once the batch is committed, and when.
    pub(super) due: Vec<(Destination, Timestamp)>,
    /// Spaces in which something happened that people may want to be told.
    pub(super) news: Vec<SpaceId>,
    /// Incidents that somebody looks at, or that are over: nobody needs reminders of them any more.
    pub(super) calmed: Vec<IncidentId>,
    /// Who waits for what they ordered.
    pub(super) answers: Vec<oneshot::Sender<Result<(), AppError>>>,
    pub(super) urgent: bool,
    idle: bool,
    untold: Untold,
    pub(super) space: DiskSpace,
    /// The process is to end: what the database does not take is given up.
    pub(super) stop: CancellationToken,
    /// Monitors that nobody watched while the process was off.
    pub(super) absence: Absence,
    /// Monitors whose history is not in memory yet.
    unloaded: Vec<Arc<Entry>>,
    /// Monitors whose hours and rows are still to be looked at in this sweep.
    sweeping: Vec<Arc<Entry>>,
    swept_at: Timestamp,
}

/// What a recorder works with.
pub(crate) struct Parts {
    pub store: Store,
    pub clock: Clock,
    pub board: Arc<Board>,
    pub hub: Hub,
    pub metrics: Arc<Metrics>,
    pub wake: mpsc::UnboundedSender<Wake>,
    pub windows: Arc<Windows>,
    pub gate: Arc<Gate>,
    pub dialer: Arc<Dialer>,
    pub batch_size: usize,
    pub marks: Arc<Marks>,
    /// With less free space than this, nothing is recorded.
    pub disk_floor_bytes: u64,
    /// Nothing is scheduled: a command of the operator looks at the data, and must not decide anything about it.
    pub idle: bool,
    pub incidents: OpenIncidents,
    pub directory: Arc<Directory>,
    /// Says that there is something to send.
    pub outbox: Waker<Destination>,
}

impl Recorder {
    /// A queue and who empties it.
    pub fn channel() -> (RecorderHandle, mpsc::Receiver<Command>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (RecorderHandle { sender }, receiver)
    }

    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            clock,
            board,
            hub,
            metrics,
            wake,
            windows,
            gate,
            dialer,
            batch_size,
            marks,
            disk_floor_bytes,
            idle,
            incidents,
            directory,
            outbox,
        } = parts;
        let unloaded = if idle { Vec::new() } else { board.all().into_iter().filter(|e| !e.standing().loaded).collect() };
        let batch_size = batch_size.clamp(1, 250);
        Self {
            store,
            clock,
            board,
            hub,
            metrics,
            wake,
            windows,
            gate,
            dialer,
            batch_size,
            marks,
            doubts: Doubts::default(),
            batch: Batch::default(),
            checked: Vec::new(),
            sealed_to: Timestamp::default(),
            touched: Vec::new(),
            replies: Vec::new(),
            incidents,
            directory,
            outbox,
            due: Vec::new(),
            news: Vec::new(),
            calmed: Vec::new(),
            answers: Vec::new(),
            urgent: false,
            idle,
            untold: Untold::default(),
            space: DiskSpace::new(disk_floor_bytes),
            stop: CancellationToken::new(),
            absence: Absence::default(),
            unloaded,
            sweeping: Vec::new(),
            swept_at: Timestamp::default(),
        }
    }

    /// Runs until every sender is gone, or `stop` is cancelled and the queue is empty; then writes where all stand.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>, stop: CancellationToken) {
        self.stop = stop.clone();
        let mut ticked = self.clock.elapsed();
        if !self.idle {
            self.replay().await;
            self.tick().await;
            self.commit().await;
        }
        loop {
            let command = tokio::select! {
                biased;
                command = commands.recv() => command,
                () = stop.cancelled() => commands.try_recv().ok(),
                () = self.clock.sleep_until(ticked + TICK), if !self.idle => {
                    ticked = self.clock.elapsed();
                    self.tick().await;
                    self.commit().await;
                    continue;
                }
            };
            let Some(command) = command else { break };
            self.handle(command).await;
            self.fill(&mut commands).await;
            self.commit().await;
            if !self.idle {
                self.sweep().await;
            }
        }
        let all = if self.idle { Vec::new() } else { self.board.all() };
        for entry in all {
            self.keep_state(&entry);
            if self.batch.states.len() >= self.batch_size {
                self.commit().await;
            }
        }
        self.commit().await;
    }

    /// Takes what else is there, and a little of what comes, until the batch is full or urgent.
    async fn fill(&mut self, commands: &mut mpsc::Receiver<Command>) {
        let deadline = tokio::time::Instant::now() + LINGER;
        while self.checked.len() < self.batch_size && self.batch.transitions.len() < self.batch_size {
            let next = match commands.try_recv() {
                Ok(command) => Some(command),
                Err(_) if self.urgent => None,
                Err(_) => tokio::time::timeout_at(deadline, commands.recv()).await.ok().flatten(),
            };
            match next {
                Some(command) => self.handle(command).await,
                None => return,
            }
        }
    }

    async fn handle(&mut self, command: Command) {
        match command {
            Command::Checked { entry, observation } => self.checked(entry, observation).await,
            Command::Missed { entry, at, slots, why } => self.missed(&entry, at, slots, why).await,
            Command::Enabled { entries, enabled, at, done } => {
                for entry in entries {
                    self.enabled(&entry, enabled, at).await;
                }
                self.urgent = true;
                self.replies.push(done);
            }
            Command::Look { space, done } => {
                self.look(space).await;
                self.urgent |= done.is_some();
                self.replies.extend(done);
            }
            Command::Incident(order) => {
                self.urgent = true;
                self.order(*order).await;
            }
            Command::Gone { monitors } => monitors.into_iter().for_each(|monitor| self.tell_gone(monitor)),
            Command::LookEverywhere => self.look_everywhere().await,
            Command::Flush { done } => {
                self.urgent = true;
                self.replies.push(done);
            }
        }
    }

    async fn checked(&mut self, entry: Arc<Entry>, mut observation: Observation) {
        if entry.gone.load(Ordering::Acquire) {
            return;
        }
        represent(&mut observation);
        self.load(&entry).await;
        let plan = entry.plan();
        let fault = observation.failure.as_ref().or(observation.warning.as_ref());
        let seen = Seen::from(&observation);
        self.note_answer(&entry, &observation).await;
        let rule = self.rule(&entry, observation.failure.is_some().then_some(observation.at));
        let (was_failing, change, machine) = {
            let mut standing = entry.standing();
            standing.count(&seen);
            let was_failing = standing.machine.is_failing();
            let change = standing.check(&seen, rule);
            (was_failing, change, standing.machine)
        };
        if let Some(expires_at) = observation.expires_at {
            self.tell_expiry(&entry, expires_at);
        }
        if machine.wants_another_look() {
            let again = self.clock.now().plus(plan.monitor.spec.retry_after());
            // The scheduler is gone only when everything stops.
            let _stopping = self.wake.send(Wake::At(Arc::clone(&entry), again));
        }
        if let Some(change) = change {
            self.changed(&entry, change, cause(&change, fault.map(|f| f.reason.name())));
        }
        self.batch.recorded.checks.push((entry.id, CheckView::from(observation)));
        self.checked.push(Arc::clone(&entry));
        self.told_children(&entry, was_failing).await;
        self.touched.push((entry.space, entry.id));
        self.keep_state_if_old(&entry);
    }

    async fn missed(&mut self, entry: &Arc<Entry>, at: Timestamp, slots: u32, why: Missed) {
        if entry.gone.load(Ordering::Acquire) {
            return;
        }
        self.load(entry).await;
        self.metrics.missed(slots);
        let rule = entry.plan().monitor.spec.confirmation;
        let change = entry.standing().miss(at, slots, rule);
        self.batch.recorded.missed.push(MissedSlots { monitor: entry.id, at, slots });
        if why == Missed::NobodyKnows {
            tracing::debug!(monitor.id = %entry.id, "nothing is known of the members of a group");
        } else {
            tracing::debug!(monitor.id = %entry.id, slots, reason = why.name(), "slots did not run");
            self.untold.add(entry.id, slots, why.name());
        }
        if let Some(change) = change {
            self.changed(entry, change, Some(why.name()));
        }
        self.touched.push((entry.space, entry.id));
    }

    async fn enabled(&mut self, entry: &Arc<Entry>, enabled: bool, at: Timestamp) {
        self.load(entry).await;
        let input = if enabled { Input::Resumed { at } } else { Input::Paused { at } };
        self.step(entry, input, at, Some("person"));
    }

    /// Tells the machine of something that is no result.
    pub(super) fn step(&mut self, entry: &Arc<Entry>, input: Input, at: Timestamp, reason: Option<&'static str>) {
        let rule = entry.plan().monitor.spec.confirmation;
        let change = entry.standing().step(input, at, rule);
        if let Some(change) = change {
            self.changed(entry, change, reason);
        }
        self.touched.push((entry.space, entry.id));
    }

    pub(super) fn changed(&mut self, entry: &Arc<Entry>, change: Transition, reason: Option<&'static str>) {
        let (from, to, plan) = (change.from.name(), change.to.name(), entry.plan());
        // A start finds every monitor again: that is no news, unless one is down.
        if change.to == State::Unknown || (change.from == State::Unknown && change.to != State::Down) {
            tracing::debug!(monitor.id = %entry.id, monitor.name = plan.monitor.spec.name, from, to, reason, "state changed");
        } else {
            tracing::info!(monitor.id = %entry.id, monitor.name = plan.monitor.spec.name, from, to, reason, "state changed");
        }
        let now = self.clock.now();
        let marked = entry.standing().mark_flapping(Some(&change), now, plan.slots.interval());
        self.tell_change(entry, &change, reason);
        if marked {
            self.tell_flapping(entry, now);
        }
        for group in self.board.groups_of(entry.space, entry.id) {
            // The scheduler is gone only when everything stops.
            let _stopping = self.wake.send(Wake::Now(group));
        }
        self.batch.transitions.push((entry.id, change, reason));
        self.keep_state(entry);
        self.urgent = true;
    }

    fn keep_state_if_old(&mut self, entry: &Arc<Entry>) {
        let now = self.clock.now();
        let due = {
            let standing = entry.standing();
            standing.dirty && now.as_millis() - standing.written_at.as_millis() >= STATE_EVERY_MS
        };
        if due {
            self.keep_state(entry);
        }
    }

    pub(super) fn keep_state(&mut self, entry: &Arc<Entry>) {
        let mut standing = entry.standing();
        if !standing.loaded || !standing.dirty || entry.gone.load(Ordering::Acquire) {
            return;
        }
        standing.dirty = false;
        standing.written_at = self.clock.now();
        let row = standing.to_row(entry.id);
        drop(standing);
        self.batch.states.retain(|kept| kept.monitor != entry.id);
        self.batch.states.push(row);
    }

    /// Reads the history of a monitor, unless it is in memory, and then what covers it: before anything else is applied.
    pub(super) async fn load(&mut self, entry: &Arc<Entry>) {
        let mut pause = Duration::from_millis(100);
        loop {
            let in_doubt = self.is_guarded(entry) || !self.board.parents(entry).is_empty();
            let (store, marks, sealed_to, now) = (&self.store, &self.marks, self.sealed_to, self.clock.now());
            match load(Loading { store, marks, sealed_to, now, in_doubt }, entry, &mut self.batch).await {
                Ok(Loaded::Before) => return,
                Ok(Loaded::Now { unwatched_since }) => {
                    self.absence.saw(entry.space, unwatched_since);
                    break;
                }
                Err(error) => {
                    tracing::error!(monitor.id = %entry.id, error = %error, "the history of a monitor could not be read; trying again");
                    self.hub.set_notice("The database does not answer. Checks go on and wait to be recorded.");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        }
        if self.cover(entry) {
            self.check_again(std::slice::from_ref(entry));
        }
        Box::pin(self.reconsider(entry)).await;
    }

    /// What is due by time: histories that are not loaded yet, hours that ended, rows that are old.
    async fn tick(&mut self) {
        for _ in 0..200 {
            let Some(entry) = self.unloaded.pop() else { break };
            self.load(&entry).await;
            self.touched.push((entry.space, entry.id));
            if self.batch.transitions.len() >= self.batch_size {
                self.commit().await;
            }
        }
        if self.unloaded.is_empty() {
            self.tell_absence();
        }
        self.decide_overdue().await;
        self.untold.tell(self.clock.elapsed());
        self.sweep().await;
    }

    /// Every few seconds, however busy: hours that ended get their rollup, a few in each transaction.
    async fn sweep(&mut self) {
        let now = self.clock.now();
        if self.sweeping.is_empty() {
            if (now.as_millis() - self.swept_at.as_millis()).abs() < 5_000 {
                return;
            }
            self.swept_at = now;
            self.sweeping = self.board.all();
        }
        let until = Timestamp::from_millis(now.as_millis() - GRACE_MS);
        while self.batch.rollups.len() < SWEEP_ROWS
            && self.batch.states.len() < SWEEP_ROWS
            && let Some(entry) = self.sweeping.pop()
        {
            let interval = entry.plan().slots.interval();
            let (closed, loaded, marked) = {
                let mut standing = entry.standing();
                if standing.loaded {
                    (standing.close_hours(until), true, standing.mark_flapping(None, now, interval))
                } else {
                    (Vec::new(), false, false)
                }
            };
            if marked {
                self.tell_flapping(&entry, now);
                self.touched.push((entry.space, entry.id));
                self.keep_state(&entry);
            }
            if !closed.is_empty() {
                self.batch.rollups.extend(closed.into_iter().map(|(start, rollup)| (entry.id, Level::Hour, start, rollup)));
                entry.standing().dirty = true;
                // The row says which hours have their rollup: both in one transaction.
                self.keep_state(&entry);
            } else if loaded {
                self.keep_state_if_old(&entry);
            }
        }
        self.commit().await;
    }
}
