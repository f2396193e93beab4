//! How soon alerts go out, and how many.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

use crate::instance::Instance;
use crate::process::free_port;
use crate::sink::{Sink, now_ms, quantile};
use crate::switch::Switch;

/// Rules beside the first one of the space, each for the monitors of one tag, and each to two channels.
const RULES: u32 = 99;
const CHANNELS: u32 = 2 * RULES;
/// Monitors of one rule.
const EACH: u32 = 10;
/// Of them, those that fail: few enough messages of a channel that none are told together.
const FAIL: u32 = 5;

/// Measures and prints the rows of a table.
pub async fn measure(loopr: &Path) -> anyhow::Result<()> {
    let (sink, target) = (Sink::start(free_port()?, 1).await?, Switch::start(free_port()?).await?);
    let monitors = RULES * EACH;
    let instance = Instance::start(loopr).await?;
    let mut rules = Vec::new();
    for n in 0..RULES {
        let mut channels = Vec::new();
        for m in [2 * n, 2 * n + 1] {
            let url = format!("http://127.0.0.1:{}/{m}", sink.port);
            let channel = json!({ "name": format!("Sink {m}"), "kind": "webhook", "settings": { "url": url } });
            let made = instance.post("/api/v1/channels", &channel).await?;
            channels.push(made["id"].clone());
        }
        let rule =
            json!({ "name": format!("Rule {n}"), "match": { "tags": [format!("t{n}")] }, "events": ["down", "up"], "channels": channels });
        let made = instance.post("/api/v1/rules", &rule).await?;
        rules.push(made["id"].as_str().context("no id")?.to_owned());
    }
    let watched: Vec<Value> = (0..monitors)
        .map(|n| {
            json!({
                "name": format!("Target {n}"), "kind": "http", "url": format!("http://127.0.0.1:{}/{n}", target.port), "interval_seconds": 10,
                "failures_before_down": 1, "tags": [format!("t{}", n % RULES)],
            })
        })
        .collect();
    instance.post_all("/api/v1/monitors", &watched).await?;
    tokio::time::sleep(Duration::from_secs(12)).await;
    println!("Alerts over webhooks, {monitors} monitors at 10 s, {CHANNELS} channels\n\n| measure | seen | reach |\n|---|---:|---:|");
    // Of each rule one monitor, over the ten seconds in which its turn comes.
    target.fail_below(RULES);
    wait(&sink, CHANNELS).await?;
    let mut late: Vec<f64> = confirmed(&sink)?.into_iter().map(|(at, came)| ms(came - at)).collect();
    println!(
        "| from the confirming check to the request: p50 / p99 | {:.0} / {:.0} ms | p99 250 ms |",
        quantile(&mut late, 0.5),
        quantile(&mut late, 0.99)
    );
    // The others fail in quiet hours, at whose end all of them are due at once.
    let now = now_ms();
    let ends = (now / 60_000 + 2) * 60_000;
    let clock = |at: i64| format!("{:02}:{:02}", at / 3_600_000 % 24, at / 60_000 % 60);
    for rule in &rules {
        let quiet = json!({ "quiet_hours": { "from": clock(now - 60_000), "to": clock(ends) }, "timezone": "UTC" });
        instance.patch(&format!("/api/v1/rules/{rule}"), &quiet).await?;
    }
    sink.clear();
    target.fail_below(RULES * FAIL);
    let waiting = CHANNELS * (FAIL - 1);
    wait(&sink, waiting).await?;
    let mut came: Vec<i64> = sink.arrivals().iter().map(|arrival| arrival.at_ms).collect();
    came.sort_unstable();
    let (first, last) = came.first().copied().zip(came.last().copied()).context("none came")?;
    println!(
        "| {waiting} messages due at the same instant: the first, the last after | {:.2}, {:.2} s | |",
        ms(first - ends) / 1e3,
        ms(last - ends) / 1e3
    );
    println!("| … messages a second | {:.0} | 1000 |", f64::from(waiting) / (ms((last - first).max(1)) / 1e3));
    instance.stop().await
}

fn ms(span: i64) -> f64 {
    f64::from(i32::try_from(span).unwrap_or(i32::MAX))
}

fn events(body: &[u8]) -> Vec<Value> {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    document["data"]["events"].as_array().cloned().unwrap_or_default()
}

/// Of each change when it was certain, and when it came.
fn confirmed(sink: &Sink) -> anyhow::Result<Vec<(i64, i64)>> {
    let mut all: HashMap<String, (i64, i64)> = HashMap::new();
    for arrival in sink.arrivals() {
        for event in events(&arrival.body) {
            let name = event["subject"]["name"].as_str().context("no name")?.to_owned();
            let at: jiff::Timestamp = event["decided_at"].as_str().context("no instant")?.parse()?;
            all.entry(name).or_insert((at.as_millisecond(), arrival.at_ms));
        }
    }
    Ok(all.into_values().collect())
}

async fn wait(sink: &Sink, messages: u32) -> anyhow::Result<()> {
    for _ in 0..4_000 {
        if sink.count() >= usize::try_from(messages)? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("{} of {messages} messages came", sink.count())
}
