//! Decides the times of schedules as they come, and writes them down as occurrences, each once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use domain::alert::{Destination, Event};
use domain::webhook::{Occurrence, OccurrenceId, RunState};
use store::{Beside, Consequences, Store};
use tokio_util::sync::CancellationToken;

use super::book::{Book, Decided};
use super::notices::Teller;
use crate::alert::render::instant;
use crate::alert::{Directory, deliver_to};
use crate::clock::Clock;
use crate::deliver::Waker;
use crate::live::Hub;
use crate::metrics::Metrics;

/// Schedules that are decided in one transaction.
const BATCH: usize = 250;
/// A sleep is at most this long, so that a set clock is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// Pauses while the database refuses: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Knows when schedules are due.
pub(crate) struct Timekeeper {
    pub store: Store,
    pub clock: Clock,
    pub book: Arc<Book>,
    pub directory: Arc<Directory>,
    pub hub: Hub,
    pub metrics: Arc<Metrics>,
    /// Wakes those who carry runs.
    pub runs: Waker<String>,
    /// Wakes those who carry messages.
    pub outbox: Waker<Destination>,
}

impl Timekeeper {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let (now, elapsed) = self.clock.reading();
            if self.look(now, &stop).await {
                continue;
            }
            let sleep = self.book.next().map_or(LONGEST_SLEEP, |at| at.since(self.clock.now()).min(LONGEST_SLEEP));
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.book.changed() => {}
                () = self.clock.sleep_until(elapsed + sleep) => {}
            }
        }
    }

    /// Decides what is due; answers whether there may be more.
    async fn look(&self, now: Timestamp, stop: &CancellationToken) -> bool {
        if self.book.next().is_none_or(|at| at > now) {
            return false;
        }
        let _writing = self.book.writing().await;
        let decided = self.book.decide(now, BATCH);
        if decided.schedules.is_empty() {
            return false;
        }
        let mut follows = Consequences::default();
        self.tell(&decided, now, &mut follows);
        let messages = deliver_to(&follows.messages);
        let progress = self.book.progress(decided.schedules.iter().map(|schedule| schedule.id));
        let mut beside = Beside { follows, ..Beside::default() };
        beside.progress = decided.schedules.iter().filter_map(|s| Some((s.space, s.id, progress.get(&s.id)?))).collect();
        decided.occurrences.iter().filter(|one| one.state.is_final()).for_each(|one| beside.count(one));
        let Some(existing) = self.write(&decided.occurrences, &beside, stop).await else { return false };
        decided.occurrences.iter().filter(|one| one.state.is_final()).for_each(|one| self.metrics.run(one, false));
        let spaces: HashSet<_> = decided.occurrences.iter().map(|one| one.space).collect();
        let new = decided.occurrences.into_iter().filter(|one| !one.state.is_final() && !existing.contains(&one.id));
        self.runs.wake(self.book.enqueue(new));
        spaces.into_iter().for_each(|space| self.hub.runs(space));
        if !messages.is_empty() {
            self.outbox.wake(messages);
        }
        true
    }

    /// Writes them down, however long the database refuses; none when everything stops meanwhile.
    async fn write(&self, occurrences: &[Occurrence], beside: &Beside<'_>, stop: &CancellationToken) -> Option<HashSet<OccurrenceId>> {
        let mut pause = PAUSES.0;
        loop {
            match self.store.runs().add(occurrences, beside).await {
                Ok(existing) => {
                    for id in &existing {
                        tracing::warn!(run.id = %id, "a run that is due was written down before; it is left as it is");
                    }
                    return Some(existing.into_iter().collect());
                }
                Err(error) => tracing::warn!(error = %error, "runs that are due could not be written down; trying again"),
            }
            if stop.is_cancelled() {
                return None;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Times that did not run are news: of a downtime all together, of overlapping runs the first one.
    fn tell(&self, decided: &Decided, now: Timestamp, follows: &mut Consequences) {
        let teller = Teller { directory: &self.directory, now };
        for one in decided.occurrences.iter().filter(|one| decided.news.contains(&one.id)) {
            let Some(schedule) = decided.schedules.iter().find(|schedule| schedule.id == one.id.schedule) else { continue };
            let cause = if one.state == RunState::Missed { "missed" } else { "skipped" };
            let due = instant(one.first.unwrap_or(one.id.nominal), &schedule.spec.zone);
            let detail = match one.count {
                1 => format!("The run that was due at {due} did not take place. {}", one.note),
                n => format!("{n} runs did not take place, the first of them due at {due}. {}", one.note),
            };
            teller.tell((schedule, one.id), Event::WebhookMissed, cause, one.id.nominal, detail, follows);
        }
    }
}
