//! The recorder's commit: a batch is written until it is, and only then told.
//!
//! While the database refuses, the batch is kept, what arrives waits in a bounded queue, the database is opened again with growing
//! pauses, and a notice says so. Below a floor of free space nothing is even tried: a database on a full disk cannot delete either.

use std::time::Duration;

use domain::words;
use store::Batch;

use super::Recorder;

/// Pauses between two tries: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// Free space is looked at that often.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A database needs that much to be opened.
const ROOM_BYTES: u64 = 1 << 20;
/// What is said while the database refuses.
const REFUSES: &str = "The database does not take writes. Checks go on and wait to be recorded.";

/// The free space of the disk, as it was last looked at.
pub(super) struct DiskSpace {
    floor_bytes: u64,
    looked: Option<Duration>,
}

impl DiskSpace {
    pub fn new(floor_bytes: u64) -> Self {
        Self { floor_bytes, looked: None }
    }
}

impl Recorder {
    /// Writes the batch, however long it takes, and then tells.
    pub(super) async fn commit(&mut self) {
        if !self.batch.recorded.is_empty() {
            self.batch.seq = self.marks.begin(self.batch.recorded.instants());
        }
        if !self.batch.is_empty() {
            self.wait_for_space().await;
            self.write().await;
        }
        self.urgent = false;
        self.hub.touched(std::mem::take(&mut self.touched));
        for reply in self.replies.drain(..) {
            // Who asked may have left.
            let _left = reply.send(());
        }
        self.tell_after_commit();
    }

    async fn write(&mut self) {
        let (mut pause, mut failing) = (PAUSES.0, false);
        loop {
            let began = self.clock.elapsed();
            match self.store.recorder().write(&self.batch).await {
                Ok(()) => {
                    self.written(self.clock.elapsed().saturating_sub(began));
                    break;
                }
                Err(error) if failing => tracing::debug!(error = %error, "the batch was refused again"),
                Err(error) => {
                    tracing::error!(error = %error, checks = self.checked.len(), "a batch was not written; trying again until it is");
                    self.hub.set_notice(REFUSES);
                }
            }
            if failing && self.stop.is_cancelled() {
                tracing::error!(checks = self.checked.len(), "the last checks are not recorded: the database does not take them");
                self.give_up();
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
            // A database that met a fatal error, such as a full disk, refuses everything until it is opened again; which
            // would fail, too, while there is no space for its log.
            let room = self.store.free_bytes().is_none_or(|free| free > ROOM_BYTES);
            if failing
                && room
                && let Err(error) = self.store.reopen().await
            {
                tracing::warn!(error = %error, "the database could not be opened again yet");
            }
            failing = true;
        }
        if failing {
            tracing::info!("the database takes writes again");
            self.hub.set_notice("");
        }
    }

    /// The batch is committed: its checks can be read from memory, and its rollups from the database.
    fn written(&mut self, took: Duration) {
        let Batch { recorded, rollups, .. } = std::mem::take(&mut self.batch);
        self.metrics.committed(recorded.checks.len(), took);
        for (entry, (_, check)) in self.checked.drain(..).zip(&recorded.checks) {
            entry.open().push(check);
        }
        self.marks.written();
        for entry in rollups.iter().filter_map(|(monitor, ..)| self.board.find(*monitor)) {
            entry.standing().rollups_written();
        }
    }

    /// Nothing of the batch was acknowledged.
    fn give_up(&mut self) {
        self.batch = Batch::default();
        self.checked.clear();
        self.replies.clear();
        self.answers.clear();
        self.due.clear();
        self.calmed.clear();
        self.marks.written();
    }

    /// Waits while there is less free space than the floor.
    async fn wait_for_space(&mut self) {
        let now = self.clock.elapsed();
        if self.space.looked.is_some_and(|looked| now.saturating_sub(looked) < LOOK_EVERY) {
            return;
        }
        self.space.looked = Some(now);
        let mut waited = false;
        while let Some(free) = self.store.free_bytes().filter(|free| *free < self.space.floor_bytes && !self.stop.is_cancelled()) {
            if !waited {
                let (free, floor) = (words::bytes(free), words::bytes(self.space.floor_bytes));
                tracing::error!(free, floor, "recording pauses: there is too little free space");
                let text = format!(
                    "The disk is almost full: {free} are free, and below {floor} recording pauses. Free some space, or keep less history. \
                     Checks go on and wait to be recorded."
                );
                self.hub.set_notice(&text);
            }
            waited = true;
            tokio::time::sleep(LOOK_EVERY).await;
        }
        if waited {
            tracing::info!("there is free space again; recording goes on");
            self.hub.set_notice("");
        }
    }
}
