//! Forms that work before the wasm has arrived. A [`Form`] is sent by a [`Submission`] when the wasm is there; a
//! [`PlainForm`] is always posted by the browser itself, for actions after which the whole page must be new (who is signed
//! in, which space is open).
//!
//! Fields find what was typed before and what is wrong in the [`FormState`] around them.

mod submission;

use domain::AppError;
use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlButtonElement, HtmlFormElement};

pub use submission::Submission;

use super::ToastList;
use crate::session::kept_form;

/// What a form knows of its last submission.
#[derive(Clone, Copy)]
pub struct FormState {
    /// The values that a refused plain form came back with.
    kept: StoredValue<Vec<(String, String)>>,
    /// Why the last submission was refused.
    pub error: Signal<Option<AppError>>,
    /// What a preview finds wrong, before anything was submitted.
    pub previewed: RwSignal<Option<AppError>>,
    /// How often this page has sent it.
    version: Signal<usize>,
    /// The action runs.
    pub pending: Signal<bool>,
    /// The last submission worked.
    pub done: Signal<bool>,
    /// Begins the ids of the fields, so that two forms of a page never share one.
    prefix: StoredValue<String>,
}

impl FormState {
    /// The state of a form of a server function. Of several forms with keys nobody knows which one was refused before this
    /// page was made, so they begin afresh.
    fn of(
        path: &'static str,
        key: &str,
        outcome: Signal<Option<Result<String, AppError>>>,
        pending: Signal<bool>,
        version: Signal<usize>,
    ) -> Self {
        let mine = key.is_empty();
        let values = if mine { kept_form(path).filter(|k| k.outcome.is_err()).map(|k| k.values) } else { None };
        let answered = move || mine || version.get() > 0;
        Self {
            kept: StoredValue::new(values.unwrap_or_default()),
            error: Signal::derive(move || outcome.with(|o| o.as_ref()?.as_ref().err().cloned()).filter(|_| answered())),
            previewed: RwSignal::new(None),
            done: Signal::derive(move || outcome.with(|o| matches!(o, Some(Ok(_)))) && answered()),
            pending,
            version,
            prefix: StoredValue::new(prefix(path, key)),
        }
    }

    /// Whether the page was made after this form had been posted.
    fn is_kept(self) -> bool {
        self.version.get_untracked() == 0 && self.error.with_untracked(Option::is_some)
    }

    /// The id of a field's element.
    pub fn id(self, field: &str) -> String {
        self.prefix.with_value(|p| format!("{p}-{field}"))
    }

    /// What the field showed when the form was refused, or else `saved`.
    pub fn value(self, field: &str, saved: String) -> String {
        self.kept.with_value(|kept| kept.iter().find(|(name, _)| name == field).map(|(_, v)| v.clone())).unwrap_or(saved)
    }

    /// The values of a field that can have several, when the form was refused, or else `saved`.
    pub fn values(self, field: &str, saved: Vec<String>) -> Vec<String> {
        if !self.was_kept() {
            return saved;
        }
        self.kept.with_value(|kept| kept.iter().filter(|(name, _)| name == field).map(|(_, value)| value.clone()).collect())
    }

    /// Whether the form came back refused, with what it sent.
    pub fn was_kept(self) -> bool {
        self.kept.with_value(|kept| !kept.is_empty())
    }

    /// What is wrong with a field.
    pub fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        let of = move |error: &Option<AppError>| error.as_ref().and_then(|error| error.of(field).map(str::to_owned));
        Signal::derive(move || self.error.with(of).or_else(|| self.previewed.with(of)))
    }

    /// Whether one of some fields was refused, when the form is first shown.
    pub fn is_wrong_at_first(self, fields: &[&str]) -> bool {
        self.error.with_untracked(|e| e.as_ref().is_some_and(|e| fields.iter().any(|f| e.of(f).is_some())))
    }

    /// Whether a field has the focus when the form is first shown: the first wrong one, or else the one meant for it.
    pub fn focus_at_first(self, field: &str, meant: bool) -> bool {
        self.error.with_untracked(|e| e.as_ref().filter(|e| !e.fields.is_empty()).map_or(meant, |e| e.of(field).is_some()))
    }

    /// A refusal that belongs to no field.
    fn general(self) -> Option<String> {
        self.error.with(|e| e.as_ref().filter(|e| e.fields.is_empty()).map(|e| e.message.clone()))
    }
}

/// The form around a field.
pub fn form_state() -> FormState {
    expect_context()
}

fn prefix(path: &str, key: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default().replace('_', "-");
    if key.is_empty() { name } else { format!("{name}-{key}") }
}

/// What is wrong with the form as a whole. After a plain form, the frame of the product says it instead.
#[component]
fn General(kept: bool) -> impl IntoView {
    let state = form_state();
    let elsewhere = kept && use_context::<ToastList>().is_some();
    move || {
        let live = state.version.get() > 0;
        state.general().filter(|_| live || !elsewhere).map(|message| {
            view! {
                <div class="banner" data-tone="down" role="alert">
                    <super::Icon symbol=super::Symbol::Alert/>
                    <span class="banner-text">{message}</span>
                </div>
            }
        })
    }
}

/// A form of a server function. `key` tells forms of one function on one page apart.
#[component]
pub fn Form(
    action: Submission,
    #[prop(into, optional)] class: String,
    #[prop(into, optional)] key: String,
    /// The id of the element, for controls elsewhere on the page.
    #[prop(optional)]
    id: Option<&'static str>,
    /// Fields are emptied after success.
    #[prop(optional)]
    reset: bool,
    children: Children,
) -> impl IntoView {
    let state = FormState::of(action.path(), &key, action.outcome(), action.pending(), action.version().into());
    let version = action.version();
    let element = NodeRef::<html::Form>::new();
    Effect::new(move |before: Option<usize>| {
        let now = version.get();
        if before.is_some_and(|before| before != now)
            && let Some(form) = element.get_untracked()
        {
            if !state.done.get_untracked() {
                request_animation_frame(move || focus_first_wrong(&form));
            } else if reset {
                form.reset();
            }
        }
        now
    });
    let on_submit = move |event: SubmitEvent| {
        if let Some(fields) = fields(&event) {
            event.prevent_default();
            action.send(&fields);
        }
    };
    view! {
        <Provider value=state>
            <form class=class id=id action=action.path() method="post" node_ref=element on:submit=on_submit>
                {(!action.is_told()).then(|| view! { <General kept=state.is_kept()/> })}
                {children()}
            </form>
        </Provider>
    }
    .into_any()
}

/// The fields of a form, with the button that sends it; nothing when somebody has stopped the event.
fn fields(event: &SubmitEvent) -> Option<FormData> {
    if event.default_prevented() {
        return None;
    }
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    let fields = FormData::new_with_form(&form).ok()?;
    if let Some(button) = event.submitter().and_then(|b| b.dyn_into::<HtmlButtonElement>().ok())
        && !button.name().is_empty()
    {
        fields.append_with_str(&button.name(), &button.value()).ok()?;
    }
    Some(fields)
}

fn focus_first_wrong(form: &HtmlFormElement) {
    // Of a group of boxes the first one: a group itself takes no focus.
    if let Ok(Some(field)) = form.query_selector("[aria-invalid=true], fieldset:has(.field-error) input")
        && let Ok(field) = field.dyn_into::<web_sys::HtmlElement>()
    {
        // A field may be inside a folded section.
        if let Ok(Some(fold)) = field.closest("details:not([open])") {
            let _ = fold.set_attribute("open", "");
        }
        let _ = field.focus();
    }
}

/// A form that the browser posts itself, with and without the wasm.
#[component]
pub fn PlainForm(
    /// The address of the server function: `SignIn::PATH`.
    path: &'static str,
    #[prop(into, optional)] class: String,
    #[prop(into, optional)] key: String,
    children: Children,
) -> impl IntoView {
    let outcome = kept_form(path).map(|kept| kept.outcome);
    let pending = RwSignal::new(false);
    let state = FormState::of(path, &key, Signal::derive(move || outcome.clone()), pending.into(), Signal::derive(|| 0));
    let on_submit = move |_: SubmitEvent| pending.set(true);
    view! {
        <Provider value=state>
            <form class=class action=path method="post" on:submit=on_submit>
                <General kept=state.is_kept()/>
                {children()}
            </form>
        </Provider>
    }
    .into_any()
}
