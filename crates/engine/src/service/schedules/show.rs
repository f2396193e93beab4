//! What pages and the REST interface are shown of schedules.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::cron;
use domain::kind::http::Auth;
use domain::webhook::{
    NextRun, PREVIEWED, RunState, ScheduleCounts, ScheduleDetail, ScheduleDraft, ScheduleFilter, ScheduleForm, ScheduleRow, ScheduleSpec,
    SchedulesView, Standing, Timetable,
};
use domain::{AppError, ScheduleId, Timestamp, words};
use store::RunFilter;

use super::{Described, Schedules};
use crate::actor::Actor;
use crate::service::unavailable;
use crate::webhook::{Entry, standing};

/// Rows of a page of the list.
const PAGE: usize = 50;
/// Runs that the page of a schedule shows.
const RUNS: u32 = 25;
/// Runs whose latency the page of a schedule shows.
const LATENCIES: u32 = 200;
const DAY_MS: i64 = 86_400_000;
const DAY: Duration = Duration::from_secs(86_400);

fn row(entry: &Entry, now: Timestamp) -> ScheduleRow {
    let (spec, progress) = (&entry.schedule.spec, &entry.progress);
    ScheduleRow {
        id: entry.schedule.id,
        name: spec.name.clone(),
        target: spec.target(),
        when: spec.when(),
        zone: spec.zone.clone(),
        tags: spec.tags.clone(),
        standing: standing(entry),
        next: entry.upcoming(now),
        last: progress.last.clone(),
        outcomes: progress.outcomes(),
        success_rate: progress.success_rate(),
        rated: progress.recent_count,
        priority: spec.priority,
    }
}

fn fits(entry: &Entry, filter: &ScheduleFilter, search: &str) -> bool {
    let spec = &entry.schedule.spec;
    let has = |text: &str| text.to_lowercase().contains(search);
    let found = search.is_empty() || has(&spec.name) || has(&spec.request.url) || has(&spec.note) || spec.tags.iter().any(|tag| has(tag));
    // What is tried again is failing, too: the figure beside the filter says so.
    let stands = match (Standing::from_name(&filter.standing), standing(entry)) {
        (Some(Standing::Failing), Standing::Failing | Standing::Retrying) => true,
        (Some(wanted), stands) => wanted == stands,
        (None, _) => filter.standing.is_empty(),
    };
    found && stands && (filter.tag.is_empty() || spec.tags.contains(&filter.tag))
}

/// What needs a look first.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Failing => 0,
        Standing::Retrying => 1,
        Standing::Disabled => 2,
        Standing::Running | Standing::Well | Standing::New => 3,
        Standing::Paused => 4,
        Standing::Ended => 5,
    }
}

impl Schedules<'_> {
    /// A page of the list: what needs a look first, then by what runs next.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn page(&self, actor: &Actor, filter: &ScheduleFilter) -> Result<SchedulesView, AppError> {
        let now = self.0.clock.now();
        let search = filter.search.trim().to_lowercase();
        let mut tags = BTreeSet::new();
        let day = self.last_day(actor).await?;
        let mut order = self.0.book.each(actor.space, |entry| {
            tags.extend(entry.schedule.spec.tags.iter().cloned());
            let next = entry.next.unwrap_or(Timestamp::from_millis(i64::MAX));
            fits(entry, filter, &search).then(|| (rank(standing(entry)), next, entry.schedule.id))
        });
        order.sort_unstable();
        let from = usize::try_from(filter.page).unwrap_or(0).saturating_mul(PAGE);
        let rows = order.iter().skip(from).take(PAGE).filter_map(|(_, _, id)| self.0.book.with(actor.space, *id, |entry| row(entry, now)));
        Ok(SchedulesView {
            rows: rows.collect(),
            matching: u32::try_from(order.len()).unwrap_or(u32::MAX),
            counts: self.counts(actor),
            tags: tags.into_iter().collect(),
            day,
        })
    }

    /// Runs that ended in the last 24 hours, and how many of them failed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn last_day(&self, actor: &Actor) -> Result<(u32, u32), AppError> {
        let since = self.0.clock.now().minus(DAY);
        let day = self.0.store.space(actor.space).occurrences().since(since).await.map_err(unavailable)?;
        Ok((day.succeeded.saturating_add(day.failed), day.failed))
    }

    /// How many there are.
    pub fn counts(&self, actor: &Actor) -> ScheduleCounts {
        self.0.book.counts(actor.space)
    }

    fn described(&self, entry: &Entry, now: Timestamp) -> Described {
        let next = match entry.upcoming(now) {
            Some(_) => entry.ahead(entry.progress.cursor.max(now), PREVIEWED),
            None => Vec::new(),
        };
        Described { schedule: std::sync::Arc::clone(&entry.schedule), progress: entry.progress.clone(), standing: standing(entry), next }
    }

    /// The next ones by id, that is by creation, after `after`.
    pub fn list_after(&self, actor: &Actor, after: Option<ScheduleId>, filter: &ScheduleFilter, limit: usize) -> Vec<Described> {
        let (now, search) = (self.0.clock.now(), filter.search.trim().to_lowercase());
        let mut left = limit;
        self.0.book.each(actor.space, |entry| {
            let wanted = left > 0 && after.is_none_or(|after| entry.schedule.id > after) && fits(entry, filter, &search);
            left -= usize::from(wanted);
            wanted.then(|| self.described(entry, now))
        })
    }

    /// One, and how it stands.
    ///
    /// # Errors
    /// It is not there.
    pub fn get(&self, actor: &Actor, id: ScheduleId) -> Result<Described, AppError> {
        let now = self.0.clock.now();
        self.0.book.with(actor.space, id, |entry| self.described(entry, now)).ok_or_else(|| AppError::not_found("webhook"))
    }

    /// What the form needs: of a saved one, of a copy of one, or of what somebody typed and wants to see before it is saved.
    ///
    /// # Errors
    /// The saved one is not there.
    pub fn form(
        &self,
        actor: &Actor,
        id: Option<ScheduleId>,
        copy: Option<ScheduleId>,
        typed: Option<ScheduleDraft>,
    ) -> Result<ScheduleForm, AppError> {
        let saved = id.or(copy).map(|id| self.saved(actor, id)).transpose()?;
        let asked = typed.is_some();
        let mut draft = typed.or_else(|| {
            saved.as_ref().map(|(schedule, progress)| {
                let mut draft = schedule.spec.draft();
                if progress.pause.is_some() {
                    draft.enabled.clear();
                }
                draft
            })
        });
        if let Some(draft) = draft.as_mut().filter(|_| !asked && id.is_none()) {
            // A copy has no secrets: nobody may have them sent elsewhere by copying.
            // The names of headers are none.
            let named =
                |text: &str| text.lines().filter_map(|line| Some(format!("{}: ", line.split_once(':')?.0))).collect::<Vec<_>>().join("\n");
            let headers = draft.settings.get("headers").map(|text| named(text)).filter(|text| !text.is_empty());
            draft.settings.retain(|name, _| !domain::webhook::form().get(name).is_some_and(|field| field.input.is_secret()));
            draft.settings.extend(headers.map(|text| ("headers".to_owned(), text)));
            draft.name = format!("{} (copy)", draft.name).chars().take(domain::account::NAME_MAX).collect();
        }
        let draft = draft.unwrap_or_else(|| ScheduleDraft { enabled: "on".into(), ..ScheduleDraft::default() });
        let (when, next, wrong) = match self.preview(actor, id, &draft, None, PREVIEWED) {
            Ok((when, next)) => (when, next, None),
            Err(error) => (String::new(), Vec::new(), Some(error).filter(|_| asked)),
        };
        let zone = Some(draft.setting("timezone").trim()).filter(|zone| cron::zone(zone).is_ok()).unwrap_or("UTC").to_owned();
        Ok(ScheduleForm { id, draft, when, zone, next, wrong })
    }

    /// The next `count` times of a draft, perhaps over a saved one, after an instant (none: now).
    ///
    /// # Errors
    /// What is wrong with its timetable, field by field.
    pub fn preview(
        &self,
        actor: &Actor,
        id: Option<ScheduleId>,
        draft: &ScheduleDraft,
        after: Option<Timestamp>,
        count: usize,
    ) -> Result<(String, Vec<NextRun>), AppError> {
        let now = self.0.clock.now();
        // Only the timetable counts: what is sent may not be typed yet.
        const TIMES: [&str; 9] = ["trigger", "every", "cron", "at", "timezone", "not_before", "not_after", "max_runs", "jitter"];
        let mut only = ScheduleDraft::of([("url", "https://example.com/")]);
        only.settings.extend(draft.settings.iter().filter(|(name, _)| TIMES.contains(&name.as_str())).map(|(k, v)| (k.clone(), v.clone())));
        let spec: ScheduleSpec = only.validate(now)?;
        let timetable = Timetable::new(&spec).map_err(|message| AppError::field("cron", message))?;
        let runs = id.and_then(|id| self.0.book.with(actor.space, id, |entry| entry.progress.runs)).unwrap_or(0);
        let count = count.min(spec.runs_left(runs).unwrap_or(usize::MAX));
        Ok((spec.when(), timetable.preview(after.unwrap_or(now), count)))
    }

    /// The next `count` times of a saved one.
    ///
    /// # Errors
    /// It is not there.
    pub fn next_of(&self, actor: &Actor, id: ScheduleId, after: Option<Timestamp>, count: usize) -> Result<Vec<NextRun>, AppError> {
        let after = after.unwrap_or_else(|| self.0.clock.now());
        self.0.book.with(actor.space, id, |entry| entry.ahead(after, count)).ok_or_else(|| AppError::not_found("webhook"))
    }

    /// The page of one.
    ///
    /// # Errors
    /// It is not there, or the database does not answer.
    pub async fn detail(&self, actor: &Actor, id: ScheduleId) -> Result<ScheduleDetail, AppError> {
        let now = self.0.clock.now();
        let found = self.0.book.with(actor.space, id, |entry| (row(entry, now), self.described(entry, now)));
        let (row, described) = found.ok_or_else(|| AppError::not_found("webhook"))?;
        let Described { schedule, progress, next, .. } = described;
        let space = self.0.store.space(actor.space);
        let today = now.as_millis().div_euclid(DAY_MS);
        let days = space.occurrences().days(id, today - 370).await.map_err(unavailable)?;
        let ended = RunFilter { states: vec![RunState::Succeeded, RunState::Failed], ..RunFilter::default() };
        let mut latency: Vec<_> = space.occurrences().list(id, &ended, LATENCIES).await.map_err(unavailable)?;
        latency.reverse();
        let latency = latency
            .iter()
            .map(|run| (run.started_at.unwrap_or(run.id.nominal), run.duration_ms, run.state == RunState::Succeeded))
            .collect();
        let runs = space.occurrences().list(id, &RunFilter::default(), RUNS).await.map_err(unavailable)?;
        Ok(ScheduleDetail {
            row,
            note: schedule.spec.note.clone(),
            next,
            streak: progress.streak,
            disabling: disabling(&schedule.spec, &progress, now),
            facts: schedule.spec.facts(),
            totals: (progress.succeeded, progress.failed, progress.missed),
            pause: progress.pause,
            days,
            latency,
            runs: runs.iter().map(domain::webhook::Occurrence::row).collect(),
            curl: curl(&schedule.spec),
            rotated_until: schedule.previous.as_ref().map(|(_, until)| *until).filter(|until| *until > now),
            signs: !schedule.spec.signing.secrets.is_empty(),
        })
    }
}

/// When it will switch itself off.
fn disabling(spec: &ScheduleSpec, progress: &domain::webhook::Progress, now: Timestamp) -> String {
    let Some(rule) = spec.disabling else { return String::new() };
    let span = words::duration(rule.span);
    match progress.failing_since {
        Some(since) if progress.streak > 0 => {
            let runs = usize::try_from(rule.failures.saturating_sub(progress.streak)).unwrap_or(0);
            let left = rule.span.saturating_sub(now.since(since));
            let after = match (runs, left.is_zero()) {
                (0, true) => "with the next failed run".to_owned(),
                (0, false) => format!("if it still fails in {}", words::duration(Duration::from_secs(left.as_secs()))),
                (n, true) => format!("after {} more", words::count(n, "failed run", "failed runs")),
                (n, false) => format!(
                    "after {} more, and not before {} from now",
                    words::count(n, "failed run", "failed runs"),
                    words::duration(Duration::from_secs(left.as_secs()))
                ),
            };
            format!("It switches itself off {after}.")
        }
        _ => format!(
            "It switches itself off after {} in a row over at least {span}.",
            words::count(usize::try_from(rule.failures).unwrap_or(0), "failed run", "failed runs")
        ),
    }
}

/// The request as a command; values of headers and keys are left out.
fn curl(spec: &ScheduleSpec) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let request = &spec.request;
    let mut parts = vec![format!("curl -X {}", request.method)];
    for header in &request.headers {
        let harmless = header.name.eq_ignore_ascii_case("content-type") || header.name.eq_ignore_ascii_case("accept");
        let value = if harmless || header.value.contains("{{") { header.value.as_str() } else { "…" };
        parts.push(format!("-H {}", quoted(&format!("{}: {value}", header.name))));
    }
    match &request.auth {
        Auth::None => {}
        Auth::Basic { username, .. } => parts.push(format!("-u {}", quoted(&format!("{username}:…")))),
        _ => parts.push("-H 'Authorization: …'".to_owned()),
    }
    if let Some(body) = &request.body {
        parts.push(format!("--data-raw {}", quoted(body)));
    }
    parts.push(quoted(&request.url));
    parts.join(" \\\n  ")
}
