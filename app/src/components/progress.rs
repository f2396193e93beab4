//! A line across the top of the page while something is computed that takes longer than a moment.

use leptos::prelude::*;

/// The line; it comes in sight only after a while, by style.
#[component]
pub fn Progress(busy: Signal<bool>) -> impl IntoView {
    view! {
        <div class="progress" data-busy=move || busy.get().then_some("true")></div>
        <p class="visually-hidden" role="status">{move || busy.get().then_some("Being computed")}</p>
    }
}
