//! In the place of a list without entries: what would be here, and the first step.

use leptos::prelude::*;

use super::{Icon, Symbol};

/// An empty list.
#[component]
pub fn Empty(
    symbol: Symbol,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon symbol/>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
