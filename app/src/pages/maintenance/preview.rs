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

/// Fields that are typed into.
const TYPED: [&str; 6] = ["tags", "monitors", "start", "time", "cron", "duration"];

/// Fields whose content is previewed as it is typed, and below them what it means.
#[component]
pub fn Previewed(
    /// What was previewed when the page was made.
    first: Option<Preview>,
    /// Why it could not be.
    wrong: Option<AppError>,
    /// Where the button leads without scripts.
    #[prop(into)]
    here: String,
    children: Children,
) -> impl IntoView {
    let action = Submission::new(PreviewMaintenance::PATH);
    let around = NodeRef::<html::Div>::new();
    // While somebody types, what is still empty is no fault yet.
    let missing = StoredValue::new(Vec::new());
    let ask = move |typing: bool| {
        let form = around.get_untracked().and_then(|div| div.closest("form").ok().flatten());
        if let Some(data) = form.and_then(|form| web_sys::FormData::new_with_form(form.unchecked_ref()).ok()) {
            let empty = |name: &&str| typing && data.get(name).as_string().is_none_or(|text| text.trim().is_empty());
            missing.set_value(TYPED.into_iter().filter(empty).collect());
            action.send(&data);
        }
    };
    let later = Later::new(Duration::from_millis(400));
    let on_input = move |_| later.run(move || ask(true));
    let on_click = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        ask(false);
    };
    let previewed = form_state().previewed;
    previewed.set(wrong);
    let first = StoredValue::new(first);
    let (answer, error) = (action.answer::<Preview>(), action.error());
    let shown = move || match error.get() {
        Some(_) => None,
        None => answer.get().or_else(|| first.get_value()),
    };
    Effect::new(move |_| {
        if action.version().get() > 0 {
            let told = |error: AppError| missing.with_value(|missing| without(error, missing));
            previewed.set(error.get_untracked().map(told));
        }
    });
    // What belongs to no field has no other place.
    let general = Memo::new(move |_| error.with(|e| e.as_ref().filter(|e| e.fields.is_empty()).map(|e| e.message.clone())));
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
                    {move || shown().is_none().then(|| {
                        let text = general.get().unwrap_or_else(|| "The next times stand here once the fields above say when.".to_owned());
                        view! { <p class="muted">{text}</p> }
                    })}
                </div>
            </section>
        </div>
    }
}

/// A refusal without what it says of some fields.
fn without(error: AppError, fields: &[&str]) -> AppError {
    let told = error.fields.into_iter().filter(|wrong| !fields.contains(&wrong.field.as_str())).collect();
    AppError { fields: told, ..error }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_empty_is_not_told_while_somebody_types() {
        let mut wrong = domain::error::FieldErrors::new();
        wrong.add("time", "Choose a time of day: 02:00.");
        wrong.add("days", "Choose at least one day of the week.");
        let told = without(wrong.into_error(), &["time", "tags"]);
        assert_eq!((told.of("time"), told.of("days")), (None, Some("Choose at least one day of the week.")));
    }
}
