//! What history costs: the disk that a check takes, how long charts and percentiles take to read, how soon a big instance starts,
//! and the memory that it needs. Filled by `loopr demo` with invented time, then measured from outside, like everything here.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::client::Client;
use crate::instance::{command, metric, until_ready};
use crate::process::{Process, free_port, rss_mb, spawn_target};

/// Requests of one measurement.
const READS: usize = 50;
/// Monitors of the big instance, each checked every ten seconds.
const MANY: u32 = 10_000;

/// A directory that the demo filled.
struct Filled {
    loopr: PathBuf,
    directory: PathBuf,
    password: String,
}

impl Drop for Filled {
    fn drop(&mut self) {
        // What is left behind in the temporary directory is a nuisance, not an error.
        let _removed = std::fs::remove_dir_all(&self.directory);
    }
}

impl Filled {
    fn new(loopr: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let directory = std::env::temp_dir().join(format!("loopr-bench-{}-{}", std::process::id(), free_port()?));
        let mut filled = Self { loopr: loopr.to_owned(), directory, password: String::new() };
        let output = command(loopr, &filled.directory, 0, &[&["demo"], arguments].concat()).stderr(Stdio::null()).output()?;
        ensure!(output.status.success(), "the demo did not fill {}", filled.directory.display());
        let said = String::from_utf8(output.stdout)?;
        said.split_whitespace().next_back().context("the demo names no password")?.clone_into(&mut filled.password);
        Ok(filled)
    }

    fn serve(&self) -> anyhow::Result<Process> {
        let port = free_port()?;
        let mut serve = command(&self.loopr, &self.directory, port, &["serve"]);
        let child = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("loopr did not start")?;
        Ok(Process::new(child, port))
    }

    fn token(&self, port: u16) -> anyhow::Result<String> {
        let output = command(&self.loopr, &self.directory, port, &["token", "create", "--account", "demo@example.com"]).output()?;
        ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
        Ok(format!("Bearer {}", String::from_utf8(output.stdout)?.trim()))
    }

    /// The size of the directory once compaction has nothing left to do. What is recorded meanwhile is far less than a part in
    /// two hundred.
    async fn settled_bytes(&self) -> anyhow::Result<u64> {
        let (began, mut last, mut since) = (Instant::now(), 0, Instant::now());
        while since.elapsed() < Duration::from_secs(10) {
            ensure!(began.elapsed() < Duration::from_secs(300), "the directory does not settle");
            let now = bytes_below(&self.directory)?;
            if now.abs_diff(last) > last / 200 {
                (last, since) = (now, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        bytes_below(&self.directory)
    }
}

fn bytes_below(directory: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        // A file may go while it is looked at: compaction goes on.
        let Ok(data) = entry.metadata() else { continue };
        sum += if data.is_dir() { bytes_below(&entry.path())? } else { data.len() };
    }
    Ok(sum)
}

/// Times of some requests, in milliseconds.
struct Times(Vec<f64>);

impl Times {
    async fn of(client: &mut Client, paths: &[String], headers: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut times = Vec::with_capacity(READS);
        for path in paths.iter().cycle().take(READS) {
            let began = Instant::now();
            let answer = client.send("GET", path, headers, "").await?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            ensure!(answer.status() == 200, "{path}: {}", answer.status());
        }
        times.sort_by(f64::total_cmp);
        Ok(Self(times))
    }

    fn at(&self, part: usize) -> f64 {
        self.0.get(self.0.len() * part / 100).copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} / {:.1} ms", self.at(50), self.at(95))
    }
}

/// Measures and prints the rows of the table.
pub async fn measure(loopr: &Path, monitors: u32, days: u32) -> anyhow::Result<()> {
    println!("{monitors} monitors with {days} days of every check; {MANY} monitors at 10 s with an hour of journal\n");
    println!("| measure | seen | reach |\n|---|---:|---:|");
    for (interval, reach) in [(10_u32, 8), (60, 12)] {
        disk_and_reads(loopr, monitors, days, interval, reach).await?;
    }
    start(loopr).await
}

async fn disk_and_reads(loopr: &Path, monitors: u32, days: u32, interval: u32, reach: u32) -> anyhow::Result<()> {
    let target = spawn_target()?;
    let (count, seconds, age, port) = (monitors.to_string(), interval.to_string(), days.to_string(), target.port.to_string());
    let empty = Filled::new(loopr, &["--monitors", "1", "--days", "0", "--target", &port])?;
    let base = bytes_below(&empty.directory)?;
    let began = Instant::now();
    let filled = Filled::new(loopr, &["--monitors", &count, "--interval-seconds", &seconds, "--days", &age, "--target", &port])?;
    println!("| filled with {days} d at {interval} s | {:.0} s | |", began.elapsed().as_secs_f64());
    let server = filled.serve()?;
    until_ready(server.port).await?;
    let bytes = filled.settled_bytes().await?.saturating_sub(base);
    let checks = f64::from(monitors) * f64::from(days) * 86_400.0 / f64::from(interval);
    let each = f64::from(u32::try_from(bytes >> 10)?) * 1024.0 / checks;
    println!("| disk a check at {interval} s, whole directory | {each:.2} B | {reach} B |");
    if interval == 10 {
        reads(&filled, &server).await?;
    }
    server.terminate()?;
    target.stop()
}

async fn reads(filled: &Filled, server: &Process) -> anyhow::Result<()> {
    let (token, mut client) = (filled.token(server.port)?, Client::connect(server.port).await?);
    let rest = [("authorization", token.as_str())];
    let list = client.send("GET", "/api/v1/monitors?limit=25", &rest, "").await?;
    let list: Value = serde_json::from_slice(list.body())?;
    let ids: Vec<String> =
        list["items"].as_array().context("no monitors")?.iter().filter_map(|m| m["id"].as_str().map(str::to_owned)).collect();
    ensure!(!ids.is_empty(), "no monitors");
    let cookie = client.sign_in("demo@example.com", &filled.password).await?;
    let page = [("cookie", cookie.as_str()), ("accept", "application/json")];
    for range in ["24h", "7d", "30d"] {
        let charts: Vec<String> = ids.iter().map(|id| format!("/fn/draw_latency?id={id}&range={range}&view=percentiles")).collect();
        println!(
            "| chart of {range}, median / p95 | {} | {} |",
            Times::of(&mut client, &charts, &page).await?,
            if range == "7d" { "10 ms" } else { "" }
        );
    }
    let from = rfc3339_days_ago(30)?;
    for what in ["latency", "uptime"] {
        let paths: Vec<String> = ids.iter().map(|id| format!("/api/v1/monitors/{id}/{what}?from={from}")).collect();
        println!("| 30 d {what} over REST, median / p95 | {} | 10 ms |", Times::of(&mut client, &paths, &rest).await?);
    }
    Ok(())
}

/// An instant that many days ago, to the second, off every full hour.
fn rfc3339_days_ago(days: u64) -> anyhow::Result<String> {
    let output = std::process::Command::new("date").args(["-u", "-d", &format!("-{days} days"), "+%Y-%m-%dT%H:%M:%SZ"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

async fn start(loopr: &Path) -> anyhow::Result<()> {
    let target = spawn_target()?;
    let (count, port) = (MANY.to_string(), target.port.to_string());
    let filled = Filled::new(loopr, &["--monitors", &count, "--interval-seconds", "10", "--days", "0", "--target", &port])?;
    let began = Instant::now();
    let server = filled.serve()?;
    let metrics = async || -> anyhow::Result<String> {
        let mut client = Client::connect(server.port).await?;
        Ok(String::from_utf8(client.send("GET", "/metrics", &[], "").await?.into_body().to_vec())?)
    };
    while !metrics().await.is_ok_and(|text| metric(&text, "loopr_checks_total").is_ok_and(|checks| checks > 0.0)) {
        ensure!(began.elapsed() < Duration::from_secs(60), "no check after a minute");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("| start with {MANY} monitors to the end of the first check | {:.2} s | 2 s |", began.elapsed().as_secs_f64());
    tokio::time::sleep(Duration::from_secs(30)).await;
    let mut rss = Vec::with_capacity(60);
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        rss.push(rss_mb(server.id())?);
    }
    rss.sort_by(f64::total_cmp);
    let (median, most) = (rss.get(30).copied().unwrap_or_default(), rss.last().copied().unwrap_or_default());
    let text = metrics().await?;
    println!("| RSS in the second minute, {MANY} monitors at 10 s: median, most | {median:.0}, {most:.0} MB | 250 MB |");
    println!("| … of it checks of open hours | {:.0} MB | |", metric(&text, "loopr_open_history_bytes")? / 1e6);
    println!("| … start lag p99 since the start | {:.1} ms | |", metric(&text, "loopr_check_start_lag_seconds{quantile=\"0.99\"}")? * 1e3);
    println!("| … slots missed | {:.0} | |", metric(&text, "loopr_slots_missed_total")?);
    server.terminate()?;
    target.stop()
}
