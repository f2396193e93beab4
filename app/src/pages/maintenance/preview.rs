//! What a draft would mean: its next occurrences, before it is saved. With scripts it follows what is typed; without them a
//! button asks for it.

use std::time::Duration;

use domain::maintenance::Preview;
use domain::{AppError, words};
use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn;
use wasm_bindgen::JsCast;

use super::times::Times;
use crate::api::maintenance::PreviewMaintenance;
use crate::components::{Submission, form_state};
use crate::later::Later;

/// Fields whose content is previewed as it is typed, and below them what it means.
#[component]
pub fn Previewed(
    /// What was previewed when the page was made.
    first: Option<Preview>,
    /// Where the button leads without scripts.
    #[prop(into)]
    here: String,
    children: Children,
) -> impl IntoView {
    let action = Submission::new(PreviewMaintenance::PATH);
    let around = NodeRef::<html::Div>::new();
    let ask = move || {
        let form = around.get_untracked().and_then(|div| div.closest("form").ok().flatten());
        if let Some(data) = form.and_then(|form| web_sys::FormData::new_with_form(form.unchecked_ref()).ok()) {
            action.send(&data);
        }
    };
    let later = Later::new(Duration::from_millis(400));
    let on_input = move |_| later.run(ask);
    let on_click = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        ask();
    };
    let first = StoredValue::new(first);
    let (answer, error) = (action.answer::<Preview>(), action.error());
    let shown = move || match error.get() {
        Some(_) => None,
        None => answer.get().or_else(|| first.get_value()),
    };
    let refused = Memo::new(move |_| error.get());
    let saved = form_state().error;
    view! {
        <div class="form" node_ref=around on:input=on_input on:change=on_input>
            {children()}
            <section class="card" aria-live="polite">
                <div class="card-head">
                    <h2>"When that is"</h2>
                    <button
                        type="submit"
                        class="button"
                        data-size="small"
                        formmethod="get"
                        formaction=here
                        aria-busy=move || action.pending().get().then_some("true")
                        on:click=on_click
                    >
                        "Preview"
                    </button>
                </div>
                <div class="card-body">
                    {move || shown().map(|preview| view! { <Shown preview/> })}
                    // While the form itself was refused, the fields say why.
                    {move || refused.get().filter(|_| saved.with(Option::is_none)).map(|error| view! { <p class="muted">{why(&error)}</p> })}
                    {move || (shown().is_none() && refused.with(Option::is_none)).then(|| view! {
                        <p class="muted">"The next times stand here once the fields above say when."</p>
                    })}
                </div>
            </section>
        </div>
    }
}

/// What is still missing, in one sentence.
fn why(error: &AppError) -> String {
    error.fields.first().map_or_else(|| error.message.clone(), |field| field.message.clone())
}

#[component]
fn Shown(preview: Preview) -> impl IntoView {
    let zone = preview.zone.clone();
    let covered = words::count(usize::try_from(preview.monitors).unwrap_or(0), "monitor", "monitors");
    let times = preview.occurrences.into_iter().map(|one| view! { <li><Times one zone=zone.clone()/></li> }).collect_view();
    view! {
        <p>{preview.when} " in " {preview.zone.clone()} ", for " {covered} " now."</p>
        <ol class="occurrences">{times}</ol>
    }
}
