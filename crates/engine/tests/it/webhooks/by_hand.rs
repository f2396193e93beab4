//! What people do with schedules: stop, go on, run now, run the past, test, import.

use std::time::Duration;

use domain::webhook::{Origin, Outcome, RunState, ScheduleFilter, Standing};
use engine::Clock;

use super::{Receiver, add, every_minute, runs, to_the_next_minute, until, until_all};
use crate::world::{START, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_kept_ends_by_itself_and_replays_only_when_asked() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    let until_text = START.plus(Duration::from_secs(600)).to_rfc3339();
    assert_eq!(world.engine.schedules().pause(&actor, &[id], "Moving house", &until_text).await.unwrap(), 1);
    let world = World::over(world.stop().await, clock.clone()).await;
    let detail = world.engine.schedules().detail(&actor, id).await.unwrap();
    let pause = detail.pause.unwrap();
    assert_eq!((detail.row.standing, pause.note.as_str(), pause.by.as_str()), (Standing::Paused, "Moving house", "ada"));
    clock.advance(Duration::from_secs(300));
    assert_eq!(world.engine.schedules().resume(&actor, &[id], false).await.unwrap(), 1);
    let rows = until_all(&world, &actor, id, &[RunState::Skipped]).await;
    assert!(rows[0].count >= 4 && rows[0].note.contains("Moving house"), "{rows:?}");
    assert_eq!(receiver.count(), 0);
    world.engine.schedules().pause(&actor, &[id], "", "").await.unwrap();
    clock.advance(Duration::from_secs(300));
    world.engine.schedules().resume(&actor, &[id], true).await.unwrap();
    until(&world, &actor, id, RunState::Succeeded).await;
    assert_eq!(receiver.count(), 1);
    // A pause that ends by itself.
    let until_text = clock.now().plus(Duration::from_secs(120)).to_rfc3339();
    world.engine.schedules().pause(&actor, &[id], "", &until_text).await.unwrap();
    clock.advance(Duration::from_secs(121));
    tokio::time::sleep(Duration::from_millis(200)).await;
    to_the_next_minute(&clock);
    receiver.until(2).await;
    assert!(world.engine.schedules().pause(&actor, &[id], "", "2020-01-01 00:00").await.is_err());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_by_hand_and_of_the_past_leave_the_timetable_alone() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    let next = world.engine.schedules().get(&actor, id).unwrap().next;
    let ids = world.engine.schedules().run_now(&actor, &[id]).await.unwrap();
    let run = until(&world, &actor, id, RunState::Succeeded).await;
    assert_eq!((run.id, run.origin), (ids[0], Origin::Manual));
    assert_eq!(world.engine.schedules().get(&actor, id).unwrap().next, next);
    let (from, to) = (START.minus(Duration::from_secs(300)).to_rfc3339(), START.to_rfc3339());
    let dry = world.engine.schedules().backfill(&actor, id, &from, &to, 3, true).await.unwrap();
    assert_eq!((dry.times.len(), dry.more, receiver.count()), (3, true, 1));
    let filled = world.engine.schedules().backfill(&actor, id, &from, &to, 100, false).await.unwrap();
    assert_eq!((filled.times.len(), filled.more), (5, false));
    receiver.until(6).await;
    until_all(&world, &actor, id, &[RunState::Succeeded; 6]).await;
    let again = world.engine.schedules().backfill(&actor, id, &from, &to, 100, false).await.unwrap();
    assert_eq!((again.times.len(), again.done, receiver.count()), (0, 5, 6));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_run_is_cancelled() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    receiver.answer(500);
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    to_the_next_minute(&clock);
    let run = until(&world, &actor, id, RunState::Retrying).await;
    assert_eq!(world.engine.schedules().cancel(&actor, &[run.id]).await.unwrap(), 1);
    let run = until(&world, &actor, id, RunState::Cancelled).await;
    assert_eq!(run.note, "Cancelled by ada.");
    clock.advance(Duration::from_secs(5));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.count(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_on_its_way_is_not_sent_again() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    receiver.take(Duration::from_secs(2));
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    to_the_next_minute(&clock);
    receiver.until(1).await;
    let run = until(&world, &actor, id, RunState::Running).await;
    let refused = world.engine.schedules().redeliver(&actor, &[run.id]).await.unwrap_err();
    assert_eq!(refused.code, domain::Code::Conflict);
    until(&world, &actor, id, RunState::Succeeded).await;
    assert_eq!(receiver.count(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_tried_without_being_kept() {
    let (world, receiver) = (World::new(Clock::system()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let tried =
        world.engine.schedules().test(&actor, None, &every_minute(&receiver.url, &[("assertions", "body contains never")])).await.unwrap();
    assert!(matches!(&tried.outcome, Outcome::Failed { error, .. } if error.contains("never")), "{tried:?}");
    assert_eq!((receiver.count(), world.engine.schedules().counts(&actor).all), (1, 0));
    let wrong = every_minute(&receiver.url, &[("body", "{{ secret.NOBODY }}"), ("headers", "X: {{ nonsense }}")]);
    let error = world.engine.schedules().test(&actor, None, &wrong).await.unwrap_err();
    let fields: Vec<_> = error.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["body", "headers"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_elsewhere_is_taken_over() {
    let (world, receiver) = (World::new(Clock::system()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let crontab = format!("0 2 * * * curl -fsS {}\n0 3 * * * /usr/bin/backup\n61 * * * * curl {}\n", receiver.url, receiver.url);
    let dry = world.engine.schedules().import(&actor, &crontab, "Europe/Riga", true).await.unwrap();
    assert_eq!(dry.rows.iter().map(|row| row.error.is_empty()).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!((dry.added, dry.rows[0].when.as_str()), (0, "At 02:00"));
    let done = world.engine.schedules().import(&actor, &crontab, "Europe/Riga", false).await.unwrap();
    let page =
        world.engine.schedules().page(&actor, &ScheduleFilter { search: "127.0".into(), ..ScheduleFilter::default() }).await.unwrap();
    assert_eq!((done.added, page.matching, page.rows[0].zone.as_str()), (1, 1, "Europe/Riga"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_do_not_see_them_and_what_is_deleted_is_gone() {
    let (world, receiver) = (World::new(Clock::system()).await, Receiver::start().await);
    let visitor = world.admin().await;
    let actor = visitor.actor().unwrap();
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    world.engine.schedules().run_now(&actor, &[id]).await.unwrap();
    until(&world, &actor, id, RunState::Succeeded).await;
    let run = runs(&world, &actor, id).await.remove(0);
    let mut other = actor.clone();
    other.space = domain::SpaceId::new(START, 99);
    assert!(world.engine.schedules().get(&other, id).is_err() && world.engine.schedules().run(&other, run.id).await.is_err());
    assert!(world.engine.schedules().redeliver(&other, &[run.id]).await.is_err());
    assert_eq!(world.engine.schedules().delete(&actor, &[id]).await.unwrap(), 1);
    assert!(world.engine.schedules().run(&actor, run.id).await.is_err());
    let world = World::over(world.stop().await, Clock::system()).await;
    assert_eq!(world.engine.schedules().counts(&actor).all, 0);
    world.stop().await;
}
