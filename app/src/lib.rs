//! The web app of Loopr: pages, components and server functions, compiled for the server (`ssr`) and for the browser
//! (`hydrate`). `server` mounts [`App`] and [`shell`]; `frontend` hydrates [`App`].
#![recursion_limit = "1024"]

pub mod api;
mod app;
mod browser;
mod charts;
mod components;
#[cfg(feature = "ssr")]
pub mod context;
pub mod environment;
pub mod error;
mod later;
mod layouts;
mod live;
mod pages;
mod search;
pub mod session;
#[cfg(feature = "ssr")]
mod shell;
mod worker;
mod zone;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
