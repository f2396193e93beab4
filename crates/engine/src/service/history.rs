//! What was recorded, read from the cheapest level that is exact enough.

pub(super) mod export;
mod levels;

use std::sync::Arc;
use std::time::Duration;

use domain::retention::oldest_day;
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::uptime::{Span, Tally, spans, tally};
use domain::view::{CheckView, LatencyView, Range, Series, SeriesPoint, UptimeView};
use domain::{AppError, MonitorId, Timestamp};
use store::Rollup;

pub use export::{Export, ExportFormat};
use levels::{Levels, Pieces};

use super::unavailable;
use crate::actor::Actor;
use crate::board::Entry;
use crate::engine::Inner;

/// Changes read for one window; a monitor that flaps more is summed from what there is.
const CHANGES: u32 = 20_000;
/// Checks that one page may hold.
const PAGE: u32 = 1_000;
/// More checks than that are not read one by one for a chart: summaries are, instead.
const CHART_CHECKS: i64 = 90_000;

/// What a chart is drawn of.
struct Drawn {
    from: Timestamp,
    to: Timestamp,
    step_ms: i64,
    /// Of single checks, or of summaries.
    raw: bool,
}

/// What was recorded.
pub struct History<'a>(pub(crate) &'a Inner);

impl History<'_> {
    fn entry(&self, actor: &Actor, id: MonitorId) -> Result<Arc<Entry>, AppError> {
        self.0.board.get(actor.space, id).ok_or_else(|| AppError::not_found("monitor"))
    }

    /// The spans of a window, from the monitor's creation on at most.
    pub(super) async fn spans(&self, entry: &Entry, from: Timestamp, to: Timestamp) -> Result<Vec<Span>, AppError> {
        let from = from.max(entry.id.created_at());
        if from >= to {
            return Ok(Vec::new());
        }
        let (before, within) = self.0.store.transitions(entry.id).between(from, to, CHANGES).await.map_err(unavailable)?;
        let at_start = before.map(|t| t.to).or(within.first().map(|t| t.from)).unwrap_or(State::Unknown);
        let changes: Vec<_> = within.iter().map(|t| (t.at, t.to)).collect();
        Ok(spans(at_start, &changes, from, to))
    }

    /// The time in each state of a window.
    pub async fn uptime(&self, actor: &Actor, id: MonitorId, from: Timestamp, to: Timestamp) -> Result<UptimeView, AppError> {
        let entry = self.entry(actor, id)?;
        let to = to.min(self.0.clock.now());
        Ok(UptimeView { from, to, tally: tally(&self.spans(&entry, from, to).await?) })
    }

    /// The newest checks before an instant.
    pub async fn checks(&self, actor: &Actor, id: MonitorId, before: Option<Timestamp>, limit: u32) -> Result<Vec<CheckView>, AppError> {
        let end = before.unwrap_or(Timestamp::from_millis(i64::MAX));
        self.results(actor, id, Timestamp::from_millis(0), end, limit, None).await
    }

    /// The newest checks of a window, before an instant when paging.
    pub async fn results(
        &self,
        actor: &Actor,
        id: MonitorId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
        before: Option<Timestamp>,
    ) -> Result<Vec<CheckView>, AppError> {
        let entry = self.entry(actor, id)?;
        let to = before.map_or(to, |before| before.min(to));
        let limit = usize::try_from(limit.clamp(1, PAGE)).unwrap_or(1);
        self.levels(&entry).reader().newest(from, to, limit).await.map_err(unavailable)
    }

    /// How fast the successes of a window were.
    pub async fn latency(&self, actor: &Actor, id: MonitorId, from: Timestamp, to: Timestamp) -> Result<LatencyView, AppError> {
        let entry = self.entry(actor, id)?;
        let to = to.min(self.0.clock.now());
        let from = from.max(entry.id.created_at()).min(to);
        let mut pieces = Pieces::whole();
        self.levels(&entry).add(from, to, &mut pieces).await.map_err(unavailable)?;
        let Rollup { checks, failures, sum_us, min_us, max_us, histogram, .. } = pieces.sum();
        let mean_us = sum_us.checked_div(histogram.count()).and_then(|us| u32::try_from(us).ok());
        let [p50_us, p90_us, p95_us, p99_us] = [500, 900, 950, 990].map(|permille| histogram.quantile_us(permille));
        Ok(LatencyView { from, to, checks, failures, min_us, mean_us, max_us, p50_us, p90_us, p95_us, p99_us })
    }

    /// Every check of a window, to be taken elsewhere.
    pub fn export(&self, actor: &Actor, id: MonitorId, window: (Timestamp, Timestamp), format: ExportFormat) -> Result<Export, AppError> {
        let entry = self.entry(actor, id)?;
        let from = window.0.max(id.created_at().floor(DAY_MS));
        let to = window.1.min(self.0.clock.now().plus(Duration::from_millis(1)));
        let names = format == ExportFormat::Csv;
        Ok(Export { store: self.0.store.clone(), marks: Arc::clone(&self.0.marks), entry, from, to, format, names })
    }

    fn levels<'b>(&'b self, entry: &'b Arc<Entry>) -> Levels<'b> {
        Levels { inner: self.0, entry }
    }

    /// The latency chart of a range.
    pub async fn series(&self, actor: &Actor, id: MonitorId, range: Range) -> Result<Series, AppError> {
        let entry = self.entry(actor, id)?;
        let now = self.0.clock.now();
        let interval_ms = interval_ms(&entry);
        let raw = matches!(range, Range::Hour | Range::Day);
        let step_ms = if raw { raw_step_ms(range, interval_ms) } else { range.step_ms().max(HOUR_MS) };
        let from = Timestamp::from_millis(now.as_millis() - range.width_ms());
        self.drawn(&entry, Drawn { from, to: now, step_ms, raw }).await
    }

    /// The latency chart of a part of a range, in points as fine as there are checks.
    pub async fn zoomed(&self, actor: &Actor, id: MonitorId, from: Timestamp, to: Timestamp) -> Result<Series, AppError> {
        let entry = self.entry(actor, id)?;
        let now = self.0.clock.now();
        // Any two instants can be asked for.
        let to = to.clamp(entry.id.created_at(), now.max(entry.id.created_at()));
        let from = from.clamp(Timestamp::from_millis(to.as_millis() - Range::Year.width_ms()), to);
        let (width_ms, interval_ms) = (to.as_millis() - from.as_millis(), interval_ms(&entry));
        let raw = width_ms / interval_ms <= CHART_CHECKS && from >= self.raw_from(&entry).await?;
        let step_ms = zoomed_step_ms(width_ms, if raw { interval_ms } else { HOUR_MS });
        self.drawn(&entry, Drawn { from, to, step_ms, raw }).await
    }

    /// The instant from which on single checks are kept.
    async fn raw_from(&self, entry: &Entry) -> Result<Timestamp, AppError> {
        let choice = self.0.store.space(entry.space).retention().await.map_err(unavailable)?;
        Ok(oldest_day(self.0.clock.now(), self.0.config.retention.chosen(choice).raw_days))
    }

    async fn drawn(&self, entry: &Arc<Entry>, Drawn { from, to, step_ms, raw }: Drawn) -> Result<Series, AppError> {
        let (now, from) = (self.0.clock.now(), from.floor(step_ms));
        let mut pieces = Pieces::of(step_ms);
        // A check that began this very millisecond is of the chart too.
        let end = if to < now { to } else { now.plus(Duration::from_millis(1)) };
        let levels = self.levels(entry);
        let read = if raw { levels.add_checks(from, end, &mut pieces).await } else { levels.add(from, end, &mut pieces).await };
        read.map_err(unavailable)?;
        let whole = pieces.sum();
        let points = pieces.pieces.iter().filter(|(at, piece)| **at >= from && piece.checks > 0).map(|(at, piece)| point(*at, piece));
        let shaded = self.spans(entry, from, to).await?;
        Ok(Series {
            from,
            to,
            step_ms,
            points: points.collect(),
            p50_us: whole.histogram.quantile_us(500),
            p95_us: whole.histogram.quantile_us(950),
            shaded: shaded.into_iter().filter(|s| s.state != State::Up).collect(),
        })
    }
}

/// The width of a point made of raw results: of a day, wide enough for twenty checks, as a 95th percentile of fewer is
/// their maximum; but never so wide that the day has less than 48 points.
fn raw_step_ms(range: Range, interval_ms: i64) -> i64 {
    const STEPS: [i64; 4] = [10, 15, 20, 30];
    let finest = range.step_ms();
    if range != Range::Day {
        return finest;
    }
    let steps = STEPS.map(|minutes| minutes * 60_000);
    steps.into_iter().find(|step| *step >= finest.max(20 * interval_ms)).unwrap_or(30 * 60_000)
}

/// The width of a point of a zoomed span: the finest round one that leaves no more points than can be told apart.
fn zoomed_step_ms(width_ms: i64, finest_ms: i64) -> i64 {
    const POINTS: i64 = 240;
    const SECONDS: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 6 * 3_600, 86_400];
    let steps = SECONDS.map(|seconds| seconds * 1_000);
    steps.into_iter().find(|step| *step >= finest_ms && width_ms / step <= POINTS).unwrap_or(DAY_MS)
}

fn interval_ms(entry: &Entry) -> i64 {
    i64::try_from(entry.plan().slots.interval().as_millis()).unwrap_or(i64::MAX).max(1)
}

/// A stretch of a chart.
pub(super) fn point(at: Timestamp, piece: &Rollup) -> SeriesPoint {
    SeriesPoint {
        at,
        checks: piece.checks,
        failures: piece.failures,
        measured: u32::try_from(piece.histogram.count()).unwrap_or(u32::MAX),
        p50_us: piece.histogram.quantile_us(500),
        p95_us: piece.histogram.quantile_us(950),
        phases: piece.mean_phases(),
    }
}

/// The time in each state of the part of some spans after an instant.
pub(super) fn tally_within(spans: &[Span], from: Timestamp) -> Tally {
    let mut tally = Tally::default();
    for span in spans {
        tally.add(span.state, span.from.max(from), span.to);
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zoomed_span_has_fine_points_but_not_too_many() {
        // An hour with a check every half minute shows each of them; a day does not.
        assert_eq!(zoomed_step_ms(HOUR_MS, 30_000), 30_000);
        assert_eq!(zoomed_step_ms(DAY_MS, 30_000), 600_000);
        // Never finer than the checks, or the line would have gaps.
        assert_eq!(zoomed_step_ms(60_000, 45_000), 60_000);
        assert_eq!(zoomed_step_ms(0, 1_000), 1_000);
        assert_eq!(zoomed_step_ms(30 * DAY_MS, HOUR_MS), 6 * HOUR_MS);
    }
}
