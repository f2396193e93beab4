//! Who is told what. One broadcast channel a space, made when somebody listens; nobody listening costs a look-up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::live::Totals;
use domain::{MonitorId, SpaceId, Timestamp};
use tokio::sync::{broadcast, watch};

use super::totals::totals;
use crate::board::Board;

/// Messages that a slow tab may be behind before it gets a new snapshot.
const BEHIND: usize = 256;
/// Figures are at most this old.
const TOTALS_MS: i64 = 500;

/// What changed in a space.
#[derive(Debug, Clone)]
pub(crate) enum Touch {
    /// These monitors have news.
    Monitors(Arc<[MonitorId]>),
    /// Monitors were added, renamed, retagged or deleted.
    Lists,
    /// Something happened that people may want to be told: an incident, a notice, what became of a message.
    News,
    /// Runs of scheduled webhooks began or ended.
    Runs,
}

/// Tells feeds; clones are the same hub.
#[derive(Clone)]
pub(crate) struct Hub(Arc<Inner>);

struct Inner {
    spaces: Mutex<HashMap<SpaceId, broadcast::Sender<Touch>>>,
    totals: Mutex<HashMap<SpaceId, (Timestamp, Arc<Totals>)>>,
    /// What the database, and what the network gives reason to say.
    notices: Mutex<[String; 2]>,
    notice: watch::Sender<String>,
    people: watch::Sender<()>,
}

impl Hub {
    pub fn new() -> Self {
        let (notice, people) = (watch::Sender::new(String::new()), watch::Sender::new(()));
        Self(Arc::new(Inner { spaces: Mutex::default(), totals: Mutex::default(), notices: Mutex::default(), notice, people }))
    }

    pub fn subscribe(&self, space: SpaceId) -> broadcast::Receiver<Touch> {
        let mut spaces = self.0.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        spaces.retain(|id, sender| *id == space || sender.receiver_count() > 0);
        spaces.entry(space).or_insert_with(|| broadcast::channel(BEHIND).0).subscribe()
    }

    pub fn notices(&self) -> watch::Receiver<String> {
        self.0.notice.subscribe()
    }

    /// Wakes when somebody may have lost a right.
    pub fn people(&self) -> watch::Receiver<()> {
        self.0.people.subscribe()
    }

    /// Somebody may have lost a right: a session, an account, a membership, a role.
    pub fn people_changed(&self) {
        self.0.people.send_replace(());
    }

    /// What is the matter with the database; nothing when it is well.
    pub fn set_notice(&self, text: &str) {
        self.tell(|[database, _]| database, text);
    }

    /// What is the matter with the own network; nothing when it is there.
    pub fn set_network_notice(&self, text: &str) {
        self.tell(|[_, network]| network, text);
    }

    fn tell(&self, whose: fn(&mut [String; 2]) -> &mut String, text: &str) {
        let mut notices = self.0.notices.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone_into(whose(&mut notices));
        let said: Vec<&str> = notices.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let said = said.join(" ");
        self.0.notice.send_if_modified(|old| {
            let changed = *old != said;
            *old = said;
            changed
        });
    }

    /// Whether results are recorded.
    pub fn records(&self) -> bool {
        let [database, _] = &*self.0.notices.lock().unwrap_or_else(PoisonError::into_inner);
        database.is_empty()
    }

    pub fn notice(&self) -> String {
        self.0.notice.borrow().clone()
    }

    /// Monitors have news; the same one may be named often.
    pub fn touched(&self, mut monitors: Vec<(SpaceId, MonitorId)>) {
        monitors.sort_unstable();
        monitors.dedup();
        for group in monitors.chunk_by(|a, b| a.0 == b.0) {
            let Some((space, _)) = group.first() else { continue };
            self.send(*space, || Touch::Monitors(group.iter().map(|(_, id)| *id).collect()));
        }
    }

    /// The lists of a space changed.
    pub fn lists_changed(&self, space: SpaceId) {
        self.0.totals.lock().unwrap_or_else(PoisonError::into_inner).remove(&space);
        self.send(space, || Touch::Lists);
    }

    /// Something happened in a space that people may want to be told.
    pub fn news(&self, space: SpaceId) {
        self.send(space, || Touch::News);
    }

    /// Runs of scheduled webhooks of a space began or ended.
    pub fn runs(&self, space: SpaceId) {
        self.send(space, || Touch::Runs);
    }

    fn send(&self, space: SpaceId, touch: impl FnOnce() -> Touch) {
        let spaces = self.0.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = spaces.get(&space).filter(|s| s.receiver_count() > 0) {
            // Nobody listening any more is no failure.
            let _listeners = sender.send(touch());
        }
    }

    /// The figures of a space, computed at most twice a second however many ask.
    pub fn totals(&self, board: &Board, space: SpaceId, now: Timestamp) -> Arc<Totals> {
        let mut cache = self.0.totals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, figures)) = cache.get(&space)
            && (now.as_millis() - at.as_millis()).abs() < TOTALS_MS
        {
            return Arc::clone(figures);
        }
        if cache.len() > 1_000 {
            cache.retain(|_, (at, _)| now.as_millis() - at.as_millis() < 60_000);
        }
        let figures = Arc::new(totals(&board.of(space), now));
        cache.insert(space, (now, Arc::clone(&figures)));
        figures
    }
}
