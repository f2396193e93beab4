//! Writes the invented year: transitions, days, hours of the last month, every check of the last day.

use std::sync::Arc;
use std::time::Duration;

use domain::account::NAME_MAX;
use domain::bar::Bar;
use domain::check::{Failure, Observation, Phases, Reason};
use domain::flapping::Flapping;
use domain::live::{LastCheck, SPARK_LENGTH};
use domain::machine::{Machine, Parts, Transition};
use domain::monitor::{Monitor, MonitorDraft};
use domain::schedule::Slots;
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::uptime::{spans, tally};
use domain::{AccountId, AppError, Code, MonitorId, SpaceId, Timestamp};
use store::{Account, Batch, Level, Rollup, StateRow, Store, StoredResult};

use super::model::{Chance, MONITORS, Service};
use crate::secret;
use crate::service::unavailable;

/// Who may look at a filled directory.
pub struct Filled {
    /// The address of the demo's administrator.
    pub email: String,
    /// Their password, made for this directory.
    pub password: String,
}

/// Rows of one transaction.
const PIECE: usize = 2_000;

/// Fills an empty database. `progress` is told what is being done.
pub async fn fill(store: &Store, now: Timestamp, mut progress: impl FnMut(String)) -> Result<Filled, AppError> {
    if !store.accounts().is_empty().await.map_err(unavailable)? {
        let message = "This data directory has accounts already. The demo fills an empty one: set LOOPR_DATA_DIR to a new directory.";
        return Err(AppError::new(Code::Conflict, message));
    }
    let filled =
        Filled { email: "demo@example.com".into(), password: secret::typable().to_lowercase() + &secret::typable().to_lowercase() };
    let year_ago = Timestamp::from_millis(now.as_millis() - 365 * DAY_MS);
    let account = Account {
        id: AccountId::new(year_ago, secret::bits()),
        email: filled.email.clone(),
        name: "Demo Administrator".chars().take(NAME_MAX).collect(),
        password: secret::hash_password(&filled.password).await?,
        admin: true,
        disabled: false,
        seen_at: None,
    };
    let space = SpaceId::new(year_ago, secret::bits());
    store.accounts().create(&account, Some((space, "Acme Platform")), true).await.map_err(unavailable)?;
    store.set_fact(super::FACT, "1").await.map_err(unavailable)?;

    let mut writer = Writer { store, batch: Batch::default(), rows: 0 };
    for number in 0..MONITORS {
        let service = Service::new(number, now);
        let monitor = monitor(&service, space, year_ago)?;
        store.space(space).monitors().create(std::slice::from_ref(&monitor)).await.map_err(unavailable)?;
        write_year(&mut writer, &service, &monitor, now).await?;
        if (number + 1) % 50 == 0 {
            progress(format!("{} of {MONITORS} monitors, {} rows of history", number + 1, domain::words::grouped(writer.rows)));
        }
    }
    writer.flush().await?;
    Ok(filled)
}

fn monitor(service: &Service, space: SpaceId, created_at: Timestamp) -> Result<Monitor, AppError> {
    let draft = MonitorDraft {
        name: service.name.clone(),
        interval: service.interval_seconds.to_string(),
        tags: service.tags.clone(),
        ..MonitorDraft::http(format!("http://{}{}", service.host, service.path))
    };
    let id = MonitorId::new(created_at.plus(Duration::from_millis(u64::from(service.number))), secret::bits());
    Ok(Monitor { id, space, spec: draft.validate()?, enabled: !service.paused, updated_at: created_at })
}

struct Writer<'a> {
    store: &'a Store,
    batch: Batch,
    rows: u64,
}

impl Writer<'_> {
    async fn full(&mut self) -> Result<(), AppError> {
        let rows = self.batch.results.len() + self.batch.rollups.len() + self.batch.transitions.len();
        if rows >= PIECE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), AppError> {
        let batch = std::mem::take(&mut self.batch);
        let rows = batch.results.len() + batch.rollups.len() + batch.transitions.len();
        self.rows += u64::try_from(rows).unwrap_or(0);
        self.store.recorder().write_fresh(&batch).await.map_err(unavailable)
    }
}

async fn write_year(writer: &mut Writer<'_>, service: &Service, monitor: &Monitor, now: Timestamp) -> Result<(), AppError> {
    let id = monitor.id;
    let changes = changes(service, id.created_at(), now);
    let mut before = State::Unknown;
    for (at, state, decided_at) in &changes {
        let transition = Transition { from: before, to: *state, at: *at, decided_at: *decided_at };
        let reason = (*state == State::Down).then_some(Reason::Status.name());
        writer.batch.transitions.push((id, transition, reason));
        before = *state;
    }
    let states: Arc<[(Timestamp, State)]> = changes.iter().map(|(at, state, _)| (*at, *state)).collect();
    let last_hour = now.floor(HOUR_MS);
    let mut day = now.floor(DAY_MS).minus(Duration::from_secs(365 * 86_400)).max(id.created_at().floor(DAY_MS));
    while day < now.floor(DAY_MS) {
        let next = day.plus(Duration::from_secs(86_400));
        let rollup = rollup(service, &states, day, next, id.created_at());
        writer.batch.rollups.push((id, Level::Day, day, rollup));
        day = next;
    }
    let mut hour = last_hour.minus(Duration::from_secs(31 * 86_400));
    while hour < last_hour {
        let next = hour.plus(Duration::from_secs(3_600));
        writer.batch.rollups.push((id, Level::Hour, hour, rollup(service, &states, hour, next, id.created_at())));
        hour = next;
        writer.full().await?;
    }
    let last = write_checks(writer, service, monitor, now).await?;
    writer.batch.states.push(standing(monitor, &changes, last, last_hour, now));
    writer.full().await
}

/// The changes of a year: the state from `at` on, and when it was decided.
fn changes(service: &Service, created_at: Timestamp, now: Timestamp) -> Vec<(Timestamp, State, Timestamp)> {
    let interval = Duration::from_secs(u64::from(service.interval_seconds));
    let mut out = vec![(created_at.plus(Duration::from_secs(1)), State::Up, created_at.plus(Duration::from_secs(1)))];
    for (start, end) in &service.outages {
        if *start <= created_at {
            continue;
        }
        out.push((*start, State::Down, start.plus(domain::schedule::retry_after(interval))));
        if *end < now {
            out.push((*end, State::Up, *end));
        }
    }
    if service.paused {
        let paused_at = Timestamp::from_millis(now.as_millis() - DAY_MS / 4 - i64::from(service.number) * 60_000);
        out.retain(|(at, ..)| *at < paused_at);
        out.push((paused_at, State::Paused, paused_at));
    }
    out
}

fn phases(total_us: u32) -> Phases {
    let part = |thousandths: u32| Some(u32::try_from(u64::from(total_us) * u64::from(thousandths) / 1_000).unwrap_or(0));
    Phases { dns_us: part(30), connect_us: part(90), tls_us: None, first_byte_us: part(820), download_us: part(60) }
}

/// A summary from a sample of what would have been seen.
fn rollup(service: &Service, changes: &[(Timestamp, State)], from: Timestamp, to: Timestamp, created_at: Timestamp) -> Rollup {
    let mut out = Rollup::default();
    let mut chance = Chance::new(u64::try_from(from.as_millis()).unwrap_or(0) ^ u64::from(service.number));
    let (from, to) = (from.max(created_at), to);
    let index = changes.partition_point(|(at, _)| *at <= from);
    let at_start = index.checked_sub(1).and_then(|i| changes.get(i)).map_or(State::Unknown, |(_, s)| *s);
    let within: Vec<_> = changes.get(index..).unwrap_or_default().iter().take_while(|(at, _)| *at < to).copied().collect();
    out.tally = tally(&spans(at_start, &within, from, to));
    let checks = to.since(from).as_secs() / u64::from(service.interval_seconds.max(1));
    let samples = checks.clamp(1, 12);
    let times = u32::try_from(checks / samples).unwrap_or(1).max(1);
    let step = to.since(from) / u32::try_from(samples).unwrap_or(1);
    let mut at = from;
    for _ in 0..samples {
        if service.is_down(at) {
            out.checks += times;
            out.failures += times;
        } else {
            let us = service.latency_us(at, &mut chance);
            out.add_successes(us, &phases(us), times);
        }
        at = at.plus(step);
    }
    out
}

async fn write_checks(writer: &mut Writer<'_>, service: &Service, monitor: &Monitor, now: Timestamp) -> Result<Vec<LastCheck>, AppError> {
    let slots = Slots::of(monitor.id, monitor.spec.interval);
    let mut chance = Chance::new(u64::from(service.number) ^ 0xc4ec);
    let paused_at = changes(service, monitor.id.created_at(), now).last().filter(|c| c.1 == State::Paused).map_or(now, |c| c.0);
    let mut at = slots.after(Timestamp::from_millis(now.as_millis() - DAY_MS - HOUR_MS));
    let mut last = Vec::new();
    while at < paused_at {
        let duration_us = service.latency_us(at, &mut chance);
        let failure = service
            .is_down(at)
            .then(|| Failure { reason: Reason::Status, message: format!("{} answered 503, and 200-299 is expected.", service.host) });
        let status = Some(if failure.is_some() { 503 } else { 200 });
        last.push(LastCheck {
            at,
            duration_us,
            status,
            reason: failure.as_ref().map(|f| f.reason),
            error: failure.as_ref().map(|f| f.message.clone()),
            ..LastCheck::default()
        });
        if last.len() > SPARK_LENGTH {
            last.remove(0);
        }
        let observation = Observation { at, duration_us, phases: phases(duration_us), status, failure, ..Observation::default() };
        writer.batch.results.push(StoredResult { monitor: monitor.id, observation });
        writer.full().await?;
        at = slots.after(at);
    }
    Ok(last)
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
