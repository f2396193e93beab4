//! The figures over all monitors of a space.

use std::sync::Arc;

use domain::Timestamp;
use domain::live::{Totals, Trouble};
use domain::state::State;
use domain::uptime::Tally;

use crate::board::Entry;

/// Names in the headline.
const NAMED: usize = 3;

pub(crate) fn totals(entries: &[Arc<Entry>], now: Timestamp) -> Totals {
    let mut out = Totals::default();
    let mut day = Tally::default();
    let mut latencies: Vec<u32> = Vec::with_capacity(entries.len());
    let mut down: Vec<(Timestamp, &Arc<Entry>)> = Vec::new();
    for entry in entries {
        let standing = entry.standing();
        let state = standing.machine.state();
        if let Some(count) = out.by_state.get_mut(state.index()) {
            *count += 1;
        }
        if standing.loaded {
            day.merge(&standing.day(now));
        }
        if state != State::Paused {
            out.checks_per_second += 1.0 / entry.plan().slots.interval().as_secs_f64();
            latencies.extend(standing.last.as_ref().filter(|l| l.error.is_none()).map(|l| l.duration_us));
        }
        if state == State::Down {
            down.push((standing.since().0, entry));
        }
    }
    down.sort_by_key(|(since, entry)| (*since, entry.id));
    out.down = down
        .into_iter()
        .take(NAMED)
        .map(|(since, entry)| Trouble { id: entry.id, name: entry.plan().monitor.spec.name.clone(), since })
        .collect();
    out.uptime_24h = day.uptime();
    out.down_ms_24h = day.down_ms();
    let middle = latencies.len() / 2;
    if !latencies.is_empty() {
        out.median_us = Some(*latencies.select_nth_unstable(middle).1);
    }
    out
}
