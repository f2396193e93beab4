//! Packs history once it is complete: hours into segments, the day after hours into days, for checks and summaries alike;
//! deletes what is past its time. A task of its own, in bounded pieces with pauses: the recorder comes first.
//!
//! Invariant: every step can be done again. What a crash interrupts is found by the next look: open hours are in the journal,
//! hours that are not merged in the database, and a row of the journal goes only when all of its hours are sealed.

mod days;
mod hours;

pub(crate) use days::SUMMARISED_TO;

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use domain::retention::Retention;
use domain::time::DAY_MS;
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::board::{Board, Entry};
use crate::clock::Clock;
use crate::record::Marks;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(1);
/// Between two pieces of work.
const PAUSE: Duration = Duration::from_millis(20);
/// One look works that long on what is not urgent: the hour that just ended does not wait for last year.
const PATIENCE: Duration = Duration::from_secs(5);
/// A day is packed that long after its end, when its last hour has its segment and its rollup.
const DAY_GRACE_MS: i64 = 600_000;

/// Whose days before `today` are still to be packed.
#[derive(Default)]
struct DaysLeft {
    today: Timestamp,
    monitors: Vec<Arc<Entry>>,
}

/// Packs in the background.
pub(crate) struct Archive {
    pub store: Store,
    pub clock: Clock,
    pub board: Arc<Board>,
    pub marks: Arc<Marks>,
    pub retention: Retention,
}

impl Archive {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let work = async {
            self.marks.replayed().await;
            let mut days = DaysLeft::default();
            loop {
                let looked = self.clock.elapsed();
                if let Err(error) = self.look(&mut days).await {
                    tracing::warn!(error = %error, "history could not be packed yet; trying again");
                }
                self.clock.sleep_until(looked + EVERY).await;
            }
        };
        tokio::select! {
            // Whatever step it is at: the next start goes on there.
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    async fn look(&self, days: &mut DaysLeft) -> Result<(), StoreError> {
        self.seal_hours().await?;
        self.trim_journal().await?;
        if self.store.has_old_results() {
            self.seal_old_results().await?;
        }
        let today = Timestamp::from_millis(self.clock.now().as_millis() - DAY_GRACE_MS).floor(DAY_MS);
        if days.today != today {
            *days = DaysLeft { today, monitors: self.board.all() };
        }
        self.pack_days(days).await
    }
}

async fn pause() {
    tokio::time::sleep(PAUSE).await;
}
