//! The recorder's write: checks, transitions, states and rollups of one batch, in one transaction. Writing the same
//! batch again changes nothing, because every key is made from what is written.

use domain::machine::Transition;
use domain::{MonitorId, Timestamp};
use surrealdb::types::SurrealValue;

use crate::error::StoreError;
use crate::journal;
use crate::open::Store;
use crate::packed::Batched;
use crate::rollups::{self, Level, Rollup};
use crate::rows::none;
use crate::states::{self, StateRow};
use crate::transitions;

/// What is written together.
#[derive(Default)]
pub struct Batch {
    /// Checks and missed slots: a row of the journal.
    pub recorded: Batched,
    /// The number of that row.
    pub seq: i64,
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
        self.recorded.is_empty() && self.transitions.is_empty() && self.states.is_empty() && self.rollups.is_empty()
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
        let mut statements: Vec<&str> = Vec::with_capacity(4);
        let mut variables = none();
        if !batch.recorded.is_empty() {
            statements.push("INSERT IGNORE INTO journal $journal RETURN NONE;");
            variables.insert("journal", vec![journal::Row::new(batch.seq, &batch.recorded).into_value()]);
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
            statements.push(rollups::WRITE);
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
