//! The rules of Loopr as values and pure functions.
//!
//! No async, no I/O and no clock: `now` is always an argument. The browser (wasm) and the server compile the same
//! types, so a secret never appears in a type of this crate that is sent to a browser. What is heavy in wasm (zone
//! data, cron, URLs, regular expressions) is behind the `ssr` feature.

pub mod account;
pub mod activity;
pub mod alert;
pub mod analytics;
#[cfg(feature = "ssr")]
pub mod assertion;
pub mod backoff;
pub mod bar;
pub mod change;
pub mod check;
#[cfg(feature = "ssr")]
pub mod cron;
pub mod error;
pub mod flapping;
pub mod histogram;
pub mod http;
pub mod id;
pub mod kind;
pub mod live;
pub mod machine;
pub mod mailing;
pub mod maintenance;
pub mod monitor;
pub mod network;
pub mod retention;
pub mod schedule;
pub mod secret;
#[cfg(feature = "ssr")]
pub mod signing;
pub mod state;
pub mod time;
pub mod uptime;
pub mod varint;
pub mod view;
pub mod webhook;
pub mod words;

pub use error::{AppError, Code, FieldErrors};
pub use id::{
    AccountId, ChannelId, IncidentId, InvitationId, MessageId, MonitorId, RuleId, ScheduleId, SessionId, SpaceId, TokenId, WindowId,
};
pub use state::State;
pub use time::Timestamp;
