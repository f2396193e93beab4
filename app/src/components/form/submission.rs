//! Sending a form to a server function without naming its types: the address and the fields are enough, so the browser
//! carries one way of sending instead of one for each of some thirty functions.

use domain::{AppError, Code};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, FormData, Request, RequestInit, Response, UrlSearchParams};

use crate::components::{Tone, toasts};
use crate::session::kept_form;

/// The answer of a server function, still JSON.
type Outcome = Result<String, AppError>;

/// A server function that forms are sent to, and what became of it.
#[derive(Clone, Copy)]
pub struct Submission {
    path: &'static str,
    action: Action<String, Outcome>,
    told: bool,
}

impl Submission {
    /// For a form that shows itself why it was refused. `path` is the address of the server function: `CreateToken::PATH`.
    pub fn new(path: &'static str) -> Self {
        let action = Action::new_local(move |body: &String| post(path, body.clone(), None));
        Self { path, action, told: false }
    }

    /// For what only the page itself wants to know: when it is left, the server need not go on.
    pub fn of_page(path: &'static str) -> Self {
        let running = StoredValue::new(None::<SendWrapper<AbortController>>);
        let action = Action::new_local(move |body: &String| {
            let controller = AbortController::new().ok();
            let signal = controller.as_ref().map(AbortController::signal);
            running.set_value(controller.map(SendWrapper::new));
            post(path, body.clone(), signal)
        });
        on_cleanup(move || {
            running.try_update_value(|running| running.take().iter().for_each(|running| running.abort()));
        });
        Self { path, action, told: false }
    }

    /// For several small forms: what became of it is told in the corner of the page.
    pub fn told(path: &'static str) -> Self {
        let it = Self { told: true, ..Self::new(path) };
        let outcome = it.action.value();
        Effect::new(move |_| match outcome.get() {
            Some(Ok(text)) => {
                if let Ok(said) = serde_json::from_str::<String>(&text) {
                    toasts().say(Tone::Good, said);
                }
            }
            Some(Err(error)) => toasts().say(Tone::Bad, error.to_string()),
            None => {}
        });
        it
    }

    /// The address of the server function.
    pub(super) fn path(self) -> &'static str {
        self.path
    }

    /// Whether a refusal is told in the corner of the page.
    pub(super) fn is_told(self) -> bool {
        self.told
    }

    /// How often it was answered.
    pub fn version(self) -> RwSignal<usize> {
        self.action.version()
    }

    /// It is under way.
    pub fn pending(self) -> Signal<bool> {
        self.action.pending().into()
    }

    /// The last answer: of this page, or of the plain form that led to it.
    pub fn outcome(self) -> Signal<Option<Outcome>> {
        let kept = kept_form(self.path).map(|kept| kept.outcome);
        let value = self.action.value();
        Signal::derive(move || value.get().or_else(|| kept.clone()))
    }

    /// The last answer as its type, when it succeeded.
    pub fn answer<T: DeserializeOwned + Send + Sync + 'static>(self) -> Signal<Option<T>> {
        let outcome = self.outcome();
        Signal::derive(move || outcome.with(|o| serde_json::from_str(o.as_ref()?.as_ref().ok()?).ok()))
    }

    /// Why it was last refused.
    pub fn error(self) -> Signal<Option<AppError>> {
        let outcome = self.outcome();
        Signal::derive(move || outcome.with(|o| o.as_ref()?.as_ref().err().cloned()))
    }

    /// Sends the fields.
    pub fn send(self, fields: &FormData) {
        let Ok(pairs) = UrlSearchParams::new_with_str_sequence_sequence(fields) else { return };
        self.action.dispatch_local(pairs.to_string().into());
    }
}

async fn post(path: &'static str, body: String, signal: Option<AbortSignal>) -> Outcome {
    match fetch(path, &body, signal.as_ref()).await {
        Ok((true, text)) => Ok(text),
        Ok((false, text)) => Err(serde_json::from_str(&text).unwrap_or_else(|_| AppError::internal())),
        Err(_) => Err(AppError::new(Code::Unavailable, "Loopr does not answer. Check the connection and try again.")),
    }
}

/// Whether it worked, and the answer.
async fn fetch(path: &str, body: &str, signal: Option<&AbortSignal>) -> Result<(bool, String), JsValue> {
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_body(&body.into());
    options.set_signal(signal);
    let request = Request::new_with_str_and_init(path, &options)?;
    request.headers().set("content-type", "application/x-www-form-urlencoded")?;
    request.headers().set("accept", "application/json")?;
    let response: Response = JsFuture::from(window().fetch_with_request(&request)).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    if response.ok() && response.headers().has(REDIRECT_HEADER)? {
        call_redirect_hook(&response.headers().get("location")?.unwrap_or_default());
    }
    Ok((response.ok(), text))
}
