//! A monitor's history for whoever takes it elsewhere: every check of a window, a day at a time.

use std::sync::Arc;

use domain::time::DAY_MS;
use domain::view::CheckView;
use domain::{AppError, Timestamp};
use store::Store;

use super::super::unavailable;
use crate::board::Entry;
use crate::record::{Marks, Reader};

/// The checks of a window, in order of time. A day is in memory at once.
pub struct Export {
    pub(super) store: Store,
    pub(super) marks: Arc<Marks>,
    pub(super) entry: Arc<Entry>,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// What the monitor is called, for the name of a file.
    pub name: String,
}

impl Export {
    /// The checks of the next day that has any; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<CheckView>>, AppError> {
        while self.from < self.to && !self.entry.gone.load(std::sync::atomic::Ordering::Acquire) {
            let reader = Reader { store: &self.store, marks: &self.marks, entry: &self.entry };
            let checks = reader.of_day(self.from, self.to).await.map_err(unavailable)?;
            self.from = Timestamp::from_millis(self.from.floor(DAY_MS).as_millis().saturating_add(DAY_MS));
            if !checks.is_empty() {
                return Ok(Some(checks));
            }
        }
        Ok(None)
    }
}
