//! Incidents, and who is told of what happens: the recorder's part. What a transition means for people is decided here and written with it, in
//! one transaction.
//!
//! Invariant: a monitor has at most one incident that is not over.

use std::collections::HashMap;
use std::sync::Arc;

use domain::activity::{Activity, Area};
use domain::alert::incident::{AFFECTED_MAX, Affected, By, Happened};
use domain::alert::notice::AUTOMATIC;
use domain::alert::rule::Belongs;
use domain::alert::{Destination, Event, Incident, IncidentEvent, IncidentState, Notice, Purpose, Subject};
use domain::kind::Kind;
use domain::machine::Transition;
use domain::state::State;
use domain::{AccountId, AppError, Code, IncidentId, MonitorId, SpaceId, Timestamp};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::Recorder;
use super::telling::PERSON;
use crate::board::Entry;

/// Days before something ends at which it is told.
const EXPIRY_DAYS: [u32; 4] = [1, 7, 14, 30];

/// Incidents that are not over.
#[derive(Default)]
pub(crate) struct OpenIncidents {
    all: HashMap<IncidentId, Incident>,
    by_monitor: HashMap<MonitorId, IncidentId>,
}

impl OpenIncidents {
    /// Of the rows that say so.
    pub fn of(incidents: Vec<Incident>) -> Self {
        let mut open = Self::default();
        incidents.into_iter().for_each(|incident| open.keep(incident));
        open
    }

    fn of_monitor(&self, monitor: MonitorId) -> Option<&Incident> {
        self.by_monitor.get(&monitor).and_then(|id| self.all.get(id))
    }

    /// Takes note of one as it is now.
    fn keep(&mut self, incident: Incident) {
        if incident.is_open() {
            if let Some(monitor) = incident.monitor {
                self.by_monitor.insert(monitor, incident.id);
            }
            self.all.insert(incident.id, incident);
        } else {
            if let Some(monitor) = incident.monitor.filter(|monitor| self.by_monitor.get(monitor) == Some(&incident.id)) {
                self.by_monitor.remove(&monitor);
            }
            self.all.remove(&incident.id);
        }
    }
}

/// What a person does to an incident.
#[derive(Debug)]
pub(crate) enum IncidentDeed {
    /// They open one.
    Open(Box<Incident>),
    Acknowledge,
    Comment(String),
    Resolve(String),
    Reopen,
    Postmortem(String),
}

/// A person does something to an incident.
pub(crate) struct IncidentOrder {
    pub space: SpaceId,
    pub id: IncidentId,
    pub deed: IncidentDeed,
    /// What people call whoever does it.
    pub who: String,
    /// Their account, when they are known.
    pub by: Option<AccountId>,
    pub done: oneshot::Sender<Result<(), AppError>>,
}

/// Who does it: nobody, when it happens by itself.
#[derive(Clone, Copy, Default)]
struct Doer<'a> {
    name: &'a str,
    account: Option<AccountId>,
}

/// The id of the incident that a transition opens: the same one when the transition is written again.
fn incident_id(monitor: MonitorId, at: Timestamp) -> IncidentId {
    let digest = Sha256::digest(format!("{monitor} {at:?}").as_bytes());
    IncidentId::new(at, digest.iter().take(10).fold(0u128, |bits, byte| (bits << 8) | u128::from(*byte)))
}

impl Recorder {
    /// What a transition means for people.
    pub(super) fn tell_change(&mut self, entry: &Arc<Entry>, change: &Transition, cause: Option<&'static str>) {
        match change.to {
            State::Down => self.went_down(entry, change, cause),
            State::Up | State::Degraded => {
                self.came_back(entry, change);
                if change.to == State::Degraded {
                    let detail = entry.standing().last.as_ref().and_then(|last| last.warning.clone()).unwrap_or_default();
                    let notice = self.notice(entry, Event::Degraded, (change.at, change.decided_at), cause, detail);
                    self.tell(notice, Purpose::News, entry.id, None, false);
                }
            }
            State::Paused => self.nobody_watches(entry, change, "Monitoring was paused."),
            State::Maintenance => self.nobody_watches(entry, change, "A maintenance window began."),
            State::Unreachable => self.suffers(entry, change),
            State::Unknown | State::Pending => {}
        }
    }

    /// The mark of flapping came or went.
    pub(super) fn tell_flapping(&mut self, entry: &Arc<Entry>, now: Timestamp) {
        let (flaps, state) = {
            let standing = entry.standing();
            (standing.flapping.since().is_some(), standing.machine.settled())
        };
        let (event, detail) = match (flaps, state) {
            (true, _) => (Event::Flapping, "It goes down and up so often that single changes are not told until it settles."),
            (false, State::Up | State::Degraded) => (Event::Up, "It has settled."),
            (false, State::Down) => (Event::Down, "It has settled, and is down."),
            (false, _) => return,
        };
        let notice = self.notice(entry, event, (now, now), None, detail.into());
        self.tell(notice, Purpose::News, entry.id, None, false);
    }

    /// What is looked at ends at an instant.
    pub(super) fn tell_expiry(&mut self, entry: &Arc<Entry>, expires_at: Timestamp) {
        let now = self.clock.now();
        let days = expires_at.since(now).as_secs().div_ceil(86_400);
        let threshold = EXPIRY_DAYS.into_iter().find(|threshold| days <= u64::from(*threshold));
        let mut standing = entry.standing();
        let told = standing.told_expiry.filter(|(of, _)| *of == expires_at).map(|(_, threshold)| threshold);
        let Some(threshold) = threshold.filter(|threshold| told.is_none_or(|told| *threshold < told)) else { return };
        standing.told_expiry = Some((expires_at, threshold));
        standing.dirty = true;
        drop(standing);
        self.keep_state(entry);
        let what = if entry.plan().monitor.spec.kind == Kind::Domain { "registration" } else { "certificate" };
        let detail = if expires_at <= now {
            format!("The {what} has expired.")
        } else {
            format!(
                "The {what} ends in {}, on {}.",
                domain::words::count(usize::try_from(days).unwrap_or(0), "day", "days"),
                date(expires_at)
            )
        };
        let notice = self.notice(entry, Event::Expiring, (expires_at, now), Some("expiring"), detail);
        self.tell(notice, Purpose::News, entry.id, None, false);
    }

    /// Nobody watched the monitors of a space for a while.
    pub(super) fn tell_unwatched(&mut self, space: SpaceId, monitors: usize, since: Timestamp, detail: String) {
        let directory = self.directory.of(space);
        let name = domain::words::count(monitors, "monitor", "monitors");
        let subject = Subject::named("space", name);
        let notice = Notice {
            event: Event::Unwatched,
            space,
            space_name: directory.name.clone(),
            subject,
            incident: None,
            at: since,
            decided_at: self.clock.now(),
            cause: None,
            detail,
            lasted_ms: None,
            reminder: 0,
            step: 0,
            by: None,
        };
        self.push(&directory, notice, Purpose::News, None, Belongs::default(), false, false);
    }

    fn went_down(&mut self, entry: &Arc<Entry>, change: &Transition, cause: Option<&'static str>) {
        if self.incidents.of_monitor(entry.id).is_some() {
            return;
        }
        let plan = entry.plan();
        let event = if plan.monitor.spec.kind == Kind::Heartbeat { Event::Late } else { Event::Down };
        let detail = {
            let standing = entry.standing();
            let last = || standing.last.as_ref().and_then(|last| last.error.clone());
            standing.first_failure.clone().or_else(last).unwrap_or_default()
        };
        let id = incident_id(entry.id, change.at);
        let notice = Notice { incident: Some(id), ..self.notice(entry, event, (change.at, change.decided_at), cause, detail.clone()) };
        let incident = Incident {
            id,
            space: entry.space,
            title: notice.headline(),
            event: Some(event),
            monitor: Some(entry.id),
            cause: cause.map(str::to_owned),
            detail: detail.clone(),
            began_at: change.at,
            confirmed_at: change.decided_at,
            state: IncidentState::Open,
            acknowledged: None,
            resolved: None,
            affected: vec![Affected { monitor: entry.id, name: plan.monitor.spec.name.clone(), since: change.at }],
            postmortem: String::new(),
            updated_at: change.decided_at,
        };
        self.note(&incident, IncidentEvent::new(change.at, Happened::Detected, detail));
        self.note(&incident, IncidentEvent::new(change.decided_at, Happened::Confirmed, ""));
        self.tell(notice, Purpose::News, entry.id, Some(&incident), false);
        self.tell_of(&incident, Event::IncidentOpened, (change.at, change.decided_at), (AUTOMATIC, None), incident.detail.clone());
        self.keep_incident(incident);
        // A group is an incident of its own, as rules may be for groups alone; those of its members name it.
        self.affects(plan.members(), entry, change);
    }

    fn came_back(&mut self, entry: &Arc<Entry>, change: &Transition) {
        let Some(mut incident) = self.incidents.of_monitor(entry.id).cloned() else { return };
        let lasted = change.at.since(incident.began_at);
        let notice = Notice {
            incident: Some(incident.id),
            lasted_ms: u64::try_from(lasted.as_millis()).ok(),
            ..self.notice(entry, Event::Up, (change.at, change.decided_at), None, incident.detail.clone())
        };
        incident.state = IncidentState::Resolved;
        incident.resolved = Some(By { at: change.at, name: String::new() });
        self.note(&incident, IncidentEvent::new(change.at, Happened::Recovered, domain::words::duration(lasted)));
        self.tell(notice, Purpose::Recovery, entry.id, Some(&incident), false);
        let after = format!("It lasted {}.", domain::words::duration(lasted));
        self.tell_of(&incident, Event::IncidentResolved, (change.at, change.decided_at), (AUTOMATIC, None), after);
        self.keep_incident(incident);
    }

    /// A monitor is not watched any more, or not for now: its incident ends without anybody being told that it is up.
    fn nobody_watches(&mut self, entry: &Arc<Entry>, change: &Transition, why: &str) {
        if let Some(incident) = self.incidents.of_monitor(entry.id).cloned() {
            self.end(incident, change.decided_at, Doer::default(), why);
        }
    }

    /// A monitor was deleted.
    pub(super) fn tell_gone(&mut self, monitor: MonitorId) {
        if let Some(incident) = self.incidents.of_monitor(monitor).cloned() {
            self.end(incident, self.clock.now(), Doer::default(), "The monitor was deleted.");
        }
    }

    /// A monitor is unreachable because of one that it depends on: the incident of that one names it.
    fn suffers(&mut self, entry: &Arc<Entry>, change: &Transition) {
        let parents: Vec<MonitorId> = self.board.parents(entry).iter().map(|parent| parent.id).collect();
        self.affects(&parents, entry, change);
    }

    /// Names a monitor in the incidents of those whose failure reaches it.
    fn affects(&mut self, causes: &[MonitorId], entry: &Arc<Entry>, change: &Transition) {
        for cause in causes {
            let Some(mut incident) = self.incidents.of_monitor(*cause).cloned() else { continue };
            let known = incident.affected.iter().any(|affected| affected.monitor == entry.id);
            if known || incident.affected.len() >= AFFECTED_MAX {
                continue;
            }
            let name = entry.plan().monitor.spec.name.clone();
            self.note(&incident, IncidentEvent::new(change.at, Happened::Affected, name.clone()));
            incident.affected.push(Affected { monitor: entry.id, name, since: change.at });
            self.keep_incident(incident);
        }
    }

    /// Ends an incident that did not end by a recovery: nobody is told that it is up. Systems and programs that follow incidents are told.
    fn end(&mut self, mut incident: Incident, at: Timestamp, doer: Doer<'_>, why: &str) {
        let who = doer.name;
        incident.state = IncidentState::Resolved;
        incident.resolved = Some(By { at, name: who.to_owned() });
        self.note(&incident, IncidentEvent::by(at, Happened::Resolved, who, why));
        self.tell_systems(&incident, at, Purpose::Recovery, why);
        let detail = if who.is_empty() { why.to_owned() } else { said(who, why, "has resolved it.") };
        self.tell_of(&incident, Event::IncidentResolved, (at, at), (if who.is_empty() { AUTOMATIC } else { PERSON }, doer.account), detail);
        self.keep_incident(incident);
    }

    fn note(&mut self, incident: &Incident, event: IncidentEvent) {
        self.batch.incident_events.push((incident.space, incident.id, event));
    }

    fn keep_incident(&mut self, mut incident: Incident) {
        incident.updated_at = self.clock.now();
        self.batch.incidents.retain(|kept| kept.id != incident.id);
        if incident.state != IncidentState::Open {
            self.calmed.push(incident.id);
        }
        self.batch.incidents.push(incident.clone());
        self.news.push(incident.space);
        self.incidents.keep(incident);
        self.urgent = true;
    }

    /// Does what a person ordered. A refusal is answered at once, what was done when it is committed.
    pub(super) async fn order(&mut self, order: IncidentOrder) {
        let IncidentOrder { space, id, deed, who, by, done } = order;
        let doer = Doer { name: &who, account: by };
        let known = match self.incidents.all.get(&id).filter(|incident| incident.space == space) {
            Some(incident) => Ok(Some(incident.clone())),
            None => self.store.space(space).incidents().get(id).await,
        };
        let result = match (known, deed) {
            (Err(error), _) => Err(crate::service::unavailable(error)),
            (Ok(None), IncidentDeed::Open(incident)) => self.open_by_hand(*incident, doer),
            (Ok(None), _) => Err(AppError::not_found("incident")),
            (Ok(Some(incident)), deed) => self.do_to(incident, deed, doer),
        };
        match result {
            Ok(()) => self.answers.push(done),
            // Who asked may have left.
            Err(error) => drop(done.send(Err(error))),
        }
    }

    fn open_by_hand(&mut self, incident: Incident, doer: Doer<'_>) -> Result<(), AppError> {
        let who = doer.name;
        self.note(&incident, IncidentEvent::by(incident.began_at, Happened::Opened, who, incident.detail.clone()));
        self.log(&incident, who, "opened", "");
        let detail = said(who, &incident.detail, "has opened it.");
        self.tell_of(&incident, Event::IncidentOpened, (incident.began_at, incident.confirmed_at), (PERSON, doer.account), detail);
        self.keep_incident(incident);
        Ok(())
    }

    fn do_to(&mut self, mut incident: Incident, deed: IncidentDeed, doer: Doer<'_>) -> Result<(), AppError> {
        let who = doer.name;
        let now = self.clock.now();
        let conflict = |message: &str| Err(AppError::new(Code::Conflict, message));
        match deed {
            IncidentDeed::Open(_) => return conflict("This incident exists already."),
            IncidentDeed::Acknowledge => {
                if incident.state != IncidentState::Open {
                    let told = incident.acknowledged.as_ref().map(|by| by.name.clone()).unwrap_or_default();
                    return conflict(&match incident.state {
                        IncidentState::Acknowledged => format!("{told} has acknowledged this incident already."),
                        _ => "This incident is over.".to_owned(),
                    });
                }
                incident.state = IncidentState::Acknowledged;
                incident.acknowledged = Some(By { at: now, name: who.to_owned() });
                self.note(&incident, IncidentEvent::by(now, Happened::Acknowledged, who, ""));
                self.log(&incident, who, "acknowledged", "");
                let detail = format!("{who} has acknowledged it.");
                self.tell_systems(&incident, now, Purpose::Acknowledgement, &detail);
                self.tell_of(&incident, Event::IncidentAcknowledged, (now, now), (PERSON, doer.account), detail);
                self.keep_incident(incident);
            }
            IncidentDeed::Comment(text) => {
                let detail = said(who, &text, "");
                self.note(&incident, IncidentEvent::by(now, Happened::Commented, who, text));
                self.log(&incident, who, "commented on", "");
                self.tell_of(&incident, Event::IncidentCommented, (now, now), (PERSON, doer.account), detail);
                self.keep_incident(incident);
            }
            IncidentDeed::Resolve(why) => {
                if !incident.is_open() {
                    return conflict("This incident is over already.");
                }
                self.log(&incident, who, "resolved", &why);
                self.end(incident, now, doer, &why);
            }
            IncidentDeed::Reopen => {
                if incident.is_open() {
                    return conflict("This incident is not over.");
                }
                if incident.monitor.is_some_and(|monitor| self.incidents.of_monitor(monitor).is_some()) {
                    return conflict("There is a newer incident of this monitor that is not over. Comment on that one.");
                }
                incident.state = IncidentState::Open;
                (incident.acknowledged, incident.resolved) = (None, None);
                self.note(&incident, IncidentEvent::by(now, Happened::Reopened, who, ""));
                self.log(&incident, who, "reopened", "");
                self.tell_of(
                    &incident,
                    Event::IncidentOpened,
                    (now, now),
                    ("reopened", doer.account),
                    format!("{who} has opened it again."),
                );
                self.keep_incident(incident);
            }
            IncidentDeed::Postmortem(text) => {
                incident.postmortem = text;
                self.note(&incident, IncidentEvent::by(now, Happened::Postmortem, who, ""));
                self.log(&incident, who, "wrote the post-mortem of", "");
                self.keep_incident(incident);
            }
        }
        Ok(())
    }

    fn log(&mut self, incident: &Incident, who: &str, did: &str, detail: &str) {
        let activity = Activity {
            at: self.clock.now(),
            who: who.to_owned(),
            area: Area::Incident,
            did: did.to_owned(),
            what: incident.title.clone(),
            link: format!("/incidents/{}", incident.id),
            detail: detail.to_owned(),
        };
        self.batch.activities.push((incident.space, activity));
    }

    /// Reminders and escalations of what somebody looks at, or what is over, end now instead of at their time. They would end then as well:
    /// nothing waits for this, and an error is told to the log.
    fn end_reminders(&mut self) {
        let incidents = std::mem::take(&mut self.calmed);
        let (store, outbox, now) = (self.store.clone(), self.outbox.clone(), self.clock.now());
        tokio::spawn(async move {
            match store.outbox().hasten(&incidents, now).await {
                Ok(waiting) if waiting.is_empty() => {}
                Ok(waiting) => outbox.wake(waiting.into_iter().map(|to| (to, now)).collect()),
                Err(error) => tracing::warn!(error = %error, "reminders that nobody needs any more could not be ended yet"),
            }
        });
    }

    /// After a commit: who waits for an answer, who has something to send, who looks.
    pub(super) fn tell_after_commit(&mut self) {
        for done in self.answers.drain(..) {
            // Who asked may have left.
            let _left = done.send(Ok(()));
        }
        if !self.due.is_empty() {
            let due: Vec<(Destination, Timestamp)> = std::mem::take(&mut self.due);
            self.outbox.wake(due);
        }
        if !self.calmed.is_empty() {
            self.end_reminders();
        }
        self.news.sort_unstable();
        self.news.dedup();
        for space in self.news.drain(..) {
            self.hub.news(space);
        }
    }
}

/// What somebody said, or what they did when they said nothing.
fn said(who: &str, words: &str, did: &str) -> String {
    if words.is_empty() { format!("{who} {did}") } else { format!("{who}: {words}") }
}

/// `2026-11-30`, in UTC.
fn date(at: Timestamp) -> String {
    at.to_rfc3339().chars().take(10).collect()
}
