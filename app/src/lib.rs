//! The web app of Loopr: pages, components and server functions, compiled for the server (`ssr`) and for the browser
//! (`hydrate`). `server` mounts [`App`] and [`shell`]; `frontend` hydrates [`App`].

#[cfg(not(erase_components))]
compile_error!("compile with `--cfg erase_components`, as .cargo/config.toml says: RUSTFLAGS in the environment replaces it");

mod address;
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
mod parts;
mod search;
pub mod session;
#[cfg(feature = "ssr")]
mod shell;
mod worker;
mod zone;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
