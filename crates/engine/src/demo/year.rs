//! Writes the invented year of a monitor: its transitions, the summaries of its days, and every check of the last days with the
//! summaries of their hours.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::bar::Bar;
use domain::check::{Observation, Phases, Reason};
use domain::flapping::Flapping;
use domain::kind::Kind;
use domain::live::{LastCheck, SPARK_LENGTH};
use domain::machine::{Machine, Parts, Transition};
use domain::monitor::Monitor;
use domain::schedule::Slots;
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::uptime::{Tally, spans, tally};
use domain::view::CheckView;
use domain::{AppError, ChannelId, Timestamp};
use store::packed::represent;
use store::{Batch, Level, Rollup, StateRow, Store, Unsealed};

use super::behind::{phases, status};
use super::model::{Chance, Service};
use super::outages;
use crate::archive::SUMMARISED_TO;
use crate::record::SEALED_TO;
use crate::service::unavailable;

/// Rows of one transaction.
const PIECE: usize = 2_000;
/// Writes rows in pieces.
pub(super) struct Writer<'a> {
    store: &'a Store,
    batch: Batch,
    /// Checks written so far.
    pub checks: u64,
}

impl<'a> Writer<'a> {
    pub fn new(store: &'a Store) -> Self {
        Self { store, batch: Batch::default(), checks: 0 }
    }

    async fn full(&mut self) -> Result<(), AppError> {
        let batch = &self.batch;
        let rows = batch.recorded.checks.len() + batch.rollups.len() + batch.transitions.len() + batch.incident_events.len();
        if rows >= PIECE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), AppError> {
        let batch = std::mem::take(&mut self.batch);
        self.batch.seq = batch.seq + 1;
        self.store.recorder().write(&batch).await.map_err(unavailable)
    }

    /// Writes what is left, and what a start would otherwise look for.
    pub async fn finish(mut self, now: Timestamp) -> Result<(), AppError> {
        self.flush().await?;
        for (fact, to) in [(SEALED_TO, open_from(now)), (SUMMARISED_TO, open_from(now).floor(DAY_MS))] {
            self.store.set_fact(fact, &to.as_millis().to_string()).await.map_err(unavailable)?;
        }
        Ok(())
    }
}

/// The hours from here on are in the journal: an hour at least, as when the server was stopped at the worst moment.
fn open_from(now: Timestamp) -> Timestamp {
    later(now, -HOUR_MS).floor(HOUR_MS)
}

fn later(instant: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_millis(instant.as_millis() + ms)
}

/// Writes everything of one monitor.
pub(super) async fn write_year(
    writer: &mut Writer<'_>,
    service: &Service,
    monitor: &Monitor,
    now: Timestamp,
    raw_days: i64,
    told: Option<ChannelId>,
) -> Result<(), AppError> {
    let (id, created_at) = (monitor.id, monitor.id.created_at());
    let changes = changes(service, created_at, now);
    let mut before = State::Unknown;
    for (at, state, decided_at) in &changes {
        let transition = Transition { from: before, to: *state, at: *at, decided_at: *decided_at };
        let reason = (*state == State::Down).then(|| service.down(*at).unwrap_or(Reason::Status).name());
        writer.batch.transitions.push((id, transition, reason));
        before = *state;
    }
    if let Some(told) = told {
        outages::write(&mut writer.batch, service, monitor, &changes, told, now);
    }
    let states: Arc<[(Timestamp, State)]> = changes.iter().map(|(at, state, _)| (*at, *state)).collect();
    let (today, open_from) = (now.floor(DAY_MS), open_from(now));
    let raw_from = later(today, -raw_days * DAY_MS);
    let mut day = created_at.floor(DAY_MS);
    while day < raw_from {
        let next = later(day, DAY_MS);
        writer.batch.rollups.push((id, Level::Day, day, sampled(service, &states, day.max(created_at), next)));
        day = next;
    }
    let paused_at = changes.last().filter(|change| change.1 == State::Paused).map_or(now, |change| change.0);
    let mut seen = Seen { service, slots: Slots::of(id, monitor.spec.interval), chance: Chance::new(u64::from(service.number) ^ 0xc4ec) };
    let mut last: Vec<CheckView> = Vec::new();
    while day <= today {
        let next = later(day, DAY_MS);
        let checks = seen.checks(day.max(created_at), next.min(paused_at));
        writer.checks += u64::try_from(checks.len()).unwrap_or(0);
        let mut hours: BTreeMap<Timestamp, Vec<CheckView>> = BTreeMap::new();
        checks.iter().for_each(|check| hours.entry(check.at.floor(HOUR_MS)).or_default().push(check.clone()));
        let mut whole = Rollup::default();
        for (hour, checks) in hours.iter().filter(|(hour, _)| **hour < open_from) {
            let rollup = summary(checks, time_in_states(&states, *hour, later(*hour, HOUR_MS)));
            whole.merge(&rollup);
            writer.batch.rollups.push((id, Level::Hour, *hour, rollup));
        }
        last.extend(checks.iter().rev().take(SPARK_LENGTH).rev().cloned());
        if next <= open_from && day < today {
            writer.batch.rollups.push((id, Level::Day, day, whole));
            writer.store.segments(id).seal_day(day, checks).await.map_err(unavailable)?;
        } else {
            let open = hours.split_off(&open_from).into_values().flatten();
            writer.batch.recorded.checks.extend(open.map(|check| (id, check)));
            let hours = hours.into_iter().map(|(hour, checks)| Unsealed { monitor: id, hour, checks }).collect();
            writer.store.seal(hours).await.map_err(unavailable)?;
        }
        writer.full().await?;
        day = next;
    }
    let last = last.into_iter().rev().take(SPARK_LENGTH).rev().map(last_check).collect();
    writer.batch.states.push(standing(monitor, &changes, last, open_from, now));
    writer.full().await
}

/// What the checks of a service see.
struct Seen<'a> {
    service: &'a Service,
    slots: Slots,
    chance: Chance,
}

impl Seen<'_> {
    fn checks(&mut self, from: Timestamp, to: Timestamp) -> Vec<CheckView> {
        let mut out = Vec::new();
        let mut at = self.slots.after(later(from, -1));
        while at < to {
            let duration_us = self.service.latency_us(at, &mut self.chance);
            let (failure, status) = match self.service.down(at).map(|reason| self.service.failure(reason)) {
                Some((failure, status)) => (Some(failure), status),
                None => (None, status(self.service.kind)),
            };
            // Who ran into nothing has nothing to break down, like a job that never ended.
            let phases = if failure.is_some() && self.service.kind != Kind::Http {
                Phases::default()
            } else {
                phases(self.service.kind, duration_us)
            };
            let mut seen = Observation { at, duration_us, phases, status, failure, ..Observation::default() };
            represent(&mut seen);
            out.push(CheckView::from(seen));
            at = self.slots.after(at);
        }
        out
    }
}

fn last_check(check: CheckView) -> LastCheck {
    LastCheck {
        at: check.at,
        duration_us: check.duration_us,
        status: check.status,
        reason: check.failure.as_ref().map(|f| f.reason),
        error: check.failure.map(|f| f.message),
        ..LastCheck::default()
    }
}

fn summary(checks: &[CheckView], tally: Tally) -> Rollup {
    let mut out = Rollup { tally, ..Rollup::default() };
    for check in checks {
        match &check.failure {
            Some(failure) => out.add_failure(failure.reason),
            None => out.add_success(check.duration_us, &check.phases),
        }
    }
    out
}

fn time_in_states(changes: &[(Timestamp, State)], from: Timestamp, to: Timestamp) -> Tally {
    let index = changes.partition_point(|(at, _)| *at <= from);
    let at_start = index.checked_sub(1).and_then(|i| changes.get(i)).map_or(State::Unknown, |(_, s)| *s);
    let within: Vec<_> = changes.get(index..).unwrap_or_default().iter().take_while(|(at, _)| *at < to).copied().collect();
    tally(&spans(at_start, &within, from, to))
}

/// The changes of a year: the state from `at` on, and when it was decided.
fn changes(service: &Service, created_at: Timestamp, now: Timestamp) -> Vec<(Timestamp, State, Timestamp)> {
    let interval = Duration::from_secs(u64::from(service.interval_seconds));
    let mut out = vec![(created_at.plus(Duration::from_secs(1)), State::Up, created_at.plus(Duration::from_secs(1)))];
    // What reports by itself is believed at once.
    let looked_again = if service.kind.is_active() { domain::schedule::retry_after(interval) } else { Duration::ZERO };
    for outage in service.outages.iter().filter(|outage| outage.from > created_at) {
        out.push((outage.from, State::Down, outage.from.plus(looked_again)));
        if outage.to < now {
            out.push((outage.to, State::Up, outage.to));
        }
    }
    if let Some((from, to)) = service.maintenance.filter(|(from, _)| *from > created_at) {
        out.extend([(from, State::Maintenance, from), (to, State::Up, to)]);
        out.sort_unstable_by_key(|(at, ..)| *at);
    }
    if service.paused {
        let paused_at = Timestamp::from_millis(now.as_millis() - DAY_MS / 4 - i64::from(service.number) * 60_000);
        out.retain(|(at, ..)| *at < paused_at);
        out.push((paused_at, State::Paused, paused_at));
    }
    out
}

/// A summary from a sample of what would have been seen.
fn sampled(service: &Service, changes: &[(Timestamp, State)], from: Timestamp, to: Timestamp) -> Rollup {
    let mut out = Rollup { tally: time_in_states(changes, from, to), ..Rollup::default() };
    let mut chance = Chance::new(u64::try_from(from.as_millis()).unwrap_or(0) ^ u64::from(service.number));
    let checks = to.since(from).as_secs() / u64::from(service.interval_seconds.max(1));
    let samples = checks.clamp(1, 12);
    let times = u32::try_from(checks / samples).unwrap_or(1).max(1);
    let step = to.since(from) / u32::try_from(samples).unwrap_or(1);
    let mut at = from;
    for _ in 0..samples {
        match service.down(at) {
            Some(reason) => out.add_failures(reason, times),
            None => {
                let us = service.latency_us(at, &mut chance);
                out.add_successes(us, &phases(service.kind, us), times);
            }
        }
        at = at.plus(step);
    }
    out
}

fn standing(
    monitor: &Monitor,
    changes: &[(Timestamp, State, Timestamp)],
    last: Vec<LastCheck>,
    rolled_to: Timestamp,
    now: Timestamp,
) -> StateRow {
    let (since, settled) = changes.last().map_or((now, State::Unknown), |(at, state, _)| (*at, *state));
    let mut bar = Bar::default();
    let from = Timestamp::from_millis(now.as_millis() - 4 * HOUR_MS);
    let dated: Vec<_> = changes.iter().map(|(at, state, _)| (*at, *state)).collect();
    let index = dated.partition_point(|(at, _)| *at <= from);
    let at_start = index.checked_sub(1).and_then(|i| dated.get(i)).map_or(State::Unknown, |(_, s)| *s);
    for span in spans(at_start, dated.get(index..).unwrap_or_default(), from, now) {
        bar.mark(span.state, span.from, span.to);
    }
    let spark = last.iter().map(|l| if l.error.is_some() { 0 } else { l.duration_us }).collect();
    let machine = Machine::from_parts(Parts::settled(settled, since));
    let recorded_to = last.last().map_or(now, |l| l.at);
    StateRow {
        told_expiry: None,
        monitor: monitor.id,
        machine,
        recorded_to,
        rolled_to,
        last: last.into_iter().next_back(),
        bar,
        spark,
        flapping: Flapping::default(),
    }
}
