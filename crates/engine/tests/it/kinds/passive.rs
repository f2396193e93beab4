//! Heartbeats and groups, from a signal to the state.

use std::time::Duration;

use domain::analytics::{Period, Query};
use domain::kind::Kind;
use domain::monitor::PING_TOKEN;
use domain::state::State;
use engine::Actor;
use engine::service::Signal;

use super::draft;
use crate::world::{START, Target, World};
use engine::Clock;

async fn heartbeat(world: &World, actor: &Actor, fields: &[(&str, &str)]) -> (domain::MonitorId, String) {
    let monitor = world.engine.monitors().create(actor, &draft(Kind::Heartbeat, fields)).await.unwrap();
    (monitor.id, monitor.spec.settings.0[PING_TOKEN].clone())
}

/// Lets time pass in steps, so that what is due in between happens.
async fn pass(world: &World, seconds: u64) {
    for _ in 0..seconds {
        world.clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_a_failure_once_a_signal_has_come() {
    let world = World::new(Clock::manual(START)).await;
    let actor = world.admin().await.actor().unwrap();
    let (id, token) = heartbeat(&world, &actor, &[("period_ms", "20 s"), ("grace_ms", "5 s")]).await;
    pass(&world, 60).await;
    assert_eq!(world.state(&actor, id), State::Unknown, "nothing is expected before the first signal");
    world.engine.heartbeats().signal(&token, Signal::Success, b"done\n").await.unwrap();
    assert_eq!(world.state(&actor, id), State::Up);
    let checks = world.engine.history().checks(&actor, id, None, 10).await.unwrap();
    assert_eq!(checks[0].excerpt.as_deref(), Some("done"));
    pass(&world, 24).await;
    assert_eq!(world.state(&actor, id), State::Up, "late, but within the grace");
    pass(&world, 3).await;
    world.until(&actor, id, State::Down).await;
    world.engine.flush().await;
    let checks = world.engine.history().checks(&actor, id, None, 10).await.unwrap();
    let overdue = START.plus(Duration::from_secs(60 + 25));
    assert_eq!(checks[0].at, overdue, "dated at the instant at which it was overdue");
    assert!(checks[0].failure.as_ref().is_some_and(|failure| failure.message.contains("No signal")));
    world.engine.heartbeats().signal(&token, Signal::Success, b"").await.unwrap();
    assert_eq!(world.state(&actor, id), State::Up);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_measured_and_may_not_take_too_long() {
    let world = World::new(Clock::manual(START)).await;
    let actor = world.admin().await.actor().unwrap();
    let (id, token) = heartbeat(&world, &actor, &[("period_ms", "10 min"), ("longest_ms", "30 s")]).await;
    let beats = world.engine.heartbeats();
    beats.signal(&token, Signal::Start, b"").await.unwrap();
    let running = || world.engine.monitors().live(&actor, id).unwrap().running_since;
    assert_eq!(running(), Some(START), "a run that goes on is told");
    pass(&world, 12).await;
    beats.signal(&token, Signal::Exit(0), b"").await.unwrap();
    assert_eq!(running(), None);
    world.engine.flush().await;
    // How long a job ran is no latency of services, but what there is to say of jobs.
    let over = |kind: Option<&str>| Query { period: Period::Day, zone: "UTC".into(), kind: kind.map(str::to_owned), ..Query::default() };
    let (all, jobs) = (over(None), over(Some("heartbeat")));
    let all = world.engine.analytics().of(&actor, &all, None).await.unwrap();
    let jobs = world.engine.analytics().of(&actor, &jobs, None).await.unwrap();
    assert_eq!((all.checks, all.trend.p50_us, all.slowest.len()), (1, None, 0));
    assert!(jobs.trend.p50_us.is_some_and(|us| us.abs_diff(12_000_000) < 500_000) && jobs.slowest.len() == 1, "{:?}", jobs.trend.p50_us);
    let run = world.engine.history().checks(&actor, id, None, 1).await.unwrap().remove(0);
    assert!((11_880_000..=12_120_000).contains(&run.duration_us), "12 s within 1 %, as durations are kept: {}", run.duration_us);
    beats.signal(&token, Signal::Exit(3), b"disk full").await.unwrap();
    let failed = world.engine.history().checks(&actor, id, None, 1).await.unwrap().remove(0);
    assert_eq!((failed.status, failed.excerpt.as_deref()), (Some(3), Some("disk full")));
    pass(&world, 1).await;
    let day = world.engine.history().series(&actor, id, domain::view::Range::Day).await.unwrap();
    assert_eq!(
        day.points.iter().map(|p| (p.checks, p.measured)).collect::<Vec<_>>(),
        [(2, 1)],
        "two signals, one of them the end of a run"
    );
    assert_eq!(world.state(&actor, id), State::Down);
    beats.signal(&token, Signal::Success, b"").await.unwrap();
    beats.signal(&token, Signal::Start, b"").await.unwrap();
    pass(&world, 32).await;
    world.until(&actor, id, State::Down).await;
    assert!(world.engine.monitors().live(&actor, id).unwrap().last.unwrap().error.unwrap().contains("did not end within 30 s"));
    assert!(beats.signal("nonsense", Signal::Success, b"").await.is_err());
    world.engine.monitors().set_enabled(&actor, &[id], false).await.unwrap();
    beats.signal(&token, Signal::Success, b"").await.unwrap();
    assert_eq!(world.state(&actor, id), State::Paused, "a paused heartbeat takes signals and says nothing");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_heard_while_it_was_off_is_not_a_failure() {
    let world = World::new(Clock::manual(START)).await;
    let actor = world.admin().await.actor().unwrap();
    let (id, token) = heartbeat(&world, &actor, &[("period_ms", "20 s"), ("grace_ms", "5 s")]).await;
    world.engine.heartbeats().signal(&token, Signal::Success, b"").await.unwrap();
    let store = world.stop().await;
    let world = World::over(store, Clock::manual(START.plus(Duration::from_secs(3_600)))).await;
    pass(&world, 20).await;
    world.engine.flush().await;
    assert_eq!(world.state(&actor, id), State::Unknown, "nobody listened for an hour");
    pass(&world, 8).await;
    world.until(&actor, id, State::Down).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_stands_where_its_members_do() {
    let (world, one, two) = (World::new(Clock::manual(START)).await, Target::start().await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (first, second) = (world.watch(&actor, &one.url(), "10 s").await.id, world.watch(&actor, &two.url(), "10 s").await.id);
    for id in [first, second] {
        world.until(&actor, id, State::Up).await;
    }
    let monitors = world.engine.monitors();
    let members = format!("{first}, {second}");
    let all = monitors.create(&actor, &draft(Kind::Group, &[("members", &members)])).await.unwrap().id;
    let any = monitors.create(&actor, &draft(Kind::Group, &[("members", &members), ("rule", "any")])).await.unwrap().id;
    for id in [all, any] {
        world.until(&actor, id, State::Up).await;
    }
    two.answer(500);
    while world.state(&actor, second) != State::Down {
        pass(&world, 1).await;
    }
    world.until(&actor, all, State::Down).await;
    world.until(&actor, any, State::Degraded).await;
    two.answer(200);
    while world.state(&actor, all) != State::Up || world.state(&actor, any) != State::Up {
        pass(&world, 1).await;
    }
    let own = monitors.update(&actor, all, &draft(Kind::Group, &[("members", &any.to_string())])).await;
    assert!(own.is_ok(), "a group may be a member of another");
    let circle = monitors.update(&actor, any, &draft(Kind::Group, &[("members", &all.to_string())])).await.unwrap_err();
    assert_eq!(circle.fields[0].field, "members");
    let named = draft(Kind::Group, &[("members", "127.0.0.1")]);
    assert!(monitors.create(&actor, &named).await.unwrap_err().message.contains("Several monitors"), "both are called by their host");
    world.stop().await;
}
