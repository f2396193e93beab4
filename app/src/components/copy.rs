//! Copies a text to the clipboard and says so.

use std::time::Duration;

use leptos::prelude::*;

use super::{Icon, Symbol};
use crate::browser;

/// A button that copies; only there when the wasm is.
#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let said = RwSignal::new("Copy");
    let on_click = move |_| {
        browser::copy(&text.get_untracked(), move |worked| {
            said.set(if worked { "Copied" } else { "Select and copy" });
            set_timeout(move || said.set("Copy"), Duration::from_secs(2));
        });
    };
    view! {
        <button type="button" class="button needs-wasm" data-size="small" on:click=on_click>
            <Icon symbol=Symbol::Copy/>
            <span aria-live="polite">{said}</span>
        </button>
    }
}
