//! How much Loopr checks at most, beside the ceiling of a bare loop over the same target; and what targets that hang do to the
//! others.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::instance::{Instance, Watch};
use crate::process::{cpu_ms, spawn_target};
use crate::report::Checks;
use crate::target::{ADDRESSES, DEAF, SILENT};

/// Requests under way in the bare loop.
const BARE: u64 = 64;
/// What hangs in the second measurement: silent targets, and such that never take a connection.
const HANGING: [u32; 2] = [500, 100];
/// The good ones beside them.
const GOOD: u32 = 1_000;

/// Measures and prints the rows of a table.
pub async fn measure(loopr: &Path, rate: u32, seconds: u64) -> anyhow::Result<()> {
    let span = Duration::from_secs(seconds);
    println!("As much as goes, one connection a check, {seconds} s each\n\n| measure | seen | reach |\n|---|---:|---:|");
    let target = spawn_target()?;
    let (bare, bare_cpu) = bare(target.port, span.min(Duration::from_secs(10))).await?;
    println!("| bare hyper loop, {BARE} under way: requests a second, CPU each | {bare:.0}, {bare_cpu:.3} ms | |");
    target.stop()?;
    let checks = run(loopr, span, &watch(rate, ADDRESSES, 0, 1)).await?;
    println!("| {rate} monitors at 1 s: checks a second | {:.0} | {rate} |", checks.per_second);
    println!("| … part of the bare loop | {:.2} | |", checks.per_second / bare);
    println!(
        "| … slots missed, failed, not recorded at the end | {:.0}, {:.0}, {:.0} | 0, 0, a batch |",
        checks.missed, checks.failures, checks.unrecorded
    );
    println!("| … start lag p99 | {:.1} ms | |", checks.lag_p99_ms);
    println!("| … CPU a check | {:.3} ms | |", checks.cpu_ms_per_check);
    println!("| … RSS | {:.0} MB | |", checks.rss_mb);
    let good = watch(GOOD, 1, 0, 1);
    let alone = run(loopr, span, &good).await?;
    let [silent, deaf] = HANGING;
    let hanging = [good, watch(silent, SILENT, 1, 10), watch(deaf, DEAF, 2, 10)].concat();
    let beside = run(loopr, span, &hanging).await?;
    let more = (beside.lag_p99_ms / alone.lag_p99_ms - 1.0) * 100.0;
    println!("| {GOOD} good monitors at 1 s: start lag p99 | {:.2} ms | 5 ms |", alone.lag_p99_ms);
    println!(
        "| … beside {silent} silent targets and {deaf} that never accept, at 10 s | {:.2} ms ({more:+.0}%) | within 20% |",
        beside.lag_p99_ms
    );
    println!("| … slots missed | {:.0} | |", beside.missed);
    Ok(())
}

/// Monitors spread over the first addresses of 127.0.`block`.
fn watch(monitors: u32, addresses: u8, block: u8, interval_seconds: u32) -> Vec<Watch> {
    let address = |n: u32| Ipv4Addr::new(127, 0, block, u8::try_from(n % u32::from(addresses)).unwrap_or(0) + 1);
    (0..monitors).map(|n| Watch { address: address(n), path: n, interval_seconds }).collect()
}

async fn run(loopr: &Path, span: Duration, watches: &[Watch]) -> anyhow::Result<Checks> {
    eprintln!("{} monitors for {} s", watches.len(), span.as_secs());
    let target = spawn_target()?;
    let instance = Instance::start(loopr).await?;
    instance.add_monitors(watches, target.port).await?;
    // Whoever is added is checked at once: the spread over the second comes after it.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = instance.sample().await?;
    tokio::time::sleep(span).await;
    let checks = Checks::between(&before, &instance.sample().await?);
    instance.stop().await?;
    target.stop()?;
    eprintln!("  {checks:?}");
    Ok(checks)
}

/// What a client can do that does nothing else: requests a second, and the CPU of each in milliseconds.
async fn bare(port: u16, span: Duration) -> anyhow::Result<(f64, f64)> {
    let done = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let cpu = cpu_ms(std::process::id())?;
    let loops: Vec<_> = (0..BARE)
        .map(|n| {
            let done = Arc::clone(&done);
            tokio::spawn(async move {
                let mut turn = n;
                while began.elapsed() < span {
                    turn += 1;
                    request(port, turn).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in loops {
        task.await?.context("the bare loop")?;
    }
    let requests = f64::from(u32::try_from(done.load(Ordering::Relaxed))?);
    Ok((requests / began.elapsed().as_secs_f64(), (cpu_ms(std::process::id())? - cpu) / requests))
}

async fn request(port: u16, turn: u64) -> anyhow::Result<()> {
    let address = Ipv4Addr::new(127, 0, 0, u8::try_from(turn % u64::from(ADDRESSES)).unwrap_or(0) + 1);
    let stream = TcpStream::connect((address, port)).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get("/").header(header::HOST, "127.0.0.1").header(header::CONNECTION, "close");
    let answer = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
    answer.into_body().collect().await?;
    drop(sender);
    connection.await??;
    Ok(())
}
