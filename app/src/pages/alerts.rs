//! Alerts: which events are told where, over which channels, and what became of every message.

mod channel;
mod channels;
mod messages;
mod past;
mod rule;
mod rules;
mod tested;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

pub use channel::{EditChannel, NewChannel};
pub use channels::ChannelsPage;
pub use messages::{MessagePage, MessagesPage};
pub use rule::{EditRule, NewRule};
pub use rules::RulesPage;

/// The pages beside each other.
#[component]
fn Tabs() -> impl IntoView {
    let path = use_location().pathname;
    let tab = move |href: &'static str, word: &'static str| {
        view! { <a href=href aria-current=move || path.with(|p| p == href).then_some("true")>{word}</a> }
    };
    view! {
        <nav class="segmented" aria-label="Alerts">
            {tab("/alerts", "Rules")}
            {tab("/alerts/channels", "Channels")}
            {tab("/alerts/messages", "Messages")}
        </nav>
    }
}
