//! How checks are packed: pure, without a database. A [`run`] grows a check at a time and holds the open hours in memory; a
//! [`batch`] is what one row of the journal holds; a [`segment`] is sealed columns, which is how a check is kept.
//!
//! Invariant: what is packed is what [`represent`] made of a check, and comes back exactly; a duration stands for
//! everything within 1 % of it, and falls into the same bucket of a histogram as what was measured.

mod batch;
mod code;
mod run;
#[cfg(test)]
mod sample;
mod segment;

pub use batch::{Batched, MissedSlots};
pub use code::represent;
pub use run::Run;
pub(crate) use segment::{Piece, pack, unpack};
