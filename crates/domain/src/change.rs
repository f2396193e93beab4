//! A change of state as it is told: both of its instants, and its cause in a word.

use serde::{Deserialize, Serialize};

use crate::check::Reason;
use crate::machine::Transition;
use crate::state::State;

/// Causes that are no reason of a check, by their stable names, with the words that people read.
const CAUSES: [(&str, &str); 7] = [
    ("person", "by hand"),
    (NO_NETWORK, "no network here"),
    (PARENT, "what it depends on is down"),
    ("still_running", "check still running"),
    ("saturated", "too many checks at once"),
    ("not_running", "Loopr was not running"),
    ("not_recorded", "not recorded"),
];

/// The own network is gone.
pub const NO_NETWORK: &str = "no_network";
/// A maintenance window began or ended.
pub const MAINTENANCE: &str = "maintenance";
/// A monitor that it depends on is down.
pub const PARENT: &str = "parent_down";

/// A change of state with its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What changed, and when.
    pub transition: Transition,
    /// The stable name of the cause: that of a [`Reason`], or of what else happened.
    pub cause: Option<String>,
}

impl Change {
    /// The cause in a word or two.
    pub fn cause_words(&self) -> Option<&'static str> {
        let name = self.cause.as_deref()?;
        if name == MAINTENANCE {
            return Some(if self.transition.to == State::Maintenance { "a window began" } else { "a window ended" });
        }
        let told = CAUSES.iter().find(|(known, _)| *known == name).map(|(_, words)| *words);
        told.or_else(|| Reason::from_name(name).map(Reason::word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn every_cause_has_words() {
        let change = |to, cause: &str| {
            let transition = Transition { from: State::Up, to, at: Timestamp::default(), decided_at: Timestamp::default() };
            Change { transition, cause: Some(cause.into()) }.cause_words()
        };
        assert_eq!(change(State::Maintenance, MAINTENANCE), Some("a window began"));
        assert_eq!(change(State::Unknown, MAINTENANCE), Some("a window ended"));
        assert_eq!(change(State::Unknown, NO_NETWORK), Some("no network here"));
        assert_eq!(change(State::Down, "timeout"), Some("timeout"));
        assert_eq!(change(State::Down, "of another version"), None);
    }
}
