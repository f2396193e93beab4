//! "Test now": sends what is in the form once, before it is saved, and shows everything that happened.

use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn;
use wasm_bindgen::JsCast;
use web_sys::FormData;

use crate::api::webhooks::{TestWebhook, Tested};
use crate::components::{Icon, Submission, Symbol, form_state};
use crate::pages::webhooks::attempt::AttemptView;

/// The button and what came of it. Without scripts the form itself is sent to where a draft is tested.
#[component]
pub fn TestDraft(test: Submission) -> impl IntoView {
    let button = NodeRef::<html::Button>::new();
    let on_click = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let form = button.get_untracked().and_then(|b| b.form());
        if let Some(data) = form.and_then(|form| FormData::new_with_form(form.unchecked_ref()).ok()) {
            test.send(&data);
        }
    };
    let (answer, refused, pending) = (test.answer::<Tested>(), test.error(), test.pending());
    let previewed = form_state().previewed;
    Effect::new(move |_| {
        if let Some(tested) = answer.get() {
            previewed.set(tested.form.wrong);
        }
    });
    let lines = move || {
        let error = refused.get().or_else(|| answer.get().and_then(|tested| tested.form.wrong));
        error.map(|error| match error.fields.is_empty() {
            true => vec![error.message],
            false => error.fields.into_iter().map(|wrong| wrong.message).collect(),
        })
    };
    view! {
        <div class="stack">
            <div class="form-actions">
                <button
                    type="submit"
                    class="button"
                    formaction=TestWebhook::PATH
                    node_ref=button
                    aria-busy=move || pending.get().then_some("true")
                    on:click=on_click
                >
                    <Icon symbol=Symbol::Bolt/>
                    "Test now"
                </button>
                <span class="field-hint">"Sends it once and keeps nothing."</span>
            </div>
            <div class="stack" aria-live="polite" data-stale=move || pending.get().then_some("true")>
                {move || answer.get().and_then(|tested| tested.attempt).map(|attempt| view! { <AttemptView attempt label="Result of the test" over=true/> })}
                {move || lines().map(|lines| view! {
                    <div class="trace">
                        {lines.into_iter().map(|line| view! { <p class="field-error"><Icon symbol=Symbol::Alert/><span>{line}</span></p> }).collect_view()}
                    </div>
                })}
            </div>
        </div>
    }
}
