//! How a period went over the monitors of a space, summed from their hours or days.
//!
//! Reading a thousand monitors takes the database a part of a second, so an answer is kept for a minute, and who asks meanwhile
//! for the same waits for the one that is being made.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::analytics::{Analytics as Answer, HourOfWeek, HourShare, Period, Query, Ranked, ReasonShare};
use domain::check::Reason;
use domain::histogram::Histogram;
use domain::kind::Kind;
use domain::time::{DAY_MS, HOUR_MS};
use domain::uptime::Tally;
use domain::view::Series;
use domain::{AppError, SpaceId, Timestamp};
use store::{Level, Rollup};
use tokio::sync::OnceCell;

use super::history::point;
use super::unavailable;
use crate::actor::Actor;
use crate::board::Entry;
use crate::engine::Inner;

/// So long an answer is shown again.
const KEPT_MS: i64 = 60_000;
/// Answers that are kept.
const ANSWERS: usize = 200;
/// Monitors in a list.
const LISTED: usize = 10;
/// Hours of a week.
const HOURS: usize = 168;
/// Monitors that are read at once.
const AT_ONCE: usize = 8;

/// How a period went.
pub struct Analytics<'a>(pub(crate) &'a Inner);

/// Answers that were given lately.
#[derive(Default)]
pub(crate) struct Answers(Mutex<HashMap<(SpaceId, Query), Kept>>);

struct Kept {
    made_at: Timestamp,
    answer: Arc<OnceCell<Arc<Computed>>>,
}

/// An answer, and who failed in each hour of the week.
struct Computed {
    answer: Answer,
    by_hour: Vec<Vec<Ranked>>,
}

impl Answers {
    fn cell(&self, key: (SpaceId, Query), now: Timestamp) -> Arc<OnceCell<Arc<Computed>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |kept: &Kept| (0..KEPT_MS).contains(&(now.as_millis() - kept.made_at.as_millis()));
        if let Some(found) = kept.get(&key).filter(|found| fresh(found)) {
            return Arc::clone(&found.answer);
        }
        if kept.len() >= ANSWERS {
            kept.retain(|_, kept| fresh(kept));
        }
        let answer = Arc::default();
        if kept.len() < ANSWERS {
            kept.insert(key, Kept { made_at: now, answer: Arc::clone(&answer) });
        }
        answer
    }
}

impl Analytics<'_> {
    /// The figures of a part of the space, and of an hour of the week those that failed in it.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn of(&self, actor: &Actor, query: &Query, hour: Option<u8>) -> Result<Answer, AppError> {
        let cell = self.0.answers.cell((actor.space, query.clone()), self.0.clock.now());
        let computed = cell.get_or_try_init(|| async { self.compute(actor, query).await.map(Arc::new) }).await?;
        let share = |hour: u8| {
            let monitors = computed.by_hour.get(usize::from(hour))?;
            Some(HourShare { hour, monitors: monitors.clone() })
        };
        Ok(Answer { hour: hour.and_then(share), ..computed.answer.clone() })
    }

    async fn compute(&self, actor: &Actor, query: &Query) -> Result<Computed, AppError> {
        let now = self.0.clock.now();
        let all = self.0.board.of(actor.space);
        let mut sum = Sum::new(query, now);
        let meant = |entry: &&Arc<Entry>| {
            let plan = entry.plan();
            let spec = &plan.monitor.spec;
            query.tag.as_ref().is_none_or(|tag| spec.tags.contains(tag)) && query.kind.as_ref().is_none_or(|kind| spec.kind.name() == kind)
        };
        let entries: Vec<Arc<Entry>> = all.iter().filter(meant).cloned().collect();
        for some in entries.chunks(AT_ONCE) {
            let read = some.iter().map(|entry| self.read(entry, &sum.window));
            for (entry, pieces) in some.iter().zip(futures::future::try_join_all(read).await?) {
                sum.add(entry, pieces);
            }
        }
        let mut tags: Vec<String> = all.iter().flat_map(|entry| entry.plan().monitor.spec.tags.clone()).collect();
        tags.sort();
        tags.dedup();
        let kind = |entry: &Arc<Entry>| entry.plan().monitor.spec.kind;
        let mut kinds: Vec<_> = all.iter().map(kind).collect();
        kinds.sort();
        kinds.dedup();
        Ok(sum.finish(tags, kinds.into_iter().map(|kind| (kind.name().to_owned(), kind.label().to_owned())).collect()))
    }

    async fn read(&self, entry: &Arc<Entry>, window: &Window) -> Result<Pieces, AppError> {
        let rollups = self.0.store.rollups(entry.id);
        let mut days = match window.days_from {
            Some(from) => rollups.between(Level::Day, from, window.hours_from).await.map_err(unavailable)?,
            None => Vec::new(),
        };
        // Days get their summary in order, a while after they end: after the last one that has it, there are hours.
        let summarised = days.last().map(|(day, _)| Timestamp::from_millis(day.as_millis() + DAY_MS)).or(window.days_from);
        let from = summarised.map_or(window.hours_from, |day| day.min(window.hours_from));
        // An hour that is cut by the beginning of the window counts as a whole.
        let mut hours = rollups.between(Level::Hour, from, window.to).await.map_err(unavailable)?;
        let late = hours.partition_point(|(hour, _)| *hour < window.hours_from);
        days.extend(hours.drain(..late));
        let open = entry.standing().open_rollups(window.to);
        Ok(Pieces { days, hours: hours.into_iter().chain(open).collect() })
    }
}

/// What is read: days up to some midnight, and hours from there on.
struct Window {
    from: Timestamp,
    to: Timestamp,
    days_from: Option<Timestamp>,
    hours_from: Timestamp,
}

impl Window {
    fn new(period: Period, now: Timestamp) -> Self {
        let from = Timestamp::from_millis(now.as_millis() - period.width_ms());
        if period.is_hourly() {
            let from = from.floor(HOUR_MS);
            return Self { from, to: now, days_from: None, hours_from: from };
        }
        let from = from.floor(DAY_MS);
        // The last week is read by the hour: for the hours of the week, and because its last day has no sum yet.
        let hours_from = Timestamp::from_millis(now.floor(DAY_MS).as_millis() - 7 * DAY_MS);
        Self { from, to: now, days_from: Some(from), hours_from }
    }
}

struct Pieces {
    days: Vec<(Timestamp, Rollup)>,
    hours: Vec<(Timestamp, Rollup)>,
}

impl Pieces {
    fn untimed(self) -> Self {
        let untimed = |all: Vec<(Timestamp, Rollup)>| all.into_iter().map(|(at, piece)| (at, piece.untimed())).collect();
        Self { days: untimed(self.days), hours: untimed(self.hours) }
    }
}

/// What is summed up, monitor by monitor.
struct Sum<'a> {
    query: &'a Query,
    window: Window,
    whole: Rollup,
    points: BTreeMap<Timestamp, Rollup>,
    hours: Vec<(HourOfWeek, Histogram)>,
    by_hour: Vec<Vec<Ranked>>,
    /// Offsets from UTC by the hour: the same for all monitors.
    offsets: HashMap<Timestamp, i32>,
    monitors: Vec<(Ranked, BTreeMap<Reason, u64>)>,
}

impl<'a> Sum<'a> {
    fn new(query: &'a Query, now: Timestamp) -> Self {
        Self {
            query,
            window: Window::new(query.period, now),
            whole: Rollup::default(),
            points: BTreeMap::new(),
            hours: vec![(HourOfWeek::default(), Histogram::default()); HOURS],
            by_hour: vec![Vec::new(); HOURS],
            offsets: HashMap::new(),
            monitors: Vec::new(),
        }
    }

    fn add(&mut self, entry: &Entry, pieces: Pieces) {
        // How long a job runs is no latency: beside answers of services it would only hide them. Asked for by itself, it is what there is.
        let is_job = entry.plan().monitor.spec.kind == Kind::Heartbeat && self.query.kind.as_deref() != Some(Kind::Heartbeat.name());
        let pieces = if is_job { pieces.untimed() } else { pieces };
        let mut own = Rollup::default();
        for (at, piece) in pieces.days.iter().chain(&pieces.hours) {
            own.merge(piece);
            self.points.entry(at.floor(self.query.period.step_ms())).or_default().merge(piece);
        }
        let mut own_hours: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
        for (at, piece) in &pieces.hours {
            let hour = self.hour(*at, piece);
            let (checks, failures) = own_hours.entry(hour).or_default();
            *checks = checks.saturating_add(piece.checks);
            *failures = failures.saturating_add(piece.failures);
        }
        let plan = entry.plan();
        let ranked = Ranked {
            id: entry.id,
            name: plan.monitor.spec.name.clone(),
            label: plan.monitor.label(),
            uptime: own.tally.uptime(),
            down_ms: own.tally.down_ms(),
            checks: u64::from(own.checks),
            failures: u64::from(own.failures),
            p50_us: own.histogram.quantile_us(500),
            p95_us: own.histogram.quantile_us(950),
        };
        for (hour, (checks, failures)) in own_hours.into_iter().filter(|(_, (_, failures))| *failures > 0) {
            if let Some(list) = self.by_hour.get_mut(hour) {
                list.push(Ranked { checks: checks.into(), failures: failures.into(), ..ranked.clone() });
                most_failures(list);
            }
        }
        let reasons = own.reasons.iter().map(|(reason, count)| (*reason, u64::from(*count))).collect();
        self.monitors.push((ranked, reasons));
        self.whole.merge(&own);
    }

    /// Counts a piece in its hour of the week, and says which one that is.
    fn hour(&mut self, at: Timestamp, piece: &Rollup) -> usize {
        let zone = &self.query.zone;
        let offset = *self.offsets.entry(at).or_insert_with(|| at.offset_in(zone).unwrap_or(0));
        let civil = at.civil(offset);
        let index = usize::from(civil.weekday) * 24 + usize::from(civil.hour);
        if let Some((hour, latencies)) = self.hours.get_mut(index) {
            hour.checks = hour.checks.saturating_add(piece.checks);
            hour.failures = hour.failures.saturating_add(piece.failures);
            hour.down_ms = hour.down_ms.saturating_add(piece.tally.down_ms());
            latencies.merge(&piece.histogram);
        }
        index
    }

    fn finish(self, tags: Vec<String>, kinds: Vec<(String, String)>) -> Computed {
        let Self { query, window, whole, points, hours, by_hour, mut monitors, .. } = self;
        let trend = Series {
            from: window.from,
            to: window.to,
            step_ms: query.period.step_ms(),
            points: points.iter().filter(|(_, piece)| piece.checks > 0).map(|(at, piece)| point(*at, piece)).collect(),
            p50_us: whole.histogram.quantile_us(500),
            p95_us: whole.histogram.quantile_us(950),
            shaded: Vec::new(),
        };
        let reasons = by_reason(&monitors);
        let count = u32::try_from(monitors.len()).unwrap_or(u32::MAX);
        monitors.sort_by(|(a, _), (b, _)| b.p95_us.cmp(&a.p95_us).then_with(|| a.name.cmp(&b.name)));
        let slowest =
            monitors.iter().filter(|(ranked, _)| ranked.p95_us.is_some()).take(LISTED).map(|(ranked, _)| ranked.clone()).collect();
        monitors.sort_by(|(a, _), (b, _)| {
            b.down_ms.cmp(&a.down_ms).then_with(|| b.failures.cmp(&a.failures)).then_with(|| a.name.cmp(&b.name))
        });
        let failed = |ranked: &Ranked| ranked.down_ms > 0 || ranked.failures > 0;
        let least_reliable = monitors.iter().filter(|(ranked, _)| failed(ranked)).take(LISTED).map(|(ranked, _)| ranked.clone()).collect();
        let answer = Answer {
            from: window.from,
            to: window.to,
            monitors: count,
            tally: Tally::from_array(whole.tally.as_array()),
            checks: u64::from(whole.checks),
            failures: u64::from(whole.failures),
            missed: u64::from(whole.missed),
            reasons,
            trend,
            p99_us: whole.histogram.quantile_us(990),
            slowest,
            least_reliable,
            hours: hours.into_iter().map(|(hour, latencies)| HourOfWeek { p50_us: latencies.quantile_us(500), ..hour }).collect(),
            hours_from: window.hours_from,
            hour: None,
            tags,
            kinds,
        };
        Computed { answer, by_hour }
    }
}

/// Leaves the monitors with the most failures.
fn most_failures(monitors: &mut Vec<Ranked>) {
    monitors.sort_by(|a, b| b.failures.cmp(&a.failures).then_with(|| a.name.cmp(&b.name)));
    monitors.truncate(LISTED);
}

fn by_reason(monitors: &[(Ranked, BTreeMap<Reason, u64>)]) -> Vec<ReasonShare> {
    let mut shares: BTreeMap<Reason, Vec<Ranked>> = BTreeMap::new();
    for (ranked, reasons) in monitors {
        for (reason, failures) in reasons {
            shares.entry(*reason).or_default().push(Ranked { failures: *failures, ..ranked.clone() });
        }
    }
    let mut shares: Vec<ReasonShare> = shares
        .into_iter()
        .map(|(reason, mut monitors)| {
            let failures = monitors.iter().map(|ranked| ranked.failures).sum();
            most_failures(&mut monitors);
            ReasonShare { reason, failures, monitors }
        })
        .collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.failures));
    shares
}
