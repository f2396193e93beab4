//! The fields of a monitor. What has to be typed comes first; the rest stands under named sections that say their present
//! values in one line while they are folded. The fields of a kind are described by the kind itself: this file knows none.

use domain::kind::field::{CONNECTION, REQUEST, SIGN_IN, UP};
use domain::kind::{Field, Input, Kind, Values};
use domain::monitor::{KEPT, MonitorDraft};
use leptos::prelude::*;

use super::presets::IntervalField;
use super::trace::TestNow;
use crate::components::{CheckField, FormState, Hidden, Icon, MonitorsField, SelectField, Symbol, TextArea, TextField};

/// A named section. What it holds is said in its summary.
#[component]
pub fn Fold(title: &'static str, summary: String, fields: Vec<&'static str>, children: Children) -> impl IntoView {
    let open = expect_context::<FormState>().is_wrong_at_first(&fields);
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

/// What the fields of a section say, in a line.
pub fn summary(fields: &[&'static Field], values: &Values) -> String {
    let chosen: Vec<String> = fields.iter().filter_map(|field| said(field, value(values, field))).collect();
    if !chosen.is_empty() {
        return chosen.join(" · ");
    }
    let default = |field: &&&Field| match field.input {
        Input::Choice(options) => !options.is_empty(),
        _ => !field.placeholder.is_empty(),
    };
    let first = fields.iter().find(default).map(|field| match field.input {
        Input::Choice(options) => options.first().map_or_else(String::new, |(_, words)| (*words).to_owned()),
        _ => format!("{}: {}", field.label, field.placeholder),
    });
    first.unwrap_or_default()
}

/// What stands in a field.
fn value<'a>(values: &'a Values, field: &Field) -> &'a str {
    values.get(field.name).map_or("", String::as_str)
}

fn said(field: &Field, value: &str) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    Some(match field.input {
        Input::Flag => field.label.to_owned(),
        Input::Choice(options) => options.iter().find(|(name, _)| *name == value).map_or(value, |(_, words)| words).to_owned(),
        Input::Secret | Input::SecretText => format!("{} saved", field.label),
        Input::Headers | Input::Lines | Input::Text if value.lines().count() > 1 => {
            format!("{}: {} lines", field.label, value.lines().count())
        }
        Input::Headers => format!("{}: {}", field.label, value.replace(KEPT, "saved")),
        _ => format!("{}: {value}", field.label),
    })
}

fn belief_summary(draft: &MonitorDraft, kind: Kind) -> String {
    let or = |text: &str, default: &str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
    let failures = or(&draft.failures, if kind.is_active() { "2" } else { "1" });
    let turned = if draft.upside_down.is_empty() { "" } else { ", upside-down" };
    format!("down after {failures} in a row, up after {}{turned}", or(&draft.successes, "1"))
}

fn parents_summary(draft: &MonitorDraft) -> String {
    let names: Vec<&str> = draft.depends_on.lines().filter(|line| !line.trim().is_empty()).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

fn words_summary(draft: &MonitorDraft) -> String {
    let tags = if draft.tags.is_empty() { "no tags" } else { &draft.tags };
    let note = if draft.note.is_empty() { "no note" } else { "with a note" };
    format!("{tags}, {note}")
}

/// A field of a kind.
#[component]
pub fn KindField(field: &'static Field, value: String, fresh: bool) -> AnyView {
    let Field { name, label, placeholder, hint, required, .. } = *field;
    let first = fresh && required;
    match field.input {
        Input::Text | Input::Lines | Input::SecretText | Input::Headers => {
            view! { <TextArea name label value optional=!required mono=true hint placeholder/> }.into_any()
        }
        Input::Choice(options) => {
            let options = options.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect();
            view! { <SelectField name label value options hint/> }.into_any()
        }
        Input::Flag => view! { <CheckField name label note=hint checked=!value.is_empty()/> }.into_any(),
        Input::Secret => {
            let kind = if value == KEPT { "password" } else { "text" };
            view! { <TextField name label value kind optional=!required hint placeholder mono=true autocomplete="off"/> }.into_any()
        }
        Input::Monitors => view! { <MonitorsField name label value hint/> }.into_any(),
        Input::Zone => view! { <TextField name label value hint placeholder zones=true/> }.into_any(),
        Input::Line if required => view! { <TextField name label value hint placeholder autofocus=first large=true/> }.into_any(),
        Input::Line | Input::List | Input::Number | Input::Millis => view! { <TextField name label value hint placeholder/> }.into_any(),
    }
}

/// Whether a field is short enough to stand beside another one.
fn is_short(field: &Field) -> bool {
    matches!(field.input, Input::Number | Input::Millis | Input::Choice(_) | Input::Line | Input::Zone | Input::Secret)
}

/// Fields below each other; short neighbours beside each other.
pub fn laid_out(fields: &[&'static Field], values: &Values, fresh: bool) -> AnyView {
    let mut rows: Vec<Vec<&'static Field>> = Vec::new();
    for field in fields {
        match rows.last_mut() {
            Some(row) if row.len() < 2 && is_short(field) && row.iter().all(|other| is_short(other)) => row.push(field),
            _ => rows.push(vec![field]),
        }
    }
    let one = |field: &'static Field| {
        let value = value(values, field).to_owned();
        view! { <KindField field value fresh/> }
    };
    rows.into_iter()
        .map(|row| match row.as_slice() {
            [only] => one(only).into_any(),
            several => view! { <div class="field-row">{several.iter().map(|field| one(field)).collect_view()}</div> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// The fields; inside a `Form`.
#[component]
pub fn MonitorFields(draft: MonitorDraft, kind: Kind, #[prop(into)] editing: String) -> impl IntoView {
    let fresh = editing.is_empty();
    let of = |section: &str| kind.fields().filter(|field| field.section == section).collect::<Vec<_>>();
    let folds: Vec<AnyView> = [REQUEST, SIGN_IN, UP, CONNECTION]
        .into_iter()
        .filter_map(|section| {
            let fields = of(section);
            let timed = section == UP && kind.is_active();
            if fields.is_empty() && !timed {
                return None;
            }
            let mut names: Vec<&'static str> = fields.iter().map(|field| field.name).collect();
            names.extend(timed.then_some("timeout"));
            let mut line = summary(&fields, &draft.settings);
            if timed {
                let within = if draft.timeout.is_empty() { "10 s, or 80 % of a shorter interval" } else { &draft.timeout };
                line = format!("within {within}{}", if line.is_empty() { String::new() } else { format!(" · {line}") });
            }
            let body = laid_out(&fields, &draft.settings, fresh);
            let timeout = draft.timeout.clone();
            Some(
                view! {
                    <Fold title=section summary=line fields=names>
                        {timed.then(|| view! { <TextField name="timeout" label="Timeout" value=timeout placeholder="10 s" hint="Never longer than the interval."/> })}
                        {body}
                    </Fold>
                }
                .into_any(),
            )
        })
        .collect();
    let (belief, words, parents) = (belief_summary(&draft, kind), words_summary(&draft), parents_summary(&draft));
    let top = laid_out(&of(""), &draft.settings, fresh);
    let named = kind.fields().any(|field| field.required && !matches!(field.input, Input::Monitors));
    view! {
        <Hidden name="kind" value=kind.name()/>
        {top}
        <div class="field-row">
            <TextField name="name" label="Name" value=draft.name.clone() optional=named placeholder=if named { "The host of the address" } else { "Nightly backup" }/>
            {(kind != Kind::Heartbeat).then(|| view! { <IntervalField value=draft.interval.clone()/> })}
        </div>
        <div class="folds">
            {folds}
            <Fold title="When a result is believed" fields=vec!["failures", "successes", "retry", "upside_down"] summary=belief>
                <div class="field-row">
                    <TextField name="failures" label="Failures before down" value=draft.failures placeholder=if kind.is_active() { "2" } else { "1" } hint="In a row. Down is dated at the first of them."/>
                    <TextField name="successes" label="Successes before up" value=draft.successes placeholder="1" hint="In a row, after it was down."/>
                </div>
                {kind.is_active().then(|| view! {
                    <TextField name="retry" label="Look again after" value=draft.retry placeholder="10 s, or half of a shorter interval" hint="While a failure is not confirmed. Never longer than the interval."/>
                    <CheckField
                        name="upside_down"
                        label="Upside-down"
                        note="Up while nothing answers: for what must stay unreachable."
                        checked=!draft.upside_down.is_empty()
                    />
                })}
            </Fold>
            <Fold title="Depends on" fields=vec!["depends_on"] summary=parents>
                <MonitorsField
                    name="depends_on"
                    label="Other monitors"
                    value=draft.depends_on
                    hint="While one of them is down, this one is unreachable instead of down, and nobody is alerted about it."
                />
            </Fold>
            <Fold title="Tags and note" fields=vec!["tags", "note"] summary=words>
                <TextField name="tags" label="Tags" value=draft.tags optional=true placeholder="production, api" hint="Separated by commas."/>
                <TextArea name="note" label="Note" value=draft.note optional=true hint="For people: what it is, whom to ask, what to do first."/>
            </Fold>
        </div>
        {kind.is_active().then(|| view! { <TestNow editing/> })}
    }
}
