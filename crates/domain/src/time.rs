//! Instants of wall time, to the millisecond. The calendar and zones are the edge's business: the server renders with
//! a zone database, the browser with its own.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant that many milliseconds after (or before) the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant, later by `by` (saturating).
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This instant, earlier by `by` (saturating).
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Time from `earlier` to this instant; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The start of the piece of `width_ms` milliseconds that holds this instant, counted from the epoch.
    pub fn floor(self, width_ms: i64) -> Self {
        Self(self.0.div_euclid(width_ms).saturating_mul(width_ms))
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T14:08:32.114Z`.
    pub fn to_rfc3339(self) -> String {
        let civil = self.civil(0);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second, civil.millisecond
        )
    }

    /// The calendar at an offset from UTC, in seconds east of it. The offset comes from who knows zones.
    pub fn civil(self, offset_seconds: i32) -> Civil {
        let millis = self.0.saturating_add(i64::from(offset_seconds) * 1000);
        let days = millis.div_euclid(DAY_MS);
        let in_day = millis.rem_euclid(DAY_MS);
        // Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Civil {
            year,
            month: small(month),
            day: small(day_of_year - (153 * shifted_month + 2) / 5 + 1),
            hour: small(in_day / HOUR_MS),
            minute: small(in_day / 60_000 % 60),
            second: small(in_day / 1_000 % 60),
            millisecond: u16::try_from(in_day % 1_000).unwrap_or(0),
            // 1970-01-01 was a Thursday.
            weekday: small((days + 3).rem_euclid(7)),
        }
    }
}

/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

fn small(value: i64) -> u8 {
    u8::try_from(value).unwrap_or(0)
}

/// A date and time of day on some wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
    /// 0 is Monday.
    pub weekday: u8,
}

#[cfg(feature = "ssr")]
mod zoned {
    use super::Timestamp;

    impl Timestamp {
        /// Parses RFC 3339 with any offset.
        pub fn parse_rfc3339(text: &str) -> Option<Self> {
            text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
        }

        /// Seconds east of UTC in an IANA zone at this instant; `None` for a zone nobody knows.
        pub fn offset_in(self, zone: &str) -> Option<i32> {
            let zone = jiff::tz::TimeZone::get(zone).ok()?;
            let instant = jiff::Timestamp::from_millisecond(self.0).ok()?;
            Some(zone.to_offset(instant).seconds())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_instants() {
        assert_eq!(Timestamp::from_millis(0).to_rfc3339(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(951_827_696_789).to_rfc3339(), "2000-02-29T12:34:56.789Z");
        assert_eq!(Timestamp::from_millis(0).civil(0).weekday, 3);
    }

    #[cfg(feature = "ssr")]
    proptest! {
        #[test]
        fn agrees_with_the_library(millis in -60_000_000_000_000i64..200_000_000_000_000) {
            let ours = Timestamp::from_millis(millis);
            prop_assert_eq!(Timestamp::parse_rfc3339(&ours.to_rfc3339()), Some(ours));
        }
    }

    proptest! {
        #[test]
        fn floors_hold_their_instant(millis in -1_000_000_000_000i64..4_000_000_000_000, width in 1i64..100_000_000) {
            let (t, floor) = (Timestamp::from_millis(millis), Timestamp::from_millis(millis).floor(width));
            prop_assert!(floor <= t && t.as_millis() - floor.as_millis() < width);
        }
    }
}
