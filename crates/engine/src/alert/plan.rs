//! Who is told of a notice: pure, from the rules and people of its space. Called by the recorder before it commits the notice, so that what is
//! to be told is written with what happened.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::alert::rule::{Audience, Belongs};
use domain::alert::{Content, Destination, Event, Incident, Message, MessageState, Notice, Purpose, RuleSpec, Way};
use domain::{IncidentId, MessageId, RuleId, Timestamp};
use sha2::{Digest, Sha256};

use super::directory::SpaceDirectory;

/// What is to be told, and why.
pub(crate) struct Telling<'a> {
    pub notice: &'a Notice,
    /// News, a recovery or an acknowledgement; reminders and escalation follow from news.
    pub purpose: Purpose,
    pub belongs: Belongs<'a>,
    /// Single changes say little now: whoever is told that it flaps is not told of each.
    pub flapping: bool,
    /// The incident that it is about.
    pub incident: Option<&'a Incident>,
    /// Only systems that keep incidents themselves need to know.
    pub systems_only: bool,
}

impl Telling<'_> {
    /// Whether it is about what an incident is about, which begins and ends once: the change of a monitor, or the incident itself when somebody
    /// opened it by hand.
    fn is_of_the_matter(&self) -> bool {
        self.incident.is_some_and(|incident| !self.notice.event.is_of_incident() || incident.monitor.is_none())
    }

    /// Whether it is the beginning of that.
    fn begins(&self) -> bool {
        self.is_of_the_matter() && matches!(self.notice.event, Event::Down | Event::Late | Event::IncidentOpened)
    }
}

/// An id that follows from what is told and to whom.
pub(crate) fn message_id(at: Timestamp, subject: &str, to: &Destination, purpose: Purpose, nth: u32) -> MessageId {
    let digest = Sha256::digest(format!("{subject} {to} {purpose:?} {nth}").as_bytes());
    let random = digest.iter().take(10).fold(0u128, |bits, byte| (bits << 8) | u128::from(*byte));
    MessageId::new(at, random)
}

/// The messages of a notice, one for each destination and purpose.
pub(crate) fn plan(directory: &SpaceDirectory, telling: &Telling<'_>, now: Timestamp) -> Vec<Message> {
    let mut planned = Planned { telling, now, messages: BTreeMap::new() };
    for rule in directory.rules.iter().filter(|rule| rule.enabled && rule.spec.tells(telling.notice, telling.belongs)) {
        let spec = &rule.spec;
        let delay = if telling.notice.may_end_untold() && telling.purpose == Purpose::News { spec.delay } else { Duration::ZERO };
        for to in destinations(directory, telling, spec, &spec.to) {
            planned.add(rule.id, spec, to.clone(), telling.purpose, 0, delay);
            if telling.purpose == Purpose::News
                && telling.begins()
                && let Some(pause) = spec.reminder_pause(1)
                && !directory.is_by_incident(&to)
            {
                planned.add(rule.id, spec, to, Purpose::Reminder, 1, delay.saturating_add(pause));
            }
        }
        if !telling.is_of_the_matter() {
            continue;
        }
        for (step, nth) in spec.steps.iter().zip(1..) {
            for to in destinations(directory, telling, spec, &step.to) {
                match telling.purpose {
                    Purpose::News if telling.begins() => planned.add(rule.id, spec, to, Purpose::Escalation, nth, step.after),
                    // They are told the end only when they were told the beginning.
                    Purpose::Recovery => planned.end_of_escalation(rule.id, spec, to, nth),
                    _ => {}
                }
            }
        }
    }
    planned.messages.into_values().collect()
}

/// Where an audience is reached.
fn destinations(directory: &SpaceDirectory, telling: &Telling<'_>, spec: &RuleSpec, audience: &Audience) -> Vec<Destination> {
    let event = telling.notice.event;
    let change = matches!(event, Event::Down | Event::Up | Event::Late);
    let mut found = Vec::new();
    for id in audience.channels.iter().filter(|id| directory.takes(id)) {
        let to = Destination::Channel(*id);
        let system = directory.is_by_incident(&to);
        let told_of_flapping = telling.flapping && change && spec.events.has(Event::Flapping);
        let wanted = if system {
            // What begins and ends there under one key.
            (telling.is_of_the_matter() && event != Event::IncidentCommented) || event.is_of_failing_webhook()
        } else {
            !telling.systems_only && !told_of_flapping
        };
        if wanted {
            found.push(to);
        }
    }
    if audience.people && !telling.systems_only && !telling.notice.is_said_by_a_change() {
        for person in directory.people.iter().filter(|person| Some(person.account) != telling.notice.by) {
            for way in [Way::Email, Way::Push].into_iter().filter(|way| directory.reaches(person, *way)) {
                let events = person.preferences.of(way);
                let told_of_flapping = telling.flapping && change && events.has(Event::Flapping);
                if events.asks_for(event) && !told_of_flapping {
                    found.push(Destination::Person(person.account, way));
                }
            }
        }
    }
    found
}

/// Why a message waits for the end of the quiet hours of its rule.
const QUIET: &str = "Quiet hours: it is sent when they end.";

struct Planned<'a> {
    telling: &'a Telling<'a>,
    now: Timestamp,
    messages: BTreeMap<MessageId, Message>,
}

impl Planned<'_> {
    /// What names the thing that is told about.
    fn subject(&self) -> String {
        let notice = self.telling.notice;
        match self.telling.incident {
            Some(incident) => match notice.event {
                // The end names the same as the beginning, and something else than the change of the monitor.
                Event::IncidentOpened | Event::IncidentResolved => format!("{} itself", incident.id),
                event if event.is_of_incident() => format!("{} {}", incident.id, event.name()),
                _ => incident.id.to_string(),
            },
            None => format!("{} {} {:?} {}", notice.space, notice.event.name(), notice.subject.monitor, notice.subject.name),
        }
    }

    fn id(&self, to: &Destination, purpose: Purpose, nth: u32) -> MessageId {
        let notice = self.telling.notice;
        // What an incident begins with is found again when it ends.
        let again =
            notice.cause.as_deref() == Some("reopened") || matches!(notice.event, Event::IncidentAcknowledged | Event::IncidentCommented);
        let at = match (self.telling.incident, purpose) {
            (Some(incident), Purpose::News | Purpose::Reminder | Purpose::Escalation) if !again => incident.confirmed_at,
            _ => notice.decided_at,
        };
        message_id(at, &self.subject(), to, purpose, nth)
    }

    fn add(&mut self, rule: RuleId, spec: &RuleSpec, to: Destination, purpose: Purpose, nth: u32, delay: Duration) {
        let follows = matches!(purpose, Purpose::Recovery | Purpose::Acknowledgement)
            .then(|| self.telling.incident.map(|_| self.id(&to, Purpose::News, 0)))
            .flatten()
            // A rule that tells of recoveries alone has nothing that could come before.
            .filter(|_| match self.telling.notice.event {
                event if event.is_of_incident() => spec.events.has(Event::IncidentOpened),
                _ => spec.events.asks_for(Event::Down) || spec.events.has(Event::Late),
            });
        self.put(rule, spec, to, purpose, nth, delay, follows);
    }

    fn end_of_escalation(&mut self, rule: RuleId, spec: &RuleSpec, to: Destination, nth: u32) {
        let news = self.id(&to, Purpose::Recovery, 0);
        if !self.messages.contains_key(&news) {
            let follows = Some(self.id(&to, Purpose::Escalation, nth));
            self.put(rule, spec, to, Purpose::Recovery, 0, Duration::ZERO, follows);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "they are what a message is made of")]
    fn put(
        &mut self,
        rule: RuleId,
        spec: &RuleSpec,
        to: Destination,
        purpose: Purpose,
        nth: u32,
        delay: Duration,
        follows: Option<MessageId>,
    ) {
        let notice = self.telling.notice;
        let id = self.id(&to, purpose, nth);
        let planned_at = notice.decided_at.max(self.now).plus(delay);
        let due_at = spec.waits_until(planned_at);
        // Of two rules that tell the same to the same, the earlier one counts.
        if self.messages.get(&id).is_some_and(|known| known.due_at <= due_at) {
            return;
        }
        let (reminder, step) = match purpose {
            Purpose::Reminder => (nth, 0),
            Purpose::Escalation => (0, nth),
            _ => (0, 0),
        };
        let content = Content::of(Notice { reminder, step, ..notice.clone() });
        let incident: Option<IncidentId> = self.telling.incident.map(|incident| incident.id);
        let message = Message {
            id,
            space: notice.space,
            to,
            rule: Some(rule),
            incident,
            purpose,
            content,
            mail: None,
            follows,
            nth,
            state: MessageState::Waiting,
            note: if due_at > planned_at { QUIET.to_owned() } else { String::new() },
            planned_at,
            due_at,
            attempts: 0,
            claim: None,
            ended_at: None,
        };
        self.messages.insert(id, message);
    }
}
