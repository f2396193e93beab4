//! Which row of the journal holds checks of which hours, so that rows whose hours are all sealed can be deleted; and whether
//! the journal was read after the start.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use domain::time::HOUR_MS;
use tokio::sync::watch;

/// The fact that says up to which instant every check is in a segment; rows of the journal that are older may be gone.
pub(crate) const SEALED_TO: &str = "sealed_to";

/// What is known of the journal. The recorder writes it, who seals trims it.
pub(crate) struct Marks {
    state: Mutex<State>,
    replayed: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    /// The number of the next row.
    next: i64,
    /// Rows below are deleted.
    trimmed: i64,
    /// The first row that holds a check of an hour.
    first: BTreeMap<Timestamp, i64>,
    /// A row is being written: its checks are not in memory yet.
    writing: bool,
}

/// What can be deleted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trimmable {
    /// Every check before this instant is in a segment.
    pub sealed_to: Timestamp,
    /// The first row to delete.
    pub from: i64,
    /// The first row to keep.
    pub to: i64,
}

impl Marks {
    pub fn new() -> Self {
        Self { state: Mutex::default(), replayed: watch::Sender::new(false) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a row that was read at start.
    pub fn read(&self, seq: i64, instants: impl Iterator<Item = Timestamp>) {
        let mut state = self.state();
        if state.next == 0 {
            state.trimmed = seq;
        }
        state.next = seq + 1;
        state.note(seq, instants);
    }

    /// Everything was read.
    pub fn set_replayed(&self) {
        self.replayed.send_replace(true);
    }

    /// Waits until the journal was read: before that, memory does not hold the open hours.
    pub async fn replayed(&self) {
        let mut replayed = self.replayed.subscribe();
        // An error would mean that the sender is gone, which `self` holds.
        let _held = replayed.wait_for(|replayed| *replayed).await;
    }

    /// Gives the number of a row that is about to be written.
    pub fn begin(&self, instants: impl Iterator<Item = Timestamp>) -> i64 {
        let mut state = self.state();
        let seq = state.next;
        state.next += 1;
        state.writing = true;
        state.note(seq, instants);
        seq
    }

    /// The row is written, and its checks are in memory.
    pub fn written(&self) {
        self.state().writing = false;
    }

    /// What can be deleted once every hour before `until` is sealed; `oldest_open` says which hour is the oldest that is not.
    /// Nothing while a row is being written: what it holds is neither here nor there.
    pub fn trimmable(&self, until: Timestamp, oldest_open: impl FnOnce() -> Option<Timestamp>) -> Option<Trimmable> {
        let mut state = self.state();
        if state.writing {
            return None;
        }
        let until = until.floor(HOUR_MS);
        if state.first.keys().next().is_none_or(|oldest| *oldest >= until) {
            return None;
        }
        let sealed_to = oldest_open().map_or(until, |oldest| oldest.min(until));
        state.first = state.first.split_off(&sealed_to);
        // The last row stays, so that numbers go on rising after a restart.
        let to = state.first.values().min().copied().unwrap_or(state.next).min(state.next - 1);
        (to > state.trimmed).then_some(Trimmable { sealed_to, from: state.trimmed, to })
    }

    /// Rows below a number are deleted.
    pub fn trimmed(&self, to: i64) {
        self.state().trimmed = to;
    }
}

impl State {
    fn note(&mut self, seq: i64, instants: impl Iterator<Item = Timestamp>) {
        for at in instants {
            self.first.entry(at.floor(HOUR_MS)).or_insert(seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_millis(n * HOUR_MS)
    }

    fn written(marks: &Marks, hours: &[i64]) {
        marks.begin(hours.iter().map(|n| hour(*n)));
        marks.written();
    }

    #[test]
    fn a_row_stays_while_one_of_its_hours_is_open() {
        let marks = Marks::new();
        for hours in [&[1][..], &[1, 2], &[2], &[2, 3], &[3]] {
            written(&marks, hours);
        }
        assert_eq!(marks.trimmable(hour(1), || None), None);
        assert_eq!(marks.trimmable(hour(3), || Some(hour(2))), Some(Trimmable { sealed_to: hour(2), from: 0, to: 1 }));
        marks.trimmed(1);
        assert_eq!(marks.trimmable(hour(3), || None), Some(Trimmable { sealed_to: hour(3), from: 1, to: 3 }));
        marks.trimmed(3);
        assert_eq!(marks.trimmable(hour(9), || None).map(|t| t.to), Some(4), "the last row keeps the numbers rising");
    }

    #[test]
    fn a_late_check_keeps_its_row() {
        let marks = Marks::new();
        written(&marks, &[5]);
        written(&marks, &[2]);
        assert_eq!(marks.trimmable(hour(6), || Some(hour(2))), None);
        assert_eq!(marks.trimmable(hour(6), || None).map(|t| t.to), Some(1));
    }

    #[test]
    fn nothing_is_deleted_while_a_row_is_written() {
        let marks = Marks::new();
        written(&marks, &[1]);
        written(&marks, &[1]);
        marks.begin([hour(1)].into_iter());
        assert_eq!(marks.trimmable(hour(9), || None), None);
    }

    #[test]
    fn numbers_go_on_after_a_restart() {
        let marks = Marks::new();
        marks.read(41, [hour(1)].into_iter());
        marks.read(42, [hour(2)].into_iter());
        assert_eq!(marks.begin([hour(2)].into_iter()), 43);
        marks.written();
        assert_eq!(marks.trimmable(hour(2), || None), Some(Trimmable { sealed_to: hour(2), from: 41, to: 42 }));
    }
}
