//! How long each level of the history is kept.

use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, Timestamp};

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

impl Retention {
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
    fn days_are_kept_whole() {
        let now = Timestamp::from_millis(100 * DAY_MS + 5);
        assert_eq!(oldest_day(now, 3), Timestamp::from_millis(97 * DAY_MS));
    }
}
