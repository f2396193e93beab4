//! What is told: the facts of one event, as they were when it happened. A notice is kept as it is, so that a monitor that is renamed or
//! deleted meanwhile changes nothing of what was said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::{Event, Severity};
use crate::id::{AccountId, IncidentId, MonitorId, ScheduleId, SpaceId};
use crate::time::Timestamp;
use crate::webhook::OccurrenceId;
use crate::words;

/// Notices that one message tells one by one; more of them are counted.
pub const TOLD_MAX: usize = 50;
/// The cause of what an incident did by itself.
pub const AUTOMATIC: &str = "automatic";
/// Of so many that are only counted, it is still known what they are about.
const COUNTED_MAX: usize = 2_000;

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The monitor; none for what is about something else, such as a channel.
    pub monitor: Option<MonitorId>,
    /// The scheduled webhook, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
    /// The run of the webhook, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<OccurrenceId>,
    /// What people call it.
    pub name: String,
    /// The stable name of its kind: that of a monitor's kind, or `channel`, `webhook`, `incident`, `node`, `space`.
    pub kind: String,
    /// What is checked, in full: `GET https://example.com/`.
    pub target: String,
    /// The tags of the monitor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Subject {
    /// Something that has a kind and a name, and is neither a monitor nor a webhook.
    pub fn named(kind: &str, name: String) -> Self {
        Self { monitor: None, schedule: None, run: None, name, kind: kind.to_owned(), target: String::new(), tags: Vec::new() }
    }
}

/// The facts of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// Where.
    pub space: SpaceId,
    /// What people call the space.
    pub space_name: String,
    /// To what.
    pub subject: Subject,
    /// The incident that it opened, belongs to or ended.
    pub incident: Option<IncidentId>,
    /// When it began: the first failure of the confirmed run, the first success after it.
    pub at: Timestamp,
    /// When it was certain.
    pub decided_at: Timestamp,
    /// The stable name of the cause, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The cause in a sentence: `api.acme.dev answered 503 Service Unavailable`. Empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// How long what ended had lasted, in milliseconds: of a recovery, the down time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasted_ms: Option<u64>,
    /// Which reminder of it this is; 0 when it is told for the first time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reminder: u32,
    /// Which step of an escalation this is; 0 when it is told to those who are told first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub step: u32,
    /// Who did it, where a person did: they are not told of their own deeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Notice {
    /// The news in a line: `Checkout API is down`.
    pub fn headline(&self) -> String {
        let name = &self.subject.name;
        let said = match self.event {
            Event::Down => format!("{name} is down"),
            Event::Up => match self.lasted_ms {
                Some(ms) => format!("{name} is up again after {}", words::duration_ms(ms)),
                None => format!("{name} is up again"),
            },
            Event::Degraded => format!("{name} is degraded"),
            Event::Flapping => format!("{name} is flapping"),
            Event::Expiring => format!("{name} expires soon"),
            Event::Late if self.cause.as_deref() == Some("late") => format!("{name} did not report in time"),
            Event::Late => format!("{name} failed"),
            Event::Unwatched => format!("Nobody is watching {name}"),
            Event::WebhookFailing => match self.cause.as_deref() {
                Some("disabled") => format!("{name} has switched itself off"),
                Some("will_disable") => format!("{name} will soon switch itself off"),
                _ => format!("{name} failed"),
            },
            Event::WebhookRecovered => format!("{name} succeeded again"),
            Event::WebhookMissed => format!("{name} did not run"),
            Event::ChannelFailing => format!("{name} does not take messages"),
            Event::NodeLost => format!("{name} is gone"),
            Event::IncidentOpened if self.cause.as_deref() == Some("reopened") => format!("Incident reopened: {name}"),
            Event::IncidentOpened => format!("Incident opened: {name}"),
            Event::IncidentAcknowledged => format!("Incident acknowledged: {name}"),
            Event::IncidentCommented => format!("Incident commented: {name}"),
            Event::IncidentResolved => format!("Incident resolved: {name}"),
            Event::DailyDigest | Event::WeeklyDigest => name.clone(),
        };
        match (self.reminder, self.step) {
            (0, 0) => said,
            (0, _) => format!("Nobody has acknowledged: {said}"),
            _ => format!("Still: {said}"),
        }
    }
}

impl Notice {
    /// Whether the change of a monitor tells the same: an incident that opened or ended by itself. Machines that follow incidents are told of
    /// it, people are not told twice.
    pub fn is_said_by_a_change(&self) -> bool {
        matches!(self.event, Event::IncidentOpened | Event::IncidentResolved) && self.cause.as_deref() == Some(AUTOMATIC)
    }

    /// Whether it is told only when it has lasted as long as its rule wants.
    pub fn may_end_untold(&self) -> bool {
        self.event.opens() || (self.event == Event::IncidentOpened && self.is_said_by_a_change())
    }

    /// The cause in a sentence. Of a recovery it is what was wrong, without the advice that came with it.
    pub fn said(&self) -> String {
        match self.event {
            Event::Up if !self.detail.is_empty() => {
                let sentence = self.detail.split_once(". ").map_or(self.detail.as_str(), |(first, _)| first);
                format!("What was wrong: {}.", sentence.trim_end_matches('.'))
            }
            _ => self.detail.clone(),
        }
    }
}

/// What is kept of a notice that is only counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// What happened.
    #[serde(rename = "e")]
    pub event: Event,
    /// To which monitor.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<MonitorId>,
    /// In which incident.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// When it was certain.
    #[serde(rename = "t")]
    pub decided_at: Timestamp,
}

/// What one message tells: at least one notice, in the order in which they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Told one by one, at most [`TOLD_MAX`].
    pub notices: Vec<Notice>,
    /// So many more are only counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u32,
    /// What those are about, so that a headline can say how many monitors are down, and a link can acknowledge all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<Counted>,
}

impl Content {
    /// One notice.
    pub fn of(notice: Notice) -> Self {
        Self { notices: vec![notice], more: 0, counted: Vec::new() }
    }

    /// Takes up another one's notices, which happened before or after; the oldest are told one by one.
    pub fn absorb(&mut self, other: Self) {
        self.notices.extend(other.notices);
        self.notices.sort_by_key(|notice| (notice.decided_at, notice.at));
        let over = self.notices.split_off(self.notices.len().min(TOLD_MAX));
        self.more = self.more.saturating_add(other.more).saturating_add(u32::try_from(over.len()).unwrap_or(u32::MAX));
        self.counted.extend(other.counted);
        self.counted.extend(over.into_iter().map(|notice| Counted {
            event: notice.event,
            monitor: notice.subject.monitor,
            incident: notice.incident,
            decided_at: notice.decided_at,
        }));
        self.counted.sort_by_key(|counted| counted.decided_at);
        self.counted.truncate(COUNTED_MAX);
    }

    /// How many notices there are.
    pub fn count(&self) -> usize {
        self.notices.len().saturating_add(usize::try_from(self.more).unwrap_or(usize::MAX))
    }

    /// The notice that decides how urgent the message is: the newest of what is told, unless there are several subjects.
    pub fn last(&self) -> Option<&Notice> {
        self.notices.last()
    }

    /// The news in a line: of one subject its own, of several how many are down and how many are up again.
    pub fn headline(&self) -> String {
        let Some(last) = self.last() else { return "Nothing to tell".to_owned() };
        if self.is_about_one() {
            return last.headline();
        }
        let ends = self.ends();
        let down = ends.values().filter(|(_, event)| event.opens()).count();
        let up = ends.values().filter(|(_, event)| *event == Event::Up).count();
        let space = &last.space_name;
        let all_known = usize::try_from(self.more).is_ok_and(|more| more == self.counted.len());
        match (down, up) {
            _ if !all_known || down + up < ends.len() => format!("{} in {space}", words::count(self.count(), "alert", "alerts")),
            (down, 0) => format!("{} down in {space}", words::count(down, "monitor is", "monitors are")),
            (0, up) => format!("{} up again in {space}", words::count(up, "monitor is", "monitors are")),
            (down, up) => format!("{down} down, {up} up again in {space}"),
        }
    }

    /// What happened last to each subject, with its instant. Those that have neither a monitor nor a name are told apart by their place.
    fn ends(&self) -> BTreeMap<(Option<MonitorId>, String), (Timestamp, Event)> {
        let mut ends: BTreeMap<(Option<MonitorId>, String), (Timestamp, Event)> = BTreeMap::new();
        let told = self.notices.iter().map(|notice| {
            let subject = &notice.subject;
            let name = if subject.monitor.is_some() { String::new() } else { subject.name.clone() };
            ((subject.monitor, name), (notice.decided_at, notice.event))
        });
        let counted = self.counted.iter().enumerate().map(|(n, counted)| {
            let name = if counted.monitor.is_some() { String::new() } else { format!("\n{n}") };
            ((counted.monitor, name), (counted.decided_at, counted.event))
        });
        for (subject, end) in told.chain(counted) {
            let last = ends.entry(subject).or_insert(end);
            if last.0 <= end.0 {
                *last = end;
            }
        }
        ends
    }

    /// The incidents that it tells of, each once.
    pub fn incidents(&self) -> Vec<IncidentId> {
        self.incidents_with_end().into_iter().map(|(id, _)| id).collect()
    }

    /// Those of them whose end it does not tell.
    pub fn open_incidents(&self) -> Vec<IncidentId> {
        self.incidents_with_end().into_iter().filter(|(_, over)| !over).map(|(id, _)| id).collect()
    }

    fn incidents_with_end(&self) -> Vec<(IncidentId, bool)> {
        let told = self.notices.iter().map(|notice| (notice.incident, notice.event));
        let all = told.chain(self.counted.iter().map(|counted| (counted.incident, counted.event)));
        let (mut found, mut places): (Vec<(IncidentId, bool)>, BTreeMap<IncidentId, usize>) = (Vec::new(), BTreeMap::new());
        for (id, event) in all.filter_map(|(id, event)| Some((id?, event))) {
            let place = *places.entry(id).or_insert_with(|| {
                found.push((id, false));
                found.len() - 1
            });
            if let Some((_, over)) = found.get_mut(place) {
                *over |= matches!(event, Event::Up | Event::IncidentResolved);
            }
        }
        found
    }

    /// The notices as they are told: of several subjects what is broken first, otherwise in the order in which it happened.
    pub fn told(&self) -> Vec<&Notice> {
        let mut all: Vec<&Notice> = self.notices.iter().collect();
        if !self.is_about_one() {
            all.sort_by_key(|notice| !notice.event.opens());
        }
        all
    }

    /// Whether all of it is about one subject.
    pub fn is_about_one(&self) -> bool {
        let mut subjects = self.notices.iter().map(|notice| (notice.subject.monitor, notice.subject.name.as_str()));
        let first = subjects.next();
        self.more == 0 && subjects.all(|subject| Some(subject) == first)
    }

    /// How urgent it is: of one subject, as it stands now; of several, as the worst of them.
    pub fn severity(&self) -> Severity {
        let of = |notice: &Notice| notice.event.severity();
        if self.is_about_one() { self.last().map(of) } else { self.notices.iter().map(of).max() }.unwrap_or(Severity::Info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(event: Event, name: &str, ms: i64) -> Notice {
        let at = Timestamp::from_millis(ms);
        let subject = Subject::named("http", name.into());
        let (cause, detail) = (None, String::new());
        let space = SpaceId::new(at, 1);
        Notice {
            event,
            space,
            space_name: "Acme".into(),
            subject,
            incident: None,
            at,
            decided_at: at,
            cause,
            detail,
            lasted_ms: None,
            reminder: 0,
            step: 0,
            by: None,
        }
    }

    #[test]
    fn what_is_absorbed_is_told_in_order_and_counted_beyond_the_most() {
        let mut content = Content::of(notice(Event::Up, "a", 2_000));
        content.absorb(Content::of(notice(Event::Down, "a", 1_000)));
        assert_eq!(content.notices.iter().map(|n| n.event).collect::<Vec<_>>(), [Event::Down, Event::Up]);
        assert_eq!((content.is_about_one(), content.severity()), (true, Severity::Resolved));
        for n in 0..100 {
            content.absorb(Content::of(notice(Event::Down, &format!("m{n}"), 3_000 + n)));
        }
        assert_eq!((content.notices.len(), content.count()), (TOLD_MAX, 102));
        assert_eq!((content.is_about_one(), content.severity()), (false, Severity::Critical));
    }

    #[test]
    fn a_storm_is_told_by_how_many_are_down_and_knows_all_its_incidents() {
        let of = |event, n: i64, at: i64| {
            let mut notice = notice(event, &format!("m{n}"), at);
            notice.subject.monitor = Some(MonitorId::new(Timestamp::from_millis(1), u128::from(n.unsigned_abs())));
            notice.incident = Some(IncidentId::new(Timestamp::from_millis(1), u128::from(n.unsigned_abs())));
            Content::of(notice)
        };
        let mut content = of(Event::Down, 0, 1_000);
        (1..500).for_each(|n| content.absorb(of(Event::Down, n, 1_000 + n)));
        assert_eq!(content.headline(), "500 monitors are down in Acme");
        assert_eq!((content.incidents().len(), content.open_incidents().len()), (500, 500));
        (0..3).for_each(|n| content.absorb(of(Event::Up, n, 9_000)));
        assert_eq!(content.headline(), "497 down, 3 up again in Acme");
        assert_eq!((content.incidents().len(), content.open_incidents().len(), content.count()), (500, 497, 503));
    }

    #[test]
    fn several_are_counted_and_what_is_broken_comes_first() {
        let mut content = Content::of(notice(Event::Up, "a", 1_000));
        content.absorb(Content::of(notice(Event::Up, "b", 2_000)));
        assert_eq!(content.headline(), "2 monitors are up again in Acme");
        content.absorb(Content::of(notice(Event::Down, "c", 3_000)));
        assert_eq!((content.headline().as_str(), content.told()[0].subject.name.as_str()), ("1 down, 2 up again in Acme", "c"));
        content.absorb(Content::of(notice(Event::Degraded, "d", 4_000)));
        assert_eq!(content.headline(), "4 alerts in Acme");
        let both = Notice { detail: "api answered 503. Check the service.".into(), ..notice(Event::Up, "a", 0) };
        assert_eq!(both.said(), "What was wrong: api answered 503.");
    }

    #[test]
    fn headlines_say_what_is_the_case() {
        let mut up = notice(Event::Up, "Checkout API", 0);
        up.lasted_ms = Some(360_000);
        assert_eq!(up.headline(), "Checkout API is up again after 6 min");
        let late = Notice { cause: Some("late".into()), ..notice(Event::Late, "Backup", 0) };
        assert_eq!(late.headline(), "Backup did not report in time");
        assert_eq!(Notice { reminder: 2, ..notice(Event::Down, "A", 0) }.headline(), "Still: A is down");
    }
}
