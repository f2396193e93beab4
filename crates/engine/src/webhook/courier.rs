//! Carries runs to their receivers: the webhooks' side of the delivery core. A lane is a host.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use domain::alert::Destination;
use domain::http::Sent;
use domain::webhook::{Again, Attempt, Last, Occurrence, OccurrenceId, Outcome, Pause, Progress, RunState, Schedule};
use domain::{ScheduleId, SpaceId, Timestamp};
use rand::RngExt;
use store::{Beside, Consequences, RunChange, Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::book::{Book, LOST};
use super::notices::Teller;
use super::request::{Requester, refused};
use super::template::Facts;
use crate::alert::{Directory, deliver_to};
use crate::clock::Clock;
use crate::deliver::{Courier, Health, Limits, Taken, Waker};
use crate::live::Hub;
use crate::metrics::Metrics;
use crate::secret;

/// Runs that are claimed in one transaction.
const BATCH: usize = 250;
/// What is on its way when everything stops has so long to end.
const LAST_CALL: Duration = Duration::from_secs(10);
/// Attempts of which nobody knows what became, at most: a request that ends the process each time must not do so for ever.
const LOST_MAX: u32 = 5;

/// The courier of scheduled webhooks.
pub(crate) struct RunCourier {
    pub store: Store,
    pub clock: Clock,
    pub book: Arc<Book>,
    pub requester: Requester,
    pub directory: Arc<Directory>,
    pub hub: Hub,
    pub metrics: Arc<Metrics>,
    /// Wakes those who carry messages.
    pub outbox: Waker<Destination>,
    pub stop: CancellationToken,
    /// Whose claims these are: another process has another one.
    pub process: String,
}

/// A run that was taken up.
pub(crate) struct Job {
    occurrence: Occurrence,
    /// As it was before.
    before: Occurrence,
    schedule: Arc<Schedule>,
    host: Arc<str>,
}

/// A run and what became of its attempt; none: the process stops, and nobody knows.
pub(crate) struct Done {
    job: Job,
    attempt: Option<Attempt>,
}

impl RunCourier {
    async fn facts(&self, schedule: &Schedule, occurrence: &Occurrence, now: Timestamp) -> Facts {
        let needs = |what: &str| {
            let request = &schedule.spec.request;
            request.url.contains(what)
                || request.body.as_deref().unwrap_or_default().contains(what)
                || request.headers.iter().any(|h| h.value.contains(what))
        };
        let last = if needs("last") { self.last_answer(schedule, occurrence.id).await } else { None };
        let uuid = uuid(secret::bits());
        Facts {
            schedule: (schedule.id.to_string(), schedule.spec.name.clone(), schedule.spec.tags.clone()),
            run: occurrence.id.to_string(),
            nominal: occurrence.id.nominal.to_rfc3339(),
            nominal_unix: occurrence.id.nominal.as_millis().div_euclid(1_000),
            attempt: occurrence.attempts.max(1),
            trigger: occurrence.origin.name(),
            now: now.to_rfc3339(),
            now_unix: now.as_millis().div_euclid(1_000),
            uuid,
            last,
            secrets: if needs("secret") { self.book.secrets(schedule.space) } else { Default::default() },
        }
    }

    /// Status and body of the answer to the run before.
    async fn last_answer(&self, schedule: &Schedule, id: OccurrenceId) -> Option<(Option<u16>, String)> {
        let last = self.book.with(schedule.space, schedule.id, |entry| entry.progress.last.clone()).flatten()?;
        let before = OccurrenceId { schedule: schedule.id, nominal: last.nominal };
        if before == id {
            return None;
        }
        match self.store.space(schedule.space).occurrences().attempts(before).await {
            Ok(attempts) => {
                let trace = attempts.into_iter().rev().find_map(|(_, attempt)| attempt.trace)?;
                Some((trace.observation.status, trace.excerpt))
            }
            Err(error) => {
                tracing::warn!(error = %error, "the answer to the run before could not be read; the template goes without");
                None
            }
        }
    }

    /// Sends a draft once, for whoever tests it.
    pub async fn test(&self, schedule: &Schedule) -> Attempt {
        let now = self.clock.now();
        let id = OccurrenceId { schedule: schedule.id, nominal: now };
        let occurrence = Occurrence::due(id, schedule.space, domain::webhook::Origin::Manual, now, now);
        let facts = self.facts(schedule, &occurrence, now).await;
        self.requester.send(schedule, &facts, &id.to_string(), now).await
    }

    /// What an occurrence becomes after an attempt, and how far its schedule has come then.
    fn after(&self, done: &Done, progress: &mut Progress, now: Timestamp, follows: &mut Consequences) -> Occurrence {
        let Done { job, attempt } = done;
        let mut next = Occurrence { claim: None, ..job.occurrence.clone() };
        let Some(attempt) = attempt else {
            next.lost = next.lost.saturating_add(1);
            (next.state, next.due_at, next.note) = (RunState::Retrying, now, LOST.into());
            return next;
        };
        let seen = attempt.trace.as_ref().map(|trace| &trace.observation);
        next.status = seen.and_then(|seen| seen.status);
        next.duration_ms = seen.map_or(0, |seen| seen.duration_us / 1_000);
        let spec = &job.schedule.spec;
        let mut gone = false;
        let again = match &attempt.outcome {
            Outcome::Begun | Outcome::Succeeded => {
                (next.state, next.note) = (RunState::Succeeded, String::new());
                None
            }
            Outcome::Failed { error, again } => {
                next.note.clone_from(error);
                let asked = if let Again::After(pause) = again { Some(*pause) } else { None };
                gone = *again == Again::Gone;
                let tries = next.attempts.saturating_sub(next.lost.min(LOST_MAX)).max(1);
                let random: f64 = rand::rng().random();
                let cancelled = self.book.is_cancelled(next.id);
                let more = !cancelled && !next.redelivered && matches!(again, Again::Later | Again::After(_));
                next.state = if cancelled { RunState::Cancelled } else { RunState::Failed };
                more.then(|| spec.retry.backoff.next(tries, next.id.nominal.max(next.created_at), now, random, asked)).flatten()
            }
        };
        if let Some(at) = again {
            (next.state, next.due_at) = (RunState::Retrying, at);
            return next;
        }
        next.ended_at = Some(now);
        let before = progress.clone();
        let last = Last {
            nominal: next.id.nominal,
            state: next.state,
            status: next.status,
            ended_at: now,
            duration_ms: next.duration_ms,
            note: next.note.clone(),
        };
        progress.ended(last, !next.redelivered);
        let teller = Teller { directory: &self.directory, now };
        let gone = (gone && !next.redelivered).then_some("The receiver answered 410: it wants nothing more.");
        let off = if next.redelivered { None } else { teller.ended(&job.schedule, &next, (&before, progress), gone, follows) };
        if let Some(note) = off.filter(|_| progress.pause.is_none()) {
            tracing::warn!(schedule.id = %job.schedule.id, note, "a schedule has switched itself off");
            progress.pause = Some(Pause { at: now, by: String::new(), note, until: None });
        }
        next
    }
}

/// Version 4 of RFC 9562, from random bits.
fn uuid(bits: u128) -> String {
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

impl Courier for RunCourier {
    type Lane = String;
    type Job = Job;
    type Done = Done;

    async fn lanes(&self, _now: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError> {
        Ok(self.book.hosts())
    }

    fn limits(&self, _lane: &String) -> Limits {
        Limits { concurrency: self.book.per_host(), rate: None }
    }

    fn urgency(&self, lane: &String) -> u8 {
        self.book.urgency(lane)
    }

    async fn take(&self, lanes: &[(String, usize)], now: Timestamp) -> Result<Vec<Taken<String, Job>>, StoreError> {
        let (mut taken, mut befores) = (Vec::with_capacity(lanes.len()), Vec::new());
        for (lane, room) in lanes {
            let (occurrences, next) = self.book.take(lane, *room, now);
            taken.push(Taken { lane: lane.clone(), jobs: Vec::new(), next });
            befores.extend(occurrences.into_iter().map(|one| (taken.len() - 1, one)));
        }
        let claim = format!("{}-{}", self.process, secret::fresh());
        let mut jobs = befores.into_iter();
        loop {
            let piece: Vec<_> = jobs.by_ref().take(BATCH).collect();
            if piece.is_empty() {
                return Ok(taken);
            }
            if let Err(error) = self.claim(&claim, piece, now, &mut taken).await {
                // Those that were claimed go; the others are in line again.
                for (place, before) in jobs {
                    self.give_back(&mut taken, place, before, now);
                }
                tracing::warn!(error = %error, "what is due could not be taken up; trying again");
                return if taken.iter().any(|one| !one.jobs.is_empty()) { Ok(taken) } else { Err(error) };
            }
        }
    }

    async fn send(&self, job: Job) -> (Done, Health) {
        let now = self.clock.now();
        let sending = async {
            if job.occurrence.lost > LOST_MAX {
                let error = "The process ended each time that this was sent. It is given up.".to_owned();
                return refused(now, Default::default(), error);
            }
            let facts = self.facts(&job.schedule, &job.occurrence, now).await;
            self.requester.send(&job.schedule, &facts, &job.occurrence.id.to_string(), now).await
        };
        let late = async {
            self.stop.cancelled().await;
            tokio::time::sleep(LAST_CALL).await;
        };
        let attempt = tokio::select! {
            attempt = sending => Some(attempt),
            () = late => None,
        };
        // A host that fails rests by the pauses of its runs: a breaker would make what is due there late.
        (Done { job, attempt }, Health::Well)
    }

    async fn finish(&self, done: &[Done], now: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let _writing = self.book.writing().await;
        let ids: HashSet<ScheduleId> = done.iter().map(|one| one.job.schedule.id).collect();
        let mut progress = self.book.progress(ids);
        let mut follows = Consequences::default();
        let (mut changes, mut ended) = (Vec::with_capacity(done.len()), Vec::new());
        for one in done {
            // Deleted meanwhile: nothing is left to write.
            let Some(progress) = progress.get_mut(&one.job.schedule.id) else { continue };
            let after = self.after(one, progress, now, &mut follows);
            if after.state.is_final() && !after.redelivered {
                ended.push(after.clone());
            }
            changes.push(RunChange { occurrence: after, claimed: one.job.occurrence.claim.clone(), attempt: one.attempt.clone() });
        }
        let messages = deliver_to(&follows.messages);
        let spaces: HashSet<SpaceId> = done.iter().map(|one| one.job.schedule.space).collect();
        let told: HashSet<SpaceId> = follows.notices.iter().map(|notice| notice.space).collect();
        let mut beside = Beside { follows, ..Beside::default() };
        beside.progress = changes
            .iter()
            .map(|change| (change.occurrence.space, change.occurrence.id.schedule))
            .collect::<HashSet<_>>()
            .into_iter()
            .filter_map(|(space, id)| Some((space, id, progress.get(&id)?)))
            .collect();
        ended.iter().for_each(|one| beside.count(one));
        let changed: HashSet<OccurrenceId> = self.store.runs().change(&changes, &beside).await?.into_iter().collect();
        drop(beside);
        let switched_off = progress.iter().any(|(_, progress)| progress.pause.is_some());
        self.book.set_progress(progress);
        if switched_off {
            self.book.look_again(changes.iter().map(|change| change.occurrence.id.schedule));
        }
        let mut afters: HashMap<OccurrenceId, Occurrence> =
            changes.into_iter().map(|change| (change.occurrence.id, change.occurrence)).collect();
        let mut next = Vec::new();
        for one in done {
            let id = one.job.occurrence.id;
            let after = afters.remove(&id).filter(|_| changed.contains(&id));
            if let Some(after) = &after {
                self.metrics.run(after, one.job.before.attempts > 0);
            }
            next.extend(self.book.ended(&one.job.host, &one.job.before, after, now));
        }
        spaces.into_iter().for_each(|space| self.hub.runs(space));
        told.into_iter().for_each(|space| self.hub.news(space));
        if !messages.is_empty() {
            self.outbox.wake(messages);
        }
        Ok(next)
    }
}

impl RunCourier {
    fn give_back(&self, taken: &mut [Taken<String, Job>], place: usize, before: Occurrence, now: Timestamp) {
        let Some(one) = taken.get_mut(place) else { return };
        let next = self.book.ended(&one.lane, &before, Some(before.clone()), now).into_iter().map(|(_, at)| at).min();
        one.next = [one.next, next].into_iter().flatten().min();
    }

    /// Writes down who has these on their way.
    async fn claim(
        &self,
        claim: &str,
        piece: Vec<(usize, Occurrence)>,
        now: Timestamp,
        taken: &mut [Taken<String, Job>],
    ) -> Result<(), StoreError> {
        let mut changes = Vec::with_capacity(piece.len());
        for (_, before) in &piece {
            let occurrence = Occurrence {
                state: RunState::Running,
                claim: Some(claim.to_owned()),
                attempts: before.attempts.saturating_add(1),
                started_at: before.started_at.or(Some(now)),
                ..before.clone()
            };
            // What is kept of an attempt whose end nobody saw: where it went. The rest is filled in only when it is sent.
            let sent = self.book.schedule(before.id.schedule).map(|(schedule, _)| Sent {
                method: schedule.spec.request.method.clone(),
                url: schedule.spec.address().to_owned(),
                ..Sent::default()
            });
            let attempt = Attempt { sent: sent.unwrap_or_default(), ..Attempt::begun(now) };
            changes.push(RunChange { occurrence, claimed: None, attempt: Some(attempt) });
        }
        let claimed = match self.store.runs().change(&changes, &Beside::default()).await {
            Ok(claimed) => claimed.into_iter().collect::<HashSet<_>>(),
            Err(error) => {
                piece.into_iter().for_each(|(place, before)| self.give_back(taken, place, before, now));
                return Err(error);
            }
        };
        for ((place, before), change) in piece.into_iter().zip(changes) {
            let Some(one) = taken.get_mut(place) else { continue };
            let known = self.book.schedule(before.id.schedule).filter(|_| claimed.contains(&before.id));
            match known {
                Some((schedule, _)) => {
                    if before.attempts == 0 {
                        self.metrics.run_started(now.since(before.due_at));
                    }
                    one.jobs.push(Job { occurrence: change.occurrence, before, schedule, host: one.lane.as_str().into() });
                }
                // Deleted, or ended by somebody else.
                None => drop(self.book.ended(&one.lane, &before, None, now)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn uuids_are_of_version_4() {
        let text = super::uuid(u128::MAX);
        assert_eq!(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(super::uuid(0), "00000000-0000-4000-8000-000000000000");
    }
}
