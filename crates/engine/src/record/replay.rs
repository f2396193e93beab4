//! What the recorder does before anything else: it reads the journal, so that the hours that are not sealed are in memory again,
//! as they were acknowledged. Nothing is decided here: [`super::load`] applies what came after a monitor's row was written.

use std::time::Duration;

use domain::Timestamp;
use store::packed::MissedSlots;

use super::Recorder;
use super::marks::SEALED_TO;

impl Recorder {
    /// Reads the journal: the checks of the hours that are not sealed are in memory afterwards.
    pub(super) async fn replay(&mut self) {
        let (mut next, mut rows, mut pause) = (0, 0, Duration::from_millis(100));
        loop {
            let read = match self.store.journal().from(next).await {
                Ok(read) => read,
                Err(error) => {
                    tracing::error!(error = %error, "the journal could not be read; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                    continue;
                }
            };
            let Some(last) = read.last() else { break };
            next = last.seq + 1;
            rows += read.len();
            for row in read {
                self.replay_row(row);
            }
        }
        match self.store.fact(SEALED_TO).await {
            Ok(fact) => self.sealed_to = Timestamp::from_millis(fact.and_then(|text| text.parse().ok()).unwrap_or(0)),
            // Then every history is read in full, which is slower and as right.
            Err(_) => self.sealed_to = Timestamp::from_millis(i64::MAX),
        }
        tracing::debug!(rows, "read the journal");
        self.marks.set_replayed();
    }

    fn replay_row(&self, row: store::JournalEntry) {
        let Some(recorded) = row.batched else {
            tracing::error!(journal.seq = row.seq, "a row of the journal is damaged; what it recorded is lost");
            return;
        };
        self.marks.read(row.seq, recorded.instants());
        for (monitor, check) in &recorded.checks {
            // Of a monitor that was deleted since, nothing is kept.
            if let Some(entry) = self.board.find(*monitor) {
                entry.open().push(check);
            }
        }
        for MissedSlots { monitor, at, slots } in recorded.missed {
            if let Some(entry) = self.board.find(monitor) {
                entry.standing().count_missed(at, slots);
            }
        }
    }
}
