//! A button that opens the few fields that its command needs. A `<details>`, so that it also opens without scripts.

use leptos::prelude::*;

/// The button; the children are the fields and the button that sends them.
#[component]
pub fn Asked(
    #[prop(into)] label: String,
    #[prop(optional)] small: bool,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="confirm asked" open=open>
            <summary class="button" data-size=small.then_some("small")>{label}</summary>
            <div class="confirm-body">{children()}</div>
        </details>
    }
}
