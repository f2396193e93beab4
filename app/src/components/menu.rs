//! A menu is a `<details>`: it opens without scripts. With them it closes on Escape, on a choice and on a click
//! elsewhere.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A menu behind a summary.
#[component]
pub fn Menu(
    #[prop(into)] label: String,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] summary_class: &'static str,
    summary: AnyView,
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && details.get_untracked().is_some_and(|d| d.open()) {
            event.stop_propagation();
            close();
            if let Some(Ok(Some(summary))) = details.get_untracked().map(|d| d.query_selector("summary"))
                && let Ok(summary) = summary.dyn_into::<web_sys::HtmlElement>()
            {
                let _ = summary.focus();
            }
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(ev::click, move |event| {
            let inside = details
                .get_untracked()
                .zip(event.target())
                .is_some_and(|(details, target)| target.dyn_ref::<web_sys::Node>().is_some_and(|node| details.contains(Some(node))));
            if !inside {
                close();
            }
        });
        on_cleanup(move || handle.remove());
    });
    let on_choice = move |event: ev::MouseEvent| {
        let chosen =
            event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest(".menu-item").ok().flatten());
        if chosen.is_some() {
            // After the click has done its work: a closed menu submits nothing.
            request_animation_frame(close);
        }
    };
    view! {
        <details class=format!("menu {class}") node_ref=details on:keydown=on_key>
            <summary class=summary_class>
                {summary}
                <span class="visually-hidden">{label}</span>
            </summary>
            <div class="menu-panel" on:click=on_choice>{children()}</div>
        </details>
    }
}
