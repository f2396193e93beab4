//! Forms that work before the wasm has arrived. A [`Form`] is an `ActionForm`; a [`PlainForm`] is always posted by the
//! browser itself, for actions after which the whole page must be new (who is signed in, which space is open).
//!
//! Fields find what was typed before and what is wrong in the [`FormState`] around them.

use domain::AppError;
use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use server_fn::client::Client;
use server_fn::codec::PostUrl;
use server_fn::request::ClientReq;
use server_fn::{Http, ServerFn};

use crate::error::ApiError;
use crate::session::kept_form;

/// What a form knows of its last submission.
#[derive(Clone, Copy)]
pub struct FormState {
    /// The values that a refused plain form came back with.
    kept: StoredValue<Vec<(String, String)>>,
    /// Why the last submission was refused.
    pub error: Signal<Option<AppError>>,
    /// The action runs.
    pub pending: Signal<bool>,
    /// The last submission worked.
    pub done: Signal<bool>,
    /// Begins the ids of the fields, so that two forms of a page never share one.
    prefix: StoredValue<String>,
}

impl FormState {
    /// The id of a field's element.
    pub fn id(self, field: &str) -> String {
        self.prefix.with_value(|p| format!("{p}-{field}"))
    }

    /// What the field showed when the form was refused, or else `saved`.
    pub fn value(self, field: &str, saved: String) -> String {
        self.kept.with_value(|kept| kept.iter().find(|(name, _)| name == field).map(|(_, v)| v.clone())).unwrap_or(saved)
    }

    /// What is wrong with a field.
    pub fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.error.with(|e| e.as_ref().and_then(|e| e.of(field).map(str::to_owned))))
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

#[component]
fn General() -> impl IntoView {
    let state = form_state();
    move || {
        state.general().map(|message| {
            view! {
                <div class="banner" data-tone="down" role="alert">
                    <super::Icon symbol=super::Symbol::Alert/>
                    <span class="banner-text">{message}</span>
                </div>
            }
        })
    }
}

/// A form of a server action. `key` tells forms of one action on one page apart.
#[component]
pub fn Form<S>(
    action: ServerAction<S>,
    #[prop(into, optional)] class: String,
    #[prop(into, optional)] key: String,
    /// The id of the element, for controls elsewhere on the page.
    #[prop(optional)]
    id: Option<&'static str>,
    /// Fields are emptied after success.
    #[prop(optional)]
    reset: bool,
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Protocol = Http<PostUrl, server_fn::codec::Json>, Error = ApiError> + DeserializeOwned + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    S::Client: Client<ApiError>,
    <<S::Client as Client<ApiError>>::Request as ClientReq<ApiError>>::FormData: From<web_sys::FormData>,
{
    let kept = if key.is_empty() { kept_form(S::PATH) } else { None };
    let (values, refused) = kept.map(|k| (k.values, k.error)).unzip();
    let version = action.version();
    let outcome = action.value();
    let state = FormState {
        kept: StoredValue::new(values.unwrap_or_default()),
        error: Signal::derive(move || match outcome.get() {
            Some(Err(ApiError(error))) => Some(error),
            Some(Ok(_)) => None,
            None => refused.clone(),
        }),
        pending: action.pending().into(),
        done: Signal::derive(move || outcome.with(|o| matches!(o, Some(Ok(_))))),
        prefix: StoredValue::new(prefix(S::PATH, &key)),
    };
    let element = NodeRef::<html::Form>::new();
    Effect::new(move |before: Option<usize>| {
        let now = version.get();
        if before.is_some_and(|before| before != now) {
            let form = element.get_untracked();
            if state.done.get_untracked() {
                if let (true, Some(form)) = (reset, &form) {
                    form.reset();
                }
            } else if let Some(form) = form {
                request_animation_frame(move || focus_first_wrong(&form));
            }
        }
        now
    });
    view! {
        <Provider value=state>
            <ActionForm action=action node_ref=element attr:class=class attr:id=id>
                <General/>
                {children()}
            </ActionForm>
        </Provider>
    }
}

fn focus_first_wrong(form: &web_sys::HtmlFormElement) {
    use wasm_bindgen::JsCast;
    if let Ok(Some(field)) = form.query_selector("[aria-invalid=true]")
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
    let kept = if key.is_empty() { kept_form(path) } else { None };
    let (values, refused) = kept.map(|k| (k.values, k.error)).unzip();
    let pending = RwSignal::new(false);
    let state = FormState {
        kept: StoredValue::new(values.unwrap_or_default()),
        error: Signal::derive(move || refused.clone()),
        pending: pending.into(),
        done: Signal::derive(|| false),
        prefix: StoredValue::new(prefix(path, &key)),
    };
    let on_submit = move |_: SubmitEvent| pending.set(true);
    view! {
        <Provider value=state>
            <form class=class action=path method="post" on:submit=on_submit>
                <General/>
                {children()}
            </form>
        </Provider>
    }
}
