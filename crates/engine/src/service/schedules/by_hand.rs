//! What people do with schedules by hand: stop them, have them go on, run them out of turn, run the past, give them new secrets.

use std::collections::HashMap;
use std::time::Duration;

use domain::account::Role;
use domain::activity::Area;
use domain::signing;
use domain::webhook::{Backfilled, Occurrence, OccurrenceId, Origin, Pause, Progress, RunState, Schedule, ScheduleDraft};
use domain::{AppError, ScheduleId, Timestamp};
use store::Beside;

use super::{Schedules, at, by, called};
use crate::actor::Actor;
use crate::secret::fresh_signing;
use crate::service::activity::Deed;
use crate::service::unavailable;

/// The longest note of a pause, in characters.
const NOTE_MAX: usize = 500;
/// Times of a backfill, at most.
const BACKFILL_MAX: u32 = 1_000;

/// An instant as people type it, on the wall of a schedule.
pub(super) fn moment(field: &'static str, text: &str, schedule: &Schedule) -> Result<Timestamp, AppError> {
    let mut draft = ScheduleDraft::of([("url", "https://example.com/"), ("trigger", "once")]);
    draft.settings.insert("at".into(), text.to_owned());
    draft.settings.insert("timezone".into(), schedule.spec.zone.clone());
    let read = draft
        .restore()
        .map_err(|error| AppError::field(field, error.fields.first().map_or(error.message.clone(), |f| f.message.clone())))?;
    match read.trigger {
        domain::webhook::Trigger::Once(at) => Ok(at),
        _ => Err(AppError::field(field, "This is not a date with a time: 2027-01-01 09:00.")),
    }
}

impl Schedules<'_> {
    /// Changes how far some have come, and writes it. The caller holds the right to write.
    async fn advance(
        &self,
        actor: &Actor,
        progress: HashMap<ScheduleId, Progress>,
        new: &[Occurrence],
    ) -> Result<Vec<OccurrenceId>, AppError> {
        let mut beside = Beside { progress: progress.iter().map(|(id, one)| (actor.space, *id, one)).collect(), ..Beside::default() };
        new.iter().filter(|one| one.state.is_final()).for_each(|one| beside.count(one));
        let existing = self.0.store.runs().add(new, &beside).await.map_err(unavailable)?;
        let ids: Vec<ScheduleId> = progress.keys().copied().collect();
        drop(beside);
        self.0.book.set_progress(progress);
        self.0.book.look_again(ids);
        self.0.hub.runs(actor.space);
        Ok(existing)
    }

    /// Stops some, with a note, perhaps until a time; answers how many.
    ///
    /// # Errors
    /// None of them is there, or the time is none that is yet to come.
    pub async fn pause(&self, actor: &Actor, ids: &[ScheduleId], note: &str, until: &str) -> Result<usize, AppError> {
        actor.must_be(Role::Editor)?;
        let (note, now) = (note.trim(), self.0.clock.now());
        if note.chars().count() > NOTE_MAX {
            return Err(AppError::field("note", format!("Use at most {NOTE_MAX} characters.")));
        }
        let _writing = self.0.book.writing().await;
        let found = self.found(actor, ids)?;
        let mut changed = HashMap::new();
        for (schedule, progress) in &found {
            let until = if until.trim().is_empty() { None } else { Some(moment("until", until, schedule)?) };
            if until.is_some_and(|until| until <= now) {
                return Err(AppError::field("until", "Choose a time that is yet to come."));
            }
            let pause = Pause { at: now, by: by(actor), note: note.to_owned(), until };
            changed.insert(schedule.id, Progress { pause: Some(pause), cursor: progress.cursor.max(now), ..progress.clone() });
        }
        self.advance(actor, changed, &[]).await?;
        self.log_some(actor, "paused", &found).await;
        Ok(found.len())
    }

    /// Has some go on; answers how many. What passed meanwhile runs only when it is asked for, by their rule for catching up.
    ///
    /// # Errors
    /// None of them is there.
    pub async fn resume(&self, actor: &Actor, ids: &[ScheduleId], catch_up: bool) -> Result<usize, AppError> {
        actor.must_be(Role::Editor)?;
        let now = self.0.clock.now();
        let _writing = self.0.book.writing().await;
        let found = self.found(actor, ids)?;
        let (mut changed, mut skipped) = (HashMap::new(), Vec::new());
        for (schedule, progress) in &found {
            if progress.pause.is_none() {
                continue;
            }
            let by_itself = progress.pause.as_ref().is_some_and(|pause| pause.by.is_empty());
            let next = Progress { pause: None, ..progress.clone() };
            // One that switched itself off would do so again with its next failure.
            let mut next = if by_itself { next.forgiven() } else { next };
            if !catch_up {
                next.cursor = next.cursor.max(now);
                let passed = self.0.book.with(actor.space, schedule.id, |entry| entry.skipped_by_pause(now)).flatten();
                next.missed += passed.as_ref().map_or(0, |passed| u64::from(passed.count));
                skipped.extend(passed);
            }
            changed.insert(schedule.id, next);
        }
        let count = changed.len();
        self.advance(actor, changed, &skipped).await?;
        self.log_some(actor, if catch_up { "resumed, with what was missed," } else { "resumed" }, &found).await;
        Ok(count)
    }

    /// Runs some now, beside their timetables.
    ///
    /// # Errors
    /// None of them is there.
    pub async fn run_now(&self, actor: &Actor, ids: &[ScheduleId]) -> Result<Vec<OccurrenceId>, AppError> {
        actor.must_be(Role::Editor)?;
        let now = self.0.clock.now();
        let _writing = self.0.book.writing().await;
        let found = self.found(actor, ids)?;
        let (mut changed, mut new) = (HashMap::new(), Vec::new());
        for (schedule, progress) in &found {
            let mut nominal = now;
            while progress.open.contains(&nominal) {
                nominal = nominal.plus(Duration::from_millis(1));
            }
            let id = OccurrenceId { schedule: schedule.id, nominal };
            new.push(Occurrence::due(id, actor.space, Origin::Manual, now, now));
            let mut next = progress.clone();
            next.open.push(nominal);
            changed.insert(schedule.id, next);
        }
        let begun = self.begin(actor, changed, new).await?;
        self.log_some(actor, "ran", &found).await;
        Ok(begun)
    }

    /// Writes new runs and puts them in line.
    async fn begin(
        &self,
        actor: &Actor,
        mut progress: HashMap<ScheduleId, Progress>,
        new: Vec<Occurrence>,
    ) -> Result<Vec<OccurrenceId>, AppError> {
        let existing = self.advance(actor, progress.clone(), &new).await?;
        // What is there already is left alone, and so is what it did to its schedule.
        if !existing.is_empty() {
            for id in &existing {
                if let Some(one) = progress.get_mut(&id.schedule) {
                    one.open.retain(|nominal| *nominal != id.nominal);
                }
            }
            self.advance(actor, progress, &[]).await?;
        }
        let begun: Vec<Occurrence> = new.into_iter().filter(|one| !existing.contains(&one.id)).collect();
        let ids = begun.iter().map(|one| one.id).collect();
        self.0.runs.wake(self.0.book.enqueue(begun));
        Ok(ids)
    }

    /// Runs the times of a span that did not run, at most `limit`; with `dry_run` only says which. Times as typed.
    ///
    /// # Errors
    /// It is not there, or the span is none of the past.
    pub async fn backfill(
        &self,
        actor: &Actor,
        id: ScheduleId,
        from: &str,
        to: &str,
        limit: u32,
        dry_run: bool,
    ) -> Result<Backfilled, AppError> {
        actor.must_be(Role::Editor)?;
        let _writing = self.0.book.writing().await;
        let (schedule, progress) = self.saved(actor, id)?;
        let (from, to, now) = (moment("from", from, &schedule)?, moment("to", to, &schedule)?, self.0.clock.now());
        if from > to {
            return Err(AppError::field("to", "This is before the beginning."));
        }
        if to > now {
            return Err(AppError::field("to", "Choose a time that has passed: what is to come runs by itself."));
        }
        let most = usize::try_from(limit.clamp(1, BACKFILL_MAX)).unwrap_or(1);
        let times: Vec<Timestamp> = self
            .0
            .book
            .with(actor.space, id, |entry| {
                let before = from.minus(Duration::from_millis(1));
                entry.timetable.after(before).take_while(|time| *time <= to).take(most.saturating_add(1)).collect()
            })
            .unwrap_or_default();
        let more = times.len() > most;
        let ids: Vec<_> = times.iter().take(most).map(|nominal| (actor.space, OccurrenceId { schedule: id, nominal: *nominal })).collect();
        let there = self.0.store.runs().some(&ids).await.map_err(unavailable)?;
        let mut filled = Backfilled { more, ..Backfilled::default() };
        let (mut new, mut again) = (Vec::new(), Vec::new());
        for (space, one) in ids {
            match there.iter().find(|known| known.id == one) {
                // One row may stand for several times that did not run.
                Some(known) if matches!(known.state, RunState::Missed | RunState::Skipped) => again.push(known.clone()),
                Some(_) => {
                    filled.done += 1;
                    continue;
                }
                None => new.push(Occurrence::due(one, space, Origin::Backfill, now, now)),
            }
            filled.times.push(one.nominal);
        }
        if dry_run || filled.times.is_empty() {
            return Ok(filled);
        }
        let mut next = progress;
        next.open.extend(filled.times.iter().copied());
        self.begin(actor, HashMap::from([(id, next)]), new).await?;
        self.send_again(again, Origin::Backfill, false).await?;
        let what = format!("{} of {}", domain::words::count(filled.times.len(), "past run", "past runs"), called(&schedule));
        self.0.log(actor, Deed::new(Area::Webhook, "ran", &what).at(at(id))).await;
        Ok(filled)
    }

    /// Makes a new signing secret and tells it; the old one signs beside it for so long (`24 h`, at most 7 d; empty: 24 h).
    ///
    /// # Errors
    /// It is not there or does not sign, or the span is none.
    pub async fn rotate(&self, actor: &Actor, id: ScheduleId, grace: &str) -> Result<String, AppError> {
        actor.must_be(Role::Editor)?;
        let _writing = self.0.book.writing().await;
        let (before, _) = self.saved(actor, id)?;
        let span = signing::grace(grace)?;
        let Some(old) = before.spec.signing.secrets.first().cloned() else {
            return Err(AppError::field("sign", "This webhook does not sign. Switch that on first."));
        };
        let (now, secret) = (self.0.clock.now(), fresh_signing());
        let mut schedule = Schedule { previous: Some((old, now.plus(span))), updated_at: now, ..Schedule::clone(&before) };
        let revealed = secret.reveal();
        schedule.spec.settings.0.insert("signing_secret".into(), revealed.clone());
        schedule.spec.signing.secrets = vec![secret];
        let what = format!("the signing secret of {}", called(&schedule));
        self.write(actor, vec![(schedule, None)]).await?;
        self.0.log(actor, Deed::new(Area::Webhook, "rotated", &what).at(at(id))).await;
        Ok(revealed)
    }

    /// Tells the signing secret; that is written in the activity log.
    ///
    /// # Errors
    /// It is not there or does not sign.
    pub async fn reveal(&self, actor: &Actor, id: ScheduleId) -> Result<String, AppError> {
        actor.must_be(Role::Editor)?;
        let (schedule, _) = self.saved(actor, id)?;
        let secret = schedule.spec.signing.secrets.first().ok_or_else(|| AppError::field("sign", "This webhook does not sign."))?;
        let what = format!("the signing secret of {}", called(&schedule));
        self.0.log(actor, Deed::new(Area::Webhook, "looked at", &what).at(at(id))).await;
        Ok(secret.reveal())
    }
}
