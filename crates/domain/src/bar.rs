//! The outcome bar of a row: 48 equal pieces of the last four hours, each the worst state in it.

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::time::Timestamp;

/// Pieces of a bar.
pub const PIECES: usize = 48;
/// Milliseconds of a piece: five minutes.
pub const PIECE_MS: i64 = 300_000;

const EMPTY: u8 = b'.';

/// The pieces, kept by absolute time so that nothing shifts when they are read later. As text: one character a
/// piece, the digit of the state (see [`State::index`]) or `.` where nothing is known, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// The number of the last piece, counted from the epoch.
    last: i64,
    pieces: Vec<u8>,
}

impl Default for Bar {
    fn default() -> Self {
        Self { last: 0, pieces: vec![EMPTY; PIECES] }
    }
}

fn piece_of(instant: Timestamp) -> i64 {
    instant.as_millis().div_euclid(PIECE_MS)
}

fn digit(state: State) -> u8 {
    b'0' + u8::try_from(state.index()).unwrap_or(7)
}

/// The state of a character of a bar's text.
pub fn state_of(piece: u8) -> Option<State> {
    State::from_index(usize::from(piece.checked_sub(b'0')?))
}

impl Bar {
    /// Marks every piece that a span touches, where it is worse than what is there.
    pub fn mark(&mut self, state: State, from: Timestamp, to: Timestamp) {
        let end = piece_of(Timestamp::from_millis(to.as_millis().saturating_sub(1))).max(piece_of(from));
        self.advance(end);
        let oldest = self.last - i64::try_from(PIECES).unwrap_or(0) + 1;
        for piece in piece_of(from).max(oldest)..=end {
            let slot = usize::try_from(piece - oldest).ok().and_then(|i| self.pieces.get_mut(i));
            if let Some(slot) = slot
                && state_of(*slot).is_none_or(|there| there.severity() < state.severity())
            {
                *slot = digit(state);
            }
        }
    }

    fn advance(&mut self, piece: i64) {
        let steps = usize::try_from(piece - self.last).unwrap_or(0).min(PIECES);
        if steps > 0 {
            self.pieces.drain(..steps);
            self.pieces.resize(PIECES, EMPTY);
            self.last = piece;
        }
    }

    /// The bar as it looks at `now`, with the current state drawn up to it.
    pub fn text(&self, state: State, since: Timestamp, now: Timestamp) -> String {
        let mut seen = self.clone();
        seen.mark(state, since.min(now), now.max(Timestamp::from_millis(since.as_millis() + 1)));
        seen.advance(piece_of(now));
        String::from_utf8_lossy(&seen.pieces).into_owned()
    }

    /// The stored form: the last piece's number and the text.
    pub fn to_stored(&self) -> (i64, String) {
        (self.last, String::from_utf8_lossy(&self.pieces).into_owned())
    }

    /// From the stored form; a damaged text gives an empty bar.
    pub fn from_stored(last: i64, text: &str) -> Self {
        if text.len() == PIECES { Self { last, pieces: text.as_bytes().to_vec() } } else { Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(piece: i64, ms: i64) -> Timestamp {
        Timestamp::from_millis(piece * PIECE_MS + ms)
    }

    #[test]
    fn a_piece_shows_its_worst_state() {
        let mut bar = Bar::default();
        bar.mark(State::Up, at(100, 0), at(103, 0));
        bar.mark(State::Down, at(101, 5), at(101, 6));
        bar.mark(State::Up, at(101, 6), at(104, 0));
        assert!(bar.text(State::Up, at(103, 0), at(103, 10)).ends_with("0300"));
    }

    #[test]
    fn old_pieces_fall_off_and_unknown_ones_stay_empty() {
        let mut bar = Bar::default();
        bar.mark(State::Down, at(10, 0), at(11, 0));
        let text = bar.text(State::Up, at(11, 0), at(12, 5));
        assert!(text.ends_with(".300"), "{text}");
        let later = bar.text(State::Up, at(90, 0), at(91, 1));
        assert_eq!(later.len(), PIECES);
        assert!(!later.contains('3') && later.ends_with("00"));
    }

    proptest! {
        #[test]
        fn no_marks_break_it(marks in proptest::collection::vec((0usize..8, -1_000_000i64..90_000_000, 0i64..40_000_000), 0..30), now in 0i64..200_000_000) {
            let mut bar = Bar::default();
            for (state, from, width) in marks {
                bar.mark(State::ALL[state], Timestamp::from_millis(from), Timestamp::from_millis(from + width));
            }
            let (last, text) = bar.to_stored();
            prop_assert_eq!(&Bar::from_stored(last, &text), &bar);
            let now = Timestamp::from_millis(now);
            prop_assert_eq!(bar.text(State::Up, now, now).len(), PIECES);
        }
    }
}
