//! History over hours and days of invented time: sealed, merged, summed up, read from wherever it is, and never falsified.

use std::time::Duration;

use domain::check::{Failure, Observation, Phases, Reason};
use domain::monitor::MonitorDraft;
use domain::retention::Retention;
use domain::schedule::Slots;
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::view::{CheckView, LatencyView, Range};
use domain::{MonitorId, Timestamp};
use engine::{Actor, Clock, EngineConfig};
use store::packed::{Batched, represent};
use store::{Batch, Level, Rollup, Store};

use crate::world::{START, Target, World};

const INTERVAL_MS: i64 = 10_000;

fn after(ms: i64) -> Timestamp {
    Timestamp::from_millis(START.as_millis() + ms)
}

/// What would have been seen: every 50th check fails, the others take 20 to 90 ms.
fn seen(n: i64) -> CheckView {
    let us = u32::try_from(20_000 + n * 7_919 % 70_000).unwrap();
    let mut seen = Observation {
        at: after(1_000 + n * INTERVAL_MS),
        duration_us: us,
        phases: Phases { first_byte_us: Some(us / 2), ..Phases::default() },
        status: Some(200),
        failure: (n % 50 == 7).then(|| Failure { reason: Reason::Body, message: format!("ended after {n} bytes") }),
        ..Observation::default()
    };
    represent(&mut seen);
    seen.into()
}

/// A paused monitor in a store without an engine, and who may see it.
async fn paused() -> (Store, Actor, MonitorId) {
    let (world, target) = (World::new(Clock::manual(START)).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "10 s").await.id;
    world.until(&actor, id, State::Up).await;
    world.engine.monitors().set_enabled(&actor, &[id], false).await.unwrap();
    (world.stop().await, actor, id)
}

/// Puts checks into the journal, as the recorder would have.
async fn recorded(store: &Store, monitor: MonitorId, checks: &[CheckView]) {
    for (piece, seq) in checks.chunks(250).zip(1_000..) {
        let recorded = Batched { checks: piece.iter().map(|check| (monitor, check.clone())).collect(), missed: Vec::new() };
        store.recorder().write(&Batch { recorded, seq, ..Batch::default() }).await.unwrap();
    }
}

/// Lets seconds pass until something is so; the deadline only ends a test that would hang.
async fn until(clock: &Clock, mut reached: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !reached().await {
            clock.advance(Duration::from_secs(6));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
}

async fn pages(world: &World, actor: &Actor, id: MonitorId) -> Vec<CheckView> {
    let mut all: Vec<CheckView> = Vec::new();
    loop {
        let before = all.last().map(|check| check.at);
        let page = world.engine.history().results(actor, id, after(1), world.clock.now(), 777, before).await.unwrap();
        if page.is_empty() {
            all.reverse();
            return all;
        }
        all.extend(page);
    }
}

fn expected_latency(checks: &[CheckView], from: Timestamp, to: Timestamp) -> LatencyView {
    let mut whole = Rollup::default();
    for check in checks.iter().filter(|check| check.at >= from && check.at < to) {
        match &check.failure {
            Some(failure) => whole.add_failure(failure.reason),
            None => whole.add_success(check.duration_us, &check.phases),
        }
    }
    let [p50_us, p90_us, p95_us, p99_us] = [500, 900, 950, 990].map(|permille| whole.histogram.quantile_us(permille));
    let mean_us = whole.sum_us.checked_div(u64::from(whole.checks - whole.failures)).map(|us| u32::try_from(us).unwrap());
    let Rollup { checks, failures, min_us, max_us, .. } = whole;
    LatencyView { from, to, checks, failures, min_us, mean_us, max_us, p50_us, p90_us, p95_us, p99_us }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_is_read_and_counted_wherever_it_is() {
    let (store, actor, id) = paused().await;
    let all: Vec<CheckView> = (0..50 * 360).map(seen).collect();
    recorded(&store, id, &all).await;
    let clock = Clock::manual(after(50 * HOUR_MS + 1_200_000));
    let world = World::over(store, clock.clone()).await;
    assert_eq!(pages(&world, &actor, id).await, all, "read back from the journal");

    let store = world.store.clone();
    until(&clock, async || store.journal().from(0).await.unwrap().len() < 4).await;
    let windows = [(0, 50 * HOUR_MS), (1_234, 3_600_000), (HOUR_MS, 49 * HOUR_MS), (90_000_000, 90_000_001), (5, 26 * HOUR_MS + 77)];
    for (from, to) in windows.map(|(from, to)| (after(from).max(id.created_at()), after(to))) {
        let latency = world.engine.history().latency(&actor, id, from, to).await.unwrap();
        let first = LatencyView { from, to, ..expected_latency(&all, from.max(after(1)), to) };
        // The one real check, at the very beginning, is in the windows that begin before it.
        let real = u32::from(from < after(1));
        assert_eq!((latency.checks - real, latency.failures), (first.checks, first.failures), "{from:?} {to:?}");
        if real == 0 {
            assert_eq!(latency, first);
        }
    }
    assert_eq!(pages(&world, &actor, id).await, all, "sealed and merged");
    let hours = store.rollups(id).between(Level::Hour, START.floor(HOUR_MS), clock.now()).await.unwrap();
    let days = store.rollups(id).between(Level::Day, START.floor(DAY_MS), clock.now()).await.unwrap();
    assert!(hours.len() >= 50 && days.len() >= 2);
    for (day, rollup) in &days {
        let of_day = hours.iter().filter(|(hour, _)| hour.floor(DAY_MS) == *day);
        assert_eq!(rollup.checks, of_day.map(|(_, hour)| hour.checks).sum::<u32>());
    }
    for range in Range::ALL {
        let series = world.engine.history().series(&actor, id, range).await.unwrap();
        let from = series.from.max(after(1));
        let counted: u32 = series.points.iter().map(|point| point.checks).sum();
        let real = u32::from(series.from < after(1));
        assert_eq!(counted - real, expected_latency(&all, from, series.to).checks, "{range:?}");
    }

    let world = World::over(world.stop().await, clock.clone()).await;
    assert_eq!(pages(&world, &actor, id).await, all, "after a restart");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_sealing_and_forgetting_leaves_everything_once() {
    let (store, actor, id) = paused().await;
    let all: Vec<CheckView> = (0..3 * 360).map(seen).collect();
    recorded(&store, id, &all).await;
    // Some hours are sealed, one of them in part, and the journal still has all of them.
    let hour = |n: i64| after(n * HOUR_MS).floor(HOUR_MS);
    for (n, take) in [(0, 360), (1, 100)] {
        let checks = all.iter().filter(|check| check.at.floor(HOUR_MS) == hour(n)).take(take).cloned().collect();
        store.seal(vec![store::Unsealed { monitor: id, hour: hour(n), checks }]).await.unwrap();
    }
    let clock = Clock::manual(after(4 * HOUR_MS));
    let world = World::over(store, clock.clone()).await;
    assert_eq!(pages(&world, &actor, id).await, all);
    let store = world.store.clone();
    until(&clock, async || store.journal().from(0).await.unwrap().len() < 3).await;
    assert_eq!(pages(&world, &actor, id).await, all);
    let latency = world.engine.history().latency(&actor, id, after(1), clock.now()).await.unwrap();
    assert_eq!(latency.checks, 3 * 360, "each is counted once");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_its_time_is_deleted_level_by_level() {
    let (store, actor, id) = paused().await;
    let all: Vec<CheckView> = (0..4 * 8_640 / 10).map(|n| seen(n * 10)).collect();
    recorded(&store, id, &all).await;
    let clock = Clock::manual(after(4 * DAY_MS + HOUR_MS));
    let config = EngineConfig { retention: Retention { raw_days: 1, hour_days: 2, day_days: 3 }, ..EngineConfig::default() };
    let world = World::with(store, clock.clone(), config).await;
    let store = world.store.clone();
    until(&clock, async || store.journal().from(0).await.unwrap().len() < 3).await;
    // The next look at days comes with the next day.
    clock.advance(Duration::from_secs(86_400));
    let oldest = |days: i64| Timestamp::from_millis(clock.now().as_millis() - days * DAY_MS).floor(DAY_MS);
    until(&clock, async || store.rollups(id).oldest(Level::Day, clock.now()).await.unwrap() == Some(oldest(3))).await;
    assert_eq!(store.rollups(id).oldest(Level::Hour, clock.now()).await.unwrap(), Some(oldest(2)));
    let kept = pages(&world, &actor, id).await;
    assert_eq!(kept, all.iter().filter(|check| check.at >= oldest(1)).cloned().collect::<Vec<_>>());
    // Where single checks are gone, the chart is drawn from what is kept.
    let (from, to) = (oldest(2), Timestamp::from_millis(oldest(2).as_millis() + DAY_MS));
    let series = world.engine.history().zoomed(&actor, id, from, to).await.unwrap();
    assert_eq!(series.points.iter().map(|point| point.checks).sum::<u32>(), expected_latency(&all, from, to).checks);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_interval_a_pause_and_another_name_leave_the_past_alone() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "10 s").await.id;
    world.until(&actor, id, State::Up).await;
    let mut hits = 1;
    for _ in 0..5 {
        world.until_scheduled(&actor, id).await;
        let next = Slots::of(id, Duration::from_secs(10)).after(clock.now());
        clock.advance(next.since(clock.now()));
        hits += 1;
        target.until_hits(hits).await;
    }
    world.until_scheduled(&actor, id).await;
    world.engine.flush().await;
    clock.advance(Duration::from_millis(1));
    let end = clock.now();
    let before = past(&world, &actor, id, end).await;
    assert_eq!(before.0.len(), hits);

    let draft = MonitorDraft { name: "Renamed".into(), interval: "5 min".into(), ..MonitorDraft::http(target.url()) };
    world.engine.monitors().update(&actor, id, &draft).await.unwrap();
    assert_eq!(past(&world, &actor, id, end).await, before, "changed");
    clock.advance(Duration::from_secs(1));
    world.engine.monitors().set_enabled(&actor, &[id], false).await.unwrap();
    clock.advance(Duration::from_secs(7_200));
    assert_eq!(past(&world, &actor, id, end).await, before, "paused");
    let store = world.store.clone();
    until(&clock, async || store.segments(id).unmerged_day(clock.now()).await.unwrap().is_some()).await;
    assert_eq!(past(&world, &actor, id, end).await, before, "sealed");
    let world = World::over(world.stop().await, clock.clone()).await;
    assert_eq!(past(&world, &actor, id, end).await, before, "restarted");
    let whole = world.engine.history().uptime(&actor, id, START, clock.now()).await.unwrap().tally;
    assert_eq!((whole.uptime(), whole.coverage()), (Some(1.0), Some(1.0)), "{whole:?}");
    assert!(whole.ms(State::Paused) >= 7_200_000);
    world.stop().await;
}

type Past = (Vec<CheckView>, domain::uptime::Tally, LatencyView);

/// Everything that is said of the time before an instant.
async fn past(world: &World, actor: &Actor, id: MonitorId, end: Timestamp) -> Past {
    let history = world.engine.history();
    (
        history.checks(actor, id, Some(end), 1_000).await.unwrap(),
        history.uptime(actor, id, START, end).await.unwrap().tally,
        history.latency(actor, id, START, end).await.unwrap(),
    )
}
