//! Short answers to what somebody just did, in a corner; gone after some seconds.

use std::time::Duration;

use leptos::prelude::*;

use super::{Icon, Symbol, Tone};

const SHOWN_FOR: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    number: u32,
    tone: Tone,
    text: String,
}

/// The toasts of the page.
#[derive(Clone, Copy)]
pub struct ToastList {
    shown: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
}

impl ToastList {
    /// Makes the list.
    pub fn provide() {
        provide_context(Self { shown: RwSignal::new(Vec::new()), last: StoredValue::new(0) });
    }

    /// Shows a text.
    pub fn say(self, tone: Tone, text: impl Into<String>) {
        self.last.update_value(|n| *n += 1);
        let number = self.last.get_value();
        self.shown.update(|all| all.push(Toast { number, tone, text: text.into() }));
        set_timeout(move || self.close(number), SHOWN_FOR);
    }

    fn close(self, number: u32) {
        self.shown.try_update(|all| all.retain(|t| t.number != number));
    }
}

/// The toasts of the page.
pub fn toasts() -> ToastList {
    expect_context()
}

/// Where toasts appear; read out as they come.
#[component]
pub fn Toasts() -> impl IntoView {
    let list = toasts();
    let one = move |toast: Toast| {
        let (symbol, tone) = if toast.tone == Tone::Bad { (Symbol::Alert, "down") } else { (Symbol::Check, "up") };
        view! {
            <div class="toast" data-tone=tone>
                <Icon symbol/>
                <span>{toast.text}</span>
                <button type="button" class="icon-button" aria-label="Close" on:click=move |_| list.close(toast.number)>
                    <Icon symbol=Symbol::Close/>
                </button>
            </div>
        }
    };
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || list.shown.get() key=|t| t.number children=one/>
        </div>
    }
}
