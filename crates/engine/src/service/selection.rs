//! Which monitors a page of the list shows, and in which order.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Timestamp;
use domain::state::State;
use domain::view::{ListQuery, MonitorRow, PAGE_SIZE, Sort};

use crate::board::Entry;

/// What sorting needs of a monitor, read once.
struct Key {
    severity: u8,
    name: String,
    latency: u32,
    uptime: f64,
    entry: Arc<Entry>,
}

/// The rows of a page, and how many match on all pages.
pub(super) fn select(entries: Vec<Arc<Entry>>, query: &ListQuery, now: Timestamp) -> (Vec<MonitorRow>, u32) {
    let words: Vec<String> = query.search.split_whitespace().map(str::to_lowercase).collect();
    let mut keys: Vec<Key> = entries.into_iter().filter_map(|entry| key(entry, query, &words, now)).collect();
    keys.sort_by(|a, b| compare(a, b, query.sort));
    let matching = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    let size = usize::try_from(PAGE_SIZE).unwrap_or(50);
    let skip = usize::try_from(query.page).unwrap_or(0).saturating_mul(size);
    (keys.into_iter().skip(skip).take(size).map(|k| row(&k.entry, now)).collect(), matching)
}

fn key(entry: Arc<Entry>, query: &ListQuery, words: &[String], now: Timestamp) -> Option<Key> {
    let plan = entry.plan();
    let spec = &plan.monitor.spec;
    if query.tag.as_ref().is_some_and(|tag| !spec.tags.contains(tag)) {
        return None;
    }
    let name = spec.name.to_lowercase();
    if !words.is_empty() {
        let address = plan.monitor.address().to_lowercase();
        let found = |word: &String| name.contains(word) || address.contains(word) || spec.tags.iter().any(|t| t.contains(word));
        if !words.iter().all(found) {
            return None;
        }
    }
    let standing = entry.standing();
    let state = standing.machine.state();
    if query.state.is_some_and(|wanted| wanted != state) {
        return None;
    }
    let latency = standing.last.as_ref().map_or(0, |l| if l.error.is_some() { u32::MAX } else { l.duration_us });
    let uptime = if query.sort == Sort::Uptime { standing.day(now).uptime().unwrap_or(2.0) } else { 0.0 };
    drop(standing);
    // Paused monitors come last: nothing about them is urgent.
    let severity = if state == State::Paused { 0 } else { state.severity() + 1 };
    Some(Key { severity, name, latency, uptime, entry })
}

fn compare(a: &Key, b: &Key, sort: Sort) -> Ordering {
    let by_name = || a.name.cmp(&b.name).then_with(|| a.entry.id.cmp(&b.entry.id));
    match sort {
        Sort::State => b.severity.cmp(&a.severity).then_with(by_name),
        Sort::Name => by_name(),
        Sort::Latency => b.latency.cmp(&a.latency).then_with(by_name),
        Sort::Uptime => a.uptime.total_cmp(&b.uptime).then_with(by_name),
    }
}

/// A row of the dashboard.
pub(super) fn row(entry: &Entry, now: Timestamp) -> MonitorRow {
    let plan = entry.plan();
    MonitorRow {
        id: entry.id,
        name: plan.monitor.spec.name.clone(),
        label: plan.monitor.label(),
        address: plan.monitor.address(),
        tags: plan.monitor.spec.tags.clone(),
        interval_seconds: u32::try_from(plan.monitor.spec.interval.as_secs()).unwrap_or(u32::MAX),
        live: entry.live(now),
    }
}

/// All tags with how many monitors have them, by name.
pub(super) fn tags(entries: &[Arc<Entry>]) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for entry in entries {
        for tag in &entry.plan().monitor.spec.tags {
            *counts.entry(tag.clone()).or_default() += 1;
        }
    }
    counts.into_iter().collect()
}
