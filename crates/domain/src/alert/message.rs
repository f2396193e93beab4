//! One thing to be told over one channel, and what becomes of it.
//!
//! Invariant: a message is written in the transaction of what it tells; its id follows from what it tells and to whom, so writing it again
//! changes nothing. From then on it ends in exactly one of the final states.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::notice::Content;
use super::preference::Way;
use crate::id::{AccountId, ChannelId, IncidentId, MessageId, RuleId, SpaceId};
use crate::time::Timestamp;

/// Where a message goes: `channel:chn_…`, `email:acc_…`, `push:acc_…`, `mail:ada@example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// A channel of the space.
    Channel(ChannelId),
    /// A member of the space.
    Person(AccountId, Way),
    /// An address, for the mails of accounts.
    Address(String),
}

/// Not a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a destination of a message")]
pub struct InvalidDestination;

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(id) => write!(f, "channel:{id}"),
            Self::Person(id, way) => write!(f, "{}:{id}", way.name()),
            Self::Address(address) => write!(f, "mail:{address}"),
        }
    }
}

impl FromStr for Destination {
    type Err = InvalidDestination;

    fn from_str(text: &str) -> Result<Self, InvalidDestination> {
        let (what, rest) = text.split_once(':').ok_or(InvalidDestination)?;
        match what {
            "channel" => rest.parse().map(Self::Channel).map_err(|_| InvalidDestination),
            "mail" => Ok(Self::Address(rest.to_owned())),
            way => {
                let way = Way::from_name(way).ok_or(InvalidDestination)?;
                rest.parse().map(|id| Self::Person(id, way)).map_err(|_| InvalidDestination)
            }
        }
    }
}

impl Serialize for Destination {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a message is for, which decides when it has become pointless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// News.
    News,
    /// The end of what earlier news told: said after it, or together with it.
    Recovery,
    /// That somebody looks at it, for systems that keep incidents themselves.
    Acknowledgement,
    /// It still lasts and nobody has acknowledged.
    Reminder,
    /// Nobody has acknowledged: somebody else is told.
    Escalation,
    /// A mail about an account.
    Account,
}

/// How a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It waits for its time, or for another try.
    Waiting,
    /// It is on its way.
    Sending,
    /// The other side took it.
    Delivered,
    /// All tries failed. A person may try again.
    Failed,
    /// It had become pointless before it was first sent.
    Cancelled,
    /// Another message tells it, too.
    Merged,
}

impl MessageState {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Sending, Self::Delivered, Self::Failed, Self::Cancelled, Self::Merged];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Merged => "merged",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sending => "Sending",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
            Self::Cancelled => "Not needed",
            Self::Merged => "In another message",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Sending)
    }
}

/// A mail about an account, as it is sent: there are links in it that let people in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// In a line.
    pub subject: String,
    /// As text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.subject)
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id; the id's instant is when it was written.
    pub id: MessageId,
    /// Whose.
    pub space: SpaceId,
    /// Where it goes.
    pub to: Destination,
    /// The rule that asked for it; none for what nobody has to ask for.
    pub rule: Option<RuleId>,
    /// The incident that it tells of. What goes to one destination about one incident keeps its order.
    pub incident: Option<IncidentId>,
    /// What it is for.
    pub purpose: Purpose,
    /// What it tells; empty when it is a mail about an account.
    pub content: Content,
    /// The mail, when it is about an account.
    pub mail: Option<Mail>,
    /// What has to be told before it, or together with it.
    pub follows: Option<MessageId>,
    /// Which reminder it is, counted from 1; 0 when it is none.
    pub nth: u32,
    /// How it stands.
    pub state: MessageState,
    /// Why it stands so, in a sentence: the last error, what it waits for, which message tells it.
    pub note: String,
    /// When it was to be sent first, before anything went wrong.
    pub planned_at: Timestamp,
    /// When it is looked at next, while it waits; while it is on its way, when it is taken up again.
    pub due_at: Timestamp,
    /// Tries so far.
    pub attempts: u32,
    /// Who has it on its way, so that nobody else says what became of it.
    pub claim: Option<String>,
    /// When it came into a final state.
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_survive_their_text() {
        let at = Timestamp::from_millis(1);
        for to in [
            Destination::Channel(ChannelId::new(at, 2)),
            Destination::Person(AccountId::new(at, 3), Way::Email),
            Destination::Person(AccountId::new(at, 3), Way::Push),
            Destination::Address("ada@example.com".into()),
        ] {
            assert_eq!(to.to_string().parse(), Ok(to));
        }
        assert!("fax:12".parse::<Destination>().is_err());
    }
}
