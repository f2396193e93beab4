//! Line icons on a grid of 16, and the logo. Drawn for Loopr; always beside a word or with a label of their owner.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    Alert,
    Bell,
    Bolt,
    Chart,
    Check,
    Chevron,
    Clock,
    Close,
    Copy,
    Dots,
    Door,
    Edit,
    Flame,
    Gear,
    Home,
    List,
    Key,
    Pause,
    Person,
    Plus,
    Pulse,
    Search,
    Shield,
    SortDown,
    Space,
    Stack,
    UpDown,
    Wrench,
}

impl Symbol {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2.2 14.4 13.4H1.6zM8 6.4v3M8 11.4h.01",
            Self::Bell => {
                "M8 2.2a3.8 3.8 0 0 0-3.8 3.8c0 3.6-1.4 4.8-1.4 4.8h10.4s-1.4-1.2-1.4-4.8A3.8 3.8 0 0 0 8 2.2zM6.8 13.2a1.3 1.3 0 0 0 2.4 0"
            }
            Self::Bolt => "M8.8 1.8 3.4 9h4.2l-.6 5.2L12.6 7H8.3z",
            Self::Chart => "M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5",
            Self::Check => "M3 8.5l3.2 3L13 4.8",
            Self::Chevron => "M6 4l4 4-4 4",
            Self::Clock => "M8 14.2a6.2 6.2 0 1 0 0-12.4 6.2 6.2 0 0 0 0 12.4zM8 4.6V8l2.4 1.6",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Copy => "M5.8 5.8V3h7.4v7.4h-2.8M2.8 5.8h7.4v7.4H2.8z",
            Self::Dots => "M3.5 8h.01M8 8h.01M12.5 8h.01",
            Self::Door => "M9.5 2.5h-6v11h6M7 8h6.5M11 5.5 13.5 8 11 10.5",
            Self::Edit => "M2.8 13.2l.6-2.9 7.3-7.3 2.3 2.3-7.3 7.3zM9 4.7 11.3 7",
            Self::Flame => {
                "M8 1.8c.4 2.6 3.9 4 3.9 7.6A3.9 3.9 0 0 1 8 13.6a3.9 3.9 0 0 1-3.9-4.2c0-1.7.9-2.6 1.6-3.6.3 1 .8 1.5 1.4 1.7C6.8 5.2 7.2 3.2 8 1.8z"
            }
            Self::Gear => {
                "M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM8 1.8v1.6M8 12.6v1.6M1.8 8h1.6M12.6 8h1.6M3.6 3.6l1.1 1.1M11.3 11.3l1.1 1.1M3.6 12.4l1.1-1.1M11.3 4.7l1.1-1.1"
            }
            Self::Home => "M2.5 7.2 8 2.6l5.5 4.6v6.2h-3.7v-3.6H6.2v3.6H2.5z",
            Self::Key => "M9.6 9.4a3.6 3.6 0 1 0-3-3L2.4 10.6v3h3v-1.8h1.8V10zM10.8 5.2h.01",
            Self::List => "M5.5 4h8M5.5 8h8M5.5 12h8M2.6 4h.01M2.6 8h.01M2.6 12h.01",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Person => "M8 7.8a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM3 13.6c.5-2.4 2.5-3.6 5-3.6s4.5 1.2 5 3.6",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Pulse => "M1.8 8.4h2.8l1.8-4.6 3.2 8.4 1.8-3.8h2.8",
            Self::Search => "M7.2 12a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6zM10.8 10.8 14 14",
            Self::Shield => "M8 1.8 13 3.6v4c0 3.2-2.1 5.5-5 6.6-2.9-1.1-5-3.4-5-6.6v-4z",
            Self::SortDown => "M8 3v10M4.5 9.5 8 13l3.5-3.5",
            Self::Space => "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
            Self::Stack => "M8 2 14 5 8 8 2 5zM2.5 8 8 10.8 13.5 8M2.5 11 8 13.8 13.5 11",
            Self::UpDown => "M5 6l3-3 3 3M5 10l3 3 3-3",
            Self::Wrench => {
                "M13.4 5.2a3.6 3.6 0 0 1-4.9 4.2l-4.2 4.2a1.4 1.4 0 0 1-2-2l4.2-4.2a3.6 3.6 0 0 1 4.2-4.9L8.6 4.6l.5 2.3 2.3.5z"
            }
        }
    }
}

/// An icon; hidden from screen readers, which get the word beside it.
#[component]
pub fn Icon(symbol: Symbol) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=symbol.path()></path>
        </svg>
    }
}

/// The logo: an open ring with a pulse inside.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M20.6 4.9A12 12 0 1 1 9.4 5.9"></path>
            <path d="M8.6 17h3.6l2.6-6.2 4 10.6 2.1-4.4h2.5"></path>
        </svg>
    }
}
