//! What is deleted in the background, a bounded piece at a time: the history of deleted monitors, raw results past
//! their time, expired links and sessions.

use std::sync::Arc;
use std::time::Duration;

use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::clock::Clock;

/// From one look at what is to be deleted to the next.
const EVERY: Duration = Duration::from_secs(60);
/// Every how many looks raw results past their time are deleted.
const TRIM_EVERY: u32 = 60;
/// Between two pieces: the recorder comes first.
const PAUSE: Duration = Duration::from_millis(50);

/// Deletes in the background.
pub(crate) struct Purger {
    pub store: Store,
    pub clock: Clock,
    pub board: Arc<Board>,
    pub raw_days: u32,
}

impl Purger {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut looks = 0;
        while !stop.is_cancelled() {
            if let Err(error) = self.look(looks % TRIM_EVERY == 0, &stop).await {
                tracing::warn!(error = %error, "old history could not be deleted yet; trying again in a minute");
            }
            looks += 1;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn look(&self, trim: bool, stop: &CancellationToken) -> Result<(), StoreError> {
        self.store.invitations().sweep(self.clock.now()).await?;
        self.store.answers().sweep(self.clock.now()).await?;
        for monitor in self.store.purges().await? {
            while !stop.is_cancelled() && !self.store.purge_piece(monitor).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        if !trim {
            return Ok(());
        }
        let before = self.clock.now().minus(Duration::from_secs(u64::from(self.raw_days) * 86_400));
        for entry in self.board.all() {
            while !stop.is_cancelled() && !self.store.results(entry.id).trim(before).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}
