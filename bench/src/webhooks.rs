//! What scheduled webhooks cost: how many are delivered and recorded, how late they begin, what many that wait cost, and whether the urgent go
//! first when all are due at once.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::instance::{Instance, metric};
use crate::process::{cpu_ms, free_port};
use crate::sink::{Sink, now_ms};

/// Addresses that requests are spread over: a connection takes a port of one of these until the system forgets it.
const ADDRESSES: u32 = 8;

fn url(sink: &Sink, n: u32, path: &str) -> String {
    format!("http://127.0.0.{}:{}/{path}", n % ADDRESSES + 1, sink.port)
}

fn every_second(sink: &Sink, n: u32, jitter: bool) -> Value {
    json!({
        "name": format!("Webhook {n}"), "trigger": { "every_seconds": 1 }, "overlap": "allow", "jitter_seconds": if jitter { 1 } else { 0 },
        "request": { "url": url(sink, n, &n.to_string()), "body": "{\"n\":1}" },
    })
}

/// Measures and prints the rows of a table.
pub async fn measure(loopr: &Path, seconds: u64) -> anyhow::Result<()> {
    let sink = Sink::start(free_port()?, u8::try_from(ADDRESSES)?).await?;
    println!("Scheduled webhooks, one connection each, {seconds} s each\n\n| measure | seen | reach |\n|---|---:|---:|");
    most(loopr, &sink, seconds).await?;
    lag(loopr, &sink, seconds).await?;
    at_once(loopr, &sink, 10_000).await?;
    many(loopr, &sink, 50_000).await
}

/// More than can be delivered is due: what is delivered is the most.
async fn most(loopr: &Path, sink: &Sink, seconds: u64) -> anyhow::Result<()> {
    let instance = Instance::start(loopr).await?;
    let schedules: Vec<Value> = (0..1_500).map(|n| every_second(sink, n, true)).collect();
    instance.post_all("/api/v1/schedules", &schedules).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (before, cpu, begun) = (sink.count(), cpu_ms(instance.id())?, Instant::now());
    let recorded = instance.metrics().await?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (span, came) = (begun.elapsed().as_secs_f64(), sink.count() - before);
    let (used, after) = (cpu_ms(instance.id())? - cpu, instance.metrics().await?);
    let done = "loopr_webhook_runs_total{state=\"succeeded\"}";
    let ended = metric(&after, done)? - metric(&recorded, done)?;
    let came = f64::from(u32::try_from(came)?);
    println!("| deliveries a second, all recorded (1500 are due each second) | {:.0} | 1000 |", ended / span);
    println!("| … CPU each, of one core | {:.2} ms | |", used / came.max(1.0));
    println!("| … runs that wait at the end | {:.0} | |", metric(&after, "loopr_webhook_runs_waiting")?);
    instance.stop().await?;
    sink.clear();
    Ok(())
}

async fn lag(loopr: &Path, sink: &Sink, seconds: u64) -> anyhow::Result<()> {
    let instance = Instance::start(loopr).await?;
    let schedules: Vec<Value> = (0..200).map(|n| every_second(sink, n, true)).collect();
    instance.post_all("/api/v1/schedules", &schedules).await?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let text = instance.metrics().await?;
    let lag = |quantile: &str| metric(&text, &format!("loopr_webhook_start_lag_seconds{{quantile=\"{quantile}\"}}")).map(|s| s * 1e3);
    println!("| 200 a second: start lag p50 / p99 | {:.1} / {:.1} ms | p99 20 ms |", lag("0.5")?, lag("0.99")?);
    instance.stop().await?;
    sink.clear();
    Ok(())
}

/// All of them once, in the same second.
async fn at_once(loopr: &Path, sink: &Sink, count: u32) -> anyhow::Result<()> {
    const PRIORITIES: [&str; 4] = ["low", "normal", "high", "critical"];
    let instance = Instance::start(loopr).await?;
    let due_ms = now_ms() / 1_000 * 1_000 + 60_000;
    let at = jiff::Timestamp::from_millisecond(due_ms)?.to_string();
    let priority = |n: u32| PRIORITIES.get(usize::try_from(n % 4).unwrap_or(0)).copied().unwrap_or("normal");
    let schedules: Vec<Value> = (0..count)
        .map(|n| {
            json!({
                "name": format!("Once {n}"), "trigger": { "at": at }, "priority": priority(n),
                "request": { "url": url(sink, n / 4, priority(n)) },
            })
        })
        .collect();
    instance.post_all("/api/v1/schedules", &schedules).await?;
    ensure!(now_ms() < due_ms, "the schedules were not made in time");
    let deadline = Instant::now() + Duration::from_secs(120);
    let all = usize::try_from(count)?;
    while sink.count() < all {
        ensure!(Instant::now() < deadline, "{} of {count} came", sink.count());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let arrivals = sink.arrivals();
    let last = arrivals.iter().map(|arrival| arrival.at_ms).max().context("none came")?;
    let seconds = |ms: i64| f64::from(i32::try_from(ms).unwrap_or(i32::MAX)) / 1e3;
    println!("| {count} due in the same second: the last one started after | {:.1} s | 10 s |", seconds(last - due_ms));
    for priority in PRIORITIES.iter().rev() {
        let mut of: Vec<i64> = arrivals.iter().filter(|a| a.path.ends_with(priority)).map(|a| a.at_ms - due_ms).collect();
        of.sort_unstable();
        let middle = of.get(of.len() / 2).copied().unwrap_or_default();
        println!(
            "| … {priority}: the one in the middle, the last | {:.1}, {:.1} s | |",
            seconds(middle),
            seconds(of.last().copied().unwrap_or_default())
        );
    }
    instance.stop().await?;
    sink.clear();
    Ok(())
}

/// Many that are not due for long.
async fn many(loopr: &Path, sink: &Sink, count: u32) -> anyhow::Result<()> {
    let mut instance = Instance::start(loopr).await?;
    let schedules: Vec<Value> = (0..count)
        .map(|n| {
            json!({
                "name": format!("Yearly {n}"), "trigger": { "cron": format!("{} {} 1 1 *", n % 60, n / 60 % 24), "timezone": "Europe/Riga" },
                "request": { "url": url(sink, n, "never") },
            })
        })
        .collect();
    instance.post_all("/api/v1/schedules", &schedules).await?;
    let took = instance.restart(loopr).await?;
    println!("| {count} schedules: from the start of the process to ready | {:.1} s | 3 s |", took.as_secs_f64());
    // What the database makes of so many new rows, once, is no idleness.
    tokio::time::sleep(Duration::from_secs(40)).await;
    let (cpu, span) = (cpu_ms(instance.id())?, Duration::from_secs(30));
    tokio::time::sleep(span).await;
    let used = (cpu_ms(instance.id())? - cpu) / span.as_secs_f64() / 10.0;
    println!("| … idle, from 40 s after the start: of one core | {used:.1}% | 1% |");
    println!("| … RSS | {:.0} MB | |", crate::process::rss_mb(instance.id())?);
    instance.stop().await
}
