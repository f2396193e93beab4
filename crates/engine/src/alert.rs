//! Telling people: how a message is put into words ([`render`]), and how it reaches them ([`Sender`]).
//!
//! Invariant: nothing here decides whether something is told, or when again; it is given one message, and says what came of one try.

mod mail;
pub mod push;
pub mod reference;
pub mod render;
mod send;

pub use push::Vapid;
pub use send::{Context, Sender};
