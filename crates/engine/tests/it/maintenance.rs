//! Maintenance windows: begun and ended by the clock, by hand, and over restarts.

use std::time::Duration;

use domain::maintenance::{WindowDraft, WindowState};
use domain::monitor::MonitorDraft;
use domain::state::State;
use domain::{MonitorId, Timestamp, WindowId};
use engine::{Actor, Clock};

use crate::world::{START, Target, World};

/// A window that begins at a time of the day of [`START`], which is 2026-09-21T14:13:20Z, and lasts three minutes.
fn once(time: &str) -> WindowDraft {
    WindowDraft { start: format!("2026-09-21T{time}"), duration: "3 min".into(), enabled: "on".into(), ..WindowDraft::default() }
}

fn at(time: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("2026-09-21T{time}:00Z")).unwrap()
}

async fn plan(world: &World, actor: &Actor, draft: &WindowDraft) -> WindowId {
    world.engine.maintenance().create(actor, draft).await.unwrap().id
}

/// A monitor that is up, checked every minute.
async fn watched(world: &World, actor: &Actor, target: &Target) -> MonitorId {
    let id = world.watch(actor, &target.url(), "60 s").await.id;
    world.until(actor, id, State::Up).await;
    id
}

async fn changes(world: &World, actor: &Actor, id: MonitorId) -> Vec<(State, Timestamp, Option<String>)> {
    world.engine.flush().await;
    let mut all = world.engine.history().changes(actor, id, START, Timestamp::from_millis(i64::MAX), 100).await.unwrap();
    all.reverse();
    all.into_iter().map(|c| (c.transition.to, c.transition.at, c.cause)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn within_a_window_checks_go_on_and_the_state_is_maintenance_also_over_a_restart() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = watched(&world, &actor, &target).await;
    plan(&world, &actor, &once("14:15")).await;
    world.advance_to(&actor, id, &target, at("14:15")).await;
    world.until(&actor, id, State::Maintenance).await;
    assert_eq!(world.engine.monitors().live(&actor, id).unwrap().since, at("14:15"));

    target.answer(503);
    let hits = target.hits();
    world.advance_to(&actor, id, &target, at("14:16")).await;
    assert!(target.hits() > hits, "slots go on");
    world.engine.flush().await;
    assert!(world.engine.history().checks(&actor, id, None, 1).await.unwrap()[0].failure.is_some(), "and are recorded");

    let world = World::over(world.stop().await, clock.clone()).await;
    world.until_scheduled(&actor, id).await;
    world.advance_to(&actor, id, &target, at("14:17")).await;
    let live = world.engine.monitors().live(&actor, id).unwrap();
    assert_eq!((live.state, live.since), (State::Maintenance, at("14:15")));

    target.answer(200);
    world.advance_to(&actor, id, &target, Timestamp::from_millis(at("14:18").as_millis() - 1)).await;
    let hits = target.hits();
    clock.advance(Duration::from_millis(1));
    target.until_hits(hits + 1).await;
    world.until(&actor, id, State::Up).await;
    let told = changes(&world, &actor, id).await;
    let after: Vec<_> = told.iter().skip_while(|(to, ..)| *to != State::Maintenance).map(|(to, at, _)| (*to, *at)).collect();
    assert_eq!((after[0], after[1].1), ((State::Maintenance, at("14:15")), at("14:18")), "{told:?}");
    assert_eq!(told.iter().filter(|(.., cause)| cause.as_deref() == Some("maintenance")).count(), 2);
    let uptime = world.engine.history().uptime(&actor, id, START, clock.now()).await.unwrap();
    assert_eq!((uptime.tally.ms(State::Maintenance), uptime.tally.down_ms()), (180_000, 0));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_good_in_the_window_holds_after_it_and_what_failed_is_looked_at_anew() {
    let clock = Clock::manual(START);
    let (world, good, bad) = (World::new(clock.clone()).await, Target::start().await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (up, down) = (watched(&world, &actor, &good).await, watched(&world, &actor, &bad).await);
    let window = plan(&world, &actor, &once("14:15")).await;
    world.engine.maintenance().start(&actor, window).await.unwrap();
    assert_eq!((world.state(&actor, up), world.state(&actor, down)), (State::Maintenance, State::Maintenance), "at once");
    bad.answer(503);
    for hits in [2, 3] {
        world.engine.monitors().check_now(&actor, &[down]).await.unwrap();
        bad.until_hits(hits).await;
        world.until_idle(&actor, down).await;
    }
    clock.advance(Duration::from_secs(1));
    world.engine.maintenance().end(&actor, window).await.unwrap();
    world.until(&actor, up, State::Up).await;
    assert_eq!(world.engine.monitors().live(&actor, up).unwrap().since, clock.now());
    // The check at the end fails: pending, not down.
    bad.until_hits(4).await;
    world.until(&actor, down, State::Pending).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_began_or_passed_while_the_process_was_off_is_dated_as_planned() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = watched(&world, &actor, &target).await;
    plan(&world, &actor, &once("14:20")).await;
    let store = world.stop().await;
    clock.step_wall(at("14:21"));
    let world = World::over(store, clock.clone()).await;
    clock.advance(Duration::from_secs(1));
    world.until(&actor, id, State::Maintenance).await;
    assert_eq!(world.engine.monitors().live(&actor, id).unwrap().since, at("14:20"));
    let store = world.stop().await;
    clock.step_wall(at("14:40"));
    let world = World::over(store, clock.clone()).await;
    clock.advance(Duration::from_secs(1));
    world.until(&actor, id, State::Up).await;
    let told = changes(&world, &actor, id).await;
    let ended = told.iter().skip_while(|(to, ..)| *to != State::Maintenance).nth(1).unwrap();
    assert_eq!((ended.0, ended.1), (State::Unknown, at("14:23")), "{told:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_follow_tags_and_choices_and_are_changed_while_they_are_open() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let draft = MonitorDraft { tags: "db".into(), interval: "1 h".into(), ..MonitorDraft::http(target.url()) };
    let tagged = world.engine.monitors().create(&actor, &draft).await.unwrap().id;
    let other = world.watch(&actor, &target.url(), "1 h").await.id;
    for id in [tagged, other] {
        world.until(&actor, id, State::Up).await;
    }
    let by_tag = WindowDraft { covers: "tags".into(), tags: "db".into(), ..once("14:30") };
    let window = plan(&world, &actor, &by_tag).await;
    let maintenance = world.engine.maintenance();
    assert_eq!(maintenance.preview(&actor, &by_tag).unwrap().monitors, 1);
    maintenance.start(&actor, window).await.unwrap();
    assert_eq!((world.state(&actor, tagged), world.state(&actor, other)), (State::Maintenance, State::Up));
    assert!(maintenance.start(&actor, window).await.is_err(), "it is open already");

    // Another monitor gets the tag, the first loses it.
    world.engine.monitors().retag(&actor, &[other], "db", "").await.unwrap();
    world.engine.monitors().retag(&actor, &[tagged], "", "db").await.unwrap();
    clock.advance(Duration::from_secs(1));
    world.until(&actor, other, State::Maintenance).await;
    world.until(&actor, tagged, State::Up).await;

    let chosen = WindowDraft { covers: "chosen".into(), monitors: tagged.to_string(), ..by_tag };
    maintenance.update(&actor, window, &chosen).await.unwrap();
    assert_eq!(world.state(&actor, tagged), State::Maintenance);
    world.until(&actor, other, State::Up).await;
    assert!(matches!(maintenance.of_monitor(&actor, tagged).unwrap()[0].state, WindowState::Open(_)));
    assert!(maintenance.of_monitor(&actor, other).unwrap().is_empty());

    // A pause covers the window and is not ended by it.
    world.engine.monitors().set_enabled(&actor, &[tagged], false).await.unwrap();
    maintenance.delete(&actor, window).await.unwrap();
    assert_eq!((world.state(&actor, tagged), maintenance.list(&actor).len()), (State::Paused, 0));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_sees_its_own_windows_and_only_editors_change_them() {
    let world = World::new(Clock::manual(START)).await;
    let actor = world.admin().await.actor().unwrap();
    let window = plan(&world, &actor, &once("14:30")).await;
    let maintenance = world.engine.maintenance();
    let viewer = Actor { role: domain::account::Role::Viewer, ..actor.clone() };
    assert!(maintenance.create(&viewer, &once("14:30")).await.is_err() && maintenance.delete(&viewer, window).await.is_err());
    assert_eq!(maintenance.list(&viewer).len(), 1);
    let stranger = Actor { space: domain::SpaceId::new(START, 9), ..actor.clone() };
    assert!(maintenance.list(&stranger).is_empty() && maintenance.get(&stranger, window).is_err());
    assert!(maintenance.end(&stranger, window).await.is_err());
    let past = maintenance.create(&actor, &once("14:00")).await.unwrap_err();
    assert!(past.of("start").is_some(), "{past:?}");
    let foreign = WindowDraft { covers: "chosen".into(), monitors: MonitorId::new(START, 1).to_string(), ..once("14:30") };
    assert!(maintenance.create(&actor, &foreign).await.unwrap_err().of("monitors").is_some());
    world.stop().await;
}
