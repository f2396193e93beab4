//! The entry point: everything is in the library, where tests reach it.

use std::process::ExitCode;

use clap::Parser as _;
use tikv_jemallocator::Jemalloc;

/// Gives memory back: that of the system keeps what a burst of checks needed once, for each of its arenas. How it is set up stands in
/// `.cargo/config.toml`, because it is compiled in.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    server::cli::run(server::cli::Cli::parse())
}
