//! The bar above every page: search, how fresh the page is, the reader's own menu.

use leptos::prelude::*;

use super::account_menu::AccountMenu;
use super::news::Bell;
use crate::components::{Icon, Logo, Symbol};
use crate::environment::environment;
use crate::live::{Link, live};
use crate::search::PaletteSwitch;

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label="Loopr, overview"><Logo/></a>
            <SearchTrigger/>
            <div class="topbar-end">
                <LiveStatus/>
                <Bell/>
                <AccountMenu/>
            </div>
        </header>
    }
}

/// Without the wasm a search form of the overview; with it, the way into the command palette.
#[component]
fn SearchTrigger() -> impl IntoView {
    let env = environment();
    let palette = expect_context::<PaletteSwitch>();
    view! {
        <Show
            when=move || env.hydrated.get()
            fallback=|| {
                view! {
                    <form class="search-trigger" role="search" action="/" method="get">
                        <Icon symbol=Symbol::Search/>
                        <input type="search" name="q" aria-label="Search monitors" placeholder="Search or jump to…"/>
                    </form>
                }
            }
        >
            <button
                type="button"
                class="search-trigger"
                aria-keyshortcuts="Control+K Meta+K"
                on:click=move |_| palette.0.set(true)
            >
                <Icon symbol=Symbol::Search/>
                <span>"Search or jump to…"</span>
                <kbd>"Ctrl K"</kbd>
            </button>
        </Show>
    }
}

#[component]
fn LiveStatus() -> impl IntoView {
    let env = environment();
    let link = live().link;
    let state = move || match link.get() {
        Link::Opening => "opening",
        Link::Live => "live",
        Link::Lost => "lost",
    };
    let word = move || match link.get() {
        Link::Opening => "Connecting",
        Link::Live => "Live",
        Link::Lost => "Reconnecting",
    };
    view! {
        <Show when=move || env.hydrated.get()>
            <span class="live-status" role="status" data-state=state>{word}</span>
        </Show>
    }
}
