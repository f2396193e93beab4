//! Scheduled webhooks: who is due, what is sent, what became of it.
//!
//! The [`Book`] holds every schedule and everything that waits, in memory; the database holds the same, written before anything is sent. The
//! [`Timekeeper`] decides times as they come and writes them down as occurrences; the [`RunCourier`], below the core of `deliver`, claims
//! them, sends them and records what became of them.
//!
//! Invariants: a time is decided once, whoever does it again after a crash; an attempt is written down before it is sent; what was on its way
//! when the process ended is sent again and marked as possibly doubled. One writer: whatever changes a schedule's progress holds
//! [`Book::writing`].

mod book;
mod courier;
mod notices;
mod queue;
mod request;
mod template;
mod timekeeper;

pub(crate) use book::{Book, Entry, standing};
pub(crate) use courier::RunCourier;
pub(crate) use request::Requester;
pub(crate) use template::check as check_template;
pub(crate) use timekeeper::Timekeeper;
