//! Who did what in a space.

use domain::activity::{Activity, Area};
use domain::{SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::rows::{compound, digest, from_json, key_number, key_text, number, text, to_json, vars};
use crate::spaces::SpaceScope;

const TABLE: &str = "activity";

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    who: String,
    area: String,
    data: String,
}

impl Row {
    pub(crate) fn new(space: SpaceId, activity: &Activity) -> Result<Self, StoreError> {
        let data = to_json(TABLE, activity)?;
        let id = compound(TABLE, vec![text(space), number(-activity.at.as_millis()), text(digest(&data))]);
        Ok(Self { id, who: activity.who.clone(), area: activity.area.name().to_owned(), data })
    }
}

/// Writes entries, in a transaction.
pub(crate) const WRITE: &str = "INSERT IGNORE INTO activity $activities RETURN NONE;";

/// Which entries are wanted. Empty: all of them.
#[derive(Debug, Clone, Default)]
pub struct ActivityFilter {
    /// About this.
    pub area: Option<Area>,
    /// With this text in them, in whichever case.
    pub text: String,
    /// Older than the one at this place.
    pub before: Option<String>,
    /// Not older than this.
    pub since: Timestamp,
}

/// The activity log of one space.
pub struct Activities<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Who did what in it.
    pub fn activities(&self) -> Activities<'_> {
        Activities(self)
    }
}

impl Activities<'_> {
    /// Adds an entry.
    pub async fn add(&self, activity: &Activity) -> Result<(), StoreError> {
        let row = Row::new(self.0.space, activity)?;
        self.0.store.db.run(WRITE, vars! { activities: vec![row] }).await.map(drop)
    }

    /// Those that fit, the newest first, each with its place.
    pub async fn list(&self, filter: &ActivityFilter, limit: u32) -> Result<Vec<(String, Activity)>, StoreError> {
        let query = "SELECT * FROM type::record('activity', [$space, $from, $after]..[$space, $to])
            WHERE ($area = NONE OR area = $area) AND ($text = '' OR string::contains(string::lowercase(data), $text)) LIMIT $limit";
        let (from, after) = match filter.before.as_deref().and_then(|key| key.split_once('-')) {
            Some((at, what)) => (at.parse::<i64>().map_or(i64::MIN, |at| -at), format!("{what}~")),
            None => (i64::MIN, String::new()),
        };
        let variables = vars! {
            space: self.0.space.to_string(), from: from, after: after, to: 1i64.saturating_sub(filter.since.as_millis()),
            area: filter.area.map(|area| area.name().to_owned()), text: filter.text.to_lowercase(), limit: i64::from(limit),
        };
        let rows = self.0.store.db.run(query, variables).await?.rows::<Row>(0)?;
        rows.into_iter()
            .map(|row| {
                let place = format!("{}-{}", -key_number(&row.id, 1).unwrap_or(0), key_text(&row.id, 2).unwrap_or_default());
                Ok((place, from_json(TABLE, &row.data)?))
            })
            .collect()
    }
}
