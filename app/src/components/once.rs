//! A secret that is shown once, right after it was made.

use leptos::prelude::*;

use super::CopyButton;
use crate::browser;

/// Shows a secret until the page is left. With `link`, the secret is a path and is shown as an address.
#[component]
pub fn ShownOnce(#[prop(into)] secret: String, #[prop(into)] text: String, #[prop(optional)] link: bool) -> impl IntoView {
    let shown = RwSignal::new(secret);
    Effect::new(move |_| {
        if link {
            shown.update(|path| {
                if path.starts_with('/') {
                    *path = format!("{}{path}", browser::origin());
                }
            });
        }
    });
    view! {
        <div class="field" role="status">
            <span class="field-label">{text}</span>
            <div class="secret">
                <code>{shown}</code>
                <CopyButton text=shown/>
            </div>
        </div>
    }
}
