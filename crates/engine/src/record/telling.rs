//! What the recorder tells: the facts of a monitor or an incident as a notice, and the messages that follow from it, written with what
//! happened in one transaction.

use std::sync::Arc;

use domain::alert::rule::Belongs;
use domain::alert::{Event, Incident, Notice, Purpose, Subject};
use domain::{AccountId, MonitorId, Timestamp};

use super::Recorder;
use crate::alert::{Telling, plan};
use crate::board::Entry;

/// The cause of what a person did to an incident.
pub(super) const PERSON: &str = "person";

impl Recorder {
    /// Tells of an incident itself. What it did by itself is also told as the change of its monitor: see [`Notice::is_said_by_a_change`].
    pub(super) fn tell_of(
        &mut self,
        incident: &Incident,
        event: Event,
        (at, decided_at): (Timestamp, Timestamp),
        (cause, by): (&str, Option<AccountId>),
        detail: String,
    ) {
        let directory = self.directory.of(incident.space);
        let entries: Vec<Arc<Entry>> = incident.affected.iter().filter_map(|affected| self.board.find(affected.monitor)).collect();
        let own = incident.monitor.and_then(|monitor| self.board.find(monitor));
        let subject = match &own {
            Some(entry) => subject_of(entry),
            None => {
                // What was opened by hand has the tags of all that it affects, so that a rule for one of them hears of it.
                let mut tags: Vec<String> = entries.iter().flat_map(|entry| entry.plan().monitor.spec.tags.clone()).collect();
                tags.sort_unstable();
                tags.dedup();
                Subject { monitor: incident.monitor, tags, ..Subject::named("incident", incident.title.clone()) }
            }
        };
        let ends = event == Event::IncidentResolved;
        let notice = Notice {
            event,
            space: incident.space,
            space_name: directory.name.clone(),
            subject,
            incident: Some(incident.id),
            at,
            decided_at,
            cause: Some(cause.to_owned()),
            detail,
            lasted_ms: ends.then(|| u64::try_from(at.since(incident.began_at).as_millis()).unwrap_or(u64::MAX)),
            reminder: 0,
            step: 0,
            by,
        };
        let groups: Vec<MonitorId> =
            entries.iter().flat_map(|entry| self.board.groups_of(incident.space, entry.id)).map(|group| group.id).collect();
        let purpose = if ends { Purpose::Recovery } else { Purpose::News };
        self.push(&directory, notice, purpose, Some(incident), Belongs { groups: &groups }, false, false);
    }

    /// Tells systems that keep incidents themselves what a person did.
    pub(super) fn tell_systems(&mut self, incident: &Incident, at: Timestamp, purpose: Purpose, why: &str) {
        let Some(monitor) = incident.monitor else { return };
        let Some(entry) = self.board.find(monitor) else { return };
        let event = if purpose == Purpose::Recovery { Event::Up } else { incident.event.unwrap_or(Event::Down) };
        let notice = self.notice(&entry, event, (at, at), None, why.to_owned());
        let notice = Notice { incident: Some(incident.id), cause: Some(PERSON.into()), ..notice };
        self.tell(notice, purpose, monitor, Some(incident), true);
    }

    pub(super) fn notice(
        &self,
        entry: &Entry,
        event: Event,
        (at, decided_at): (Timestamp, Timestamp),
        cause: Option<&'static str>,
        detail: String,
    ) -> Notice {
        Notice {
            event,
            space: entry.space,
            space_name: self.directory.of(entry.space).name.clone(),
            subject: subject_of(entry),
            incident: None,
            at,
            decided_at,
            cause: cause.map(str::to_owned),
            detail,
            lasted_ms: None,
            reminder: 0,
            step: 0,
            by: None,
        }
    }

    /// Plans who is told of something about a monitor.
    pub(super) fn tell(&mut self, notice: Notice, purpose: Purpose, monitor: MonitorId, incident: Option<&Incident>, systems_only: bool) {
        let groups: Vec<MonitorId> = self.board.groups_of(notice.space, monitor).iter().map(|group| group.id).collect();
        let flapping = self.board.find(monitor).is_some_and(|entry| entry.standing().flapping.since().is_some());
        let directory = self.directory.of(notice.space);
        self.push(&directory, notice, purpose, incident, Belongs { groups: &groups }, flapping, systems_only);
    }

    #[expect(clippy::too_many_arguments, reason = "they are what is told, about what, and to whom")]
    pub(super) fn push(
        &mut self,
        directory: &crate::alert::SpaceDirectory,
        notice: Notice,
        purpose: Purpose,
        incident: Option<&Incident>,
        belongs: Belongs<'_>,
        flapping: bool,
        systems_only: bool,
    ) {
        let telling = Telling { notice: &notice, purpose, belongs, flapping, incident, systems_only };
        let messages = plan(directory, &telling, self.clock.now());
        self.due.extend(messages.iter().map(|message| (message.to.clone(), message.due_at)));
        self.batch.messages.extend(messages);
        if !systems_only {
            self.news.push(notice.space);
            self.batch.notices.push(notice);
        }
        self.urgent = true;
    }
}

/// What a monitor is called in what is told of it.
fn subject_of(entry: &Entry) -> Subject {
    let plan = entry.plan();
    let monitor = &plan.monitor;
    Subject {
        monitor: Some(entry.id),
        target: monitor.target_line(),
        tags: monitor.spec.tags.clone(),
        ..Subject::named(monitor.spec.kind.name(), monitor.spec.name.clone())
    }
}
