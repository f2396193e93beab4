//! One Loopr on a directory of its own, spoken to as anybody would: command line, REST, pages.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::client::Client;
use crate::process::{Process, cpu_ms, free_port, load, rss_mb};
use crate::report::{Page, Sample};

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "correct horse battery";
/// Requests of one page measurement.
const PAGES: usize = 100;

/// A monitor to be.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    pub address: Ipv4Addr,
    pub path: u32,
    pub interval_seconds: u32,
}

/// A running Loopr.
pub struct Instance {
    process: Process,
    token: String,
    directory: std::path::PathBuf,
}

/// Loopr with some arguments, on a directory and a port.
pub fn command(loopr: &Path, directory: &Path, port: u16, arguments: &[&str]) -> Command {
    let mut command = Command::new(loopr);
    // As a service runs it: with backtraces, whoever develops it pays for the symbols in memory.
    command
        .env_remove("RUST_BACKTRACE")
        .args(arguments)
        .env("LOOPR_DATA_DIR", directory)
        .env("LOOPR_LISTEN", format!("127.0.0.1:{port}"))
        .env("LOOPR_LOG", "warn");
    command
}

/// Waits until a server takes and records checks.
pub async fn until_ready(port: u16) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Ok(mut client) = Client::connect(port).await
            && client.send("GET", "/readyz", &[], "").await.is_ok_and(|r| r.status().is_success())
        {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "loopr is not ready after 30 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A number of `/metrics`.
pub fn metric(text: &str, name: &str) -> anyhow::Result<f64> {
    let line = text.lines().find(|l| l.starts_with(name) && l[name.len()..].starts_with(' '));
    line.and_then(|l| l.rsplit(' ').next()).with_context(|| format!("no metric {name}"))?.parse().map_err(Into::into)
}

impl Instance {
    pub async fn start(loopr: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let directory = std::env::temp_dir().join(format!("loopr-bench-{}-{port}", std::process::id()));
        let command = |arguments: &[&str]| command(loopr, &directory, port, arguments);
        let child = command(&["serve"]).stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("loopr did not start")?;
        let process = Process::new(child, port);
        until_ready(port).await?;
        let mut account = command(&["account", "create", "--email", EMAIL, "--password-stdin", "--admin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        account.stdin.take().context("no standard input")?.write_all(PASSWORD.as_bytes())?;
        ensure!(account.wait()?.success(), "the account was not made");
        let output = command(&["token", "create", "--account", EMAIL, "--scope", "write"]).output()?;
        ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
        let token = String::from_utf8(output.stdout)?.trim().to_owned();
        Ok(Self { process, token, directory })
    }

    /// Makes monitors of the target.
    pub async fn add_monitors(&self, watches: &[Watch], target: u16) -> anyhow::Result<()> {
        let mut client = Client::connect(self.process.port).await?;
        let authorization = format!("Bearer {}", self.token);
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        for Watch { address, path, interval_seconds } in watches {
            let body = serde_json::json!({
                "name": format!("Target {path} of {address}"), "kind": "http", "url": format!("http://{address}:{target}/{path}"),
                "interval_seconds": interval_seconds,
            });
            let answer = client.send("POST", "/api/v1/monitors", &headers, &body.to_string()).await?;
            ensure!(answer.status() == 201, "{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
        }
        Ok(())
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What `/metrics` says.
    pub async fn metrics(&self) -> anyhow::Result<String> {
        let mut client = Client::connect(self.process.port).await?;
        Ok(String::from_utf8(client.send("GET", "/metrics", &[], "").await?.into_body().to_vec())?)
    }

    async fn send(&self, client: &mut Client, method: &str, path: &str, body: &str) -> anyhow::Result<serde_json::Value> {
        let authorization = format!("Bearer {}", self.token);
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let answer = client.send(method, path, &headers, body).await?;
        ensure!(answer.status().is_success(), "{path}: {}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
        Ok(serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    /// Makes one thing.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let mut client = Client::connect(self.process.port).await?;
        self.send(&mut client, "POST", path, &body.to_string()).await
    }

    /// Makes many, over a few connections.
    pub async fn post_all(&self, path: &str, bodies: &[serde_json::Value]) -> anyhow::Result<()> {
        const CONNECTIONS: usize = 16;
        let mut parts = Vec::new();
        for part in bodies.chunks(bodies.len().div_ceil(CONNECTIONS).max(1)) {
            parts.push(async move {
                let mut client = Client::connect(self.process.port).await?;
                for body in part {
                    self.send(&mut client, "POST", path, &body.to_string()).await?;
                }
                anyhow::Ok(())
            });
        }
        futures::future::try_join_all(parts).await.map(drop)
    }

    /// Changes one thing.
    pub async fn patch(&self, path: &str, body: &serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let mut client = Client::connect(self.process.port).await?;
        self.send(&mut client, "PATCH", path, &body.to_string()).await
    }

    /// Ends the process and starts it again over the same data; says how long it took until it was ready.
    pub async fn restart(&mut self, loopr: &Path) -> anyhow::Result<Duration> {
        let port = free_port()?;
        let begun;
        {
            Command::new("kill").arg("-TERM").arg(self.process.id().to_string()).status()?;
            self.process.wait()?;
            begun = Instant::now();
            let child = command(loopr, &self.directory, port, &["serve"]).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
            self.process = Process::new(child, port);
        }
        until_ready(port).await?;
        Ok(begun.elapsed())
    }

    /// What the system and the metrics say now.
    pub async fn sample(&self) -> anyhow::Result<Sample> {
        let mut client = Client::connect(self.process.port).await?;
        let text = String::from_utf8(client.send("GET", "/metrics", &[], "").await?.into_body().to_vec())?;
        let value = |name: &str| metric(&text, name);
        Ok(Sample {
            at: Instant::now(),
            cpu_ms: cpu_ms(self.process.id())?,
            rss_mb: rss_mb(self.process.id())?,
            checks: value("loopr_checks_total")?,
            failures: value("loopr_check_failures_total")?,
            recorded: value("loopr_results_recorded_total")?,
            missed: value("loopr_slots_missed_total")?,
            lag_p99_ms: value("loopr_check_start_lag_seconds{quantile=\"0.99\"}")? * 1e3,
            load: load()?,
        })
    }

    /// How long the dashboard takes, signed in, while the checks go on.
    pub async fn page(&self) -> anyhow::Result<Page> {
        let mut client = Client::connect(self.process.port).await?;
        let session = client.sign_in(EMAIL, PASSWORD).await?;
        let mut took = Vec::with_capacity(PAGES);
        let mut bytes = 0;
        for _ in 0..PAGES {
            let began = Instant::now();
            let answer = client.send("GET", "/", &[("cookie", &session), ("accept", "text/html")], "").await?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
            bytes = answer.body().len();
            let rows = String::from_utf8_lossy(answer.body()).matches("/monitors/mon_").count();
            ensure!(answer.status() == 200 && rows >= 50, "the dashboard has {rows} links to monitors");
        }
        took.sort_by(f64::total_cmp);
        let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
        Ok(Page { median_ms: at(50), p95_ms: at(95), bytes })
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.process.terminate()?;
        std::fs::remove_dir_all(&self.directory)?;
        Ok(())
    }
}
