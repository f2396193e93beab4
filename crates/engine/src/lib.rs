//! The product without HTTP or UI: scheduling, probing, recording, live events, use cases.
//!
//! [`Engine::start`] is the one way in. Inside: `schedule` knows who is due, `probe` how each kind is checked, `record`
//! is the one writer of history and of what is told of it, `alert` decides who is told and tells them, `webhook` makes requests by timetables, `deliver` is the core below everything that
//! is sent, `archive` packs it once it is complete, `live` tells browsers, `service` holds the authorised use cases that server functions
//! and REST call alike, `net` is the way out.

mod actor;
pub mod alert;
mod archive;
mod board;
mod clock;
mod config;
mod deliver;
pub mod demo;
mod engine;
mod gate;
pub mod live;
pub mod mail;
mod maintenance;
mod metrics;
pub mod net;
pub mod probe;
mod purge;
mod record;
mod schedule;
mod secret;
pub mod service;
mod webhook;

pub use actor::{Actor, Client, NewSession, Visitor};
pub use clock::Clock;
pub use config::EngineConfig;
pub use engine::{Engine, Health, StartError};
pub use gate::{InvalidWitness, Witness};
pub use metrics::MetricsSnapshot;
pub use store::{Answer, BackupError, RunFilter, Written};
