//! Where log lines go: standard error, as text for people or as JSON for machines.

use std::io::IsTerminal as _;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::{Log, LogFormat};

/// Starts logging; a second call changes nothing.
pub fn start(log: &Log) {
    let filter = log.filter.to_env_filter();
    let lines = fmt::layer().with_writer(std::io::stderr);
    let layer = match log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    };
    // An error means that a test has started it already.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
}
