//! The machine by example, and as a property over any sequence of inputs.

use proptest::prelude::*;

use super::*;
use crate::uptime::{spans, tally};

const RULE: Confirmation = Confirmation { failures: 2, successes: 1 };
const BELOW: Rule = Rule { confirmation: RULE, below_down: true, in_doubt: false };
const DOUBT: Rule = Rule { confirmation: RULE, below_down: false, in_doubt: true };

fn t(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn checked(seconds: i64, verdict: Verdict) -> Input {
    Input::Checked { at: t(seconds), verdict }
}

fn good(seconds: i64) -> Input {
    checked(seconds, Verdict::Success)
}

fn bad(seconds: i64) -> Input {
    checked(seconds, Verdict::Failure)
}

fn slow(seconds: i64) -> Input {
    checked(seconds, Verdict::Degraded)
}

/// A machine after some inputs, all judged by the same rule.
fn after(inputs: &[Input]) -> Machine {
    let mut machine = Machine::new(t(0));
    for input in inputs {
        machine.step(*input, RULE);
    }
    machine
}

#[test]
fn down_is_dated_at_the_first_failure_and_decided_at_the_last() {
    let mut machine = after(&[good(10)]);
    assert_eq!(machine.step(bad(20), RULE), None);
    assert_eq!((machine.state(), machine.settled(), machine.since()), (State::Pending, State::Up, t(20)));
    let down = machine.step(bad(30), RULE);
    assert_eq!(down, Some(Transition { from: State::Up, to: State::Down, at: t(20), decided_at: t(30) }));
    assert_eq!(machine.step(bad(40), RULE), None);
    let up = machine.step(good(50), RULE);
    assert_eq!(up.map(|u| (u.from, u.to, u.at)), Some((State::Down, State::Up, t(50))));
}

#[test]
fn one_failure_between_successes_never_happened() {
    let mut machine = after(&[good(10), bad(20)]);
    assert_eq!(machine.step(good(30), RULE), None);
    assert_eq!((machine.state(), machine.since()), (State::Up, t(10)));
}

#[test]
fn recovery_takes_as_many_successes_as_asked() {
    let rule = Confirmation { failures: 1, successes: 3 };
    let mut machine = Machine::new(t(0));
    assert!(machine.step(bad(10), rule).is_some());
    for input in [good(20), good(30), bad(40), good(50), slow(60)] {
        assert_eq!(machine.step(input, rule), None);
    }
    assert_eq!(machine.step(good(70), rule).map(|u| u.at), Some(t(70)));
}

#[test]
fn a_fault_of_degree_is_confirmed_like_a_failure_but_only_while_up() {
    let mut machine = after(&[slow(10)]);
    assert_eq!(machine.settled(), State::Degraded, "the first thing that is known");
    machine.step(good(20), RULE);
    assert_eq!(machine.step(slow(30), RULE), None);
    assert!(machine.wants_another_look() && machine.state() == State::Up, "it answers: nothing is pending");
    assert_eq!(machine.step(good(40), RULE), None);
    machine.step(bad(50), RULE);
    let degraded = machine.step(slow(60), RULE);
    assert_eq!(degraded.map(|d| (d.to, d.at, d.decided_at)), Some((State::Degraded, t(50), t(60))), "two faults in a row");
    assert_eq!(machine.step(good(70), RULE).map(|u| u.to), Some(State::Up));
}

#[test]
fn a_paused_monitor_ignores_late_results() {
    let mut machine = after(&[good(10), Input::Paused { at: t(15) }]);
    assert_eq!(machine.step(bad(14), RULE), None);
    assert_eq!(machine.state(), State::Paused);
    assert_eq!(machine.step(Input::Resumed { at: t(99) }, RULE).map(|r| r.to), Some(State::Unknown));
}

#[test]
fn good_news_from_a_window_holds_and_bad_news_counts_anew() {
    let mut machine = after(&[good(10), Input::MaintenanceBegun { at: t(20) }, bad(30), bad(40)]);
    assert_eq!((machine.state(), machine.is_failing()), (State::Maintenance, true));
    assert_eq!(machine.step(Input::MaintenanceEnded { at: t(50) }, RULE).map(|e| (e.to, e.at)), Some((State::Unknown, t(50))));
    machine.step(bad(51), RULE);
    let down = machine.step(bad(61), RULE);
    assert_eq!(down.map(|d| (d.to, d.at, d.decided_at)), Some((State::Down, t(51), t(61))));

    let mut mended = after(&[good(10), Input::MaintenanceBegun { at: t(20) }, bad(30), bad(40), good(45)]);
    assert_eq!(mended.step(Input::MaintenanceEnded { at: t(50) }, RULE).map(|e| (e.to, e.at)), Some((State::Up, t(50))));

    let mut failing = after(&[good(10), Input::MaintenanceBegun { at: t(20) }, bad(45)]);
    assert_eq!(failing.step(Input::MaintenanceEnded { at: t(50) }, RULE).map(|e| e.to), Some(State::Unknown));
}

#[test]
fn a_failure_that_no_look_confirmed_before_a_window_never_happened() {
    let mut machine = after(&[good(10), bad(20)]);
    let begun = machine.step(Input::MaintenanceBegun { at: t(21) }, RULE);
    assert_eq!(begun.map(|b| (b.from, b.to, b.at)), Some((State::Up, State::Maintenance, t(21))));
    assert_eq!(machine.step(bad(30), RULE), None);
}

#[test]
fn a_pause_within_a_window_and_a_window_within_a_pause_end_where_they_should() {
    let window = |at| Input::MaintenanceBegun { at: t(at) };
    let mut machine = after(&[good(10), window(20), Input::Paused { at: t(30) }]);
    assert_eq!(machine.settled(), State::Paused);
    assert_eq!(machine.step(Input::Resumed { at: t(40) }, RULE).map(|r| r.to), Some(State::Maintenance));
    let mut machine = after(&[Input::Paused { at: t(30) }, window(40), Input::MaintenanceEnded { at: t(50) }]);
    assert_eq!(machine.settled(), State::Paused);
    assert_eq!(machine.step(Input::Resumed { at: t(60) }, RULE).map(|r| r.to), Some(State::Unknown));
}

#[test]
fn below_a_parent_that_is_down_it_is_unreachable_until_it_answers_or_fails_by_itself() {
    let mut machine = after(&[good(10), bad(20)]);
    let away = machine.step(bad(30), BELOW);
    assert_eq!(away.map(|a| (a.to, a.at, a.decided_at)), Some((State::Unreachable, t(20), t(30))));
    assert_eq!((machine.step(bad(40), BELOW), machine.state()), (None, State::Unreachable));
    // The parent is back: failures count anew.
    assert_eq!((machine.step(bad(50), RULE), machine.state()), (None, State::Pending));
    assert_eq!(machine.step(bad(60), RULE).map(|d| (d.from, d.to, d.at)), Some((State::Unreachable, State::Down, t(50))));
    let mut machine = after(&[good(10), bad(20)]);
    machine.step(bad(30), BELOW);
    assert_eq!(machine.step(good(50), RULE).map(|u| (u.to, u.at)), Some((State::Up, t(50))));
}

#[test]
fn doubt_delays_a_decision_and_dates_it_as_if_it_had_not() {
    let mut machine = after(&[good(10)]);
    for second in [20, 30, 40] {
        assert_eq!(machine.step(bad(second), DOUBT), None);
        assert_eq!(machine.state(), State::Pending);
    }
    let mut other = machine;
    assert_eq!(machine.step(Input::Decided { at: t(45) }, RULE).map(|d| (d.to, d.at, d.decided_at)), Some((State::Down, t(20), t(45))));
    assert_eq!(other.step(Input::Decided { at: t(45) }, BELOW).map(|d| d.to), Some(State::Unreachable));
    let mut young = after(&[good(10), bad(20)]);
    assert_eq!(young.step(Input::Decided { at: t(45) }, RULE), None, "one failure is not enough whatever was doubted");
}

#[test]
fn it_was_the_parent_when_the_parent_was_failing_before_the_decision() {
    let down = [good(10), bad(20), bad(30)];
    let parent = |since| Input::ParentDown { at: t(40), since: t(since) };
    let turned_out = after(&down).step(parent(25), RULE);
    assert_eq!(turned_out.map(|u| (u.from, u.to, u.at)), Some((State::Down, State::Unreachable, t(40))));
    assert_eq!(after(&down).step(parent(35), RULE), None, "it was down before its parent failed");
    assert_eq!(after(&[good(10)]).step(parent(25), RULE), None);
}

#[test]
fn without_a_network_nothing_is_known() {
    let mut machine = after(&[good(10), bad(20)]);
    let lost = machine.step(Input::NetworkLost { at: t(25) }, RULE);
    assert_eq!(lost.map(|l| (l.to, l.at, l.decided_at)), Some((State::Unknown, t(20), t(25))), "from the first failure on");
    assert_eq!((machine.step(bad(30), RULE), machine.step(bad(40), RULE), machine.state()), (None, None, State::Unknown));
    assert_eq!(machine.step(Input::NetworkBack { at: t(50) }, RULE), None);
    assert_eq!(machine.step(good(51), RULE).map(|u| (u.from, u.to, u.at)), Some((State::Unknown, State::Up, t(51))));
}

#[test]
fn two_changes_never_share_their_date() {
    let mut machine = Machine::new(t(5));
    let first = machine.step(Input::Paused { at: t(5) }, RULE);
    assert_eq!(first.map(|f| f.at), Some(t(5)), "nothing was there before");
    let second = machine.step(Input::Resumed { at: t(5) }, RULE);
    assert_eq!(second.map(|s| s.at.as_millis()), Some(5_001));
    let third = machine.step(Input::MaintenanceBegun { at: t(1) }, RULE);
    assert_eq!(third.map(|t| t.at.as_millis()), Some(5_002));
}

fn inputs() -> impl Strategy<Value = Vec<(Input, bool, bool, bool)>> {
    let one = (0i64..500, 0u8..13, 0i64..500).prop_map(|(second, kind, since)| match kind {
        0 | 1 => good(second),
        2 => slow(second),
        3..=5 => bad(second),
        6 => Input::Missed { at: t(second) },
        7 => {
            if since % 2 == 0 {
                Input::Paused { at: t(second) }
            } else {
                Input::Resumed { at: t(second) }
            }
        }
        8 => Input::MaintenanceBegun { at: t(second) },
        9 => Input::MaintenanceEnded { at: t(second) },
        10 => {
            if since % 2 == 0 {
                Input::NetworkLost { at: t(second) }
            } else {
                Input::NetworkBack { at: t(second) }
            }
        }
        11 => Input::ParentDown { at: t(second), since: t(since) },
        _ => Input::Decided { at: t(second) },
    });
    // Below a parent that is down, in doubt, and whether the process is started again before it.
    proptest::collection::vec((one, any::<bool>(), any::<bool>(), any::<bool>()), 0..120)
}

proptest! {
    // The inputs are in no order: clocks step, results arrive late, windows are told of after they began.
    #[test]
    fn no_sequence_yields_overlapping_negative_or_missing_time(inputs in inputs(), failures in 1u32..4, successes in 1u32..4) {
        let confirmation = Confirmation { failures, successes };
        let mut machine = Machine::new(t(0));
        let (mut state, mut since) = (State::Unknown, t(0));
        let mut changes = Vec::new();
        for (input, below_down, in_doubt, restarted) in inputs {
            if restarted {
                machine = Machine::from_parts(machine.parts());
            }
            let rule = Rule { confirmation, below_down, in_doubt };
            if let Some(step) = machine.step(input, rule) {
                prop_assert_eq!(step.from, state);
                prop_assert!(step.to != step.from && step.to != State::Pending);
                prop_assert!(step.at > since || changes.is_empty(), "{:?} after {:?}", step, since);
                prop_assert!(step.at >= since && step.decided_at >= step.at);
                prop_assert!(step.to != State::Down || !(below_down || in_doubt), "down is its own fault, and certain");
                (state, since) = (step.to, step.at);
                changes.push((step.at, step.to));
            }
            prop_assert_eq!((machine.settled(), machine.settled_since()), (state, since));
            prop_assert!(machine.since() >= since);
            prop_assert!(machine.state() == state || machine.state() == State::Pending);
            let parts = machine.parts();
            prop_assert!(!parts.maintenance || matches!(state, State::Maintenance | State::Paused));
            prop_assert!(parts.maintenance || state != State::Maintenance);
            prop_assert!(!parts.offline || matches!(state, State::Unknown | State::Maintenance | State::Paused));
            prop_assert!(parts.failures < failures || parts.failing_since.is_some());
        }
        // The history fills any window exactly, and no state is in it twice.
        let (from, to) = (t(-10), t(1_000));
        let cut = spans(State::Unknown, &changes, from, to);
        prop_assert!(cut.windows(2).all(|w| w[0].to == w[1].from && w[0].state != w[1].state));
        let total: u64 = tally(&cut).as_array().iter().sum();
        prop_assert_eq!(total, 1_010_000);
    }
}
