//! How long each level of the history is kept.

use serde::{Deserialize, Serialize};

use crate::error::{AppError, FieldErrors};
use crate::time::{DAY_MS, Timestamp};

/// What the summary of an hour takes on disk, about: most of it is its histogram.
const HOUR_BYTES: u64 = 220;
/// What the summary of a day takes on disk, about.
const DAY_BYTES: u64 = 500;
/// What a check takes where none was packed yet.
const CHECK_HUNDREDTHS: u64 = 450;

/// Days that each level is kept. Changes of state are kept for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Every single check.
    pub raw_days: u32,
    /// The summary of every hour.
    pub hour_days: u32,
    /// The summary of every day.
    pub day_days: u32,
}

impl Default for Retention {
    /// A little more than a year of everything, so that a month can be compared with the same one of the year before.
    fn default() -> Self {
        Self { raw_days: 400, hour_days: 1_100, day_days: 3_650 }
    }
}

/// What a space chose; what it left out is the instance's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionChoice {
    /// Every single check.
    pub raw_days: Option<u32>,
    /// The summary of every hour.
    pub hour_days: Option<u32>,
    /// The summary of every day.
    pub day_days: Option<u32>,
}

/// The fields of a form that chooses, in the order of [`RetentionChoice`].
pub const FIELDS: [&str; 3] = ["raw_days", "hour_days", "day_days"];

impl RetentionChoice {
    /// Reads what was typed into the fields of [`FIELDS`]; an empty one is left to the instance.
    pub fn read(typed: [&str; 3], most: Retention) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        let limits = [most.raw_days, most.hour_days, most.day_days];
        let mut days = FIELDS.into_iter().zip(typed).zip(limits).map(|((field, typed), most)| {
            if typed.trim().is_empty() {
                return None;
            }
            let days = typed.trim().parse().ok().filter(|days| (1..=most).contains(days));
            errors.take(field, days.ok_or_else(|| format!("Choose 1 to {most} days: this instance keeps no more.")))
        });
        let (raw_days, hour_days, day_days) = (days.next().flatten(), days.next().flatten(), days.next().flatten());
        drop(days);
        let choice = Self { raw_days, hour_days, day_days };
        if errors.is_empty() {
            for (field, least) in most.chosen(choice).too_short() {
                errors.add(field, format!("Choose at least {least} days, as long as {}: {WHY}", finer(field)));
            }
        }
        if errors.is_empty() { Ok(choice) } else { Err(errors.into_error()) }
    }
}

/// Why a summary is kept at least as long as what it sums up.
pub const WHY: &str = "charts of a week and longer, and analytics, are made of summaries.";

/// What the summaries of a field sum up.
fn finer(field: &str) -> &'static str {
    if field == FIELDS[1] { "every check" } else { "the summaries of hours" }
}

/// What a space records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint {
    /// Its monitors.
    pub monitors: u32,
    /// Checks a day, as configured.
    pub checks_a_day: u64,
    /// Checks that were packed lately, and the bytes that they take.
    pub packed: (u64, u64),
}

/// How long a space keeps its history, for its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionView {
    /// What the instance keeps, at most.
    pub most: Retention,
    /// What the space chose.
    pub choice: RetentionChoice,
    /// What it records.
    pub footprint: Footprint,
}

impl Footprint {
    /// What a check takes, in hundredths of a byte.
    pub fn check_hundredths(&self) -> u64 {
        let (checks, bytes) = self.packed;
        (bytes * 100).checked_div(checks).unwrap_or(CHECK_HUNDREDTHS)
    }

    /// What the history takes on disk once it is as old as it is kept, in bytes.
    pub fn disk_bytes(&self, kept: Retention) -> u64 {
        let days = |days: u32| u64::from(days);
        let checks = self.checks_a_day.saturating_mul(days(kept.raw_days)).saturating_mul(self.check_hundredths()) / 100;
        let summaries = days(kept.hour_days) * 24 * HOUR_BYTES + days(kept.day_days) * DAY_BYTES;
        checks.saturating_add(summaries.saturating_mul(u64::from(self.monitors)))
    }
}

impl Retention {
    /// The levels, by their names in [`FIELDS`], that are kept for fewer days than what they sum up, and for how many days that is.
    pub fn too_short(self) -> impl Iterator<Item = (&'static str, u32)> {
        let [_, hours, days] = FIELDS;
        let pairs = [(hours, self.hour_days, self.raw_days), (days, self.day_days, self.hour_days)];
        pairs.into_iter().filter(|(_, kept, finer)| kept < finer).map(|(field, _, finer)| (field, finer))
    }

    /// What holds for a space that chose: never more than the instance keeps.
    pub fn chosen(self, choice: RetentionChoice) -> Self {
        let less = |most: u32, chosen: Option<u32>| chosen.map_or(most, |days| days.clamp(1, most));
        Self {
            raw_days: less(self.raw_days, choice.raw_days),
            hour_days: less(self.hour_days, choice.hour_days),
            day_days: less(self.day_days, choice.day_days),
        }
    }
}

/// The start of the oldest day that is kept for so many days: days are kept or deleted whole.
pub fn oldest_day(now: Timestamp, days: u32) -> Timestamp {
    Timestamp::from_millis(now.as_millis().saturating_sub(i64::from(days) * DAY_MS)).floor(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_keeps_at_most_what_the_instance_keeps() {
        let most = Retention { raw_days: 30, hour_days: 100, day_days: 1_000 };
        let choice = RetentionChoice { raw_days: Some(400), hour_days: Some(0), day_days: None };
        assert_eq!(most.chosen(choice), Retention { raw_days: 30, hour_days: 1, day_days: 1_000 });
    }

    #[test]
    fn what_was_typed_is_read_or_refused_field_by_field() {
        let most = Retention { raw_days: 30, hour_days: 100, day_days: 1_000 };
        let choice = RetentionChoice { raw_days: Some(7), hour_days: None, day_days: Some(1_000) };
        assert_eq!(RetentionChoice::read([" 7 ", "", "1000"], most), Ok(choice));
        let wrong = RetentionChoice::read(["31", "none", "0"], most).expect_err("refused");
        assert!(FIELDS.iter().all(|field| wrong.of(field).is_some()) && wrong.of("raw_days").is_some_and(|m| m.contains("30")));
    }

    #[test]
    fn a_summary_is_kept_as_long_as_what_it_sums_up() {
        let most = Retention { raw_days: 30, hour_days: 100, day_days: 1_000 };
        let named = |typed| match RetentionChoice::read(typed, most) {
            Ok(_) => Vec::new(),
            Err(error) => error.fields.into_iter().map(|wrong| (wrong.field, wrong.message)).collect::<Vec<_>>(),
        };
        assert!(named(["7", "7", "7"]).is_empty() && named(["", "", ""]).is_empty());
        let hours = named(["30", "29", ""]);
        assert!(
            matches!(hours.as_slice(), [(field, why)] if field == "hour_days" && why.contains("at least 30 days, as long as every check")),
            "{hours:?}"
        );
        assert_eq!(named(["", "7", ""]).len(), 1, "what is left out is what the instance keeps");
        assert_eq!(named(["9", "8", "7"]).len(), 2);
    }

    #[test]
    fn keeping_less_takes_less() {
        let kept = Retention { raw_days: 400, hour_days: 1_100, day_days: 3_650 };
        let footprint = Footprint { monitors: 10, checks_a_day: 86_400, packed: (1_000, 4_000) };
        let whole = footprint.disk_bytes(kept);
        assert!(footprint.disk_bytes(Retention { raw_days: 100, ..kept }) == whole - 300 * 86_400 * 4);
        assert_eq!(Footprint::default().disk_bytes(kept), 0);
    }

    #[test]
    fn days_are_kept_whole() {
        let now = Timestamp::from_millis(100 * DAY_MS + 5);
        assert_eq!(oldest_day(now, 3), Timestamp::from_millis(97 * DAY_MS));
    }
}
