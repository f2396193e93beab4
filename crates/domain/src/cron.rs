//! Cron expressions in a time zone: five fields, as a crontab has them, with the nicknames (`@daily`).
//!
//! Over changes of the clock the rules of Debian's cron hold, which croner implements for jiff: a time that is skipped fires
//! right after the gap, one that comes twice fires once.

use croner::Cron as Pattern;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// The longest expression, in characters.
pub const LENGTH_MAX: usize = 200;

/// An expression in a zone.
#[derive(Debug, Clone)]
pub struct Cron {
    pattern: Pattern,
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

impl Cron {
    /// Reads an expression, in UTC.
    ///
    /// # Errors
    /// A sentence for a form: not an expression, or one that never comes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.chars().count() > LENGTH_MAX {
            return Err(format!("Use at most {LENGTH_MAX} characters."));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let pattern = parser
            .parse(text)
            .map_err(|_| "This is not a cron expression: five fields, as in 0 3 * * *, each within its bounds.".to_owned())?;
        let cron = Self { pattern, zone: TimeZone::UTC };
        // An instant of a leap year's end: whatever comes at all comes within the years that are searched.
        match cron.next_after(Timestamp::from_millis(1_704_067_200_000)) {
            Some(_) => Ok(cron),
            None => Err("This never comes. Check the day and the month.".into()),
        }
    }

    /// The same in a zone.
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// The first time after an instant; none when there is none any more.
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        let from = jiff::Timestamp::from_millisecond(instant.as_millis()).ok()?.to_zoned(self.zone.clone());
        let next = self.pattern.find_next_occurrence(&from, false).ok()?;
        Some(Timestamp::from_millis(next.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect(text)
    }

    #[test]
    fn times_follow_the_zone() {
        let cron = Cron::parse("30 2 * * *").expect("valid").in_zone(zone("Europe/Riga").expect("known"));
        assert_eq!(cron.next_after(at("2027-01-10T00:00:00Z")), Some(at("2027-01-10T00:30:00Z")));
        assert_eq!(cron.next_after(at("2027-07-10T00:00:00Z")), Some(at("2027-07-10T23:30:00Z")));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [("every day", "not a cron"), ("0 0 30 2 *", "never comes"), ("* * * * * *", "not a cron"), ("", "not a cron")]
        {
            let error = Cron::parse(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(zone("Mars/Olympus").is_err());
    }
}
