//! When a window begins, as it is typed, kept and said: `once 2026-11-30T02:00`, `daily 02:00`, `weekly mon,thu 02:00`,
//! `cron 0 2 * * 6`.

use std::fmt;
use std::str::FromStr;

/// A time on some wall, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// A date and a time on some wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Year of the Gregorian calendar, 1 to 9999.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to the last of the month.
    pub day: u8,
    /// The time of that day.
    pub time: TimeOfDay,
}

/// Days of the week, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(u8);

/// When a window begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// At one time.
    Once(LocalTime),
    /// Every day.
    Daily(TimeOfDay),
    /// On some days of the week.
    Weekly(Days, TimeOfDay),
    /// By a cron expression of five fields.
    Cron(String),
}

/// Not one of the forms of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time or a rule of a maintenance window")]
pub struct InvalidRepeat;

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WORDS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Days {
    /// The days of some names (`mon` to `sun`); none when there is no name, or one that is no day.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut bits = 0u8;
        for name in names {
            let day = NAMES.iter().position(|known| name.trim().eq_ignore_ascii_case(known))?;
            bits |= 1u8.checked_shl(u32::try_from(day).ok()?)?;
        }
        (bits != 0).then_some(Self(bits))
    }

    /// Whether a day is among them; 0 is Monday.
    pub fn has(self, day: u8) -> bool {
        1u8.checked_shl(u32::from(day)).is_some_and(|bit| self.0 & bit != 0)
    }

    fn of(self, texts: [&'static str; 7]) -> impl Iterator<Item = &'static str> {
        texts.into_iter().zip(0u8..).filter(move |(_, day)| self.has(*day)).map(|(text, _)| text)
    }

    /// The names of the days, in the order of the week.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.of(NAMES)
    }

    /// All names and words, in the order of the week.
    pub fn all() -> [(&'static str, &'static str); 7] {
        let mut both = [("", ""); 7];
        for (slot, pair) in both.iter_mut().zip(NAMES.into_iter().zip(WORDS)) {
            *slot = pair;
        }
        both
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl FromStr for TimeOfDay {
    type Err = InvalidRepeat;

    /// Reads `02:00`; seconds that a browser adds are passed over.
    fn from_str(text: &str) -> Result<Self, InvalidRepeat> {
        let mut parts = text.trim().split(':').map(|part| part.parse::<u8>().ok().filter(|_| part.len() == 2));
        match (parts.next().flatten(), parts.next().flatten()) {
            (Some(hour @ 0..24), Some(minute @ 0..60)) => Ok(Self { hour, minute }),
            _ => Err(InvalidRepeat),
        }
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}T{}", self.year, self.month, self.day, self.time)
    }
}

impl FromStr for LocalTime {
    type Err = InvalidRepeat;

    /// Reads `2026-11-30T02:00`, also with a space between date and time.
    fn from_str(text: &str) -> Result<Self, InvalidRepeat> {
        let (date, time) = text.trim().split_once(['T', ' ']).ok_or(InvalidRepeat)?;
        let mut parts = date.split('-');
        let mut next = || parts.next().and_then(|part| part.parse::<i16>().ok()).ok_or(InvalidRepeat);
        let (year, month, day) = (next()?, next()?, next()?);
        if parts.next().is_some()
            || !(1..=9999).contains(&year)
            || !(1..=12).contains(&month)
            || !(1..=month_length(year, month)).contains(&day)
        {
            return Err(InvalidRepeat);
        }
        let small = |n: i16| u8::try_from(n).map_err(|_| InvalidRepeat);
        Ok(Self { year, month: small(month)?, day: small(day)?, time: time.parse()? })
    }
}

fn month_length(year: i16, month: i16) -> i16 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Repeat {
    /// The stable name of the way of repeating.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Once(_) => "once",
            Self::Daily(_) => "daily",
            Self::Weekly(..) => "weekly",
            Self::Cron(_) => "cron",
        }
    }

    /// In words: `Every day at 02:00`.
    pub fn words(&self) -> String {
        match self {
            Self::Once(at) => {
                let month = MONTHS.get(usize::from(at.month).wrapping_sub(1)).copied().unwrap_or_default();
                format!("Once, on {} {month} {} at {}", at.day, at.year, at.time)
            }
            Self::Daily(time) => format!("Every day at {time}"),
            Self::Weekly(days, time) => {
                let words: Vec<&str> = days.of(WORDS).collect();
                match words.as_slice() {
                    [] | [_, _, _, _, _, _, _] => format!("Every day at {time}"),
                    [one] => format!("Every {one} at {time}"),
                    [most @ .., last] => format!("Every {} and {last} at {time}", most.join(", ")),
                }
            }
            Self::Cron(text) => format!("By cron: {text}"),
        }
    }
}

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(at) => write!(f, "once {at}"),
            Self::Daily(time) => write!(f, "daily {time}"),
            Self::Weekly(days, time) => write!(f, "weekly {} {time}", days.names().collect::<Vec<_>>().join(",")),
            Self::Cron(text) => write!(f, "cron {text}"),
        }
    }
}

impl FromStr for Repeat {
    type Err = InvalidRepeat;

    fn from_str(text: &str) -> Result<Self, InvalidRepeat> {
        let (name, rest) = text.split_once(' ').ok_or(InvalidRepeat)?;
        match name {
            "once" => rest.parse().map(Self::Once),
            "daily" => rest.parse().map(Self::Daily),
            "weekly" => {
                let (days, time) = rest.split_once(' ').ok_or(InvalidRepeat)?;
                Ok(Self::Weekly(Days::from_names(days.split(',')).ok_or(InvalidRepeat)?, time.parse()?))
            }
            "cron" => Ok(Self::Cron(rest.to_owned())),
            _ => Err(InvalidRepeat),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rules_are_read_and_said() {
        for (text, words) in [
            ("once 2028-02-29T02:05", "Once, on 29 Feb 2028 at 02:05"),
            ("daily 02:00", "Every day at 02:00"),
            ("weekly thu 23:59", "Every Thursday at 23:59"),
            ("weekly mon,wed,sun 02:00", "Every Monday, Wednesday and Sunday at 02:00"),
            ("weekly mon,tue,wed,thu,fri,sat,sun 02:00", "Every day at 02:00"),
            ("cron 0 2 * * 6#1", "By cron: 0 2 * * 6#1"),
        ] {
            let repeat: Repeat = text.parse().expect(text);
            assert_eq!((repeat.to_string(), repeat.words()), (text.to_owned(), words.to_owned()));
        }
        assert_eq!("2026-11-30 02:00:00".parse::<LocalTime>().map(|at| at.to_string()), Ok("2026-11-30T02:00".into()));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "daily",
            "daily 24:00",
            "daily 2:00",
            "weekly  02:00",
            "weekly moon 02:00",
            "once 2026-02-29T02:00",
            "once 2026-1",
            "hourly 02:00",
        ] {
            assert!(text.parse::<Repeat>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_rule_survives_its_text(year in 1i16..10_000, month in 1u8..13, day in 1u8..29, hour in 0u8..24, minute in 0u8..60, bits in 1u8..128) {
            let time = TimeOfDay { hour, minute };
            for repeat in [Repeat::Once(LocalTime { year, month, day, time }), Repeat::Daily(time), Repeat::Weekly(Days(bits), time)] {
                prop_assert_eq!(repeat.to_string().parse::<Repeat>(), Ok(repeat));
            }
        }
    }
}
