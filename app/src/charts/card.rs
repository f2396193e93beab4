//! The card with the latency chart: range and view in the address, zoom by drag, live points, the data as a table.

mod interactive;
mod tip;

use domain::MonitorId;
use domain::live::MonitorLive;
use domain::view::Range;
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::still::Still;
use super::table::DataTable;
use super::{LatencyChart, View};
use crate::api::history::draw_latency;
use crate::components::Load;
use interactive::Interactive;

/// What the address says about the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartAddress {
    range: Range,
    view: View,
    /// The part that is zoomed to, in milliseconds.
    zoom: Option<(i64, i64)>,
}

impl ChartAddress {
    fn current() -> Memo<Self> {
        let query = use_query_map();
        Memo::new(move |_| {
            query.with(|q| {
                let number = |name: &str| q.get(name).and_then(|text| text.parse::<i64>().ok());
                Self {
                    range: q.get("range").and_then(|r| Range::from_name(&r)).unwrap_or(Range::Day),
                    view: q.get("view").and_then(|v| View::from_name(&v)).unwrap_or_default(),
                    zoom: number("from").zip(number("to")).filter(|(from, to)| from < to),
                }
            })
        })
    }

    fn href(self) -> String {
        let mut text = format!("?range={}", self.range.name());
        if self.view != View::default() {
            text.push_str(&format!("&view={}", self.view.name()));
        }
        if let Some((from, to)) = self.zoom {
            text.push_str(&format!("&from={from}&to={to}"));
        }
        text
    }
}

/// The chart of a monitor.
#[component]
pub fn ChartCard(id: MonitorId, live: RwSignal<MonitorLive>) -> impl IntoView {
    let address = ChartAddress::current();
    let wanted = Memo::new(move |_| address.with(|a| (a.range, a.view)));
    let chart =
        Resource::new(move || wanted.get(), move |(range, view)| draw_latency(id.to_string(), range.name().into(), view.name().into()));
    follow(live, wanted, chart);
    let range_link = move |range: Range| {
        let href = move || ChartAddress { range, zoom: None, ..address.get() }.href();
        view! { <a href=href aria-current=move || (wanted.get().0 == range).then_some("true")>{range_word(range)}</a> }
    };
    let drawn = move |chart: LatencyChart| view! { <Drawn chart address/> }.into_any();
    let view_link = move |view: View| {
        let href = move || ChartAddress { view, ..address.get() }.href();
        view! { <a href=href aria-current=move || (wanted.get().1 == view).then_some("true")>{view.word()}</a> }
    };
    view! {
        <section class="card" aria-labelledby="chart-title">
            <div class="card-head">
                <h2 id="chart-title">"Response time"</h2>
                <div class="card-tools">
                    <Show when=move || address.with(|a| a.zoom.is_some())>
                        <a class="button" data-size="small" href=move || ChartAddress { zoom: None, ..address.get() }.href()>"Zoom out"</a>
                    </Show>
                    <nav class="segmented" aria-label="What the chart shows">{View::ALL.map(view_link).collect_view()}</nav>
                    <nav class="segmented" aria-label="Range of the chart">{Range::ALL.map(range_link).collect_view()}</nav>
                </div>
            </div>
            <div class="card-body">
                <Load resource=chart skeleton=&["chart"] view=drawn/>
            </div>
        </section>
    }
}

fn range_word(range: Range) -> &'static str {
    match range {
        Range::Hour => "1 h",
        Range::Day => "24 h",
        Range::Week => "7 d",
        Range::Month => "30 d",
    }
}

/// New checks enter the chart: it is loaded again when one came, at most once in a fifth of its step.
fn follow(live: RwSignal<MonitorLive>, wanted: Memo<(Range, View)>, chart: Resource<Result<LatencyChart, crate::error::ApiError>>) {
    let last = Memo::new(move |_| live.with(|l| l.last.as_ref().map(|c| c.at)));
    let loaded = StoredValue::new(None);
    Effect::new(move |_| {
        let Some(at) = last.get() else { return };
        let pause = wanted.get_untracked().0.step_ms() / 5;
        let due = loaded.get_value().is_none_or(|before: domain::Timestamp| at.as_millis() - before.as_millis() >= pause);
        if due {
            if loaded.get_value().is_some() {
                chart.refetch();
            }
            loaded.set_value(Some(at));
        }
    });
}

#[component]
fn Drawn(chart: LatencyChart, address: Memo<ChartAddress>) -> impl IntoView {
    let series = chart.series.clone();
    let still = series.clone();
    let checks: u64 = series.points.iter().map(|p| u64::from(p.checks)).sum();
    let caption = match (series.p50_us, series.p95_us) {
        (Some(p50), Some(p95)) => {
            format!("Median {}, 95th percentile {}, {} checks", words::latency(p50), words::latency(p95), words::grouped(checks))
        }
        _ => "No successful check in this range yet".to_owned(),
    };
    view! {
        <figure class="stack">
            <figcaption class="card-note">{caption}</figcaption>
            <Interactive chart address>
                <Still series=still/>
            </Interactive>
        </figure>
        <DataTable series/>
    }
}
