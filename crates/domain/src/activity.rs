//! Who did what in a space, for whoever asks later. Written by the use cases, never changed.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What something was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Monitors.
    Monitor,
    /// Maintenance windows.
    Maintenance,
    /// Incidents.
    Incident,
    /// Channels, rules and messages.
    Alert,
    /// Scheduled webhooks and endpoints of events.
    Webhook,
    /// Members, invitations, tokens, the space itself.
    Space,
    /// Sign-ins, passwords and addresses of members.
    Account,
}

impl Area {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] = [Self::Monitor, Self::Maintenance, Self::Incident, Self::Alert, Self::Webhook, Self::Space, Self::Account];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Maintenance => "maintenance",
            Self::Incident => "incident",
            Self::Alert => "alert",
            Self::Webhook => "webhook",
            Self::Space => "space",
            Self::Account => "account",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Monitor => "Monitors",
            Self::Maintenance => "Maintenance",
            Self::Incident => "Incidents",
            Self::Alert => "Alerts",
            Self::Webhook => "Webhooks",
            Self::Space => "Space",
            Self::Account => "Accounts",
        }
    }
}

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// What people call whoever did it: a person, `token CI`, `operator`, or `Loopr` by itself.
    pub who: String,
    /// To what.
    pub area: Area,
    /// What was done, in the past tense: `created`, `deleted`, `acknowledged`.
    pub did: String,
    /// What it was done to, as people call it.
    pub what: String,
    /// Where to look at it; empty when it is gone.
    #[serde(default)]
    pub link: String,
    /// More of it, in a sentence.
    #[serde(default)]
    pub detail: String,
}
