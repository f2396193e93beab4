//! When a schedule is due.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;

use super::spec::{ScheduleSpec, Trigger};
use super::{NextRun, ShiftNote};
use crate::cron::{Cron, Shift, zone};
use crate::id::ScheduleId;
use crate::time::Timestamp;

/// Times of a span that are walked one by one; of a longer list, the beginning is counted and the end is walked.
const WALKED: usize = 50_000;

/// A trigger, ready to be asked.
#[derive(Debug, Clone)]
enum Rule {
    Once(Timestamp, Option<ShiftNote>),
    Every { every_ms: i64, anchor: Timestamp },
    Cron(Arc<Cron>),
}

/// The times of a schedule.
#[derive(Debug, Clone)]
pub struct Timetable {
    rule: Rule,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    jitter: Duration,
}

/// The times of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// The first one.
    pub first: Timestamp,
    /// How many there are; of very many, at least so many.
    pub count: u32,
    /// The last ones, in order.
    pub last: Vec<Timestamp>,
}

impl Timetable {
    /// The times of settings.
    ///
    /// # Errors
    /// A sentence for a form, about the field `cron` or `timezone`.
    pub fn new(spec: &ScheduleSpec) -> Result<Self, String> {
        let rule = match &spec.trigger {
            Trigger::Once(at) => Rule::Once(*at, once_note(spec)),
            Trigger::Every { every, anchor } => {
                Rule::Every { every_ms: i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1), anchor: *anchor }
            }
            Trigger::Cron(text) => Rule::Cron(Cron::shared(text, &spec.zone).map_err(|error| error.message)?),
        };
        Ok(Self { rule, not_before: spec.not_before, not_after: spec.not_after, jitter: spec.jitter })
    }

    /// The first time after an instant; none when there is none any more.
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        // A time that is not before a bound may be the bound itself.
        let from = match self.not_before.map(|bound| bound.minus(Duration::from_millis(1))) {
            Some(bound) => bound.max(instant),
            None => instant,
        };
        let next = match &self.rule {
            Rule::Once(at, _) => (*at > instant).then_some(*at),
            Rule::Every { every_ms, anchor } => {
                let passed = (from.as_millis() - anchor.as_millis()).div_euclid(*every_ms);
                let millis = (passed + 1).checked_mul(*every_ms)?.checked_add(anchor.as_millis())?;
                Some(Timestamp::from_millis(millis))
            }
            Rule::Cron(cron) => cron.next_after(from),
        };
        next.filter(|next| self.not_after.is_none_or(|bound| *next <= bound))
    }

    /// The times after an instant.
    pub fn after(&self, instant: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(instant), |last| self.next_after(*last))
    }

    /// The times after `from` and not after `to`, the last `most` of them one by one.
    pub fn passed(&self, from: Timestamp, to: Timestamp, most: usize) -> Option<Passed> {
        let first = self.next_after(from).filter(|first| *first <= to)?;
        if let Rule::Every { every_ms, .. } = &self.rule {
            let end = self.not_after.map_or(to, |bound| bound.min(to));
            let steps = (end.as_millis() - first.as_millis()).div_euclid(*every_ms);
            let kept = steps.min(i64::try_from(most).unwrap_or(i64::MAX).saturating_sub(1).max(0));
            let last = (steps - kept..=steps).map(|step| Timestamp::from_millis(first.as_millis() + step * every_ms));
            return Some(Passed { first, count: u32::try_from(steps + 1).unwrap_or(u32::MAX), last: last.take(most).collect() });
        }
        let (mut count, mut last, mut at) = (0u32, std::collections::VecDeque::with_capacity(most + 1), Some(first));
        let (mut walked, mut leapt) = (0usize, false);
        while let Some(time) = at.filter(|time| *time <= to) {
            count = count.saturating_add(1);
            walked += 1;
            last.push_back(time);
            if last.len() > most {
                last.pop_front();
            }
            at = self.next_after(time);
            if walked == WALKED && !leapt {
                // As far from the end as the walk came from the beginning: what lies between is not counted.
                let behind = to.minus(time.since(first));
                leapt = true;
                if behind > time {
                    at = self.next_after(behind);
                }
            }
        }
        Some(Passed { first, count, last: last.into() })
    }

    /// When the run of a nominal time begins: later by a part of the spread that follows from schedule and time, and before the next time.
    pub fn begins(&self, schedule: ScheduleId, nominal: Timestamp) -> Timestamp {
        let width = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        if width == 0 {
            return nominal;
        }
        let bits = schedule.bits();
        let seed = u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0) ^ u64::try_from(nominal.as_millis()).unwrap_or(0);
        let later = crate::schedule::spread(seed) % width;
        let at = nominal.plus(Duration::from_millis(later));
        match self.next_after(nominal) {
            Some(next) if at >= next => nominal.max(next.minus(Duration::from_millis(1))),
            _ => at,
        }
    }

    /// The next times with what a change of the clock does to them.
    pub fn preview(&self, after: Timestamp, count: usize) -> Vec<NextRun> {
        let note = |time: Timestamp| match &self.rule {
            Rule::Cron(cron) => cron.shift(time).map(|shift| match shift {
                Shift::AfterGap => ShiftNote::AfterGap,
                Shift::FirstOfTwo => ShiftNote::FirstOfTwo,
                Shift::SecondOfTwo => ShiftNote::SecondOfTwo,
            }),
            Rule::Once(_, note) => *note,
            Rule::Every { .. } => None,
        };
        self.after(after).take(count).map(|at| NextRun { at, note: note(at) }).collect()
    }
}

/// What a change of the clock does to a local time that was typed.
fn once_note(spec: &ScheduleSpec) -> Option<ShiftNote> {
    let wall: DateTime = spec.settings.0.get("at")?.trim().parse().ok()?;
    match zone(&spec.zone).ok()?.to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Gap { .. } => Some(ShiftNote::AfterGap),
        AmbiguousOffset::Fold { .. } => Some(ShiftNote::FirstOfTwo),
    }
}

impl ScheduleSpec {
    /// How many of its runs are left when there were so many; none: there is no end.
    pub fn runs_left(&self, runs: u64) -> Option<usize> {
        self.max_runs.map(|most| usize::try_from(most.saturating_sub(runs)).unwrap_or(usize::MAX))
    }

    /// When it runs, in words: `Every 5 min`, `At 02:00 on Monday, each up to 30 s later`.
    pub fn when(&self) -> String {
        let times = self.times();
        if self.jitter.is_zero() { times } else { format!("{times}, each up to {} later", crate::words::duration(self.jitter)) }
    }

    fn times(&self) -> String {
        match &self.trigger {
            Trigger::Once(at) => {
                let civil = zone(&self.zone).ok().zip(jiff::Timestamp::from_millisecond(at.as_millis()).ok());
                let text = civil.map(|(zone, at)| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string());
                format!("Once, at {}", text.unwrap_or_else(|| at.to_rfc3339()))
            }
            Trigger::Every { every, .. } => format!("Every {}", crate::words::duration(*every)),
            Trigger::Cron(text) => Cron::shared(text, &self.zone).map_or_else(|_| text.clone(), |cron| cron.words()),
        }
    }
}
