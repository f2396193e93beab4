//! States as a shape and a word. The colour is in the style sheet and never stands alone.

use domain::State;
use leptos::prelude::*;

/// What the mark "flapping" says, for who asks.
pub const FLAPPING: &str =
    "It changed between answering and down at least six times within an hour. It is steady again when no more than two of them are left.";

/// The shape of a state on a grid of 10.
fn shape(state: State) -> &'static str {
    match state {
        State::Up => "M5 .4a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2z",
        State::Degraded => "M5 .6 9.8 9.2H.2z",
        State::Pending | State::Unknown => "M5 1.1a3.9 3.9 0 1 0 0 7.8 3.9 3.9 0 0 0 0-7.8z",
        State::Down => "M2 .6h6A1.4 1.4 0 0 1 9.4 2v6A1.4 1.4 0 0 1 8 9.4H2A1.4 1.4 0 0 1 .6 8V2A1.4 1.4 0 0 1 2 .6z",
        State::Unreachable => "M1.2 1.2h7.6v7.6H1.2z",
        State::Maintenance => "M5 0 10 5 5 10 0 5z",
        State::Paused => "M1.2.8h2.6v8.4H1.2zM6.2.8h2.6v8.4H6.2z",
    }
}

/// The mark of a state. With `label`, it says its word to screen readers.
#[component]
pub fn StateMark(#[prop(into)] state: Signal<State>, #[prop(optional)] label: bool) -> impl IntoView {
    view! {
        <svg
            class="state-mark"
            viewBox="0 0 10 10"
            data-state=move || state.get().name()
            role=label.then_some("img")
            aria-label=move || label.then(|| state.get().word())
            aria-hidden=(!label).then_some("true")
        >
            <path d=move || shape(state.get())></path>
        </svg>
    }
}

/// A state with words on its own ground.
#[component]
pub fn StatePill(#[prop(into)] state: Signal<State>, children: Children) -> impl IntoView {
    view! {
        <span class="pill" data-state=move || state.get().name()>
            <StateMark state/>
            <span>{children()}</span>
        </span>
    }
}
