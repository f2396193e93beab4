//! The figures over the monitors of a space: how a period went, and which monitors made it so.

use serde::{Deserialize, Serialize};

use crate::check::Reason;
use crate::id::MonitorId;
use crate::time::{DAY_MS, HOUR_MS, Timestamp};
use crate::uptime::Tally;
use crate::view::Series;

/// How far back it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Period {
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    #[default]
    Week,
    /// The last 30 days.
    Month,
    /// The last 90 days.
    Quarter,
    /// The last 365 days.
    Year,
}

impl Period {
    /// All of them, from the shortest.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "1y",
        }
    }

    /// The name on its button.
    pub fn button(self) -> &'static str {
        match self {
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::Month => "30 d",
            Self::Quarter => "90 d",
            Self::Year => "1 y",
        }
    }

    /// In a sentence: "the last …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "12 months",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }

    /// Its length in milliseconds.
    pub fn width_ms(self) -> i64 {
        match self {
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
            Self::Quarter => 90 * DAY_MS,
            Self::Year => 365 * DAY_MS,
        }
    }

    /// The width of a point of its trend in milliseconds.
    pub fn step_ms(self) -> i64 {
        match self {
            Self::Day => HOUR_MS,
            Self::Week => 6 * HOUR_MS,
            Self::Month => DAY_MS,
            Self::Quarter => 3 * DAY_MS,
            Self::Year => 7 * DAY_MS,
        }
    }

    /// Whether it is summed from hours; otherwise from days.
    pub fn is_hourly(self) -> bool {
        matches!(self, Self::Day | Self::Week)
    }
}

/// Which part of the space, and since when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// How far back.
    pub period: Period,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only of this kind, by its stable name.
    pub kind: Option<String>,
    /// The zone of the hours of the week, an IANA name.
    pub zone: String,
}

/// A monitor in a list of the slowest, the least reliable, or those with some failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Which one.
    pub id: MonitorId,
    /// What people call it.
    pub name: String,
    /// Its kind in a word.
    pub label: String,
    /// Its uptime in the period, between 0 and 1.
    pub uptime: Option<f64>,
    /// Time down, in milliseconds.
    pub down_ms: u64,
    /// Checks that ran.
    pub checks: u64,
    /// Failures among them; in a list of one reason, those of this reason.
    pub failures: u64,
    /// The median of its latency, in microseconds.
    pub p50_us: Option<u32>,
    /// The 95th percentile of its latency, in microseconds.
    pub p95_us: Option<u32>,
}

/// One reason of failures, and who failed for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReasonShare {
    /// The reason.
    pub reason: Reason,
    /// Checks that failed for it.
    pub failures: u64,
    /// The monitors with the most of them.
    pub monitors: Vec<Ranked>,
}

/// An hour of the week, over the period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourOfWeek {
    /// Checks that began in it.
    pub checks: u32,
    /// Failures among them.
    pub failures: u32,
    /// Time down, over all monitors, in milliseconds.
    pub down_ms: u64,
    /// The median latency, in microseconds.
    pub p50_us: Option<u32>,
}

/// The monitors that failed most in an hour of the week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HourShare {
    /// Which hour, from 0 for Monday, midnight, to 167.
    pub hour: u8,
    /// Those with the most failures, with the checks and the failures of this hour alone.
    pub monitors: Vec<Ranked>,
}

/// How a period went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analytics {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end: when this was computed.
    pub to: Timestamp,
    /// How many monitors are in it.
    pub monitors: u32,
    /// Time in each state, over all of them.
    pub tally: Tally,
    /// Checks that ran.
    pub checks: u64,
    /// Failures among them.
    pub failures: u64,
    /// Slots that did not run.
    pub missed: u64,
    /// Failures by reason, the most frequent first.
    pub reasons: Vec<ReasonShare>,
    /// The latency over the period.
    pub trend: Series,
    /// The 99th percentile over the whole period, in microseconds.
    pub p99_us: Option<u32>,
    /// Those with the highest 95th percentile.
    pub slowest: Vec<Ranked>,
    /// Those with the most time down.
    pub least_reliable: Vec<Ranked>,
    /// The hours of the week from Monday, midnight, in the zone of the query: 168 of them.
    pub hours: Vec<HourOfWeek>,
    /// Since when hours are counted: of a long period the last week.
    pub hours_from: Timestamp,
    /// The hour that was asked for.
    pub hour: Option<HourShare>,
    /// All tags of the space, by name.
    pub tags: Vec<String>,
    /// All kinds in the space: stable name and label.
    pub kinds: Vec<(String, String)>,
}

impl Analytics {
    /// The share of checks that did not fail.
    pub fn success(&self) -> Option<f64> {
        let float =
            |n: u64| u32::try_from(n >> 16).map(|high| f64::from(high) * 65_536.0 + f64::from(u32::try_from(n & 0xffff).unwrap_or(0))).ok();
        if self.checks == 0 { None } else { Some(float(self.checks - self.failures.min(self.checks))? / float(self.checks)?) }
    }
}
