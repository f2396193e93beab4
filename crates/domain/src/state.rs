//! The states of a monitor, and what each counts as.

use serde::{Deserialize, Serialize};

/// What is known of a monitor. See the table "Honest uptime" in docs/ARCHITECTURE.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Enough successes.
    Up,
    /// It answers, but slower or closer to an expiry than wanted.
    Degraded,
    /// Failing, not yet confirmed; counts as the state before it.
    Pending,
    /// Failing, confirmed; dated at the first failure of the run.
    Down,
    /// It fails while something it depends on is down.
    Unreachable,
    /// Inside a maintenance window.
    Maintenance,
    /// A person stopped it.
    Paused,
    /// Nobody looked: a slot that should have run did not.
    Unknown,
}

/// How a span of time enters the uptime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// In the numerator and the denominator.
    Up,
    /// In the denominator only.
    Down,
    /// Excluded, and lowers the coverage.
    Unobserved,
    /// Excluded on purpose; the coverage does not suffer.
    Excused,
}

impl State {
    /// All of them, in the order of their stored numbers.
    pub const ALL: [Self; 8] =
        [Self::Up, Self::Degraded, Self::Pending, Self::Down, Self::Unreachable, Self::Maintenance, Self::Paused, Self::Unknown];

    /// The position in [`State::ALL`]: the number in the database and in packed bars.
    pub fn index(self) -> usize {
        match self {
            Self::Up => 0,
            Self::Degraded => 1,
            Self::Pending => 2,
            Self::Down => 3,
            Self::Unreachable => 4,
            Self::Maintenance => 5,
            Self::Paused => 6,
            Self::Unknown => 7,
        }
    }

    /// Reads a stored number.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// How a span in this state counts. [`State::Pending`] never reaches the history: a run of failures becomes Down
    /// from its first failure on, or the state before it goes on.
    pub fn counts(self) -> Counts {
        match self {
            Self::Up | Self::Degraded | Self::Pending => Counts::Up,
            Self::Down => Counts::Down,
            Self::Unreachable | Self::Unknown => Counts::Unobserved,
            Self::Maintenance | Self::Paused => Counts::Excused,
        }
    }

    /// How bad it is to look at; the worst state of a piece is the one its bar shows.
    pub fn severity(self) -> u8 {
        match self {
            Self::Down => 7,
            Self::Unreachable => 6,
            Self::Degraded => 5,
            Self::Pending => 4,
            Self::Maintenance => 3,
            Self::Up => 2,
            Self::Unknown => 1,
            Self::Paused => 0,
        }
    }

    /// The stable name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Pending => "pending",
            Self::Down => "down",
            Self::Unreachable => "unreachable",
            Self::Maintenance => "maintenance",
            Self::Paused => "paused",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "Up",
            Self::Degraded => "Degraded",
            Self::Pending => "Pending",
            Self::Down => "Down",
            Self::Unreachable => "Unreachable",
            Self::Maintenance => "Maintenance",
            Self::Paused => "Paused",
            Self::Unknown => "Unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_stable() {
        for (i, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(state.index(), i);
            assert_eq!(State::from_index(i), Some(state));
            assert_eq!(State::from_name(state.name()), Some(state));
        }
    }
}
