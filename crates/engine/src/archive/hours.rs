//! Seals hours that ended, and deletes the rows of the journal that are not needed any more.

use std::sync::Arc;
use std::time::Instant;

use domain::Timestamp;
use domain::time::HOUR_MS;
use store::{StoreError, Unsealed};

use super::{Archive, PATIENCE, pause};
use crate::board::Entry;
use crate::record::SEALED_TO;

/// An hour is sealed that long after its end: most checks that began in it have ended. What comes later is sealed once more.
const GRACE_MS: i64 = 60_000;
/// Hours of one transaction.
const HOURS: usize = 32;

impl Archive {
    fn until(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.now().as_millis() - GRACE_MS).floor(HOUR_MS)
    }

    pub(super) async fn seal_hours(&self) -> Result<(), StoreError> {
        let until = self.until();
        let mut due: Vec<(Arc<Entry>, Unsealed)> = Vec::new();
        for entry in self.board.all() {
            // Its open hours are still to be counted.
            if !entry.standing().loaded {
                continue;
            }
            let hours = entry.open().due(until);
            due.extend(hours.into_iter().map(|due| {
                let unsealed = Unsealed { monitor: entry.id, hour: due.hour, checks: due.checks };
                (Arc::clone(&entry), unsealed)
            }));
            if due.len() >= HOURS {
                self.seal(&mut due).await?;
                pause().await;
            }
        }
        self.seal(&mut due).await
    }

    async fn seal(&self, due: &mut Vec<(Arc<Entry>, Unsealed)>) -> Result<(), StoreError> {
        if due.is_empty() {
            return Ok(());
        }
        let (entries, hours): (Vec<_>, Vec<_>) = due.drain(..).unzip();
        let sealed: Vec<(Timestamp, usize)> = hours.iter().map(|hour| (hour.hour, hour.checks.len())).collect();
        self.store.seal(hours).await?;
        for (entry, (hour, checks)) in entries.into_iter().zip(sealed) {
            entry.open().sealed(hour, checks);
        }
        Ok(())
    }

    pub(super) async fn trim_journal(&self) -> Result<(), StoreError> {
        let oldest_open = || self.board.all().iter().filter_map(|entry| entry.open().oldest_hour()).min();
        let Some(trimmable) = self.marks.trimmable(self.until(), oldest_open) else { return Ok(()) };
        self.store.set_fact(SEALED_TO, &trimmable.sealed_to.as_millis().to_string()).await?;
        let mut from = trimmable.from;
        while from < trimmable.to {
            from = self.store.journal().trim(from, trimmable.to).await?;
            self.marks.trimmed(from);
            pause().await;
        }
        Ok(())
    }

    /// Seals what an earlier version wrote, an hour of a monitor at a time.
    pub(super) async fn seal_old_results(&self) -> Result<(), StoreError> {
        let began = Instant::now();
        for entry in self.board.all() {
            while !self.store.seal_old_results(entry.id).await? {
                if began.elapsed() > PATIENCE {
                    return Ok(());
                }
                pause().await;
            }
        }
        self.store.look_for_old_results().await
    }
}
