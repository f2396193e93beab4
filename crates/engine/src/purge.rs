//! What is deleted in the background, a bounded piece at a time: the history of deleted monitors, expired links and
//! sessions.

use std::time::Duration;

use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// From one look at what is to be deleted to the next.
const EVERY: Duration = Duration::from_secs(60);
/// Between two pieces: the recorder comes first.
const PAUSE: Duration = Duration::from_millis(50);

/// Deletes in the background.
pub(crate) struct Purger {
    pub store: Store,
    pub clock: Clock,
}

impl Purger {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look(&stop).await {
                tracing::warn!(error = %error, "old history could not be deleted yet; trying again in a minute");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn look(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        self.store.invitations().sweep(self.clock.now()).await?;
        self.store.answers().sweep(self.clock.now()).await?;
        for monitor in self.store.purges().await? {
            while !stop.is_cancelled() && !self.store.purge_piece(monitor).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}
