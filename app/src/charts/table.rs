//! The figures of the chart as a table, on demand.

use domain::view::Series;
use domain::words;
use leptos::prelude::*;

use crate::components::{Icon, Symbol};
use crate::environment::environment;
use crate::zone;

/// One row a point, the newest first.
#[component]
pub fn DataTable(series: Series) -> impl IntoView {
    let env = environment();
    let said = |us: Option<u32>| us.map_or_else(|| "—".to_owned(), words::latency);
    let row = move |point: domain::view::SeriesPoint| {
        view! {
            <tr>
                <th scope="row">{move || env.zone.with(|z| format!("{} {}", zone::day(point.at, z), zone::minute(point.at, z)))}</th>
                <td>{said(point.p50_us)}</td>
                <td>{said(point.p95_us)}</td>
                <td>{point.checks}</td>
                <td>{point.failures}</td>
            </tr>
        }
    };
    let caption = format!("Latencies in pieces of {}", words::duration_ms(u64::try_from(series.step_ms).unwrap_or(0)));
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
                            <th scope="col">"Checks"</th>
                            <th scope="col">"Failures"</th>
                        </tr>
                    </thead>
                    <tbody>{series.points.into_iter().rev().map(row).collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
