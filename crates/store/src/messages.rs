//! Messages: rows, and what people are shown of them. How they are sent is the business of `outbox`.

use domain::alert::{Attempt, Content, Destination, Message, MessageState, Purpose};
use domain::{IncidentId, MessageId, RuleId, SpaceId, Timestamp};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::rows::{compound, damaged, from_json, key_text, number, parse, text, to_json, vars};
use crate::seal::Sealer;
use crate::spaces::SpaceScope;

pub(crate) const TABLE: &str = "message";

/// Its place among the messages of its space: the newest come first.
pub(crate) fn key(space: SpaceId, id: MessageId) -> RecordId {
    compound(TABLE, vec![text(space), number(-id.created_at().as_millis()), text(id)])
}

/// Where it waits to be sent.
pub(crate) fn due_key(message: &Message, at: Timestamp) -> RecordId {
    let parts = vec![text(&message.to), number(at.as_millis()), text(message.space), text(message.id)];
    compound("due", parts)
}

#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct Row {
    pub id: RecordId,
    pub destination: String,
    pub incident: Option<String>,
    pub state: String,
    pub due_at: i64,
    pub claim: Option<String>,
    pub data: String,
    pub mail: Option<Bytes>,
}

/// What is in no column of its own.
#[derive(Serialize, Deserialize)]
struct Data {
    rule: Option<RuleId>,
    purpose: Purpose,
    content: Content,
    follows: Option<MessageId>,
    #[serde(default)]
    nth: u32,
    note: String,
    planned_at: Timestamp,
    attempts: u32,
    ended_at: Option<Timestamp>,
}

/// Writes new messages with their places among what is due; those that exist are left alone. In a transaction.
pub(crate) const WRITE: &str = "FOR $new IN $messages {
        IF !record::exists($new.row.id) {
            INSERT INTO message $new.row RETURN NONE;
            IF $new.due != NONE { UPSERT $new.due SET message = $new.row.id RETURN NONE; };
        };
    };";

/// A new message with its place.
#[derive(SurrealValue)]
pub(crate) struct New {
    row: Row,
    due: Option<RecordId>,
}

impl New {
    pub(crate) fn of(sealer: &Sealer, message: &Message) -> Result<Self, StoreError> {
        Ok(Self { row: Row::new(sealer, message)?, due: (!message.state.is_final()).then(|| due_key(message, message.due_at)) })
    }
}

impl Row {
    pub(crate) fn new(sealer: &Sealer, message: &Message) -> Result<Self, StoreError> {
        let Message { rule, purpose, content, follows, nth, note, planned_at, attempts, ended_at, .. } = message.clone();
        let mail = match &message.mail {
            Some(mail) => Some(sealer.seal(&message.id.to_string(), &to_json(TABLE, mail)?)?.into()),
            None => None,
        };
        Ok(Self {
            id: key(message.space, message.id),
            destination: message.to.to_string(),
            incident: message.incident.map(|id| id.to_string()),
            state: message.state.name().to_owned(),
            due_at: message.due_at.as_millis(),
            claim: message.claim.clone(),
            data: to_json(TABLE, &Data { rule, purpose, content, follows, nth, note, planned_at, attempts, ended_at })?,
            mail,
        })
    }

    pub(crate) fn read(self, sealer: &Sealer) -> Result<Message, StoreError> {
        let part = |n| key_text(&self.id, n).ok_or_else(|| damaged(TABLE, "its key is not that of a message"));
        let id: MessageId = parse(TABLE, part(2)?)?;
        let Data { rule, purpose, content, follows, nth, note, planned_at, attempts, ended_at } = from_json(TABLE, &self.data)?;
        let mail = match &self.mail {
            Some(sealed) => Some(from_json(TABLE, &sealer.unseal(TABLE, &id.to_string(), sealed)?)?),
            None => None,
        };
        Ok(Message {
            id,
            space: parse(TABLE, part(0)?)?,
            to: parse::<Destination>(TABLE, &self.destination)?,
            rule,
            incident: self.incident.as_deref().map(|id| parse(TABLE, id)).transpose()?,
            purpose,
            content,
            mail,
            follows,
            nth,
            state: MessageState::from_name(&self.state).ok_or_else(|| damaged(TABLE, "its state is unknown"))?,
            note,
            planned_at,
            due_at: Timestamp::from_millis(self.due_at),
            attempts,
            claim: self.claim,
            ended_at,
        })
    }
}

/// An attempt's place.
pub(crate) fn attempt_key(space: SpaceId, message: MessageId, nth: u32) -> RecordId {
    compound("attempt", vec![text(space), text(message), number(i64::from(nth))])
}

/// Which messages are wanted. Empty: all of them.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// In one of these states.
    pub states: Vec<MessageState>,
    /// To this destination.
    pub to: Option<Destination>,
    /// About this incident.
    pub incident: Option<IncidentId>,
    /// Older than this one.
    pub before: Option<MessageId>,
}

#[derive(SurrealValue)]
struct AttemptRow {
    data: String,
}

/// The messages of one space.
pub struct Messages<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its messages.
    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }
}

impl Messages<'_> {
    /// One of them.
    pub async fn get(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let store = self.0.store;
        let row = store.db.run("SELECT * FROM $id", vars! { id: key(self.0.space, id) }).await?.row::<Row>(0)?;
        row.map(|row| row.read(&store.sealer)).transpose()
    }

    /// Those that fit, the newest first.
    pub async fn list(&self, filter: &MessageFilter, limit: u32) -> Result<Vec<Message>, StoreError> {
        let query = "SELECT * FROM type::record('message', [$space, $from, $after]..[$space, $to])
            WHERE (array::len($states) = 0 OR state IN $states) AND ($destination = NONE OR destination = $destination)
                AND ($incident = NONE OR incident = $incident) LIMIT $limit";
        let (from, after) = filter.before.map_or((i64::MIN, String::new()), |id| (-id.created_at().as_millis(), format!("{id}~")));
        let variables = vars! {
            space: self.0.space.to_string(), from: from, after: after, to: i64::MAX, limit: i64::from(limit),
            states: filter.states.iter().map(|state| state.name().to_owned()).collect::<Vec<_>>(),
            destination: filter.to.as_ref().map(ToString::to_string), incident: filter.incident.map(|id| id.to_string()),
        };
        let store = self.0.store;
        store.db.run(query, variables).await?.rows::<Row>(0)?.into_iter().map(|row| row.read(&store.sealer)).collect()
    }

    /// The tries of one of them, the first one first.
    pub async fn attempts(&self, id: MessageId) -> Result<Vec<Attempt>, StoreError> {
        let query = "SELECT data FROM type::record('attempt', [$space, $id, 0]..[$space, $id, 1000000]) LIMIT 200";
        let variables = vars! { space: self.0.space.to_string(), id: id.to_string() };
        let rows = self.0.store.db.run(query, variables).await?.rows::<AttemptRow>(0)?;
        rows.iter().map(|row| from_json("attempt", &row.data)).collect()
    }
}
