//! Telling people: what is told ([`Notice`]), by which rules, over which channels, and what became of it.
//!
//! A transition makes a notice. Rules and the preferences of people turn it into messages, one for each channel, which are committed with
//! the transition. What a message says is decided when it is sent: one that waited may tell more than one notice.

pub mod attempt;
pub mod channel;
pub mod event;
pub mod events;
pub mod incident;
pub mod message;
pub mod notice;
pub mod preference;
pub mod rule;
pub mod view;

pub use attempt::{Again, Attempt, Outcome};
#[cfg(feature = "ssr")]
pub use channel::{Channel, ChannelHealth, ChannelSpec};
pub use channel::{ChannelDraft, ChannelKind};
pub use event::{Event, Severity};
pub use events::Events;
pub use incident::{Incident, IncidentEvent, IncidentState};
pub use message::{Destination, Mail, Message, MessageState, Purpose};
pub use notice::{Content, Notice, Subject};
pub use preference::{Preferences, Way};
pub use rule::{Rule, RuleDraft, RuleSpec};
