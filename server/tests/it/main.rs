//! The integration tests of the server: the real router over a real socket, the real engine, the database in memory; and
//! the binary itself.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails to prepare fails")]

mod alerting_rest;
mod architecture;
mod backup;
mod commands;
mod configuration;
mod counting;
mod disk;
mod durability;
mod hostile;
mod live;
mod losing_nothing;
mod mails;
mod pages;
mod rest;
mod sealing;
mod site;
mod webhooks_rest;
mod world;
