//! The button that sends a form. While the action runs it is busy and keeps its width.

use leptos::prelude::*;

use super::form::form_state;

/// Sends the form around it.
#[component]
pub fn Submit(
    #[prop(into)] label: Signal<String>,
    /// `primary`, `danger`, `quiet` or nothing.
    #[prop(optional)]
    kind: Option<&'static str>,
    #[prop(optional)] small: bool,
    #[prop(optional)] wide: bool,
    /// Said beside the button when it has worked.
    #[prop(into, optional)]
    done: String,
) -> impl IntoView {
    let state = form_state();
    let said = !done.is_empty();
    let word = StoredValue::new(done);
    view! {
        <button
            type="submit"
            class="button"
            data-kind=kind
            data-size=small.then_some("small")
            data-wide=wide.then_some("true")
            aria-busy=move || state.pending.get().then_some("true")
        >
            {label}
        </button>
        {said.then(|| {
            view! {
                <span class="field-hint" role="status">
                    {move || (state.done.get() && !state.pending.get()).then(|| word.get_value())}
                </span>
            }
        })}
    }
}
