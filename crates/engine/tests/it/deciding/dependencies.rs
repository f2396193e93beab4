//! Below a parent that is down: unreachable, never down by mistake, and back with it.

use std::time::Duration;

use domain::kind::Kind;
use domain::maintenance::WindowDraft;
use domain::monitor::MonitorDraft;
use domain::state::State;
use domain::{MonitorId, Timestamp};
use engine::{Actor, Clock};
use tokio::net::TcpListener;

use crate::world::{START, Target, World};

/// A monitor that is checked only when somebody asks for it.
fn rare(url: &str, depends_on: &str) -> MonitorDraft {
    MonitorDraft { interval: "24 h".into(), depends_on: depends_on.into(), ..MonitorDraft::http(url) }
}

async fn create(world: &World, actor: &Actor, draft: &MonitorDraft) -> MonitorId {
    world.engine.monitors().create(actor, draft).await.unwrap().id
}

/// The states it has been in, in order.
async fn history(world: &World, actor: &Actor, id: MonitorId) -> Vec<State> {
    world.engine.flush().await;
    let mut all = world.engine.history().changes(actor, id, START, Timestamp::from_millis(i64::MAX), 100).await.unwrap();
    all.reverse();
    all.into_iter().map(|change| change.transition.to).collect()
}

async fn check(world: &World, actor: &Actor, id: MonitorId, target: &Target) {
    let hits = target.hits();
    world.engine.monitors().check_now(actor, &[id]).await.unwrap();
    target.until_hits(hits + 1).await;
    world.until_idle(actor, id).await;
    world.engine.flush().await;
}

/// A parent and a child that are up, and a second later.
async fn family(world: &World, actor: &Actor, parent: &Target, child: &Target) -> (MonitorId, MonitorId) {
    let above = create(world, actor, &rare(&parent.url(), "")).await;
    let below = create(world, actor, &rare(&child.url(), &above.to_string())).await;
    for id in [above, below] {
        world.until(actor, id, State::Up).await;
    }
    world.clock.advance(Duration::from_secs(1));
    (above, below)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_is_checked_later_makes_no_false_down_also_over_a_restart() {
    let clock = Clock::manual(START);
    let (world, parent, child) = (World::new(clock.clone()).await, Target::start().await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (above, below) = family(&world, &actor, &parent, &child).await;
    parent.answer(503);
    child.answer(503);
    // The failure of the child has the parent looked at, which is then pending itself.
    check(&world, &actor, below, &child).await;
    world.until(&actor, above, State::Pending).await;
    for _ in 0..3 {
        check(&world, &actor, below, &child).await;
    }
    assert_eq!((world.state(&actor, below), parent.hits()), (State::Pending, 2), "more failures than it takes, and in doubt");

    let world = World::over(world.stop().await, clock.clone()).await;
    clock.advance(Duration::from_secs(1));
    world.check_until(&actor, above, State::Down).await;
    world.check_until(&actor, below, State::Unreachable).await;
    assert!(!history(&world, &actor, below).await.contains(&State::Down));

    parent.answer(200);
    child.answer(200);
    let hits = child.hits();
    check(&world, &actor, above, &parent).await;
    child.until_hits(hits + 1).await;
    world.until(&actor, below, State::Up).await;
    let told = history(&world, &actor, below).await;
    assert_eq!(told[told.len() - 2..], [State::Unreachable, State::Up], "looked at when the parent was back: {told:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn below_a_parent_that_answers_it_is_down() {
    let clock = Clock::manual(START);
    let (world, parent, child) = (World::new(clock.clone()).await, Target::start().await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (above, below) = family(&world, &actor, &parent, &child).await;
    let first = clock.now();
    child.answer(503);
    check(&world, &actor, below, &child).await;
    parent.until_hits(2).await;
    world.until_idle(&actor, above).await;
    check(&world, &actor, below, &child).await;
    world.until(&actor, below, State::Down).await;
    assert_eq!((world.engine.monitors().live(&actor, below).unwrap().since, parent.hits()), (first, 2));

    // What was down before stays down when the parent goes too.
    clock.advance(Duration::from_secs(1));
    parent.answer(503);
    world.check_until(&actor, above, State::Down).await;
    assert_eq!(world.state(&actor, below), State::Down);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_ever_for_a_parent() {
    let clock = Clock::manual(START);
    let (world, child) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    // Its first check has not ended when the child fails, and never will as far as this clock is concerned.
    let slow = MonitorDraft { timeout: "10 min".into(), ..rare(&url, "") };
    let above = create(&world, &actor, &slow).await;
    let below = create(&world, &actor, &rare(&child.url(), &above.to_string())).await;
    world.until(&actor, below, State::Up).await;
    clock.advance(Duration::from_secs(1));
    child.answer(503);
    for _ in 0..2 {
        check(&world, &actor, below, &child).await;
    }
    assert_eq!(world.state(&actor, below), State::Pending);
    clock.advance(Duration::from_secs(121));
    world.until(&actor, below, State::Down).await;
    world.shutdown.cancel();
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn below_a_parent_in_maintenance_that_does_not_answer_it_is_unreachable() {
    let clock = Clock::manual(START);
    let (world, parent, child) = (World::new(clock.clone()).await, Target::start().await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (above, below) = family(&world, &actor, &parent, &child).await;
    let work = WindowDraft {
        covers: "chosen".into(),
        monitors: above.to_string(),
        start: "2026-09-21T18:00".into(),
        duration: "1 h".into(),
        enabled: "on".into(),
        ..WindowDraft::default()
    };
    let window = world.engine.maintenance().create(&actor, &work).await.unwrap();
    world.engine.maintenance().start(&actor, window.id).await.unwrap();
    parent.answer(503);
    child.answer(503);
    for _ in 0..2 {
        check(&world, &actor, above, &parent).await;
    }
    assert_eq!(world.state(&actor, above), State::Maintenance);
    world.check_until(&actor, below, State::Unreachable).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn circles_are_refused_names_are_understood_and_parents_that_are_gone_vanish() {
    let world = World::new(Clock::manual(START)).await;
    let actor = world.admin().await.actor().unwrap();
    let named = |name: &str, depends_on: &str| MonitorDraft { name: name.into(), ..rare("http://127.0.0.1:9/", depends_on) };
    let monitors = world.engine.monitors();
    let router = create(&world, &actor, &named("Router", "")).await;
    let switch = create(&world, &actor, &named("Switch", "router")).await;
    let server = create(&world, &actor, &named("Server", &format!("Switch\n{router}"))).await;
    let mut both = [router, switch];
    both.sort_unstable();
    assert_eq!(monitors.get(&actor, server).await.unwrap().spec.depends_on, both);
    for wrong in ["Server", "Switch", "Router", "Nobody"] {
        let refused = monitors.update(&actor, router, &named("Router", wrong)).await.unwrap_err();
        assert!(refused.of("depends_on").is_some(), "{wrong}: {refused:?}");
    }
    // A group is decided by its members: what depends on it cannot be one of them.
    let group = MonitorDraft { name: "All".into(), ..MonitorDraft::of(Kind::Group, [("members", "Router".into())]) };
    let group = create(&world, &actor, &group).await;
    assert!(monitors.update(&actor, router, &named("Router", &group.to_string())).await.unwrap_err().of("depends_on").is_some());
    monitors.delete(&actor, &[group]).await.unwrap();

    let detail = monitors.detail(&actor, switch).await.unwrap();
    assert_eq!((detail.parents[0].id, detail.children[0].id, detail.draft.depends_on.as_str()), (router, server, "Router"));
    monitors.delete(&actor, &[router]).await.unwrap();
    assert_eq!(monitors.get(&actor, server).await.unwrap().spec.depends_on, [switch]);
    let world = World::over(world.stop().await, Clock::manual(START)).await;
    for (id, parents) in [(server, vec![switch]), (switch, Vec::new())] {
        assert_eq!(world.engine.monitors().get(&actor, id).await.unwrap().spec.depends_on, parents, "in the database too");
    }
    world.stop().await;
}
