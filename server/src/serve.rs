//! `loopr serve`: store, engine, router and listener, put together in this order and taken down in the reverse one.

mod listener;
mod signals;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::{Clock, Engine};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::ServeArgs;
use crate::config::Config;
use crate::web::{self, AppState, Site};

pub use listener::accept;

/// Runs until the process is asked to stop.
///
/// # Errors
/// Whatever keeps it from starting.
pub async fn serve(config: Config, args: ServeArgs) -> anyhow::Result<String> {
    let stop = signals::stop()?;
    raise_file_limit();
    let site = site(args.site)?;
    let listener = TcpListener::bind(config.listen.address).await.with_context(|| format!("cannot listen on {}", config.listen.address))?;
    let store = Store::open(&config.store()).await?;
    let engine_stop = CancellationToken::new();
    let engine = Engine::start(store.clone(), config.engine(), Clock::system(), engine_stop.clone()).await?;
    // A directory that the demo filled brings its own targets. Without them its monitors are down, and that is all.
    if let Err(error) = engine::demo::serve_target(&engine, &store, engine_stop.clone()).await {
        tracing::warn!(%error, "the targets of the demo cannot be served");
    }
    let control = control(&config, &engine, &stop);
    let connections = config.listen.connections.get();
    greet(&config, listener.local_addr()?, &engine);
    let parts = web::Parts { engine: engine.clone(), site, listen: config.listen, shutdown: stop.clone() };
    let router = web::router(&AppState::new(parts));

    accept(listener, router, connections, stop).await;

    // Nobody is served any more. What runs is finished and recorded, and only then is the database closed.
    tracing::info!("stopping: the last checks are recorded");
    engine_stop.cancel();
    engine.stopped().await;
    if let Some(control) = control {
        // It ended with the listener; an error would mean that it panicked, which is logged already.
        let _ = control.await;
    }
    drop(engine);
    store.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}

fn site(directory: Option<PathBuf>) -> anyhow::Result<Site> {
    match directory {
        Some(directory) => Ok(Site::directory(&directory)?),
        None => Ok(built_in()),
    }
}

#[cfg(feature = "embed")]
fn built_in() -> Site {
    Site::embedded()
}

/// Without a site in the binary, the one that `make site` built last is used. REST works without any.
#[cfg(not(feature = "embed"))]
fn built_in() -> Site {
    Site::directory(Path::new("target/site")).unwrap_or_else(|error| {
        tracing::warn!(%error, "pages have neither styles nor scripts");
        Site::of([])
    })
}

fn control(config: &Config, engine: &Engine, stop: &CancellationToken) -> Option<tokio::task::JoinHandle<()>> {
    let socket = config.control_socket();
    if !socket.parent().is_some_and(Path::is_dir) {
        // A database elsewhere or in memory: there may be no data directory.
        return None;
    }
    match crate::control::listen(&socket, engine.clone(), stop.clone()) {
        Ok(task) => Some(task),
        Err(error) => {
            tracing::warn!(%error, socket = %socket.display(), "commands cannot reach this server");
            None
        }
    }
}

fn greet(config: &Config, address: std::net::SocketAddr, engine: &Engine) {
    let url = config.listen.public_url.as_ref().map_or_else(|| format!("http://{address}"), crate::config::PublicUrl::origin);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "Loopr is at {url}");
    if let Some(code) = engine.setup_code() {
        tracing::info!("no account exists yet: open {url}/setup to create the first one. The set-up code is {code}");
    }
}

/// A socket is a file descriptor, and the usual soft limit of 1,024 is less than the checks that may run at once.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, ?current, "the limit of open files could not be raised");
    }
}
