//! The frame of pages without navigation: sign in, sign up, set-up, invitations.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::components::Logo;

/// The frame.
#[component]
pub fn Plain() -> impl IntoView {
    view! {
        <div class="plain">
            <PlainBar/>
            <main id="main" tabindex="-1">
                <Outlet/>
            </main>
        </div>
    }
    .into_any()
}

/// The logo, and what the page puts beside it.
#[component]
pub fn PlainBar(#[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <header class="plain-bar">
            <a class="brand" href="/"><Logo/><span>"Loopr"</span></a>
            {children.map(|children| view! { <div class="plain-bar-end">{children()}</div> })}
        </header>
    }
}
