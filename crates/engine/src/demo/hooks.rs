//! The invented webhooks: jobs of the demo's own web server that are called by timetables, with what became of the runs of the last weeks.

use std::collections::HashMap;
use std::time::Duration;

use domain::check::{Hop, Observation, Phases, Trace};
use domain::http::Sent;
use domain::time::DAY_MS;
use domain::webhook::{
    Again, Attempt, DayOfRuns, Last, Occurrence, OccurrenceId, Origin, Outcome, Pause, Progress, RunState, Schedule, ScheduleDraft,
    Timetable,
};
use domain::{AppError, ScheduleId, SpaceId, Timestamp};
use store::{Beside, RunChange, Store};

use super::model::Chance;
use crate::secret;
use crate::service::unavailable;

/// Days of which single runs are kept.
const RUN_DAYS: i64 = 45;
/// Runs of one webhook that are kept, at most.
const RUNS: usize = 1_200;
/// The newest of them, whose attempts are kept with what was sent and answered.
const TRIED: usize = 60;

/// A job: name, path, trigger and its value, tag, of 1,000 runs how many fail, milliseconds that it takes.
type Job = (&'static str, &'static str, &'static str, &'static str, &'static str, u64, u64);

const JOBS: [Job; 18] = [
    ("Close the day’s invoices", "invoices/close", "cron", "30 2 * * *", "billing", 8, 2_400),
    ("Charge subscriptions", "subscriptions/charge", "cron", "0 6 * * *", "billing", 15, 5_200),
    ("Dunning letters", "dunning", "cron", "0 9 * * MON-FRI", "billing", 4, 1_100),
    ("Exchange rates", "rates", "every", "15 min", "billing", 12, 180),
    ("Refresh the search index", "search/refresh", "every", "5 min", "shop", 6, 640),
    ("Sitemap", "sitemap", "cron", "15 4 * * *", "shop", 3, 3_100),
    ("Abandoned carts", "carts/remind", "every", "30 min", "shop", 9, 420),
    ("Stock levels from the warehouse", "stock", "every", "10 min", "shop", 45, 900),
    ("Price feed", "prices", "cron", "0 */2 * * *", "shop", 20, 1_700),
    ("Newsletter", "newsletter", "cron", "0 8 * * TUE", "marketing", 0, 8_600),
    ("Weekly report", "reports/weekly", "cron", "0 7 * * MON", "reports", 10, 4_000),
    ("Monthly report", "reports/monthly", "cron", "0 7 1 * *", "reports", 0, 9_000),
    ("Warm the cache", "cache/warm", "every", "1 min", "platform", 2, 90),
    ("Rotate logs", "logs/rotate", "cron", "0 3 * * *", "platform", 0, 350),
    ("Snapshot of the database", "database/snapshot", "cron", "0 1 * * *", "platform", 12, 12_000),
    ("Certificates of customers", "certificates", "cron", "0 5 * * SUN", "platform", 5, 2_000),
    ("Old partner feed", "partner/feed", "every", "1 h", "partners", ALWAYS, 60),
    ("Migration of avatars", "avatars/migrate", "every", "20 min", "platform", 30, 700),
];
/// A job that fails now.
const ALWAYS: u64 = 1_000;
const BROKEN_SINCE: Duration = Duration::from_secs(18 * 3_600);
/// Somebody stopped this one.
const PAUSED: usize = 17;

/// Writes the webhooks and their history.
pub(super) async fn write(store: &Store, space: SpaceId, made_at: Timestamp, now: Timestamp) -> Result<(), AppError> {
    for (number, job) in JOBS.iter().enumerate() {
        Hook::new(space, number, job, made_at)?.write(store, number, now).await?;
    }
    Ok(())
}

struct Hook {
    job: &'static Job,
    schedule: Schedule,
    timetable: Timetable,
}

impl Hook {
    fn new(space: SpaceId, number: usize, job: &'static Job, made_at: Timestamp) -> Result<Self, AppError> {
        let (name, path, trigger, value, tag, ..) = *job;
        let url = format!("http://127.0.0.1:{}/jobs/{path}", super::PORT);
        let mut draft =
            ScheduleDraft::of([("url", url.as_str()), ("trigger", trigger), ("timezone", "Europe/Berlin"), ("body_type", "json")]);
        draft.settings.insert(trigger.to_owned(), value.to_owned());
        draft.settings.insert("body".into(), "{\"run\": {{ run.id | json }}, \"due\": {{ run.nominal | json }}}".into());
        (draft.name, draft.tags) = (name.to_owned(), tag.to_owned());
        let spec = draft.restore()?;
        let timetable = Timetable::new(&spec).map_err(|message| AppError::field("cron", message))?;
        let at = made_at.plus(Duration::from_secs(u64::try_from(number).unwrap_or(0)));
        let schedule = Schedule { id: ScheduleId::new(at, secret::bits()), space, spec, previous: None, updated_at: at };
        Ok(Self { job, schedule, timetable })
    }

    /// What always fails has done so since yesterday only: it would have switched itself off.
    fn fails(&self, nominal: Timestamp, now: Timestamp, chance: &mut Chance) -> bool {
        match self.job.5 {
            ALWAYS => now.since(nominal) < BROKEN_SINCE,
            part => chance.below(ALWAYS) < part,
        }
    }

    async fn write(&self, store: &Store, number: usize, now: Timestamp) -> Result<(), AppError> {
        let mut chance = Chance::new(u64::try_from(number).unwrap_or(0) ^ 0x7e55);
        let mut progress = Progress::new(now);
        let from = Timestamp::from_millis(now.as_millis() - RUN_DAYS * DAY_MS);
        let mut times: Vec<Timestamp> = self.timetable.after(from).take_while(|time| *time < now).collect();
        times.drain(..times.len().saturating_sub(RUNS));
        let mut days: HashMap<i64, DayOfRuns> = HashMap::new();
        let runs: Vec<(Occurrence, Attempt)> = times.into_iter().map(|time| self.run(time, now, &mut chance)).collect();
        for (run, _) in &runs {
            let last = Last {
                nominal: run.id.nominal,
                state: run.state,
                status: run.status,
                ended_at: run.ended_at.unwrap_or(now),
                duration_ms: run.duration_ms,
                note: run.note.clone(),
            };
            progress.ended(last, true);
            let day = days.entry(run.id.nominal.as_millis().div_euclid(DAY_MS)).or_default();
            if run.state == RunState::Succeeded { day.succeeded += 1 } else { day.failed += 1 }
        }
        let first_kept = days.keys().min().copied().unwrap_or_else(|| now.as_millis().div_euclid(DAY_MS));
        self.year_before(first_kept, now, &mut days, &mut progress, &mut chance);
        (progress.told, progress.cursor) = (progress.streak > 0, now);
        if number == PAUSED {
            let at = now.minus(Duration::from_secs(3 * 86_400));
            progress.pause = Some(Pause { at, by: "Grace Hopper".into(), note: "Until the storage is moved.".into(), until: None });
        }
        store.space(self.schedule.space).schedules().put(&[(&self.schedule, Some(&progress))]).await.map_err(unavailable)?;
        let key = |day: i64| (self.schedule.space, self.schedule.id, day);
        let beside = Beside { days: days.into_iter().map(|(day, counts)| (key(day), counts)).collect(), ..Beside::default() };
        store.runs().add(&[], &beside).await.map_err(unavailable)?;
        let yesterday = now.minus(Duration::from_secs(86_400));
        for piece in runs.chunks(250) {
            let occurrences: Vec<Occurrence> = piece.iter().map(|(run, _)| run.clone()).collect();
            let mut beside = Beside::default();
            occurrences.iter().filter(|run| run.id.nominal >= yesterday).for_each(|run| beside.count(run));
            // The days are counted already.
            beside.days.clear();
            store.runs().add(&occurrences, &beside).await.map_err(unavailable)?;
        }
        let tried = runs.into_iter().rev().take(TRIED);
        let changes: Vec<RunChange> =
            tried.map(|(occurrence, attempt)| RunChange { occurrence, claimed: None, attempt: Some(attempt) }).collect();
        store.runs().change(&changes, &Beside::default()).await.map_err(unavailable)?;
        Ok(())
    }

    /// Of the year before the runs that are kept, only what ran on each day.
    fn year_before(
        &self,
        until_day: i64,
        now: Timestamp,
        days: &mut HashMap<i64, DayOfRuns>,
        progress: &mut Progress,
        chance: &mut Chance,
    ) {
        let first = now.as_millis().div_euclid(DAY_MS) - 364;
        for day in first..until_day {
            let from = Timestamp::from_millis(day * DAY_MS - 1);
            let count = self.timetable.after(from).take_while(|time| time.as_millis() < (day + 1) * DAY_MS).count();
            let failed = (0..count.min(300)).filter(|_| self.fails(from, now, chance)).count();
            let counts = DayOfRuns {
                day: i32::try_from(day).unwrap_or(0),
                succeeded: u32::try_from(count - failed).unwrap_or(0),
                failed: u32::try_from(failed).unwrap_or(0),
                missed: 0,
            };
            if count > 0 {
                progress.succeeded += u64::from(counts.succeeded);
                progress.failed += u64::from(counts.failed);
                days.insert(day, counts);
            }
        }
    }

    fn run(&self, nominal: Timestamp, now: Timestamp, chance: &mut Chance) -> (Occurrence, Attempt) {
        let failed = self.fails(nominal, now, chance);
        let took = self.job.6 * (80 + chance.below(60)) / 100;
        let took = Duration::from_millis(if failed { 12 + chance.below(30) } else { took });
        let begun = nominal.plus(Duration::from_millis(4 + chance.below(9)));
        let id = OccurrenceId { schedule: self.schedule.id, nominal };
        let (status, note) = if failed { (503, "127.0.0.1:4399 answered 503 Service Unavailable.") } else { (200, "") };
        let duration_us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        let occurrence = Occurrence {
            state: if failed { RunState::Failed } else { RunState::Succeeded },
            started_at: Some(begun),
            ended_at: Some(begun.plus(took)),
            attempts: 1,
            status: Some(status),
            duration_ms: duration_us / 1_000,
            note: note.to_owned(),
            ..Occurrence::due(id, self.schedule.space, Origin::Schedule, nominal, nominal)
        };
        let phases = Phases {
            connect_us: Some(90),
            first_byte_us: Some(duration_us.saturating_sub(300)),
            download_us: Some(120),
            ..Phases::default()
        };
        let body = if failed { "{\"ok\":false}\n" } else { "{\"ok\":true}\n" };
        let url = self.schedule.spec.request.url.clone();
        let headers: Vec<(String, String)> =
            vec![("content-type".into(), "application/json".into()), ("content-length".into(), body.len().to_string())];
        let trace = Trace {
            observation: Observation { at: begun, duration_us, phases, status: Some(status), ..Observation::default() },
            hops: vec![Hop {
                method: "POST".into(),
                url: url.clone(),
                address: Some("127.0.0.1".into()),
                dns_cached: false,
                version: Some("HTTP/1.1".into()),
                tls: None,
                certificate: None,
                status: Some(status),
                phases,
                headers,
                facts: Vec::new(),
            }],
            body_bytes: u64::try_from(body.len()).unwrap_or(0),
            body_capped: false,
            excerpt: body.to_owned(),
        };
        let sent = Sent {
            method: "POST".into(),
            url,
            headers: vec![("Content-Type".into(), "application/json".into()), ("Idempotency-Key".into(), id.to_string())],
            body: format!("{{\"run\": \"{id}\", \"due\": \"{}\"}}", nominal.to_rfc3339()),
        };
        let outcome = if failed { Outcome::Failed { error: note.to_owned(), again: Again::Later } } else { Outcome::Succeeded };
        (occurrence, Attempt { at: begun, sent, trace: Some(trace), outcome })
    }
}

/// What the demo's web server answers when a job is called: a status, how long it takes, and whether it went well.
pub(super) fn call(path: &str, at: Timestamp) -> Option<(bool, Duration)> {
    let job = JOBS.iter().find(|job| path == job.1)?;
    let mut chance = Chance::new(u64::try_from(at.as_millis()).unwrap_or(0));
    let failed = chance.below(1_000) < job.5;
    let took = if failed { 20 } else { job.6 * (80 + chance.below(60)) / 100 };
    Some((!failed, Duration::from_millis(took)))
}
