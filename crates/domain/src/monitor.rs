//! What a monitor is made of: the draft that somebody typed, and the valid settings it becomes.

use serde::{Deserialize, Serialize};
use std::time::Duration;

#[cfg(feature = "ssr")]
use crate::id::{MonitorId, SpaceId};
#[cfg(feature = "ssr")]
use crate::kind::Target;
use crate::kind::{Kind, Values};
#[cfg(feature = "ssr")]
use crate::machine::Confirmation;
#[cfg(feature = "ssr")]
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
/// The most monitors that one depends on.
pub const PARENTS_MAX: usize = 20;
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
/// default. The field names are the form's; those of the kind are in `settings`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonitorDraft {
    /// The stable name of a kind. Empty: `http`.
    pub kind: String,
    /// Empty: the host of the address.
    pub name: String,
    /// `60`, `30 s`, `5 min`; a bare number is seconds.
    pub interval: String,
    /// `10 s`, `800 ms`; a bare number is seconds. Empty: min(10 s, 80 % of the interval).
    pub timeout: String,
    /// Failures in a row before it is down. Empty: 2, or 1 for what is reported.
    pub failures: String,
    /// Successes in a row before it is up again. Empty: 1.
    pub successes: String,
    /// How soon an unconfirmed failure is looked at again: `10 s`. Empty: min(10 s, half the interval).
    pub retry: String,
    /// `on`: up means that nothing answers.
    pub upside_down: String,
    /// Other monitors: ids, separated by commas; in a form, names, one a line.
    pub depends_on: String,
    /// Separated by commas.
    pub tags: String,
    /// For people.
    pub note: String,
    /// The fields of the kind. A secret of [`KEPT`] keeps the saved one. What the kind does not know is passed over.
    #[serde(flatten)]
    pub settings: Values,
}

impl MonitorDraft {
    /// A draft of an HTTP monitor.
    pub fn http(url: impl Into<String>) -> Self {
        Self::of(Kind::Http, [("url", url.into())])
    }

    /// A draft of some kind with some of its fields.
    pub fn of<const N: usize>(kind: Kind, fields: [(&str, String); N]) -> Self {
        let settings = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { kind: kind.name().into(), settings, ..Self::default() }
    }

    /// The kind that is named; none when nobody knows it.
    pub fn kind(&self) -> Option<Kind> {
        if self.kind.is_empty() { Some(Kind::Http) } else { Kind::from_name(&self.kind) }
    }

    /// What stands in a field of the kind.
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }
}

/// Where in the settings of a heartbeat its token is: made by the product, never typed.
pub const PING_TOKEN: &str = "ping_token";

/// How late an answer may be, and how soon what was looked at may end. Empty where nothing was chosen.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// A longer check is a fault of degree.
    pub degraded_above: Option<Duration>,
    /// A longer check is a failure.
    pub down_above: Option<Duration>,
    /// Fewer days left are a fault of degree.
    pub degraded_below_days: u32,
    /// Fewer days left are a failure.
    pub down_below_days: u32,
}

/// Valid settings of a monitor.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq)]
pub struct MonitorSpec {
    /// What people call it.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// The fields of its kind as they are kept: secrets are in here.
    pub settings: Secrets,
    /// What is checked, read from them.
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
    /// How late, and how soon.
    pub thresholds: Thresholds,
    /// While one of these is down, a failure of this one is no failure of its own. In order of ids.
    pub depends_on: Vec<MonitorId>,
    /// Sorted, lower case, no duplicates.
    pub tags: Vec<String>,
    /// For people.
    pub note: String,
}

/// [`Values`] with secrets among them: redacted in `Debug`.
#[cfg(feature = "ssr")]
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(pub Values);

#[cfg(feature = "ssr")]
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A monitor of a space.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq)]
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

/// The beginning of what was typed, for a message.
#[cfg(feature = "ssr")]
fn cut(text: &str) -> String {
    crate::kind::address::cut(text)
}

/// Reads the ids of other monitors: sorted, each once. Whether they exist is the use case's business.
#[cfg(feature = "ssr")]
pub(crate) fn parse_ids(text: &str, most: usize) -> Result<Vec<MonitorId>, String> {
    let mut ids = text
        .split([',', '\n', ' '])
        .filter(|id| !id.is_empty())
        .map(|id| id.parse::<MonitorId>().map_err(|_| format!("“{}” is not the id of a monitor.", cut(id))))
        .collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > most { Err(format!("Choose at most {most} monitors.")) } else { Ok(ids) }
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
mod judge;
#[cfg(feature = "ssr")]
mod shown;
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
