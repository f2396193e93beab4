//! The charts of a scheduled webhook: a calendar of its runs, and how long the last ones took. The server builds their options (with
//! charming) and draws still pictures; the browser hands the options to ECharts.

mod calendar;
mod canvas;
#[cfg(feature = "ssr")]
mod option;
mod times;

use domain::webhook::DayOfRuns;
use serde::{Deserialize, Serialize};

pub use calendar::Calendar;
pub use times::RunTimes;

/// Days of the calendar.
const DAYS: i32 = 365;

/// The options of both charts as JSON; colours are names of tokens, such as `var(--accent)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCharts {
    /// The last day of the calendar, in days since 1970-01-01, in UTC.
    pub today: i32,
    /// The calendar.
    pub calendar: String,
    /// How long the last runs took.
    pub times: String,
}

#[cfg(feature = "ssr")]
impl RunCharts {
    /// Builds the options.
    pub fn new(days: &[DayOfRuns], latency: &[(domain::Timestamp, u32, bool)], now: domain::Timestamp) -> Self {
        let today = i32::try_from(now.as_millis().div_euclid(domain::time::DAY_MS)).unwrap_or(0);
        Self { today, calendar: option::calendar(days, today), times: option::times(latency) }
    }
}

/// How a day went, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Went {
    /// Times passed, and nothing ran.
    Missed,
    /// Everything succeeded; few runs, for this webhook.
    Few,
    /// Everything succeeded.
    Well,
    /// Less than one run in twenty failed.
    Nearly,
    /// Some runs failed.
    Some,
    /// Half of the runs failed, or more.
    Badly,
}

impl Went {
    /// All of them.
    const ALL: [Self; 6] = [Self::Missed, Self::Few, Self::Well, Self::Nearly, Self::Some, Self::Badly];

    /// Of a day, when the busiest day had `most` runs.
    fn of(day: &DayOfRuns, most: u32) -> Self {
        let ran = day.succeeded.saturating_add(day.failed);
        match (ran, day.failed) {
            (0, _) => Self::Missed,
            (_, 0) if ran.saturating_mul(3) < most => Self::Few,
            (_, 0) => Self::Well,
            (ran, failed) if failed.saturating_mul(20) < ran => Self::Nearly,
            (ran, failed) if failed.saturating_mul(2) < ran => Self::Some,
            _ => Self::Badly,
        }
    }

    /// In the style sheet.
    fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Few => "few",
            Self::Well => "well",
            Self::Nearly => "nearly",
            Self::Some => "some",
            Self::Badly => "badly",
        }
    }

    /// In the legend.
    fn word(self) -> &'static str {
        match self {
            Self::Missed => "Did not run",
            Self::Few => "Few runs, all well",
            Self::Well => "All well",
            Self::Nearly => "Under 5% failed",
            Self::Some => "5% or more failed",
            Self::Badly => "Half or more failed",
        }
    }
}

/// The runs of the busiest day.
fn most(days: &[DayOfRuns]) -> u32 {
    days.iter().map(|day| day.succeeded.saturating_add(day.failed)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_by_its_failures_before_its_number() {
        let of = |succeeded, failed, missed| Went::of(&DayOfRuns { day: 0, succeeded, failed, missed }, 90);
        assert_eq!(
            [of(90, 0, 5), of(20, 0, 0), of(287, 1, 0), of(80, 10, 0), of(5, 5, 0), of(0, 0, 3)],
            [Went::Well, Went::Few, Went::Nearly, Went::Some, Went::Badly, Went::Missed]
        );
    }
}
