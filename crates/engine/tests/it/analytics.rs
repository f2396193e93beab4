//! The figures over a space: summed from real checks and from days of the past, by tag, and of no other space.

use std::time::Duration;

use domain::Timestamp;
use domain::analytics::{Analytics, Period, Query};
use domain::check::{Phases, Reason};
use domain::monitor::MonitorDraft;
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::uptime::Tally;
use engine::{Actor, Clock};
use store::{Level, Rollup};

use crate::world::{START, Target, World, local, person};

async fn figures(world: &World, actor: &Actor, query: Query) -> Analytics {
    world.engine.analytics().of(actor, &query, None).await.unwrap()
}

fn of(period: Period) -> Query {
    Query { period, zone: "UTC".into(), ..Query::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_are_counted_by_reason_tag_and_hour() {
    let clock = Clock::manual(START);
    let (world, well, ill) = (World::new(clock.clone()).await, Target::start().await, Target::start().await);
    let ada = world.admin().await;
    let actor = ada.actor().unwrap();
    ill.answer(500);
    let watched = world.watch(&actor, &well.url(), "10 s").await.id;
    let draft = MonitorDraft { name: "Ill".into(), tags: "api".into(), interval: "10 s".into(), ..MonitorDraft::http(ill.url()) };
    let failing = world.engine.monitors().create(&actor, &draft).await.unwrap().id;
    world.until(&actor, watched, State::Up).await;
    for _ in 0..60 {
        clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.until(&actor, failing, State::Down).await;
    world.until_scheduled(&actor, failing).await;
    // Longer than an answer is kept: nobody asked before.
    let day = figures(&world, &actor, of(Period::Day)).await;
    assert_eq!(day.monitors, 2);
    let reason = day.reasons.first().unwrap();
    assert_eq!((day.reasons.len(), reason.reason, reason.failures), (1, Reason::Status, day.failures));
    assert_eq!(reason.monitors.iter().map(|ranked| ranked.id).collect::<Vec<_>>(), [failing]);
    assert_eq!(day.least_reliable.iter().map(|ranked| ranked.id).collect::<Vec<_>>(), [failing]);
    assert_eq!(day.slowest.iter().map(|ranked| ranked.id).collect::<Vec<_>>(), [watched]);
    assert!(day.failures >= 2 && day.checks > day.failures);
    assert_eq!(day.trend.points.iter().map(|point| u64::from(point.checks)).sum::<u64>(), day.checks);
    assert_eq!(day.hours.len(), 168);
    let civil = START.civil(0);
    let hour = day.hours.get(usize::from(civil.weekday) * 24 + usize::from(civil.hour)).unwrap();
    assert_eq!(u64::from(hour.checks), day.checks);
    let index = civil.weekday * 24 + civil.hour;
    let asked = world.engine.analytics().of(&actor, &of(Period::Day), Some(index)).await.unwrap().hour.unwrap();
    let failed: Vec<_> = asked.monitors.iter().map(|ranked| (ranked.id, ranked.failures)).collect();
    assert_eq!((asked.hour, failed), (index, vec![(failing, day.failures)]));
    assert_eq!(world.engine.analytics().of(&actor, &of(Period::Day), Some(168)).await.unwrap().hour, None);
    assert_eq!(day.tags, ["api"]);

    let tagged = figures(&world, &actor, Query { tag: Some("api".into()), ..of(Period::Day) }).await;
    assert_eq!((tagged.monitors, tagged.failures), (1, day.failures));
    let kinds = figures(&world, &actor, Query { kind: Some("tcp".into()), ..of(Period::Day) }).await;
    assert_eq!((kinds.monitors, kinds.checks), (0, 0));

    let link = world.engine.admin().invite(&ada, "for Eve").await.unwrap();
    let secret = link.secret.rsplit('/').next().unwrap();
    let eve = world.engine.accounts().sign_up(person("eve", secret), &local()).await.unwrap().unwrap();
    let eve = world.visitor(&eve.secret).await.actor().unwrap();
    let foreign = figures(&world, &eve, of(Period::Day)).await;
    assert_eq!((foreign.monitors, foreign.checks, foreign.tags.len()), (0, 0, 0));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_hours_and_open_hours_are_summed_once_each() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "1 h").await.id;
    world.until(&actor, id, State::Up).await;
    let midnight = START.floor(DAY_MS);
    let at = |ms: i64| Timestamp::from_millis(midnight.as_millis() + ms);
    let piece = |checks: u32, failures: u32| {
        let mut rollup = Rollup::default();
        rollup.add_successes(40_000, &Phases::default(), checks - failures);
        rollup.add_failures(Reason::Timeout, failures);
        rollup.tally.add_ms(State::Up, 1_000);
        rollup
    };
    let rollups = world.store.rollups(id);
    // Twenty days that have their sum, the last of them being the tenth before today; then two days of hours that have none
    // yet, and the hours of the last week, whose days have theirs.
    let days: Vec<_> =
        (-29..-9).map(|day| (at(day * DAY_MS), piece(100, 1))).chain((-7..0).map(|day| (at(day * DAY_MS), piece(48, 2)))).collect();
    let hours: Vec<_> = (-9 * 24..0).map(|hour| (at(hour * HOUR_MS), piece(2, 0))).collect();
    rollups.write(Level::Hour, &hours).await.unwrap();
    rollups.write(Level::Day, days.get(..20).unwrap()).await.unwrap();

    let month = figures(&world, &actor, of(Period::Month)).await;
    let real = month.checks - 20 * 100 - 9 * 24 * 2;
    assert_eq!(real, 1, "the check of now");
    assert_eq!(month.failures, 20);
    assert_eq!(month.reasons.first().map(|share| (share.reason, share.failures)), Some((Reason::Timeout, 20)));

    clock.advance(Duration::from_secs(61));
    rollups.write(Level::Day, days.get(20..).unwrap()).await.unwrap();
    rollups.write(Level::Day, &[(at(-9 * DAY_MS), piece(48, 0)), (at(-8 * DAY_MS), piece(48, 0))]).await.unwrap();
    let again = figures(&world, &actor, of(Period::Month)).await;
    assert_eq!((again.checks, again.failures), (month.checks, month.failures), "a day and its hours count once");
    let week = figures(&world, &actor, of(Period::Week)).await;
    assert!(week.checks < again.checks && week.hours_from == week.from);
    assert!(week.tally != Tally::default());
    world.stop().await;
}
