//! Channels: where a space is told what happens.

use std::time::Duration;

use domain::account::Role;
use domain::activity::Area;
use domain::alert::channel::event_type;
use domain::alert::view::{ChannelForm, ChannelRow, ChannelsView, LastMessage, TextPreview, TextTried};
use domain::alert::{Attempt, Channel, ChannelDraft, ChannelHealth, ChannelKind, ChannelSpec, Destination, Event, Message, MessageState};
use domain::kind::{Input, Values};
use domain::{AppError, ChannelId, Code, MessageId};
use store::MessageFilter;

use super::signing::{former_until, sign};
use crate::actor::Actor;
use crate::alert::Context;
use crate::alert::render::{VARIABLES, judge, preview, sample};
use crate::engine::Inner;
use crate::secret;
use crate::service::activity::Deed;
use crate::service::unavailable;

/// Channels of one space, at most.
const MOST: usize = 200;
/// Messages of a channel by which it is judged.
const LOOKED_AT: u32 = 100;

/// What became of a test.
pub type Tested = Attempt;

/// The channels of a space.
pub struct Channels<'a>(pub(crate) &'a Inner);

impl Channels<'_> {
    fn find(&self, actor: &Actor, id: ChannelId) -> Result<Channel, AppError> {
        let directory = self.0.directory.of(actor.space);
        directory.channels.get(&id).map(|channel| Channel::clone(channel)).ok_or_else(|| AppError::not_found("channel"))
    }

    /// All of them, by name, with what became of their last messages.
    pub async fn list(&self, actor: &Actor) -> Result<ChannelsView, AppError> {
        let directory = self.0.directory.of(actor.space);
        let mut channels = Vec::with_capacity(directory.channels.len());
        for channel in directory.channels.values() {
            let filter = MessageFilter { to: Some(Destination::Channel(channel.id)), ..MessageFilter::default() };
            let newest = self.0.store.space(actor.space).messages().list(&filter, LOOKED_AT).await.map_err(unavailable)?;
            let last = newest.first().map(last);
            let failing = newest.iter().find_map(worked).filter(|(worked, _)| !worked).map(|(_, message)| self::last(message));
            let sends = |rule: &&domain::alert::Rule| {
                let steps = rule.spec.steps.iter().map(|step| &step.to);
                std::iter::once(&rule.spec.to).chain(steps).any(|to| to.channels.contains(&channel.id))
            };
            channels.push(ChannelRow {
                id: channel.id,
                name: channel.spec.name.clone(),
                kind: channel.spec.kind.name().to_owned(),
                label: channel.spec.kind.label().to_owned(),
                target: target(&channel.spec),
                enabled: channel.enabled,
                rules: directory.rules.iter().filter(sends).map(|rule| rule.spec.name.clone()).collect(),
                last,
                failing,
                switched_off: channel.health.switched_off.clone(),
            });
        }
        channels.sort_by_key(|channel| channel.name.to_lowercase());
        Ok(ChannelsView { channels, mail: self.0.directory.has_mail() })
    }

    /// The next ones after one, in order of creation.
    pub fn list_after(&self, actor: &Actor, after: Option<ChannelId>, limit: usize) -> Vec<Channel> {
        let directory = self.0.directory.of(actor.space);
        let mut channels: Vec<Channel> = directory.channels.values().map(|channel| Channel::clone(channel)).collect();
        channels.sort_by_key(|channel| channel.id);
        channels.into_iter().filter(|channel| after.is_none_or(|after| channel.id > after)).take(limit).collect()
    }

    /// One of them.
    pub fn get(&self, actor: &Actor, id: ChannelId) -> Result<Channel, AppError> {
        self.find(actor, id)
    }

    /// What the form needs.
    pub fn form(&self, actor: &Actor, id: Option<ChannelId>, kind: &str) -> Result<ChannelForm, AppError> {
        let saved = id.map(|id| self.find(actor, id)).transpose()?;
        let enabled = saved.as_ref().is_none_or(|channel| channel.enabled);
        let rotated_until = saved.as_ref().and_then(|channel| former_until(&channel.spec, self.0.clock.now()));
        let fresh =
            ChannelDraft { kind: ChannelKind::from_name(kind).unwrap_or(ChannelKind::Email).name().into(), ..ChannelDraft::default() };
        let draft = saved.map_or(fresh, |channel| channel.draft());
        let names = VARIABLES.map(|(name, what)| (name.to_owned(), what.to_owned())).into();
        Ok(ChannelForm { id, said: self.preview(&draft), draft, enabled, rotated_until, mail: self.0.directory.has_mail(), names })
    }

    /// Judges a draft over what is saved of it.
    fn judged(&self, draft: &ChannelDraft, saved: &Values) -> Result<ChannelSpec, AppError> {
        let spec = draft.validate_over(saved)?;
        if !spec.kind.is_of_spaces() {
            return Err(AppError::field("kind", "A device belongs to a person: allow notifications under your own preferences."));
        }
        judge(&spec.title, &spec.body)?;
        Ok(spec)
    }

    /// What is wrong with a draft, of a new channel or over a saved one.
    pub fn judge(&self, actor: &Actor, id: Option<ChannelId>, draft: &ChannelDraft) -> Result<(), AppError> {
        let saved = id.map(|id| self.find(actor, id)).transpose()?.map(|channel| channel.spec.settings.0).unwrap_or_default();
        self.judged(draft, &saved).map(drop)
    }

    /// Makes a new one.
    pub async fn create(&self, actor: &Actor, draft: &ChannelDraft, enabled: bool) -> Result<Channel, AppError> {
        actor.must_be(Role::Editor)?;
        if self.0.directory.of(actor.space).channels.len() >= MOST {
            return Err(AppError::new(Code::Conflict, format!("A space has at most {MOST} channels. Delete those that are not needed.")));
        }
        let (mut spec, now) = (self.judged(draft, &Values::new())?, self.0.clock.now());
        sign(&mut spec);
        let health = ChannelHealth::default();
        let channel = Channel { id: ChannelId::new(now, secret::bits()), space: actor.space, spec, enabled, health, updated_at: now };
        self.put(actor, channel, "created").await
    }

    /// Changes one.
    pub async fn update(&self, actor: &Actor, id: ChannelId, draft: &ChannelDraft, enabled: bool) -> Result<Channel, AppError> {
        actor.must_be(Role::Editor)?;
        let before = self.find(actor, id)?;
        if draft.kind != before.spec.kind.name() {
            return Err(AppError::field("kind", "The kind of a channel stays. Make a new one instead."));
        }
        let mut spec = self.judged(draft, &before.spec.settings.0)?;
        sign(&mut spec);
        // Whoever switches it on gives it another chance.
        let health = if enabled { ChannelHealth::default() } else { before.health.clone() };
        self.put(actor, Channel { spec, enabled, health, updated_at: self.0.clock.now(), ..before }, "changed").await
    }

    pub(super) async fn put(&self, actor: &Actor, channel: Channel, did: &str) -> Result<Channel, AppError> {
        self.0.store.space(actor.space).channels().put(&channel).await.map_err(unavailable)?;
        self.0.directory.put_channel(channel.clone());
        self.look_again(&channel).await?;
        let what = format!("channel “{}”", channel.spec.name);
        self.0.log(actor, Deed::new(Area::Alert, did, &what).at(format!("/alerts/channels/{}/edit", channel.id))).await;
        Ok(channel)
    }

    /// What it could not take it may take now; where nobody takes anything any more, nothing waits.
    async fn look_again(&self, channel: &Channel) -> Result<(), AppError> {
        let to = Destination::Channel(channel.id);
        if !channel.enabled {
            self.0.store.outbox().rush(&to, self.0.clock.now()).await.map_err(unavailable)?;
        }
        self.0.outbox.hasten(to);
        Ok(())
    }

    /// Deletes one. Rules that send to nobody else have to be changed first: they would tell nobody and look as if they did.
    pub async fn delete(&self, actor: &Actor, id: ChannelId) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let channel = self.find(actor, id)?;
        let directory = self.0.directory.of(actor.space);
        let mut changed = Vec::new();
        for rule in &directory.rules {
            let mut rule = rule.clone();
            let steps = rule.spec.steps.iter_mut().map(|step| &mut step.to);
            let mut named = false;
            for to in std::iter::once(&mut rule.spec.to).chain(steps) {
                let before = to.channels.len();
                to.channels.retain(|other| *other != id);
                named |= to.channels.len() < before;
            }
            if !named {
                continue;
            }
            if rule.spec.to.is_empty() {
                let message = format!("The rule “{}” sends to this channel only. Change or delete the rule first.", rule.spec.name);
                return Err(AppError::new(Code::Conflict, message));
            }
            rule.spec.steps.retain(|step| !step.to.is_empty());
            changed.push(rule);
        }
        for rule in changed {
            self.0.store.space(actor.space).rules().put(&rule).await.map_err(unavailable)?;
            self.0.directory.put_rule(rule);
        }
        self.0.store.space(actor.space).channels().delete(id).await.map_err(unavailable)?;
        self.0.directory.remove_channel(actor.space, id);
        self.look_again(&Channel { enabled: false, ..channel.clone() }).await?;
        self.0.log(actor, Deed::new(Area::Alert, "deleted", &format!("channel “{}”", channel.spec.name))).await;
        Ok(())
    }

    /// Sends a test, of a draft or of what is saved, and gives the provider's real answer. It tells the event that is named, as rules or as
    /// documents name it; empty: that something is down.
    pub async fn test(&self, actor: &Actor, id: Option<ChannelId>, draft: Option<&ChannelDraft>, event: &str) -> Result<Tested, AppError> {
        actor.must_be(Role::Editor)?;
        self.0.limits.try_expensive(actor.account.map_or(actor.space.bits(), domain::AccountId::bits))?;
        let saved = id.map(|id| self.find(actor, id)).transpose()?;
        let spec = match (draft, &saved) {
            (Some(draft), Some(saved)) => self.judged(draft, &saved.spec.settings.0)?,
            (Some(draft), None) => self.judged(draft, &Values::new())?,
            (None, Some(saved)) => saved.spec.clone(),
            (None, None) => return Err(AppError::not_found("channel")),
        };
        let event = example(event)?;
        if spec.kind.is_by_incident() && !matches!(event, Event::Down | Event::WebhookFailing) {
            let why = "A system that keeps incidents is tested by one that opens and ends: monitor.down or webhook.failed.";
            return Err(AppError::field("event", why));
        }
        let context = self.0.test_context();
        let tested = tokio::time::timeout(Duration::from_secs(60), self.0.sender.test(&spec, event, &context)).await;
        let what = format!("channel “{}”", spec.name);
        self.0.log(actor, Deed::new(Area::Alert, "sent a test to", &what)).await;
        tested.map_err(|_| AppError::new(Code::Unavailable, "Nobody answered within a minute."))
    }

    /// What templates say of a made-up outage, or what is wrong with them.
    pub fn preview(&self, draft: &ChannelDraft) -> TextTried {
        let kind = draft.kind().ok_or_else(|| AppError::field("kind", "Choose a kind."));
        match kind.and_then(|kind| preview(kind, &draft.title, &draft.body, &sample(Event::Down))) {
            Ok(text) => {
                let (title_length, body_length) = text.lengths;
                TextTried::Said(TextPreview { title: text.plain_title, body: text.plain_body, title_length, body_length })
            }
            Err(error) => TextTried::Wrong(error),
        }
    }
}

impl Inner {
    /// What is known of a test.
    pub(crate) fn test_context(&self) -> Context {
        let now = self.clock.now();
        let message = MessageId::new(now, secret::bits());
        let url = self.config.public_url.clone();
        let (zone, key) = ("UTC".into(), message.to_string());
        Context { message, now, link: url.clone(), public_url: url, ack_link: None, zone, key, act: None }
    }
}

/// The event of an example, by the name that rules give it or the one in documents.
fn example(name: &str) -> Result<Event, AppError> {
    let known = || Event::from_name(name).or_else(|| Event::ALL.into_iter().find(|event| event_type(*event) == name));
    if name.is_empty() {
        Ok(Event::Down)
    } else {
        known().ok_or_else(|| AppError::field("event", format!("There is no event “{name}”.")))
    }
}

fn last(message: &Message) -> LastMessage {
    LastMessage { id: message.id, at: message.ended_at.unwrap_or(message.due_at), state: message.state, note: message.note.clone() }
}

/// Whether the last try of a message worked; none when it was not tried, or is on its way.
fn worked(message: &Message) -> Option<(bool, &Message)> {
    match message.state {
        MessageState::Delivered => Some((true, message)),
        MessageState::Failed => Some((false, message)),
        MessageState::Waiting if message.attempts > 0 => Some((false, message)),
        _ => None,
    }
}

/// Where a channel leads, as far as that is no secret.
fn target(spec: &ChannelSpec) -> String {
    for field in spec.kind.fields() {
        let Some(value) = spec.settings.0.get(field.name) else { continue };
        match field.input {
            Input::Secret | Input::SecretText | Input::Headers => {
                if let Ok(url) = url::Url::parse(value) {
                    return url.host_str().unwrap_or_default().to_owned();
                }
            }
            Input::Choice(_) | Input::Flag | Input::Number | Input::Millis => {}
            _ => return value.chars().take(100).collect(),
        }
    }
    String::new()
}
