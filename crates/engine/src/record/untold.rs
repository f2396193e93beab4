//! Slots that did not run, told at once and then at most once a minute: a target that hangs must not fill the log. Which ones they
//! were is in the history of each monitor, and in the log at its debug level.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::MonitorId;

const PAUSE: Duration = Duration::from_secs(60);

/// What is still to be told.
#[derive(Default)]
pub(super) struct Untold {
    told: Option<Duration>,
    by_reason: BTreeMap<&'static str, (u64, BTreeSet<MonitorId>)>,
}

impl Untold {
    /// Remembers slots of a monitor.
    pub fn add(&mut self, monitor: MonitorId, slots: u32, reason: &'static str) {
        let (count, monitors) = self.by_reason.entry(reason).or_default();
        *count += u64::from(slots);
        monitors.insert(monitor);
    }

    /// Tells what there is, unless something was told a short while ago.
    pub fn tell(&mut self, now: Duration) {
        if self.by_reason.is_empty() || self.told.is_some_and(|told| now.saturating_sub(told) < PAUSE) {
            return;
        }
        self.told = Some(now);
        for (reason, (slots, monitors)) in std::mem::take(&mut self.by_reason) {
            let one = monitors.first().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(slots, monitors = monitors.len(), monitor.id = %one, reason, "slots did not run");
        }
    }
}
