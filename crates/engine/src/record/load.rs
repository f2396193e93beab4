//! Reads the history that a monitor needs in memory: the changes of the last day, and the checks of hours that have no rollup
//! yet. What was recorded after its row was written is applied again, which is how nothing acknowledged
//! is lost by a crash.

use std::sync::Arc;

use domain::Timestamp;
use domain::machine::{Rule, Transition};
use domain::state::State;
use domain::time::HOUR_MS;
use store::{Batch, Store, StoreError};

use super::marks::Marks;
use super::reader::Reader;
use super::standing::Seen;
use crate::board::Entry;

/// More changes than that in a day are read only as far as they fit.
const CHANGES: u32 = 100_000;

/// What loading needs.
pub(super) struct Loading<'a> {
    pub store: &'a Store,
    pub marks: &'a Marks,
    /// Checks before this instant may be in segments alone.
    pub sealed_to: Timestamp,
    pub now: Timestamp,
    pub in_doubt: bool,
}

/// What loading a monitor found.
pub(super) enum Loaded {
    /// It was loaded already.
    Before,
    /// Its history was read. Slots of it were missed since an instant, if nobody watched.
    Now { unwatched_since: Option<Timestamp> },
}

/// Loads a monitor, unless it is loaded; says whether it did. Transitions that a crash has cut off are added to the batch; in doubt,
/// failures are counted and not confirmed.
pub(super) async fn load(parts: Loading<'_>, entry: &Arc<Entry>, batch: &mut Batch) -> Result<Loaded, StoreError> {
    let Loading { store, marks, sealed_to, now, in_doubt } = parts;
    let (from, rolled_to, recorded_to) = {
        let standing = entry.standing();
        if standing.loaded {
            return Ok(Loaded::Before);
        }
        (standing.memory_from(now), standing.rolled_to, standing.recorded_to)
    };
    let end = Timestamp::from_millis(now.as_millis().max(recorded_to.as_millis()) + HOUR_MS);
    let (before, changes) = store.transitions(entry.id).between(from, end, CHANGES).await?;
    let raw_from = rolled_to.min(recorded_to);
    let raw = if raw_from < sealed_to || store.has_old_results() {
        let mut raw = Reader { store, marks, entry }.newest(raw_from, end, usize::MAX).await?;
        raw.reverse();
        raw
    } else {
        entry.open().within(raw_from, end)
    };

    let plan = entry.plan();
    let rule = Rule { in_doubt, ..plan.monitor.spec.confirmation.into() };
    let mut standing = entry.standing();
    let created_at = entry.id.created_at();
    let at_start = before.map(|t: Transition| (t.at, t.to)).or_else(|| changes.first().map(|t| (created_at, t.from)));
    standing.set_changes(at_start.unwrap_or((created_at, State::Unknown)), changes.iter().map(|t| (t.at, t.to)));
    for check in &raw {
        let seen = Seen::from(check);
        standing.count(&seen);
        if check.at > recorded_to
            && let Some(change) = standing.check(&seen, rule)
        {
            batch.transitions.push((entry.id, change, check.failure.as_ref().or(check.warning.as_ref()).map(|f| f.reason.name())));
        }
    }
    let missed = missed_while_off(&plan, standing.last.as_ref().map(|l| l.at), now);
    if let Some(missed) = missed
        && let Some(change) = standing.miss(missed.0, missed.1, plan.monitor.spec.confirmation)
    {
        batch.transitions.push((entry.id, change, Some("not_running")));
    }
    standing.loaded = true;
    drop(standing);
    Ok(Loaded::Now { unwatched_since: missed.map(|(since, _)| since) })
}

/// The slots between the last check and now: the first of them, and how many.
fn missed_while_off(plan: &crate::board::Plan, last: Option<Timestamp>, now: Timestamp) -> Option<(Timestamp, u32)> {
    let first = plan.missed_after(last?);
    if !plan.monitor.enabled || first >= now {
        return None;
    }
    let interval = plan.slots.interval().as_millis().max(1);
    let count = now.since(first).as_millis() / interval + 1;
    Some((first, u32::try_from(count).unwrap_or(u32::MAX)))
}
