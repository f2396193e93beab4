//! "Test now": runs what is in the form once, before it is saved, and shows everything that happened.

use std::time::Duration;

use domain::check::{Hop, Trace};
use domain::time::DAY_MS;
use domain::words;
use domain::{AppError, State};
use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn;
use wasm_bindgen::JsCast;

use super::phases::PhaseBreakdown;
use crate::api::monitors::TestMonitor;
use crate::components::{Icon, StatePill, Submission, Symbol};

/// The button and what it found.
#[component]
pub fn TestNow(editing: String) -> impl IntoView {
    let action = Submission::of_page(TestMonitor::PATH);
    let button = NodeRef::<html::Button>::new();
    let editing = StoredValue::new(editing);
    let on_click = move |_| {
        let form = button.get_untracked().and_then(|b| b.form());
        let Some(data) = form.and_then(|form| web_sys::FormData::new_with_form(form.unchecked_ref()).ok()) else { return };
        // The form is that of another action; its fields are the draft.
        if data.set_with_str("editing", &editing.get_value()).is_ok() {
            action.send(&data);
        }
    };
    let (trace, refused) = (action.answer::<Trace>(), action.error());
    let pending = action.pending();
    let word = move || if pending.get() { "Testing…" } else { "Test now" };
    view! {
        <div class="stack">
            <div class="form-actions">
                <button
                    type="button"
                    class="button needs-wasm"
                    node_ref=button
                    aria-busy=move || pending.get().then_some("true")
                    on:click=on_click
                >
                    <Icon symbol=Symbol::Bolt/>
                    {word}
                </button>
                {move || pending.get().then(|| view! { <Elapsed/> })}
            </div>
            <div class="stack" aria-live="polite" data-stale=move || pending.get().then_some("true")>
                <p class="visually-hidden">{move || pending.get().then_some("Testing…")}</p>
                {move || trace.get().map(|trace| view! { <TraceView trace/> })}
                {move || refused.get().map(|error| view! { <Refused error/> })}
            </div>
        </div>
    }
}

/// Whole seconds since it appeared. Not announced: what is found is.
#[component]
fn Elapsed() -> impl IntoView {
    let seconds = RwSignal::new(0u32);
    let clock = set_interval_with_handle(move || seconds.update(|seconds| *seconds = seconds.saturating_add(1)), Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(clock) = clock {
            clock.clear();
        }
    });
    view! { <span class="muted num" aria-hidden="true">{move || format!("{} s", seconds.get())}</span> }
}

#[component]
fn Refused(error: AppError) -> impl IntoView {
    let lines: Vec<String> =
        if error.fields.is_empty() { vec![error.message] } else { error.fields.into_iter().map(|f| f.message).collect() };
    view! {
        <div class="trace">
            {lines.into_iter().map(|line| view! { <p class="field-error"><Icon symbol=Symbol::Alert/><span>{line}</span></p> }).collect_view()}
        </div>
    }
}

#[component]
fn TraceView(trace: Trace) -> impl IntoView {
    let seen = trace.observation;
    let (state, verdict) = match (&seen.failure, &seen.warning) {
        (None, None) => (State::Up, format!("Up in {}", words::latency(seen.duration_us))),
        (None, Some(_)) => (State::Degraded, format!("Degraded in {}", words::latency(seen.duration_us))),
        (Some(_), _) => (State::Down, format!("Failed after {}", words::latency(seen.duration_us))),
    };
    let http = trace.hops.iter().any(|hop| hop.version.is_some());
    let cap = if trace.body_capped { ", reading stopped there" } else { "" };
    let body = format!("{} bytes of body{cap}", words::grouped(trace.body_bytes));
    let status = seen.status.filter(|_| http).map(|s| format!("Status {s}"));
    let ends = seen.expires_at.map(|end| format!("Ends in {} days", (end.as_millis() - seen.at.as_millis()).div_euclid(DAY_MS)));
    view! {
        <section class="trace" aria-label="Result of the test">
            <div class="trace-head">
                <StatePill state>{verdict}</StatePill>
                {status.map(|s| view! { <span>{s}</span> })}
                {ends.map(|text| view! { <span>{text}</span> })}
                {http.then(|| view! { <span class="muted">{body}</span> })}
            </div>
            {seen.failure.map(|f| view! { <p class="state-word" data-state="down">{f.message}</p> })}
            {seen.warning.map(|f| view! { <p class="state-word" data-state="degraded">{f.message}</p> })}
            {trace.hops.into_iter().map(|hop| view! { <HopView hop/> }).collect_view()}
            {(!trace.excerpt.is_empty()).then(|| view! {
                <details class="disclosure">
                    <summary><Icon symbol=Symbol::Chevron/>"Beginning of the answer"</summary>
                    <pre>{trace.excerpt}</pre>
                </details>
            })}
        </section>
    }
}

/// One request and its response.
#[component]
pub fn HopView(hop: Hop) -> impl IntoView {
    let cached = if hop.dns_cached { " (cached)" } else { "" };
    let certificate = hop.certificate.map(|c| format!("{}, signed by {}, valid until {}", c.subject, c.issuer, c.not_after.to_rfc3339()));
    let facts = [
        ("Address", hop.address.map(|a| format!("{}{cached}", a.strip_suffix(":0").unwrap_or(&a)))),
        ("Protocol", hop.version),
        ("TLS", hop.tls),
        ("Certificate", certificate),
        ("Status", hop.status.map(|s| s.to_string())),
    ];
    let facts = facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).chain(hop.facts);
    let headers: String = hop.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    view! {
        <div class="stack">
            <p class="mono">{hop.method} " " {hop.url}</p>
            <dl class="facts">
                {facts.map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
            </dl>
            <PhaseBreakdown phases=hop.phases/>
            {(!headers.is_empty()).then(|| view! {
                <details class="disclosure">
                    <summary><Icon symbol=Symbol::Chevron/>"Headers of the answer"</summary>
                    <pre>{headers}</pre>
                </details>
            })}
        </div>
    }
}
