//! What is deleted in the background, a bounded piece at a time: the history of deleted monitors and spaces, expired links and
//! sessions, and what was told and done long ago.

use std::time::Duration;

use domain::Timestamp;
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::service::NO_SPACE;

const DAY: Duration = Duration::from_secs(86_400);
/// Messages and what they tell are kept that many days.
const TOLD_DAYS: u32 = 90;
/// What people did, and where they signed in from, is kept that many days.
const DONE_DAYS: u32 = 365;
/// What is old is looked for that often.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
/// From one look at what is to be deleted to the next.
const EVERY: Duration = Duration::from_secs(60);
/// Between two pieces: the recorder comes first.
const PAUSE: Duration = Duration::from_millis(50);

/// Deletes in the background.
pub(crate) struct Purger {
    pub store: Store,
    pub clock: Clock,
    /// Runs of webhooks are kept that many days.
    pub runs_days: u32,
}

impl Purger {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut forgotten_at = None;
        while !stop.is_cancelled() {
            if let Err(error) = self.look(&mut forgotten_at, &stop).await {
                tracing::warn!(error = %error, "old history could not be deleted yet; trying again in a minute");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn look(&self, forgotten_at: &mut Option<Timestamp>, stop: &CancellationToken) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.invitations().sweep(now).await?;
        self.store.mail_links().sweep(now).await?;
        self.store.answers().sweep(now).await?;
        for monitor in self.store.purges().await? {
            while !stop.is_cancelled() && !self.store.purge_piece(monitor).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        for space in self.store.space_purges().await? {
            while !stop.is_cancelled() && !self.store.purge_space_piece(space).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        for (space, schedule) in self.store.schedule_purges().await? {
            while !stop.is_cancelled() && !self.store.forget_runs_piece(space, schedule, Timestamp::from_millis(i64::MAX / 2)).await? {
                tokio::time::sleep(PAUSE).await;
            }
            self.store.schedule_purged(space, schedule).await?;
        }
        if forgotten_at.is_none_or(|at| now.since(at) >= FORGET_EVERY) {
            self.forget(now, stop).await?;
            *forgotten_at = Some(now);
        }
        Ok(())
    }

    async fn forget(&self, now: Timestamp, stop: &CancellationToken) -> Result<(), StoreError> {
        let (told, done) = (now.minus(DAY * TOLD_DAYS), now.minus(DAY * DONE_DAYS));
        self.store.browsers().sweep(done).await?;
        let ran = now.minus(DAY * self.runs_days);
        for (space, schedule) in self.store.schedule_ids().await? {
            while !stop.is_cancelled() && !self.store.forget_runs_piece(space, schedule, ran).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        let spaces = self.store.spaces().names().await?.into_iter().map(|(space, _)| space);
        for space in spaces.chain([NO_SPACE]) {
            self.store.forget_run_hours(space, now.minus(DAY * 3)).await?;
            while !stop.is_cancelled() && !self.store.forget_piece(space, told, done).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}
