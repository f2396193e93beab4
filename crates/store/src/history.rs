//! The recorder's write: results, transitions, states and rollups of one batch, in one transaction. Writing the same
//! batch again changes nothing, because every key is made from what is written.

use domain::machine::Transition;
use domain::{MonitorId, Timestamp};
use surrealdb::types::SurrealValue;

use crate::error::StoreError;
use crate::open::Store;
use crate::results::{self, StoredResult};
use crate::rollups::{self, Level, Rollup};
use crate::rows::none;
use crate::states::{self, StateRow};
use crate::transitions;

/// What is written together.
#[derive(Default)]
pub struct Batch {
    /// Raw results.
    pub results: Vec<StoredResult>,
    /// Changes of state, with the stable name of their cause.
    pub transitions: Vec<(MonitorId, Transition, Option<&'static str>)>,
    /// Where monitors stand.
    pub states: Vec<StateRow>,
    /// Hours and days that ended.
    pub rollups: Vec<(MonitorId, Level, Timestamp, Rollup)>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty() && self.transitions.is_empty() && self.states.is_empty() && self.rollups.is_empty()
    }
}

/// The one writer of history. Only the engine's recorder and the demo use it.
pub struct Recorder<'a>(&'a Store);

impl Store {
    /// The one writer of history.
    pub fn recorder(&self) -> Recorder<'_> {
        Recorder(self)
    }
}

impl Recorder<'_> {
    /// Writes a batch, all or nothing.
    pub async fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        self.write_with(batch, "FOR $row IN $rollups { UPSERT $row.id CONTENT $row RETURN NONE; };").await
    }

    /// Writes a batch whose rollups are known to be new: a bulk load.
    pub async fn write_fresh(&self, batch: &Batch) -> Result<(), StoreError> {
        self.write_with(batch, "INSERT IGNORE INTO rollup $rollups RETURN NONE;").await
    }

    async fn write_with(&self, batch: &Batch, rollups: &str) -> Result<(), StoreError> {
        let mut statements: Vec<&str> = Vec::with_capacity(4);
        let mut variables = none();
        if !batch.results.is_empty() {
            statements.push("INSERT IGNORE INTO result $results RETURN NONE;");
            variables.insert("results", rows(&batch.results, results::Row::from));
        }
        if !batch.transitions.is_empty() {
            statements.push("INSERT IGNORE INTO transition $transitions RETURN NONE;");
            variables.insert("transitions", rows(&batch.transitions, |(m, t, reason)| transitions::Row::new(*m, t, *reason)));
        }
        if !batch.states.is_empty() {
            // A monitor that was deleted meanwhile leaves no state behind.
            statements.push(
                "FOR $row IN $states {
                    IF record::exists(type::record('monitor', record::id($row.id))) { UPSERT $row.id CONTENT $row RETURN NONE; };
                };",
            );
            variables.insert("states", rows(&batch.states, states::Row::from));
        }
        if !batch.rollups.is_empty() {
            statements.push(rollups);
            variables.insert("rollups", rows(&batch.rollups, |(m, level, start, rollup)| rollups::Row::new(*m, *level, *start, rollup)));
        }
        let text = match statements.as_slice() {
            [] => return Ok(()),
            [only] if !only.starts_with("FOR") => (*only).to_owned(),
            all => format!("BEGIN; {} COMMIT;", all.concat()),
        };
        self.0.db.run_once(&text, variables).await?;
        Ok(())
    }
}

fn rows<'a, T, R: SurrealValue>(items: &'a [T], row: impl Fn(&'a T) -> R) -> Vec<surrealdb::types::Value> {
    items.iter().map(|item| row(item).into_value()).collect()
}
