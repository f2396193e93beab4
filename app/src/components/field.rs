//! Fields of a form: label, control, hint, and what is wrong beside it.

use leptos::prelude::*;

use super::form::form_state;
use super::{Icon, Symbol};
use crate::browser;

/// What is wrong with a field, announced when it appears.
#[component]
pub fn FieldError(name: &'static str) -> impl IntoView {
    let state = form_state();
    let wrong = state.wrong(name);
    view! {
        <div id=state.id(&format!("{name}-error")) aria-live="polite" class="field-errors">
            {move || {
                wrong.get().map(|message| {
                    view! {
                        <p class="field-error">
                            <Icon symbol=Symbol::Alert/>
                            <span>{message}</span>
                        </p>
                    }
                })
            }}
        </div>
    }
}

/// The frame of every field.
#[component]
pub fn Field(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into, optional)] hint: String,
    #[prop(optional)] optional: bool,
    children: Children,
) -> impl IntoView {
    let state = form_state();
    view! {
        <div class="field">
            <label for=state.id(name)>
                {label}
                {optional.then(|| view! { " " <span class="optional">"optional"</span> })}
            </label>
            {children()}
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=state.id(&format!("{name}-hint"))>{hint}</p> })}
            <FieldError name/>
        </div>
    }
}

/// One line of text.
#[component]
pub fn TextField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into, optional)] value: String,
    #[prop(into, optional)] hint: String,
    #[prop(optional)] optional: bool,
    /// `text`, `email`, `password`, `url`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(into, optional)] placeholder: String,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] mono: bool,
    #[prop(optional)] large: bool,
    /// Suggests the time zones that the browser knows.
    #[prop(optional)]
    zones: bool,
    /// Hears what is typed.
    #[prop(optional, into)]
    on_input: Option<Callback<String>>,
) -> impl IntoView {
    let state = form_state();
    let wrong = state.wrong(name);
    let described = format!("{} {}", state.id(&format!("{name}-error")), state.id(&format!("{name}-hint")));
    let class = if mono { "input mono" } else { "input" };
    let list = zones.then(|| state.id(&format!("{name}-zones")));
    let suggested = RwSignal::new(Vec::<String>::new());
    // Hundreds of names: only for whoever comes to the field.
    let suggest = move |_| {
        if zones && suggested.with_untracked(Vec::is_empty) {
            suggested.set(browser::zones());
        }
    };
    view! {
        <Field name label hint optional>
            <input
                list=list.clone()
                on:focus=suggest
                id=state.id(name)
                class=class
                data-size=large.then_some("large")
                type=kind
                name=name
                value=state.value(name, value)
                placeholder=placeholder
                autocomplete=autocomplete
                autofocus=state.focus_at_first(name, autofocus)
                spellcheck="false"
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=described
                on:input=move |event| {
                    if let Some(hear) = on_input {
                        hear.run(event_target_value(&event));
                    }
                }
            />
            {list.map(|id| view! {
                <datalist id=id>{move || suggested.get().into_iter().map(|zone| view! { <option value=zone></option> }).collect_view()}</datalist>
            })}
        </Field>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into, optional)] value: String,
    #[prop(into, optional)] hint: String,
    #[prop(optional)] optional: bool,
    #[prop(into, optional)] placeholder: String,
    #[prop(optional)] mono: bool,
) -> impl IntoView {
    let state = form_state();
    let wrong = state.wrong(name);
    let described = format!("{} {}", state.id(&format!("{name}-error")), state.id(&format!("{name}-hint")));
    let class = if mono { "input mono" } else { "input" };
    let content = area_content(&state.value(name, value));
    view! {
        <Field name label hint optional>
            <textarea
                id=state.id(name)
                class=class
                name=name
                rows="3"
                placeholder=placeholder
                spellcheck=if mono { "false" } else { "true" }
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=described
                inner_html=content
            ></textarea>
        </Field>
    }
}

/// The content of a text area as HTML: written as such, the same characters stand in the page of the server and of the
/// browser. HTML drops one line break at the beginning of a text area, so that a text that begins with one needs another.
pub(super) fn area_content(text: &str) -> String {
    let lost = if text.starts_with('\n') { "\n" } else { "" };
    format!("{lost}{}", text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

/// One of several values in a list.
#[component]
pub fn SelectField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into, optional)] value: String,
    #[prop(into, optional)] hint: String,
    /// Values and words.
    options: Vec<(String, String)>,
) -> impl IntoView {
    let state = form_state();
    let wrong = state.wrong(name);
    let chosen = state.value(name, value);
    view! {
        <Field name label hint>
            <select id=state.id(name) class="input" name=name aria-invalid=move || wrong.get().map(|_| "true")>
                {options
                    .into_iter()
                    .map(|(value, word)| {
                        let selected = value == chosen;
                        view! { <option value=value selected=selected>{word}</option> }
                    })
                    .collect_view()}
            </select>
        </Field>
    }
}

/// One of a few values, all in sight.
#[component]
pub fn Choice(
    name: &'static str,
    value: &'static str,
    #[prop(into)] label: String,
    #[prop(into, optional)] note: String,
    checked: bool,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name=name value=value checked=checked/>
            <span>{label}</span>
            {(!note.is_empty()).then(|| view! { <small>{note}</small> })}
        </label>
    }
}

/// Something that is so or not.
#[component]
pub fn CheckField(name: &'static str, #[prop(into)] label: String, #[prop(into, optional)] note: String, checked: bool) -> impl IntoView {
    let state = form_state();
    // An empty box sends nothing: of a refused form, only what it sent is known.
    let checked = if state.was_kept() { state.value(name, String::new()) == "on" } else { checked };
    view! {
        <label class="choice">
            <input type="checkbox" name=name value="on" checked=checked/>
            <span>{label}</span>
            {(!note.is_empty()).then(|| view! { <small>{note}</small> })}
        </label>
    }
}

/// A value that travels with the form.
#[component]
pub fn Hidden(name: &'static str, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}
