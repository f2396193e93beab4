//! Every schedule and everything that waits, in memory.
//!
//! Invariant: progress is changed only by whoever holds [`Book::writing`], and what is changed is written before the lock is given back, so that
//! rows of the database never go back behind newer ones.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::webhook::{Decision, Occurrence, OccurrenceId, Planned, Priority, Progress, RunState, Schedule, ScheduleCounts, plan};
use domain::{ScheduleId, SpaceId, Timestamp};
use store::{Store, StoreError};
use tokio::sync::{MutexGuard as AsyncGuard, Notify};

pub(crate) use entry::{Entry, standing};

use super::queue::{May, Queue, Waiting, is_retry};

mod entry;

/// Why a run of which nobody knows what became is sent again.
pub(super) const LOST: &str = "The process ended while it was on its way. It may have arrived; it is sent again.";

/// When a schedule is looked at: of those at the same instant the urgent first.
type Look = (Timestamp, Reverse<Priority>, ScheduleId);

/// All schedules.
pub(crate) struct Book {
    state: Mutex<State>,
    writing: tokio::sync::Mutex<()>,
    changed: Notify,
    per_host: usize,
}

#[derive(Default)]
struct State {
    entries: HashMap<ScheduleId, Entry>,
    spaces: HashMap<SpaceId, BTreeSet<ScheduleId>>,
    /// When schedules are looked at; what an entry itself says counts, others are void.
    heap: BinaryHeap<Reverse<Look>>,
    queue: Queue,
    /// Running ones that are not to be tried again.
    cancelled: HashSet<OccurrenceId>,
    secrets: HashMap<SpaceId, BTreeMap<String, String>>,
}

/// What was decided at once.
#[derive(Default)]
pub(super) struct Decided {
    /// To be written down.
    pub occurrences: Vec<Occurrence>,
    /// Schedules that have come further.
    pub schedules: Vec<Arc<Schedule>>,
    /// Times that did not run and that somebody may want to be told of.
    pub news: HashSet<OccurrenceId>,
}

impl State {
    fn expect(&mut self, id: ScheduleId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.next = entry.looked_at_next();
            if let Some(at) = entry.next {
                self.heap.push(Reverse((at, Reverse(entry.schedule.spec.priority), id)));
            }
        }
    }

    fn enqueue(&mut self, occurrence: Occurrence) -> Option<(String, Timestamp)> {
        let entry = self.entries.get_mut(&occurrence.id.schedule)?;
        let (host, at) = (entry.host.to_string(), occurrence.due_at);
        entry.retrying += u32::from(occurrence.state == RunState::Retrying);
        self.queue.put(&host, Waiting { occurrence, priority: entry.schedule.spec.priority });
        Some((host, at))
    }
}

impl Book {
    /// Reads all schedules and what of them has not ended. What was on its way when the process ended is due at once.
    pub async fn load(store: &Store, per_host: usize, now: Timestamp) -> Result<Self, StoreError> {
        let mut state = State::default();
        let mut open = Vec::new();
        for (schedule, progress) in store.all_schedules().await? {
            let (id, space) = (schedule.id, schedule.space);
            open.extend(progress.open.iter().map(|nominal| (space, OccurrenceId { schedule: id, nominal: *nominal })));
            match Entry::new(schedule, progress) {
                Ok(entry) => {
                    state.spaces.entry(space).or_default().insert(id);
                    state.entries.insert(id, entry);
                    state.expect(id);
                }
                Err(error) => tracing::error!(schedule.id = %id, error, "a schedule cannot be understood and does not run"),
            }
        }
        for (space, name, value) in store.all_named_secrets().await? {
            state.secrets.entry(space).or_default().insert(name, value);
        }
        let mut lost = Vec::new();
        let mut waits: HashSet<OccurrenceId> = HashSet::new();
        for mut occurrence in store.runs().some(&open).await? {
            if occurrence.state.is_final() {
                continue;
            }
            waits.insert(occurrence.id);
            if occurrence.state == RunState::Running {
                let claimed = occurrence.claim.take();
                occurrence.lost = occurrence.lost.saturating_add(1);
                (occurrence.state, occurrence.due_at, occurrence.note) = (RunState::Retrying, now, LOST.into());
                lost.push(store::RunChange { occurrence: occurrence.clone(), claimed, attempt: None });
            }
            state.enqueue(occurrence);
        }
        for entry in state.entries.values_mut() {
            let id = entry.schedule.id;
            entry.progress.open.retain(|nominal| waits.contains(&OccurrenceId { schedule: id, nominal: *nominal }));
        }
        for piece in lost.chunks(100) {
            store.runs().change(piece, &store::Beside::default()).await?;
        }
        Ok(Self { state: Mutex::new(state), writing: tokio::sync::Mutex::new(()), changed: Notify::new(), per_host: per_host.max(1) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to change how far schedules have come.
    pub async fn writing(&self) -> AsyncGuard<'_, ()> {
        self.writing.lock().await
    }

    /// Waits until a schedule was added or changed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// On their way at once to one host, at most.
    pub fn per_host(&self) -> usize {
        self.per_host
    }

    /// When a schedule is looked at next.
    pub fn next(&self) -> Option<Timestamp> {
        self.state().heap.peek().map(|Reverse((at, ..))| *at)
    }

    /// Decides the times of at most `most` schedules that are due. The caller writes them down.
    pub(super) fn decide(&self, now: Timestamp, most: usize) -> Decided {
        let mut state = self.state();
        let mut decided = Decided::default();
        while decided.schedules.len() < most {
            let Some(Reverse((at, _, id))) = state.heap.peek().copied().filter(|Reverse((at, ..))| *at <= now) else { break };
            state.heap.pop();
            let Some(entry) = state.entries.get_mut(&id).filter(|entry| entry.next == Some(at)) else { continue };
            decided.occurrences.extend(entry.ends_pause(now));
            if entry.progress.pause.is_none() {
                let spec = &entry.schedule.spec;
                let planned = plan(spec, &entry.timetable, &mut entry.progress, now);
                let news = planned.iter().filter(|one| one.is_news).map(|one| OccurrenceId { schedule: id, nominal: one.nominal });
                decided.news.extend(news);
                decided.occurrences.extend(planned.into_iter().map(|one| occurrence(&entry.schedule, &entry.timetable, one, now)));
                decided.schedules.push(Arc::clone(&entry.schedule));
            }
            state.expect(id);
        }
        decided
    }

    /// How far some schedules have come.
    pub fn progress(&self, ids: impl IntoIterator<Item = ScheduleId>) -> HashMap<ScheduleId, Progress> {
        let state = self.state();
        ids.into_iter().filter_map(|id| Some((id, state.entries.get(&id)?.progress.clone()))).collect()
    }

    /// Puts how far schedules have come, as it was written.
    pub fn set_progress(&self, progress: HashMap<ScheduleId, Progress>) {
        let mut state = self.state();
        for (id, progress) in progress {
            if let Some(entry) = state.entries.get_mut(&id) {
                entry.progress = progress;
            }
        }
    }

    /// Puts what was written down in line; answers the hosts with when something is due there.
    pub fn enqueue(&self, occurrences: impl IntoIterator<Item = Occurrence>) -> Vec<(String, Timestamp)> {
        let mut state = self.state();
        occurrences.into_iter().filter_map(|one| state.enqueue(one)).collect()
    }

    /// Hosts for which something waits, with when.
    pub fn hosts(&self) -> Vec<(String, Timestamp)> {
        self.state().queue.hosts()
    }

    /// How urgent what waits for a host is: the lower, the more urgent.
    pub fn urgency(&self, host: &str) -> u8 {
        self.state().queue.urgency(host)
    }

    /// Takes what may go to a host now, and says when to look again.
    pub fn take(&self, host: &str, room: usize, now: Timestamp) -> (Vec<Occurrence>, Option<Timestamp>) {
        let mut state = self.state();
        let State { queue, entries, .. } = &mut *state;
        let taken = queue.take(host, room, self.per_host, now, |waiting| match entries.get_mut(&waiting.occurrence.id.schedule) {
            Some(entry) => entry.may(&waiting.occurrence, now),
            // Deleted meanwhile: its end is found to be gone.
            None => May::Go,
        });
        let next = queue.next(host);
        (taken.into_iter().map(|waiting| waiting.occurrence).collect(), next)
    }

    /// One that was taken has ended, or was not claimed. Answers hosts that have something due because of it.
    pub fn ended(&self, host: &str, before: &Occurrence, after: Option<Occurrence>, now: Timestamp) -> Vec<(String, Timestamp)> {
        let mut state = self.state();
        state.queue.ended(host, is_retry(before));
        state.cancelled.remove(&before.id);
        let mut next = Vec::new();
        let State { queue, entries, .. } = &mut *state;
        if let Some(entry) = entries.get_mut(&before.id.schedule) {
            entry.sending = entry.sending.saturating_sub(1);
            let parked = std::mem::take(&mut entry.parked);
            if queue.unpark(&parked) {
                next.push((entry.host.to_string(), now));
            }
        }
        next.extend(after.filter(|one| !one.state.is_final()).and_then(|one| state.enqueue(one)));
        next
    }

    /// Whether a running one is not to be tried again.
    pub fn is_cancelled(&self, id: OccurrenceId) -> bool {
        self.state().cancelled.contains(&id)
    }

    /// Takes one that waits out of line.
    pub fn take_out(&self, id: OccurrenceId) -> Option<Occurrence> {
        let mut state = self.state();
        let waiting = state.queue.remove(id)?;
        if let Some(entry) = state.entries.get_mut(&id.schedule) {
            entry.retrying = entry.retrying.saturating_sub(u32::from(waiting.occurrence.state == RunState::Retrying));
        }
        Some(waiting.occurrence)
    }

    /// Takes one that waits out of line, or marks one that is on its way; answers what was taken out.
    pub fn cancel(&self, id: OccurrenceId) -> Option<Occurrence> {
        let waiting = self.take_out(id);
        if waiting.is_none() {
            self.state().cancelled.insert(id);
        }
        waiting
    }

    /// Adds a schedule or replaces it. How far it has come stays, unless it is given.
    pub fn put(&self, schedule: Schedule, progress: Option<Progress>) -> Result<(), String> {
        let (id, space) = (schedule.id, schedule.space);
        let mut state = self.state();
        let known = progress.or_else(|| state.entries.get(&id).map(|entry| entry.progress.clone()));
        let created = schedule.updated_at;
        let mut entry = Entry::new(schedule, known.unwrap_or_else(|| Progress::new(created)))?;
        if let Some(before) = state.entries.remove(&id) {
            entry.inherit(before);
        }
        state.spaces.entry(space).or_default().insert(id);
        state.entries.insert(id, entry);
        state.expect(id);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Forgets a schedule and what of it waits.
    pub fn remove(&self, id: ScheduleId) {
        let mut state = self.state();
        let Some(entry) = state.entries.remove(&id) else { return };
        if let Some(ids) = state.spaces.get_mut(&entry.schedule.space) {
            ids.remove(&id);
        }
        for nominal in entry.progress.open {
            state.queue.remove(OccurrenceId { schedule: id, nominal });
        }
    }

    /// Forgets a space.
    pub fn remove_space(&self, space: SpaceId) {
        let ids = self.state().spaces.remove(&space).unwrap_or_default();
        ids.into_iter().for_each(|id| self.remove(id));
        self.state().secrets.remove(&space);
    }

    /// Has schedules looked at again whose pause has changed.
    pub fn look_again(&self, ids: impl IntoIterator<Item = ScheduleId>) {
        let mut state = self.state();
        ids.into_iter().for_each(|id| state.expect(id));
        drop(state);
        self.changed.notify_one();
    }

    /// Puts what waited for others of its schedule back in line; answers where something is due because of it.
    pub fn freed(&self, ids: impl IntoIterator<Item = ScheduleId>, now: Timestamp) -> Vec<(String, Timestamp)> {
        let mut state = self.state();
        let State { queue, entries, .. } = &mut *state;
        let mut hosts = Vec::new();
        for id in ids {
            let Some(entry) = entries.get_mut(&id) else { continue };
            let parked = std::mem::take(&mut entry.parked);
            if queue.unpark(&parked) {
                hosts.push((entry.host.to_string(), now));
            }
        }
        hosts
    }

    /// Looks at one schedule of a space.
    pub fn with<T>(&self, space: SpaceId, id: ScheduleId, look: impl FnOnce(&Entry) -> T) -> Option<T> {
        self.state().entries.get(&id).filter(|entry| entry.schedule.space == space).map(look)
    }

    /// Looks at all schedules of a space, in order of their ids.
    pub fn each<T>(&self, space: SpaceId, mut look: impl FnMut(&Entry) -> Option<T>) -> Vec<T> {
        let state = self.state();
        let ids = state.spaces.get(&space).into_iter().flatten();
        ids.filter_map(|id| look(state.entries.get(id)?)).collect()
    }

    /// The settings of a schedule, wherever it is.
    pub fn schedule(&self, id: ScheduleId) -> Option<(Arc<Schedule>, Arc<str>)> {
        self.state().entries.get(&id).map(|entry| (Arc::clone(&entry.schedule), Arc::clone(&entry.host)))
    }

    /// The values that templates of a space name.
    pub fn secrets(&self, space: SpaceId) -> BTreeMap<String, String> {
        self.state().secrets.get(&space).cloned().unwrap_or_default()
    }

    /// Keeps or forgets such a value.
    pub fn set_secret(&self, space: SpaceId, name: &str, value: Option<&str>) {
        let mut state = self.state();
        let named = state.secrets.entry(space).or_default();
        match value {
            Some(value) => named.insert(name.to_owned(), value.to_owned()),
            None => named.remove(name),
        };
    }

    /// How many schedules of a space there are.
    pub fn counts(&self, space: SpaceId) -> ScheduleCounts {
        let mut counts = ScheduleCounts::default();
        self.each(space, |entry| {
            counts.add(standing(entry), 1);
            None::<()>
        });
        counts
    }

    /// Schedules, runs that wait, and those on their way, over all spaces.
    pub fn totals(&self) -> (usize, usize, usize) {
        let state = self.state();
        let sending = state.entries.values().map(|entry| usize::try_from(entry.sending).unwrap_or(0)).sum();
        (state.entries.len(), state.queue.len(), sending)
    }
}

fn occurrence(schedule: &Schedule, timetable: &domain::webhook::Timetable, planned: Planned, now: Timestamp) -> Occurrence {
    let id = OccurrenceId { schedule: schedule.id, nominal: planned.nominal };
    let due = |origin| Occurrence::due(id, schedule.space, origin, timetable.begins(schedule.id, planned.nominal), now);
    let over = |state, why: &str| Occurrence {
        state,
        note: why.to_owned(),
        ended_at: Some(now),
        count: planned.count,
        first: (planned.count > 1).then_some(planned.first),
        ..due(domain::webhook::Origin::Schedule)
    };
    match planned.decision {
        Decision::Run(origin) => due(origin),
        Decision::Skip(why) => over(RunState::Skipped, why),
        Decision::Miss(why) => over(RunState::Missed, why),
    }
}
