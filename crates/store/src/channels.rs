//! The channels of a space. Their settings are sealed: addresses of chat rooms are secrets.

use std::collections::BTreeMap;

use domain::alert::{Channel, ChannelHealth, ChannelKind, ChannelSpec};
use domain::monitor::Secrets;
use domain::{ChannelId, SpaceId, Timestamp};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, from_json, id_of, none, parse, record, to_json, vars};
use crate::seal::Sealer;
use crate::spaces::SpaceScope;

const TABLE: &str = "channel";

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    space: String,
    kind: String,
    name: String,
    settings: Bytes,
    title: String,
    body: String,
    enabled: bool,
    failing_since: Option<i64>,
    switched_off: Option<String>,
    updated_at: i64,
}

impl Row {
    fn of(sealer: &Sealer, channel: &Channel) -> Result<Self, StoreError> {
        let id = channel.id.to_string();
        Ok(Self {
            id: record(TABLE, &id),
            space: channel.space.to_string(),
            kind: channel.spec.kind.name().to_owned(),
            name: channel.spec.name.clone(),
            settings: sealer.seal(&id, &to_json(TABLE, &channel.spec.settings.0)?)?.into(),
            title: channel.spec.title.clone(),
            body: channel.spec.body.clone(),
            enabled: channel.enabled,
            failing_since: channel.health.failing_since.map(Timestamp::as_millis),
            switched_off: channel.health.switched_off.clone(),
            updated_at: channel.updated_at.as_millis(),
        })
    }

    fn read(self, sealer: &Sealer) -> Result<Channel, StoreError> {
        let id: ChannelId = id_of(TABLE, &self.id)?;
        let kind =
            ChannelKind::from_name(&self.kind).ok_or_else(|| damaged(TABLE, format!("{id} has the unknown kind “{}”", self.kind)))?;
        let settings = from_json(TABLE, &sealer.unseal(TABLE, &id.to_string(), &self.settings)?)?;
        Ok(Channel {
            id,
            space: parse(TABLE, &self.space)?,
            spec: ChannelSpec { name: self.name, kind, settings: Secrets(settings), title: self.title, body: self.body },
            enabled: self.enabled,
            health: ChannelHealth { failing_since: self.failing_since.map(Timestamp::from_millis), switched_off: self.switched_off },
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}

/// Channels that fare differently, by their ids.
pub type Healths = BTreeMap<ChannelId, (SpaceId, ChannelHealth)>;

#[derive(SurrealValue)]
pub(crate) struct HealthRow {
    id: RecordId,
    space: String,
    failing_since: Option<i64>,
    switched_off: Option<String>,
}

impl HealthRow {
    pub(crate) fn new(id: ChannelId, space: SpaceId, health: &ChannelHealth) -> Self {
        let failing_since = health.failing_since.map(Timestamp::as_millis);
        Self { id: record(TABLE, id), space: space.to_string(), failing_since, switched_off: health.switched_off.clone() }
    }
}

/// Writes how channels fare, in a transaction: one that a person switched off or deleted meanwhile stays so.
pub(crate) const WRITE_HEALTH: &str = "FOR $one IN $healths {
        UPDATE $one.id SET failing_since = $one.failing_since, switched_off = $one.switched_off,
            enabled = (enabled AND $one.switched_off = NONE) WHERE space = $one.space RETURN NONE;
    };";

impl Store {
    /// Every channel of the instance, for the engine's start. Not for requests of people.
    pub async fn all_channels(&self) -> Result<Vec<Channel>, StoreError> {
        let rows = self.db.run("SELECT * FROM channel", none()).await?.rows::<Row>(0)?;
        rows.into_iter().map(|row| row.read(&self.sealer)).collect()
    }
}

/// The channels of one space.
pub struct Channels<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its channels.
    pub fn channels(&self) -> Channels<'_> {
        Channels(self)
    }
}

impl Channels<'_> {
    /// Keeps a new one, or replaces one of this space.
    pub async fn put(&self, channel: &Channel) -> Result<(), StoreError> {
        let text = "BEGIN;
            LET $other = (SELECT VALUE space FROM ONLY $row.id);
            IF $other != NONE AND $other != $space { THROW 'a channel of another space'; };
            UPSERT $row.id CONTENT $row RETURN NONE;
            COMMIT;";
        let row = Row::of(&self.0.store.sealer, channel)?;
        self.0.store.db.run(text, vars! { row: row, space: self.0.space.to_string() }).await.map(drop)
    }

    /// Deletes one; false when there is no such here. Rules that name it are the use case's business.
    pub async fn delete(&self, id: ChannelId) -> Result<bool, StoreError> {
        let variables = vars! { id: record(TABLE, id), space: self.0.space.to_string() };
        let text = "DELETE $id WHERE space = $space RETURN BEFORE";
        Ok(self.0.store.db.run(text, variables).await?.row::<Row>(0)?.is_some())
    }
}
