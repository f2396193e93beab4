//! Incidents and their timelines. Written in the recorder's batches; read here.

use domain::alert::{Incident, IncidentEvent, IncidentState};
use domain::{IncidentId, MonitorId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, from_json, none, number, text, to_json, vars};
use crate::spaces::SpaceScope;

const TABLE: &str = "incident";
const EVENTS: &str = "incident_event";

/// Its place among the incidents of its space: the newest come first.
pub(crate) fn key(space: SpaceId, id: IncidentId) -> RecordId {
    compound(TABLE, vec![text(space), number(-id.created_at().as_millis()), text(id)])
}

/// Where it stands while it is not over.
fn unresolved(space: SpaceId, id: IncidentId) -> RecordId {
    compound("unresolved", vec![text(space), text(id)])
}

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    state: String,
    monitor: Option<String>,
    data: String,
    unresolved: RecordId,
}

impl Row {
    pub(crate) fn new(incident: &Incident) -> Result<Self, StoreError> {
        Ok(Self {
            id: key(incident.space, incident.id),
            state: incident.state.name().to_owned(),
            monitor: incident.monitor.map(|id| id.to_string()),
            data: to_json(TABLE, incident)?,
            unresolved: unresolved(incident.space, incident.id),
        })
    }
}

/// Writes incidents as they are now, in a transaction.
pub(crate) const WRITE: &str = "FOR $row IN $incidents {
        UPSERT $row.id SET state = $row.state, monitor = $row.monitor, data = $row.data RETURN NONE;
        IF $row.state = 'resolved' { DELETE $row.unresolved RETURN NONE; }
        ELSE { UPSERT $row.unresolved SET incident = $row.id RETURN NONE; };
    };";

#[derive(SurrealValue)]
pub(crate) struct EventRow {
    id: RecordId,
    data: String,
}

impl EventRow {
    /// Its key follows from what it says, so that writing it again changes nothing.
    pub(crate) fn new(space: SpaceId, incident: IncidentId, event: &IncidentEvent) -> Result<Self, StoreError> {
        let data = to_json(EVENTS, event)?;
        let what = crate::rows::digest(&data);
        Ok(Self { id: compound(EVENTS, vec![text(space), text(incident), number(event.at.as_millis()), text(what)]), data })
    }
}

/// Writes entries of timelines, in a transaction.
pub(crate) const WRITE_EVENTS: &str = "INSERT IGNORE INTO incident_event $incident_events RETURN NONE;";

#[derive(SurrealValue)]
struct Data {
    data: String,
}

fn read(rows: Vec<Data>) -> Result<Vec<Incident>, StoreError> {
    rows.iter().map(|row| from_json(TABLE, &row.data)).collect()
}

impl Store {
    /// Every incident of the instance that is not over, for the engine's start. Not for requests of people.
    pub async fn unresolved_incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let text = "SELECT VALUE incident.data FROM unresolved";
        let rows = self.db.run(text, none()).await?.rows::<String>(0)?;
        rows.iter().map(|data| from_json(TABLE, data)).collect()
    }
}

/// The incidents of one space.
pub struct Incidents<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its incidents.
    pub fn incidents(&self) -> Incidents<'_> {
        Incidents(self)
    }
}

/// Which incidents are wanted. Empty: all of them.
#[derive(Debug, Clone, Default)]
pub struct IncidentFilter {
    /// In one of these states.
    pub states: Vec<IncidentState>,
    /// Of this monitor.
    pub monitor: Option<MonitorId>,
    /// Older than this one.
    pub before: Option<IncidentId>,
}

impl Incidents<'_> {
    /// One of them.
    pub async fn get(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let rows = self.0.store.db.run("SELECT data FROM $id", vars! { id: key(self.0.space, id) }).await?.rows::<Data>(0)?;
        Ok(read(rows)?.into_iter().next())
    }

    /// Those that fit, the newest first.
    pub async fn list(&self, filter: &IncidentFilter, limit: u32) -> Result<Vec<Incident>, StoreError> {
        let text = "SELECT data FROM type::record('incident', [$space, $from, $after]..[$space, $to])
            WHERE (array::len($states) = 0 OR state IN $states) AND ($monitor = NONE OR monitor = $monitor) LIMIT $limit";
        let (from, after) = filter.before.map_or((i64::MIN, String::new()), |id| (-id.created_at().as_millis(), format!("{id}~")));
        let variables = vars! {
            space: self.0.space.to_string(), from: from, after: after, to: i64::MAX,
            states: filter.states.iter().map(|state| state.name().to_owned()).collect::<Vec<_>>(),
            monitor: filter.monitor.map(|id| id.to_string()), limit: i64::from(limit),
        };
        read(self.0.store.db.run(text, variables).await?.rows(0)?)
    }

    /// How many are not over.
    pub async fn open(&self) -> Result<u32, StoreError> {
        let text = "SELECT VALUE id FROM type::record('unresolved', [$space, NONE]..[$space, {}]) LIMIT 10000";
        let rows = self.0.store.db.run(text, vars! { space: self.0.space.to_string() }).await?.rows::<RecordId>(0)?;
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    /// What happened in one of them, oldest first.
    pub async fn timeline(&self, id: IncidentId) -> Result<Vec<IncidentEvent>, StoreError> {
        let text = "SELECT data FROM type::record('incident_event', [$space, $id, NONE]..[$space, $id, {}]) LIMIT 2000";
        let rows = self.0.store.db.run(text, vars! { space: self.0.space.to_string(), id: id.to_string() }).await?.rows::<Data>(0)?;
        let mut events: Vec<IncidentEvent> = rows.iter().map(|row| from_json(EVENTS, &row.data)).collect::<Result<_, _>>()?;
        events.sort_by_key(|event| (event.at, event.happened));
        Ok(events)
    }

    /// How many began since an instant, by state in the order of [`IncidentState::ALL`].
    pub async fn counts(&self, since: Timestamp) -> Result<[u64; 3], StoreError> {
        let text = "SELECT VALUE state FROM type::record('incident', [$space, $from]..[$space, $to]) LIMIT 10000";
        let variables = vars! { space: self.0.space.to_string(), from: i64::MIN, to: 1i64.saturating_sub(since.as_millis()) };
        let states = self.0.store.db.run(text, variables).await?.rows::<String>(0)?;
        Ok(IncidentState::ALL.map(|state| u64::try_from(states.iter().filter(|name| *name == state.name()).count()).unwrap_or(0)))
    }
}
