//! The configuration of monitors. Header values and bodies are sealed.

use std::time::Duration;

use domain::http::{Header, HttpSettings};
use domain::machine::Confirmation;
use domain::monitor::{Monitor, MonitorSpec, Target};
use domain::{MonitorId, SpaceId, Timestamp};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, id_of, none, parse, record, vars};
use crate::seal::Sealer;
use crate::spaces::SpaceScope;

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    space: String,
    kind: String,
    name: String,
    url: String,
    method: String,
    header_names: Vec<String>,
    header_values: Option<Bytes>,
    body: Option<Bytes>,
    accepted_status: String,
    interval_ms: i64,
    timeout_ms: i64,
    timeout_default: bool,
    failures: i64,
    successes: i64,
    retry_ms: Option<i64>,
    upside_down: bool,
    tags: Vec<String>,
    note: String,
    enabled: bool,
    updated_at: i64,
}

const TABLE: &str = "monitor";

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn span(millis: i64) -> Result<Duration, StoreError> {
    u64::try_from(millis).map(Duration::from_millis).map_err(|_| damaged(TABLE, "a duration is negative"))
}

fn to_row(sealer: &Sealer, monitor: &Monitor) -> Result<Row, StoreError> {
    let id = monitor.id.to_string();
    let spec = &monitor.spec;
    let Target::Http(http) = &spec.target;
    let values: Vec<&str> = http.headers.iter().map(|h| h.value.as_str()).collect();
    // Header values have no line breaks (validation refuses them), so they are joined by one.
    let header_values = if values.is_empty() { None } else { Some(sealer.seal(&id, &values.join("\n"))?.into()) };
    let body = http.body.as_ref().map(|body| sealer.seal(&id, body)).transpose()?.map(Bytes::from);
    Ok(Row {
        id: record(TABLE, &id),
        space: monitor.space.to_string(),
        kind: spec.target.kind().to_owned(),
        name: spec.name.clone(),
        url: http.url.clone(),
        method: http.method.clone(),
        header_names: http.headers.iter().map(|h| h.name.clone()).collect(),
        header_values,
        body,
        accepted_status: http.accepted_status.to_string(),
        interval_ms: millis(spec.interval),
        timeout_ms: millis(spec.timeout),
        timeout_default: spec.timeout_is_default,
        failures: i64::from(spec.confirmation.failures),
        successes: i64::from(spec.confirmation.successes),
        retry_ms: spec.retry.map(millis),
        upside_down: spec.upside_down,
        tags: spec.tags.clone(),
        note: spec.note.clone(),
        enabled: monitor.enabled,
        updated_at: monitor.updated_at.as_millis(),
    })
}

fn from_row(sealer: &Sealer, row: Row) -> Result<Monitor, StoreError> {
    let id: MonitorId = id_of(TABLE, &row.id)?;
    let key = id.to_string();
    if row.kind != "http" {
        return Err(damaged(TABLE, format!("{id} has the unknown kind “{}”", row.kind)));
    }
    let open = |bytes: &Bytes| sealer.unseal(TABLE, &key, bytes);
    let values = row.header_values.as_ref().map(open).transpose()?.unwrap_or_default();
    let headers = row.header_names.into_iter().zip(values.split('\n')).map(|(name, value)| Header { name, value: value.to_owned() });
    let http = HttpSettings {
        url: row.url,
        method: row.method,
        headers: headers.collect(),
        body: row.body.as_ref().map(open).transpose()?,
        accepted_status: parse(TABLE, &row.accepted_status)?,
    };
    let count = |n: i64| u32::try_from(n).map_err(|_| damaged(TABLE, "a count is negative"));
    Ok(Monitor {
        id,
        space: parse(TABLE, &row.space)?,
        spec: MonitorSpec {
            name: row.name,
            target: Target::Http(http),
            interval: span(row.interval_ms)?,
            timeout: span(row.timeout_ms)?,
            timeout_is_default: row.timeout_default,
            confirmation: Confirmation { failures: count(row.failures)?, successes: count(row.successes)? },
            retry: row.retry_ms.map(span).transpose()?,
            upside_down: row.upside_down,
            tags: row.tags,
            note: row.note,
        },
        enabled: row.enabled,
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}

impl Store {
    /// Every monitor of the instance, for the engine's start. Not for requests of people.
    pub async fn all_monitors(&self) -> Result<Vec<Monitor>, StoreError> {
        let rows = self.db.run("SELECT * FROM monitor", none()).await?.rows::<Row>(0)?;
        rows.into_iter().map(|row| from_row(&self.sealer, row)).collect()
    }
}

/// The monitors of one space.
pub struct Monitors<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its monitors.
    pub fn monitors(&self) -> Monitors<'_> {
        Monitors(self)
    }
}

impl Monitors<'_> {
    fn space(&self) -> SpaceId {
        self.0.space
    }

    /// The ids of all of them.
    pub async fn ids(&self) -> Result<Vec<MonitorId>, StoreError> {
        let text = "SELECT VALUE id FROM monitor WHERE space = $space";
        let rows = self.0.store.db.run(text, vars! { space: self.space().to_string() }).await?.rows::<RecordId>(0)?;
        rows.iter().map(|id| id_of(TABLE, id)).collect()
    }

    /// Keeps new ones, all or none.
    pub async fn create(&self, monitors: &[Monitor]) -> Result<(), StoreError> {
        self.write("INSERT INTO monitor $rows RETURN NONE", monitors).await
    }

    /// Replaces the settings of existing ones, all or none.
    pub async fn update(&self, monitors: &[Monitor]) -> Result<(), StoreError> {
        let text = "BEGIN; FOR $row IN $rows { UPDATE $row.id CONTENT $row WHERE space = $space RETURN NONE; }; COMMIT;";
        self.write(text, monitors).await
    }

    async fn write(&self, text: &str, monitors: &[Monitor]) -> Result<(), StoreError> {
        let rows: Result<Vec<Row>, _> = monitors.iter().map(|m| to_row(&self.0.store.sealer, m)).collect();
        self.0.store.db.run(text, vars! { rows: rows?, space: self.space().to_string() }).await.map(drop)
    }

    /// Deletes monitors of this space at once; their history follows in the background. Others are left alone.
    pub async fn delete(&self, monitors: &[MonitorId], now: Timestamp) -> Result<(), StoreError> {
        let text = "BEGIN;
            FOR $id IN $ids {
                LET $gone = (DELETE type::record('monitor', $id) WHERE space = $space RETURN BEFORE);
                IF array::len($gone) > 0 {
                    UPSERT type::record('purge', $id) SET created_at = $now RETURN NONE;
                    DELETE type::record('monitor_state', $id) RETURN NONE;
                };
            };
            COMMIT;";
        let ids: Vec<String> = monitors.iter().map(ToString::to_string).collect();
        self.0.store.db.run(text, vars! { ids: ids, space: self.space().to_string(), now: now.as_millis() }).await.map(drop)
    }
}
