//! Occurrences of schedules: written when they are due, claimed before they are sent, recorded under their claim.
//!
//! Invariant: the key of an occurrence is its schedule and its nominal time, and one that exists is never written anew: no time is enqueued
//! twice, whoever does it again.

use std::collections::BTreeMap;

use domain::webhook::{Attempt, DayOfRuns, Occurrence, OccurrenceId, Progress, RunState};
use domain::{ScheduleId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue, Variables};

use crate::error::StoreError;
use crate::open::Store;
use crate::outbox::Consequences;
use crate::rows::{compound, from_json, key_number, key_text, none, number, parse, text, to_json, vars};
use crate::schedules::{ProgressRow, WRITE_PROGRESS};
use crate::seal::Sealer;
use crate::spaces::SpaceScope;

const TABLE: &str = "occurrence";
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

fn key(space: SpaceId, id: OccurrenceId) -> RecordId {
    compound(TABLE, vec![text(space), text(id.schedule), number(-id.nominal.as_millis())])
}

fn dead_key(space: SpaceId, id: OccurrenceId) -> RecordId {
    compound("dead_run", vec![text(space), number(-id.nominal.as_millis()), text(id.schedule)])
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    state: String,
    claim: Option<String>,
    data: String,
}

impl Row {
    fn new(occurrence: &Occurrence) -> Result<Self, StoreError> {
        Ok(Self {
            id: key(occurrence.space, occurrence.id),
            state: occurrence.state.name().to_owned(),
            claim: occurrence.claim.clone(),
            data: to_json(TABLE, occurrence)?,
        })
    }

    fn read(&self) -> Result<Occurrence, StoreError> {
        from_json(TABLE, &self.data)
    }
}

#[derive(SurrealValue)]
struct AttemptRow {
    id: RecordId,
    data: String,
}

fn attempt_row(occurrence: &Occurrence, nth: u32, attempt: &Attempt) -> Result<AttemptRow, StoreError> {
    let id = compound("attempt", vec![text(occurrence.space), text(occurrence.id), number(i64::from(nth))]);
    Ok(AttemptRow { id, data: to_json("attempt", attempt)? })
}

/// A change of an occurrence that is claimed, or is to be.
#[derive(Debug, Clone)]
pub struct RunChange {
    /// As it is from now on.
    pub occurrence: Occurrence,
    /// Under which claim it is changed.
    pub claimed: Option<String>,
    /// The attempt that began or ended with it.
    pub attempt: Option<Attempt>,
}

/// What is written beside occurrences.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// How far schedules have come.
    pub progress: Vec<(SpaceId, ScheduleId, &'a Progress)>,
    /// What ended on which day.
    pub days: BTreeMap<(SpaceId, ScheduleId, i64), DayOfRuns>,
    /// What ended in which hour of a space.
    pub hours: BTreeMap<(SpaceId, i64), DayOfRuns>,
    /// Messages and notices that follow.
    pub follows: Consequences,
}

impl Beside<'_> {
    /// Counts an occurrence that has ended on the day of its nominal time, and in the hour of its end.
    pub fn count(&mut self, occurrence: &Occurrence) {
        let day = occurrence.id.nominal.as_millis().div_euclid(DAY_MS);
        let hour = occurrence.ended_at.unwrap_or(occurrence.id.nominal).as_millis().div_euclid(HOUR_MS);
        let of_day = self.days.entry((occurrence.space, occurrence.id.schedule, day)).or_default();
        let of_hour = self.hours.entry((occurrence.space, hour)).or_default();
        for entry in [of_day, of_hour] {
            match occurrence.state {
                RunState::Succeeded => entry.succeeded += 1,
                RunState::Failed => entry.failed += 1,
                RunState::Missed | RunState::Skipped => entry.missed = entry.missed.saturating_add(occurrence.count),
                _ => {}
            }
        }
    }
}

#[derive(SurrealValue)]
struct DayRow {
    id: RecordId,
    succeeded: i64,
    failed: i64,
    missed: i64,
}

/// The runs of all schedules, for the engine.
pub struct Runs<'a>(&'a Store);

impl Store {
    /// The runs of all schedules, for the engine. Not for requests of people.
    pub fn runs(&self) -> Runs<'_> {
        Runs(self)
    }
}

impl Runs<'_> {
    /// Writes new occurrences; those that exist are left alone. Answers those that did exist.
    pub async fn add(&self, occurrences: &[Occurrence], beside: &Beside<'_>) -> Result<Vec<OccurrenceId>, StoreError> {
        let rows = occurrences.iter().map(Row::new).collect::<Result<Vec<_>, _>>()?;
        let mut variables = none();
        let mut query = String::from("BEGIN; INSERT IGNORE INTO occurrence $rows RETURN VALUE id;");
        let added: Vec<RecordId> = {
            beside.write(&self.0.sealer, &mut query, &mut variables)?;
            query.push_str("COMMIT;");
            variables.insert("rows", rows);
            self.0.db.run(&query, variables).await?.rows(1)?
        };
        Ok(occurrences.iter().filter(|one| !added.contains(&key(one.space, one.id))).map(|one| one.id).collect())
    }

    /// Changes occurrences that are claimed as said, all in one transaction, with what goes beside. Answers those that were changed: others
    /// had been changed meanwhile.
    pub async fn change(&self, changes: &[RunChange], beside: &Beside<'_>) -> Result<Vec<OccurrenceId>, StoreError> {
        #[derive(SurrealValue)]
        struct ChangeRow {
            row: Row,
            claimed: Option<String>,
            dead: Option<RecordId>,
            alive: Option<RecordId>,
        }
        let (mut rows, mut attempts) = (Vec::with_capacity(changes.len()), Vec::new());
        for RunChange { occurrence, claimed, attempt } in changes {
            let place = dead_key(occurrence.space, occurrence.id);
            let is_dead = occurrence.state == RunState::Failed;
            rows.push(ChangeRow {
                row: Row::new(occurrence)?,
                claimed: claimed.clone(),
                dead: is_dead.then(|| place.clone()),
                alive: (!is_dead && occurrence.redelivered).then_some(place),
            });
            if let Some(attempt) = attempt {
                attempts.push(attempt_row(occurrence, occurrence.attempts, attempt)?);
            }
        }
        let mut query = String::from(
            "BEGIN;
            FOR $change IN $changes {
                LET $row = $change.row;
                LET $mine = (UPDATE $row.id SET state = $row.state, claim = $row.claim, data = $row.data
                    WHERE claim = $change.claimed RETURN VALUE id);
                IF array::len($mine) > 0 {
                    IF $change.dead != NONE { UPSERT $change.dead SET run = $row.id RETURN NONE; };
                    IF $change.alive != NONE { DELETE $change.alive RETURN NONE; };
                };
            };",
        );
        let mut variables = vars! { changes: rows };
        if !attempts.is_empty() {
            query.push_str("INSERT INTO attempt $attempts ON DUPLICATE KEY UPDATE data = $input.data RETURN NONE;");
            variables.insert("attempts", attempts);
        }
        beside.write(&self.0.sealer, &mut query, &mut variables)?;
        query.push_str("COMMIT; SELECT * FROM $ids;");
        let ids: Vec<RecordId> = changes.iter().map(|change| key(change.occurrence.space, change.occurrence.id)).collect();
        variables.insert("ids", ids);
        let mut answer = self.0.db.run(&query, variables).await?;
        let now: Vec<Row> = answer.rows(answer.len().saturating_sub(1))?;
        let same = |change: &RunChange| {
            let place = key(change.occurrence.space, change.occurrence.id);
            now.iter().any(|row| row.id == place && row.claim == change.occurrence.claim && row.state == change.occurrence.state.name())
        };
        Ok(changes.iter().filter(|change| same(change)).map(|change| change.occurrence.id).collect())
    }

    /// Occurrences by their ids, in no order; those that are gone are left out.
    pub async fn some(&self, ids: &[(SpaceId, OccurrenceId)]) -> Result<Vec<Occurrence>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(1_000) {
            let ids: Vec<RecordId> = ids.iter().map(|(space, id)| key(*space, *id)).collect();
            for row in self.0.db.run("SELECT * FROM $ids", vars! { ids: ids }).await?.rows::<Row>(0)? {
                found.push(row.read()?);
            }
        }
        Ok(found)
    }
}

impl Beside<'_> {
    fn write(&self, sealer: &Sealer, query: &mut String, variables: &mut Variables) -> Result<(), StoreError> {
        if !self.progress.is_empty() {
            query.push_str(WRITE_PROGRESS);
            let rows = self.progress.iter().map(|(space, schedule, progress)| ProgressRow::new(*space, *schedule, progress));
            variables.insert("progress", rows.collect::<Result<Vec<_>, _>>()?);
        }
        if !self.days.is_empty() {
            query.push_str(
                "INSERT INTO run_day $days ON DUPLICATE KEY UPDATE succeeded += $input.succeeded, failed += $input.failed,
                    missed += $input.missed RETURN NONE;",
            );
            let rows = self.days.iter().map(|((space, schedule, day), counts)| DayRow {
                id: compound("run_day", vec![text(space), text(schedule), number(-day)]),
                succeeded: i64::from(counts.succeeded),
                failed: i64::from(counts.failed),
                missed: i64::from(counts.missed),
            });
            variables.insert("days", rows.collect::<Vec<_>>());
        }
        if !self.hours.is_empty() {
            query.push_str(
                "INSERT INTO run_hour $hours ON DUPLICATE KEY UPDATE succeeded += $input.succeeded, failed += $input.failed,
                    missed += $input.missed RETURN NONE;",
            );
            let rows = self.hours.iter().map(|((space, hour), counts)| DayRow {
                id: compound("run_hour", vec![text(space), number(-hour)]),
                succeeded: i64::from(counts.succeeded),
                failed: i64::from(counts.failed),
                missed: i64::from(counts.missed),
            });
            variables.insert("hours", rows.collect::<Vec<_>>());
        }
        self.follows.write(sealer, query, variables)
    }
}

/// Which runs of a schedule are wanted. Empty: all of them.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// In one of these states.
    pub states: Vec<RunState>,
    /// Due before this.
    pub before: Option<Timestamp>,
    /// Not due before this.
    pub since: Option<Timestamp>,
}

/// The occurrences of one space.
pub struct Occurrences<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// The occurrences of its schedules.
    pub fn occurrences(&self) -> Occurrences<'_> {
        Occurrences(self)
    }
}

impl Occurrences<'_> {
    /// One of them.
    pub async fn get(&self, id: OccurrenceId) -> Result<Option<Occurrence>, StoreError> {
        let row = self.0.store.db.run("SELECT * FROM $id", vars! { id: key(self.0.space, id) }).await?.row::<Row>(0)?;
        row.map(|row| row.read()).transpose()
    }

    /// Those of a schedule that fit, the newest first.
    pub async fn list(&self, schedule: ScheduleId, filter: &RunFilter, limit: u32) -> Result<Vec<Occurrence>, StoreError> {
        let query = "SELECT * FROM type::record('occurrence', [$space, $schedule, $from]..[$space, $schedule, $to])
            WHERE array::len($states) = 0 OR state IN $states LIMIT $limit";
        let from = filter.before.map_or(i64::MIN, |before| 1i64.saturating_sub(before.as_millis()));
        let to = filter.since.map_or(i64::MAX, |since| 1i64.saturating_sub(since.as_millis()));
        let variables = vars! {
            space: self.0.space.to_string(), schedule: schedule.to_string(), from: from, to: to, limit: i64::from(limit),
            states: filter.states.iter().map(|state| state.name().to_owned()).collect::<Vec<_>>(),
        };
        self.0.store.db.run(query, variables).await?.rows::<Row>(0)?.iter().map(Row::read).collect()
    }

    /// Runs that were given up and not sent again since, the newest first.
    pub async fn dead(&self, before: Option<Timestamp>, limit: u32) -> Result<Vec<Occurrence>, StoreError> {
        let query = "SELECT VALUE run.* FROM type::record('dead_run', [$space, $from]..[$space, {}]) LIMIT $limit";
        let from = before.map_or(i64::MIN, |before| 1i64.saturating_sub(before.as_millis()));
        let variables = vars! { space: self.0.space.to_string(), from: from, limit: i64::from(limit) };
        self.0.store.db.run(query, variables).await?.rows::<Row>(0)?.iter().map(Row::read).collect()
    }

    /// The attempts of one, the first one first.
    pub async fn attempts(&self, id: OccurrenceId) -> Result<Vec<(u32, Attempt)>, StoreError> {
        let query = "SELECT id, data FROM type::record('attempt', [$space, $id, 0]..[$space, $id, 1000000]) LIMIT 200";
        let variables = vars! { space: self.0.space.to_string(), id: id.to_string() };
        let rows = self.0.store.db.run(query, variables).await?.rows::<AttemptRow>(0)?;
        let nth = |row: &AttemptRow| key_number(&row.id, 2).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        rows.iter().map(|row| Ok((nth(row), from_json("attempt", &row.data)?))).collect()
    }

    /// What ended since the hour of an instant, in all schedules together.
    pub async fn since(&self, instant: Timestamp) -> Result<DayOfRuns, StoreError> {
        let query = "SELECT * FROM type::record('run_hour', [$space, NONE]..[$space, $to])";
        let to = 1i64.saturating_sub(instant.as_millis().div_euclid(HOUR_MS));
        let rows = self.0.store.db.run(query, vars! { space: self.0.space.to_string(), to: to }).await?.rows::<DayRow>(0)?;
        let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(rows.iter().fold(DayOfRuns::default(), |sum, row| DayOfRuns {
            succeeded: sum.succeeded.saturating_add(small(row.succeeded)),
            failed: sum.failed.saturating_add(small(row.failed)),
            missed: sum.missed.saturating_add(small(row.missed)),
            ..sum
        }))
    }

    /// The days since one on which something ran, the oldest first.
    pub async fn days(&self, schedule: ScheduleId, since_day: i64) -> Result<Vec<DayOfRuns>, StoreError> {
        let query = "SELECT * FROM type::record('run_day', [$space, $schedule, NONE]..[$space, $schedule, $to])";
        let variables = vars! { space: self.0.space.to_string(), schedule: schedule.to_string(), to: 1i64.saturating_sub(since_day) };
        let rows = self.0.store.db.run(query, variables).await?.rows::<DayRow>(0)?;
        let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let read = |row: &DayRow| {
            let day = key_number(&row.id, 2).map(|day| -day).and_then(|day| i32::try_from(day).ok()).unwrap_or_default();
            DayOfRuns { day, succeeded: small(row.succeeded), failed: small(row.failed), missed: small(row.missed) }
        };
        Ok(rows.iter().rev().map(read).collect())
    }
}

impl Store {
    /// Schedules that are gone and whose runs wait to be deleted.
    pub async fn schedule_purges(&self) -> Result<Vec<(SpaceId, ScheduleId)>, StoreError> {
        let rows = self.db.run("SELECT VALUE id FROM schedule_purge", none()).await?.rows::<RecordId>(0)?;
        let part = |id: &RecordId, n| key_text(id, n).unwrap_or_default().to_owned();
        rows.iter().map(|id| Ok((parse("schedule_purge", &part(id, 0))?, parse("schedule_purge", &part(id, 1))?))).collect()
    }

    /// Deletes one piece of the runs of a schedule that were due before an instant, with their attempts; true when nothing is left.
    pub async fn forget_runs_piece(&self, space: SpaceId, schedule: ScheduleId, before: Timestamp) -> Result<bool, StoreError> {
        const PIECE: i64 = 50;
        let query = "SELECT VALUE id FROM type::record('occurrence', [$space, $schedule, $from]..[$space, $schedule, {}]) LIMIT $piece";
        let from = 1i64.saturating_sub(before.as_millis());
        let variables = vars! { space: space.to_string(), schedule: schedule.to_string(), from: from, piece: PIECE };
        let rows = self.db.run(query, variables).await?.rows::<RecordId>(0)?;
        let mut ranges = Vec::with_capacity(rows.len());
        for row in &rows {
            let nominal = Timestamp::from_millis(-key_number(row, 2).unwrap_or(0));
            ranges.push(OccurrenceId { schedule, nominal });
        }
        let mut text = String::from("BEGIN; DELETE $rows RETURN NONE; DELETE $dead RETURN NONE;");
        let dead: Vec<RecordId> = ranges.iter().map(|id| dead_key(space, *id)).collect();
        let is_last = i64::try_from(rows.len()).unwrap_or(0) < PIECE;
        let mut variables = vars! { rows: rows, dead: dead, space: space.to_string() };
        for (n, id) in ranges.iter().enumerate() {
            text.push_str(&format!("DELETE type::record('attempt', [$space, $o{n}, 0]..[$space, $o{n}, 1000000]) RETURN NONE;"));
            variables.insert(format!("o{n}"), id.to_string());
        }
        text.push_str("COMMIT;");
        self.db.run(&text, variables).await?;
        Ok(is_last)
    }

    /// Forgets what ended in hours before an instant.
    pub async fn forget_run_hours(&self, space: SpaceId, before: Timestamp) -> Result<(), StoreError> {
        let query = "DELETE type::record('run_hour', [$space, $from]..[$space, {}]) RETURN NONE";
        let from = 1i64.saturating_sub(before.as_millis().div_euclid(HOUR_MS));
        self.db.run(query, vars! { space: space.to_string(), from: from }).await.map(drop)
    }

    /// Forgets that the runs of a schedule wait to be deleted: they are, and so are its days.
    pub async fn schedule_purged(&self, space: SpaceId, schedule: ScheduleId) -> Result<(), StoreError> {
        let query = "BEGIN; DELETE type::record('run_day', [$space, $schedule, NONE]..[$space, $schedule, {}]) RETURN NONE; DELETE $purge RETURN NONE; COMMIT;";
        let purge = compound("schedule_purge", vec![text(space), text(schedule)]);
        self.db.run(query, vars! { space: space.to_string(), schedule: schedule.to_string(), purge: purge }).await.map(drop)
    }
}
