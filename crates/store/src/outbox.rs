//! The outbox: which messages are due, who has them on their way, and what became of them.
//!
//! A message that waits has one row in `due`, under its destination and the instant at which it is looked at next. Whoever takes it up moves
//! that row to the end of their lease, so that a message whose sender died comes up again by itself. Invariant: a message is changed only by
//! whoever last saw it as it is ([`Change::seen`]), and what became of a try is told only by whoever holds its claim.

use std::collections::HashMap;

use domain::alert::{Attempt, Destination, IncidentEvent, IncidentState, Message, MessageState, Notice, Purpose};
use domain::{IncidentId, MessageId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue, Variables};

use crate::channels::{HealthRow, Healths};
use crate::error::StoreError;
use crate::messages::{New, Row, WRITE, attempt_key, due_key, key};
use crate::open::Store;
use crate::rows::{key_number, key_text, none, parse, to_json, vars};
use crate::seal::Sealer;
use crate::{channels, incidents, notices};

/// Destinations that are read in one text, at most.
pub const LANES_MAX: usize = 32;

/// A message as it becomes, and as it was seen.
#[derive(Debug, Clone)]
pub struct Change {
    /// As it is to be.
    pub message: Message,
    /// When it was due.
    pub seen: Timestamp,
    /// What has it on its way; none when it waits.
    pub claimed: Option<String>,
    /// A try that begins or has ended.
    pub attempt: Option<Attempt>,
}

#[derive(SurrealValue)]
struct ChangeRow {
    row: Row,
    seen: i64,
    claimed: Option<String>,
    old_due: RecordId,
    new_due: Option<RecordId>,
}

#[derive(SurrealValue)]
struct AttemptRow {
    id: RecordId,
    data: String,
}

#[derive(SurrealValue)]
struct DueRow {
    id: RecordId,
    message: Option<Row>,
}

/// What is due at one destination.
#[derive(Debug, Default)]
pub struct Due {
    /// Messages in the order in which they are due.
    pub messages: Vec<Message>,
    /// When the first one after them is due.
    pub next: Option<Timestamp>,
}

/// What follows from changes, written with them.
#[derive(Debug, Default)]
pub struct Consequences {
    /// New messages, such as the next reminder.
    pub messages: Vec<Message>,
    /// Entries of timelines.
    pub events: Vec<(SpaceId, IncidentId, IncidentEvent)>,
    /// What happened that somebody may want to be told.
    pub notices: Vec<Notice>,
    /// Channels that fare differently now.
    pub healths: Healths,
}

impl Consequences {
    /// Adds what writes them to the text of a transaction.
    pub(crate) fn write(&self, sealer: &Sealer, text: &mut String, variables: &mut Variables) -> Result<(), StoreError> {
        if !self.messages.is_empty() {
            text.push_str(WRITE);
            let new: Vec<New> = self.messages.iter().map(|message| New::of(sealer, message)).collect::<Result<_, _>>()?;
            variables.insert("messages", new);
        }
        if !self.events.is_empty() {
            text.push_str(incidents::WRITE_EVENTS);
            let rows = self.events.iter().map(|(space, id, event)| incidents::EventRow::new(*space, *id, event));
            variables.insert("incident_events", rows.collect::<Result<Vec<_>, _>>()?);
        }
        if !self.notices.is_empty() {
            text.push_str(notices::WRITE);
            variables.insert("notices", self.notices.iter().map(notices::Row::new).collect::<Result<Vec<_>, _>>()?);
        }
        if !self.healths.is_empty() {
            text.push_str(channels::WRITE_HEALTH);
            let rows = self.healths.iter().map(|(id, (space, health))| HealthRow::new(*id, *space, health));
            variables.insert("healths", rows.collect::<Vec<_>>());
        }
        Ok(())
    }
}

/// The outbox. Only the engine's couriers use it.
pub struct Outbox<'a>(&'a Store);

impl Store {
    /// What is to be sent.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(self)
    }
}

impl Outbox<'_> {
    /// Every destination with the instant at which something is due there first. What was on its way when the process ended is due at once:
    /// nobody else has this database.
    pub async fn lanes(&self, now: Timestamp) -> Result<Vec<(Destination, Timestamp)>, StoreError> {
        let mut lanes: Vec<(Destination, Timestamp)> = Vec::new();
        let mut after: Option<RecordId> = None;
        loop {
            let rows = match &after {
                None => self.0.db.run("SELECT id, message.* AS message FROM due LIMIT 500", none()).await?.rows::<DueRow>(0)?,
                Some(after) => {
                    let text = "SELECT id, message.* AS message FROM type::record('due', record::id($after)..) LIMIT 501";
                    let rows = self.0.db.run(text, vars! { after: after.clone() }).await?.rows::<DueRow>(0)?;
                    rows.into_iter().filter(|row| row.id != *after).collect()
                }
            };
            let Some(last) = rows.last() else { return Ok(lanes) };
            after = Some(last.id.clone());
            for row in rows {
                let Some(text) = key_text(&row.id, 0) else { continue };
                let (to, at): (Destination, _) = (parse("due", text)?, key_number(&row.id, 1).map_or(now, Timestamp::from_millis));
                let orphaned = row.message.as_ref().is_some_and(|message| message.state == MessageState::Sending.name());
                let at = if orphaned { now.min(at) } else { at };
                match lanes.last_mut().filter(|(known, _)| *known == to) {
                    Some((_, first)) => *first = (*first).min(at),
                    None => lanes.push((to, at)),
                }
            }
        }
    }

    /// Makes what was on its way when the process ended due at once.
    pub async fn release(&self, now: Timestamp) -> Result<(), StoreError> {
        let text = "LET $held = (SELECT VALUE id FROM due WHERE message.state = 'sending');
            SELECT id, message.* AS message FROM $held";
        let rows = self.0.db.run(text, none()).await?.rows::<DueRow>(1)?;
        let mut changes = Vec::new();
        for row in rows.into_iter().filter_map(|row| row.message) {
            let mut message = row.read(&self.0.sealer)?;
            let (seen, claimed) = (message.due_at, message.claim.take());
            message.state = MessageState::Waiting;
            message.note = "The process ended while it was on its way. It may have arrived; it is sent again.".into();
            message.due_at = now;
            changes.push(Change { message, seen, claimed, attempt: None });
        }
        for piece in changes.chunks(100) {
            self.change(piece, &Consequences::default()).await?;
        }
        Ok(())
    }

    /// What is due at some destinations, at most [`LANES_MAX`] of them; at most `limit` messages each.
    pub async fn due(&self, lanes: &[Destination], now: Timestamp, limit: u32) -> Result<Vec<Due>, StoreError> {
        let (mut text, mut variables) = (String::new(), none());
        variables.insert("end", now.as_millis().saturating_add(1));
        variables.insert("limit", i64::from(limit));
        for (n, lane) in lanes.iter().take(LANES_MAX).enumerate() {
            text.push_str(&format!(
                "SELECT id, message.* AS message FROM type::record('due', [$l{n}, 0]..[$l{n}, $end]) LIMIT $limit;
                 SELECT VALUE id FROM type::record('due', [$l{n}, $end]..[$l{n}, {{}}]) LIMIT 1;"
            ));
            variables.insert(format!("l{n}"), lane.to_string());
        }
        let mut answer = self.0.db.run(&text, variables).await?;
        let mut found = Vec::with_capacity(lanes.len());
        for n in 0..lanes.len().min(LANES_MAX) {
            let mut due = Due::default();
            for row in answer.rows::<DueRow>(2 * n)? {
                match row.message {
                    Some(message) => due.messages.push(message.read(&self.0.sealer)?),
                    None => self.0.db.run("DELETE $id RETURN NONE", vars! { id: row.id }).await.map(drop)?,
                }
            }
            let next = answer.row::<RecordId>(2 * n + 1)?;
            due.next = next.and_then(|id| key_number(&id, 1)).map(Timestamp::from_millis);
            found.push(due);
        }
        Ok(found)
    }

    /// Has everything that waits for a destination looked at now: nobody may be there any more.
    pub async fn rush(&self, to: &Destination, now: Timestamp) -> Result<(), StoreError> {
        let text = "SELECT id, message.* AS message FROM type::record('due', [$to, $after]..[$to, {}]) LIMIT 100";
        loop {
            let variables = vars! { to: to.to_string(), after: now.as_millis().saturating_add(1) };
            let mut changes = Vec::new();
            for row in self.0.db.run(text, variables).await?.rows::<DueRow>(0)?.into_iter().filter_map(|row| row.message) {
                let message = row.read(&self.0.sealer)?;
                // What is on its way has its lease there.
                if message.state == MessageState::Waiting && message.due_at > now {
                    let (seen, claimed) = (message.due_at, message.claim.clone());
                    changes.push(Change { message: Message { due_at: now, ..message }, seen, claimed, attempt: None });
                }
            }
            if changes.is_empty() {
                return Ok(());
            }
            self.change(&changes, &Consequences::default()).await?;
        }
    }

    /// Has reminders and escalations of some incidents looked at now, when nobody needs them any more; whoever takes them up ends them.
    /// Answers where they wait.
    pub async fn hasten(&self, incidents: &[IncidentId], now: Timestamp) -> Result<Vec<Destination>, StoreError> {
        let text = "LET $waits = (SELECT VALUE message FROM due WHERE message.incident IN $incidents AND message.state = 'waiting');
            SELECT * FROM $waits";
        let variables = vars! { incidents: incidents.iter().map(ToString::to_string).collect::<Vec<_>>() };
        let mut changes = Vec::new();
        for row in self.0.db.run(text, variables).await?.rows::<Row>(1)? {
            let message = row.read(&self.0.sealer)?;
            if matches!(message.purpose, Purpose::Reminder | Purpose::Escalation) && message.due_at > now {
                let (seen, claimed) = (message.due_at, message.claim.clone());
                changes.push(Change { message: Message { due_at: now, ..message }, seen, claimed, attempt: None });
            }
        }
        for piece in changes.chunks(100) {
            self.change(piece, &Consequences::default()).await?;
        }
        Ok(changes.into_iter().map(|change| change.message.to).collect())
    }

    /// Messages by their ids, in no order; those that are gone are left out.
    pub async fn some(&self, ids: &[(SpaceId, MessageId)]) -> Result<Vec<Message>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<RecordId> = ids.iter().map(|(space, id)| key(*space, *id)).collect();
        let rows = self.0.db.run("SELECT * FROM $ids", vars! { ids: ids }).await?.rows::<Row>(0)?;
        rows.into_iter().map(|row| row.read(&self.0.sealer)).collect()
    }

    /// How some incidents stand; those that are gone are left out.
    pub async fn incident_states(&self, ids: &[(SpaceId, IncidentId)]) -> Result<HashMap<IncidentId, IncidentState>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        #[derive(SurrealValue)]
        struct Standing {
            id: RecordId,
            state: String,
        }
        let mut ids: Vec<RecordId> = ids.iter().map(|(space, id)| incidents::key(*space, *id)).collect();
        ids.dedup();
        let rows = self.0.db.run("SELECT id, state FROM $ids", vars! { ids: ids }).await?.rows::<Standing>(0)?;
        let read = |row: &Standing| Some((key_text(&row.id, 2)?.parse().ok()?, IncidentState::from_name(&row.state)?));
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Writes new messages; those that exist are left alone.
    pub async fn add(&self, messages: &[Message]) -> Result<(), StoreError> {
        self.change(&[], &Consequences { messages: messages.to_vec(), ..Consequences::default() }).await.map(drop)
    }

    /// Changes messages, all in one transaction, with what follows. Answers those that were changed: others had been changed meanwhile.
    pub async fn change(&self, changes: &[Change], follows: &Consequences) -> Result<Vec<MessageId>, StoreError> {
        let (mut text, mut variables) = (String::from("BEGIN;"), none());
        let mut rows = Vec::with_capacity(changes.len());
        for Change { message, seen, claimed, .. } in changes {
            rows.push(ChangeRow {
                row: Row::new(&self.0.sealer, message)?,
                seen: seen.as_millis(),
                claimed: claimed.clone(),
                old_due: due_key(message, *seen),
                new_due: (!message.state.is_final()).then(|| due_key(message, message.due_at)),
            });
        }
        text.push_str(
            "FOR $change IN $changes {
                LET $row = $change.row;
                LET $mine = (UPDATE $row.id SET state = $row.state, due_at = $row.due_at, claim = $row.claim, data = $row.data
                    WHERE due_at = $change.seen AND claim = $change.claimed RETURN VALUE id);
                IF array::len($mine) > 0 {
                    DELETE $change.old_due RETURN NONE;
                    IF $change.new_due != NONE { UPSERT $change.new_due SET message = $row.id RETURN NONE; };
                };
            };",
        );
        variables.insert("changes", rows);
        let attempts = changes.iter().filter_map(|change| change.attempt.as_ref().map(|attempt| (&change.message, attempt)));
        let attempts: Vec<AttemptRow> = attempts
            .map(|(message, attempt)| {
                Ok(AttemptRow { id: attempt_key(message.space, message.id, message.attempts), data: to_json("attempt", attempt)? })
            })
            .collect::<Result<_, StoreError>>()?;
        if !attempts.is_empty() {
            text.push_str("FOR $attempt IN $attempts { UPSERT $attempt.id SET data = $attempt.data RETURN NONE; };");
            variables.insert("attempts", attempts);
        }
        follows.write(&self.0.sealer, &mut text, &mut variables)?;
        let ids: Vec<RecordId> = changes.iter().map(|change| key(change.message.space, change.message.id)).collect();
        text.push_str("COMMIT; SELECT id, due_at, claim FROM $ids;");
        variables.insert("ids", ids);
        #[derive(SurrealValue)]
        struct Now {
            id: RecordId,
            due_at: i64,
            claim: Option<String>,
        }
        let mut answer = self.0.db.run(&text, variables).await?;
        let statements = answer.len();
        let now: Vec<Now> = answer.rows(statements.saturating_sub(1))?;
        let mut changed = Vec::with_capacity(changes.len());
        for Change { message, .. } in changes {
            let place = key(message.space, message.id);
            let same = |row: &Now| row.id == place && row.due_at == message.due_at.as_millis() && row.claim == message.claim;
            if now.iter().any(same) {
                changed.push(message.id);
            }
        }
        Ok(changed)
    }
}
