//! The recorder's write: checks, transitions, states and rollups of one batch, in one transaction. Writing the same
//! batch again changes nothing, because every key is made from what is written.

use domain::activity::Activity;
use domain::alert::{Incident, IncidentEvent, Message, Notice};
use domain::machine::Transition;
use domain::{IncidentId, MonitorId, SpaceId, Timestamp};
use surrealdb::types::{SurrealValue, Variables};

use crate::error::StoreError;
use crate::open::Store;
use crate::packed::Batched;
use crate::rollups::{self, Level, Rollup};
use crate::rows::none;
use crate::states::{self, StateRow};
use crate::{activity, incidents, journal, messages, notices, transitions};

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
    /// Incidents that began or changed, as they are now.
    pub incidents: Vec<Incident>,
    /// Entries of their timelines.
    pub incident_events: Vec<(SpaceId, IncidentId, IncidentEvent)>,
    /// What happened that somebody may want to be told.
    pub notices: Vec<Notice>,
    /// What is to be told to whom.
    pub messages: Vec<Message>,
    /// Who did what.
    pub activities: Vec<(SpaceId, Activity)>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let told = self.incidents.is_empty() && self.incident_events.is_empty() && self.notices.is_empty();
        let recorded = self.recorded.is_empty() && self.transitions.is_empty() && self.states.is_empty() && self.rollups.is_empty();
        recorded && told && self.messages.is_empty() && self.activities.is_empty()
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
        tell(self.0, batch, &mut statements, &mut variables)?;
        let text = match statements.as_slice() {
            [] => return Ok(()),
            [only] if !only.starts_with("FOR") => (*only).to_owned(),
            all => format!("BEGIN; {} COMMIT;", all.concat()),
        };
        self.0.db.run_once(&text, variables).await?;
        Ok(())
    }
}

/// What is told of a batch, in the same transaction.
fn tell(store: &Store, batch: &Batch, statements: &mut Vec<&str>, variables: &mut Variables) -> Result<(), StoreError> {
    if !batch.incidents.is_empty() {
        statements.push(incidents::WRITE);
        let rows = batch.incidents.iter().map(incidents::Row::new).collect::<Result<Vec<_>, _>>()?;
        variables.insert("incidents", rows);
    }
    if !batch.incident_events.is_empty() {
        statements.push(incidents::WRITE_EVENTS);
        let rows = batch.incident_events.iter().map(|(space, id, event)| incidents::EventRow::new(*space, *id, event));
        variables.insert("incident_events", rows.collect::<Result<Vec<_>, _>>()?);
    }
    if !batch.notices.is_empty() {
        statements.push(notices::WRITE);
        variables.insert("notices", batch.notices.iter().map(notices::Row::new).collect::<Result<Vec<_>, _>>()?);
    }
    if !batch.messages.is_empty() {
        statements.push(messages::WRITE);
        let rows = batch.messages.iter().map(|message| messages::New::of(&store.sealer, message));
        variables.insert("messages", rows.collect::<Result<Vec<_>, _>>()?);
    }
    if !batch.activities.is_empty() {
        statements.push(activity::WRITE);
        let rows = batch.activities.iter().map(|(space, activity)| activity::Row::new(*space, activity));
        variables.insert("activities", rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(())
}

fn rows<'a, T, R: SurrealValue>(items: &'a [T], row: impl Fn(&'a T) -> R) -> Vec<surrealdb::types::Value> {
    items.iter().map(|item| row(item).into_value()).collect()
}
