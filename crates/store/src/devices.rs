//! Devices that take push messages. Their keys are sealed: whoever has them can write to the device.

use domain::alert::view::DeviceRow;
use domain::kind::Values;
use domain::{AccountId, Timestamp};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{from_json, key_text, record, to_json, vars};

const TABLE: &str = "push_device";
/// Devices of one account, at most: the oldest goes.
const MOST: usize = 20;

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    account: String,
    name: String,
    keys: Bytes,
    created_at: i64,
}

/// A device of an account.
#[derive(Clone)]
pub struct Device {
    /// A hash of its address.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it is reached, and its keys: the settings of a channel of kind push.
    pub keys: Values,
}

/// Devices that take push messages.
pub struct Devices<'a>(&'a Store);

impl Store {
    /// Devices that take push messages.
    pub fn devices(&self) -> Devices<'_> {
        Devices(self)
    }
}

impl Devices<'_> {
    /// Keeps a device of an account. One that was another account's is this one's now: a browser has one owner at a time.
    pub async fn put(&self, account: AccountId, device: &Device, now: Timestamp) -> Result<(), StoreError> {
        let row = Row {
            id: record(TABLE, &device.id),
            account: account.to_string(),
            name: device.name.clone(),
            keys: self.0.sealer.seal(&device.id, &to_json(TABLE, &device.keys)?)?.into(),
            created_at: now.as_millis(),
        };
        self.0.db.run("UPSERT $row.id CONTENT $row RETURN NONE", vars! { row: row }).await?;
        let mut all = self.of(account).await?;
        while all.len() > MOST {
            let oldest = all.remove(0);
            self.delete(account, &oldest.id).await?;
        }
        Ok(())
    }

    /// Those of an account, oldest first.
    pub async fn of(&self, account: AccountId) -> Result<Vec<DeviceRow>, StoreError> {
        let rows = self.rows(account).await?;
        let row = |row: Row| DeviceRow {
            id: key_text(&row.id, 0).unwrap_or_default().to_owned(),
            name: row.name,
            created_at: Timestamp::from_millis(row.created_at),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The same with their keys, for whoever sends to them.
    pub async fn with_keys(&self, account: AccountId) -> Result<Vec<Device>, StoreError> {
        let rows = self.rows(account).await?;
        rows.into_iter()
            .map(|row| {
                let id = key_text(&row.id, 0).unwrap_or_default().to_owned();
                let keys = from_json(TABLE, &self.0.sealer.unseal(TABLE, &id, &row.keys)?)?;
                Ok(Device { id, name: row.name, keys })
            })
            .collect()
    }

    async fn rows(&self, account: AccountId) -> Result<Vec<Row>, StoreError> {
        let text = "SELECT * FROM push_device WHERE account = $account ORDER BY created_at";
        self.0.db.run(text, vars! { account: account.to_string() }).await?.rows(0)
    }

    /// Forgets one of an account; false when there is no such.
    pub async fn delete(&self, account: AccountId, id: &str) -> Result<bool, StoreError> {
        let variables = vars! { id: record(TABLE, id), account: account.to_string() };
        let text = "DELETE $id WHERE account = $account RETURN BEFORE";
        Ok(self.0.db.run(text, variables).await?.row::<Row>(0)?.is_some())
    }
}
