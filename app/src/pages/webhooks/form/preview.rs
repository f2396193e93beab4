//! What a draft would mean: its timetable in words and its next runs, before it is saved. With scripts it follows what is typed; without
//! them a button asks for it, and the page is made anew of what was typed.

use std::time::Duration;

use domain::AppError;
use domain::webhook::ScheduleForm;
use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn;
use wasm_bindgen::JsCast;
use web_sys::FormData;

use crate::api::webhooks::PreviewWebhook;
use crate::components::{Submission, form_state};
use crate::later::Later;
use crate::pages::webhooks::next_runs::NextRuns;

/// Fields that say when it runs.
const TIMING: [&str; 9] = ["trigger", "every", "cron", "at", "timezone", "not_before", "not_after", "max_runs", "jitter"];

/// The name of the control that an event comes from.
fn name_of(event: &web_sys::Event) -> Option<String> {
    event.target()?.dyn_into::<web_sys::Element>().ok()?.get_attribute("name")
}

/// A refusal without what it says of other fields, and of some that are still empty.
fn told(error: AppError, missing: &[&str]) -> AppError {
    let ours = |field: &str| TIMING.contains(&field) && !missing.contains(&field);
    AppError { fields: error.fields.into_iter().filter(|wrong| ours(&wrong.field)).collect(), ..error }
}

/// Fields of which those that say when it runs are previewed as they are typed; what that means stands below the first ones.
#[component]
pub fn Previewed(form: ScheduleForm, preview: Submission, top: AnyView, children: Children) -> impl IntoView {
    let around = NodeRef::<html::Div>::new();
    // While somebody types, what is still empty is no fault yet.
    let missing = StoredValue::new(Vec::new());
    let ask = move |typing: bool| {
        let form = around.get_untracked().and_then(|div| div.closest("form").ok().flatten());
        if let Some(data) = form.and_then(|form| FormData::new_with_form(form.unchecked_ref()).ok()) {
            let empty = |name: &&str| typing && data.get(name).as_string().is_none_or(|text| text.trim().is_empty());
            missing.set_value(TIMING.into_iter().filter(empty).collect());
            preview.send(&data);
        }
    };
    let later = Later::new(Duration::from_millis(400));
    let on_input = move |event: leptos::ev::Event| {
        if name_of(&event).is_some_and(|name| TIMING.contains(&name.as_str())) {
            later.run(move || ask(true));
        }
    };
    let on_click = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        ask(false);
    };
    let previewed = form_state().previewed;
    previewed.set(form.wrong.clone());
    let first = StoredValue::new(form);
    let (answer, error) = (preview.answer::<ScheduleForm>(), preview.error());
    Effect::new(move |_| {
        if preview.version().get() > 0 {
            let wrong = answer.with_untracked(|answer| answer.as_ref().and_then(|form| form.wrong.clone()));
            previewed.set(wrong.map(|wrong| missing.with_value(|missing| told(wrong, missing))));
        }
    });
    let shown = move || match (error.get(), answer.get()) {
        (Some(_), _) => None,
        (None, Some(form)) => Some(form),
        (None, None) => Some(first.get_value()),
    };
    let view = move || match shown().filter(|form| !form.when.is_empty()) {
        Some(form) => view! { <Shown form/> }.into_any(),
        None => {
            let general = error.with(|error| error.as_ref().map(|error| error.message.clone()));
            let text = general.unwrap_or_else(|| "The next runs stand here once the fields above say when.".to_owned());
            view! { <p class="muted">{text}</p> }.into_any()
        }
    };
    view! {
        <div class="form" node_ref=around on:input=on_input on:change=on_input>
            {top}
            <section class="card" aria-live="polite">
                <div class="card-head">
                    <h2>"When that is"</h2>
                    <button
                        type="submit"
                        class="button"
                        data-size="small"
                        formaction=PreviewWebhook::PATH
                        aria-busy=move || preview.pending().get().then_some("true")
                        on:click=on_click
                    >
                        "Preview"
                    </button>
                </div>
                <div class="card-body">{view}</div>
            </section>
            {children()}
        </div>
    }
}

#[component]
fn Shown(form: ScheduleForm) -> impl IntoView {
    let none = form.next.is_empty();
    view! {
        <p><strong>{form.when}</strong> <span class="muted">", " {form.zone.clone()}</span></p>
        {if none {
            view! { <p class="state-word" data-state="degraded">"There is no time to come: it would never run."</p> }.into_any()
        } else {
            view! { <NextRuns runs=form.next zone=form.zone/> }.into_any()
        }}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_when_is_told_while_somebody_types() {
        let mut wrong = domain::error::FieldErrors::new();
        for (field, message) in [("url", "Type an address."), ("cron", "Five fields."), ("every", "Type a span.")] {
            wrong.add(field, message);
        }
        let told = told(wrong.into_error(), &["every"]);
        assert_eq!((told.of("url"), told.of("cron"), told.of("every")), (None, Some("Five fields."), None));
    }
}
