//! When to stop: SIGTERM from a supervisor, SIGINT from a keyboard. A second signal ends the process at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by the first signal.
pub(super) fn stop() -> std::io::Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        for count in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if count > 0 {
                tracing::warn!("stopping at once: the database recovers at the next start");
                std::process::exit(130);
            }
            tracing::info!("stopping: no new connections are taken");
            cancelled.cancel();
        }
    });
    Ok(token)
}
