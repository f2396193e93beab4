//! That nobody watched: while the process was off, and while the own network is gone. It is told once for a space, not for each of its
//! monitors.

use std::collections::HashMap;
use std::time::Duration;

use domain::{SpaceId, Timestamp, words};

use super::Recorder;

/// A shorter absence is a restart, which is no news.
const NEWS: Duration = Duration::from_secs(300);

/// What is known of an absence.
#[derive(Default)]
pub(super) struct Absence {
    /// Monitors that missed slots while the process was off, and since when.
    off: HashMap<SpaceId, (usize, Timestamp)>,
    /// The loss of the own network that was told.
    told_loss: Option<Timestamp>,
}

impl Absence {
    /// The history of a monitor was read.
    pub fn saw(&mut self, space: SpaceId, unwatched_since: Option<Timestamp>) {
        let Some(since) = unwatched_since else { return };
        let (count, first) = self.off.entry(space).or_insert((0, since));
        (*count, *first) = (*count + 1, since.min(*first));
    }
}

impl Recorder {
    /// Every history is in memory: what was missed meanwhile is known.
    pub(super) fn tell_absence(&mut self) {
        let now = self.clock.now();
        for (space, (monitors, since)) in std::mem::take(&mut self.absence.off) {
            let off = now.since(since);
            if off >= NEWS {
                let detail = format!("Loopr was not running for {}. What happened meanwhile is not known.", words::duration(off));
                self.tell_unwatched(space, monitors, since, detail);
            }
        }
    }

    /// The own network is gone, or back.
    pub(super) fn tell_network(&mut self) {
        let closed = self.gate.closed_since();
        if closed == self.absence.told_loss {
            return;
        }
        self.absence.told_loss = closed;
        let Some(since) = closed else { return };
        let mut spaces: HashMap<SpaceId, usize> = HashMap::new();
        for entry in self.board.all() {
            if entry.plan().monitor.enabled && self.is_guarded(&entry) {
                *spaces.entry(entry.space).or_default() += 1;
            }
        }
        for (space, monitors) in spaces {
            let detail = "The network of this instance is gone: nothing it finds says anything about its targets.".to_owned();
            self.tell_unwatched(space, monitors, since, detail);
        }
    }
}
