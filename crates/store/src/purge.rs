//! Deletes what is left of monitors and spaces that are gone and what was told long ago, in bounded pieces: one transaction never comes
//! near the memtable.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{MonitorId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, Variables};

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
            let range = format!("type::record('{table}', [$monitor, NONE]..[$monitor, {{}}])");
            if self.delete_piece(&range, vars! { monitor: monitor.to_string(), piece: PIECE }).await? > 0 {
                return Ok(false);
            }
        }
        self.db.run("DELETE $id RETURN NONE", vars! { id: record("purge", monitor) }).await?;
        Ok(true)
    }

    /// Spaces of which something waits to be deleted.
    pub async fn space_purges(&self) -> Result<Vec<SpaceId>, StoreError> {
        let rows = self.db.run("SELECT VALUE id FROM space_purge", none()).await?.rows::<RecordId>(0)?;
        rows.iter().map(|id| id_of("space_purge", id)).collect()
    }

    /// Deletes one piece of what is left of a space; true when nothing is left of it.
    pub async fn purge_space_piece(&self, space: SpaceId) -> Result<bool, StoreError> {
        for table in [
            "incident_event",
            "incident",
            "notice",
            "attempt",
            "message",
            "activity",
            "occurrence",
            "dead_run",
            "run_day",
            "run_hour",
            "progress",
            "schedule_purge",
        ] {
            let query = format!("type::record('{table}', [$space, NONE]..[$space, {{}}])");
            if self.delete_piece(&query, vars! { space: space.to_string(), piece: PIECE }).await? > 0 {
                return Ok(false);
            }
        }
        self.db.run("DELETE $id RETURN NONE", vars! { id: record("space_purge", space) }).await?;
        Ok(true)
    }

    /// Deletes one piece of what was told in a space before an instant, and of what was done before another; true when there is nothing more
    /// of it. What has not ended is kept.
    pub async fn forget_piece(&self, space: SpaceId, told: Timestamp, done: Timestamp) -> Result<bool, StoreError> {
        let before = |at: Timestamp| vars! { space: space.to_string(), piece: PIECE, from: 0i64.saturating_sub(at.as_millis()) };
        for (table, at) in [("notice", told), ("activity", done)] {
            let range = format!("type::record('{table}', [$space, $from]..[$space, {{}}])");
            if self.delete_piece(&range, before(at)).await? > 0 {
                return Ok(false);
            }
        }
        let query = "LET $old = (SELECT VALUE id FROM type::record('message', [$space, $from]..[$space, {}])
                WHERE state NOT IN ['waiting', 'sending'] LIMIT $piece);
             FOR $id IN $old {
                LET $message = record::id($id)[2];
                DELETE type::record('attempt', [$space, $message, NONE]..[$space, $message, {}]) RETURN NONE;
             };
             DELETE $old RETURN NONE;
             RETURN array::len($old);";
        let mut answer = self.db.run(query, before(told)).await?;
        let last = answer.len().saturating_sub(1);
        Ok(answer.row::<i64>(last)?.unwrap_or(0) == 0)
    }

    /// Deletes some rows of a range; says how many.
    async fn delete_piece(&self, range: &str, variables: Variables) -> Result<i64, StoreError> {
        let query = format!(
            "LET $ids = (SELECT VALUE id FROM {range} LIMIT $piece);
             DELETE $ids RETURN NONE;
             RETURN array::len($ids);"
        );
        Ok(self.db.run(&query, variables).await?.row::<i64>(2)?.unwrap_or(0))
    }

    /// Reads a fact of the instance that is a secret.
    pub async fn secret_fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let Some(sealed) = self.fact(name).await? else { return Ok(None) };
        let sealed = STANDARD.decode(&sealed).map_err(|_| crate::rows::damaged("instance", format!("{name} is not sealed")))?;
        self.sealer.unseal("instance", name, &sealed).map(Some)
    }

    /// Writes a fact of the instance that is a secret.
    pub async fn set_secret_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sealed = self.sealer.seal(name, value)?;
        self.set_fact(name, &STANDARD.encode(sealed)).await
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
