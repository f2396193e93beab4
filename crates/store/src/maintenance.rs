//! Maintenance windows of a space.

use std::time::Duration;

use domain::maintenance::{Covers, Window, WindowSpec};
use domain::{Timestamp, WindowId};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, id_of, none, parse, record, vars};
use crate::spaces::SpaceScope;

const TABLE: &str = "maintenance";

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    space: String,
    name: String,
    note: String,
    covers: String,
    tags: Vec<String>,
    monitors: Vec<String>,
    repeat: String,
    duration_ms: i64,
    zone: String,
    enabled: bool,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    updated_at: i64,
}

impl From<&Window> for Row {
    fn from(window: &Window) -> Self {
        let spec = &window.spec;
        let (tags, monitors) = match &spec.covers {
            Covers::All => (Vec::new(), Vec::new()),
            Covers::Tagged(tags) => (tags.clone(), Vec::new()),
            Covers::Chosen(ids) => (Vec::new(), ids.iter().map(ToString::to_string).collect()),
        };
        Self {
            id: record(TABLE, window.id),
            space: window.space.to_string(),
            name: spec.name.clone(),
            note: spec.note.clone(),
            covers: spec.covers.name().to_owned(),
            tags,
            monitors,
            repeat: spec.repeat.to_string(),
            duration_ms: i64::try_from(spec.duration.as_millis()).unwrap_or(i64::MAX),
            zone: spec.zone.clone(),
            enabled: spec.enabled,
            started_at: window.started_at.map(Timestamp::as_millis),
            ended_at: window.ended_at.map(Timestamp::as_millis),
            updated_at: window.updated_at.as_millis(),
        }
    }
}

impl TryFrom<Row> for Window {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let covers = match row.covers.as_str() {
            "all" => Covers::All,
            "tags" => Covers::Tagged(row.tags),
            "chosen" => Covers::Chosen(row.monitors.iter().map(|id| parse(TABLE, id)).collect::<Result<_, _>>()?),
            other => return Err(damaged(TABLE, format!("“{other}” is no way of choosing monitors"))),
        };
        let duration = u64::try_from(row.duration_ms).map_err(|_| damaged(TABLE, "its duration is negative"))?;
        Ok(Self {
            id: id_of(TABLE, &row.id)?,
            space: parse(TABLE, &row.space)?,
            spec: WindowSpec {
                name: row.name,
                note: row.note,
                covers,
                repeat: parse(TABLE, &row.repeat)?,
                duration: Duration::from_millis(duration),
                zone: row.zone,
                enabled: row.enabled,
            },
            started_at: row.started_at.map(Timestamp::from_millis),
            ended_at: row.ended_at.map(Timestamp::from_millis),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

impl Store {
    /// Every window of the instance, for the engine's start. Not for requests of people.
    pub async fn all_windows(&self) -> Result<Vec<Window>, StoreError> {
        let rows = self.db.run("SELECT * FROM maintenance", none()).await?.rows::<Row>(0)?;
        rows.into_iter().map(Window::try_from).collect()
    }
}

/// The maintenance windows of one space.
pub struct Windows<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its maintenance windows.
    pub fn windows(&self) -> Windows<'_> {
        Windows(self)
    }
}

impl Windows<'_> {
    /// Keeps a new one, or replaces one of this space.
    pub async fn put(&self, window: &Window) -> Result<(), StoreError> {
        let text = "BEGIN;
            LET $other = (SELECT VALUE space FROM ONLY $row.id);
            IF $other != NONE AND $other != $space { THROW 'a window of another space'; };
            UPSERT $row.id CONTENT $row RETURN NONE;
            COMMIT;";
        let variables = vars! { row: Row::from(window), space: self.0.space.to_string() };
        self.0.store.db.run(text, variables).await.map(drop)
    }

    /// Deletes one; false when there is no such here.
    pub async fn delete(&self, id: WindowId) -> Result<bool, StoreError> {
        let variables = vars! { id: record(TABLE, id), space: self.0.space.to_string() };
        let text = "DELETE $id WHERE space = $space RETURN BEFORE";
        Ok(self.0.store.db.run(text, variables).await?.row::<Row>(0)?.is_some())
    }
}
