//! Takes over what people have elsewhere.

use std::collections::{HashMap, HashSet};

use domain::account::{NAME_MAX, Role};
use domain::activity::Area;
use domain::kind::Values;
use domain::webhook::{ImportRow, ImportView, Progress, Schedule, read_import};
use domain::{AppError, cron, words};

use super::Schedules;
use crate::actor::Actor;
use crate::service::activity::Deed;

/// Bytes that are read, at most.
const BYTES: usize = 1 << 20;

impl Schedules<'_> {
    /// Takes over a crontab or a table; with `dry_run` only says what it would take over.
    ///
    /// # Errors
    /// There is nothing in it, or too much.
    pub async fn import(&self, actor: &Actor, text: &str, zone: &str, dry_run: bool) -> Result<ImportView, AppError> {
        actor.must_be(Role::Editor)?;
        let zone = if zone.trim().is_empty() { "UTC" } else { zone.trim() };
        cron::zone(zone).map_err(|message| AppError::field("timezone", message))?;
        if text.len() > BYTES {
            return Err(AppError::field("text", "This is more than 1 MiB. Import it in parts."));
        }
        let (mut view, mut schedules) = (ImportView::default(), Vec::new());
        // A file that is taken over twice, or a line that stands in it twice, makes nothing twice.
        let there = self.0.book.each(actor.space, |entry| {
            let spec = &entry.schedule.spec;
            Some((spec.settings.0.clone(), format!("The webhook “{}” does the same.", spec.name)))
        });
        let mut known: HashMap<Values, String> = there.into_iter().collect();
        let mut names: HashSet<String> =
            self.0.book.each(actor.space, |entry| Some(entry.schedule.spec.name.clone())).into_iter().collect();
        for line in read_import(text, zone) {
            let mut row = ImportRow {
                line: u32::try_from(line.line).unwrap_or(u32::MAX),
                name: String::new(),
                when: String::new(),
                target: String::new(),
                note: String::new(),
                error: String::new(),
            };
            let nameless = line.draft.as_ref().is_ok_and(|draft| draft.name.trim().is_empty());
            match line.draft.map_err(|message| AppError::field("text", message)).and_then(|draft| self.fresh(actor, &draft)) {
                Ok((schedule, _)) if known.contains_key(&schedule.spec.settings.0) => {
                    row.error = known.get(&schedule.spec.settings.0).cloned().unwrap_or_default();
                }
                Ok((mut schedule, progress)) => {
                    if !names.insert(schedule.spec.name.clone()) && nameless {
                        let line = format!(" (line {})", row.line);
                        let room = NAME_MAX.saturating_sub(line.chars().count());
                        schedule.spec.name = schedule.spec.name.chars().take(room).chain(line.chars()).collect();
                    }
                    known.insert(schedule.spec.settings.0.clone(), format!("Line {} says the same.", row.line));
                    row.note = note(&schedule, &progress);
                    row.name.clone_from(&schedule.spec.name);
                    row.when = schedule.spec.when();
                    row.target = schedule.spec.target();
                    schedules.push((schedule, Some(progress)));
                }
                Err(error) => row.error = error.fields.first().map_or(error.message.clone(), |field| field.message.clone()),
            }
            view.rows.push(row);
        }
        if view.rows.is_empty() {
            return Err(AppError::field("text", "There is no line in it that says when something runs."));
        }
        if dry_run || schedules.is_empty() {
            return Ok(view);
        }
        self.has_room(actor, schedules.len())?;
        view.added = u32::try_from(schedules.len()).unwrap_or(u32::MAX);
        let what = words::count(schedules.len(), "webhook", "webhooks");
        self.keep(actor, schedules).await?;
        self.0.log(actor, Deed::new(Area::Webhook, "imported", &what).at("/webhooks".into())).await;
        Ok(view)
    }
}

/// What else would be taken over: a preview that leaves it out has to be believed.
fn note(schedule: &Schedule, progress: &Progress) -> String {
    let set = |name: &str| schedule.spec.settings.0.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let headers = set("headers").map_or(0, |headers| headers.lines().count());
    let parts = [
        Some(schedule.spec.zone.clone()),
        set("auth").filter(|auth| *auth != "none").map(|auth| format!("signs in by {auth}")),
        (headers > 0).then(|| words::count(headers, "header", "headers")),
        set("body").map(|_| "a body".to_owned()),
        set("max_attempts").map(|attempts| if attempts == "1" { "1 attempt".to_owned() } else { format!("{attempts} attempts") }),
        set("timeout_ms").map(|_| format!("timeout {}", words::duration(schedule.spec.timeout))),
        set("redirects").filter(|redirects| *redirects != "0").map(|_| "follows redirects".to_owned()),
        set("insecure").map(|_| "takes any certificate".to_owned()),
        progress.pause.is_some().then(|| "begins paused".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
