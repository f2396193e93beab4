//! Where one can go: the sidebar, and the tab bar of phones. Only what exists, and only what the reader may see.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::news::News;
use super::space_switcher::SpaceSwitcher;
use crate::components::{Icon, Logo, Symbol};
use crate::session::session;

#[derive(Clone, Copy)]
struct Place {
    href: &'static str,
    word: &'static str,
    symbol: Symbol,
    /// Paths that belong to the place begin with it.
    root: &'static str,
}

const OVERVIEW: Place = Place { href: "/", word: "Overview", symbol: Symbol::Home, root: "/monitors" };
const INCIDENTS: Place = Place { href: "/incidents", word: "Incidents", symbol: Symbol::Flame, root: "/incidents" };
const ANALYTICS: Place = Place { href: "/analytics", word: "Analytics", symbol: Symbol::Chart, root: "/analytics" };
const ALERTS: Place = Place { href: "/alerts", word: "Alerts", symbol: Symbol::Bell, root: "/alerts" };
const ACTIVITY: Place = Place { href: "/activity", word: "Activity", symbol: Symbol::List, root: "/activity" };
const MAINTENANCE: Place = Place { href: "/maintenance", word: "Maintenance", symbol: Symbol::Wrench, root: "/maintenance" };
const WEBHOOKS: Place = Place { href: "/webhooks", word: "Webhooks", symbol: Symbol::Clock, root: "/webhooks" };
const SETTINGS: Place = Place { href: "/settings/profile", word: "Settings", symbol: Symbol::Gear, root: "/settings" };
const ADMINISTRATION: Place = Place { href: "/admin/accounts", word: "Administration", symbol: Symbol::Shield, root: "/admin" };

#[component]
fn PlaceLink(place: Place, class: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let here = move || path.with(|p| p == place.href);
    let within = move || path.with(|p| p == place.href || p.starts_with(place.root));
    view! {
        <a
            class=class
            href=place.href
            aria-current=move || here().then_some("page")
            data-current=move || within().then_some("true")
        >
            <Icon symbol=place.symbol/>
            <span>{place.word}</span>
            {(place.href == INCIDENTS.href).then(|| view! { <OpenIncidents/> })}
        </a>
    }
}

/// How many incidents are not over.
#[component]
fn OpenIncidents() -> impl IntoView {
    let news = expect_context::<News>();
    let open = move || news.get().map(|counts| counts.open).filter(|open| *open > 0);
    view! {
        <Transition>
            {move || open().map(|open| view! { <span class="count-badge" data-state="down">{open}<span class="visually-hidden">" not over"</span></span> })}
        </Transition>
    }
}

/// The navigation on the left.
#[component]
pub fn Sidebar() -> impl IntoView {
    let admin = session().with_value(crate::session::Session::is_admin);
    view! {
        <aside class="sidebar" aria-label="Space and pages">
            <a class="brand" href="/"><Logo/><span>"Loopr"</span></a>
            <SpaceSwitcher/>
            <nav class="nav" aria-label="Main">
                <PlaceLink place=OVERVIEW class="nav-item"/>
                <PlaceLink place=INCIDENTS class="nav-item"/>
                <PlaceLink place=ANALYTICS class="nav-item"/>
                <PlaceLink place=ALERTS class="nav-item"/>
                <PlaceLink place=WEBHOOKS class="nav-item"/>
                <PlaceLink place=MAINTENANCE class="nav-item"/>
                <PlaceLink place=ACTIVITY class="nav-item"/>
                <PlaceLink place=SETTINGS class="nav-item"/>
                {admin.then(|| view! { <PlaceLink place=ADMINISTRATION class="nav-item"/> })}
            </nav>
        </aside>
    }
}

/// The navigation at the bottom of a phone.
#[component]
pub fn TabBar() -> impl IntoView {
    view! {
        <nav class="tabbar" aria-label="Main, below">
            <PlaceLink place=OVERVIEW class="tab"/>
            <PlaceLink place=INCIDENTS class="tab"/>
            <PlaceLink place=ANALYTICS class="tab"/>
            <PlaceLink place=ALERTS class="tab"/>
            <PlaceLink place=WEBHOOKS class="tab"/>
            <PlaceLink place=SETTINGS class="tab"/>
        </nav>
    }
}
