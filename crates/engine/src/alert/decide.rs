//! What becomes of the messages that are due at one destination: sent now, told in another message, or not at all. Pure; the courier
//! carries it out in one transaction.
//!
//! Rules: what goes to one destination about one incident keeps its order. A recovery whose beginning was never told is told with it in one
//! message, or not at all when it came before the beginning was to be told. A reminder ends with the incident or its acknowledgement. More than a few
//! messages within a minute become one.

use std::collections::{HashMap, HashSet};

use domain::alert::{IncidentState, Message, MessageState, Purpose};
use domain::{IncidentId, MessageId, Timestamp};

use super::storm::Window;

/// What is known around the messages of one destination.
pub(crate) struct Around<'a> {
    /// Messages that some of them follow, by id.
    pub earlier: &'a HashMap<MessageId, Message>,
    /// How the incidents stand that some of them are about.
    pub incidents: &'a HashMap<IncidentId, IncidentState>,
    /// Incidents of which something is on its way to this destination.
    pub sending: &'a HashSet<IncidentId>,
    /// Messages are never told together.
    pub one_by_one: bool,
    /// So many may be sent.
    pub room: usize,
    pub now: Timestamp,
}

impl Around<'_> {
    /// The message that in the end tells one that was merged.
    fn teller<'a>(&'a self, message: &'a Message, here: &'a HashMap<MessageId, Message>) -> Option<&'a Message> {
        let mut teller = message;
        for _ in 0..HOPS {
            let Some(next) = told_by(teller).and_then(|id| here.get(&id).or_else(|| self.earlier.get(&id))) else { break };
            teller = next;
        }
        (teller.id != message.id).then_some(teller)
    }
}

/// The message that tells a merged one.
pub(crate) fn told_by(message: &Message) -> Option<MessageId> {
    if message.state == MessageState::Merged { message.note.parse().ok() } else { None }
}

/// Messages that tell a message that tells a message, followed so far. A destination that is away for hours, through many outages, makes
/// a link of each.
pub(crate) const HOPS: usize = 64;

/// What is decided.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// To be sent, with all that they tell.
    pub send: Vec<Message>,
    /// Told by another one: which, and by which.
    pub merged: Vec<(Message, MessageId)>,
    /// Not to be told, and why.
    pub cancelled: Vec<(Message, &'static str)>,
    /// Not now, as too much was told lately: when, and together with what else comes until then.
    pub held: Vec<(Message, Timestamp)>,
    /// When to look again at what is left.
    pub again: Option<Timestamp>,
}

/// How long something is left that waits for what is on its way.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(200);

/// Decides about messages that are due, in the order in which they are.
pub(crate) fn decide(due: Vec<Message>, around: &Around<'_>, window: &mut Window) -> Decided {
    let mut decided = Decided::default();
    let mut ready: Vec<Message> = Vec::new();
    let mut told_together: HashSet<MessageId> = HashSet::new();
    let here: HashMap<MessageId, Message> = due.iter().map(|message| (message.id, message.clone())).collect();
    // Ends first: what they take up is not sent by itself any more.
    let (ends, others): (Vec<Message>, Vec<Message>) = due.into_iter().partition(|message| message.purpose == Purpose::Recovery);
    let (mut kept_ends, mut with_begin) = (Vec::new(), HashMap::new());
    for mut end in ends {
        if around.sending.iter().any(|incident| Some(*incident) == end.incident) {
            decided.look(around.now.plus(MOMENT));
            continue;
        }
        let begin = end.follows.map(|id| here.get(&id).or_else(|| around.earlier.get(&id)));
        match begin {
            None => kept_ends.push(end),
            Some(None) => decided.cancelled.push((end, "They were not told that it began.")),
            Some(Some(begin)) => match begin.state {
                MessageState::Merged => match around.teller(begin, &here) {
                    // An end that took up its beginning tells it, and is tried again by itself.
                    Some(teller) if teller.id != end.id && !teller.state.is_final() => {
                        decided.look(teller.due_at.max(around.now.plus(MOMENT)))
                    }
                    _ => kept_ends.push(end),
                },
                MessageState::Delivered | MessageState::Failed => kept_ends.push(end),
                MessageState::Cancelled => decided.cancelled.push((end, "They were not told that it began.")),
                MessageState::Sending => decided.look(around.now.plus(MOMENT)),
                MessageState::Waiting if around.one_by_one && begin.attempts > 0 => {
                    // A system that keeps incidents has to be told the beginning first.
                    decided.look(begin.due_at.max(around.now.plus(MOMENT)));
                }
                MessageState::Waiting if begin.attempts == 0 && begin.planned_at > end.planned_at => {
                    told_together.insert(begin.id);
                    decided.cancelled.push((begin.clone(), "It was over before it was to be told."));
                    decided.cancelled.push((end, "It was over before it was to be told."));
                }
                MessageState::Waiting if around.one_by_one => decided.look(around.now.plus(MOMENT)),
                MessageState::Waiting if begin.attempts > 0 && begin.due_at > around.now => {
                    // It was tried, and the other side may have asked for this pause.
                    told_together.insert(begin.id);
                    decided.look(begin.due_at);
                }
                MessageState::Waiting => {
                    told_together.insert(begin.id);
                    end.content.absorb(begin.content.clone());
                    with_begin.insert(end.id, begin.clone());
                    kept_ends.push(end);
                }
            },
        }
    }
    for message in others {
        if told_together.contains(&message.id) {
            continue;
        }
        let state = message.incident.and_then(|id| around.incidents.get(&id)).copied();
        let over = matches!(message.purpose, Purpose::Reminder | Purpose::Escalation);
        match state {
            Some(IncidentState::Resolved) if over => decided.cancelled.push((message, "The incident is over.")),
            Some(IncidentState::Acknowledged) if over => decided.cancelled.push((message, "Somebody has acknowledged the incident.")),
            _ if around.sending.iter().any(|incident| Some(*incident) == message.incident) => decided.look(around.now.plus(MOMENT)),
            _ => ready.push(message),
        }
    }
    ready.extend(kept_ends);
    ready.sort_by_key(|message| (message.due_at, message.id));
    if around.one_by_one {
        one_by_one(ready, around, &mut decided)
    } else {
        within(ready, around, window, &mut decided)
    }
    // A beginning is told by its end only when that goes now: what waits for room is decided anew, with what is kept of both.
    let goes: Vec<MessageId> =
        decided.send.iter().chain(decided.merged.iter().map(|(message, _)| message)).map(|message| message.id).collect();
    // What is held is kept as it is: a beginning that its end took up above waits as well.
    for (message, _) in &mut decided.held {
        if let Some(kept) = here.get(&message.id) {
            message.clone_from(kept);
        }
    }
    decided.merged.extend(goes.into_iter().filter_map(|id| Some((with_begin.remove(&id)?, id))));
    decided
}

impl Decided {
    fn look(&mut self, at: Timestamp) {
        self.again = Some(self.again.map_or(at, |again| again.min(at)));
    }
}

/// Each by itself, one of an incident at a time.
fn one_by_one(ready: Vec<Message>, around: &Around<'_>, decided: &mut Decided) {
    let mut begun: HashSet<IncidentId> = HashSet::new();
    for message in ready {
        let second = message.incident.is_some_and(|incident| !begun.insert(incident));
        if second || decided.send.len() >= around.room {
            decided.look(around.now.plus(MOMENT));
        } else {
            decided.send.push(message);
        }
    }
}

/// Each by itself while there are few; together when there are many.
fn within(ready: Vec<Message>, around: &Around<'_>, window: &mut Window, decided: &mut Decided) {
    let (tries, fresh): (Vec<Message>, Vec<Message>) =
        ready.into_iter().partition(|message| message.attempts > 0 || message.mail.is_some());
    // What was tried before was counted then.
    for message in tries {
        if decided.send.len() < around.room { decided.send.push(message) } else { decided.look(around.now.plus(MOMENT)) }
    }
    if fresh.is_empty() {
        return;
    }
    window.roll(around.now);
    if window.has_room_for(fresh.len()) {
        for message in fresh {
            if decided.send.len() < around.room {
                window.sent(1);
                decided.send.push(message);
            } else {
                decided.look(around.now.plus(MOMENT));
            }
        }
    } else if window.may_group() && decided.send.len() < around.room {
        window.grouped();
        let mut all = fresh.into_iter();
        let Some(mut leader) = all.next() else { return };
        for message in all {
            leader.content.absorb(message.content.clone());
            decided.merged.push((message, leader.id));
        }
        decided.send.push(leader);
    } else if window.may_group() {
        decided.look(around.now.plus(MOMENT));
    } else {
        let end = window.ends_at();
        decided.look(end);
        decided.held.extend(fresh.into_iter().map(|message| (message, end)));
    }
}
