//! Maintenance windows in memory: which are open now, which monitors they cover, and the task that has the recorder look
//! when one begins or ends.
//!
//! Invariant: nothing is decided here. What is open follows from the windows and the time alone, so a restart in the middle
//! of a window, a clock that is set and a window that somebody changes all lead to the same look of the recorder.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::maintenance::{Calendar, Look, Window};
use domain::{MonitorId, SpaceId, Timestamp, WindowId};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::record::{Command, RecorderHandle};

/// How often it is looked for new monitors of an open window, and for a clock that was set.
const LOOK: Duration = Duration::from_secs(1);

/// A window, ready to be asked.
pub(crate) struct Planned {
    pub window: Window,
    pub calendar: Calendar,
}

/// The windows of a space at an instant.
pub(crate) struct Opened {
    /// When it was looked.
    at: Timestamp,
    /// Until when the looks hold; none: for ever.
    until: Option<Timestamp>,
    /// The windows and what they mean.
    pub windows: Vec<(Arc<Planned>, Look)>,
}

impl Opened {
    fn of(windows: &[Arc<Planned>], now: Timestamp) -> Self {
        let looks: Vec<_> = windows.iter().map(|planned| (Arc::clone(planned), planned.window.look(&planned.calendar, now))).collect();
        let until = looks.iter().filter_map(|(_, look)| look.changes_at()).min();
        Self { at: now, until, windows: looks }
    }

    fn holds(&self, now: Timestamp) -> bool {
        now >= self.at && self.until.is_none_or(|until| now < until)
    }

    fn any_open(&self) -> bool {
        self.windows.iter().any(|(_, look)| look.open.is_some())
    }

    /// Since when a monitor is in a window, if it is in one.
    pub fn covers(&self, id: MonitorId, tags: &[String]) -> Option<Timestamp> {
        let including = self.windows.iter().filter(|(planned, _)| planned.window.spec.covers.includes(id, tags));
        including.filter_map(|(_, look)| look.open.map(|open| open.from)).min()
    }

    /// When the last window of a monitor ended that was open after an instant; `now` when it was changed or deleted instead.
    pub fn ended(&self, id: MonitorId, tags: &[String], after: Timestamp, now: Timestamp) -> Timestamp {
        let including = self.windows.iter().map(|(planned, _)| planned).filter(|p| p.window.spec.covers.includes(id, tags));
        including.filter_map(|p| p.window.last_end(&p.calendar, after, now)).max().unwrap_or(now)
    }
}

/// All windows of this node.
#[derive(Default)]
pub(crate) struct Windows {
    spaces: RwLock<HashMap<SpaceId, Space>>,
    changed: Notify,
}

#[derive(Default)]
struct Space {
    windows: Vec<Arc<Planned>>,
    opened: Option<Arc<Opened>>,
}

impl Windows {
    /// Of the windows in the database. One whose zone or expression this build does not know any more never opens.
    pub fn of(windows: Vec<Window>) -> Self {
        let all = Self::default();
        for window in windows {
            let id = window.id;
            match Calendar::new(&window.spec) {
                Ok(calendar) => all.put(Planned { window, calendar }),
                Err(error) => tracing::error!(window.id = %id, error, "a maintenance window cannot be planned and does not open"),
            }
        }
        all
    }

    /// Adds or replaces one.
    pub fn put(&self, planned: Planned) {
        let mut spaces = self.spaces.write().unwrap_or_else(PoisonError::into_inner);
        let space = spaces.entry(planned.window.space).or_default();
        let planned = Arc::new(planned);
        match space.windows.iter_mut().find(|known| known.window.id == planned.window.id) {
            Some(known) => *known = planned,
            None => space.windows.push(planned),
        }
        space.opened = None;
        drop(spaces);
        self.changed.notify_one();
    }

    /// Forgets one.
    pub fn remove(&self, space: SpaceId, id: WindowId) {
        let mut spaces = self.spaces.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(space) = spaces.get_mut(&space) {
            space.windows.retain(|known| known.window.id != id);
            space.opened = None;
        }
    }

    /// Forgets all of a space that is gone.
    pub fn remove_space(&self, space: SpaceId) {
        self.spaces.write().unwrap_or_else(PoisonError::into_inner).remove(&space);
    }

    /// One of a space.
    pub fn get(&self, space: SpaceId, id: WindowId) -> Option<Arc<Planned>> {
        self.of_space(space).into_iter().find(|planned| planned.window.id == id)
    }

    /// Those of a space, in order of creation.
    pub fn of_space(&self, space: SpaceId) -> Vec<Arc<Planned>> {
        let spaces = self.spaces.read().unwrap_or_else(PoisonError::into_inner);
        let mut windows = spaces.get(&space).map(|space| space.windows.clone()).unwrap_or_default();
        windows.sort_by_key(|planned| planned.window.id);
        windows
    }

    /// What the windows of a space mean now; looked at again only when that may have changed.
    pub fn opened(&self, space: SpaceId, now: Timestamp) -> Arc<Opened> {
        let spaces = self.spaces.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = spaces.get(&space) else { return Arc::new(Opened::of(&[], now)) };
        if let Some(opened) = known.opened.as_ref().filter(|opened| opened.holds(now)) {
            return Arc::clone(opened);
        }
        drop(spaces);
        let mut spaces = self.spaces.write().unwrap_or_else(PoisonError::into_inner);
        let known = spaces.entry(space).or_default();
        let opened = Arc::new(Opened::of(&known.windows, now));
        known.opened = Some(Arc::clone(&opened));
        opened
    }

    fn spaces(&self) -> Vec<SpaceId> {
        self.spaces.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

/// Has the recorder look at the monitors of a space when a window there begins, is open or ends.
pub(crate) struct Watch {
    pub windows: Arc<Windows>,
    pub recorder: RecorderHandle,
    pub clock: Clock,
}

impl Watch {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut seen: HashMap<SpaceId, Arc<Opened>> = HashMap::new();
        loop {
            let (now, elapsed) = self.clock.reading();
            let mut sleep = LOOK;
            for space in self.windows.spaces() {
                let opened = self.windows.opened(space, now);
                let before = seen.insert(space, Arc::clone(&opened));
                if opened.any_open() || before.is_none_or(|before| !Arc::ptr_eq(&before, &opened)) {
                    // The recorder is gone only when everything stops.
                    let _stopping = self.recorder.send(Command::Look { space, done: None }).await;
                }
                if let Some(until) = opened.until {
                    sleep = sleep.min(until.since(now));
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.windows.changed.notified() => {}
                () = self.clock.sleep_until(elapsed + sleep) => {}
            }
        }
    }
}
