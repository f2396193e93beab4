//! What a rule would have told lately: pure, over what happened and who is told. It counts messages as the outbox would send them: what ended
//! before it was to be told is not told, what waits for the end of the quiet hours is told together with its end, and many become one.
//! Reminders and escalations are not counted: nobody knows whether somebody would have acknowledged.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::alert::rule::Belongs;
use domain::alert::view::{PastEvent, RulePast};
use domain::alert::{Destination, Event, Notice, RuleSpec};
use domain::{IncidentId, MonitorId, Timestamp};

use crate::alert::{SpaceDirectory, Window};

/// Events that are shown.
const SHOWN: usize = 5;

/// A message that would have been due.
struct Due {
    at: Timestamp,
    incident: Option<IncidentId>,
    /// Whether systems that keep incidents are told of it.
    for_systems: bool,
    /// Whether people are told of it: the change of a monitor tells them already of an incident that opens by itself.
    for_people: bool,
}

/// Tries a rule on notices of the past, given in the order in which they happened.
pub(super) fn try_on(
    notices: &[Notice],
    spec: &RuleSpec,
    directory: &SpaceDirectory,
    groups: &HashMap<MonitorId, Vec<MonitorId>>,
    now: Timestamp,
) -> RulePast {
    let ends: HashMap<IncidentId, Timestamp> = notices
        .iter()
        .filter(|notice| notice.event == Event::Up)
        .filter_map(|notice| Some((notice.incident?, notice.decided_at)))
        .collect();
    let asks_for_beginnings = spec.events.asks_for(Event::Down) || spec.events.has(Event::Late);
    let mut untold: HashSet<IncidentId> = HashSet::new();
    let mut past = RulePast::default();
    let mut by_event: BTreeMap<Event, u32> = BTreeMap::new();
    let mut dues: Vec<Due> = Vec::new();
    for notice in notices {
        let of = notice.subject.monitor.and_then(|monitor| groups.get(&monitor)).map_or(&[][..], Vec::as_slice);
        if !spec.tells(notice, Belongs { groups: of }) {
            continue;
        }
        let end = notice.incident.and_then(|id| ends.get(&id)).copied();
        let planned = if notice.may_end_untold() { notice.decided_at.plus(spec.delay) } else { notice.decided_at };
        if notice.may_end_untold() && end.unwrap_or(now) < planned {
            untold.extend(notice.incident);
            past.too_short += u32::from(end.is_some());
            continue;
        }
        let asked = if notice.event == Event::Up { asks_for_beginnings } else { spec.events.has(Event::IncidentOpened) };
        if matches!(notice.event, Event::Up | Event::IncidentResolved) && asked && notice.incident.is_some_and(|id| untold.contains(&id)) {
            continue;
        }
        let due = spec.waits_until(planned);
        let held = due > planned;
        past.notices += 1;
        past.held += u32::from(held);
        *by_event.entry(notice.event).or_default() += 1;
        dues.push(Due {
            at: due,
            incident: notice.incident,
            for_systems: notice.incident.is_some() || notice.event.is_of_failing_webhook(),
            for_people: !notice.is_said_by_a_change(),
        });
        past.newest.push(PastEvent {
            at: notice.decided_at,
            headline: notice.headline(),
            incident: notice.incident,
            held_until: held.then_some(due),
        });
    }
    past.newest.reverse();
    past.newest.truncate(SHOWN);
    past.by_event = by_event.into_iter().collect();
    past.by_event.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    past.by_channel = messages(&dues, spec, directory);
    past
}

/// How many messages each audience would have got.
fn messages(dues: &[Due], spec: &RuleSpec, directory: &SpaceDirectory) -> Vec<(String, u32)> {
    let together = grouped(dues.iter());
    let by_incident = count(dues.iter().filter(|due| due.for_systems).count());
    let mut all: Vec<(String, u32)> = spec
        .to
        .channels
        .iter()
        .filter_map(|id| directory.channels.get(id))
        .map(|channel| {
            let system = directory.is_by_incident(&Destination::Channel(channel.id));
            let messages = match (channel.enabled, system) {
                (false, _) => 0,
                (true, true) => by_incident,
                (true, false) => together,
            };
            let off = if channel.enabled { "" } else { ", which is switched off" };
            (format!("{}{off}", channel.spec.name), messages)
        })
        .collect();
    all.sort_by_key(|(name, _)| name.to_lowercase());
    if spec.to.people {
        all.insert(0, ("each member, who prefers to be told of all of it".to_owned(), grouped(dues.iter().filter(|due| due.for_people))));
    }
    all
}

/// Messages to a destination that tells many together.
fn grouped<'a>(dues: impl Iterator<Item = &'a Due>) -> u32 {
    // What begins and ends by the same instant is one message.
    let mut instants: BTreeMap<Timestamp, (usize, HashSet<IncidentId>)> = BTreeMap::new();
    for due in dues {
        let (single, incidents) = instants.entry(due.at).or_default();
        match due.incident {
            Some(incident) => drop(incidents.insert(incident)),
            None => *single += 1,
        }
    }
    let (mut window, mut sent, mut waiting) = (Window::default(), 0usize, None::<Timestamp>);
    for (at, (single, incidents)) in instants {
        if let Some(end) = waiting.filter(|end| *end <= at) {
            waiting = None;
            window.roll(end);
            window.grouped();
            sent += 1;
        }
        let fresh = single + incidents.len();
        window.roll(at);
        if waiting.is_none() && window.has_room_for(fresh) {
            window.sent(fresh);
            sent += fresh;
        } else if waiting.is_none() && window.may_group() {
            window.grouped();
            sent += 1;
        } else {
            waiting = waiting.or(Some(window.ends_at()));
        }
    }
    count(sent + usize::from(waiting.is_some()))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(ms: i64, incident: u128) -> Due {
        let at = Timestamp::from_millis(ms);
        Due {
            at,
            incident: (incident > 0).then(|| IncidentId::new(Timestamp::from_millis(1), incident)),
            for_systems: incident > 0,
            for_people: true,
        }
    }

    #[test]
    fn many_within_a_minute_become_one() {
        assert_eq!(grouped([].iter()), 0);
        assert_eq!(grouped([due(0, 1), due(1_000, 2), due(90_000, 1)].iter()), 3);
        assert_eq!(grouped((0..500).map(|n| due(1_000, n + 1)).collect::<Vec<_>>().iter()), 1, "at once");
        let row: Vec<Due> = (0..20).map(|n| due(n * 1_000, u128::from(n.unsigned_abs()) + 1)).collect();
        assert_eq!(grouped(row.iter()), 7, "five by themselves, one together, and one at the end of the minute");
        assert_eq!(grouped([due(5, 1), due(5, 1)].iter()), 1, "a beginning is told with its end");
    }
}
