//! The frame of pages without navigation: sign in, sign up, set-up, invitations.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::components::{Failure, Logo};
use crate::error::ApiError;
use crate::session::SessionResource;

/// Loads the session for the page inside.
#[component]
pub fn Plain() -> impl IntoView {
    let resource = expect_context::<SessionResource>().0;
    view! {
        <div class="plain">
            <PlainBar/>
            <main id="main" tabindex="-1">
                <Transition>
                    {Suspend::new(async move {
                        match resource.await {
                            Ok(session) => {
                                provide_context(StoredValue::new(session));
                                view! { <Outlet/> }.into_any()
                            }
                            Err(ApiError(error)) => view! { <Failure error/> }.into_any(),
                        }
                    })}
                </Transition>
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
