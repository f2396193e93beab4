//! Which monitors made it so: the least reliable, the slowest, and who failed for which reason.

use domain::analytics::{Ranked, ReasonShare};
use domain::words;
use leptos::prelude::*;

/// A list of monitors with a figure each.
pub(super) fn list(monitors: Vec<Ranked>, figure: impl Fn(&Ranked) -> (String, String)) -> impl IntoView {
    monitors
        .into_iter()
        .map(move |ranked| {
            let (main, note) = figure(&ranked);
            view! {
                <li>
                    <span class="ranked-name">
                        <a href=format!("/monitors/{}", ranked.id)>{ranked.name}</a>
                        <span class="muted">{ranked.label}</span>
                    </span>
                    <span class="ranked-note muted num">{note}</span>
                    <span class="num">{main}</span>
                </li>
            }
        })
        .collect_view()
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "—".to_owned(), words::percent)
}

/// How many of the checks of a monitor failed.
pub(super) fn failures_of(ranked: &Ranked) -> (String, String) {
    (
        words::grouped(ranked.failures),
        format!("of {}", words::count(usize::try_from(ranked.checks).unwrap_or(usize::MAX), "check", "checks")),
    )
}

/// Those with the most time down.
#[component]
pub fn LeastReliable(monitors: Vec<Ranked>) -> impl IntoView {
    let figure = |ranked: &Ranked| {
        let down =
            if ranked.down_ms == 0 { "not confirmed down".to_owned() } else { format!("{} down", words::duration_ms(ranked.down_ms)) };
        (share(ranked.uptime), down)
    };
    let none = monitors.is_empty();
    view! {
        <section class="card" id="least-reliable" aria-labelledby="least-title">
            <div class="card-head"><h2 id="least-title">"Least reliable"</h2><span class="card-note">"by time down"</span></div>
            <div class="card-body">
                {none.then(|| view! { <p class="muted">"No check failed."</p> })}
                <ol class="ranked">{list(monitors, figure)}</ol>
            </div>
        </section>
    }
}

/// Those with the highest 95th percentile.
#[component]
pub fn Slowest(monitors: Vec<Ranked>) -> impl IntoView {
    let latency = |us: Option<u32>| us.map_or_else(|| "—".to_owned(), words::latency);
    let figure = move |ranked: &Ranked| (latency(ranked.p95_us), format!("median {}", latency(ranked.p50_us)));
    let none = monitors.is_empty();
    view! {
        <section class="card" id="slowest" aria-labelledby="slowest-title">
            <div class="card-head"><h2 id="slowest-title">"Slowest"</h2><span class="card-note">"by the 95th percentile"</span></div>
            <div class="card-body">
                {none.then(|| view! { <p class="muted">"No latency was measured."</p> })}
                <ol class="ranked">{list(monitors, figure)}</ol>
            </div>
        </section>
    }
}

/// Failures by reason; each opens to its monitors.
#[component]
pub fn Reasons(reasons: Vec<ReasonShare>, failures: u64) -> impl IntoView {
    let none = failures == 0;
    let counted: u64 = reasons.iter().map(|share| share.failures).sum();
    let earlier = failures.saturating_sub(counted);
    let most = reasons.first().map_or(1, |first| first.failures.max(1));
    let one = move |share: ReasonShare| {
        // The width of a bar, in tenths of a percent of the longest one.
        let width = (share.failures * 1_000 / most).max(4);
        let part = (share.failures.saturating_mul(1_000) + failures / 2).checked_div(failures).unwrap_or(0);
        view! {
            <details class="reason">
                <summary>
                    <span class="reason-name">{share.reason.word()}</span>
                    <svg class="reason-bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
                        <rect width=width height="8"></rect>
                    </svg>
                    <span class="num muted">{format!("{}.{}%", part / 10, part % 10)}</span>
                    <span class="num">{words::grouped(share.failures)}</span>
                </summary>
                <ol class="ranked">{list(share.monitors, failures_of)}</ol>
            </details>
        }
    };
    view! {
        <section class="card" id="reasons" aria-labelledby="reasons-title">
            <div class="card-head"><h2 id="reasons-title">"Failed checks by reason"</h2><span class="card-note">"open one for its monitors"</span></div>
            <div class="card-body">
                {none.then(|| view! { <p class="muted">"No check failed."</p> })}
                <div class="reasons">{reasons.into_iter().map(one).collect_view()}</div>
                {(earlier > 0).then(|| {
                    let text = format!("{} failed before reasons were counted, by an earlier version.", words::grouped(earlier));
                    view! { <p class="muted">{text}</p> }
                })}
            </div>
        </section>
    }
}
