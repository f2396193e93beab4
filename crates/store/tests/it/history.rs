//! Checks, states, transitions and rollups: written once, however often; read in the right order.

use super::*;
use domain::bar::Bar;
use domain::check::{Failure, Observation, Phases, Reason};
use domain::flapping::Flapping;
use domain::live::LastCheck;
use domain::machine::{Confirmation, Input, Machine, Verdict};
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::view::CheckView;
use store::packed::{Batched, MissedSlots, represent};
use store::{Batch, Level, Rollup, StateRow, Unsealed};

fn check(ms: i64, failed: bool) -> CheckView {
    let mut seen = Observation {
        at: later(ms),
        duration_us: 1_500,
        phases: Phases { dns_us: Some(10), connect_us: None, tls_us: None, first_byte_us: Some(900), download_us: Some(5) },
        status: Some(if failed { 503 } else { 200 }),
        failure: failed.then(|| Failure { reason: Reason::Status, message: "expected 200-299, got 503".into() }),
        excerpt: failed.then(|| "busy".into()),
        ..Observation::default()
    };
    represent(&mut seen);
    seen.into()
}

fn checks(times: impl IntoIterator<Item = i64>) -> Vec<CheckView> {
    times.into_iter().map(|ms| check(ms, ms % 7 == 0)).collect()
}

fn unsealed(monitor: u128, hour_ms: i64, checks: Vec<CheckView>) -> Unsealed {
    Unsealed { monitor: monitor_id(monitor), hour: later(hour_ms), checks }
}

/// The start of a day, as milliseconds after `NOW`.
fn day(n: i64) -> i64 {
    NOW.floor(DAY_MS).as_millis() - NOW.as_millis() + n * DAY_MS
}

#[tokio::test]
async fn a_row_of_the_journal_is_written_once_however_often() {
    let store = memory().await;
    let recorded = Batched {
        checks: checks(0..50).into_iter().map(|check| (monitor_id(1), check)).collect(),
        missed: vec![MissedSlots { monitor: monitor_id(2), at: later(9), slots: 3 }],
    };
    for seq in [0, 0, 1, 2] {
        store.recorder().write(&Batch { recorded: recorded.clone(), seq, ..Batch::default() }).await.unwrap();
    }
    let rows = store.journal().from(0).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(rows.into_iter().all(|row| row.batched.as_ref() == Some(&recorded)));
    assert_eq!(store.journal().trim(0, 2).await.unwrap(), 2);
    assert_eq!(store.journal().from(0).await.unwrap().iter().map(|row| row.seq).collect::<Vec<_>>(), [2]);
    assert!(store.journal().from(3).await.unwrap().is_empty());
}

#[tokio::test]
async fn sealing_again_adds_what_is_new_and_nothing_twice() {
    let store = memory().await;
    let (first, second) = (day(0), day(0) + HOUR_MS);
    let early = checks((0..30).map(|n| first + n * 1_000));
    let late = checks((20..40).map(|n| first + n * 1_000));
    store.seal(vec![unsealed(1, first, early.clone()), unsealed(2, first, early.clone())]).await.unwrap();
    store.seal(vec![unsealed(1, first, early.clone())]).await.unwrap();
    store.seal(vec![unsealed(1, first, late), unsealed(1, second, checks([second]))]).await.unwrap();
    let stored = store.checks(monitor_id(1));
    let whole = checks((0..40).map(|n| first + n * 1_000).chain([second]));
    assert_eq!(stored.of_day(later(first), later(second + 1)).await.unwrap(), whole);
    assert_eq!(stored.of_day(later(first + 5_000), later(first + 7_000)).await.unwrap(), whole[5..7]);
    assert_eq!(store.checks(monitor_id(2)).of_day(later(first), later(day(1))).await.unwrap(), early);
    assert_eq!(stored.newest_day(later(second)).await.unwrap(), Some(later(first)));
    assert_eq!(stored.newest_day(later(first)).await.unwrap(), None);
}

#[tokio::test]
async fn a_day_takes_the_place_of_its_hours_and_takes_in_late_ones() {
    let store = memory().await;
    let segments = store.segments(monitor_id(1));
    let hour = |n: i64| day(0) + n * HOUR_MS;
    for n in [0, 5, 23, 24] {
        store.seal(vec![unsealed(1, hour(n), checks([hour(n), hour(n) + 7]))]).await.unwrap();
    }
    let expected = checks([0, 5, 23].into_iter().flat_map(|n| [hour(n), hour(n) + 7]));
    for _ in 0..2 {
        assert_eq!(segments.unmerged_day(later(day(1))).await.unwrap(), Some(later(day(0))));
        segments.merge(later(day(0))).await.unwrap();
        assert_eq!(segments.unmerged_day(later(day(1))).await.unwrap(), None, "the hour of the next day is not of this one");
        assert_eq!(store.checks(monitor_id(1)).of_day(later(day(0)), later(day(2))).await.unwrap(), expected);
        // What was there already, as after a crash between sealing and forgetting.
        store.seal(vec![unsealed(1, hour(5), checks([hour(5)]))]).await.unwrap();
    }
    segments.merge(later(day(0))).await.unwrap();
    let size = segments.size().await.unwrap();
    assert_eq!(size.checks, 6);
    segments.seal_day(later(day(0)), checks([hour(7)])).await.unwrap();
    assert_eq!(segments.size().await.unwrap().checks, 7);
}

#[tokio::test]
async fn trimming_takes_the_days_that_are_older_and_nothing_else() {
    let store = memory().await;
    let segments = store.segments(monitor_id(1));
    for n in 0..4 {
        segments.seal_day(later(day(n)), checks([day(n) + 5])).await.unwrap();
    }
    store.segments(monitor_id(2)).seal_day(later(day(0)), checks([day(0)])).await.unwrap();
    while !segments.trim(later(day(2))).await.unwrap() {}
    let stored = store.checks(monitor_id(1));
    assert_eq!(stored.newest_day(later(day(2))).await.unwrap(), None);
    assert_eq!(stored.of_day(later(day(2)), later(day(3))).await.unwrap().len(), 1);
    assert_eq!(store.checks(monitor_id(2)).newest_day(later(day(9))).await.unwrap(), Some(later(day(0))));

    let rollups = store.rollups(monitor_id(1));
    let hours: Vec<_> = (0..48).map(|n| (later(day(0) + n * HOUR_MS), Rollup::default())).collect();
    rollups.write(Level::Hour, &hours).await.unwrap();
    rollups.write(Level::Day, &[(later(day(0)), Rollup::default())]).await.unwrap();
    while !rollups.trim(Level::Hour, later(day(1))).await.unwrap() {}
    assert_eq!(rollups.oldest(Level::Hour, later(day(9))).await.unwrap(), Some(later(day(1))));
    assert_eq!(rollups.oldest(Level::Day, later(day(9))).await.unwrap(), Some(later(day(0))));
    assert_eq!(rollups.oldest(Level::Hour, later(day(1))).await.unwrap(), None);
}

#[tokio::test]
async fn states_are_replaced_and_need_their_monitor() {
    let store = memory().await;
    let spec = domain::monitor::MonitorDraft::http("example.com").validate().unwrap();
    let monitor = domain::monitor::Monitor { id: monitor_id(1), space: space(1).id, spec, enabled: true, updated_at: NOW };
    store.space(space(1).id).monitors().create(&[monitor]).await.unwrap();
    let mut machine = Machine::new(NOW);
    machine.step(Input::Checked { at: later(5), verdict: Verdict::Failure }, Confirmation::default());
    machine.step(Input::MaintenanceBegun { at: later(6) }, Confirmation::default());
    let flapping = Flapping::from_parts(vec![later(1), later(2)], Some(later(2)));
    let mut bar = Bar::default();
    bar.mark(State::Up, NOW, later(900_000));
    let last = LastCheck {
        at: later(5),
        duration_us: 77,
        reason: Some(Reason::Dns),
        error: Some("gone".into()),
        expires_at: Some(later(9)),
        ..LastCheck::default()
    };
    let row = StateRow {
        told_expiry: Some((later(1_000), 7)),
        monitor: monitor_id(1),
        machine,
        recorded_to: later(5),
        rolled_to: NOW,
        last: Some(last),
        bar,
        spark: vec![1, 0, 3],
        flapping,
    };
    let orphan = StateRow { monitor: monitor_id(2), ..row.clone() };
    let batch = Batch { states: vec![StateRow { spark: vec![], ..row.clone() }, orphan], ..Batch::default() };
    store.recorder().write(&batch).await.unwrap();
    store.recorder().write(&Batch { states: vec![row.clone()], ..Batch::default() }).await.unwrap();
    assert_eq!(store.states().all().await.unwrap(), [row]);
}

#[tokio::test]
async fn transitions_tell_the_state_before_a_window() {
    let store = memory().await;
    let mut machine = Machine::new(NOW);
    let mut batch = Batch::default();
    for (ms, verdict) in [(10, Verdict::Success), (20, Verdict::Failure), (30, Verdict::Success)] {
        let rule = Confirmation { failures: 1, successes: 1 };
        let transition = machine.step(Input::Checked { at: later(ms), verdict }, rule).unwrap();
        batch.transitions.push((monitor_id(1), transition, Some("status")));
    }
    store.recorder().write(&batch).await.unwrap();
    store.recorder().write(&batch).await.unwrap();
    let transitions = store.transitions(monitor_id(1));
    let (before, within) = transitions.between(later(20), later(30), 10).await.unwrap();
    assert_eq!(before.map(|t| (t.to, t.at)), Some((State::Up, later(10))));
    assert_eq!(within.iter().map(|t| (t.from, t.to)).collect::<Vec<_>>(), [(State::Up, State::Down)]);
    let (before, within) = transitions.between(NOW, later(99), 10).await.unwrap();
    assert_eq!((before, within.len()), (None, 3));
    assert!(within.windows(2).all(|w| w[0].at < w[1].at));
    let newest = transitions.newest(later(10), later(30), 10).await.unwrap();
    let told: Vec<_> = newest.iter().map(|c| (c.transition.at, c.cause.as_deref())).collect();
    assert_eq!(told, [(later(20), Some("status")), (later(10), Some("status"))]);
    assert_eq!(transitions.newest(NOW, later(99), 1).await.unwrap()[0].transition.at, later(30));
}

#[tokio::test]
async fn rollups_are_replaced_and_read_in_order() {
    let store = memory().await;
    let mut rollup = Rollup::default();
    rollup.add_success(1_000, &Phases { dns_us: Some(4), ..Phases::default() });
    rollup.add_failure(Reason::Timeout);
    rollup.tally.add_ms(State::Down, 5);
    let hours: Vec<_> = (0..30).map(|n| (monitor_id(1), Level::Hour, later(n * 3_600_000), rollup.clone())).collect();
    store.recorder().write(&Batch { rollups: hours.clone(), ..Batch::default() }).await.unwrap();
    store.recorder().write(&Batch { rollups: hours, ..Batch::default() }).await.unwrap();
    let read = store.rollups(monitor_id(1)).between(Level::Hour, later(3_600_000), later(4 * 3_600_000)).await.unwrap();
    assert_eq!(read.iter().map(|(at, _)| at.as_millis() - NOW.as_millis()).collect::<Vec<_>>(), [3_600_000, 7_200_000, 10_800_000]);
    assert_eq!(read[0].1, rollup);
    assert!(store.rollups(monitor_id(1)).between(Level::Day, NOW, later(i64::from(i32::MAX))).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_purge_ends_and_touches_nobody_else() {
    let store = memory().await;
    let spec = domain::monitor::MonitorDraft::http("example.com").validate().unwrap();
    let monitor = domain::monitor::Monitor { id: monitor_id(1), space: space(1).id, spec, enabled: true, updated_at: NOW };
    store.space(space(1).id).monitors().create(&[monitor]).await.unwrap();
    for n in 0..300 {
        let checks = checks([day(n)]);
        store.segments(monitor_id(1)).seal_day(later(day(n)), checks.clone()).await.unwrap();
        store.segments(monitor_id(2)).seal_day(later(day(n)), checks).await.unwrap();
    }
    store.rollups(monitor_id(1)).write(Level::Hour, &[(NOW, Rollup::default())]).await.unwrap();
    store.space(space(1).id).monitors().delete(&[monitor_id(1)], NOW).await.unwrap();
    let mut pieces = 0;
    while !store.purge_piece(monitor_id(1)).await.unwrap() {
        pieces += 1;
        assert!(pieces < 10);
    }
    assert!(store.purges().await.unwrap().is_empty());
    assert_eq!(store.checks(monitor_id(1)).newest_day(later(day(999))).await.unwrap(), None);
    assert!(store.rollups(monitor_id(1)).between(Level::Hour, NOW, later(1)).await.unwrap().is_empty());
    assert_eq!(store.checks(monitor_id(2)).newest_day(later(day(999))).await.unwrap(), Some(later(day(299))));
}
