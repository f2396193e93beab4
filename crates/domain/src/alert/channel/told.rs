//! What is told over a channel: the text for people, and the facts for providers that keep incidents of their own.

use crate::alert::event::{Event, Severity};
use crate::alert::notice::Content;
use crate::id::MessageId;
use crate::time::Timestamp;

/// What a provider that keeps incidents is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Open one, or add to it.
    Trigger,
    /// Somebody is on it.
    Acknowledge,
    /// It is over.
    Resolve,
}

impl Act {
    /// What follows from the newest of what is told.
    pub fn of(content: &Content) -> Self {
        match content.last().map(|notice| notice.event) {
            Some(Event::Up | Event::IncidentResolved | Event::WebhookRecovered) => Self::Resolve,
            Some(Event::IncidentAcknowledged) => Self::Acknowledge,
            _ => Self::Trigger,
        }
    }
}

/// One message, ready to be put into the words of a provider.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// In the format of the kind, on one line.
    pub title: String,
    /// In the format of the kind.
    pub body: String,
    /// The title without any markup.
    pub plain_title: String,
    /// The body without any markup.
    pub plain_body: String,
    /// The facts.
    pub content: &'a Content,
    /// What a provider that keeps incidents is to do.
    pub act: Act,
    /// How urgent it is.
    pub severity: Severity,
    /// Where a browser shows it.
    pub link: Option<String>,
    /// Where a browser acknowledges it.
    pub ack_link: Option<String>,
    /// The same for all messages about one incident.
    pub key: String,
    /// The same for every try.
    pub message: MessageId,
    /// When this try is made.
    pub now: Timestamp,
}

impl Told<'_> {
    /// The links and the words on them.
    pub fn links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let open = self.link.as_deref().map(|link| ("Open in Loopr", link));
        open.into_iter().chain(self.ack_link.as_deref().map(|link| ("Acknowledge", link)))
    }

    /// The colour of its urgency, red, green, blue.
    pub(super) fn colour(&self) -> u32 {
        match self.severity {
            Severity::Critical => 0x00D9_2D20,
            Severity::Warning => 0x00DC_9A04,
            Severity::Resolved => 0x0017_9A5B,
            Severity::Info => 0x0064_748B,
        }
    }

    /// The same, as the web writes it.
    pub(super) fn css_colour(&self) -> String {
        format!("#{:06x}", self.colour())
    }
}
