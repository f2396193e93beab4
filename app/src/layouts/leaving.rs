//! Leaving a page: a form with changes asks first.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Inside a form: asks before a changed form is left, by a link as by the browser. `saved` tells that it is being sent.
#[component]
pub fn AskBeforeLeaving(#[prop(into)] saved: Signal<bool>) -> impl IntoView {
    let anchor = NodeRef::<html::Span>::new();
    let changed = StoredValue::new(false);
    Effect::new(move |_| {
        if saved.get() {
            changed.set_value(false);
        }
    });
    Effect::new(move |_| {
        let Some(form) = anchor.get().and_then(|a| a.closest("form").ok().flatten()) else { return };
        let mine = move |event: &web_sys::Event| {
            event.target().and_then(|t| t.dyn_into::<web_sys::Node>().ok()).is_some_and(|node| form.contains(Some(&node)))
        };
        let input = window_event_listener(ev::input, move |event| {
            if mine(&event) {
                changed.try_set_value(true);
            }
        });
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if changed.try_get_value() == Some(true) {
                event.prevent_default();
            }
        });
        on_cleanup(move || {
            input.remove();
            unload.remove();
        });
    });
    // In the capture phase of the document: before the router follows a link.
    Effect::new(move |_| {
        let stop = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            let link = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest("a[href]").ok().flatten());
            if link.is_some() && changed.try_get_value() == Some(true) {
                if window().confirm_with_message("Leave without saving? What you typed is lost.").unwrap_or(true) {
                    changed.set_value(false);
                } else {
                    event.prevent_default();
                    event.stop_propagation();
                }
            }
        });
        let function: js_sys::Function = stop.into_js_value().unchecked_into();
        // Fails for impossible event names only.
        let _ = document().add_event_listener_with_callback_and_bool("click", &function, true);
        let function = StoredValue::new_local(function);
        on_cleanup(move || {
            function.try_with_value(|f| document().remove_event_listener_with_callback_and_bool("click", f, true));
        });
    });
    view! { <span hidden node_ref=anchor></span> }
}
