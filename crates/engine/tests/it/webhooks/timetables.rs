//! When runs begin, what overlaps, and what becomes of times that passed while nothing ran.

use std::time::Duration;

use domain::webhook::{Origin, RunState, ScheduleDraft};
use engine::Clock;

use super::{Receiver, add, every_minute, runs, to_the_next_minute, until, until_all, until_stands};
use crate::world::{START, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_time_runs_once_also_over_restarts_and_set_clocks() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    to_the_next_minute(&clock);
    let first = until(&world, &actor, id, RunState::Succeeded).await;
    assert_eq!((first.origin, first.id.nominal.as_millis() % 60_000), (Origin::Schedule, 0));
    let world = World::over(world.stop().await, clock.clone()).await;
    clock.step_wall(clock.now().minus(Duration::from_secs(600)));
    clock.advance(Duration::from_secs(1));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((receiver.count(), runs(&world, &actor, id).await.len()), (1, 1));
    clock.step_wall(first.id.nominal.plus(Duration::from_secs(61)));
    clock.advance(Duration::from_secs(1));
    until_all(&world, &actor, id, &[RunState::Succeeded, RunState::Succeeded]).await;
    assert_eq!(receiver.count(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_downtime_the_last_one_runs_and_the_others_are_missed() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let hourly = ScheduleDraft::of([("url", receiver.url.as_str()), ("trigger", "cron"), ("cron", "0 * * * *")]);
    let last = add(&world, &actor, &hourly).await;
    let mut all = hourly.clone();
    all.settings.extend([("catch_up", "all"), ("catch_up_max", "3")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    let all = add(&world, &actor, &all).await;
    let mut none = hourly.clone();
    none.settings.insert("catch_up".into(), "skip".into());
    let none = add(&world, &actor, &none).await;
    let store = world.stop().await;
    let hour = 3_600_000 - START.as_millis().rem_euclid(3_600_000);
    clock.advance(Duration::from_millis(u64::try_from(hour).unwrap()) + Duration::from_secs(5 * 3_600 + 600));
    let world = World::over(store, clock.clone()).await;
    let rows = until_all(&world, &actor, last, &[RunState::Succeeded, RunState::Missed]).await;
    assert_eq!((rows[0].origin, rows[1].count, rows.len()), (Origin::CatchUp, 5, 2));
    let rows = until_all(&world, &actor, all, &[RunState::Succeeded, RunState::Succeeded, RunState::Succeeded, RunState::Missed]).await;
    assert_eq!((rows[3].count, rows.len()), (3, 4));
    let rows = until_all(&world, &actor, none, &[RunState::Missed]).await;
    assert_eq!((rows[0].count, rows[0].note.as_str(), rows.len()), (6, "Nothing ran it: Loopr was not running, or it was paused.", 1));
    assert_eq!(receiver.count(), 4);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_overlaps_is_skipped_or_waits() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    receiver.take(Duration::from_secs(3));
    let skips = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    let queues = add(&world, &actor, &every_minute(&receiver.url, &[("overlap", "queue")])).await;
    to_the_next_minute(&clock);
    receiver.until(2).await;
    to_the_next_minute(&clock);
    until_all(&world, &actor, skips, &[RunState::Skipped, RunState::Running]).await;
    until_all(&world, &actor, queues, &[RunState::Scheduled, RunState::Running]).await;
    to_the_next_minute(&clock);
    until_all(&world, &actor, queues, &[RunState::Skipped, RunState::Scheduled, RunState::Running]).await;
    receiver.take(Duration::ZERO);
    until_all(&world, &actor, skips, &[RunState::Skipped, RunState::Skipped, RunState::Succeeded]).await;
    until_all(&world, &actor, queues, &[RunState::Skipped, RunState::Succeeded, RunState::Succeeded]).await;
    assert_eq!(receiver.count(), 3);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_is_once_and_bounds_hold() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let at = START.plus(Duration::from_secs(90)).to_rfc3339();
    let once = add(&world, &actor, &ScheduleDraft::of([("url", receiver.url.as_str()), ("trigger", "once"), ("at", &at)])).await;
    let twice = add(&world, &actor, &every_minute(&receiver.url, &[("max_runs", "2")])).await;
    for _ in 0..5 {
        to_the_next_minute(&clock);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    until(&world, &actor, once, RunState::Succeeded).await;
    until_all(&world, &actor, twice, &[RunState::Succeeded, RunState::Succeeded]).await;
    assert_eq!((runs(&world, &actor, once).await.len(), runs(&world, &actor, twice).await.len(), receiver.count()), (1, 2, 3));
    until_stands(&world, &actor, twice, domain::webhook::Standing::Ended).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_urgent_go_first_when_there_is_not_room_for_all() {
    let clock = Clock::manual(START);
    let store = store::Store::open(&store::StoreConfig::memory()).await.unwrap();
    let config = engine::EngineConfig { runs_per_host: 1, ..engine::EngineConfig::default() };
    let (world, receiver) = (World::with(store, clock.clone(), config).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    receiver.take(Duration::from_millis(30));
    for priority in ["low", "normal", "critical", "high", "normal", "critical"] {
        let url = format!("{}/{priority}", receiver.url);
        add(&world, &actor, &every_minute(&url, &[("priority", priority)])).await;
    }
    to_the_next_minute(&clock);
    receiver.until(6).await;
    let order: Vec<String> =
        receiver.requests.lock().unwrap().iter().map(|request| request.split([' ', '/']).nth(3).unwrap().to_owned()).collect();
    assert_eq!(order, ["critical", "critical", "high", "normal", "normal", "low"]);
    world.stop().await;
}
