//! Scheduled webhooks of a space, and the values that their templates name. All of it is sealed: headers, keys and addresses are secrets.

use std::collections::{BTreeMap, HashMap};

use domain::kind::Values;
use domain::signing::SigningSecret;
use domain::webhook::{Progress, Schedule, ScheduleDraft};
use domain::{ScheduleId, SpaceId, Timestamp};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, damaged, from_json, id_of, key_text, none, parse, record, text, to_json, vars};
use crate::seal::Sealer;
use crate::spaces::SpaceScope;

const TABLE: &str = "schedule";
const SECRET: &str = "named_secret";

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    space: String,
    name: String,
    note: String,
    tags: Vec<String>,
    settings: Bytes,
    updated_at: i64,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    settings: Values,
    previous: Option<(String, Timestamp)>,
}

impl Row {
    fn of(sealer: &Sealer, schedule: &Schedule) -> Result<Self, StoreError> {
        let (id, spec) = (schedule.id.to_string(), &schedule.spec);
        let previous = schedule.previous.as_ref().map(|(secret, until)| (secret.reveal(), *until));
        let sealed = to_json(TABLE, &Sealed { settings: spec.settings.0.clone(), previous })?;
        Ok(Self {
            id: record(TABLE, &id),
            space: schedule.space.to_string(),
            name: spec.name.clone(),
            note: spec.note.clone(),
            tags: spec.tags.clone(),
            settings: sealer.seal(&id, &sealed)?.into(),
            updated_at: schedule.updated_at.as_millis(),
        })
    }

    fn read(self, sealer: &Sealer) -> Result<Schedule, StoreError> {
        let id: ScheduleId = id_of(TABLE, &self.id)?;
        let Sealed { settings, previous } = from_json(TABLE, &sealer.unseal(TABLE, &id.to_string(), &self.settings)?)?;
        let draft = ScheduleDraft { name: self.name, note: self.note, tags: self.tags.join(", "), enabled: "on".into(), settings };
        let spec = draft.restore().map_err(|error| damaged(TABLE, format!("{id}: {error}")))?;
        let previous = match previous {
            Some((secret, until)) => Some((SigningSecret::parse(&secret).map_err(|error| damaged(TABLE, error))?, until)),
            None => None,
        };
        Ok(Schedule { id, space: parse(TABLE, &self.space)?, spec, previous, updated_at: Timestamp::from_millis(self.updated_at) })
    }
}

#[derive(SurrealValue)]
pub(crate) struct ProgressRow {
    id: RecordId,
    data: String,
}

impl ProgressRow {
    pub(crate) fn new(space: SpaceId, schedule: ScheduleId, progress: &Progress) -> Result<Self, StoreError> {
        Ok(Self { id: progress_key(space, schedule), data: to_json("progress", progress)? })
    }
}

fn progress_key(space: SpaceId, schedule: ScheduleId) -> RecordId {
    compound("progress", vec![text(space), text(schedule)])
}

/// Writes how far schedules have come, in a transaction.
pub(crate) const WRITE_PROGRESS: &str = "INSERT INTO progress $progress ON DUPLICATE KEY UPDATE data = $input.data RETURN NONE;";

#[derive(SurrealValue)]
struct SecretRow {
    id: RecordId,
    value: Bytes,
    updated_at: i64,
}

fn seal_name(space: SpaceId, name: &str) -> String {
    format!("{space}/{name}")
}

impl SecretRow {
    fn read(self, sealer: &Sealer) -> Result<(SpaceId, String, String), StoreError> {
        let space: SpaceId = parse(SECRET, key_text(&self.id, 0).unwrap_or_default())?;
        let name = key_text(&self.id, 1).unwrap_or_default().to_owned();
        let value = sealer.unseal(SECRET, &seal_name(space, &name), &self.value)?;
        Ok((space, name, value))
    }
}

impl Store {
    /// Every schedule of the instance and how far it has come, for the engine's start. Not for requests of people.
    pub async fn all_schedules(&self) -> Result<Vec<(Schedule, Progress)>, StoreError> {
        let mut answer = self.db.run("SELECT * FROM schedule; SELECT * FROM progress;", none()).await?;
        let (rows, progress) = (answer.rows::<Row>(0)?, answer.rows::<ProgressRow>(1)?);
        let mut known: HashMap<ScheduleId, Progress> = HashMap::with_capacity(progress.len());
        for row in progress {
            known.insert(parse("progress", key_text(&row.id, 1).unwrap_or_default())?, from_json("progress", &row.data)?);
        }
        rows.into_iter()
            .map(|row| {
                let schedule = row.read(&self.sealer)?;
                let progress = known.remove(&schedule.id).unwrap_or_else(|| Progress::new(schedule.updated_at));
                Ok((schedule, progress))
            })
            .collect()
    }

    /// The ids of all schedules, with their spaces.
    pub async fn schedule_ids(&self) -> Result<Vec<(SpaceId, ScheduleId)>, StoreError> {
        #[derive(SurrealValue)]
        struct Key {
            id: RecordId,
            space: String,
        }
        let rows = self.db.run("SELECT id, space FROM schedule", none()).await?.rows::<Key>(0)?;
        rows.iter().map(|row| Ok((parse(TABLE, &row.space)?, id_of(TABLE, &row.id)?))).collect()
    }

    /// The values that templates name, of all spaces, for the engine's start.
    pub async fn all_named_secrets(&self) -> Result<Vec<(SpaceId, String, String)>, StoreError> {
        let rows = self.db.run("SELECT * FROM named_secret", none()).await?.rows::<SecretRow>(0)?;
        rows.into_iter().map(|row| row.read(&self.sealer)).collect()
    }
}

/// The schedules of one space.
pub struct Schedules<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its schedules.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules(self)
    }
}

impl Schedules<'_> {
    /// Keeps new ones, or replaces those of this space; with how far they have come, where that changes.
    pub async fn put(&self, schedules: &[(&Schedule, Option<&Progress>)]) -> Result<(), StoreError> {
        let text = format!(
            "BEGIN;
            FOR $row IN $rows {{
                LET $other = (SELECT VALUE space FROM ONLY $row.id);
                IF $other != NONE AND $other != $space {{ THROW 'a schedule of another space'; }};
                UPSERT $row.id CONTENT $row RETURN NONE;
            }};
            {WRITE_PROGRESS}
            COMMIT;"
        );
        let (store, space) = (self.0.store, self.0.space);
        let rows = schedules.iter().map(|(schedule, _)| Row::of(&store.sealer, schedule)).collect::<Result<Vec<_>, _>>()?;
        let progress = schedules.iter().filter_map(|(schedule, progress)| Some(ProgressRow::new(space, schedule.id, (*progress)?)));
        let progress = progress.collect::<Result<Vec<_>, _>>()?;
        store.db.run(&text, vars! { rows: rows, progress: progress, space: space.to_string() }).await.map(drop)
    }

    /// Deletes some. Their runs are deleted by pieces: see [`Store::purge_schedule_piece`].
    pub async fn delete(&self, ids: &[ScheduleId]) -> Result<(), StoreError> {
        let text = "BEGIN;
            FOR $id IN $ids {
                DELETE $id WHERE space = $space RETURN NONE;
                DELETE type::record('progress', [$space, record::id($id)]) RETURN NONE;
                UPSERT type::record('schedule_purge', [$space, record::id($id)]) RETURN NONE;
            };
            COMMIT;";
        let ids: Vec<RecordId> = ids.iter().map(|id| record(TABLE, id)).collect();
        self.0.store.db.run(text, vars! { ids: ids, space: self.0.space.to_string() }).await.map(drop)
    }

    /// Keeps a value that templates name.
    pub async fn put_secret(&self, name: &str, value: &str, now: Timestamp) -> Result<(), StoreError> {
        let (store, space) = (self.0.store, self.0.space);
        let sealed: Bytes = store.sealer.seal(&seal_name(space, name), value)?.into();
        let variables = vars! { id: compound(SECRET, vec![text(space), text(name)]), value: sealed, now: now.as_millis() };
        store.db.run("UPSERT $id SET value = $value, updated_at = $now RETURN NONE", variables).await.map(drop)
    }

    /// Deletes a value that templates name; false when there was none.
    pub async fn delete_secret(&self, name: &str) -> Result<bool, StoreError> {
        let variables = vars! { id: compound(SECRET, vec![text(self.0.space), text(name)]) };
        Ok(self.0.store.db.run("DELETE $id RETURN BEFORE", variables).await?.row::<SecretRow>(0)?.is_some())
    }

    /// The names of the values, and when each was last changed.
    pub async fn secret_names(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let query = "SELECT * FROM type::record('named_secret', [$space, NONE]..[$space, {}])";
        let rows = self.0.store.db.run(query, vars! { space: self.0.space.to_string() }).await?.rows::<SecretRow>(0)?;
        let named = |row: SecretRow| Some((key_text(&row.id, 1)?.to_owned(), Timestamp::from_millis(row.updated_at)));
        Ok(rows.into_iter().filter_map(named).collect())
    }
}
