//! How many messages a destination gets within a minute: a few one by one, then one that tells the rest.

use std::time::Duration;

use domain::Timestamp;

/// The window in which messages are counted.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);
/// Messages within a window that are told one by one.
pub(crate) const SINGLES: usize = 5;

/// What a destination got lately.
#[derive(Debug, Default)]
pub(crate) struct Window {
    began_at: Timestamp,
    singles: usize,
    grouped: bool,
}

impl Window {
    /// Begins a new window when the last one is over. A clock that was set back begins one, too.
    pub fn roll(&mut self, now: Timestamp) {
        if now >= self.ends_at() || now < self.began_at {
            *self = Self { began_at: now, ..Self::default() };
        }
    }

    /// When it is over.
    pub fn ends_at(&self) -> Timestamp {
        self.began_at.plus(WINDOW)
    }

    /// Whether so many more may be told one by one.
    pub fn has_room_for(&self, count: usize) -> bool {
        !self.grouped && self.singles.saturating_add(count) <= SINGLES
    }

    /// Whether what is too much may be told together now.
    pub fn may_group(&self) -> bool {
        !self.grouped
    }

    /// So many were told one by one.
    pub fn sent(&mut self, count: usize) {
        self.singles = self.singles.saturating_add(count);
    }

    /// The rest was told together.
    pub fn grouped(&mut self) {
        self.grouped = true;
    }
}
