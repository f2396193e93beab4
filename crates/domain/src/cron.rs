//! Cron expressions in a time zone: five fields, as a crontab has them; where seconds matter, six with seconds first, or seven with a year
//! last; the nicknames (`@daily`), names of months and days, `L`, `W`, `#`, and `+` before the day of the week, which then has to fit too.
//!
//! Over changes of the clock the rules of Debian's cron hold (`cron(8)`), as most jobs that are watched run under it. A job with fixed times,
//! whose minute and hour both begin without `*`, runs once right after a gap that its time fell into, and once, at the first of two, when the
//! clock is set back. Any other follows the wall: nothing in a gap, both passes of what comes twice. When the day of the month or of the week
//! begins with `*`, both have to fit; otherwise one of them.
//!
//! croner finds the times on a wall; what a wall means in a zone is decided here. Invariant: times come strictly one after the other.
//! Called by maintenance windows, heartbeats, scheduled webhooks and `loopr cron`.

mod fields;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use croner::Cron as Pattern;
use croner::parser::{CronParser, Seconds, Year};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::time::Timestamp;
use fields::Fields;

/// The longest expression, in characters.
pub const LENGTH_MAX: usize = 200;
/// Debian's cron takes a jump of the clock up to this for a change between summer and winter; what is longer is another calendar.
const GAP_MAX: Duration = Duration::from_secs(3 * 3_600);
/// Expressions by their text and zone, as long as somebody has them.
type Shared = HashMap<(String, String), Weak<Cron>>;

/// So many shared expressions are known before those that nobody has any more are looked for.
const SHARED_SWEPT: usize = 1_024;
/// How often the search goes on after a time that fell into a gap that is no change of the clock.
const GAPS: usize = 400;

/// Why an expression is refused: a sentence for a form, and where it is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidCron {
    /// The sentence.
    pub message: String,
    /// Which character of what was typed, from 1; none: it is wrong as a whole.
    pub at: Option<usize>,
}

/// What a change of the clock does to one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// Its time does not exist on that day: it runs right after the gap.
    AfterGap,
    /// Its time comes twice; this is the first.
    FirstOfTwo,
    /// Its time comes twice; this is the second.
    SecondOfTwo,
}

/// An expression in a zone.
#[derive(Debug, Clone)]
pub struct Cron {
    pattern: Pattern,
    fields: Fields,
    zone: TimeZone,
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.pattern.as_str() == other.pattern.as_str() && self.zone == other.zone
    }
}

impl Eq for Cron {}

/// A zone by its IANA name.
///
/// # Errors
/// A sentence for a form.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("“{name}” is not a time zone. It looks like Europe/Riga or UTC."))
}

/// The instant at which a wall shows a time for the first time; of a time that a change of the clock skips, the first after it.
pub(crate) fn first_instant(zone: &TimeZone, wall: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_zoned(wall);
    let instant = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => ambiguous.compatible().ok()?.timestamp(),
        AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok()?.timestamp(),
        AmbiguousOffset::Gap { .. } => after_gap(zone, wall)?.0,
    };
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// The first instant after the gap that a wall's time falls into, and how long the gap is.
fn after_gap(zone: &TimeZone, wall: DateTime) -> Option<(jiff::Timestamp, Duration)> {
    let ambiguous = zone.to_ambiguous_zoned(wall);
    let AmbiguousOffset::Gap { before, after } = ambiguous.offset() else { return None };
    let inside = ambiguous.later().ok()?.timestamp().checked_add(SignedDuration::from_secs(1)).ok()?;
    let seconds = after.seconds().abs_diff(before.seconds());
    Some((zone.preceding(inside).next()?.timestamp(), Duration::from_secs(u64::from(seconds))))
}

impl Cron {
    /// Reads the five fields of a crontab, in UTC.
    ///
    /// # Errors
    /// A sentence for a form: not an expression, or one that never comes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = Self::parse_extended(text).map_err(|error| error.message)?;
        if read.fields.has_seconds() {
            return Err("This is not a cron expression of five fields, as in 0 3 * * *: minute, hour, day, month, day of the week.".into());
        }
        Ok(read)
    }

    /// Reads five, six or seven fields, in UTC.
    ///
    /// # Errors
    /// A sentence for a form, and where it is wrong.
    pub fn parse_extended(text: &str) -> Result<Self, InvalidCron> {
        if text.trim().chars().count() > LENGTH_MAX {
            return Err(InvalidCron { message: format!("Use at most {LENGTH_MAX} characters."), at: Some(LENGTH_MAX + 1) });
        }
        let fields = Fields::read(text)?;
        let parser = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Optional)
            .dom_and_dow(fields.both_days())
            // `5/15`, which is read as `5-59/15` everywhere else.
            .sloppy_ranges(true)
            .build();
        let pattern = parser
            .parse(&fields.normal())
            .map_err(|error| InvalidCron { message: format!("This is not a cron expression: {error}."), at: None })?;
        let cron = Self { pattern, fields, zone: TimeZone::UTC };
        // From the first year that can be named: one that is over is no mistake of the expression.
        match cron.next_after(Timestamp::from_millis(-1)) {
            Some(_) => Ok(cron),
            None => Err(InvalidCron { message: "This never comes. Check the day and the month.".into(), at: None }),
        }
    }

    /// The same as others who ask for it have: parsed, an expression is some kilobytes, and thousands of schedules have the same one.
    ///
    /// # Errors
    /// Of the expression or the zone, for a form.
    pub fn shared(text: &str, zone_name: &str) -> Result<Arc<Self>, InvalidCron> {
        static KNOWN: LazyLock<Mutex<Shared>> = LazyLock::new(Mutex::default);
        let key = (text.trim().to_owned(), zone_name.to_owned());
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cron) = known().get(&key).and_then(Weak::upgrade) {
            return Ok(cron);
        }
        let found = zone(zone_name).map_err(|message| InvalidCron { message, at: None })?;
        let cron = Arc::new(Self::parse_extended(text)?.in_zone(found));
        let mut known = known();
        if known.len() >= SHARED_SWEPT && known.len().is_power_of_two() {
            known.retain(|_, cron| cron.strong_count() > 0);
        }
        known.insert(key, Arc::downgrade(&cron));
        Ok(cron)
    }

    /// The same in a zone.
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// What it means, in a few words: `At 02:00 on Monday`.
    pub fn words(&self) -> String {
        words::of(&self.fields)
    }

    /// The first time after an instant; none when there is none any more.
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        let from = jiff::Timestamp::from_millisecond(instant.as_millis()).ok()?;
        let next = if self.fields.is_pinned() { self.next_pinned(from) } else { self.next_on_wall(from) }?;
        Some(Timestamp::from_millis(next.as_millisecond()))
    }

    /// Of fixed times: on the wall first, and then the instant that it means.
    fn next_pinned(&self, from: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let mut wall = from.to_zoned(self.zone.clone()).datetime();
        for _ in 0..GAPS {
            wall = self.pattern.find_next_occurrence(&wall, false).ok()?;
            let ambiguous = self.zone.to_ambiguous_zoned(wall);
            let instant = match ambiguous.offset() {
                AmbiguousOffset::Unambiguous { .. } => Some(ambiguous.compatible().ok()?.timestamp()),
                AmbiguousOffset::Fold { .. } => Some(ambiguous.earlier().ok()?.timestamp()),
                AmbiguousOffset::Gap { .. } => after_gap(&self.zone, wall).filter(|(_, gap)| *gap <= GAP_MAX).map(|(instant, _)| instant),
            };
            // Several times of one gap run once, after it.
            if let Some(instant) = instant.filter(|instant| *instant > from) {
                return Some(instant);
            }
        }
        None
    }

    /// Of wildcards: whatever the wall shows, as often as it shows it.
    fn next_on_wall(&self, from: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let mut from = from;
        for _ in 0..GAPS {
            if let Ok(next) = self.pattern.find_next_occurrence(&from.to_zoned(self.zone.clone()), false) {
                return Some(next.timestamp());
            }
            // A gap of a whole day stops the search; it goes on behind it. A zone without any has nothing more to come.
            let transition = self.zone.following(from).next()?.timestamp();
            let on_it = transition.to_zoned(self.zone.clone());
            if self.pattern.is_time_matching(&on_it).unwrap_or(false) {
                return Some(transition);
            }
            from = transition;
        }
        None
    }

    /// The times after an instant, one after the other.
    pub fn after(&self, instant: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(instant), |last| self.next_after(*last))
    }

    /// What a change of the clock does to one of its times.
    pub fn shift(&self, time: Timestamp) -> Option<Shift> {
        let zoned = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?.to_zoned(self.zone.clone());
        if !self.pattern.is_time_matching(&zoned.datetime()).unwrap_or(true) {
            return Some(Shift::AfterGap);
        }
        let ambiguous = self.zone.to_ambiguous_zoned(zoned.datetime());
        match ambiguous.offset() {
            AmbiguousOffset::Fold { before, .. } if before == zoned.offset() => Some(Shift::FirstOfTwo),
            AmbiguousOffset::Fold { .. } => Some(Shift::SecondOfTwo),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
