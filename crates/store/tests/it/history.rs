//! Results, states, transitions and rollups: written once, however often; read in the right order.

use super::*;
use domain::bar::Bar;
use domain::check::{Failure, Observation, Phases, Reason};
use domain::flapping::Flapping;
use domain::live::LastCheck;
use domain::machine::{Confirmation, Input, Machine, Verdict};
use domain::state::State;
use store::{Batch, Level, Rollup, StateRow, StoredResult};

fn result(monitor: u128, ms: i64, failed: bool) -> StoredResult {
    StoredResult {
        monitor: monitor_id(monitor),
        observation: Observation {
            at: later(ms),
            duration_us: 1_500,
            phases: Phases { dns_us: Some(10), connect_us: None, tls_us: None, first_byte_us: Some(900), download_us: Some(5) },
            status: Some(if failed { 503 } else { 200 }),
            failure: failed.then(|| Failure { reason: Reason::Status, message: "expected 200-299, got 503".into() }),
            excerpt: failed.then(|| "busy".into()),
            ..Observation::default()
        },
    }
}

#[tokio::test]
async fn windows_are_half_open_and_newest_first() {
    let store = memory().await;
    let batch =
        Batch { results: (0..50).map(|n| result(1, n * 1000, n % 7 == 0)).chain([result(2, 5, false)]).collect(), ..Batch::default() };
    store.recorder().write(&batch).await.unwrap();
    store.recorder().write(&batch).await.unwrap();
    let times = |rows: Vec<domain::view::CheckView>| rows.iter().map(|r| r.at.as_millis() - NOW.as_millis()).collect::<Vec<_>>();
    let results = store.results(monitor_id(1));
    assert_eq!(times(results.newest(later(10_000), later(13_000), 10).await.unwrap()), [12_000, 11_000, 10_000]);
    assert_eq!(times(results.newest(NOW, later(99_000), 3).await.unwrap()), [49_000, 48_000, 47_000]);
    let mut all = 0;
    results.each(NOW, later(99_000), |_| all += 1).await.unwrap();
    assert_eq!(all, 50);
    let one = &results.newest(later(7_000), later(7_001), 1).await.unwrap()[0];
    assert_eq!((one.phases.connect_us, one.phases.first_byte_us), (None, Some(900)));
    assert_eq!(one.failure.as_ref().map(|f| (f.reason, f.message.as_str())), Some((Reason::Status, "expected 200-299, got 503")));
}

#[tokio::test]
async fn long_windows_are_read_in_pieces_without_losing_any() {
    let store = memory().await;
    for piece in 0..5 {
        let batch = Batch { results: (0..1_000).map(|n| result(1, (piece * 1_000 + n) * 10, false)).collect(), ..Batch::default() };
        store.recorder().write(&batch).await.unwrap();
    }
    let mut seen = Vec::new();
    store.results(monitor_id(1)).each(NOW, later(50_000), |r| seen.push(r.at)).await.unwrap();
    assert_eq!(seen.len(), 5_000);
    assert!(seen.windows(2).all(|w| w[0] > w[1]));
}

#[tokio::test]
async fn trimming_takes_what_is_older_and_nothing_else() {
    let store = memory().await;
    let batch = Batch { results: (0..1_200).map(|n| result(1, n, false)).chain([result(2, 0, false)]).collect(), ..Batch::default() };
    store.recorder().write(&batch).await.unwrap();
    let results = store.results(monitor_id(1));
    let mut pieces = 0;
    while !results.trim(later(1_100)).await.unwrap() {
        pieces += 1;
    }
    assert_eq!(pieces, 2);
    let left = results.newest(NOW, later(9_999), 2_000).await.unwrap();
    assert_eq!((left.len(), left.last().map(|r| r.at)), (100, Some(later(1_100))));
    assert_eq!(store.results(monitor_id(2)).newest(NOW, later(9_999), 10).await.unwrap().len(), 1);
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
    rollup.add_failure();
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
    let mut batch = Batch { results: (0..1_500).flat_map(|n| [result(1, n, false), result(2, n, false)]).collect(), ..Batch::default() };
    batch.rollups.push((monitor_id(1), Level::Hour, NOW, Rollup::default()));
    store.recorder().write(&batch).await.unwrap();
    store.space(space(1).id).monitors().delete(&[monitor_id(1)], NOW).await.unwrap();
    let mut pieces = 0;
    while !store.purge_piece(monitor_id(1)).await.unwrap() {
        pieces += 1;
        assert!(pieces < 10);
    }
    assert!(store.purges().await.unwrap().is_empty());
    assert!(store.results(monitor_id(1)).newest(NOW, later(9_999), 1).await.unwrap().is_empty());
    assert!(store.rollups(monitor_id(1)).between(Level::Hour, NOW, later(1)).await.unwrap().is_empty());
    assert_eq!(store.results(monitor_id(2)).newest(NOW, later(9_999), 5_000).await.unwrap().len(), 1_500);
}
