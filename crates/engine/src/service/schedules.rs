//! Scheduled webhooks: what people do with schedules and their runs.

mod by_hand;
mod import;
mod runs;
mod show;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::account::Role;
use domain::activity::Area;
use domain::error::FieldErrors;
use domain::kind::Values;
use domain::webhook::{
    Attempt, NamedSecret, NextRun, Pause, Progress, SCHEDULES_MAX, Schedule, ScheduleDraft, ScheduleSpec, Standing, Timetable,
};
use domain::{AppError, Code, ScheduleId, Timestamp};

use super::unavailable;
use crate::actor::Actor;
use crate::engine::Inner;
use crate::secret;
use crate::service::activity::Deed;
use crate::webhook::check_template;

/// Values that templates of a space name, at most.
const SECRETS_MAX: usize = 200;
/// Bytes of such a value, at most.
const SECRET_BYTES: usize = 8 * 1024;

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

fn called(schedule: &Schedule) -> String {
    format!("webhook “{}”", schedule.spec.name)
}

fn at(id: ScheduleId) -> String {
    format!("/webhooks/{id}")
}

impl Schedules<'_> {
    fn saved(&self, actor: &Actor, id: ScheduleId) -> Result<(Arc<Schedule>, Progress), AppError> {
        let found = self.0.book.with(actor.space, id, |entry| (Arc::clone(&entry.schedule), entry.progress.clone()));
        found.ok_or_else(|| AppError::not_found("webhook"))
    }

    /// Judges a draft over what is saved of it: its fields, its templates, and that a signing secret is there where one is needed.
    fn judged(&self, actor: &Actor, draft: &ScheduleDraft, saved: Option<&Schedule>) -> Result<ScheduleSpec, AppError> {
        let (none, now) = (Values::new(), self.0.clock.now());
        let mut draft = draft.clone();
        let signs = matches!(draft.setting("sign"), "on" | "true");
        let kept = saved.and_then(|saved| saved.spec.settings.0.get("signing_secret"));
        if signs && draft.setting("signing_secret").trim().is_empty() {
            let made = kept.cloned().unwrap_or_else(|| secret::fresh_signing().reveal());
            draft.settings.insert("signing_secret".into(), made);
        }
        let judged = draft.validate_over(saved.map_or(&none, |saved| &saved.spec.settings.0), now);
        let secrets = self.0.book.secrets(actor.space);
        let mut errors = FieldErrors::new();
        for field in ["url", "body"] {
            if let Err(message) = check_template(draft.setting(field), &secrets) {
                errors.add(field, message);
            }
        }
        if let Ok(spec) = &judged {
            let wrong =
                spec.headers().iter().find_map(|header| check_template(&header.value, &secrets).err().map(|error| (&header.name, error)));
            if let Some((name, error)) = wrong {
                errors.add("headers", format!("{name}: {error}"));
            }
        }
        errors.join(judged)
    }

    /// Says whether a draft could be saved, and saves nothing.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn judge(&self, actor: &Actor, id: Option<ScheduleId>, draft: &ScheduleDraft) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let saved = id.map(|id| self.saved(actor, id)).transpose()?;
        self.judged(actor, draft, saved.as_ref().map(|(schedule, _)| &**schedule)).map(drop)
    }

    fn has_room(&self, actor: &Actor, more: usize) -> Result<(), AppError> {
        let there = usize::try_from(self.0.book.counts(actor.space).all).unwrap_or(usize::MAX);
        if there.saturating_add(more) > SCHEDULES_MAX {
            return Err(AppError::new(Code::Conflict, format!("A space has at most {SCHEDULES_MAX} webhooks.")));
        }
        Ok(())
    }

    fn fresh(&self, actor: &Actor, draft: &ScheduleDraft) -> Result<(Schedule, Progress), AppError> {
        let (spec, now) = (self.judged(actor, draft, None)?, self.0.clock.now());
        let timetable = Timetable::new(&spec).map_err(|message| AppError::field("cron", message))?;
        if timetable.next_after(now).is_none() {
            let field = if draft.setting("trigger") == "once" { "at" } else { "not_after" };
            return Err(AppError::field(field, "This is over already. Choose a time that is yet to come."));
        }
        let schedule = Schedule { id: ScheduleId::new(now, secret::bits()), space: actor.space, spec, previous: None, updated_at: now };
        let mut progress = Progress::new(now);
        progress.pause = self.pause_of(actor, draft, now);
        Ok((schedule, progress))
    }

    /// A draft that is not enabled begins paused.
    fn pause_of(&self, actor: &Actor, draft: &ScheduleDraft, now: Timestamp) -> Option<Pause> {
        let enabled = matches!(draft.enabled.as_str(), "on" | "true");
        (!enabled).then(|| Pause { at: now, by: by(actor), note: String::new(), until: None })
    }

    /// Adds one.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub async fn create(&self, actor: &Actor, draft: &ScheduleDraft) -> Result<Described, AppError> {
        actor.must_be(Role::Editor)?;
        self.has_room(actor, 1)?;
        let (schedule, progress) = self.fresh(actor, draft)?;
        let id = schedule.id;
        let what = called(&schedule);
        self.keep(actor, vec![(schedule, Some(progress))]).await?;
        self.0.log(actor, Deed::new(Area::Webhook, "added", &what).at(at(id))).await;
        self.get(actor, id)
    }

    /// Changes one. What `draft.enabled` says pauses it or has it go on.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub async fn update(&self, actor: &Actor, id: ScheduleId, draft: &ScheduleDraft) -> Result<Described, AppError> {
        actor.must_be(Role::Editor)?;
        let writing = self.0.book.writing().await;
        let (before, mut progress) = self.saved(actor, id)?;
        let (spec, now) = (self.judged(actor, draft, Some(&before))?, self.0.clock.now());
        match (self.pause_of(actor, draft, now), &progress.pause) {
            (Some(pause), None) => progress.pause = Some(pause),
            (None, Some(_)) => {
                progress.pause = None;
                progress.cursor = progress.cursor.max(now);
            }
            _ => {}
        }
        // Another timetable decides from now on: what its times would have been is nobody's business.
        if spec.trigger != before.spec.trigger || spec.zone != before.spec.zone {
            progress.cursor = progress.cursor.max(now);
        }
        let schedule = Schedule { spec, updated_at: now, ..Schedule::clone(&before) };
        let what = called(&schedule);
        self.write(actor, vec![(schedule, Some(progress))]).await?;
        drop(writing);
        self.0.log(actor, Deed::new(Area::Webhook, "changed", &what).at(at(id))).await;
        self.get(actor, id)
    }

    async fn keep(&self, actor: &Actor, schedules: Vec<(Schedule, Option<Progress>)>) -> Result<(), AppError> {
        let _writing = self.0.book.writing().await;
        self.write(actor, schedules).await
    }

    /// Writes schedules and puts them in memory. The caller holds the right to write.
    async fn write(&self, actor: &Actor, schedules: Vec<(Schedule, Option<Progress>)>) -> Result<(), AppError> {
        for piece in schedules.chunks(100) {
            let rows: Vec<_> = piece.iter().map(|(schedule, progress)| (schedule, progress.as_ref())).collect();
            self.0.store.space(actor.space).schedules().put(&rows).await.map_err(unavailable)?;
            for (schedule, progress) in piece {
                let put = self.0.book.put(schedule.clone(), progress.clone());
                put.map_err(|message| AppError::field("cron", message))?;
            }
        }
        self.0.hub.runs(actor.space);
        Ok(())
    }

    /// Deletes some with their runs; answers how many.
    ///
    /// # Errors
    /// None of them is there.
    pub async fn delete(&self, actor: &Actor, ids: &[ScheduleId]) -> Result<usize, AppError> {
        actor.must_be(Role::Editor)?;
        let _writing = self.0.book.writing().await;
        let found = self.found(actor, ids)?;
        for piece in found.chunks(100) {
            let ids: Vec<ScheduleId> = piece.iter().map(|(schedule, _)| schedule.id).collect();
            self.0.store.space(actor.space).schedules().delete(&ids).await.map_err(unavailable)?;
            ids.into_iter().for_each(|id| self.0.book.remove(id));
        }
        self.0.hub.runs(actor.space);
        self.log_some(actor, "deleted", &found).await;
        Ok(found.len())
    }

    /// Those of some that are there.
    fn found(&self, actor: &Actor, ids: &[ScheduleId]) -> Result<Vec<(Arc<Schedule>, Progress)>, AppError> {
        let found: Vec<_> = ids.iter().filter_map(|id| self.saved(actor, *id).ok()).collect();
        if found.is_empty() { Err(AppError::not_found("webhook")) } else { Ok(found) }
    }

    async fn log_some(&self, actor: &Actor, did: &str, found: &[(Arc<Schedule>, Progress)]) {
        let what = match found {
            [(only, _)] => called(only),
            many => domain::words::count(many.len(), "webhook", "webhooks"),
        };
        let deed = Deed::new(Area::Webhook, did, &what);
        let deed = if let ([(only, _)], false) = (found, did == "deleted") { deed.at(at(only.id)) } else { deed };
        self.0.log(actor, deed).await;
    }

    /// Sends a draft once and keeps nothing. `id`: the saved one whose secrets it keeps.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub async fn test(&self, actor: &Actor, id: Option<ScheduleId>, draft: &ScheduleDraft) -> Result<Attempt, AppError> {
        actor.must_be(Role::Editor)?;
        self.0.limits.try_expensive(actor.account.map_or(0, domain::AccountId::bits))?;
        let saved = id.map(|id| self.saved(actor, id)).transpose()?.map(|(schedule, _)| schedule);
        let (spec, now) = (self.judged(actor, draft, saved.as_deref())?, self.0.clock.now());
        let id = saved.as_ref().map_or_else(|| ScheduleId::new(now, secret::bits()), |saved| saved.id);
        let previous = saved.and_then(|saved| saved.previous.clone());
        Ok(self.0.courier.test(&Schedule { id, space: actor.space, spec, previous, updated_at: now }).await)
    }

    /// The values that templates name, without them.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn secrets(&self, actor: &Actor) -> Result<Vec<NamedSecret>, AppError> {
        let names: BTreeMap<String, Timestamp> = self.0.store.space(actor.space).schedules().secret_names().await.map_err(unavailable)?;
        Ok(names.into_iter().map(|(name, updated_at)| NamedSecret { name, updated_at }).collect())
    }

    /// Keeps a value under a name (letters, digits, `_`).
    ///
    /// # Errors
    /// The name or the value cannot be kept.
    pub async fn put_secret(&self, actor: &Actor, name: &str, value: &str) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let name = name.trim();
        let mut errors = FieldErrors::new();
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !begins || name.len() > 64 || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            errors.add("name", "Use letters, digits and _, at most 64, as in API_KEY.");
        }
        if value.is_empty() || value.len() > SECRET_BYTES {
            errors.add("value", format!("Enter a value of at most {} KiB.", SECRET_BYTES / 1024));
        }
        if !errors.is_empty() {
            return Err(errors.into_error());
        }
        let known = self.0.book.secrets(actor.space);
        if known.len() >= SECRETS_MAX && !known.contains_key(name) {
            return Err(AppError::new(Code::Conflict, format!("A space has at most {SECRETS_MAX} secrets.")));
        }
        self.0.store.space(actor.space).schedules().put_secret(name, value, self.0.clock.now()).await.map_err(unavailable)?;
        self.0.book.set_secret(actor.space, name, Some(value));
        let did = if known.contains_key(name) { "replaced" } else { "added" };
        self.0.log(actor, Deed::new(Area::Webhook, did, &format!("secret {name}")).at("/webhooks/secrets".into())).await;
        Ok(())
    }

    /// Forgets one. Webhooks that name it are named, and keep it from being forgotten.
    ///
    /// # Errors
    /// It is not there, or is in use.
    pub async fn delete_secret(&self, actor: &Actor, name: &str) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let named = format!("secret.{name}");
        let uses = |spec: &ScheduleSpec| {
            let request = &spec.request;
            let texts = [request.url.as_str(), request.body.as_deref().unwrap_or_default()];
            let headers = request.headers.iter().map(|header| header.value.as_str());
            texts.into_iter().chain(headers).any(|text| text.match_indices(&named).any(|(at, _)| ends_there(text, at + named.len())))
        };
        let users = self.0.book.each(actor.space, |entry| uses(&entry.schedule.spec).then(|| entry.schedule.spec.name.clone()));
        if let Some(first) = users.first() {
            let others = users.len() - 1;
            let who = if others == 0 { format!("“{first}”") } else { format!("“{first}” and {others} more") };
            return Err(AppError::new(Code::Conflict, format!("{who} would fail without it. Change what uses it first.")));
        }
        if !self.0.store.space(actor.space).schedules().delete_secret(name).await.map_err(unavailable)? {
            return Err(AppError::not_found("secret"));
        }
        self.0.book.set_secret(actor.space, name, None);
        self.0.log(actor, Deed::new(Area::Webhook, "deleted", &format!("secret {name}"))).await;
        Ok(())
    }
}

/// Whether a name in a template ends at a place.
fn ends_there(text: &str, at: usize) -> bool {
    !text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Who, for a pause: never empty, as that means that it stopped itself.
fn by(actor: &Actor) -> String {
    match (actor.name.as_str(), actor.scope) {
        ("", _) => "operator".to_owned(),
        (name, Some(_)) => format!("token {name}"),
        (name, None) => name.to_owned(),
    }
}
