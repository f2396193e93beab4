//! Nothing lives at this address.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::{Icon, Symbol};
use crate::layouts::PlainBar;

/// The page of unknown addresses.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::context::set_status(domain::Code::NotFound);
    view! {
        <Title text="Not found"/>
        <div class="plain">
            <PlainBar/>
            <main id="main">
                <div class="empty">
                    <Icon symbol=Symbol::Search/>
                    <h1>"There is nothing here"</h1>
                    <p>"The address may be mistyped, or what it showed was deleted."</p>
                    <div class="empty-actions"><a class="button" data-kind="primary" href="/">"Go to the overview"</a></div>
                </div>
            </main>
        </div>
    }
}
