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

/// When the run that was begun has to have ended.
fn run_ends(entry: &Entry, heartbeat: &HeartbeatSettings) -> Option<Timestamp> {
    entry.began_at().map(|began| began.plus(heartbeat.longest_run()))
}

/// When the next signal is late. None as long as nothing was ever heard.
fn due(entry: &Entry, heartbeat: &HeartbeatSettings) -> Option<Timestamp> {
    entry.standing().last.as_ref().map(|last| heartbeat.due_after(last.at))
}

impl Grid {
    /// Puts the deadline of a heartbeat where it belongs.
    pub(super) fn expect_signal(&mut self, entry: &Arc<Entry>, now: Timestamp) {
        let (Some((_, generation)), Ok(Probe::Heartbeat(heartbeat))) = (self.entries.get(&entry.id), &entry.plan().probe) else { return };
        // Nobody listened when this was due: it gets another chance.
        let due = due(entry, heartbeat).map(|due| if due < now { heartbeat.due_after(now) } else { due });
        let wanted = [run_ends(entry, heartbeat), due].into_iter().flatten().min();
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
        let message = if run_ends(entry, heartbeat).is_some_and(|end| end <= now) {
            entry.set_began_at(None);
            format!("The run did not end within {}. Look at the job.", words::duration(heartbeat.longest_run()))
        } else if due(entry, heartbeat).is_some_and(|due| due <= now) {
            let grace = words::duration(heartbeat.grace);
            format!("No signal came in time, nor {grace} later. Look at the job, and whether it reaches this address.")
        } else {
            // A signal came meanwhile.
            return grid.expect_signal(entry, now);
        };
        let observation = Observation::failed(at, Reason::Late, message);
        self.metrics.checked(&observation);
        self.record(Command::Checked { entry: Arc::clone(entry), observation });
        // Silence is noted again and again.
        let next = heartbeat.due_after(at);
        let next = if next <= now { heartbeat.due_after(now) } else { next };
        if let Some((_, generation)) = grid.entries.get(&entry.id) {
            entry.set_next_at(Some(next));
            grid.deadlines.insert(entry.id, next);
            grid.heap.push(Reverse((next, entry.id, *generation, Kind::Deadline)));
        }
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
