//! What one does with a webhook: run it, stop it, have it go on, change it, copy it.

use domain::webhook::Standing;
use leptos::prelude::*;

use crate::components::{Asked, CheckField, Form, Submission, TextField};

/// The buttons at the head of the page.
#[component]
pub fn Actions(id: String, standing: Memo<Standing>, command: Submission) -> impl IntoView {
    let stopped = Memo::new(move |_| matches!(standing.get(), Standing::Paused | Standing::Disabled));
    let only = id.clone();
    let ids = StoredValue::new(id.clone());
    view! {
        <Form action=command key="run">
            <input type="hidden" name="ids[]" value=only/>
            <button class="button" type="submit" name="command" value="run">"Run now"</button>
        </Form>
        {move || if stopped.get() {
            view! { <Resume id=ids.get_value() command/> }.into_any()
        } else {
            view! { <Pause id=ids.get_value() command/> }.into_any()
        }}
        <a class="button" href=format!("/webhooks/new?copy={id}")>"Duplicate"</a>
        <a class="button" href=format!("/webhooks/{id}/edit") aria-keyshortcuts="e">"Edit"</a>
    }
}

#[component]
fn Pause(id: String, command: Submission) -> impl IntoView {
    view! {
        <Asked label="Pause">
            <Form action=command key="pause" class="form">
                <input type="hidden" name="ids[]" value=id/>
                <TextField name="note" label="Why" optional=true placeholder="The receiver is being moved"/>
                <TextField name="until" label="Until" kind="datetime-local" optional=true hint="In its time zone. Empty: until somebody resumes it."/>
                <button class="button" data-kind="primary" type="submit" name="command" value="pause">"Pause it"</button>
            </Form>
        </Asked>
    }
}

#[component]
fn Resume(id: String, command: Submission) -> impl IntoView {
    view! {
        <Asked label="Resume">
            <Form action=command key="resume" class="form">
                <input type="hidden" name="ids[]" value=id/>
                <CheckField
                    name="catch_up"
                    label="Also run what was missed"
                    note="As its rule for late runs says. Otherwise it goes on with its next time."
                    checked=false
                />
                <button class="button" data-kind="primary" type="submit" name="command" value="resume">"Resume it"</button>
            </Form>
        </Asked>
    }
}
