//! How webhooks and runs stand, as a shape and a word: the shapes are those of monitors, the words are their own.

use domain::State;
use domain::webhook::{Origin, RunState, Standing};
use leptos::prelude::*;

use crate::components::StateMark;

/// The shape of a standing.
pub fn shape(standing: Standing) -> State {
    match standing {
        Standing::Well => State::Up,
        Standing::Running => State::Pending,
        Standing::New => State::Unknown,
        Standing::Retrying => State::Degraded,
        Standing::Failing => State::Down,
        Standing::Paused => State::Paused,
        Standing::Disabled => State::Unreachable,
        Standing::Ended => State::Unknown,
    }
}

/// The shape of the state of a run.
pub fn run_shape(state: RunState) -> State {
    match state {
        RunState::Succeeded => State::Up,
        RunState::Scheduled | RunState::Running => State::Pending,
        RunState::Retrying => State::Degraded,
        RunState::Failed => State::Down,
        RunState::Skipped | RunState::Cancelled => State::Paused,
        RunState::Missed => State::Unknown,
    }
}

/// The mark of a standing, with its word for screen readers.
#[component]
pub fn StandingMark(#[prop(into)] standing: Signal<Standing>) -> impl IntoView {
    let state = Signal::derive(move || shape(standing.get()));
    view! {
        <StateMark state/>
        <span class="visually-hidden">{move || standing.get().label()}</span>
    }
}

/// The state of a run: its mark and its word.
#[component]
pub fn RunMark(state: RunState) -> impl IntoView {
    let shape = run_shape(state);
    view! { <span class="run-state state-word" data-state=shape.name()><StateMark state=shape/>{state.label()}</span> }
}

/// Why a run is there, when it is not that its time came.
#[component]
pub fn OriginChip(origin: Origin) -> impl IntoView {
    (origin != Origin::Schedule).then(|| view! { <span class="chip">{origin.label().to_lowercase()}</span> })
}

/// The recent outcomes, the newest at the end: a success is a low piece, a failure a high one.
#[component]
pub fn OutcomeStrip(#[prop(into)] outcomes: Signal<Vec<bool>>) -> impl IntoView {
    let said = move || {
        outcomes.with(|all| match all.len() {
            0 => "No run has ended yet".to_owned(),
            1 if all.iter().all(|succeeded| *succeeded) => "The only run succeeded".to_owned(),
            1 => "The only run failed".to_owned(),
            n => format!("{} of the last {n} runs succeeded", all.iter().filter(|succeeded| **succeeded).count()),
        })
    };
    let path = move |wanted: bool| Memo::new(move |_| outcomes.with(|all| pieces(all, wanted)));
    let (good, bad) = (path(true), path(false));
    view! {
        <svg class="outcome-strip" viewBox="0 0 160 20" role="img" aria-label=said>
            <title>{said}</title>
            <path data-state="up" d=good></path>
            <path data-state="down" d=bad></path>
        </svg>
    }
}

/// Pieces that fit the strip.
const PIECES: usize = 32;

/// The pieces of one outcome, from the right.
fn pieces(outcomes: &[bool], wanted: bool) -> String {
    let first = PIECES.saturating_sub(outcomes.len());
    let shape = if wanted { "V9h4v10z" } else { "V1h4v18z" };
    let ours = |(nth, succeeded): (usize, &bool)| (*succeeded == wanted).then(|| format!("M{} 19{shape}", (first + nth) * 5));
    outcomes.iter().take(PIECES).enumerate().filter_map(ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_drawn_once_and_the_newest_at_the_end() {
        let outcomes = [true, false, true];
        assert_eq!((pieces(&outcomes, true).matches('M').count(), pieces(&outcomes, false)), (2, "M150 19V1h4v18z".to_owned()));
        assert!(pieces(&outcomes, true).ends_with("M155 19V9h4v10z"));
    }
}
