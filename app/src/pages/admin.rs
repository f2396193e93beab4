//! Administration of the instance.

mod accounts;
mod network;
mod spaces;

pub use accounts::Accounts;
pub use network::Network;
pub use spaces::Spaces;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The pages of the administration.
#[component]
fn AdminNav() -> impl IntoView {
    let path = use_location().pathname;
    let link = move |href: &'static str, word: &'static str| {
        view! { <a href=href aria-current=move || path.with(|p| p == href).then_some("true")>{word}</a> }
    };
    view! {
        <div class="toolbar">
            <nav class="segmented" aria-label="Administration">
                {link("/admin/accounts", "Accounts")}
                {link("/admin/spaces", "Spaces")}
                {link("/admin/network", "Network")}
            </nav>
        </div>
    }
}
