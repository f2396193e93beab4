//! Everything that speaks HTTP, put together: pages and server functions, the websocket, REST, health, metrics, files.
//!
//! Invariant: every request passes [`scope`] first (who asks, under which id) and every response leaves with the headers
//! of [`headers`]. Cookies count on pages, server functions and the websocket only; tokens count on REST only.

mod assets;
mod client;
pub mod download;
mod forms;
mod headers;
mod health;
mod kept;
mod live;
mod metrics;
mod origin;
mod pages;
mod ping;
pub mod scope;
mod site;
mod state;
mod visit;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use tower_http::catch_panic::CatchPanicLayer;

pub use client::Peer;
pub use site::{LoadError, Site};
pub use state::{AppState, Parts};

/// No request body is larger: the largest legitimate one is a monitor with a body of 64 KiB.
const BODY_BYTES: usize = 256 * 1024;

/// The whole router.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .merge(pages::routes(state))
        .route("/live", get(live::upgrade))
        .route("/assets/{build}/{*path}", get(assets::versioned))
        .route("/ping/{token}", any(ping::signal))
        .route("/ping/{token}/{word}", any(ping::signal))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .nest("/api", crate::rest::routes(state))
        .fallback(pages::fallback)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(CatchPanicLayer::custom(scope::panicked))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(state.clone(), scope::enter))
        .with_state(state.clone())
}
