//! Scheduled webhooks: what people do with schedules and their runs.

use std::sync::Arc;

use domain::error::FieldErrors;
use domain::webhook::{
    Attempt, Backfilled, DeadRun, ImportView, NamedSecret, NextRun, OccurrenceId, Progress, RunRow, RunView, Schedule, ScheduleCounts,
    ScheduleDetail, ScheduleDraft, ScheduleFilter, ScheduleForm, SchedulesView, Standing,
};
use domain::{AppError, Code, ScheduleId, Timestamp};
use store::RunFilter;

use crate::actor::Actor;
use crate::engine::Inner;

/// Scheduled webhooks.
pub struct Schedules<'a>(pub(crate) &'a Inner);

/// A schedule with how it stands, for the REST interface.
#[derive(Debug, Clone)]
pub struct Described {
    /// Its settings.
    pub schedule: Arc<Schedule>,
    /// How far it has come.
    pub progress: Progress,
    /// How it stands.
    pub standing: Standing,
    /// The next times; none while it is paused.
    pub next: Vec<NextRun>,
}

fn todo<T>() -> Result<T, AppError> {
    let _ = FieldErrors::new();
    Err(AppError::new(Code::Unavailable, "not yet"))
}

impl Schedules<'_> {
    /// A page of the list: what needs a look first, then by what runs next.
    pub fn page(&self, _actor: &Actor, _filter: &ScheduleFilter) -> SchedulesView {
        SchedulesView::default()
    }
    /// How many there are.
    pub fn counts(&self, _actor: &Actor) -> ScheduleCounts {
        ScheduleCounts::default()
    }
    /// The next ones by id, that is by creation, after `after`.
    pub fn list_after(&self, _actor: &Actor, _after: Option<ScheduleId>, _filter: &ScheduleFilter, _limit: usize) -> Vec<Described> {
        Vec::new()
    }
    /// One, and how it stands.
    pub fn get(&self, _actor: &Actor, _id: ScheduleId) -> Result<Described, AppError> {
        todo()
    }
    /// What the form needs: of a saved one, of a copy of one, or of what somebody typed and wants to see before it is saved.
    pub fn form(
        &self,
        _actor: &Actor,
        _id: Option<ScheduleId>,
        _copy: Option<ScheduleId>,
        _typed: Option<ScheduleDraft>,
    ) -> Result<ScheduleForm, AppError> {
        todo()
    }
    /// The next `count` times of a draft after an instant (none: now).
    pub fn preview(
        &self,
        _actor: &Actor,
        _draft: &ScheduleDraft,
        _after: Option<Timestamp>,
        _count: usize,
    ) -> Result<(String, Vec<NextRun>), AppError> {
        todo()
    }
    /// The next `count` times of a saved one.
    pub fn next_of(&self, _actor: &Actor, _id: ScheduleId, _after: Option<Timestamp>, _count: usize) -> Result<Vec<NextRun>, AppError> {
        todo()
    }
    /// Says whether a draft could be saved, and saves nothing.
    pub fn judge(&self, _actor: &Actor, _id: Option<ScheduleId>, _draft: &ScheduleDraft) -> Result<(), AppError> {
        todo()
    }
    /// Adds one.
    pub async fn create(&self, _actor: &Actor, _draft: &ScheduleDraft) -> Result<Described, AppError> {
        todo()
    }
    /// Changes one. What `draft.enabled` says pauses it or has it go on.
    pub async fn update(&self, _actor: &Actor, _id: ScheduleId, _draft: &ScheduleDraft) -> Result<Described, AppError> {
        todo()
    }
    /// Deletes some with their runs; answers how many.
    pub async fn delete(&self, _actor: &Actor, _ids: &[ScheduleId]) -> Result<usize, AppError> {
        todo()
    }
    /// Stops some, with a note, perhaps until a time (as typed: `2027-01-01 09:00` on the wall of each, or an instant); answers how many.
    pub async fn pause(&self, _actor: &Actor, _ids: &[ScheduleId], _note: &str, _until: &str) -> Result<usize, AppError> {
        todo()
    }
    /// Has some go on; answers how many. What passed meanwhile runs only when it is asked for, by their rule for catching up.
    pub async fn resume(&self, _actor: &Actor, _ids: &[ScheduleId], _catch_up: bool) -> Result<usize, AppError> {
        todo()
    }
    /// Runs some now, beside their timetables.
    pub async fn run_now(&self, _actor: &Actor, _ids: &[ScheduleId]) -> Result<Vec<OccurrenceId>, AppError> {
        todo()
    }
    /// Sends a draft once and keeps nothing. `id`: the saved one whose secrets it keeps.
    pub async fn test(&self, _actor: &Actor, _id: Option<ScheduleId>, _draft: &ScheduleDraft) -> Result<Attempt, AppError> {
        todo()
    }
    /// Runs the times of a span that did not run, at most `limit`; with `dry_run` only says which. Times as typed.
    pub async fn backfill(
        &self,
        _actor: &Actor,
        _id: ScheduleId,
        _from: &str,
        _to: &str,
        _limit: u32,
        _dry_run: bool,
    ) -> Result<Backfilled, AppError> {
        todo()
    }
    /// The page of one.
    pub async fn detail(&self, _actor: &Actor, _id: ScheduleId) -> Result<ScheduleDetail, AppError> {
        todo()
    }
    /// Its runs, the newest first.
    pub async fn runs(&self, _actor: &Actor, _id: ScheduleId, _filter: &RunFilter, _limit: u32) -> Result<Vec<RunRow>, AppError> {
        todo()
    }
    /// One run with its attempts.
    pub async fn run(&self, _actor: &Actor, _id: OccurrenceId) -> Result<RunView, AppError> {
        todo()
    }
    /// Runs that were given up and not sent again since, the newest first.
    pub async fn dead(&self, _actor: &Actor, _before: Option<Timestamp>, _limit: u32) -> Result<Vec<DeadRun>, AppError> {
        todo()
    }
    /// Sends runs that have ended again: one attempt each, which says nothing about the schedule; answers how many.
    pub async fn redeliver(&self, _actor: &Actor, _ids: &[OccurrenceId]) -> Result<usize, AppError> {
        todo()
    }
    /// The same for all runs of a schedule that were given up and were due in a span; times as typed.
    pub async fn redeliver_span(&self, _actor: &Actor, _id: ScheduleId, _from: &str, _to: &str) -> Result<usize, AppError> {
        todo()
    }
    /// Ends runs that wait; answers how many. What is on its way comes back, and is not tried again.
    pub async fn cancel(&self, _actor: &Actor, _ids: &[OccurrenceId]) -> Result<usize, AppError> {
        todo()
    }
    /// Makes a new signing secret and tells it; the old one signs beside it for so long (`24 h`, at most 7 d; empty: 24 h).
    pub async fn rotate(&self, _actor: &Actor, _id: ScheduleId, _grace: &str) -> Result<String, AppError> {
        todo()
    }
    /// Tells the signing secret; that is written in the activity log.
    pub async fn reveal(&self, _actor: &Actor, _id: ScheduleId) -> Result<String, AppError> {
        todo()
    }
    /// Takes over a crontab or a table; with `dry_run` only says what it would take over.
    pub async fn import(&self, _actor: &Actor, _text: &str, _zone: &str, _dry_run: bool) -> Result<ImportView, AppError> {
        todo()
    }
    /// The values that templates name, without them.
    pub async fn secrets(&self, _actor: &Actor) -> Result<Vec<NamedSecret>, AppError> {
        todo()
    }
    /// Keeps a value under a name (letters, digits, `_`).
    pub async fn put_secret(&self, _actor: &Actor, _name: &str, _value: &str) -> Result<(), AppError> {
        todo()
    }
    /// Forgets one.
    pub async fn delete_secret(&self, _actor: &Actor, _name: &str) -> Result<(), AppError> {
        todo()
    }
}
