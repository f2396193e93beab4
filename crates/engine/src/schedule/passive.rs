//! What is not checked but watched: heartbeats, whose signals are late at some instant, and groups, whose members stand
//! somewhere.
//!
//! Invariant: of each heartbeat one deadline counts. A signal that puts it off changes nothing in the heap: the deadline there
//! comes, finds that it is not meant any more, and is put where it belongs.

use std::cmp::Reverse;
use std::sync::Arc;

use domain::Timestamp;
use domain::check::{Observation, Reason};
use domain::kind::group::GroupSettings;
use domain::kind::heartbeat::HeartbeatSettings;
use domain::words;

use super::{Grid, Kind, Scheduler};
use crate::board::Entry;
use crate::probe::Probe;
use crate::record::{Command, Missed};

/// What a heartbeat waits for.
struct Expected {
    at: Timestamp,
    /// A run began then and should have ended by now.
    began: Option<Timestamp>,
}

/// When the next signal is late. None as long as nothing was ever heard.
fn expected(entry: &Entry, heartbeat: &HeartbeatSettings, now: Timestamp) -> Option<Expected> {
    let began = entry.began_at().map(|began| Expected { at: began.plus(heartbeat.longest_run()), began: Some(began) });
    let last = entry.standing().last.as_ref().map(|last| last.at);
    let next = last.map(|last| {
        let due = heartbeat.due_after(last);
        // Nobody listened when this was due: it gets another chance.
        let at = if due < now { heartbeat.due_after(now) } else { due };
        Expected { at, began: None }
    });
    [began, next].into_iter().flatten().min_by_key(|expected| expected.at)
}

impl Grid {
    /// Puts the deadline of a heartbeat where it belongs.
    pub(super) fn expect_signal(&mut self, entry: &Arc<Entry>, now: Timestamp) {
        let (Some((_, generation)), Ok(Probe::Heartbeat(heartbeat))) = (self.entries.get(&entry.id), &entry.plan().probe) else { return };
        let wanted = expected(entry, heartbeat, now).map(|expected| expected.at);
        entry.set_next_at(wanted);
        let Some(at) = wanted else { return };
        if self.deadlines.get(&entry.id).is_none_or(|there| at < *there) {
            self.deadlines.insert(entry.id, at);
            self.heap.push(Reverse((at, entry.id, *generation, Kind::Deadline)));
        }
    }
}

impl Scheduler {
    /// A deadline has come.
    pub(super) fn deadline(&self, grid: &mut Grid, entry: &Arc<Entry>, at: Timestamp, now: Timestamp) {
        if grid.deadlines.get(&entry.id) != Some(&at) {
            return;
        }
        grid.deadlines.remove(&entry.id);
        let Ok(Probe::Heartbeat(heartbeat)) = &entry.plan().probe else { return };
        // As it was when the deadline was set: what is overdue now is not given another chance.
        let meant = expected(entry, heartbeat, at);
        if let Some(Expected { at: due, began }) = meant.filter(|meant| meant.at <= now) {
            let message = match began {
                Some(_) => {
                    entry.set_began_at(None);
                    format!("The run did not end within {}. Look at the job.", words::duration(heartbeat.longest_run()))
                }
                None => {
                    let grace = words::duration(heartbeat.grace);
                    format!("No signal came; it is {grace} late. Look at the job, and whether it reaches this address.")
                }
            };
            let observation = Observation::failed(due, Reason::Late, message);
            self.metrics.checked(&observation);
            self.record(Command::Checked { entry: Arc::clone(entry), observation });
            // The next one is expected from here on: silence is noted again and again.
            let next = heartbeat.due_after(due.max(at));
            let next = if next <= now { heartbeat.due_after(now) } else { next };
            if let Some((_, generation)) = grid.entries.get(&entry.id) {
                entry.set_next_at(Some(next));
                grid.deadlines.insert(entry.id, next);
                grid.heap.push(Reverse((next, entry.id, *generation, Kind::Deadline)));
            }
            return;
        }
        grid.expect_signal(entry, now);
    }

    /// Looks where the members of a group stand.
    pub(super) fn group(&self, entry: &Arc<Entry>, group: &GroupSettings, slot: Option<Timestamp>) {
        let at = self.clock.now();
        let stands = |id| {
            let member = self.board.get(entry.space, id)?;
            let state = member.standing().machine.state();
            Some((state, member.plan().monitor.spec.name.clone()))
        };
        let members: Vec<_> = group.members.iter().filter_map(|id| stands(*id)).collect();
        match crate::probe::group::judge(group, &members, at) {
            Some(observation) => {
                self.metrics.checked(&observation);
                self.record(Command::Checked { entry: Arc::clone(entry), observation });
            }
            None => self.miss(entry, slot.unwrap_or(at), at.plus(std::time::Duration::from_millis(1)), Missed::NobodyKnows),
        }
    }
}
