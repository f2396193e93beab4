//! Runs: looked at, sent again, ended by hand.

use std::collections::HashMap;

use domain::account::Role;
use domain::activity::Area;
use domain::webhook::{DeadRun, Occurrence, OccurrenceId, Origin, Progress, RunRow, RunState, RunView, TriedView};
use domain::{AppError, Code, ScheduleId, Timestamp, words};
use store::{Beside, RunChange, RunFilter};

use super::by_hand::moment;
use super::{Schedules, called};
use crate::actor::Actor;
use crate::service::activity::Deed;
use crate::service::unavailable;

/// Runs that are sent again at once, at most.
const AGAIN_MAX: u32 = 1_000;
/// Rows of a list, at most.
const ROWS_MAX: u32 = 200;

impl Schedules<'_> {
    /// Its runs, the newest first.
    ///
    /// # Errors
    /// It is not there, or the database does not answer.
    pub async fn runs(&self, actor: &Actor, id: ScheduleId, filter: &RunFilter, limit: u32) -> Result<Vec<RunRow>, AppError> {
        self.saved(actor, id)?;
        let found = self.0.store.space(actor.space).occurrences().list(id, filter, limit.min(ROWS_MAX)).await.map_err(unavailable)?;
        Ok(found.iter().map(Occurrence::row).collect())
    }

    /// One run with its attempts.
    ///
    /// # Errors
    /// It is not there, or the database does not answer.
    pub async fn run(&self, actor: &Actor, id: OccurrenceId) -> Result<RunView, AppError> {
        let (schedule, _) = self.saved(actor, id.schedule)?;
        let space = self.0.store.space(actor.space);
        let found = space.occurrences().get(id).await.map_err(unavailable)?.ok_or_else(|| AppError::not_found("run"))?;
        let attempts = space.occurrences().attempts(id).await.map_err(unavailable)?;
        Ok(RunView {
            schedule: schedule.id,
            name: schedule.spec.name.clone(),
            row: found.row(),
            first: found.first,
            attempts: attempts.into_iter().map(|(n, attempt)| TriedView { n, attempt }).collect(),
        })
    }

    /// Runs that were given up and not sent again since, of all schedules or of one, the newest first.
    ///
    /// # Errors
    /// The schedule is not there, or the database does not answer.
    pub async fn dead(
        &self,
        actor: &Actor,
        of: Option<ScheduleId>,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<DeadRun>, AppError> {
        let (space, limit) = (self.0.store.space(actor.space), limit.min(ROWS_MAX));
        let found = match of {
            None => space.occurrences().dead(before, limit).await,
            Some(id) => {
                self.saved(actor, id)?;
                let filter = RunFilter { states: vec![RunState::Failed], before, since: None };
                space.occurrences().list(id, &filter, limit).await
            }
        };
        let found = found.map_err(unavailable)?;
        let named = |run: &Occurrence| {
            let name = self.0.book.with(actor.space, run.id.schedule, |entry| entry.schedule.spec.name.clone())?;
            Some(DeadRun { schedule: run.id.schedule, name, row: run.row() })
        };
        Ok(found.iter().filter_map(named).collect())
    }

    /// Sends runs that have ended again: one attempt each, which says nothing about the schedule. Of those that wait to be tried again, the
    /// next attempt is made now. Answers how many.
    ///
    /// # Errors
    /// None of them is there, or one is under way still.
    pub async fn redeliver(&self, actor: &Actor, ids: &[OccurrenceId]) -> Result<usize, AppError> {
        actor.must_be(Role::Editor)?;
        let ids: Vec<_> = ids.iter().take(usize::try_from(AGAIN_MAX).unwrap_or(usize::MAX)).map(|id| (actor.space, *id)).collect();
        let found = self.0.store.runs().some(&ids).await.map_err(unavailable)?;
        if found.is_empty() {
            return Err(AppError::not_found("run"));
        }
        let (over, under_way): (Vec<_>, Vec<_>) = found.into_iter().partition(|run| run.state.is_final());
        let hastened = self.hasten(actor, &under_way).await?;
        match (over.is_empty(), hastened) {
            (true, 0) => Err(AppError::new(Code::Conflict, "This run has not ended. Cancel it, or wait for its end.")),
            (true, hastened) => Ok(hastened),
            (false, hastened) => Ok(self.again(actor, over).await? + hastened),
        }
    }

    /// Makes the next attempt of runs that wait for it now; what is on its way is left alone.
    async fn hasten(&self, actor: &Actor, runs: &[Occurrence]) -> Result<usize, AppError> {
        let _writing = self.0.book.writing().await;
        let now = self.0.clock.now();
        let waiting = runs.iter().filter(|run| run.state == RunState::Retrying).filter_map(|run| self.0.book.take_out(run.id));
        let sooner = waiting.map(|run| Occurrence { due_at: run.due_at.min(now), ..run });
        let changes: Vec<RunChange> = sooner.map(|occurrence| RunChange { occurrence, claimed: None, attempt: None }).collect();
        if changes.is_empty() {
            return Ok(0);
        }
        let changed = self.0.store.runs().change(&changes, &Beside::default()).await;
        // Also when that could not be written: they were taken out of line.
        self.0.runs.wake(self.0.book.enqueue(changes.into_iter().map(|change| change.occurrence)));
        let count = changed.map_err(unavailable)?.len();
        self.0.hub.runs(actor.space);
        let what = words::count(count, "run", "runs");
        self.0.log(actor, Deed::new(Area::Webhook, "tried at once", &what).at("/webhooks".into())).await;
        Ok(count)
    }

    /// The same for all runs of a schedule that were given up and were due in a span; times as typed.
    ///
    /// # Errors
    /// It is not there, or the span is none.
    pub async fn redeliver_span(&self, actor: &Actor, id: ScheduleId, from: &str, to: &str) -> Result<usize, AppError> {
        actor.must_be(Role::Editor)?;
        let (schedule, _) = self.saved(actor, id)?;
        let (from, to) = (moment("from", from, &schedule)?, moment("to", to, &schedule)?);
        if from > to {
            return Err(AppError::field("to", "This is before the beginning."));
        }
        let filter =
            RunFilter { states: vec![RunState::Failed], before: Some(to.plus(std::time::Duration::from_millis(1))), since: Some(from) };
        let found = self.0.store.space(actor.space).occurrences().list(id, &filter, AGAIN_MAX).await.map_err(unavailable)?;
        if found.is_empty() { Ok(0) } else { self.again(actor, found).await }
    }

    async fn again(&self, actor: &Actor, runs: Vec<Occurrence>) -> Result<usize, AppError> {
        let _writing = self.0.book.writing().await;
        let mut schedules: Vec<ScheduleId> = runs.iter().map(|run| run.id.schedule).collect();
        schedules.sort_unstable();
        schedules.dedup();
        let names: Vec<String> =
            schedules.iter().filter_map(|id| self.0.book.with(actor.space, *id, |entry| called(&entry.schedule))).collect();
        let count = self.send_again(runs, Origin::Manual, true).await?;
        let of = match names.as_slice() {
            [only] => only.clone(),
            many => words::count(many.len(), "webhook", "webhooks"),
        };
        let what = format!("{} of {of}", words::count(count, "run", "runs"));
        self.0.log(actor, Deed::new(Area::Webhook, "sent again", &what).at("/webhooks".into())).await;
        Ok(count)
    }

    /// Puts runs that have ended in line again. The caller holds the right to write.
    pub(super) async fn send_again(&self, runs: Vec<Occurrence>, origin: Origin, redelivered: bool) -> Result<usize, AppError> {
        let now = self.0.clock.now();
        let mut done = 0;
        for piece in runs.chunks(100) {
            let mut progress: HashMap<ScheduleId, Progress> = self.0.book.progress(piece.iter().map(|run| run.id.schedule));
            let mut changes = Vec::with_capacity(piece.len());
            for run in piece {
                let Some(progress) = progress.get_mut(&run.id.schedule) else { continue };
                if !progress.open.contains(&run.id.nominal) {
                    progress.open.push(run.id.nominal);
                }
                let again = Occurrence {
                    state: RunState::Scheduled,
                    origin: if redelivered { run.origin } else { origin },
                    due_at: now,
                    // Its age is counted from here.
                    created_at: if redelivered { run.created_at } else { now },
                    ended_at: None,
                    note: String::new(),
                    count: 1,
                    first: None,
                    redelivered,
                    ..run.clone()
                };
                changes.push(RunChange { occurrence: again, claimed: None, attempt: None });
            }
            let beside = Beside {
                progress: changes
                    .iter()
                    .filter_map(|c| Some((c.occurrence.space, c.occurrence.id.schedule, progress.get(&c.occurrence.id.schedule)?)))
                    .collect(),
                ..Beside::default()
            };
            let changed = self.0.store.runs().change(&changes, &beside).await.map_err(unavailable)?;
            drop(beside);
            self.0.book.set_progress(progress);
            let waiting = changes.into_iter().map(|change| change.occurrence).filter(|run| changed.contains(&run.id));
            self.0.runs.wake(self.0.book.enqueue(waiting));
            done += changed.len();
        }
        if let Some(run) = runs.first() {
            self.0.hub.runs(run.space);
        }
        Ok(done)
    }

    /// Ends runs that wait; answers how many. What is on its way comes back, and is not tried again.
    ///
    /// # Errors
    /// None of them is there.
    pub async fn cancel(&self, actor: &Actor, ids: &[OccurrenceId]) -> Result<usize, AppError> {
        actor.must_be(Role::Editor)?;
        let _writing = self.0.book.writing().await;
        let now = self.0.clock.now();
        let ids: Vec<_> = ids.iter().take(usize::try_from(AGAIN_MAX).unwrap_or(usize::MAX)).map(|id| (actor.space, *id)).collect();
        let found = self.0.store.runs().some(&ids).await.map_err(unavailable)?;
        if found.is_empty() {
            return Err(AppError::not_found("run"));
        }
        let mut progress: HashMap<ScheduleId, Progress> = self.0.book.progress(found.iter().map(|run| run.id.schedule));
        let (mut changes, mut marked) = (Vec::new(), 0);
        for run in found.iter().filter(|run| !run.state.is_final()) {
            let Some(waiting) = self.0.book.cancel(run.id) else {
                marked += 1;
                continue;
            };
            if let Some(progress) = progress.get_mut(&run.id.schedule) {
                progress.open.retain(|nominal| *nominal != run.id.nominal);
            }
            let note = format!("Cancelled by {}.", super::by(actor));
            let over = Occurrence { state: RunState::Cancelled, ended_at: Some(now), note, ..waiting };
            changes.push(RunChange { occurrence: over, claimed: None, attempt: None });
        }
        let beside = Beside {
            progress: changes
                .iter()
                .filter_map(|c| Some((c.occurrence.space, c.occurrence.id.schedule, progress.get(&c.occurrence.id.schedule)?)))
                .collect(),
            ..Beside::default()
        };
        let changed = self.0.store.runs().change(&changes, &beside).await.map_err(unavailable)?;
        drop(beside);
        self.0.book.set_progress(progress);
        // Whatever waited for one of them may go now.
        self.0.runs.wake(self.0.book.freed(changes.iter().map(|change| change.occurrence.id.schedule), now));
        self.0.hub.runs(actor.space);
        let count = changed.len() + marked;
        self.0.log(actor, Deed::new(Area::Webhook, "cancelled", &words::count(count, "run", "runs"))).await;
        Ok(count)
    }
}
