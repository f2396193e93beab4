//! What covers a monitor: a pause, a maintenance window, the loss of the own network. The recorder holds what the machine
//! was told against what is the case, whenever something of it may have changed, and at the start of the process.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::change::{MAINTENANCE, NO_NETWORK};
use domain::machine::Input;
use domain::schedule::Slots;
use domain::state::State;
use domain::{SpaceId, Timestamp};

use super::recorder::Recorder;
use crate::board::Entry;
use crate::schedule::Wake;

/// So many monitors are looked at again at once; more of them within [`SPREAD`].
const AT_ONCE: usize = 250;
/// Within this time, or the interval of a monitor that is checked more often, all of them are.
const SPREAD: Duration = Duration::from_secs(10);

impl Recorder {
    /// Looks at every monitor of a space.
    pub(super) async fn look(&mut self, space: SpaceId) {
        let entries = self.board.of(space);
        self.cover_those(entries, Self::may_be_covered_otherwise).await;
    }

    /// Looks at every monitor of this node, and at those whose failures are doubted.
    pub(super) async fn look_everywhere(&mut self) {
        let entries = self.board.all();
        self.cover_those(entries, |recorder, entry| entry.standing().machine.is_offline() != recorder.is_offline(entry)).await;
        self.decide_doubted().await;
        self.tell_network();
    }

    /// Tells the monitors that are meant what covers them, and has those checked that nothing covers any more.
    async fn cover_those(&mut self, entries: Vec<Arc<Entry>>, meant: impl Fn(&Self, &Entry) -> bool) {
        let mut again = Vec::new();
        for entry in entries {
            if meant(self, &entry) {
                self.load(&entry).await;
                if self.cover(&entry) {
                    again.push(entry);
                }
            }
            if self.batch.transitions.len() >= self.batch_size {
                self.commit().await;
            }
        }
        self.check_again(&again);
    }

    /// Whether nothing can be known of a monitor because the own network is gone.
    fn is_offline(&self, entry: &Entry) -> bool {
        self.gate.closed_since().is_some() && self.is_guarded(entry)
    }

    fn may_be_covered_otherwise(&self, entry: &Entry) -> bool {
        let plan = entry.plan();
        let open = self.windows.opened(entry.space, self.clock.now()).covers(entry.id, &plan.monitor.spec.tags).is_some();
        let standing = entry.standing();
        standing.machine.in_maintenance() != open
    }

    /// Tells the machine what is the case; says whether a cover was taken away, so that it wants to be checked.
    pub(super) fn cover(&mut self, entry: &Arc<Entry>) -> bool {
        if entry.gone.load(Ordering::Acquire) {
            return false;
        }
        let (now, plan) = (self.clock.now(), entry.plan());
        let machine = entry.standing().machine;
        match (plan.monitor.enabled, machine.settled() == State::Paused) {
            // A pause that was saved but whose transition a crash cut off is made up for.
            (false, false) => self.step(entry, Input::Paused { at: now }, now, Some("person")),
            (true, true) => self.step(entry, Input::Resumed { at: now }, now, Some("person")),
            _ => {}
        }
        let opened = self.windows.opened(entry.space, now);
        let tags = &plan.monitor.spec.tags;
        let mut uncovered = false;
        match (machine.in_maintenance(), opened.covers(entry.id, tags)) {
            (false, Some(from)) => {
                self.step(entry, Input::MaintenanceBegun { at: from.min(now) }, from.min(now), Some(MAINTENANCE));
            }
            (true, None) => {
                let at = opened.ended(entry.id, tags, machine.settled_since(), now);
                self.step(entry, Input::MaintenanceEnded { at }, at, Some(MAINTENANCE));
                uncovered = true;
            }
            _ => {}
        }
        match (machine.is_offline(), self.gate.closed_since().filter(|_| self.is_guarded(entry))) {
            (false, Some(since)) => self.step(entry, Input::NetworkLost { at: since }, since, Some(NO_NETWORK)),
            (true, None) => {
                self.step(entry, Input::NetworkBack { at: now }, now, Some(NO_NETWORK));
                uncovered = true;
            }
            _ => {}
        }
        uncovered
    }

    /// Has monitors checked at once, or, when they are many, soon and not all in the same instant.
    pub(super) fn check_again(&self, entries: &[Arc<Entry>]) {
        let now = self.clock.now();
        for entry in entries {
            let plan = entry.plan();
            if !plan.monitor.enabled {
                continue;
            }
            let at = if entries.len() <= AT_ONCE { now } else { soon(entry, plan.slots.interval(), now) };
            // The scheduler is gone only when everything stops.
            let _stopping = self.wake.send(Wake::At(Arc::clone(entry), at));
        }
    }
}

/// An instant within [`SPREAD`] that is another one for each monitor.
fn soon(entry: &Entry, interval: Duration, now: Timestamp) -> Timestamp {
    Slots::of(entry.id, interval.min(SPREAD)).after(now)
}
