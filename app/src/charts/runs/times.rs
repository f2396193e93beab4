//! How long the last runs took, one bar each.

use domain::{Timestamp, words};
use leptos::prelude::*;

use super::RunCharts;
use super::canvas::Canvas;
use crate::components::{Icon, Symbol};
use crate::environment::environment;
use crate::zone;

/// When, how many milliseconds, and whether it succeeded.
type Run = (Timestamp, u32, bool);

fn took(duration_ms: u32) -> String {
    words::latency(duration_ms.saturating_mul(1_000))
}

fn word(succeeded: bool) -> &'static str {
    if succeeded { "Succeeded" } else { "Failed" }
}

/// `22 Nov, 14:08:32`.
fn when(at: Timestamp, wall: &str) -> String {
    format!("{}, {}", zone::day(at, wall), zone::clock(at, wall))
}

/// The picture that is there before, and without, the interactive one.
fn still(runs: &[Run]) -> AnyView {
    let highest = i64::from(runs.iter().map(|(_, ms, _)| *ms).max().unwrap_or(0).max(1));
    let count = i64::try_from(runs.len()).unwrap_or(1).max(1);
    let step = 1_000 / count.max(20);
    let bars = (0i64..)
        .zip(runs)
        .map(|(nth, (_, ms, succeeded))| {
            let height = (i64::from(*ms) * 200 / highest).max(2);
            let state = if *succeeded { "up" } else { "down" };
            view! { <rect data-state=state x=nth * step y=200 - height width=(step - 2).max(1) height=height></rect> }
        })
        .collect_view();
    view! { <svg class="chart-still-bars" viewBox="0 0 1000 200" preserveAspectRatio="none" aria-hidden="true">{bars}</svg> }.into_any()
}

/// The chart with its table.
#[component]
pub fn RunTimes(runs: Signal<Vec<Run>>, charts: Signal<RunCharts>) -> impl IntoView {
    let env = environment();
    let option = Signal::derive(move || charts.with(|charts| charts.times.clone()));
    let sentences = Signal::derive(move || {
        let wall = env.zone.get();
        let said = |(at, ms, succeeded): &Run| format!("{}\n{} after {}", when(*at, &wall), word(*succeeded), took(*ms));
        runs.with(|runs| runs.iter().map(said).collect::<Vec<_>>())
    });
    let caption = move || {
        runs.with(|runs| {
            let mut sorted: Vec<u32> = runs.iter().filter(|run| run.2).map(|run| run.1).collect();
            sorted.sort_unstable();
            let all = if runs.len() == 1 { "run".to_owned() } else { words::count(runs.len(), "run", "runs") };
            match sorted.get(sorted.len() / 2) {
                Some(median) => format!("The last {all}: median {}", took(*median)),
                None => format!("The last {all}: none succeeded"),
            }
        })
    };
    let some = Memo::new(move |_| !runs.with(Vec::is_empty));
    view! {
        <Show when=move || some.get() fallback=|| view! { <p class="chart-empty">"No run has ended yet."</p> }>
            <figure class="stack">
                <figcaption class="card-note">{caption}</figcaption>
                <Canvas option said=sentences label="How long the last runs took; the table below has the same figures" size="low">
                    <div class="chart-still-box">{move || runs.with(|runs| still(runs))}</div>
                </Canvas>
            </figure>
            <details class="disclosure">
                <summary><Icon symbol=Symbol::Chevron/>"Data as a table"</summary>
                <div class="scroll-x" tabindex="0" role="region" aria-label="How long runs took">
                    <table class="data-table">
                        <caption>"The last runs, from request to the end of the answer"</caption>
                        <thead><tr><th scope="col">"Run"</th><th scope="col">"Took"</th><th scope="col">"Outcome"</th></tr></thead>
                        <tbody>
                            {move || runs.get().into_iter().rev().map(|(at, ms, succeeded)| view! {
                                <tr><th scope="row">{move || env.zone.with(|wall| when(at, wall))}</th><td>{took(ms)}</td><td>{word(succeeded)}</td></tr>
                            }).collect_view()}
                        </tbody>
                    </table>
                </div>
            </details>
        </Show>
    }
}
