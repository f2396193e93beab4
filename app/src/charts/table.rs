//! The figures of the chart as a table, on demand.

use domain::view::Series;
use domain::words;
use leptos::prelude::*;

use crate::components::{Icon, Symbol};
use crate::environment::environment;
use crate::zone;

/// One row a point, the newest first. A job sends signals, and some of them end a run that was measured.
#[component]
pub fn DataTable(series: Signal<Series>, #[prop(optional)] job: bool) -> impl IntoView {
    let env = environment();
    let said = |us: Option<u32>| us.map_or_else(|| "—".to_owned(), words::latency);
    // Pieces of less than a minute are told apart by their seconds.
    let precise = Memo::new(move |_| series.with(|s| s.step_ms < 60_000));
    let row = move |point: domain::view::SeriesPoint| {
        view! {
            <tr>
                <th scope="row">{move || env.zone.with(|z| {
                    let time = if precise.get() { zone::clock(point.at, z) } else { zone::minute(point.at, z) };
                    format!("{} {time}", zone::day(point.at, z))
                })}</th>
                <td>{said(point.p50_us)}</td>
                <td>{said(point.p95_us)}</td>
                {job.then(|| view! { <td>{point.measured}</td> })}
                <td>{point.checks}</td>
                <td>{point.failures}</td>
            </tr>
        }
    };
    let caption = move || {
        let step_ms = series.with(|s| u64::try_from(s.step_ms).unwrap_or(0));
        format!("{} in pieces of {}", if job { "Run times" } else { "Latencies" }, words::duration_ms(step_ms))
    };
    view! {
        <details class="disclosure">
            <summary><Icon symbol=Symbol::Chevron/>"Data as a table"</summary>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Data of the chart">
                <table class="data-table">
                    <caption>{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"From"</th>
                            <th scope="col">"Median"</th>
                            <th scope="col">"95th percentile"</th>
                            {job.then(|| view! { <th scope="col">"Runs measured"</th> })}
                            <th scope="col">{if job { "Signals" } else { "Checks" }}</th>
                            <th scope="col">"Failures"</th>
                        </tr>
                    </thead>
                    <tbody>{move || series.get().points.into_iter().rev().map(row).collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
