//! What rules and preferences choose from.

use serde::{Deserialize, Serialize};

/// Something that somebody may want to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A monitor is down, confirmed.
    Down,
    /// What was down is up again.
    Up,
    /// It answers, with a fault of degree.
    Degraded,
    /// It goes down and up so often that each single change says little.
    Flapping,
    /// A certificate or a domain ends soon.
    Expiring,
    /// A signal of a job did not come in time, or the job said that it failed.
    Late,
    /// Nobody is watching: checks that should have run did not.
    Unwatched,
    /// A scheduled webhook or an endpoint of events keeps failing.
    WebhookFailing,
    /// A webhook that kept failing has succeeded.
    WebhookRecovered,
    /// A scheduled webhook did not run when it was due.
    WebhookMissed,
    /// A channel does not take messages.
    ChannelFailing,
    /// A node of this instance is gone.
    NodeLost,
    /// An incident was opened, by itself or by hand, or opened again.
    IncidentOpened,
    /// Somebody is on an incident.
    IncidentAcknowledged,
    /// Somebody wrote something about an incident.
    IncidentCommented,
    /// An incident is over, by itself or by hand.
    IncidentResolved,
    /// What happened in a day.
    DailyDigest,
    /// What happened in a week.
    WeeklyDigest,
}

/// How urgent something is, for channels that tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For the record.
    Info,
    /// Good news.
    Resolved,
    /// Look at it in time.
    Warning,
    /// Look at it now.
    Critical,
}

impl Event {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 18] = [
        Self::Down,
        Self::Up,
        Self::Degraded,
        Self::Flapping,
        Self::Late,
        Self::Expiring,
        Self::Unwatched,
        Self::WebhookFailing,
        Self::WebhookRecovered,
        Self::WebhookMissed,
        Self::IncidentOpened,
        Self::IncidentAcknowledged,
        Self::IncidentCommented,
        Self::IncidentResolved,
        Self::ChannelFailing,
        Self::NodeLost,
        Self::DailyDigest,
        Self::WeeklyDigest,
    ];

    /// The stable name: in JSON, in the database, in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Flapping => "flapping",
            Self::Expiring => "expiring",
            Self::Late => "late",
            Self::Unwatched => "unwatched",
            Self::WebhookFailing => "webhook_failing",
            Self::WebhookRecovered => "webhook_recovered",
            Self::WebhookMissed => "webhook_missed",
            Self::ChannelFailing => "channel_failing",
            Self::NodeLost => "node_lost",
            Self::IncidentOpened => "incident_opened",
            Self::IncidentAcknowledged => "incident_acknowledged",
            Self::IncidentCommented => "incident_commented",
            Self::IncidentResolved => "incident_resolved",
            Self::DailyDigest => "daily_digest",
            Self::WeeklyDigest => "weekly_digest",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Down => "Down",
            Self::Up => "Recovered",
            Self::Degraded => "Degraded",
            Self::Flapping => "Flapping",
            Self::Expiring => "Expires soon",
            Self::Late => "Job late or failed",
            Self::Unwatched => "Nobody is watching",
            Self::WebhookFailing => "Webhook failing",
            Self::WebhookRecovered => "Webhook recovered",
            Self::WebhookMissed => "Webhook missed",
            Self::ChannelFailing => "Channel failing",
            Self::NodeLost => "Node lost",
            Self::IncidentOpened => "Incident opened",
            Self::IncidentAcknowledged => "Incident acknowledged",
            Self::IncidentCommented => "Incident commented",
            Self::IncidentResolved => "Incident resolved",
            Self::DailyDigest => "Daily digest",
            Self::WeeklyDigest => "Weekly digest",
        }
    }

    /// When it happens, in a line.
    pub fn line(self) -> &'static str {
        match self {
            Self::Down => "Enough checks in a row failed.",
            Self::Up => "What was down is up again.",
            Self::Degraded => "It answers, but slowly or with a certificate near its end.",
            Self::Flapping => "It goes down and up so often that single changes say little.",
            Self::Expiring => "A certificate or a domain ends in 30, 14, 7 or 1 days.",
            Self::Late => "A heartbeat did not come in time, or reported a failure.",
            Self::Unwatched => "Checks that should have run did not.",
            Self::WebhookFailing => "A run of a scheduled webhook was given up, or it switches itself off.",
            Self::WebhookRecovered => "A scheduled webhook that failed has succeeded.",
            Self::WebhookMissed => "A scheduled webhook did not run when it was due.",
            Self::ChannelFailing => "A channel does not take messages.",
            Self::NodeLost => "A node of this instance is gone.",
            Self::IncidentOpened => "Somebody opened one, or one again. Channels are also told of those that open by themselves.",
            Self::IncidentAcknowledged => "Somebody is on it.",
            Self::IncidentCommented => "Somebody wrote something about it.",
            Self::IncidentResolved => "Somebody ended one. Channels are also told of those that end by themselves.",
            Self::DailyDigest => "Every morning: what happened in the last day.",
            Self::WeeklyDigest => "Every Monday: what happened in the last week.",
        }
    }

    /// Under which heading it is offered.
    pub fn about(self) -> &'static str {
        match self {
            Self::Down | Self::Up | Self::Degraded | Self::Flapping | Self::Late | Self::Expiring | Self::Unwatched => "Of monitors",
            Self::WebhookFailing | Self::WebhookRecovered | Self::WebhookMissed => "Of scheduled webhooks",
            Self::IncidentOpened | Self::IncidentAcknowledged | Self::IncidentCommented | Self::IncidentResolved => "Of incidents",
            Self::ChannelFailing | Self::NodeLost | Self::DailyDigest | Self::WeeklyDigest => "Of Loopr itself",
        }
    }

    /// How urgent it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::Down | Self::Late | Self::IncidentOpened => Severity::Critical,
            Self::Up | Self::WebhookRecovered | Self::IncidentResolved => Severity::Resolved,
            Self::Degraded | Self::Flapping | Self::Expiring | Self::Unwatched => Severity::Warning,
            Self::WebhookFailing | Self::WebhookMissed | Self::ChannelFailing | Self::NodeLost => Severity::Warning,
            Self::IncidentAcknowledged | Self::IncidentCommented | Self::DailyDigest | Self::WeeklyDigest => Severity::Info,
        }
    }

    /// Whether it opens an incident that a later event may end.
    pub fn opens(self) -> bool {
        matches!(self, Self::Down | Self::Late)
    }

    /// Whether it is about a monitor, or about an incident that may be one's.
    pub fn may_be_of_monitor(self) -> bool {
        self.about() == "Of monitors" || self.is_of_incident()
    }

    /// Whether a scheduled webhook begins to fail or has recovered.
    pub fn is_of_failing_webhook(self) -> bool {
        matches!(self, Self::WebhookFailing | Self::WebhookRecovered)
    }

    /// Whether it is about an incident itself, not about what the incident is about.
    pub fn is_of_incident(self) -> bool {
        matches!(self, Self::IncidentOpened | Self::IncidentAcknowledged | Self::IncidentCommented | Self::IncidentResolved)
    }
}

impl Severity {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Resolved => "resolved",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_stable_and_different() {
        let names: BTreeSet<_> = Event::ALL.map(Event::name).into();
        assert_eq!(names.len(), Event::ALL.len());
        for event in Event::ALL {
            assert_eq!(Event::from_name(event.name()), Some(event));
            assert_eq!(serde_json::to_value(event).ok(), Some(serde_json::Value::from(event.name())));
        }
    }
}
