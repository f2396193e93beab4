//! What changes by itself: one signal a monitor, fed by the websocket. A view asks for the signal of its monitor, so one
//! event renders one row again.

mod socket;

use std::collections::HashMap;

use domain::live::{MonitorLive, ServerMessage, Totals};
use domain::{MonitorId, SpaceId};
use leptos::prelude::*;

use crate::environment::{Environment, environment};

/// How fresh the page is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Link {
    /// Not connected yet.
    #[default]
    Opening,
    /// Values are live.
    Live,
    /// The connection was lost and is tried again.
    Lost,
}

/// The live values of the open space.
#[derive(Clone, Copy)]
pub struct Live {
    env: Environment,
    monitors: StoredValue<HashMap<MonitorId, ArcRwSignal<MonitorLive>>>,
    /// The figures of the space.
    pub totals: RwSignal<Option<Totals>>,
    /// How fresh the page is.
    pub link: RwSignal<Link>,
    /// Rises when a list is stale.
    pub lists: RwSignal<u32>,
    /// Rises when incidents, the bell or messages are stale.
    pub news: RwSignal<u32>,
    /// Rises when runs of scheduled webhooks began or ended.
    pub runs: RwSignal<u32>,
    /// A sentence that everybody should see.
    pub notice: RwSignal<Option<String>>,
    /// The server runs another build than this page.
    pub outdated: RwSignal<bool>,
    watched: RwSignal<Option<(SpaceId, Vec<MonitorId>)>>,
}

impl Live {
    /// Makes the registry and, in the browser, opens the socket. `notice` was true when the page was made.
    pub fn provide(space: Option<SpaceId>, notice: Option<String>) -> Self {
        let live = Self {
            env: environment(),
            monitors: StoredValue::default(),
            totals: RwSignal::new(None),
            link: RwSignal::new(Link::Opening),
            lists: RwSignal::new(0),
            news: RwSignal::new(0),
            runs: RwSignal::new(0),
            notice: RwSignal::new(notice),
            outdated: RwSignal::new(false),
            watched: RwSignal::new(space.map(|space| (space, Vec::new()))),
        };
        provide_context(live);
        if space.is_some() {
            socket::keep_open(live);
        }
        live
    }

    /// The signal of a monitor, set to what a page has just loaded.
    pub fn signal(self, loaded: &MonitorLive) -> ArcRwSignal<MonitorLive> {
        let known = self.monitors.with_value(|all| all.get(&loaded.id).cloned());
        match known {
            Some(signal) => {
                if signal.with_untracked(|there| there != loaded) {
                    signal.set(loaded.clone());
                }
                signal
            }
            None => {
                let signal = ArcRwSignal::new(loaded.clone());
                self.monitors.update_value(|all| {
                    all.insert(loaded.id, signal.clone());
                });
                signal
            }
        }
    }

    /// Says which monitors are on the screen; others are forgotten.
    pub fn watch(self, ids: Vec<MonitorId>) {
        self.monitors.update_value(|all| all.retain(|id, _| ids.contains(id)));
        self.watched.update(|watched| {
            if let Some((_, there)) = watched {
                *there = ids;
            }
        });
    }

    fn take(self, message: ServerMessage) {
        match message {
            ServerMessage::Snapshot { build, now, totals, monitors, .. } => {
                self.env.set_clock(now);
                self.outdated.set(self.env.build.with_value(|mine| !mine.is_empty() && *mine != build));
                self.totals.set(Some(totals));
                self.set_all(monitors);
                self.link.set(Link::Live);
                // What happened while nobody was connected is not told one by one.
                self.news.update(|n| *n += 1);
                self.runs.update(|n| *n += 1);
            }
            ServerMessage::Changes { totals, monitors, lists_changed, news, runs, .. } => {
                if let Some(totals) = totals {
                    self.totals.set(Some(totals));
                }
                self.set_all(monitors);
                if lists_changed {
                    self.lists.update(|n| *n += 1);
                }
                if news {
                    self.news.update(|n| *n += 1);
                }
                if runs {
                    self.runs.update(|n| *n += 1);
                }
            }
            ServerMessage::Notice { text } => self.notice.set(Some(text).filter(|t| !t.is_empty())),
        }
    }

    fn set_all(self, monitors: Vec<MonitorLive>) {
        for live in monitors {
            if let Some(signal) = self.monitors.with_value(|all| all.get(&live.id).cloned()) {
                signal.set(live);
            }
        }
    }
}

/// The live values of the page.
pub fn live() -> Live {
    expect_context()
}
