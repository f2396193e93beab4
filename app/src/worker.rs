//! The service worker: registered once the page is hydrated. A worker of this page's own build takes over at once; a
//! newer build is offered, never forced.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::ServiceWorkerRegistration;

use crate::environment::environment;

/// Registers the worker of this build.
pub fn register() {
    let build = environment().build.get_value();
    Effect::new(move |_| {
        let build = build.clone();
        // Missing without https or localhost: then there is nothing to register.
        let has_workers = js_sys::Reflect::has(&window().navigator(), &"serviceWorker".into()).unwrap_or(false);
        if build.is_empty() || !has_workers {
            return;
        }
        leptos::task::spawn_local(async move {
            let container = window().navigator().service_worker();
            let Ok(registration) = JsFuture::from(container.register(&format!("/sw.js?build={build}"))).await else { return };
            // Browsers without workers (or told to have none) answer with nothing.
            let Ok(registration) = registration.dyn_into::<ServiceWorkerRegistration>() else { return };
            take_over(&registration);
            let found = registration.clone();
            let on_update = Closure::<dyn FnMut()>::new(move || follow(&found));
            registration.set_onupdatefound(Some(on_update.as_ref().unchecked_ref()));
            on_update.forget();
        });
    });
}

/// The page was loaded from this build, so its worker need not wait.
fn take_over(registration: &ServiceWorkerRegistration) {
    if let Some(waiting) = registration.waiting() {
        // Fails when the worker is gone already.
        let _ = waiting.post_message(&JsValue::from_str("SKIP_WAITING"));
    }
}

fn follow(registration: &ServiceWorkerRegistration) {
    let Some(installing) = registration.installing() else { return };
    let registration = registration.clone();
    let on_state = Closure::<dyn FnMut()>::new(move || take_over(&registration));
    installing.set_onstatechange(Some(on_state.as_ref().unchecked_ref()));
    on_state.forget();
}
