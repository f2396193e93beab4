//! What every view needs to render the same text on the server and in the browser: the clock, the reader's zone, the
//! theme and the build. The shell writes them on `<html data-…>`, so both sides begin with equal values; afterwards the
//! browser's clock and zone take over.

use std::time::Duration;

use domain::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser;

/// The colours that the reader chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of the cookie and of `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// The clock, zone, theme and build of a page.
#[derive(Clone, Copy)]
pub struct Environment {
    /// The server's clock, moving on in the browser once a second.
    pub now: RwSignal<Timestamp>,
    /// How far the server's clock is ahead of the browser's, in milliseconds.
    pub ahead_ms: StoredValue<i64>,
    /// An IANA name.
    pub zone: RwSignal<String>,
    /// The chosen theme.
    pub theme: RwSignal<Theme>,
    /// The build of the page.
    pub build: StoredValue<String>,
    /// Whether the page is hydrated: what needs the wasm is shown then.
    pub hydrated: RwSignal<bool>,
}

impl Environment {
    /// Reads the values of the request (server) or of the page (browser).
    pub fn read() -> Self {
        let (now, zone, theme, build) = initial();
        Self {
            now: RwSignal::new(now),
            ahead_ms: StoredValue::new(0),
            zone: RwSignal::new(zone),
            theme: RwSignal::new(theme),
            build: StoredValue::new(build),
            hydrated: RwSignal::new(false),
        }
    }

    /// Starts what only a browser has: its clock and its zone.
    pub fn start(self) {
        Effect::new(move |_| {
            browser::mark_hydrated();
            self.hydrated.set(true);
            if let Some(zone) = browser::zone().filter(|z| *z != self.zone.get_untracked()) {
                browser::set_cookie("loopr_zone", &zone);
                self.zone.set(zone);
            }
            self.ahead_ms.set_value(self.now.get_untracked().as_millis() - browser::now_ms());
            let tick = move || self.now.set(Timestamp::from_millis(browser::now_ms() + self.ahead_ms.get_value()));
            if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
                on_cleanup(move || handle.clear());
            }
        });
    }

    /// Corrects the clock by an instant that the server just told.
    pub fn set_clock(self, server_now: Timestamp) {
        self.ahead_ms.set_value(server_now.as_millis() - browser::now_ms());
        self.now.set(server_now);
    }
}

/// The environment of the page.
pub fn environment() -> Environment {
    expect_context()
}

#[cfg(feature = "ssr")]
fn initial() -> (Timestamp, String, Theme, String) {
    match crate::context::PageContext::get() {
        Ok(page) => (page.engine.now(), page.zone.clone(), page.theme, page.assets.build.clone()),
        // While routes are listed there is no request.
        Err(_) => (Timestamp::default(), "UTC".into(), Theme::System, String::new()),
    }
}

#[cfg(not(feature = "ssr"))]
fn initial() -> (Timestamp, String, Theme, String) {
    let data = |name: &str| browser::root_data(name).unwrap_or_default();
    let now = Timestamp::from_millis(data("now").parse().unwrap_or_default());
    (now, data("zone"), Theme::from_name(&data("theme")).unwrap_or_default(), data("build"))
}
