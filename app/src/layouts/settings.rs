//! Settings: the sections on the left, one of them on the right.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use crate::browser;
use crate::session::session;

#[component]
fn Section(href: &'static str, word: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    // The bare address of the settings shows the profile.
    let here = move || path.with(|p| p == href || (p.trim_end_matches('/') == "/settings" && href.ends_with("profile")));
    view! { <a class="nav-item" href=href aria-current=move || here().then_some("page")>{word}</a> }
}

/// The frame of all settings.
#[component]
pub fn SettingsFrame() -> impl IntoView {
    // On a phone the sections are a strip that scrolls: the one that is open is in sight.
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        request_animation_frame(|| {
            if let (Some(strip), Some(open)) = (browser::find(".settings-nav"), browser::find(".settings-nav [aria-current]")) {
                strip.set_scroll_left(open.offset_left() - 40);
            }
        });
    });
    let space = session().with_value(|s| s.space().map(|s| s.name.clone()));
    view! {
        <div class="settings">
            <nav class="settings-nav" aria-label="Settings">
                <h2>"You"</h2>
                <Section href="/settings/profile" word="Profile"/>
                <Section href="/settings/security" word="Password and sessions"/>
                <Section href="/settings/appearance" word="Appearance"/>
                <h2>{space.clone().unwrap_or_else(|| "Spaces".to_owned())}</h2>
                <Section href="/settings/space" word="Space"/>
                {space.is_some().then(|| view! {
                    <Section href="/settings/notifications" word="Your notifications"/>
                    <Section href="/settings/members" word="Members"/>
                    <Section href="/settings/tokens" word="API tokens"/>
                })}
            </nav>
            <div class="stack"><Outlet/></div>
        </div>
    }
    .into_any()
}
