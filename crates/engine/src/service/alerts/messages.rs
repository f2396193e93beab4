//! Messages: what was told, what was not, and why.

use domain::account::Role;
use domain::activity::Area;
use domain::alert::view::{MessageRow, MessageView, MessagesView};
use domain::alert::{Content, Destination, Message, MessageState, Purpose};
use domain::{AppError, Code, MessageId, Timestamp};
use store::{Consequences, MessageChange, MessageFilter};

use crate::actor::Actor;
use crate::alert::SpaceDirectory;
use crate::engine::Inner;
use crate::service::activity::Deed;
use crate::service::unavailable;

/// Messages of one page.
const PAGE: u32 = 50;

/// The messages of a space.
pub struct Messages<'a>(pub(crate) &'a Inner);

impl Messages<'_> {
    /// A page of them, the newest first.
    pub async fn page(
        &self,
        actor: &Actor,
        states: &[MessageState],
        to: Option<Destination>,
        before: Option<MessageId>,
        limit: Option<u32>,
    ) -> Result<MessagesView, AppError> {
        let limit = limit.unwrap_or(PAGE).clamp(1, 500);
        let filter = MessageFilter { states: states.to_vec(), to, incident: None, before };
        let mut messages = self.0.store.space(actor.space).messages().list(&filter, limit + 1).await.map_err(unavailable)?;
        let more = messages.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        messages.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = messages.last().map(|message| message.id).filter(|_| more);
        let directory = self.0.directory.of(actor.space);
        let messages = messages.iter().map(|message| row(&directory, message)).collect();
        Ok(MessagesView { messages, next, now: self.0.clock.now() })
    }

    async fn find(&self, actor: &Actor, id: MessageId) -> Result<Message, AppError> {
        let found = self.0.store.space(actor.space).messages().get(id).await.map_err(unavailable)?;
        found.ok_or_else(|| AppError::not_found("message"))
    }

    /// One of them with its tries.
    pub async fn view(&self, actor: &Actor, id: MessageId) -> Result<MessageView, AppError> {
        let message = self.find(actor, id).await?;
        let attempts = self.0.store.space(actor.space).messages().attempts(id).await.map_err(unavailable)?;
        let tells = message.content.notices.iter().map(|n| (n.decided_at, n.headline(), n.detail.clone())).collect();
        Ok(MessageView { row: row(&self.0.directory.of(actor.space), &message), tells, attempts })
    }

    /// Sends one again: one that failed, was not needed, or has arrived, under the same id, so that a receiver knows it again. One that waits
    /// is sent now, also when its channel rests after failures.
    /// Answers whether it waited.
    pub async fn retry(&self, actor: &Actor, id: MessageId) -> Result<bool, AppError> {
        actor.must_be(Role::Editor)?;
        let message = self.find(actor, id).await?;
        if message.state == MessageState::Waiting {
            return self.hasten(actor, message).await.map(|()| true);
        }
        let account = message.purpose == Purpose::Account && message.state == MessageState::Delivered;
        if !message.state.is_final() || message.state == MessageState::Merged || account {
            let why = match message.state {
                MessageState::Delivered => "This mail was delivered already. Its link works once: a new one has to be asked for.",
                MessageState::Merged => "Another message tells this one, too. Look at that one.",
                _ => "This message is still being sent.",
            };
            return Err(AppError::new(Code::Conflict, why));
        }
        let now = self.0.clock.now();
        let (seen, claimed, to) = (message.due_at, message.claim.clone(), message.to.clone());
        let headline = message.content.headline();
        let arrived = message.state == MessageState::Delivered;
        let content = if arrived { message.content.clone() } else { self.with_its_end(actor, &message).await? };
        let again = Message {
            content,
            state: MessageState::Waiting,
            note: String::new(),
            // Its age counts from now on, and nothing has to come before it any more.
            planned_at: now,
            due_at: now,
            follows: None,
            purpose: match message.purpose {
                Purpose::Reminder | Purpose::Escalation => Purpose::News,
                Purpose::Account => Purpose::Account,
                other if arrived => other,
                _ => Purpose::News,
            },
            ended_at: None,
            claim: None,
            ..message
        };
        let change = MessageChange { message: again, seen, claimed, attempt: None };
        let changed = self.0.store.outbox().change(&[change], &Consequences::default()).await.map_err(unavailable)?;
        if changed.is_empty() {
            return Err(AppError::new(Code::Conflict, "Somebody else has just sent it again."));
        }
        self.0.outbox.wake(vec![(to, now)]);
        self.0.log(actor, Deed::new(Area::Alert, "sent again", &format!("“{headline}”")).at(format!("/alerts/messages/{id}"))).await;
        Ok(false)
    }
}

impl Messages<'_> {
    /// Has a message that waits sent now. What it tells, and in which order, is decided as ever.
    async fn hasten(&self, actor: &Actor, message: Message) -> Result<(), AppError> {
        let now = self.0.clock.now();
        let (id, to, headline) = (message.id, message.to.clone(), message.content.headline());
        let (seen, claimed) = (message.due_at, message.claim.clone());
        // Before everything else that waits there: a channel that rests lets one through.
        let sooner = Message { due_at: Timestamp::from_millis(0), planned_at: message.planned_at.min(now), ..message };
        let change = MessageChange { message: sooner, seen, claimed, attempt: None };
        let changed = self.0.store.outbox().change(&[change], &Consequences::default()).await.map_err(unavailable)?;
        if changed.is_empty() {
            return Err(AppError::new(Code::Conflict, "This message is just being sent."));
        }
        self.0.outbox.hasten(to);
        self.0.log(actor, Deed::new(Area::Alert, "sent now", &format!("“{headline}”")).at(format!("/alerts/messages/{id}"))).await;
        Ok(())
    }

    /// What a message tells, with the end of its incident when that has been told since: nothing that is over is told as if it went on.
    async fn with_its_end(&self, actor: &Actor, message: &Message) -> Result<Content, AppError> {
        let mut content = message.content.clone();
        if message.incident.is_none() || message.purpose == Purpose::Recovery {
            return Ok(content);
        }
        let filter = MessageFilter { to: Some(message.to.clone()), incident: message.incident, ..MessageFilter::default() };
        let others = self.0.store.space(actor.space).messages().list(&filter, 100).await.map_err(unavailable)?;
        let is_end =
            |other: &&Message| other.purpose == Purpose::Recovery && matches!(other.state, MessageState::Delivered | MessageState::Merged);
        if let Some(end) = others.iter().find(is_end) {
            let told = content.notices.clone();
            let ends = end.content.notices.iter().filter(|notice| notice.incident == message.incident && !told.contains(notice));
            ends.for_each(|notice| content.absorb(Content::of(notice.clone())));
        }
        Ok(content)
    }
}

/// A message in a list.
pub(super) fn row(directory: &SpaceDirectory, message: &Message) -> MessageRow {
    let name = directory.name_of(&message.to);
    let subject = message.mail.as_ref().map(|mail| mail.subject.clone());
    let headline = subject.unwrap_or_else(|| message.content.headline());
    MessageRow {
        id: message.id,
        to: if name.is_empty() { "a channel that is gone".into() } else { name },
        destination: message.to.to_string(),
        purpose: message.purpose,
        headline,
        tells: u32::try_from(message.content.count()).unwrap_or(u32::MAX),
        severity: message.content.severity(),
        incident: message.incident,
        state: message.state,
        note: message.note.clone(),
        planned_at: message.planned_at,
        // One that somebody wants now stands before all others, at the beginning of time.
        due_at: message.due_at.max(message.planned_at),
        attempts: message.attempts,
        ended_at: message.ended_at,
    }
}
