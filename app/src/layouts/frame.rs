//! The frame of the product. Visitors see the landing page at `/` and are asked to sign in elsewhere.

use leptos::prelude::*;
use leptos_router::components::{Outlet, Redirect};
use leptos_router::hooks::use_location;

use super::navigation::{Sidebar, TabBar};
use super::topbar::TopBar;
use crate::components::{Banner, Failure, ToastList, Toasts, Tone};
use crate::error::ApiError;
use crate::live::{Live, live};
use crate::pages::{Landing, NoSpace};
use crate::search::{Keys, Palette, PaletteSwitch};
use crate::session::{Session, SessionResource};

/// Loads the session, then decides what its reader gets to see. Once: what changes the session loads the page anew, and a
/// view that makes resources must not be made twice on the server (their numbers would differ from the browser's).
#[component]
pub fn Frame() -> impl IntoView {
    let resource = expect_context::<SessionResource>().0;
    view! {
        <Transition>
            {Suspend::new(async move {
                match resource.await {
                    Ok(session) => view! { <Gate session/> }.into_any(),
                    Err(ApiError(error)) => view! { <div class="plain"><main><Failure error/></main></div> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Gate(session: Session) -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    let signed_in = session.visitor.is_some();
    let (needs_setup, without_space) = (session.needs_setup, session.space().is_none());
    let space = session.space().map(|s| s.id);
    let notice = session.notice.clone();
    provide_context(StoredValue::new(session));
    if signed_in {
        Live::provide(space, notice);
        PaletteSwitch::provide();
        ToastList::provide();
        let homeless = without_space && !path.starts_with("/admin") && !path.starts_with("/settings");
        view! { <Signed homeless/> }.into_any()
    } else if needs_setup {
        view! { <Redirect path="/setup"/> }.into_any()
    } else if path == "/" {
        view! { <Landing/> }.into_any()
    } else {
        view! { <Redirect path=format!("/sign-in?next={path}")/> }.into_any()
    }
}

#[component]
fn Signed(homeless: bool) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <div class="shell">
            <Sidebar/>
            <TopBar/>
            <main id="main" class="page" tabindex="-1">
                <Notices/>
                {if homeless { view! { <NoSpace/> }.into_any() } else { view! { <Outlet/> }.into_any() }}
            </main>
            <TabBar/>
        </div>
        <Toasts/>
        <Palette/>
        <Keys/>
    }
}

/// What everybody should see: trouble of the instance, and a newer build.
#[component]
fn Notices() -> impl IntoView {
    let live = live();
    view! {
        {move || live.notice.get().map(|text| view! { <Banner tone=Tone::Bad>{text}</Banner> })}
        <Show when=move || live.outdated.get()>
            <Banner tone=Tone::Good>
                "A new version is available. "
                <a class="link" href="" rel="external">"Reload"</a>
            </Banner>
        </Show>
    }
}
