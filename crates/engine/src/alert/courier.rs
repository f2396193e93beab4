//! Carries messages to their channels: the alerts' side of the delivery core.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::alert::incident::Happened;
use domain::alert::{Again, Attempt, ChannelHealth, Content, Destination, IncidentEvent, Message, MessageState, Outcome, Purpose};
use domain::backoff::Backoff;
use domain::{IncidentId, MessageId, SpaceId, Timestamp};
use rand::RngExt;
use store::{Consequences, LANES_MAX, MessageChange, Store, StoreError};

use super::decide::{Around, HOPS, decide, told_by};
use super::directory::Directory;
use super::plan::message_id;
use super::storm::Window;
use crate::deliver::{Courier, Health, Limits, Taken};
use crate::live::Hub;
use crate::metrics::Metrics;
use crate::secret;

/// Messages of one destination that are looked at together.
const LOOKED_AT: u32 = 300;
/// A message that was taken up comes up again after this: longer than any try may take.
const LEASE: Duration = Duration::from_secs(90);
/// Tries of what will hardly help.
const HARDLY: u32 = 5;
/// Why a message waits that could be sent.
const HELD: &str = "Many messages came at once. The rest of them is told together, in one.";
/// On their way at once, of one destination.
const CONCURRENCY: usize = 8;

/// Hands one message to whoever takes it.
pub(crate) trait Post: Send + Sync + 'static {
    /// Sends it; an error is an outcome.
    fn post(&self, message: &Message) -> impl Future<Output = Attempt> + Send;
}

/// A message and what became of it.
pub(crate) struct Carried {
    message: Message,
    attempt: Attempt,
}

/// The courier of alerts.
pub(crate) struct AlertCourier<P> {
    store: Store,
    directory: Arc<Directory>,
    hub: Hub,
    metrics: Arc<Metrics>,
    post: P,
    /// Whose claims these are: another process has another one.
    process: String,
    lanes: Mutex<HashMap<Destination, Known>>,
}

/// What is known of a destination in this process.
#[derive(Default)]
struct Known {
    window: Window,
    /// Incidents of which something is on its way.
    sending: HashSet<IncidentId>,
}

impl<P: Post> AlertCourier<P> {
    pub fn new(store: Store, directory: Arc<Directory>, hub: Hub, metrics: Arc<Metrics>, post: P) -> Self {
        Self { store, directory, hub, metrics, post, process: secret::typable(), lanes: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Destination, Known>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn one_by_one(&self, to: &Destination) -> bool {
        matches!(to, Destination::Channel(id) if self.directory.channel(*id).is_some_and(|channel| channel.spec.is_one_by_one()))
    }

    /// Whether there is still somebody at a destination.
    fn is_there(&self, to: &Destination) -> bool {
        match to {
            Destination::Channel(id) => self.directory.channel(*id).is_some_and(|channel| channel.enabled),
            _ => true,
        }
    }

    fn change(&self, mut message: Message, to: impl FnOnce(&mut Message)) -> MessageChange {
        let (seen, claimed) = (message.due_at, message.claim.clone());
        to(&mut message);
        MessageChange { message, seen, claimed, attempt: None }
    }

    fn ended(&self, message: Message, state: MessageState, note: String, now: Timestamp) -> MessageChange {
        self.change(message, |message| {
            (message.state, message.note, message.ended_at, message.claim) = (state, note, Some(now), None);
        })
    }

    /// What follows from a try.
    fn after(&self, carried: &Carried, now: Timestamp, follows: &mut Consequences) -> MessageChange {
        let Carried { message, attempt } = carried;
        let told = |happened, text: String| {
            let name = self.directory.of(message.space).name_of(&message.to);
            let text = if text.is_empty() { name } else { format!("{name}: {text}") };
            message.incident.map(|incident| (message.space, incident, IncidentEvent::new(now, happened, text)))
        };
        let next = match &attempt.outcome {
            Outcome::Delivered => {
                let what = match message.purpose {
                    Purpose::Reminder => "reminded",
                    Purpose::Escalation => "nobody had acknowledged",
                    Purpose::Recovery => "told that it is over",
                    Purpose::Acknowledgement => "told that it is acknowledged",
                    Purpose::News | Purpose::Account => "",
                };
                follows.events.extend(told(Happened::Alerted, what.to_owned()));
                follows.messages.extend(self.next_reminder(message, now));
                let mut change = self.ended(message.clone(), MessageState::Delivered, String::new(), now);
                change.attempt = Some(attempt.clone());
                return change;
            }
            Outcome::Failed { again: Again::Never, .. } => None,
            Outcome::Failed { again: Again::Hardly, .. } if message.attempts >= HARDLY => None,
            Outcome::Failed { again, .. } => {
                let asked = if let Again::After(pause) = again { Some(*pause) } else { None };
                let random: f64 = rand::rng().random();
                Backoff::ALERTS.next(message.attempts, message.planned_at, now, random, asked)
            }
        };
        let error = attempt.error().unwrap_or_default().to_owned();
        let mut change = match next {
            Some(at) => self.change(message.clone(), |message| {
                (message.state, message.note, message.due_at, message.claim) = (MessageState::Waiting, error, at, None);
            }),
            None => {
                tracing::warn!(message.id = %message.id, to = %message.to, error, "a message was given up");
                follows.events.extend(told(Happened::AlertFailed, error.clone()));
                follows.messages.extend(self.next_reminder(message, now));
                self.ended(message.clone(), MessageState::Failed, error, now)
            }
        };
        change.attempt = Some(attempt.clone());
        change
    }

    /// The reminder after this message, if its rule asks for one.
    fn next_reminder(&self, message: &Message, now: Timestamp) -> Option<Message> {
        if message.purpose != Purpose::Reminder {
            return None;
        }
        let directory = self.directory.of(message.space);
        let spec = &directory.rules.iter().find(|rule| Some(rule.id) == message.rule && rule.enabled)?.spec;
        let nth = message.nth.saturating_add(1);
        let planned_at = now.plus(spec.reminder_pause(nth)?);
        let mut notice = message.content.notices.first()?.clone();
        notice.reminder = nth;
        let id = message_id(message.id.created_at(), &message.incident?.to_string(), &message.to, Purpose::Reminder, nth);
        Some(Message {
            id,
            content: Content::of(notice),
            nth,
            state: MessageState::Waiting,
            note: String::new(),
            planned_at,
            due_at: spec.waits_until(planned_at),
            attempts: 0,
            claim: None,
            ended_at: None,
            ..message.clone()
        })
    }

    /// A channel that does not take messages is told of over the other ones, once until it takes one again.
    fn judge_channel(&self, carried: &Carried, given_up: bool, now: Timestamp, follows: &mut Consequences) {
        let Carried { message, attempt } = carried;
        let Destination::Channel(id) = &message.to else { return };
        let directory = self.directory.of(message.space);
        let Some(channel) = directory.channels.get(id) else { return };
        let before = follows.healths.get(id).map_or_else(|| channel.health.clone(), |(_, health)| health.clone());
        if attempt.is_delivered() && before.failing_since.is_some() {
            follows.healths.insert(*id, (message.space, ChannelHealth::default()));
        }
        if !given_up {
            return;
        }
        let (health, said) = super::failing::after(channel, &before, attempt, now);
        if health != before {
            follows.healths.insert(*id, (message.space, health));
        }
        let Some(said) = said else { return };
        let notice = super::failing::notice(message, channel, &directory.name, said, now);
        let telling = super::Telling {
            notice: &notice,
            purpose: Purpose::News,
            belongs: domain::alert::rule::Belongs::default(),
            flapping: false,
            incident: None,
            systems_only: false,
        };
        let others = super::plan(&directory, &telling, now).into_iter().filter(|other| other.to != message.to);
        follows.messages.extend(others);
        follows.notices.push(notice);
    }
}

impl<P: Post> Courier for AlertCourier<P> {
    type Lane = Destination;
    type Job = Message;
    type Done = Carried;

    async fn lanes(&self, now: Timestamp) -> Result<Vec<(Destination, Timestamp)>, StoreError> {
        self.store.outbox().release(now).await?;
        self.store.outbox().lanes(now).await
    }

    fn limits(&self, lane: &Destination) -> Limits {
        let rate = match lane {
            Destination::Channel(id) => self.directory.channel(*id).map(|channel| channel.spec.kind.rate()),
            _ => None,
        };
        Limits { concurrency: CONCURRENCY, rate }
    }

    async fn take(&self, lanes: &[(Destination, usize)], now: Timestamp) -> Result<Vec<Taken<Destination, Message>>, StoreError> {
        let mut taken = Vec::with_capacity(lanes.len());
        for lanes in lanes.chunks(LANES_MAX) {
            self.take_some(lanes, now, &mut taken).await?;
        }
        Ok(taken)
    }

    async fn send(&self, message: Message) -> (Carried, Health) {
        let attempt = self.post.post(&message).await;
        let health = if attempt.is_delivered() { Health::Well } else { Health::Ill };
        (Carried { message, attempt }, health)
    }

    async fn finish(&self, done: &[Carried], now: Timestamp) -> Result<Vec<(Destination, Timestamp)>, StoreError> {
        let mut follows = Consequences::default();
        let mut changes = Vec::with_capacity(done.len());
        for carried in done {
            let change = self.after(carried, now, &mut follows);
            self.judge_channel(carried, change.message.state == MessageState::Failed, now, &mut follows);
            changes.push(change);
        }
        let changed: HashSet<MessageId> = self.store.outbox().change(&changes, &follows).await?.into_iter().collect();
        let mut off = Vec::new();
        for (id, (space, health)) in std::mem::take(&mut follows.healths) {
            if let Some(why) = &health.switched_off {
                tracing::warn!(channel.id = %id, why, "a channel has switched itself off");
                off.push(Destination::Channel(id));
            }
            self.directory.set_health(space, id, health);
        }
        for to in &off {
            // What became of the tries is recorded by now, and must not be recorded twice: what waits is dropped when it is due.
            if let Err(error) = self.store.outbox().rush(to, now).await {
                tracing::warn!(error = %error, to = %to, "what waits for a channel that is off could not be looked at yet");
            }
        }
        changes.iter().for_each(|change| self.metrics.message(change.message.state));
        for space in changes.iter().map(|change| change.message.space).collect::<HashSet<_>>() {
            self.hub.news(space);
        }
        let mut next: Vec<(Destination, Timestamp)> = follows.messages.iter().map(|m| (m.to.clone(), m.due_at)).collect();
        next.extend(off.into_iter().map(|to| (to, now)));
        let mut known = self.known();
        for change in &changes {
            let message = &change.message;
            if !changed.contains(&message.id) {
                tracing::warn!(message.id = %message.id, "a message was taken up by somebody else meanwhile");
            }
            if let Some(lane) = known.get_mut(&message.to)
                && let Some(incident) = message.incident
            {
                lane.sending.remove(&incident);
            }
            if !message.state.is_final() {
                next.push((message.to.clone(), message.due_at));
            }
        }
        Ok(next)
    }
}

impl<P: Post> AlertCourier<P> {
    async fn take_some(
        &self,
        lanes: &[(Destination, usize)],
        now: Timestamp,
        taken: &mut Vec<Taken<Destination, Message>>,
    ) -> Result<(), StoreError> {
        let names: Vec<Destination> = lanes.iter().map(|(lane, _)| lane.clone()).collect();
        let found = self.store.outbox().due(&names, now, LOOKED_AT).await?;
        let all = || found.iter().flat_map(|due| due.messages.iter());
        let follows: Vec<_> = all().filter_map(|message| Some((message.space, message.follows?))).collect();
        let earlier = self.earlier(follows).await?;
        let about: Vec<_> = all().filter_map(|message| Some((message.space, message.incident?))).collect();
        let incidents = self.store.outbox().incident_states(&about).await?;
        let mut changes = Vec::new();
        let mut sends: Vec<(Destination, Vec<Message>, Option<Timestamp>)> = Vec::new();
        {
            let mut known = self.known();
            for (due, (lane, room)) in found.into_iter().zip(lanes) {
                let state = known.entry(lane.clone()).or_default();
                let full = due.messages.len() >= usize::try_from(LOOKED_AT).unwrap_or(usize::MAX);
                let (stale, messages): (Vec<_>, Vec<_>) = due.messages.into_iter().partition(|message| message.state.is_final());
                // Ended by somebody else: only its place is left.
                changes.extend(stale.into_iter().map(|message| self.change(message, |_| {})));
                if !self.is_there(lane) {
                    let gone = "The channel is gone or switched off.";
                    changes.extend(messages.into_iter().map(|m| self.ended(m, MessageState::Cancelled, gone.into(), now)));
                    continue;
                }
                let around = Around {
                    earlier: &earlier,
                    incidents: &incidents,
                    sending: &state.sending,
                    one_by_one: self.one_by_one(lane),
                    room: *room,
                    now,
                };
                let decided = decide(messages, &around, &mut state.window);
                for (message, why) in decided.cancelled {
                    changes.push(self.ended(message, MessageState::Cancelled, why.into(), now));
                }
                for (message, until) in decided.held.into_iter().filter(|(message, until)| message.due_at != *until) {
                    changes.push(self.change(message, |message| (message.note, message.due_at) = (HELD.into(), until)));
                }
                for (message, into) in decided.merged {
                    changes.push(self.ended(message, MessageState::Merged, into.to_string(), now));
                }
                state.sending.extend(decided.send.iter().filter_map(|message| message.incident));
                let next = [decided.again, due.next, full.then_some(now)].into_iter().flatten().min();
                sends.push((lane.clone(), decided.send, next));
            }
        }
        changes.iter().filter(|change| change.message.state.is_final()).for_each(|change| self.metrics.message(change.message.state));
        let claim = format!("{}-{}", self.process, secret::fresh());
        for message in sends.iter().flat_map(|(_, messages, _)| messages) {
            let mut change = self.change(message.clone(), |message| {
                message.state = MessageState::Sending;
                message.attempts = message.attempts.saturating_add(1);
                message.due_at = now.plus(LEASE);
                message.claim = Some(claim.clone());
                // It waits for nothing any more; what became of the last try still says why there is another.
                if message.attempts == 1 {
                    message.note.clear();
                }
            });
            change.attempt = Some(begun(now));
            changes.push(change);
        }
        let changed = self.store.outbox().change(&changes, &Consequences::default()).await;
        let changed: HashSet<MessageId> = match changed {
            Ok(changed) => changed.into_iter().collect(),
            Err(error) => {
                self.forget(&sends);
                return Err(error);
            }
        };
        for (lane, messages, next) in sends {
            let jobs = messages.into_iter().filter(|message| changed.contains(&message.id));
            let claimed = |mut message: Message| {
                (message.state, message.attempts) = (MessageState::Sending, message.attempts.saturating_add(1));
                (message.due_at, message.claim) = (now.plus(LEASE), Some(claim.clone()));
                message
            };
            taken.push(Taken { lane, jobs: jobs.map(claimed).collect(), next });
        }
        Ok(())
    }

    /// Messages that others follow, and those that tell them, too.
    async fn earlier(&self, mut wanted: Vec<(SpaceId, MessageId)>) -> Result<HashMap<MessageId, Message>, StoreError> {
        let mut found: HashMap<MessageId, Message> = HashMap::new();
        for _ in 0..HOPS {
            wanted.retain(|(_, id)| !found.contains_key(id));
            if wanted.is_empty() {
                break;
            }
            let some = self.store.outbox().some(&wanted).await?;
            wanted = some.iter().filter_map(|message| Some((message.space, told_by(message)?))).collect();
            found.extend(some.into_iter().map(|message| (message.id, message)));
        }
        Ok(found)
    }

    /// Nothing of what was to be sent is on its way after all.
    fn forget(&self, sends: &[(Destination, Vec<Message>, Option<Timestamp>)]) {
        let mut known = self.known();
        for (lane, messages, _) in sends {
            let Some(state) = known.get_mut(lane) else { continue };
            for incident in messages.iter().filter_map(|message| message.incident) {
                state.sending.remove(&incident);
            }
        }
    }
}

/// A try that begins: what the log says until its outcome is known.
fn begun(now: Timestamp) -> Attempt {
    Attempt::unsent(now, "The process ended before the outcome was known. It may have arrived.".to_owned(), Again::Later)
}
