//! Asks before something that cannot be undone. A `<details>`, so that it also asks, and takes back, without scripts.

use leptos::prelude::*;

/// A button that opens a question; the children are the form that answers it.
#[component]
pub fn Confirm(
    #[prop(into)] label: String,
    #[prop(into)] question: String,
    #[prop(optional)] small: bool,
    /// Asked already, for example because the answer was refused.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="confirm" open=open>
            <summary class="button" data-kind="danger" data-size=small.then_some("small")>
                <span class="confirm-ask">{label}</span>
                <span class="confirm-cancel">"Cancel"</span>
            </summary>
            <div class="confirm-body">
                <p>{question}</p>
                {children()}
            </div>
        </details>
    }
}
