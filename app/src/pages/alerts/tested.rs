//! "Send test" and the preview of templates: what is in the form, tried before it is saved.

use std::time::Duration;

use domain::State;
use domain::alert::channel::Limits;
use domain::alert::view::TextTried;
use domain::alert::{Attempt, ChannelKind, Event};
use domain::words;
use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn;
use wasm_bindgen::JsCast;
use web_sys::FormData;

use crate::api::alerts::{PreviewChannel, TestChannel};
use crate::components::{Icon, SentView, StatePill, Submission, Symbol, form_state};
use crate::later::Later;

/// The button and what the provider answered.
#[component]
pub fn SendTest(editing: String, kind: ChannelKind) -> impl IntoView {
    let action = Submission::new(TestChannel::PATH);
    let button = NodeRef::<html::Button>::new();
    let editing = StoredValue::new(editing);
    let on_click = move |_| {
        let form = button.get_untracked().and_then(|b| b.form());
        let Some(data) = form.and_then(|form| FormData::new_with_form(form.unchecked_ref()).ok()) else { return };
        // The form is that of another action; its fields are the draft.
        if data.set_with_str("editing", &editing.get_value()).is_ok() {
            action.send(&data);
        }
    };
    let (attempt, refused, pending) = (action.answer::<Attempt>(), action.error(), action.pending());
    view! {
        <div class="stack" aria-live="polite">
            <div class="form-actions">
                {(kind == ChannelKind::Webhook).then(|| view! {
                    <select class="input" name="example" aria-label="Event of the test">
                        {Event::ALL.map(|event| view! { <option value=event.name()>{event.label()}</option> })}
                    </select>
                })}
                <button
                    type="button"
                    class="button needs-wasm"
                    node_ref=button
                    aria-busy=move || pending.get().then_some("true")
                    on:click=on_click
                >
                    <Icon symbol=Symbol::Bolt/>
                    {move || if pending.get() { "Sending…" } else { "Send test" }}
                </button>
            </div>
            <div class="stack" data-stale=move || pending.get().then_some("true")>
                {move || attempt.get().map(|attempt| view! { <AttemptView attempt/> })}
                {move || refused.get().map(|error| {
                    let lines: Vec<String> = if error.fields.is_empty() {
                        vec![error.message]
                    } else {
                        error.fields.into_iter().map(|field| field.message).collect()
                    };
                    lines.into_iter().map(|line| view! { <p class="field-error"><Icon symbol=Symbol::Alert/><span>{line}</span></p> }).collect_view()
                })}
            </div>
        </div>
    }
}

/// One try: where it went, what was answered, what it means.
#[component]
pub fn AttemptView(attempt: Attempt) -> impl IntoView {
    let error = attempt.error().map(str::to_owned);
    let (state, word) = if error.is_none() { (State::Up, "Accepted") } else { (State::Down, "Failed") };
    view! {
        <section class="trace" aria-label="A try">
            <div class="trace-head">
                <StatePill state>{word} " in " {words::duration_ms(u64::from(attempt.duration_ms))}</StatePill>
                {attempt.status.map(|status| view! { <span>"Status " {status}</span> })}
                <span class="muted mono">{attempt.target}</span>
            </div>
            {error.map(|error| view! { <p class="state-word" data-state="down">{error}</p> })}
            <SentView sent=attempt.sent told=true/>
            {(!attempt.answer.is_empty()).then(|| view! {
                <details class="disclosure">
                    <summary><Icon symbol=Symbol::Chevron/>"Body of the answer"</summary>
                    <pre>{attempt.answer}</pre>
                </details>
            })}
        </section>
    }
}

/// Templates that are shown filled in as they are typed. What is wrong with one stands beside its field.
#[component]
pub fn Previewed(
    /// What they say when the page is made.
    first: TextTried,
    limits: Limits,
    children: Children,
) -> impl IntoView {
    let action = Submission::new(PreviewChannel::PATH);
    let around = NodeRef::<html::Div>::new();
    let ask = move || {
        let form = around.get_untracked().and_then(|div| div.closest("form").ok().flatten());
        if let Some(data) = form.and_then(|form| FormData::new_with_form(form.unchecked_ref()).ok()) {
            action.send(&data);
        }
    };
    let later = Later::new(Duration::from_millis(400));
    let (answer, first) = (action.answer::<TextTried>(), StoredValue::new(first));
    let tried = Memo::new(move |_| answer.get().unwrap_or_else(|| first.get_value()));
    let previewed = form_state().previewed;
    Effect::new(move |_| {
        previewed.set(tried.with(|tried| match tried {
            TextTried::Wrong(error) => Some(error.clone()),
            TextTried::Said(_) => None,
        }));
    });
    let said = move || match tried.get() {
        TextTried::Said(text) => Some(text),
        TextTried::Wrong(_) => None,
    };
    view! {
        <div class="form" node_ref=around on:input=move |_| later.run(ask)>
            {children()}
            <div class="preview" aria-live="polite">
                {move || said().map(|text| view! {
                    <p class="muted">"Of an outage it says:"</p>
                    <strong>{text.title}</strong>
                    <p class="prose">{text.body}</p>
                    <p class="field-hint num">
                        <Used what="Title" length=text.title_length most=limits.title/> " · "
                        <Used what="body" length=text.body_length most=limits.body/>
                    </p>
                })}
            </div>
        </div>
    }
}

/// How much of a limit is used.
#[component]
fn Used(what: &'static str, length: u32, most: usize) -> impl IntoView {
    let over = usize::try_from(length).is_ok_and(|length| length > most);
    let most = words::grouped(u64::try_from(most).unwrap_or(u64::MAX));
    view! {
        <span class="state-word" data-state=over.then_some("down")>
            {what} " " {words::grouped(u64::from(length))} " of " {most} " characters" {over.then_some(", so it is cut")}
        </span>
    }
}
