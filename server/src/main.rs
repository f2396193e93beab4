//! The entry point: everything is in the library, where tests reach it.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    server::cli::run(server::cli::Cli::parse())
}
