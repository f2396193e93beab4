//! A figure with its name above and its context below, in a `<dl class="stats">`.

use domain::State;
use leptos::prelude::*;

use super::StateMark;

/// One figure.
#[component]
pub fn Stat(
    #[prop(into)] label: String,
    /// The state that the figure counts.
    #[prop(optional, into)]
    state: Option<State>,
    /// Whether the figure takes the colour of its state.
    #[prop(optional, into)]
    lit: Signal<bool>,
    figure: AnyView,
    note: AnyView,
) -> impl IntoView {
    view! {
        <div class="stat" data-state=move || state.filter(|_| lit.get()).map(State::name)>
            <dt>
                {state.map(|state| view! { <StateMark state/> })}
                {label}
            </dt>
            <dd class="stat-figure">{figure}</dd>
            <dd class="stat-note">{note}</dd>
        </div>
    }
}
