//! What every handler can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use engine::Engine;
use leptos::prelude::LeptosOptions;

use super::kept::KeptForms;
use super::live::Sockets;
use super::site::Site;
use crate::config::Listen;
use crate::rest::Running;

/// Shared by all requests; clones are the same.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    engine: Engine,
    site: Site,
    listen: Listen,
    forms: KeptForms,
    sockets: Arc<Sockets>,
    running: Running,
    shutdown: tokio_util::sync::CancellationToken,
}

/// What a state is made of.
pub struct Parts {
    /// The product.
    pub engine: Engine,
    /// The static files.
    pub site: Site,
    /// How the server is reached.
    pub listen: Listen,
    /// Cancelled when the server stops: websockets end then.
    pub shutdown: tokio_util::sync::CancellationToken,
}

impl AppState {
    /// Puts it together.
    pub fn new(parts: Parts) -> Self {
        let Parts { engine, site, listen, shutdown } = parts;
        let sockets = Arc::new(Sockets::new(listen.sockets_per_account.get()));
        Self(Arc::new(Inner { engine, site, listen, forms: KeptForms::default(), sockets, running: Running::default(), shutdown }))
    }

    /// The product.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The static files.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// How the server is reached.
    pub fn listen(&self) -> &Listen {
        &self.0.listen
    }

    pub(super) fn forms(&self) -> &KeptForms {
        &self.0.forms
    }

    pub(super) fn sockets(&self) -> &Arc<Sockets> {
        &self.0.sockets
    }

    pub(super) fn shutdown(&self) -> &tokio_util::sync::CancellationToken {
        &self.0.shutdown
    }

    /// Answers to requests that may be repeated.
    pub fn running(&self) -> &Running {
        &self.0.running
    }
}

impl FromRef<AppState> for LeptosOptions {
    /// Leptos asks for it; everything it would be used for is done by our own shell.
    fn from_ref(_: &AppState) -> Self {
        Self::builder().output_name("loopr").build()
    }
}
