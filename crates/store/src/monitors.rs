//! The configuration of monitors. The fields of their kinds are sealed: there are secrets among them.

use std::time::Duration;

use domain::kind::{Kind, Values};
use domain::machine::Confirmation;
use domain::monitor::{Monitor, MonitorSpec, Secrets};
use domain::{MonitorId, SpaceId, Timestamp};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, id_of, key_text, parse, record, vars};
use crate::seal::Sealer;
use crate::spaces::SpaceScope;

mod before_kinds;

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    space: String,
    kind: String,
    name: String,
    settings: Option<Bytes>,
    interval_ms: i64,
    timeout_ms: i64,
    timeout_default: bool,
    failures: i64,
    successes: i64,
    retry_ms: Option<i64>,
    upside_down: bool,
    depends_on: Vec<String>,
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
    let settings = serde_json::to_string(&spec.settings.0).map_err(|e| StoreError::Query(e.to_string()))?;
    Ok(Row {
        id: record(TABLE, &id),
        space: monitor.space.to_string(),
        kind: spec.kind.name().to_owned(),
        name: spec.name.clone(),
        settings: Some(sealer.seal(&id, &settings)?.into()),
        interval_ms: millis(spec.interval),
        timeout_ms: millis(spec.timeout),
        timeout_default: spec.timeout_is_default,
        failures: i64::from(spec.confirmation.failures),
        successes: i64::from(spec.confirmation.successes),
        retry_ms: spec.retry.map(millis),
        upside_down: spec.upside_down,
        depends_on: spec.depends_on.iter().map(ToString::to_string).collect(),
        tags: spec.tags.clone(),
        note: spec.note.clone(),
        enabled: monitor.enabled,
        updated_at: monitor.updated_at.as_millis(),
    })
}

fn from_row(sealer: &Sealer, row: Row, settings: Values) -> Result<Monitor, StoreError> {
    let id: MonitorId = id_of(TABLE, &row.id)?;
    let kind = Kind::from_name(&row.kind).ok_or_else(|| damaged(TABLE, format!("{id} has the unknown kind “{}”", row.kind)))?;
    let settings = match &row.settings {
        Some(sealed) => {
            let text = sealer.unseal(TABLE, &id.to_string(), sealed)?;
            serde_json::from_str(&text).map_err(|e| damaged(TABLE, format!("the settings of {id} are not what was written: {e}")))?
        }
        None => settings,
    };
    let (target, thresholds) = MonitorSpec::restore(kind, &settings);
    let count = |n: i64| u32::try_from(n).map_err(|_| damaged(TABLE, "a count is negative"));
    Ok(Monitor {
        id,
        space: parse(TABLE, &row.space)?,
        spec: MonitorSpec {
            name: row.name,
            kind,
            settings: Secrets(settings),
            target,
            thresholds,
            interval: span(row.interval_ms)?,
            timeout: span(row.timeout_ms)?,
            timeout_is_default: row.timeout_default,
            confirmation: Confirmation { failures: count(row.failures)?, successes: count(row.successes)? },
            retry: row.retry_ms.map(span).transpose()?,
            upside_down: row.upside_down,
            depends_on: row.depends_on.iter().map(|id| parse(TABLE, id)).collect::<Result<_, _>>()?,
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
        let mut earlier = before_kinds::settings(self).await?;
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let rows = self.db.page::<Row>("monitor", after.as_ref()).await?;
            let Some(last) = rows.last() else { return Ok(all) };
            after = Some(last.id.clone());
            for row in rows {
                let settings = key_text(&row.id, 0).and_then(|key| earlier.remove(key)).unwrap_or_default();
                all.push(from_row(&self.sealer, row, settings)?);
            }
        }
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

    /// Deletes monitors of this space at once, also from what depends on them and from maintenance windows; their history
    /// follows in the background. Others are left alone.
    pub async fn delete(&self, monitors: &[MonitorId], now: Timestamp) -> Result<(), StoreError> {
        let text = "BEGIN;
            FOR $id IN $ids {
                LET $gone = (DELETE type::record('monitor', $id) WHERE space = $space RETURN BEFORE);
                IF array::len($gone) > 0 {
                    UPSERT type::record('purge', $id) SET created_at = $now RETURN NONE;
                    DELETE type::record('monitor_state', $id) RETURN NONE;
                };
            };
            UPDATE monitor SET depends_on = array::complement(depends_on, $ids) WHERE space = $space AND depends_on ANYINSIDE $ids RETURN NONE;
            UPDATE maintenance SET monitors = array::complement(monitors, $ids) WHERE space = $space AND monitors ANYINSIDE $ids RETURN NONE;
            COMMIT;";
        let ids: Vec<String> = monitors.iter().map(ToString::to_string).collect();
        self.0.store.db.run(text, vars! { ids: ids, space: self.space().to_string(), now: now.as_millis() }).await.map(drop)
    }
}
