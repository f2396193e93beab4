//! Valid settings of a schedule.

use std::time::Duration;

use super::{CatchUp, Overlap, Priority, ScheduleDraft};
use crate::backoff::Backoff;
use crate::http::{Header, StatusRanges};
use crate::id::{ScheduleId, SpaceId};
use crate::kind::http::HttpSettings;
use crate::monitor::Secrets;
use crate::secret::Secret;
use crate::signing::SigningSecret;
use crate::time::Timestamp;

/// When it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// Once.
    Once(Timestamp),
    /// At an interval in real time, counted from an anchor.
    Every {
        /// From one run to the next.
        every: Duration,
        /// One of its times.
        anchor: Timestamp,
    },
    /// By a cron expression, on the wall of the zone.
    Cron(String),
}

/// How often it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Pauses, number and age.
    pub backoff: Backoff,
    /// Statuses after which another attempt may help.
    pub statuses: StatusRanges,
}

/// How a body is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// By Standard Webhooks: the secrets that are valid, the newest first.
    pub secrets: Vec<SigningSecret>,
    /// By the HMAC of the body: the key, and the header it goes into.
    pub hmac: Option<(Secret, String)>,
}

/// When it switches itself off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disabling {
    /// After so many failed runs in a row,
    pub failures: u32,
    /// that took at least so long.
    pub span: Duration,
}

/// Valid settings of a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleSpec {
    /// What people call it.
    pub name: String,
    /// For people.
    pub note: String,
    /// Sorted.
    pub tags: Vec<String>,
    /// The text of its fields, from which the rest is read.
    pub settings: Secrets,
    /// When it runs.
    pub trigger: Trigger,
    /// On whose wall: an IANA name.
    pub zone: String,
    /// Nothing runs before this.
    pub not_before: Option<Timestamp>,
    /// Nothing runs after this.
    pub not_after: Option<Timestamp>,
    /// So often in all.
    pub max_runs: Option<u64>,
    /// Runs begin up to so much later.
    pub jitter: Duration,
    /// What happens to times that passed while nothing ran.
    pub catch_up: CatchUp,
    /// So many of them, with [`CatchUp::All`].
    pub catch_up_max: u32,
    /// None that are older.
    pub catch_up_window: Option<Duration>,
    /// What happens when the run before has not ended.
    pub overlap: Overlap,
    /// What goes first under load.
    pub priority: Priority,
    /// On their way at once.
    pub concurrency: u32,
    /// Attempts within a minute.
    pub per_minute: Option<u32>,
    /// What is sent and what is a success; templates are in its URL, the values of its headers and its body.
    pub request: HttpSettings,
    /// How it is signed.
    pub signing: Signing,
    /// From the name to the end of the answer.
    pub timeout: Duration,
    /// Until the connection stands.
    pub connect_timeout: Duration,
    /// A slower answer is a failure.
    pub max_latency: Option<Duration>,
    /// How often it is tried.
    pub retry: Retry,
    /// When it switches itself off; none: never.
    pub disabling: Option<Disabling>,
}

impl ScheduleSpec {
    /// The settings as a form may show them: secrets are replaced.
    pub fn draft(&self) -> ScheduleDraft {
        ScheduleDraft {
            name: self.name.clone(),
            note: self.note.clone(),
            tags: self.tags.join(", "),
            enabled: "on".into(),
            settings: super::form().shown(&self.settings.0),
        }
    }

    /// `POST https://example.com/hooks`.
    pub fn target(&self) -> String {
        format!("{} {}", self.request.method, self.address())
    }

    /// `https://example.com/hooks`, without the query, where keys may be.
    pub fn address(&self) -> &str {
        self.request.url.split(['?', '#']).next().unwrap_or_default()
    }

    /// The headers with templates.
    pub fn headers(&self) -> &[Header] {
        &self.request.headers
    }
}

/// A scheduled webhook of a space.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its id; the id's instant is its creation.
    pub id: ScheduleId,
    /// Who owns it.
    pub space: SpaceId,
    /// Its settings.
    pub spec: ScheduleSpec,
    /// The signing secret before the one in use, and until when it signs as well.
    pub previous: Option<(SigningSecret, Timestamp)>,
    /// The last change of its settings.
    pub updated_at: Timestamp,
}

impl Schedule {
    /// The secrets that sign at an instant, the newest first.
    pub fn signing_secrets(&self, now: Timestamp) -> Vec<SigningSecret> {
        let mut secrets = self.spec.signing.secrets.clone();
        if !secrets.is_empty() {
            secrets.extend(self.previous.iter().filter(|(_, until)| now < *until).map(|(secret, _)| secret.clone()));
        }
        secrets
    }
}
