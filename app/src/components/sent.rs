//! What was sent, as it is kept: its line, and its headers and body on demand.

use domain::http::Sent;
use leptos::prelude::*;

use super::{Icon, Symbol};

/// What was sent. `told`: its line stands elsewhere.
#[component]
pub fn SentView(sent: Sent, told: bool) -> impl IntoView {
    let headers: String = sent.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let part = |title: &'static str, text: String| {
        (!text.is_empty()).then(|| {
            view! {
                <details class="disclosure">
                    <summary><Icon symbol=Symbol::Chevron/>{title}</summary>
                    <pre>{text}</pre>
                </details>
            }
        })
    };
    view! {
        {(!told && !sent.url.is_empty()).then(|| view! { <p class="mono sent">{sent.method} " " {sent.url}</p> })}
        {part("Headers of the request", headers)}
        {part("Body of the request", sent.body)}
    }
}
