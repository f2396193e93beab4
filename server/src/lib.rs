//! The binary `loopr`: command line, configuration, router, REST, websocket. The only composition root: here, and
//! nowhere else, store, engine and app meet.

pub mod cli;
pub mod config;
pub mod control;
pub mod logging;
pub mod rest;
pub mod serve;
pub mod web;
