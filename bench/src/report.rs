//! What was measured, and the table that is kept.

use std::fmt;
use std::time::Instant;

use crate::size::FirstLoad;

/// A moment of a running instance.
#[derive(Debug, Clone)]
pub struct Sample {
    pub at: Instant,
    pub cpu_ms: f64,
    pub rss_mb: f64,
    pub checks: f64,
    pub failures: f64,
    pub recorded: f64,
    pub missed: f64,
    pub lag_p99_ms: f64,
    pub load: String,
}

/// Checks over a span.
#[derive(Debug, Clone)]
pub struct Checks {
    pub per_second: f64,
    pub failures: f64,
    pub unrecorded: f64,
    pub missed: f64,
    pub lag_p99_ms: f64,
    pub cpu_ms_per_check: f64,
    pub rss_mb: f64,
    pub load: String,
}

impl Checks {
    pub fn between(before: &Sample, after: &Sample) -> Self {
        let checks = after.checks - before.checks;
        let seconds = after.at.duration_since(before.at).as_secs_f64();
        Self {
            per_second: checks / seconds,
            failures: after.failures - before.failures,
            // What waits in the last batch is not lost: the difference of both ends is.
            unrecorded: checks - (after.recorded - before.recorded),
            missed: after.missed - before.missed,
            lag_p99_ms: after.lag_p99_ms,
            cpu_ms_per_check: (after.cpu_ms - before.cpu_ms) / checks,
            rss_mb: after.rss_mb,
            load: after.load.clone(),
        }
    }
}

/// A page over many requests.
#[derive(Debug, Clone)]
pub struct Page {
    pub median_ms: f64,
    pub p95_ms: f64,
    pub bytes: usize,
}

/// Everything.
pub struct Report {
    pub monitors: u32,
    pub seconds: u64,
    pub runs: u32,
    pub checks: Checks,
    pub page: Page,
    pub first_load: FirstLoad,
}

/// The run in the middle.
pub fn median_by<T>(mut items: Vec<T>, key: impl Fn(&T) -> f64) -> Option<T> {
    items.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let middle = items.len() / 2;
    items.into_iter().nth(middle)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { monitors, seconds, runs, checks, page, first_load } = self;
        writeln!(f, "{monitors} HTTP monitors at 1 s for {seconds} s, median of {runs} runs, load {}\n", checks.load)?;
        writeln!(f, "| measure | seen | reach |\n|---|---:|---:|")?;
        writeln!(f, "| checks a second | {:.1} | 1000 |", checks.per_second)?;
        writeln!(f, "| failed | {:.0} | 0 |", checks.failures)?;
        writeln!(f, "| slots missed | {:.0} | 0 |", checks.missed)?;
        writeln!(f, "| checks less results recorded, at the end | {:.0} | a batch |", checks.unrecorded)?;
        writeln!(f, "| start lag p99 | {:.2} ms | 5 ms |", checks.lag_p99_ms)?;
        writeln!(f, "| CPU a check | {:.3} ms | 0.12 ms |", checks.cpu_ms_per_check)?;
        writeln!(f, "| RSS | {:.0} MB | 200 MB |", checks.rss_mb)?;
        writeln!(f, "| dashboard, 50 of {monitors} rows, median / p95 | {:.1} / {:.1} ms | 25 ms |", page.median_ms, page.p95_ms)?;
        writeln!(f, "| dashboard, HTML | {:.0} kB | |", f64::from(u32::try_from(page.bytes).unwrap_or(0)) / 1e3)?;
        let kilobytes = |bytes: u64| f64::from(u32::try_from(bytes).unwrap_or(0)) / 1e3;
        writeln!(f, "| first load, brotli | {:.0} kB | 450 kB |", kilobytes(first_load.total()))?;
        for (name, bytes) in &first_load.files {
            writeln!(f, "| … {name} | {:.0} kB | |", kilobytes(*bytes))?;
        }
        for (part, bytes) in &first_load.parts {
            writeln!(f, "| more for a page of the part “{part}” | {:.0} kB | |", kilobytes(*bytes))?;
        }
        Ok(())
    }
}
