//! What waits to be sent, by the host that it goes to.
//!
//! Within a host the more urgent goes first, then what was never tried before what is tried again, then the older. Retries get at most half
//! of a host's room, so that one endpoint that hangs leaves room for the fresh runs of others beside it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::Timestamp;
use domain::webhook::{Occurrence, OccurrenceId, Priority};

/// Something that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub occurrence: Occurrence,
    pub priority: Priority,
}

/// What is due, in the order in which it goes.
type Rank = (Reverse<Priority>, bool, Timestamp, OccurrenceId);

fn rank(waiting: &Waiting) -> Rank {
    let one = &waiting.occurrence;
    (Reverse(waiting.priority), is_retry(one), one.due_at, one.id)
}

/// Whether it was tried before, by itself.
pub(super) fn is_retry(occurrence: &Occurrence) -> bool {
    occurrence.attempts > 0 && !occurrence.redelivered
}

/// What waits for one host.
#[derive(Debug, Default)]
pub(super) struct Host {
    later: BTreeSet<(Timestamp, OccurrenceId)>,
    ready: BTreeSet<Rank>,
    items: HashMap<OccurrenceId, Waiting>,
    /// On their way.
    pub sending: usize,
    /// Of those, the ones that are tried again.
    pub retrying: usize,
}

/// Whether a waiting one may go now.
pub(super) enum May {
    /// It may.
    Go,
    /// Not before then.
    At(Timestamp),
    /// Not before something of its schedule has ended.
    Parked,
}

impl Host {
    fn put(&mut self, waiting: Waiting) {
        let (id, at) = (waiting.occurrence.id, waiting.occurrence.due_at);
        self.remove(id);
        self.later.insert((at, id));
        self.items.insert(id, waiting);
    }

    fn remove(&mut self, id: OccurrenceId) -> Option<Waiting> {
        let waiting = self.items.remove(&id)?;
        self.ready.remove(&rank(&waiting));
        self.later.remove(&(waiting.occurrence.due_at, id));
        Some(waiting)
    }

    /// Moves what is due to where it is ordered by urgency.
    fn ripen(&mut self, now: Timestamp) {
        while let Some((at, id)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, id));
            if let Some(waiting) = self.items.get(&id) {
                self.ready.insert(rank(waiting));
            }
        }
    }
}

/// Everything that waits.
#[derive(Debug, Default)]
pub(super) struct Queue {
    hosts: BTreeMap<String, Host>,
    places: HashMap<OccurrenceId, String>,
    parked: HashMap<OccurrenceId, Waiting>,
}

impl Queue {
    /// Puts one in its place; one that is there is replaced.
    pub fn put(&mut self, host: &str, waiting: Waiting) {
        let id = waiting.occurrence.id;
        self.remove(id);
        self.places.insert(id, host.to_owned());
        self.hosts.entry(host.to_owned()).or_default().put(waiting);
    }

    /// Takes one out.
    pub fn remove(&mut self, id: OccurrenceId) -> Option<Waiting> {
        if let Some(waiting) = self.parked.remove(&id) {
            self.places.remove(&id);
            return Some(waiting);
        }
        let host = self.places.remove(&id)?;
        self.hosts.get_mut(&host)?.remove(id)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Takes at most `room` of what is due for a host, as far as `may` lets them.
    pub fn take(&mut self, name: &str, room: usize, per_host: usize, now: Timestamp, mut may: impl FnMut(&Waiting) -> May) -> Vec<Waiting> {
        let Some(host) = self.hosts.get_mut(name) else { return Vec::new() };
        host.ripen(now);
        let retries = per_host.div_ceil(2);
        let (mut taken, mut passed) = (Vec::new(), Vec::new());
        while taken.len() < room {
            let Some(first) = host.ready.pop_first() else { break };
            let Some(waiting) = host.items.get(&first.3) else { continue };
            let retry = is_retry(&waiting.occurrence);
            if retry && host.retrying >= retries {
                passed.push(first);
                // Everything behind it that is fresh may still go.
                if passed.len() > per_host.saturating_mul(4) {
                    break;
                }
                continue;
            }
            match may(waiting) {
                May::Go => {
                    host.retrying += usize::from(retry);
                    host.sending += 1;
                    taken.extend(host.items.remove(&first.3));
                    self.places.remove(&first.3);
                }
                May::At(at) => {
                    if let Some(waiting) = host.items.get_mut(&first.3) {
                        waiting.occurrence.due_at = at.max(waiting.occurrence.due_at);
                        host.later.insert((waiting.occurrence.due_at, first.3));
                    }
                }
                May::Parked => {
                    if let Some(waiting) = host.items.remove(&first.3) {
                        self.parked.insert(first.3, waiting);
                    }
                }
            }
        }
        host.ready.extend(passed);
        taken
    }

    /// Puts those of a schedule that had no room back in line; answers whether there were any.
    pub fn unpark(&mut self, ids: &[OccurrenceId]) -> bool {
        let mut found = false;
        for id in ids {
            if let (Some(waiting), Some(host)) = (self.parked.remove(id), self.places.get(id).cloned()) {
                self.hosts.entry(host).or_default().put(waiting);
                found = true;
            }
        }
        found
    }

    /// One that was taken has ended.
    pub fn ended(&mut self, name: &str, was_retry: bool) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        host.sending = host.sending.saturating_sub(1);
        host.retrying = host.retrying.saturating_sub(usize::from(was_retry));
        if host.sending == 0 && host.items.is_empty() {
            self.hosts.remove(name);
        }
    }

    /// When something of a host is due next.
    pub fn next(&self, name: &str) -> Option<Timestamp> {
        let host = self.hosts.get(name)?;
        let ready = host.ready.iter().next().map(|rank| rank.2);
        [ready, host.later.first().map(|(at, _)| *at)].into_iter().flatten().min()
    }

    /// How urgent the most urgent of what is due for a host is: the lower, the more urgent.
    pub fn urgency(&self, name: &str) -> u8 {
        let first = self.hosts.get(name).and_then(|host| host.ready.first());
        let later = || self.hosts.get(name).and_then(|host| host.later.first().and_then(|(_, id)| host.items.get(id))).map(|w| w.priority);
        match first.map(|rank| rank.0.0).or_else(later) {
            Some(Priority::Critical) => 0,
            Some(Priority::High) => 1,
            Some(Priority::Normal) | None => 2,
            Some(Priority::Low) => 3,
        }
    }

    /// Hosts for which something waits.
    pub fn hosts(&self) -> Vec<(String, Timestamp)> {
        self.hosts.keys().filter_map(|name| Some((name.clone(), self.next(name)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::webhook::Origin;
    use domain::{ScheduleId, SpaceId};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + ms)
    }

    fn waiting(nth: u128, ms: i64, priority: Priority, attempts: u32) -> Waiting {
        let id = OccurrenceId { schedule: ScheduleId::new(at(0), nth), nominal: at(ms) };
        let occurrence = Occurrence { attempts, ..Occurrence::due(id, SpaceId::new(at(0), 1), Origin::Schedule, at(ms), at(ms)) };
        Waiting { occurrence, priority }
    }

    fn order(queue: &mut Queue, room: usize, per_host: usize, now: i64) -> Vec<i64> {
        let taken = queue.take("a", room, per_host, at(now), |_| May::Go);
        taken.iter().map(|w| w.occurrence.id.nominal.as_millis() - at(0).as_millis()).collect()
    }

    #[test]
    fn the_urgent_go_first_then_the_fresh_then_the_old() {
        let mut queue = Queue::default();
        for (ms, priority, attempts) in [
            (1i64, Priority::Low, 0),
            (2, Priority::Normal, 1),
            (3, Priority::Normal, 0),
            (4, Priority::Critical, 0),
            (9, Priority::Critical, 0),
        ] {
            queue.put("a", waiting(u128::from(ms.unsigned_abs()), ms, priority, attempts));
        }
        assert_eq!((queue.len(), queue.next("a"), queue.urgency("b")), (5, Some(at(1)), 2));
        assert_eq!(order(&mut queue, 10, 64, 5), [4, 3, 2, 1]);
        assert_eq!((queue.next("a"), queue.urgency("a")), (Some(at(9)), 0));
    }

    #[test]
    fn retries_leave_room_for_what_is_fresh() {
        let mut queue = Queue::default();
        for nth in 0..10 {
            queue.put("a", waiting(nth, 1, Priority::High, 1));
        }
        queue.put("a", waiting(99, 2, Priority::Low, 0));
        assert_eq!(order(&mut queue, 4, 4, 5), [1, 1, 2]);
        queue.ended("a", true);
        assert_eq!(order(&mut queue, 4, 4, 5), [1]);
    }

    #[test]
    fn what_has_to_wait_for_its_schedule_is_parked() {
        let mut queue = Queue::default();
        let one = waiting(1, 1, Priority::Normal, 0);
        let id = one.occurrence.id;
        queue.put("a", one);
        assert!(queue.take("a", 4, 4, at(5), |_| May::Parked).is_empty());
        assert_eq!((queue.next("a"), queue.len()), (None, 1));
        assert!(queue.unpark(&[id]) && !queue.unpark(&[id]));
        assert!(queue.take("a", 4, 4, at(5), |_| May::At(at(8))).is_empty());
        assert_eq!(queue.next("a"), Some(at(8)));
        assert!(queue.remove(id).is_some() && queue.remove(id).is_none() && queue.len() == 0);
    }
}
