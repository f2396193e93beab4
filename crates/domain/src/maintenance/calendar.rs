//! When a window is open: its occurrences on the time line, and what they mean at an instant.

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Occurrence, Repeat, TimeOfDay, Window, WindowSpec};
use crate::cron::{Cron, zone};
use crate::time::Timestamp;

/// Occurrences that one look goes through, at most. They do not overlap, so a look needs two or three.
const STEPS: usize = 1_000;

/// When a window begins, with its zone and its expression read once.
#[derive(Debug, Clone)]
pub struct Calendar {
    rule: Rule,
    zone: TimeZone,
    duration: Duration,
}

#[derive(Debug, Clone)]
enum Rule {
    Once(DateTime),
    /// On the days of the week that are true, Monday first.
    Days([bool; 7], TimeOfDay),
    Cron(Box<Cron>),
}

/// What a window means at an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// It is open.
    pub open: Option<Occurrence>,
    /// It will open.
    pub next: Option<Occurrence>,
}

impl Look {
    /// The next instant at which the answer is another one.
    pub fn changes_at(&self) -> Option<Timestamp> {
        match (self.open, self.next) {
            (Some(open), Some(next)) => Some(open.to.min(next.from)),
            (open, next) => open.map(|o| o.to).or(next.map(|n| n.from)),
        }
    }
}

impl Calendar {
    /// Of a rule that begins on the wall of a zone.
    ///
    /// # Errors
    /// A sentence for a form: the zone, the date or the expression is none.
    pub fn new(spec: &WindowSpec) -> Result<Self, String> {
        let zone = zone(&spec.zone)?;
        let rule = match &spec.repeat {
            Repeat::Once(at) => {
                let number = |n: u8| i8::try_from(n).unwrap_or(0);
                let (hour, minute) = (number(at.time.hour), number(at.time.minute));
                let date = DateTime::new(at.year, number(at.month), number(at.day), hour, minute, 0, 0);
                Rule::Once(date.map_err(|error| format!("This is not a date: {error}."))?)
            }
            Repeat::Daily(time) => Rule::Days([true; 7], *time),
            Repeat::Weekly(days, time) => Rule::Days([0, 1, 2, 3, 4, 5, 6].map(|day| days.has(day)), *time),
            Repeat::Cron(text) => Rule::Cron(Box::new(Cron::parse(text)?.in_zone(zone.clone()))),
        };
        Ok(Self { rule, zone, duration: spec.duration })
    }

    /// The first time after an instant that it begins.
    fn begins_after(&self, instant: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Once(at) => self.on_the_wall(*at).filter(|begin| *begin > instant),
            Rule::Days(days, time) => {
                let from = jiff::Timestamp::from_millisecond(instant.as_millis()).ok()?.to_zoned(self.zone.clone()).date();
                // The day before as well: a time that a clock change skipped may have begun on the day after.
                let dates = std::iter::successors(from.yesterday().ok(), |date: &Date| date.tomorrow().ok()).take(10);
                let (hour, minute) = (i8::try_from(time.hour).ok()?, i8::try_from(time.minute).ok()?);
                let on = |date: &Date| usize::try_from(date.weekday().to_monday_zero_offset()).ok().and_then(|day| days.get(day).copied());
                dates
                    .filter(|date| on(date) == Some(true))
                    .filter_map(|date| self.on_the_wall(date.at(hour, minute, 0, 0)))
                    .find(|begin| *begin > instant)
            }
            Rule::Cron(cron) => cron.next_after(instant),
        }
    }

    /// The instant at which the wall says so: after a gap that skips it, the first of two.
    fn on_the_wall(&self, at: DateTime) -> Option<Timestamp> {
        let zoned = self.zone.to_ambiguous_zoned(at).compatible().ok()?;
        Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
    }

    /// The occurrences that end after an instant, in order.
    pub fn ending_after(&self, instant: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        let first = self.begins_after(instant.minus(self.duration));
        std::iter::successors(first, |begin| self.begins_after(*begin)).map(|from| Occurrence { from, to: from.plus(self.duration) })
    }
}

impl Window {
    /// Its occurrences that end after an instant, in order: those of its rule, and the one that a person began. What had
    /// begun when a person ended it is over since then.
    fn occurrences<'a>(&self, calendar: &'a Calendar, instant: Timestamp) -> impl Iterator<Item = Occurrence> + use<'a> {
        let by_hand = self.started_at.map(|from| Occurrence { from, to: from.plus(calendar.duration) });
        let ended_at = self.ended_at;
        let cut = move |mut one: Occurrence| {
            if let Some(end) = ended_at.filter(|end| one.from <= *end) {
                one.to = one.to.min(end);
            }
            (one.to > instant && one.to > one.from).then_some(one)
        };
        let enabled = self.spec.enabled;
        let by_rule = calendar.ending_after(instant).take_while(move |_| enabled);
        by_hand.into_iter().chain(by_rule.take(STEPS)).filter_map(cut)
    }

    /// What it means at an instant.
    pub fn look(&self, calendar: &Calendar, now: Timestamp) -> Look {
        let mut look = Look::default();
        for one in self.occurrences(calendar, now) {
            if one.from > now {
                look.next = Some(look.next.map_or(one, |next| if one.from < next.from { one } else { next }));
                // Those of the rule come in order; the one by hand comes first of all.
                if self.started_at != Some(one.from) {
                    break;
                }
                continue;
            }
            let open = look.open.get_or_insert(one);
            *open = Occurrence { from: open.from.min(one.from), to: open.to.max(one.to) };
        }
        look
    }

    /// The last instant of `after < t <= now` at which it ended; none when it did not.
    pub fn last_end(&self, calendar: &Calendar, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let begun = self.occurrences(calendar, after).take_while(|one| one.from <= now);
        begun.map(|one| one.to).filter(|end| *end <= now).max()
    }

    /// The next occurrences that are still to end.
    pub fn upcoming(&self, calendar: &Calendar, now: Timestamp, count: usize) -> Vec<Occurrence> {
        let mut upcoming: Vec<Occurrence> = self.occurrences(calendar, now).take(count).collect();
        upcoming.sort_by_key(|one| one.from);
        upcoming
    }
}

#[cfg(test)]
mod tests;
