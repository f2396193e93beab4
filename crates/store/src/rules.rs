//! The rules of a space: which events are told where.

use domain::alert::Rule;
use domain::{RuleId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{from_json, id_of, none, parse, record, to_json, vars};
use crate::spaces::SpaceScope;

const TABLE: &str = "rule";

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    space: String,
    enabled: bool,
    data: String,
    updated_at: i64,
}

impl Row {
    pub(crate) fn of(rule: &Rule) -> Result<Self, StoreError> {
        Ok(Self {
            id: record(TABLE, rule.id),
            space: rule.space.to_string(),
            enabled: rule.enabled,
            data: to_json(TABLE, &rule.spec)?,
            updated_at: rule.updated_at.as_millis(),
        })
    }
}

impl TryFrom<Row> for Rule {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: id_of(TABLE, &row.id)?,
            space: parse(TABLE, &row.space)?,
            spec: from_json(TABLE, &row.data)?,
            enabled: row.enabled,
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

impl Store {
    /// Every rule of the instance, for the engine's start. Not for requests of people.
    pub async fn all_rules(&self) -> Result<Vec<Rule>, StoreError> {
        let rows = self.db.run("SELECT * FROM rule", none()).await?.rows::<Row>(0)?;
        rows.into_iter().map(Rule::try_from).collect()
    }
}

/// The rules of one space.
pub struct Rules<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its rules.
    pub fn rules(&self) -> Rules<'_> {
        Rules(self)
    }
}

impl Rules<'_> {
    /// Keeps a new one, or replaces one of this space.
    pub async fn put(&self, rule: &Rule) -> Result<(), StoreError> {
        let text = "BEGIN;
            LET $other = (SELECT VALUE space FROM ONLY $row.id);
            IF $other != NONE AND $other != $space { THROW 'a rule of another space'; };
            UPSERT $row.id CONTENT $row RETURN NONE;
            COMMIT;";
        self.0.store.db.run(text, vars! { row: Row::of(rule)?, space: self.0.space.to_string() }).await.map(drop)
    }

    /// Deletes one; false when there is no such here.
    pub async fn delete(&self, id: RuleId) -> Result<bool, StoreError> {
        let variables = vars! { id: record(TABLE, id), space: self.0.space.to_string() };
        let text = "DELETE $id WHERE space = $space RETURN BEFORE";
        Ok(self.0.store.db.run(text, variables).await?.row::<Row>(0)?.is_some())
    }
}
