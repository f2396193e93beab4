//! Other monitors of the space, a name a line. With the wasm, they are found by typing and added by a click.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;

use super::field::area_content;
use super::{Field, FormState, Icon, Symbol};
use crate::api::monitors::list_monitors;
use crate::later::Later;

/// Monitors that are offered at once.
const OFFERED: usize = 8;

/// The field.
#[component]
pub fn MonitorsField(name: &'static str, #[prop(into)] label: String, value: String, #[prop(into)] hint: String) -> impl IntoView {
    let state = expect_context::<FormState>();
    let wrong = state.wrong(name);
    let text = NodeRef::<html::Textarea>::new();
    // No resource: the page does not wait for what is found.
    let find = Action::new_local(|search: &String| {
        let search = search.clone();
        async move {
            if search.is_empty() {
                return Vec::new();
            }
            let page = list_monitors(search, String::new(), String::new(), "name".into(), 0).await;
            page.map(|page| page.rows.into_iter().take(OFFERED).map(|row| row.name).collect()).unwrap_or_default()
        }
    });
    let found = find.value();
    let ask = Later::new(Duration::from_millis(150));
    let on_search = move |event: leptos::ev::Event| {
        let typed = event_target_value(&event);
        ask.run(move || {
            find.dispatch_local(typed);
        });
    };
    let add = move |monitor: String| {
        let Some(area) = text.get_untracked() else { return };
        let there = area.value();
        if !there.lines().any(|line| line.trim() == monitor) {
            let before = there.trim_end();
            area.set_value(&if before.is_empty() { monitor } else { format!("{before}\n{monitor}") });
            // The page asks before changes are left; it hears of them through this event.
            if let Ok(event) = web_sys::Event::new("input") {
                let _ = area.dispatch_event(&event);
            }
        }
    };
    let offered = move || {
        let names: Vec<String> = found.get().unwrap_or_default();
        names
            .into_iter()
            .map(|monitor| {
                let mine = monitor.clone();
                view! {
                    <button type="button" class="preset" on:click=move |_| add(mine.clone())>
                        <Icon symbol=Symbol::Plus/>
                        {monitor}
                    </button>
                }
            })
            .collect_view()
    };
    let content = area_content(&state.value(name, value));
    view! {
        <Field name label hint=format!("{hint} One name a line.")>
            <textarea
                id=state.id(name)
                node_ref=text
                class="input"
                name=name
                rows="4"
                spellcheck="false"
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=format!("{} {}", state.id(&format!("{name}-error")), state.id(&format!("{name}-hint")))
                inner_html=content
            ></textarea>
            <input
                type="search"
                class="input needs-wasm"
                data-size="small"
                placeholder="Find a monitor to add"
                aria-label="Find a monitor to add"
                autocomplete="off"
                on:input=on_search
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        event.prevent_default();
                        if let Some(first) = found.get_untracked().and_then(|names| names.first().cloned()) {
                            add(first);
                        }
                    }
                }
            />
            <div class="presets needs-wasm" aria-live="polite">{offered}</div>
        </Field>
    }
}
