//! How long a space keeps each level of its history, where its owners chose.

use domain::retention::RetentionChoice;
use surrealdb::types::SurrealValue;

use crate::error::StoreError;
use crate::rows::{record, vars};
use crate::spaces::SpaceScope;

#[derive(SurrealValue)]
struct Row {
    raw_days: Option<i64>,
    hour_days: Option<i64>,
    day_days: Option<i64>,
}

impl SpaceScope<'_> {
    /// What its owners chose.
    pub async fn retention(&self) -> Result<RetentionChoice, StoreError> {
        let query = "SELECT raw_days, hour_days, day_days FROM $id";
        let row = self.store.db.run(query, vars! { id: record("space", self.space) }).await?.row::<Row>(0)?;
        let days = |days: Option<i64>| days.and_then(|days| u32::try_from(days).ok());
        Ok(row.map_or_else(RetentionChoice::default, |row| RetentionChoice {
            raw_days: days(row.raw_days),
            hour_days: days(row.hour_days),
            day_days: days(row.day_days),
        }))
    }

    /// Keeps what its owners choose.
    pub async fn set_retention(&self, choice: RetentionChoice) -> Result<(), StoreError> {
        let query = "UPDATE $id SET raw_days = $raw_days, hour_days = $hour_days, day_days = $day_days RETURN NONE";
        let variables = vars! {
            id: record("space", self.space), raw_days: choice.raw_days.map(i64::from), hour_days: choice.hour_days.map(i64::from),
            day_days: choice.day_days.map(i64::from),
        };
        self.store.db.run(query, variables).await.map(drop)
    }
}
