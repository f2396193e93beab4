//! Everything that speaks HTTP, put together: pages and server functions, the websocket, REST, health, metrics, files.
//!
//! Invariant: every request passes [`scope`] first (who asks, under which id) and every response leaves with the headers
//! of [`headers`]. Cookies count on pages, server functions and the websocket only; tokens count on REST only.

mod assets;
mod bounds;
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

/// The whole router.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .merge(pages::routes(state).layer(from_fn(bounds::body)))
        .route("/live", get(live::upgrade))
        .route("/assets/{build}/{*path}", get(assets::versioned))
        .route("/ping/{token}", any(ping::signal))
        .route("/ping/{token}/{word}", any(ping::signal))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .nest("/api", crate::rest::routes(state).layer(from_fn(bounds::body)))
        .fallback(pages::fallback)
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(scope::panicked))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(state.clone(), scope::enter))
        .with_state(state.clone())
}
