//! What the members of spaces want to be told.

use std::collections::HashMap;

use domain::alert::Preferences;
use domain::{AccountId, SpaceId};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, damaged, from_json, key_text, none, parse, text, to_json, vars};
use crate::spaces::SpaceScope;

const TABLE: &str = "preference";

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    data: String,
}

/// A member of a space, as far as telling them goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachable {
    /// Where.
    pub space: SpaceId,
    /// Who.
    pub account: AccountId,
    /// What people call them.
    pub name: String,
    /// Where mail reaches them.
    pub email: String,
    /// Whether that address was proven.
    pub verified: bool,
    /// Whether they may sign in.
    pub disabled: bool,
    /// Whether there is a device that takes push messages.
    pub devices: bool,
    /// What they want to be told.
    pub preferences: Preferences,
}

#[derive(SurrealValue)]
struct MemberRow {
    account: String,
    space: String,
    name: Option<String>,
    email: Option<String>,
    verified_at: Option<i64>,
    disabled: Option<bool>,
}

impl Store {
    /// Every member of every space, or of one, as far as telling them goes. For the engine, not for requests of people.
    pub async fn reachable(&self, space: Option<SpaceId>) -> Result<Vec<Reachable>, StoreError> {
        let members = if space.is_some() { "membership WHERE space = $space" } else { "membership" };
        let preferences = if space.is_some() { "type::record('preference', [$space, NONE]..[$space, {}])" } else { "preference" };
        let query = format!(
            "SELECT account, space, type::record('account', account).name AS name, type::record('account', account).email AS email,
                type::record('account', account).verified_at AS verified_at, type::record('account', account).disabled AS disabled
             FROM {members};
             SELECT * FROM {preferences};
             SELECT VALUE account FROM push_device;"
        );
        let mut answer = self.db.run(&query, vars! { space: space.map(|id| id.to_string()) }).await?;
        let members = answer.rows::<MemberRow>(0)?;
        let mut chosen: HashMap<(SpaceId, AccountId), Preferences> = HashMap::new();
        for row in answer.rows::<Row>(1)? {
            let part = |n| key_text(&row.id, n).ok_or_else(|| damaged(TABLE, "its key is not a space and an account"));
            chosen.insert((parse(TABLE, part(0)?)?, parse(TABLE, part(1)?)?), from_json(TABLE, &row.data)?);
        }
        let devices: Vec<String> = answer.rows(2)?;
        members
            .into_iter()
            .map(|row| {
                let (space, account) = (parse("membership", &row.space)?, parse("membership", &row.account)?);
                Ok(Reachable {
                    space,
                    account,
                    name: row.name.unwrap_or_default(),
                    email: row.email.unwrap_or_default(),
                    verified: row.verified_at.is_some(),
                    disabled: row.disabled.unwrap_or(false),
                    devices: devices.contains(&row.account),
                    preferences: chosen.remove(&(space, account)).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// The spaces that have no rule.
    pub async fn spaces_without_rules(&self) -> Result<Vec<SpaceId>, StoreError> {
        let query = "LET $with = (SELECT VALUE space FROM rule); SELECT VALUE record::id(id) FROM space WHERE record::id(id) NOT IN $with";
        let ids = self.db.run(query, none()).await?.rows::<String>(1)?;
        ids.iter().map(|id| parse("space", id)).collect()
    }
}

impl SpaceScope<'_> {
    /// What a member wants to be told.
    pub async fn preferences(&self, account: AccountId) -> Result<Preferences, StoreError> {
        let id = compound(TABLE, vec![text(self.space), text(account)]);
        let row = self.store.db.run("SELECT * FROM $id", vars! { id: id }).await?.row::<Row>(0)?;
        row.map_or_else(|| Ok(Preferences::default()), |row| from_json(TABLE, &row.data))
    }

    /// Keeps what a member wants to be told.
    pub async fn set_preferences(&self, account: AccountId, preferences: &Preferences) -> Result<(), StoreError> {
        let id = compound(TABLE, vec![text(self.space), text(account)]);
        let variables = vars! { id: id, data: to_json(TABLE, preferences)? };
        self.store.db.run("UPSERT $id SET data = $data RETURN NONE", variables).await.map(drop)
    }
}
