//! Use cases of telling people: channels, rules, incidents, messages, the bell and what people prefer.

mod bell;
mod channels;
mod incidents;
mod markdown;
mod messages;
mod past;
mod rules;
mod signing;
mod storms;

pub use bell::Bell;
pub use channels::Channels;
pub use incidents::{IncidentDraft, IncidentSearch, Incidents};
pub use messages::Messages;
pub use rules::Rules;
