//! What one person wants to be told of a space, and how.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::events::Events;

/// How a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By mail.
    Email,
    /// On their phones and desktops.
    Push,
    /// By the bell in the app.
    App,
}

impl Way {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Email, Self::Push, Self::App];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Push => "push",
            Self::App => "app",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "E-mail",
            Self::Push => "Push",
            Self::App => "In the app",
        }
    }
}

/// The events that one person wants to be told of, by each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// By mail.
    pub email: Events,
    /// On their devices.
    pub push: Events,
    /// By the bell.
    pub app: Events,
}

impl Default for Preferences {
    /// What is broken by every way, the rest where it does not interrupt.
    fn default() -> Self {
        let broken = [Event::Down, Event::Up, Event::Late, Event::Expiring, Event::WebhookFailing, Event::ChannelFailing, Event::NodeLost];
        let by_hand = [Event::IncidentOpened, Event::IncidentResolved];
        let all = Event::ALL.into_iter().filter(|event| !matches!(event, Event::DailyDigest));
        Self {
            email: broken.into_iter().chain(by_hand).collect(),
            push: [Event::Down, Event::Up, Event::Late, Event::IncidentOpened].into_iter().collect(),
            app: all.collect(),
        }
    }
}

impl Preferences {
    /// The events of one way.
    pub fn of(&self, way: Way) -> Events {
        match way {
            Way::Email => self.email,
            Way::Push => self.push,
            Way::App => self.app,
        }
    }
}
