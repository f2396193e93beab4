//! Telling people: what is told ([`Notice`]), by which rules, over which channels, and what became of it.
//!
//! A transition makes a notice. Rules and the preferences of people turn it into messages, one for each channel, which are committed with
//! the transition. What a message says is decided when it is sent: one that waited may tell more than one notice.

pub mod attempt;
pub mod channel;
pub mod event;
pub mod notice;

pub use attempt::{Again, Attempt, Outcome};
#[cfg(feature = "ssr")]
pub use channel::{Channel, ChannelSpec};
pub use channel::{ChannelDraft, ChannelKind};
pub use event::Event;
pub use notice::{Content, Notice, Subject};
