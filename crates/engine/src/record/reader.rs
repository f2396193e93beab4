//! Every check of a monitor, wherever it is: in memory, sealed, or in a row of an earlier version.

use domain::Timestamp;
use domain::time::DAY_MS;
use domain::view::CheckView;
use store::{Store, StoreError};

use super::marks::Marks;
use crate::board::Entry;

/// Reads the checks of a monitor, a day at a time: so much is in memory at once.
pub(crate) struct Reader<'a> {
    pub store: &'a Store,
    pub marks: &'a Marks,
    pub entry: &'a Entry,
}

impl Reader<'_> {
    /// Those of `from <= at < to` that are of the day of `from`, in order of time.
    pub async fn of_day(&self, from: Timestamp, to: Timestamp) -> Result<Vec<CheckView>, StoreError> {
        self.marks.replayed().await;
        // Memory first: what is sealed in between is then seen twice rather than not at all.
        let open = self.entry.open().within(from, to.min(next_day(from)));
        let mut all = self.store.checks(self.entry.id).of_day(from, to).await?;
        if !open.is_empty() {
            all.extend(open);
            all.sort_by_key(|check| check.at);
            all.dedup_by_key(|check| check.at);
        }
        Ok(all)
    }

    /// All of `from <= at < to`, in order of time, given to `take` a day at a time.
    pub async fn each(&self, from: Timestamp, to: Timestamp, mut take: impl FnMut(CheckView)) -> Result<(), StoreError> {
        let mut from = from.max(self.entry.id.created_at().floor(DAY_MS));
        while from < to {
            self.of_day(from, to).await?.into_iter().for_each(&mut take);
            from = next_day(from);
        }
        Ok(())
    }

    /// The newest of `from <= at < to`, newest first, at most `limit`.
    pub async fn newest(&self, from: Timestamp, mut to: Timestamp, limit: usize) -> Result<Vec<CheckView>, StoreError> {
        let mut out = Vec::new();
        while out.len() < limit
            && from < to
            && let Some(day) = self.newest_day(to).await?
        {
            let start = day.max(from);
            out.extend(self.of_day(start, to).await?.into_iter().rev().take(limit - out.len()));
            to = start;
        }
        Ok(out)
    }

    async fn newest_day(&self, before: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.marks.replayed().await;
        let open = self.entry.open().newest_hour(before).map(|hour| hour.floor(DAY_MS));
        // No day is newer than the one that holds the last instant before.
        if open.is_some_and(|day| before <= next_day(day)) {
            return Ok(open);
        }
        Ok(open.max(self.store.checks(self.entry.id).newest_day(before).await?))
    }
}

/// The start of the day after an instant.
fn next_day(instant: Timestamp) -> Timestamp {
    Timestamp::from_millis(instant.floor(DAY_MS).as_millis().saturating_add(DAY_MS))
}
