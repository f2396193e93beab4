//! From a slot to the history: scheduled, probed, decided, recorded, told.

use std::time::Duration;

use domain::Timestamp;
use domain::live::ServerMessage;
use domain::monitor::MonitorDraft;
use domain::schedule::Slots;
use domain::state::State;
use domain::view::{ListQuery, Range};
use engine::Clock;

use crate::world::{START, Target, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_fails_is_pending_then_down_then_up_and_all_of_it_is_history() {
    let (world, target) = (World::new(Clock::system()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "1 s").await.id;
    world.until(&actor, id, State::Up).await;
    target.answer(503);
    world.until(&actor, id, State::Pending).await;
    world.until(&actor, id, State::Down).await;
    target.answer(200);
    world.until(&actor, id, State::Up).await;
    world.engine.flush().await;

    let detail = world.engine.monitors().detail(&actor, id).await.unwrap();
    let states: Vec<State> = detail.spans.iter().map(|s| s.state).collect();
    assert_eq!(states[states.len() - 3..], [State::Up, State::Down, State::Up]);
    let down = detail.spans[detail.spans.len() - 2];
    let first_failure = detail.checks.iter().filter(|c| c.failure.is_some()).map(|c| c.at).min().unwrap();
    assert_eq!(down.from, first_failure, "down is dated at the first failure of the run");
    assert_eq!(detail.uptime[0].tally.down_ms(), u64::try_from(down.to.since(down.from).as_millis()).unwrap());
    let failed = detail.checks.iter().find_map(|c| c.failure.as_ref()).unwrap();
    assert!(failed.message.contains("503"), "{}", failed.message);

    let series = world.engine.history().series(&actor, id, Range::Hour).await.unwrap();
    let counted: u32 = series.points.iter().map(|p| p.checks).sum();
    assert!(usize::try_from(counted).unwrap() >= detail.checks.len());
    assert!(series.p50_us.is_some() && series.shaded.iter().any(|s| s.state == State::Down));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_check_never_starts_before_its_slot_and_no_slot_is_run_twice() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "10 s").await.id;
    target.until_hits(1).await; // The first check, off the grid.
    world.until(&actor, id, State::Up).await;
    let slots = Slots::of(id, Duration::from_secs(10));
    for n in 0..5 {
        world.until_scheduled(&actor, id).await;
        let next = slots.after(clock.now());
        clock.advance(next.since(clock.now()) - Duration::from_millis(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(target.hits(), 1 + n, "before its slot");
        clock.advance(Duration::from_millis(1));
        target.until_hits(2 + n).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    world.engine.flush().await;
    let checks = world.engine.history().checks(&actor, id, None, 10).await.unwrap();
    for check in &checks[..5] {
        assert_eq!(slots.at_or_before(check.at), check.at);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_neither_stalls_nor_storms() {
    const INTERVAL: Duration = Duration::from_secs(60);
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(world.watch(&actor, &target.url(), "60 s").await.id);
    }
    target.until_hits(20).await;
    for id in &ids {
        world.until(&actor, *id, State::Up).await;
        world.until_scheduled(&actor, *id).await;
    }
    let mut expected = 20;
    for step in ["forward", "back"] {
        // Forward an hour: nothing is made up for, what nobody watched is unknown. Back an hour: slots follow, nobody waits
        // for it to be made up. The scheduler looks at the clock once a second.
        let hour = Duration::from_secs(3_600);
        clock.step_wall(if step == "forward" { clock.now().plus(hour) } else { clock.now().minus(hour) });
        clock.advance(Duration::from_secs(1));
        for id in &ids {
            if step == "forward" {
                world.until(&actor, *id, State::Unknown).await;
            }
            world.until_scheduled(&actor, *id).await;
        }
        assert_eq!(target.hits(), expected, "{step}: no request because of the step itself");
        for _ in 0..60 {
            let before = clock.now();
            clock.advance(Duration::from_secs(1));
            expected += ids.iter().filter(|id| Slots::of(**id, INTERVAL).after(before) <= clock.now()).count();
            target.until_hits(expected).await;
            for id in &ids {
                world.until_scheduled(&actor, *id).await;
            }
        }
        assert_eq!(target.hits(), expected, "{step}: exactly the slots of a minute");
    }
    assert_eq!(expected, 60, "each monitor once at first and once a minute");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_between_two_slots_changes_nothing_and_a_longer_one_is_unknown() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "60 s").await.id;
    world.until(&actor, id, State::Up).await;
    let since = world.engine.monitors().live(&actor, id).unwrap().since;
    let next = Slots::of(id, Duration::from_secs(60)).after(clock.now());

    let world = World::over(world.stop().await, clock.clone()).await;
    world.until_scheduled(&actor, id).await;
    // The slot may be less than a second away.
    clock.advance((next.since(clock.now()) / 2).min(Duration::from_secs(1)));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let live = world.engine.monitors().live(&actor, id).unwrap();
    assert_eq!((live.state, live.since, live.next_at), (State::Up, since, Some(next)));
    assert_eq!(target.hits(), 1, "no storm at start");

    let store = world.stop().await;
    clock.advance(Duration::from_secs(600));
    let world = World::over(store, clock.clone()).await;
    world.until_scheduled(&actor, id).await;
    clock.advance(Duration::from_secs(1));
    world.until(&actor, id, State::Unknown).await;
    assert_eq!(world.engine.monitors().live(&actor, id).unwrap().since, next, "from the first slot that did not run");
    let slot = Slots::of(id, Duration::from_secs(60)).after(clock.now());
    clock.advance(slot.since(clock.now()));
    world.until(&actor, id, State::Up).await;
    world.engine.flush().await;
    let uptime = world.engine.history().uptime(&actor, id, START, clock.now()).await.unwrap();
    assert_eq!(uptime.tally.uptime(), Some(1.0));
    assert!(uptime.tally.coverage().is_some_and(|c| c < 0.5), "{:?}", uptime.tally);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_stops_checks_and_resuming_starts_with_one() {
    let (world, target) = (World::new(Clock::system()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "1 s").await.id;
    world.until(&actor, id, State::Up).await;
    assert_eq!(world.engine.monitors().set_enabled(&actor, &[id], false).await.unwrap(), 1);
    assert_eq!(world.state(&actor, id), State::Paused);
    assert_eq!(world.engine.monitors().live(&actor, id).unwrap().next_at, None);
    assert!(world.engine.monitors().check_now(&actor, &[id]).await.is_err());
    let hits = target.hits();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(target.hits() <= hits + 1, "at most the check that was under way");
    assert_eq!(world.engine.monitors().set_enabled(&actor, &[id], true).await.unwrap(), 1);
    world.until(&actor, id, State::Up).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_target_delays_nobody_else() {
    let world = World::new(Clock::system()).await;
    let actor = world.admin().await.actor().unwrap();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    for _ in 0..30 {
        world.watch(&actor, &url, "1 s").await;
    }
    let good = Target::start().await;
    let id = world.watch(&actor, &good.url(), "1 s").await.id;
    good.until_hits(4).await;
    assert_eq!(world.state(&actor, id), State::Up);
    world.stop().await;
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unscheduled_check_stands_for_the_slot_that_comes_meanwhile() {
    let clock = Clock::manual(START);
    let world = World::new(clock.clone()).await;
    let actor = world.admin().await.actor().unwrap();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let id = world.watch(&actor, &url, "10 s").await.id;
    // The first check of a new monitor belongs to no slot; it is under way now.
    let (held, _) = silent.accept().await.unwrap();
    let slot = world.engine.monitors().live(&actor, id).unwrap().next_at.unwrap();
    clock.advance(slot.since(clock.now()));
    let later = async {
        while world.engine.monitors().live(&actor, id).unwrap().next_at.is_none_or(|next| next <= slot) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), later).await.unwrap();
    assert!(world.engine.monitors().live(&actor, id).unwrap().checking, "still the first check");
    drop(held);
    world.engine.flush().await;
    assert_eq!(world.engine.metrics().missed, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_while_a_check_is_under_way_follows_it() {
    let clock = Clock::manual(START);
    let world = World::new(clock.clone()).await;
    let actor = world.admin().await.actor().unwrap();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let id = world.watch(&actor, &url, "10 s").await.id;
    let (held, _) = silent.accept().await.unwrap();
    // Whoever asks now has mended something: what is under way began before that.
    world.engine.monitors().check_now(&actor, &[id]).await.unwrap();
    drop(held);
    // The clock stands still: no slot comes.
    let followed = tokio::time::timeout(Duration::from_secs(20), silent.accept()).await.unwrap();
    drop(followed);
    world.until_idle(&actor, id).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_hears_of_a_change_without_asking() {
    let (world, target) = (World::new(Clock::system()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "1 s").await.id;
    world.until(&actor, id, State::Up).await;
    let mut feed = world.engine.subscribe(&actor);
    let ServerMessage::Snapshot { seq, monitors, totals, .. } = feed.watch(vec![id]) else { panic!("a snapshot comes first") };
    assert_eq!((monitors[0].state, totals.count(State::Up)), (State::Up, 1));
    target.answer(500);
    let mut last = seq;
    let down = async {
        loop {
            if let ServerMessage::Changes { seq, monitors, .. } = feed.next().await {
                assert!(seq > last, "messages are in order");
                last = seq;
                if monitors.iter().any(|m| m.id == id && m.state == State::Down) {
                    return;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), down).await.unwrap();
    world.watch(&actor, &target.url(), "60 s").await;
    let stale = async { while !matches!(feed.next().await, ServerMessage::Changes { lists_changed: true, .. }) {} };
    tokio::time::timeout(Duration::from_secs(20), stale).await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_searched_filtered_sorted_and_paged() {
    let (world, target) = (World::new(Clock::manual(START)).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    for n in 0..60 {
        let draft = MonitorDraft {
            name: format!("Service {n:02}"),
            tags: if n % 2 == 0 { "even".into() } else { "odd".into() },
            ..MonitorDraft::http(target.url())
        };
        world.engine.monitors().create(&actor, &draft).await.unwrap();
    }
    let page = |query: ListQuery| world.engine.monitors().page(&actor, &query).unwrap();
    let first = page(ListQuery { sort: domain::view::Sort::Name, ..ListQuery::default() });
    assert_eq!((first.rows.len(), first.matching, first.totals.all()), (50, 60, 60));
    assert_eq!(first.tags, [("even".to_owned(), 30), ("odd".to_owned(), 30)]);
    let second = page(ListQuery { page: 1, sort: domain::view::Sort::Name, ..ListQuery::default() });
    assert_eq!(second.rows[0].name, "Service 50");
    let found = page(ListQuery { search: "SERVICE odd".into(), ..ListQuery::default() });
    assert!(found.rows.iter().all(|r| r.tags == ["odd"]) && found.matching == 30);
    assert_eq!(page(ListQuery { tag: Some("even".into()), ..ListQuery::default() }).matching, 30);
    assert_eq!(page(ListQuery { state: Some(State::Down), ..ListQuery::default() }).matching, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_that_ended_has_its_rollup_and_the_chart_of_a_week_shows_it() {
    let clock = Clock::manual(Timestamp::from_millis(START.as_millis() / 3_600_000 * 3_600_000));
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "10 min").await.id;
    world.until(&actor, id, State::Up).await;
    let mut hits = 1;
    for _ in 0..13 {
        world.until_scheduled(&actor, id).await;
        let next = Slots::of(id, Duration::from_secs(600)).after(clock.now());
        clock.advance(next.since(clock.now()));
        hits += 1;
        target.until_hits(hits).await;
        world.engine.flush().await;
    }
    clock.advance(Duration::from_secs(60));
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.engine.flush().await;
    let series = world.engine.history().series(&actor, id, Range::Week).await.unwrap();
    let checks: u32 = series.points.iter().map(|p| p.checks).sum();
    assert_eq!(usize::try_from(checks).unwrap(), target.hits(), "{:?}", series.points);
    assert!(series.points.len() >= 2);
    let store = world.stop().await;
    let hour = store.rollups(id).between(store::Level::Hour, START.floor(3_600_000), clock.now()).await.unwrap();
    assert!(!hour.is_empty() && hour[0].1.tally.observed_ms() > 3_500_000);
}
