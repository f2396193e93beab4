//! The fields of a monitor. The address comes first and is the only one that is required; the rest stands under named
//! sections that say their present values in one line while they are folded.

use domain::http::METHODS;
use domain::monitor::MonitorDraft;
use leptos::prelude::*;

use super::presets::IntervalField;
use super::trace::TestNow;
use crate::components::{CheckField, FormState, Icon, SelectField, Symbol, TextArea, TextField};

/// A named section. What it holds is said in its summary.
#[component]
fn Fold(title: &'static str, summary: String, fields: &'static [&'static str], children: Children) -> impl IntoView {
    let open = expect_context::<FormState>().is_wrong_at_first(fields);
    view! {
        <details class="fold" open=open>
            <summary>
                <Icon symbol=Symbol::Chevron/>
                <span>{title}</span>
                <span class="fold-value">{summary}</span>
            </summary>
            <div class="fold-body">{children()}</div>
        </details>
    }
}

fn request_summary(draft: &MonitorDraft) -> String {
    let method = if draft.method.is_empty() { "GET" } else { &draft.method };
    let headers = match draft.headers.lines().count() {
        0 => "no headers".to_owned(),
        n => domain::words::count(n, "header", "headers"),
    };
    let body = if draft.body.is_empty() { "no body" } else { "with a body" };
    format!("{method}, {headers}, {body}")
}

fn success_summary(draft: &MonitorDraft) -> String {
    let status = if draft.accepted_status.is_empty() { "200-299" } else { &draft.accepted_status };
    let timeout = if draft.timeout.is_empty() { "10 s, or 80 % of a shorter interval" } else { &draft.timeout };
    format!("{status} within {timeout}")
}

fn belief_summary(draft: &MonitorDraft) -> String {
    let or = |text: &str, default: &str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
    let (failures, successes) = (or(&draft.failures, "2"), or(&draft.successes, "1"));
    let turned = if draft.upside_down.is_empty() { "" } else { ", upside-down" };
    format!("down after {failures} in a row, up after {successes}{turned}")
}

fn words_summary(draft: &MonitorDraft) -> String {
    let tags = if draft.tags.is_empty() { "no tags" } else { &draft.tags };
    let note = if draft.note.is_empty() { "no note" } else { "with a note" };
    format!("{tags}, {note}")
}

/// The fields; inside a `Form`.
#[component]
pub fn MonitorFields(draft: MonitorDraft, #[prop(into)] editing: String) -> impl IntoView {
    let mut methods: Vec<(String, String)> = METHODS.iter().map(|m| ((*m).to_owned(), (*m).to_owned())).collect();
    if !draft.method.is_empty() && !methods.iter().any(|(m, _)| *m == draft.method) {
        methods.push((draft.method.clone(), draft.method.clone()));
    }
    let headers_hint = if editing.is_empty() {
        "One a line, as Name: value. Values are encrypted and never shown again."
    } else {
        "One a line, as Name: value. Saved values are hidden; dots keep the saved one."
    };
    let fresh = editing.is_empty();
    let summaries = (request_summary(&draft), success_summary(&draft), belief_summary(&draft), words_summary(&draft));
    view! {
        <TextField
            name="url"
            label="Address"
            value=draft.url
            kind="text"
            placeholder="example.com"
            autofocus=fresh
            large=true
            hint="A host or a whole URL. Without a scheme, https is used."
        />
        <div class="field-row">
            <TextField name="name" label="Name" value=draft.name optional=true placeholder="The host of the address"/>
            <IntervalField value=draft.interval/>
        </div>
        <div class="folds">
            <Fold title="Request" fields=&["method", "headers", "body"] summary=summaries.0>
                <SelectField name="method" label="Method" value=draft.method options=methods/>
                <TextArea name="headers" label="Headers" value=draft.headers optional=true mono=true hint=headers_hint placeholder="Accept: application/json"/>
                <TextArea name="body" label="Body" value=draft.body optional=true mono=true/>
            </Fold>
            <Fold title="What counts as up" fields=&["accepted_status", "timeout"] summary=summaries.1>
                <div class="field-row">
                    <TextField name="accepted_status" label="Accepted status" value=draft.accepted_status placeholder="200-299" hint="Statuses and ranges, separated by commas."/>
                    <TextField name="timeout" label="Timeout" value=draft.timeout placeholder="10 s" hint="Never longer than the interval."/>
                </div>
            </Fold>
            <Fold title="When a result is believed" fields=&["failures", "successes", "retry", "upside_down"] summary=summaries.2>
                <div class="field-row">
                    <TextField name="failures" label="Failures before down" value=draft.failures placeholder="2" hint="In a row. Down is dated at the first of them."/>
                    <TextField name="successes" label="Successes before up" value=draft.successes placeholder="1" hint="In a row, after it was down."/>
                </div>
                <TextField name="retry" label="Look again after" value=draft.retry placeholder="10 s, or half of a shorter interval" hint="While a failure is not confirmed. Never longer than the interval."/>
                <CheckField
                    name="upside_down"
                    label="Upside-down"
                    note="Up while nothing answers: for what must stay unreachable."
                    checked=!draft.upside_down.is_empty()
                />
            </Fold>
            <Fold title="Tags and note" fields=&["tags", "note"] summary=summaries.3>
                <TextField name="tags" label="Tags" value=draft.tags optional=true placeholder="production, api" hint="Separated by commas."/>
                <TextArea name="note" label="Note" value=draft.note optional=true hint="For people: what it is, whom to ask, what to do first."/>
            </Fold>
        </div>
        <TestNow editing/>
    }
}
