//! Settings of the reader and of the open space.

mod appearance;
mod members;
mod notifications;
mod profile;
mod push_device;
mod retention;
mod security;
mod space;
mod tokens;

pub use appearance::Appearance;
pub use members::{GuestAddress, Members, NewLink, invite_label};
pub use notifications::Notifications;
pub use profile::Profile;
pub use security::Security;
pub use space::SpaceSettings;
pub use tokens::Tokens;

use leptos::prelude::*;

/// A card with a heading.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    #[prop(into, optional)] note: String,
    /// `danger` for what can't be undone.
    #[prop(optional)]
    tone: Option<&'static str>,
    #[prop(optional)] id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card" data-tone=tone id=id>
            <div class="card-head">
                <h2>{title}</h2>
                {(!note.is_empty()).then(|| view! { <p class="card-note">{note}</p> })}
            </div>
            <div class="card-body">{children()}</div>
        </section>
    }
}

/// A list of records in a card.
#[component]
pub fn Records(#[prop(into)] title: String, #[prop(into, optional)] note: String, children: Children) -> impl IntoView {
    view! {
        <section class="card">
            <div class="card-head">
                <h2>{title}</h2>
                {(!note.is_empty()).then(|| view! { <p class="card-note">{note}</p> })}
            </div>
            {children()}
        </section>
    }
}
