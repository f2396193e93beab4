//! Summaries of any window, from the cheapest level that is exact: whole days, the whole hours beside them, and single checks
//! at both edges and for what has no summary yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Timestamp;
use domain::time::{DAY_MS, HOUR_MS};
use store::{Level, Rollup, StoreError};

use crate::board::Entry;
use crate::engine::Inner;
use crate::record::Reader;

/// Summaries of equal pieces of time.
pub(super) struct Pieces {
    /// The width of a piece.
    step_ms: i64,
    pub pieces: BTreeMap<Timestamp, Rollup>,
}

impl Pieces {
    pub fn of(step_ms: i64) -> Self {
        Self { step_ms, pieces: BTreeMap::new() }
    }

    /// One piece for everything.
    pub fn whole() -> Self {
        Self::of(i64::MAX)
    }

    /// Everything in one.
    pub fn sum(&self) -> Rollup {
        let mut whole = Rollup::default();
        self.pieces.values().for_each(|piece| whole.merge(piece));
        whole
    }

    fn at(&mut self, instant: Timestamp) -> &mut Rollup {
        self.pieces.entry(instant.floor(self.step_ms)).or_default()
    }

    /// Whether pieces of a width never lie across two of ours.
    fn holds(&self, width_ms: i64) -> bool {
        self.step_ms == i64::MAX || self.step_ms % width_ms == 0
    }
}

/// The levels of one monitor's history.
pub(super) struct Levels<'a> {
    pub inner: &'a Inner,
    pub entry: &'a Arc<Entry>,
}

impl Levels<'_> {
    /// Where every check is read from.
    pub fn reader(&self) -> Reader<'_> {
        Reader { store: &self.inner.store, marks: &self.inner.marks, entry: self.entry }
    }

    /// Adds the single checks of `from <= at < to`.
    pub async fn add_checks(&self, from: Timestamp, to: Timestamp, pieces: &mut Pieces) -> Result<(), StoreError> {
        let add = |check: domain::view::CheckView| match check.failure {
            Some(failure) => pieces.at(check.at).add_failure(failure.reason),
            None => pieces.at(check.at).add_success(check.duration_us, &check.phases),
        };
        self.reader().each(from, to, add).await
    }

    /// Adds all of `from <= at < to`, from summaries where there are any.
    pub async fn add(&self, from: Timestamp, to: Timestamp, pieces: &mut Pieces) -> Result<(), StoreError> {
        let first_hour = ceil(from, HOUR_MS);
        let last_hour = self.entry.standing().summarised_to().min(to.floor(HOUR_MS));
        if first_hour >= last_hour {
            return self.add_checks(from, to, pieces).await;
        }
        self.add_checks(from, first_hour, pieces).await?;
        self.add_checks(last_hour, to, pieces).await?;
        let (first_day, last_day) = (ceil(first_hour, DAY_MS), last_hour.floor(DAY_MS));
        if first_day >= last_day || !pieces.holds(DAY_MS) {
            return self.add_summaries(Level::Hour, first_hour, last_hour, pieces).await.map(drop);
        }
        self.add_summaries(Level::Hour, first_hour, first_day, pieces).await?;
        // Days have their summary in order: after the last one that has, there are hours.
        let last = self.add_summaries(Level::Day, first_day, last_day, pieces).await?;
        let rest = last.map_or(first_day, |day| Timestamp::from_millis(day.as_millis() + DAY_MS));
        self.add_summaries(Level::Hour, rest, last_hour, pieces).await.map(drop)
    }

    /// Adds the summaries of a level; answers where the last of them starts.
    async fn add_summaries(
        &self,
        level: Level,
        from: Timestamp,
        to: Timestamp,
        pieces: &mut Pieces,
    ) -> Result<Option<Timestamp>, StoreError> {
        if from >= to {
            return Ok(None);
        }
        let summaries = self.inner.store.rollups(self.entry.id).between(level, from, to).await?;
        for (start, rollup) in &summaries {
            pieces.at(*start).merge(rollup);
        }
        Ok(summaries.last().map(|(start, _)| *start))
    }
}

fn ceil(instant: Timestamp, width_ms: i64) -> Timestamp {
    let floor = instant.floor(width_ms);
    if floor == instant { floor } else { Timestamp::from_millis(floor.as_millis().saturating_add(width_ms)) }
}
