//! States over time as one strip.

use domain::uptime::Span;
use domain::{State, Timestamp, words};
use leptos::prelude::*;

/// Thousandths of a window, for a drawing that is 1000 wide.
fn permille(at: Timestamp, from: Timestamp, to: Timestamp) -> i64 {
    let width = (to.as_millis() - from.as_millis()).max(1);
    ((at.as_millis() - from.as_millis()) * 1_000 / width).clamp(0, 1_000)
}

/// One rectangle a span. What was not Up is at least three thousandths wide, or nobody would see it.
#[component]
pub fn Timeline(spans: Vec<Span>, #[prop(into)] label: String) -> impl IntoView {
    let ends = spans.first().map(|s| s.from).zip(spans.last().map(|s| s.to));
    let (from, to) = ends.unwrap_or_default();
    let (calm, loud): (Vec<Span>, Vec<Span>) = spans.into_iter().partition(|s| s.state == State::Up);
    let draw = move |span: Span| {
        let (x, end) = (permille(span.from, from, to), permille(span.to, from, to));
        let least = if span.state == State::Up { 0 } else { 3 };
        let title = format!("{} for {}", span.state.word(), words::duration(span.to.since(span.from)));
        view! {
            <rect data-state=span.state.name() x=x.min(1_000 - least) y="0" width=(end - x).max(least) height="14">
                <title>{title}</title>
            </rect>
        }
    };
    view! {
        <svg class="timeline" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label=label>
            {calm.into_iter().map(draw).collect_view()}
            {loud.into_iter().map(draw).collect_view()}
        </svg>
    }
}
