//! Deletes the history of monitors that are gone, in bounded pieces: one transaction never comes near the memtable.

use domain::MonitorId;
use surrealdb::types::RecordId;

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{id_of, none, record, vars};

/// Rows of one piece: a row may be a packed day.
const PIECE: i64 = 250;

impl Store {
    /// Monitors whose history waits to be deleted.
    pub async fn purges(&self) -> Result<Vec<MonitorId>, StoreError> {
        let rows = self.db.run("SELECT VALUE id FROM purge", none()).await?.rows::<RecordId>(0)?;
        rows.iter().map(|id| id_of("purge", id)).collect()
    }

    /// Deletes one piece of the history of a monitor; true when nothing is left of it.
    pub async fn purge_piece(&self, monitor: MonitorId) -> Result<bool, StoreError> {
        for table in ["result", "segment", "transition", "rollup"] {
            let query = format!(
                "LET $ids = (SELECT VALUE id FROM type::record('{table}', [$monitor, NONE]..[$monitor, {{}}]) LIMIT $piece);
                 DELETE $ids RETURN NONE;
                 RETURN array::len($ids);"
            );
            let deleted = self.db.run(&query, vars! { monitor: monitor.to_string(), piece: PIECE }).await?.row::<i64>(2)?;
            if deleted.unwrap_or(0) > 0 {
                return Ok(false);
            }
        }
        self.db.run("DELETE $id RETURN NONE", vars! { id: record("purge", monitor) }).await?;
        Ok(true)
    }

    /// Reads a fact of the instance.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.db.run("SELECT VALUE value FROM $id", vars! { id: record("instance", name) }).await?.row::<String>(0)
    }

    /// Writes a fact of the instance.
    pub async fn set_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let variables = vars! { id: record("instance", name), value: value.to_owned() };
        self.db.run("UPSERT $id SET value = $value RETURN NONE", variables).await.map(drop)
    }
}
