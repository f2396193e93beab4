//! What an invented outage left behind: its incident with a timeline, the notices of the bell, and, of the last days, who was told.

use std::time::Duration;

use domain::alert::incident::{Affected, By, Happened};
use domain::alert::{Content, Destination, Event, Incident, IncidentEvent, IncidentState, Message, MessageState, Notice, Purpose, Subject};
use domain::kind::Kind;
use domain::monitor::Monitor;
use domain::state::State;
use domain::time::DAY_MS;
use domain::{ChannelId, IncidentId, MessageId, Timestamp, words};
use store::Batch;

use super::model::{Chance, Service};

/// Outages that are this old have left nothing.
const KEPT: Duration = Duration::from_secs(120 * 86_400);
/// Messages of outages that are older than this were deleted.
const TOLD: Duration = Duration::from_secs(14 * 86_400);
/// An outage that lasts this long is looked at by somebody.
const LONG: Duration = Duration::from_secs(15 * 60);
const PEOPLE: [&str; 3] = ["Grace Hopper", "Alan Turing", "Demo Administrator"];
const FOUND: [&str; 4] = [
    "The disk of the primary is full. Clearing old logs.",
    "A deployment went wrong; rolling it back.",
    "The provider has trouble in this region. Traffic goes elsewhere meanwhile.",
    "A certificate was renewed and the proxy was not reloaded.",
];

/// Writes what the outages of a monitor left behind; `told` is the channel of the demo.
pub(super) fn write(
    batch: &mut Batch,
    service: &Service,
    monitor: &Monitor,
    changes: &[(Timestamp, State, Timestamp)],
    told: ChannelId,
    now: Timestamp,
) {
    let mut chance = Chance::new(u64::from(service.number) ^ 0x1c1d);
    for (n, (at, state, decided_at)) in changes.iter().enumerate() {
        if *state != State::Down || now.since(*at) > KEPT {
            continue;
        }
        let end = changes.get(n + 1).map(|(at, ..)| *at);
        Outage { service, monitor, began: *at, confirmed: *decided_at, end, told, now }.write(batch, &mut chance);
    }
}

struct Outage<'a> {
    service: &'a Service,
    monitor: &'a Monitor,
    began: Timestamp,
    confirmed: Timestamp,
    end: Option<Timestamp>,
    told: ChannelId,
    now: Timestamp,
}

impl Outage<'_> {
    fn write(&self, batch: &mut Batch, chance: &mut Chance) {
        let id = IncidentId::new(self.began, u128::from(self.service.number));
        let reason = self.service.down(self.began).unwrap_or(domain::check::Reason::Status);
        let detail = self.service.failure(reason).0.message;
        let event = if self.service.kind == Kind::Heartbeat { Event::Late } else { Event::Down };
        let down = self.notice(id, event, (self.began, self.confirmed), detail.clone());
        let lasted = self.end.unwrap_or(self.now).since(self.began);
        let mut timeline = vec![
            IncidentEvent::new(self.began, Happened::Detected, detail.clone()),
            IncidentEvent::new(self.confirmed, Happened::Confirmed, ""),
            IncidentEvent::new(self.confirmed.plus(Duration::from_millis(180)), Happened::Alerted, super::ROOM),
        ];
        let looked = self.confirmed.plus(Duration::from_secs(90 + chance.below(300)));
        let acknowledged = (lasted > LONG && self.end.is_none_or(|end| looked < end) && looked < self.now).then(|| {
            let name = pick(&PEOPLE, chance);
            timeline.push(IncidentEvent::by(looked, Happened::Acknowledged, name, ""));
            let found = looked.plus(Duration::from_secs(120));
            if self.end.is_none_or(|end| found < end) && found < self.now {
                timeline.push(IncidentEvent::by(found, Happened::Commented, name, pick(&FOUND, chance)));
            }
            By { at: looked, name: name.to_owned() }
        });
        if let Some(end) = self.end {
            timeline.push(IncidentEvent::new(end, Happened::Recovered, words::duration(lasted)));
        }
        batch.incident_events.extend(timeline.into_iter().map(|entry| (self.monitor.space, id, entry)));
        batch.incidents.push(Incident {
            id,
            space: self.monitor.space,
            title: down.headline(),
            event: Some(event),
            monitor: Some(self.monitor.id),
            cause: Some(reason.name().to_owned()),
            detail: detail.clone(),
            began_at: self.began,
            confirmed_at: self.confirmed,
            state: match (&self.end, &acknowledged) {
                (Some(_), _) => IncidentState::Resolved,
                (None, Some(_)) => IncidentState::Acknowledged,
                (None, None) => IncidentState::Open,
            },
            acknowledged,
            resolved: self.end.map(|at| By { at, name: String::new() }),
            affected: vec![Affected { monitor: self.monitor.id, name: self.monitor.spec.name.clone(), since: self.began }],
            postmortem: if lasted > Duration::from_millis(DAY_MS.unsigned_abs() / 6) { POSTMORTEM.to_owned() } else { String::new() },
            updated_at: self.end.unwrap_or(self.confirmed),
        });
        self.tell(batch, id, down, Purpose::News);
        if let Some(end) = self.end {
            let up = self.notice(id, Event::Up, (end, end), detail);
            self.tell(batch, id, Notice { lasted_ms: u64::try_from(lasted.as_millis()).ok(), ..up }, Purpose::Recovery);
        }
    }

    fn tell(&self, batch: &mut Batch, incident: IncidentId, notice: Notice, purpose: Purpose) {
        let at = notice.decided_at;
        if self.now.since(at) < TOLD {
            batch.messages.push(Message {
                id: MessageId::new(at, u128::from(self.service.number)),
                space: self.monitor.space,
                to: Destination::Channel(self.told),
                rule: None,
                incident: Some(incident),
                purpose,
                content: Content::of(notice.clone()),
                mail: None,
                follows: None,
                nth: 0,
                state: MessageState::Delivered,
                note: String::new(),
                planned_at: at,
                due_at: at,
                attempts: 1,
                claim: None,
                ended_at: Some(at.plus(Duration::from_millis(180))),
            });
        }
        batch.notices.push(notice);
    }

    fn notice(&self, incident: IncidentId, event: Event, (at, decided_at): (Timestamp, Timestamp), detail: String) -> Notice {
        let spec = &self.monitor.spec;
        Notice {
            event,
            space: self.monitor.space,
            space_name: super::SPACE.to_owned(),
            subject: Subject {
                monitor: Some(self.monitor.id),
                target: self.monitor.target_line(),
                tags: spec.tags.clone(),
                ..Subject::named(spec.kind.name(), spec.name.clone())
            },
            incident: Some(incident),
            at,
            decided_at,
            cause: None,
            detail,
            lasted_ms: None,
            reminder: 0,
            step: 0,
            by: None,
        }
    }
}

fn pick<'a>(of: &[&'a str], chance: &mut Chance) -> &'a str {
    let most = u64::try_from(of.len()).unwrap_or(1);
    usize::try_from(chance.below(most)).ok().and_then(|n| of.get(n)).copied().unwrap_or_default()
}

const POSTMORTEM: &str = "## What happened\n\nThe primary ran out of disk space while the nightly export was being written.\n\n\
    ## Why\n\n* The export keeps its temporary files until it ends.\n* Nobody was told before the disk was full.\n\n\
    ## What will be different\n\n1. The export streams.\n2. A monitor looks at free space and is *degraded* below 20%.\n";
