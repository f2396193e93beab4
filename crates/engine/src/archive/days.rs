//! Packs days that ended: their hours become one segment and one summary; and deletes the days that are past their time.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::time::Instant;

use domain::retention::{Retention, oldest_day};
use domain::time::DAY_MS;
use domain::{MonitorId, SpaceId, Timestamp};
use store::{Level, Rollup, StoreError};

use super::{Archive, DaysLeft, PATIENCE, pause};
use crate::board::Entry;

/// The fact that says which days have their summary, of every monitor.
pub(crate) const SUMMARISED_TO: &str = "summarised_to";
/// Days whose summary is looked at again: an hour that was open because of an unconfirmed failure may have come later.
const AGAIN_MS: i64 = 2 * DAY_MS;
/// Days that are summarised at once.
const DAYS: i64 = 30;

impl Archive {
    /// Packs every day before today. Monitors whose last hours have no rollup yet are left for the next time.
    pub(super) async fn pack_days(&self, left: &mut DaysLeft) -> Result<(), StoreError> {
        if left.monitors.is_empty() {
            return Ok(());
        }
        let done = self.store.fact(SUMMARISED_TO).await?.and_then(|text| text.parse::<i64>().ok()).map(Timestamp::from_millis);
        let mut kept: HashMap<SpaceId, Retention> = HashMap::new();
        let (mut next, began) = (0, Instant::now());
        while let Some(entry) = left.monitors.get(next).filter(|_| began.elapsed() < PATIENCE) {
            let complete = {
                let standing = entry.standing();
                standing.loaded && standing.summarised_to() >= left.today
            };
            if complete && !entry.gone.load(Ordering::Acquire) {
                self.pack_monitor(entry, left.today, done).await?;
                let retention = match kept.get(&entry.space) {
                    Some(retention) => *retention,
                    None => {
                        let choice = self.store.space(entry.space).retention().await?;
                        *kept.entry(entry.space).or_insert(self.retention.chosen(choice))
                    }
                };
                self.trim(entry.id, retention).await?;
            }
            if complete {
                left.monitors.swap_remove(next);
            } else {
                next += 1;
            }
            tokio::task::yield_now().await;
        }
        if left.monitors.is_empty() {
            self.store.set_fact(SUMMARISED_TO, &left.today.as_millis().to_string()).await?;
        }
        Ok(())
    }

    async fn pack_monitor(&self, entry: &Entry, today: Timestamp, done: Option<Timestamp>) -> Result<(), StoreError> {
        let segments = self.store.segments(entry.id);
        while let Some(day) = segments.unmerged_day(today).await? {
            segments.merge(day).await?;
            pause().await;
        }
        let from = match done {
            Some(done) => Some(Timestamp::from_millis(done.as_millis() - AGAIN_MS)),
            None => self.store.rollups(entry.id).oldest(Level::Hour, today).await?,
        };
        match from {
            Some(from) => self.summarise(entry.id, from.floor(DAY_MS), today).await,
            None => Ok(()),
        }
    }

    /// Writes the summaries of the days of `from <= day < to` that are missing or have changed.
    async fn summarise(&self, monitor: MonitorId, mut from: Timestamp, to: Timestamp) -> Result<(), StoreError> {
        let rollups = self.store.rollups(monitor);
        while from < to {
            let end = Timestamp::from_millis(from.as_millis() + DAYS * DAY_MS).min(to);
            let mut days: BTreeMap<Timestamp, Rollup> = BTreeMap::new();
            for (hour, rollup) in rollups.between(Level::Hour, from, end).await? {
                days.entry(hour.floor(DAY_MS)).or_default().merge(&rollup);
            }
            if !days.is_empty() {
                let there: BTreeMap<Timestamp, Rollup> = rollups.between(Level::Day, from, end).await?.into_iter().collect();
                days.retain(|day, rollup| there.get(day) != Some(rollup));
            }
            if !days.is_empty() {
                rollups.write(Level::Day, &days.into_iter().collect::<Vec<_>>()).await?;
                pause().await;
            }
            from = end;
        }
        Ok(())
    }

    async fn trim(&self, monitor: MonitorId, retention: Retention) -> Result<(), StoreError> {
        let (now, rollups) = (self.clock.now(), self.store.rollups(monitor));
        while !self.store.segments(monitor).trim(oldest_day(now, retention.raw_days)).await? {
            pause().await;
        }
        for (level, days) in [(Level::Hour, retention.hour_days), (Level::Day, retention.day_days)] {
            while !rollups.trim(level, oldest_day(now, days)).await? {
                pause().await;
            }
        }
        Ok(())
    }
}
