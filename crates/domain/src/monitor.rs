//! What a monitor is made of: the draft that somebody typed, and the valid settings it becomes.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::check::Observation;
use crate::http::{Header, HttpSettings};
use crate::id::{MonitorId, SpaceId};
use crate::machine::Confirmation;
use crate::time::Timestamp;

/// What stands where a saved secret is kept. Sent back unchanged, it means: keep it.
pub const KEPT: &str = "••••••••";

/// The shortest interval.
pub const INTERVAL_MIN: Duration = Duration::from_secs(1);
/// The longest interval.
pub const INTERVAL_MAX: Duration = Duration::from_secs(86_400);
/// The interval of a monitor when nobody chose one.
pub const INTERVAL_DEFAULT: Duration = Duration::from_secs(60);
/// Intervals offered in the form, in seconds.
pub const INTERVAL_PRESETS: [u32; 9] = [10, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400];
/// The most results in a row that can be asked for before one is believed.
pub const IN_A_ROW_MAX: u32 = 20;
/// The most tags of a monitor.
pub const TAGS_MAX: usize = 20;
/// The longest tag, in characters.
pub const TAG_LENGTH_MAX: usize = 40;
/// The most request headers.
pub const HEADERS_MAX: usize = 50;
/// The largest request body, in bytes.
pub const BODY_MAX: usize = 64 * 1024;
/// The longest note, in characters.
pub const NOTE_MAX: usize = 2_000;

/// A monitor as a form or an API client wrote it: everything is text, nothing is checked. An empty text means: the
/// default. The field names are the form's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonitorDraft {
    /// Empty: the host of the URL.
    pub name: String,
    /// `example.com` becomes `https://example.com`.
    pub url: String,
    /// Empty: `GET`.
    pub method: String,
    /// `60`, `30 s`, `5 min`; a bare number is seconds.
    pub interval: String,
    /// `10 s`, `800 ms`; a bare number is seconds. Empty: min(10 s, 80 % of the interval).
    pub timeout: String,
    /// One `Name: value` a line; a value of [`KEPT`] keeps the saved one.
    pub headers: String,
    /// Sent as typed.
    pub body: String,
    /// `200-299, 301`. Empty: `200-299`.
    pub accepted_status: String,
    /// Failures in a row before it is down. Empty: 2.
    pub failures: String,
    /// Successes in a row before it is up again. Empty: 1.
    pub successes: String,
    /// How soon an unconfirmed failure is looked at again: `10 s`. Empty: min(10 s, half the interval).
    pub retry: String,
    /// `on`: up means that nothing answers.
    pub upside_down: String,
    /// Separated by commas.
    pub tags: String,
    /// For people.
    pub note: String,
}

/// What is checked, by kind. One variant a kind of monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An HTTP request.
    Http(HttpSettings),
}

impl Target {
    /// The stable name of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
        }
    }
}

/// Valid settings of a monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitorSpec {
    /// What people call it.
    pub name: String,
    /// What is checked.
    pub target: Target,
    /// From slot to slot.
    pub interval: Duration,
    /// Never longer than the interval.
    pub timeout: Duration,
    /// The timeout was not typed and follows the interval.
    pub timeout_is_default: bool,
    /// How many results in a row are believed.
    pub confirmation: Confirmation,
    /// How soon an unconfirmed failure is looked at again, when somebody chose it; never longer than the interval.
    pub retry: Option<Duration>,
    /// Up means that nothing answers: failures of the target are successes, and successes are failures.
    pub upside_down: bool,
    /// Sorted, lower case, no duplicates.
    pub tags: Vec<String>,
    /// For people.
    pub note: String,
}

impl MonitorSpec {
    /// How soon an unconfirmed failure is looked at again.
    pub fn retry_after(&self) -> Duration {
        self.retry.unwrap_or_else(|| crate::schedule::retry_after(self.interval))
    }

    /// What an observation means for this monitor.
    pub fn judge(&self, seen: Observation) -> Observation {
        if self.upside_down { seen.upside_down() } else { seen }
    }
}

/// A monitor of a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// Its id; the id's instant is its creation.
    pub id: MonitorId,
    /// Who owns it.
    pub space: SpaceId,
    /// Its settings.
    pub spec: MonitorSpec,
    /// False: a person paused it.
    pub enabled: bool,
    /// The last change of its settings.
    pub updated_at: Timestamp,
}

impl Monitor {
    /// What to show below its name: the host and path of its URL, without a trailing slash.
    pub fn address(&self) -> String {
        match &self.spec.target {
            Target::Http(http) => {
                let rest = http.url.split_once("://").map_or(http.url.as_str(), |(_, rest)| rest);
                rest.split('?').next().unwrap_or(rest).trim_end_matches('/').to_owned()
            }
        }
    }

    /// The label of its kind: `HTTPS`, or `POST · HTTP`.
    pub fn label(&self) -> String {
        match &self.spec.target {
            Target::Http(http) => {
                let scheme = if http.url.starts_with("https:") { "HTTPS" } else { "HTTP" };
                if http.method == "GET" { scheme.to_owned() } else { format!("{} · {scheme}", http.method) }
            }
        }
    }

    /// What a form shows to edit it: secrets are replaced by [`KEPT`].
    pub fn draft(&self) -> MonitorDraft {
        let Target::Http(http) = &self.spec.target;
        let timeout = if self.spec.timeout_is_default { String::new() } else { spell(self.spec.timeout) };
        MonitorDraft {
            name: self.spec.name.clone(),
            url: http.url.clone(),
            method: http.method.clone(),
            interval: spell(self.spec.interval),
            timeout,
            headers: headers_text(&http.headers),
            body: http.body.clone().unwrap_or_default(),
            accepted_status: http.accepted_status.to_string(),
            failures: self.spec.confirmation.failures.to_string(),
            successes: self.spec.confirmation.successes.to_string(),
            retry: self.spec.retry.map(spell).unwrap_or_default(),
            upside_down: if self.spec.upside_down { "on".into() } else { String::new() },
            tags: self.spec.tags.join(", "),
            note: self.spec.note.clone(),
        }
    }
}

fn headers_text(headers: &[Header]) -> String {
    headers.iter().map(|h| format!("{}: {KEPT}", h.name)).collect::<Vec<_>>().join("\n")
}

/// A span exactly, as a form shows it: `90 s`, `5 min`, `800 ms`.
pub fn spell(span: Duration) -> String {
    let ms = span.as_millis();
    for (size, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")] {
        if ms >= size && ms.is_multiple_of(size) {
            return format!("{} {unit}", ms / size);
        }
    }
    format!("{ms} ms")
}

/// Splits and normalises tags.
pub fn parse_tags(text: &str) -> Result<Vec<String>, String> {
    let mut tags: Vec<String> = text.split([',', '\n']).map(|t| t.trim().to_lowercase()).filter(|t| !t.is_empty()).collect();
    tags.sort();
    tags.dedup();
    if tags.len() > TAGS_MAX {
        return Err(format!("Use at most {TAGS_MAX} tags."));
    }
    match tags.iter().find(|t| t.chars().count() > TAG_LENGTH_MAX || t.chars().any(char::is_control)) {
        Some(tag) => Err(format!("The tag “{tag}” is longer than {TAG_LENGTH_MAX} characters or has control characters.")),
        None => Ok(tags),
    }
}

#[cfg(feature = "ssr")]
mod validate;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_spelt_exactly() {
        for (ms, text) in [(60_000, "1 min"), (90_000, "90 s"), (800, "800 ms"), (86_400_000, "1 d")] {
            assert_eq!(spell(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn tags_are_normalised() {
        assert_eq!(parse_tags(" Prod, api ,,PROD"), Ok(vec!["api".into(), "prod".into()]));
        assert!(parse_tags(&"x".repeat(41)).is_err());
    }
}
