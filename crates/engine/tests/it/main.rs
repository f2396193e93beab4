//! The integration tests of this crate: real sockets on the loopback interface, the real embedded database.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails to prepare fails")]

mod activity;
mod alerting;
mod analytics;
mod channels;
mod checking;
mod deciding;
mod history;
mod kinds;
mod mails;
mod maintenance;
mod net;
mod people;
mod probe;
mod webhooks;
mod world;
