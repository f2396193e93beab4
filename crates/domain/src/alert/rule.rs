//! Rules: which events of which monitors are told where, how soon, how often again, and to whom next when nobody acknowledges.
//!
//! Called by the engine, which matches every notice against the rules of its space before it commits it, by pages and REST.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::events::Events;
use super::notice::Notice;
use crate::id::{ChannelId, MonitorId, RuleId, SpaceId};
use crate::time::Timestamp;

#[cfg(feature = "ssr")]
mod quiet;
#[cfg(feature = "ssr")]
mod validate;

/// Rules of one space, at most.
pub const RULES_MAX: usize = 100;
/// Steps of an escalation, at most.
pub const STEPS_MAX: usize = 3;
/// The longest delay before something is told.
pub const DELAY_MAX: Duration = Duration::from_secs(86_400);
/// The shortest pause between reminders.
pub const REMINDER_MIN: Duration = Duration::from_secs(60);
/// Pauses between reminders double up to this one.
pub const REMINDER_MAX: Duration = Duration::from_secs(86_400);

/// Which monitors a rule is for: those that all filled conditions fit. Nothing filled: all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Matching {
    /// With any of these tags.
    pub tags: Vec<String>,
    /// One of these.
    pub monitors: Vec<MonitorId>,
    /// A member of one of these groups, or the group itself.
    pub groups: Vec<MonitorId>,
    /// With a name like this; `*` stands for anything. Empty: any name.
    pub name: String,
    /// Of one of these kinds.
    pub kinds: Vec<String>,
}

/// Whom a message is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// The members of the space, each as they prefer.
    pub people: bool,
    /// Channels.
    pub channels: Vec<ChannelId>,
}

/// Somebody else is told when nobody has acknowledged after a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// So long after it was certain.
    pub after: Duration,
    /// Who.
    pub to: Audience,
}

/// Hours in which nothing is sent; it waits for their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight; before `from`: the next morning.
    pub to: u16,
}

/// Valid settings of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSpec {
    /// What people call it.
    pub name: String,
    /// Which monitors it is for.
    pub matching: Matching,
    /// Of which events.
    pub events: Events,
    /// Who is told first.
    pub to: Audience,
    /// So long it has to last before it is told; what ends earlier is not told at all.
    #[serde(default)]
    pub delay: Duration,
    /// It is told again after this pause, then after twice as long, and so on, until somebody acknowledges.
    #[serde(default)]
    pub reminder: Option<Duration>,
    /// Nothing is sent in these hours.
    #[serde(default)]
    pub quiet: Option<Quiet>,
    /// The zone of the quiet hours and of the times that messages tell: an IANA name.
    pub zone: String,
    /// Who is told next.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// A rule of a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id; the id's instant is its creation.
    pub id: RuleId,
    /// Who owns it.
    pub space: SpaceId,
    /// Its settings.
    pub spec: RuleSpec,
    /// False: it sends nothing.
    pub enabled: bool,
    /// The last change of its settings.
    pub updated_at: Timestamp,
}

/// A rule as a form or an API client wrote it. An empty text means: the default. The field names are the form's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleDraft {
    /// What people call it. Empty: its events in words.
    pub name: String,
    /// `on`; anything else: it sends nothing.
    pub enabled: String,
    /// Separated by commas.
    pub tags: String,
    /// Ids, separated by commas; in a form, names, one a line.
    pub monitors: String,
    /// The same, of groups.
    pub groups: String,
    /// A name with `*` for anything.
    pub like: String,
    /// Names of kinds.
    pub kinds: Vec<String>,
    /// Names of events.
    pub events: Vec<String>,
    /// Ids of channels, and `people` for the members of the space.
    pub to: Vec<String>,
    /// `5 min`; a bare number is minutes.
    pub delay: String,
    /// `30 min`; a bare number is minutes. Empty: no reminders.
    pub reminder: String,
    /// `22:00`. Empty: no quiet hours.
    pub quiet_from: String,
    /// `07:00`.
    pub quiet_to: String,
    /// An IANA name. Empty: `UTC`.
    pub zone: String,
    /// `15 min`; a bare number is minutes. Empty: no such step.
    pub after1: String,
    /// As `to`.
    pub to1: Vec<String>,
    /// The second step.
    pub after2: String,
    /// As `to`.
    pub to2: Vec<String>,
    /// The third step.
    pub after3: String,
    /// As `to`.
    pub to3: Vec<String>,
}

/// The word for the members of the space among the ids of channels.
pub const PEOPLE: &str = "people";

/// What is known of a subject that rules choose by, beside the notice.
#[derive(Debug, Clone, Copy, Default)]
pub struct Belongs<'a> {
    /// The groups that a monitor is a member of.
    pub groups: &'a [MonitorId],
}

impl Matching {
    /// Whether a notice is about something that is meant. What is about no monitor, such as a webhook, has tags and a name, too; it is of no kind
    /// and no group, and not meant by rules that name some.
    pub fn fits(&self, notice: &Notice, belongs: Belongs<'_>) -> bool {
        let subject = &notice.subject;
        let Some(monitor) = subject.monitor else {
            let of_monitors = Self { tags: Vec::new(), name: String::new(), ..self.clone() };
            let tagged = self.tags.is_empty() || self.tags.iter().any(|tag| subject.tags.contains(tag));
            let named = self.name.is_empty() || like(&self.name.to_lowercase(), &subject.name.to_lowercase());
            return of_monitors == Self::default() && tagged && named;
        };
        let tagged = self.tags.is_empty() || self.tags.iter().any(|tag| subject.tags.contains(tag));
        let chosen = self.monitors.is_empty() || self.monitors.contains(&monitor);
        let grouped = self.groups.is_empty() || self.groups.contains(&monitor) || self.groups.iter().any(|g| belongs.groups.contains(g));
        let named = self.name.is_empty() || like(&self.name.to_lowercase(), &subject.name.to_lowercase());
        let kind = self.kinds.is_empty() || self.kinds.contains(&subject.kind);
        tagged && chosen && grouped && named && kind
    }
}

impl Audience {
    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        !self.people && self.channels.is_empty()
    }

    /// As forms and drafts write it.
    pub fn words(&self) -> Vec<String> {
        let people = self.people.then(|| PEOPLE.to_owned());
        people.into_iter().chain(self.channels.iter().map(ToString::to_string)).collect()
    }
}

impl RuleSpec {
    /// Whether it tells of a notice.
    pub fn tells(&self, notice: &Notice, belongs: Belongs<'_>) -> bool {
        self.events.asks_for(notice.event) && self.matching.fits(notice, belongs)
    }

    /// The pause before a reminder, counted from 1: each is twice as long as the one before.
    pub fn reminder_pause(&self, nth: u32) -> Option<Duration> {
        let first = self.reminder?;
        let factor = 2u32.checked_pow(nth.saturating_sub(1)).unwrap_or(u32::MAX);
        Some(first.checked_mul(factor).unwrap_or(REMINDER_MAX).min(REMINDER_MAX.max(first)))
    }
}

/// Whether a text is like a pattern in which `*` stands for anything. Linear in the text for each star.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

impl Rule {
    /// The rule that a new space begins with: its members are told of everything that matters, each as they prefer.
    pub fn first(id: RuleId, space: SpaceId) -> Self {
        let quiet = [Event::Degraded, Event::DailyDigest, Event::WeeklyDigest];
        let spec = RuleSpec {
            name: "Everything important, to the members".into(),
            matching: Matching::default(),
            events: Event::ALL.into_iter().filter(|event| !quiet.contains(event)).collect(),
            to: Audience { people: true, channels: Vec::new() },
            delay: Duration::ZERO,
            reminder: None,
            quiet: None,
            zone: "UTC".into(),
            steps: Vec::new(),
        };
        Self { id, space, spec, enabled: true, updated_at: id.created_at() }
    }

    /// What a form shows to edit it.
    pub fn draft(&self) -> RuleDraft {
        let RuleSpec { name, matching, events, to, delay, reminder, quiet, zone, steps } = &self.spec;
        let ids = |ids: &[MonitorId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let span = |span: &Duration| if span.is_zero() { String::new() } else { crate::monitor::spell(*span) };
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let after = |n: usize| steps.get(n).map(|step| span(&step.after)).unwrap_or_default();
        let step = |n: usize| steps.get(n).map(|step| step.to.words()).unwrap_or_default();
        RuleDraft {
            name: name.clone(),
            enabled: if self.enabled { "on".into() } else { String::new() },
            tags: matching.tags.join(", "),
            monitors: ids(&matching.monitors),
            groups: ids(&matching.groups),
            like: matching.name.clone(),
            kinds: matching.kinds.clone(),
            events: events.iter().map(|event| event.name().to_owned()).collect(),
            to: to.words(),
            delay: span(delay),
            reminder: reminder.as_ref().map(span).unwrap_or_default(),
            quiet_from: quiet.map(|quiet| clock(quiet.from)).unwrap_or_default(),
            quiet_to: quiet.map(|quiet| clock(quiet.to)).unwrap_or_default(),
            zone: zone.clone(),
            after1: after(0),
            to1: step(0),
            after2: after(1),
            to2: step(1),
            after3: after(2),
            to3: step(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_with_stars() {
        for (pattern, text, fits) in [
            ("api*", "api.acme.dev", true),
            ("*acme*", "api.acme.dev", true),
            ("*.dev", "api.acme.dev", true),
            ("api", "api.acme.dev", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
            ("ab*ba", "aba", false),
            ("*", "", true),
            ("a**b", "ab", true),
        ] {
            assert_eq!(like(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn reminders_come_twice_as_late_each_time_up_to_a_day() {
        let spec = RuleSpec {
            name: String::new(),
            matching: Matching::default(),
            events: Events::NONE,
            to: Audience::default(),
            delay: Duration::ZERO,
            reminder: Some(Duration::from_secs(1_800)),
            quiet: None,
            zone: "UTC".into(),
            steps: Vec::new(),
        };
        let minutes = |n| spec.reminder_pause(n).map(|pause| pause.as_secs() / 60);
        assert_eq!((minutes(1), minutes(2), minutes(3), minutes(40)), (Some(30), Some(60), Some(120), Some(1_440)));
    }
}
