//! Commands that touch data: through the running server when there is one, on the database itself when there is none.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::demo::Shape;
use engine::{Clock, Engine};
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::control::{self, Command};

/// Runs a command and returns what to print; `told` hears how far it is.
pub(super) async fn run(config: Config, command: Command, mut told: impl FnMut(String) + Send) -> anyhow::Result<String> {
    if let Some(answer) = control::ask(&config.control_socket(), &command, &mut told).await? {
        return answer.map_err(anyhow::Error::msg);
    }
    if matches!(command, Command::Backup { .. }) {
        must_have_data(&config)?;
    }
    let store = Store::open(&config.store()).await?;
    // Cancelled before it starts: use cases work, but nothing is scheduled, probed or recorded.
    let idle = CancellationToken::new();
    idle.cancel();
    let engine = Engine::start(store.clone(), config.engine(), Clock::system(), idle).await.context("the engine did not start")?;
    let answer = control::execute(&engine, command, &mut told).await;
    engine.stopped().await;
    drop(engine);
    store.close().await;
    answer.map_err(anyhow::Error::msg)
}

/// A backup of nothing would take the place of a good one.
fn must_have_data(config: &Config) -> anyhow::Result<()> {
    let url = config.store().url;
    if url.strip_prefix("surrealkv://").is_some_and(|directory| !Path::new(directory).exists()) {
        let directory = config.database.data_dir.display();
        anyhow::bail!("There is no data in {directory}. Name the directory of the data with LOOPR_DATA_DIR.");
    }
    Ok(())
}

/// Makes the data of a backup in an empty data directory.
pub(super) async fn restore(config: Config, file: PathBuf) -> anyhow::Result<String> {
    let counts = Store::restore(&config.store(), &file).await?;
    let rows = domain::words::grouped(counts.values().sum());
    Ok(format!("Restored {rows} rows into {}. Start the server.", config.database.data_dir.display()))
}

/// Fills an empty data directory.
pub(super) async fn demo(config: Config, shape: Shape, progress: impl FnMut(String)) -> anyhow::Result<String> {
    let store = Store::open(&config.store()).await?;
    let filled = engine::demo::fill(&store, Clock::system().now(), shape, progress).await;
    store.close().await;
    let filled = filled.map_err(|error| anyhow::Error::msg(error.message))?;
    Ok(format!("The demo is ready. Start the server and sign in as {} with the password {}", filled.email, filled.password))
}
