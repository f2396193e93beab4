//! Every recorded check of a monitor that left memory: sealed ones, and the rows of an earlier version that wait to be sealed.
//! The open hours are the engine's, which puts them on top.

use std::sync::atomic::Ordering;

use domain::time::DAY_MS;
use domain::view::CheckView;
use domain::{MonitorId, Timestamp};

use crate::error::StoreError;
use crate::open::Store;
use crate::segments::in_order;

/// The checks of one monitor. Whether the asker may see the monitor is decided before.
pub struct Checks<'a> {
    store: &'a Store,
    monitor: MonitorId,
}

impl Store {
    /// The checks of one monitor.
    pub fn checks(&self, monitor: MonitorId) -> Checks<'_> {
        Checks { store: self, monitor }
    }
}

impl Checks<'_> {
    /// Those of `from <= at < to` that are of the day of `from`, in order of time.
    pub async fn of_day(&self, from: Timestamp, to: Timestamp) -> Result<Vec<CheckView>, StoreError> {
        let to = to.min(Timestamp::from_millis(from.floor(DAY_MS).as_millis().saturating_add(DAY_MS)));
        // What an earlier version wrote first: sealed in between, it is then seen twice rather than not at all.
        let mut all = if self.has_old() { self.store.old_results(self.monitor).within(from, to).await? } else { Vec::new() };
        all.extend(self.store.segments(self.monitor).within(from, to).await?);
        in_order(&mut all);
        Ok(all)
    }

    /// The start of the newest day before an instant that has checks.
    pub async fn newest_day(&self, before: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let old = if self.has_old() { self.store.old_results(self.monitor).newest_before(before).await? } else { None };
        let sealed = self.store.segments(self.monitor).newest_before(before).await?;
        Ok(old.max(sealed).map(|newest| newest.floor(DAY_MS)))
    }

    fn has_old(&self) -> bool {
        self.store.old.load(Ordering::Acquire)
    }
}
