//! The kinds of channels. A kind is one file below `channel/`: the fields of its form section, what its provider takes, and the request
//! that tells it something. Forms, REST and the database know fields only, so a new kind costs none of them a line.
//!
//! Invariant: what a provider is asked follows from the settings and from what is told, by a pure function; a secret stands in no address
//! or sentence that is shown. Called by forms (fields), by services (drafts) and by the engine's sender (requests).

use std::time::Duration;

use crate::kind::{Field, Fields};

#[cfg(feature = "ssr")]
mod answer;
mod discord;
mod draft;
mod email;
mod field;
mod format;
mod google_chat;
mod gotify;
mod matrix;
mod mattermost;
mod ntfy;
mod opsgenie;
#[cfg(feature = "ssr")]
mod outgoing;
mod pagerduty;
mod push;
mod pushover;
#[cfg(feature = "ssr")]
mod read;
mod slack;
mod teams;
mod telegram;
#[cfg(feature = "ssr")]
mod told;
mod twilio;
mod webhook;
mod zulip;

#[cfg(feature = "ssr")]
pub use answer::{Answer, default_judgement, retry_after};
pub use draft::ChannelDraft;
#[cfg(feature = "ssr")]
pub use draft::{Channel, ChannelHealth, ChannelSpec};
#[cfg(feature = "ssr")]
pub use email::recipients;
pub use format::{Format, cut};
#[cfg(feature = "ssr")]
pub use outgoing::{Body, Outgoing, shown_url};
#[cfg(feature = "ssr")]
pub use told::{Act, Told};
#[cfg(feature = "ssr")]
pub use webhook::{event_document, event_type};

/// How much of a text a provider takes. Counted in UTF-16 units, as the strictest of them do: each is at most three bytes of UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the title.
    pub title: usize,
    /// Of the body.
    pub body: usize,
}

/// What is known of a kind without anything being sent.
pub(crate) struct Facts {
    name: &'static str,
    label: &'static str,
    line: &'static str,
    fields: &'static [&'static [Field]],
    format: Format,
    limits: Limits,
    /// So many messages within so many seconds.
    rate: (u32, u64),
}

/// How a kind is spoken to.
#[cfg(feature = "ssr")]
pub(crate) struct Way {
    /// Judges the settings beyond what every field says of itself.
    check: fn(&mut crate::kind::Reader),
    /// What carries the message.
    pub(crate) carrier: Carrier,
}

/// What carries a message to its provider.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy)]
pub enum Carrier {
    /// One request over HTTP.
    Http {
        /// What is asked.
        request: fn(&crate::kind::Values, &Told) -> Outgoing,
        /// What the answer means, where the status alone does not say it.
        judge: fn(&Answer) -> Option<super::Outcome>,
    },
    /// Mail.
    Mail,
    /// Web push: a request over HTTP whose body is encrypted for one browser.
    Push,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $module:ident;)*) => {
        /// A kind of channel.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ChannelKind {
            $($(#[$doc])* $kind,)*
        }

        impl ChannelKind {
            /// All of them, in the order in which they are offered.
            pub const ALL: [Self; [$(stringify!($kind)),*].len()] = [$(Self::$kind),*];

            fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$kind => &$module::FACTS,)*
                }
            }

            #[cfg(feature = "ssr")]
            fn way(self) -> &'static Way {
                match self {
                    $(Self::$kind => &$module::WAY,)*
                }
            }
        }
    };
}

kinds! {
    /// A mailbox.
    Email = email;
    /// Any address that takes a signed request.
    Webhook = webhook;
    /// A channel of Slack.
    Slack = slack;
    /// A channel of Discord.
    Discord = discord;
    /// A channel or chat of Microsoft Teams.
    Teams = teams;
    /// A chat of Telegram.
    Telegram = telegram;
    /// A channel of Mattermost.
    Mattermost = mattermost;
    /// A room of Matrix.
    Matrix = matrix;
    /// A topic of ntfy.
    Ntfy = ntfy;
    /// A Gotify server.
    Gotify = gotify;
    /// Pushover.
    Pushover = pushover;
    /// A service of PagerDuty.
    Pagerduty = pagerduty;
    /// A team of Opsgenie.
    Opsgenie = opsgenie;
    /// Text messages by Twilio.
    Twilio = twilio;
    /// A space of Google Chat.
    GoogleChat = google_chat;
    /// A channel of Zulip.
    Zulip = zulip;
    /// One browser of one person.
    Push = push;
}

impl ChannelKind {
    /// The stable name: in JSON, in the database, in addresses.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        self.facts().label
    }

    /// What it is good for, in a line.
    pub fn line(self) -> &'static str {
        self.facts().line
    }

    /// The fields of its form section.
    pub fn form(self) -> Fields {
        Fields(self.facts().fields)
    }

    /// Those fields, in order.
    pub fn fields(self) -> impl Iterator<Item = &'static Field> {
        self.form().iter()
    }

    /// Whether a space can have such a channel. The others belong to one person.
    pub fn is_of_spaces(self) -> bool {
        self != Self::Push
    }

    /// Whether the provider keeps a state for each incident: such messages are never grouped, or one of the incidents would stay open.
    pub fn is_by_incident(self) -> bool {
        matches!(self, Self::Pagerduty | Self::Opsgenie)
    }

    /// So many messages within so long are what the provider takes, by its own documentation.
    pub fn rate(self) -> (u32, Duration) {
        let (messages, seconds) = self.facts().rate;
        (messages, Duration::from_secs(seconds))
    }

    /// How its text is written.
    pub fn format(self) -> Format {
        self.facts().format
    }

    /// How much text it takes.
    pub fn limits(self) -> Limits {
        self.facts().limits
    }

    /// What carries its messages.
    #[cfg(feature = "ssr")]
    pub fn carrier(self) -> Carrier {
        self.way().carrier
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_stable_and_fields_are_named_once() {
        const COMMON: [&str; 7] = ["id", "name", "kind", "title", "body", "enabled", "space"];
        let names: BTreeSet<_> = ChannelKind::ALL.map(ChannelKind::name).into();
        assert_eq!(names.len(), ChannelKind::ALL.len());
        for kind in ChannelKind::ALL {
            assert_eq!(ChannelKind::from_name(kind.name()), Some(kind));
            let names: Vec<_> = kind.fields().map(|field| field.name).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{kind:?}");
            assert!(names.iter().all(|name| !COMMON.contains(name)), "{kind:?} takes a name that all kinds have");
            let (limits, (messages, span)) = (kind.limits(), kind.rate());
            assert!(limits.title >= 50 && limits.body >= 100 && messages > 0 && !span.is_zero(), "{kind:?}");
        }
    }
}
