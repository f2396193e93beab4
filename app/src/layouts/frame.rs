//! The frame of the product. Visitors see the landing page at `/` and are asked to sign in elsewhere.

use leptos::prelude::*;
use leptos_router::components::{Outlet, Redirect};
use leptos_router::hooks::use_location;

use super::navigation::{Sidebar, TabBar};
use super::news::News;
use super::topbar::TopBar;
use crate::components::{Banner, ToastList, Toasts, Tone};
use crate::live::{Live, live};
use crate::pages::{Landing, NoSpace};
use crate::search::{Keys, Palette, PaletteSwitch};
use crate::session::{kept_notice, session};

/// Decides by the session what its reader gets to see.
#[component]
pub fn Frame() -> impl IntoView {
    let session = session();
    let (signed_in, needs_setup, space) = session.with_value(|s| (s.visitor.is_some(), s.needs_setup, s.space().map(|s| s.id)));
    let notice = session.with_value(|s| s.notice.clone());
    let path = use_location().pathname;
    let here = path.get_untracked();
    if signed_in {
        Live::provide(space, notice);
        News::provide(space.is_some());
        PaletteSwitch::provide();
        ToastList::provide();
        let elsewhere = move || path.with(|p| p.starts_with("/admin") || p.starts_with("/settings"));
        let homeless = Memo::new(move |_| space.is_none() && !elsewhere());
        view! { <Signed homeless/> }.into_any()
    } else if needs_setup {
        view! { <Redirect path="/setup"/> }.into_any()
    } else if here == "/" {
        view! { <Landing/> }.into_any()
    } else {
        view! { <Redirect path=format!("/sign-in?next={here}")/> }.into_any()
    }
}

#[component]
fn Signed(homeless: Memo<bool>) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <div class="shell">
            <Sidebar/>
            <TopBar/>
            <main id="main" class="page" tabindex="-1">
                <Notices/>
                {move || if homeless.get() { view! { <NoSpace/> }.into_any() } else { view! { <Outlet/> }.into_any() }}
            </main>
            <TabBar/>
        </div>
        <Toasts/>
        <Palette/>
        <Keys/>
    }
}

/// What everybody should see: trouble of the instance, a newer build, and what became of a plain form.
#[component]
fn Notices() -> impl IntoView {
    let live = live();
    view! {
        {move || kept_notice().map(|said| match said {
            Ok(text) => view! { <Banner tone=Tone::Good>{text}</Banner> },
            Err(text) => view! { <Banner tone=Tone::Bad>{text}</Banner> },
        })}
        {move || live.notice.get().map(|text| view! { <Banner tone=Tone::Bad>{text}</Banner> })}
        <Show when=move || live.outdated.get()>
            <Banner tone=Tone::Good>
                "A new version is available. "
                <a class="link" href="" rel="external">"Reload"</a>
            </Banner>
        </Show>
    }
}
