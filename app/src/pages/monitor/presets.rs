//! The interval: free text, with the usual ones a click away.

use std::time::Duration;

use domain::monitor::{INTERVAL_PRESETS, spell};
use leptos::html;
use leptos::prelude::*;

use crate::components::Field;
use crate::components::FormState;

/// The field.
#[component]
pub fn IntervalField(value: String) -> impl IntoView {
    let state = expect_context::<FormState>();
    let typed = RwSignal::new(state.value("interval", if value.is_empty() { "1 min".to_owned() } else { value }));
    let wrong = state.wrong("interval");
    let input = NodeRef::<html::Input>::new();
    let preset = move |seconds: u32| {
        let text = spell(Duration::from_secs(u64::from(seconds)));
        let (mine, chosen) = (text.clone(), text.clone());
        let here = move || typed.with(|t| *t == mine).to_string();
        let on_click = move |_| {
            typed.set(chosen.clone());
            if let Some(input) = input.get_untracked() {
                input.set_value(&chosen);
                // The page asks before changes are left; it hears of them through this event.
                if let Ok(event) = web_sys::Event::new("input") {
                    let _ = input.dispatch_event(&event);
                }
            }
        };
        view! { <button type="button" class="preset" aria-pressed=here on:click=on_click>{text}</button> }
    };
    view! {
        <Field name="interval" label="Check every" hint="From 1 s to 24 h.">
            <input
                id=state.id("interval")
                node_ref=input
                class="input"
                type="text"
                name="interval"
                autocomplete="off"
                value=typed.get_untracked()
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=format!("{} {}", state.id("interval-error"), state.id("interval-hint"))
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <div class="presets needs-wasm">{INTERVAL_PRESETS.map(preset).collect_view()}</div>
        </Field>
    }
}
