//! The benchmark of Loopr: starts a target and the release binary as processes of their own, sets 1,000 monitors to one
//! check a second, and reads what both say. `make bench` runs it; `docs/BENCHMARKS.md` keeps what was seen.
//!
//! Nothing here asserts: it measures and prints. Everything stays on 127.0.0.1 and ends by itself.

mod alerts;
mod client;
mod instance;
mod load;
mod process;
mod report;
mod sink;
mod size;
mod storage;
mod switch;
mod target;
mod webhooks;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::instance::{Instance, Watch};
use crate::report::{Checks, Page, Report, median_by};

/// The benchmark of Loopr.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The web server that is checked; runs as a process of its own.
    Target {
        /// Where it listens on 127.0.0.1.
        #[arg(long)]
        port: u16,
    },
    /// Measures how much is checked at most, and what targets that hang do; prints the rows of a table.
    Load {
        /// The release binary.
        #[arg(long)]
        loopr: PathBuf,
        /// Monitors, each checked once a second.
        #[arg(long, default_value_t = 8_000)]
        rate: u32,
        /// How long each part is measured, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Measures how soon alerts go out, and how many; prints the rows of a table.
    Alerts {
        /// The release binary.
        #[arg(long)]
        loopr: PathBuf,
    },
    /// Measures scheduled webhooks, and prints the rows of a table.
    Webhooks {
        /// The release binary.
        #[arg(long)]
        loopr: PathBuf,
        /// How long each part is measured, in seconds.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
    /// Measures what history costs, and prints the rows of a table.
    Storage {
        /// The release binary.
        #[arg(long)]
        loopr: PathBuf,
        /// Monitors with history.
        #[arg(long, default_value_t = 50)]
        monitors: u32,
        /// Days of every check.
        #[arg(long, default_value_t = 31)]
        days: u32,
    },
    /// Measures and prints a table in Markdown.
    Run {
        /// The release binary.
        #[arg(long)]
        loopr: PathBuf,
        /// The directory of the built site, for the size of the first load.
        #[arg(long)]
        site: PathBuf,
        /// Monitors, each checked once a second.
        #[arg(long, default_value_t = 1_000)]
        monitors: u32,
        /// How long is measured, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Runs; the median counts.
        #[arg(long, default_value_t = 3)]
        runs: u32,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Target { port } => target::serve(port).await,
        Command::Alerts { loopr } => alerts::measure(&loopr).await,
        Command::Webhooks { loopr, seconds } => webhooks::measure(&loopr, seconds).await,
        Command::Storage { loopr, monitors, days } => storage::measure(&loopr, monitors, days).await,
        Command::Load { loopr, rate, seconds } => load::measure(&loopr, rate, seconds).await,
        Command::Run { loopr, site, monitors, seconds, runs } => {
            let mut checks = Vec::new();
            let mut pages = Vec::new();
            for run in 1..=runs {
                eprintln!("run {run} of {runs}: {monitors} monitors at 1 s for {seconds} s");
                let (measured, page) = measure(&loopr, monitors, Duration::from_secs(seconds)).await?;
                eprintln!("  {measured:?}\n  {page:?}");
                checks.push(measured);
                pages.push(page);
            }
            let report = Report {
                monitors,
                seconds,
                runs,
                checks: median_by(checks, |c| c.cpu_ms_per_check).context("no run")?,
                page: median_by(pages, |p| p.median_ms).context("no run")?,
                first_load: size::first_load(&site)?,
            };
            println!("{report}");
            Ok(())
        }
    }
}

async fn measure(loopr: &std::path::Path, monitors: u32, span: Duration) -> anyhow::Result<(Checks, Page)> {
    let target = process::spawn_target()?;
    let instance = Instance::start(loopr).await?;
    let watch = |path| Watch { address: Ipv4Addr::LOCALHOST, path, interval_seconds: 1 };
    instance.add_monitors(&(0..monitors).map(watch).collect::<Vec<_>>(), target.port).await?;
    // The first checks and the caches are not what is measured.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = instance.sample().await?;
    tokio::time::sleep(span).await;
    let after = instance.sample().await?;
    let checks = Checks::between(&before, &after);
    let page = instance.page().await?;
    instance.stop().await?;
    target.stop()?;
    Ok((checks, page))
}
