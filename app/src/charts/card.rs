//! The card with the latency chart: range, view and zoom in the address, live points, the data as a table.

mod interactive;
mod tip;

use std::time::Duration;

use domain::kind::Kind;
use domain::live::MonitorLive;
use domain::time::HOUR_MS;
use domain::view::{Range, Series, SeriesPoint};
use domain::words;
use domain::{MonitorId, Timestamp};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use super::still::Still;
use super::table::DataTable;
use super::{LatencyChart, View};
use crate::api::history::draw_latency;
use crate::components::passed_over::{read, strangers};
use crate::components::{LoadOnce, PassedOver, Tone, toasts};
use crate::environment::environment;
use crate::error::ApiError;
use crate::later::Later;
use interactive::Interactive;

type Loaded = Resource<Result<LatencyChart, ApiError>>;

/// After a check, so that the recorder has written it.
const WRITTEN: Duration = Duration::from_secs(1);

/// What the address says about the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartAddress {
    range: Range,
    view: View,
    /// The part that is zoomed to, in milliseconds.
    zoom: Option<(i64, i64)>,
}

impl ChartAddress {
    fn current(default_range: Range) -> Memo<Self> {
        let query = use_query_map();
        Memo::new(move |_| query.with(|q| Self::read(q, default_range).0))
    }

    /// What an address says, and what it asks for that there is not.
    fn read(query: &ParamsMap, default_range: Range) -> (Self, Vec<String>) {
        let mut said = Vec::new();
        let range = read(query, ("range", "range"), Range::from_name, range_word(default_range), &mut said).unwrap_or(default_range);
        let view = read(query, ("view", "view"), View::from_name, View::default().word(), &mut said).unwrap_or_default();
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<i64>().ok());
        let zoom = number("from").zip(number("to")).filter(|(from, to)| from < to);
        if zoom.is_none() && ["from", "to"].iter().any(|name| query.get(name).is_some()) {
            said.push("“from” and “to” are no stretch of time; showing the whole range.".to_owned());
        }
        strangers(query, &["range", "view", "from", "to"], &mut said);
        (Self { range, view, zoom }, said)
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

/// The range when the address has none: of a young monitor a day would be a dot at its end.
fn default_range(created: Timestamp, now: Timestamp) -> Range {
    if now.as_millis() - created.as_millis() < 3 * HOUR_MS { Range::Hour } else { Range::Day }
}

const NO_SUCCESS: &str = "No successful check in this time, so there is no response time to show.";
const NO_RUN: &str = "No run was measured in this time. A job that reports when it begins, and when it ends, is measured.";

/// The chart of a monitor.
#[component]
pub fn ChartCard(id: MonitorId, live: RwSignal<MonitorLive>, kind: Kind) -> impl IntoView {
    // A job reports how long it ran, and nothing of what it did meanwhile.
    let job = kind == Kind::Heartbeat;
    let title = if job { "Run time" } else { "Response time" };
    let default_range = default_range(id.created_at(), environment().now.get_untracked());
    let address = ChartAddress::current(default_range);
    let query = use_query_map();
    let said = Memo::new(move |_| query.with(|q| ChartAddress::read(q, default_range).1));
    let chart = Resource::new(
        move || address.get(),
        move |ChartAddress { range, view, zoom }| {
            draw_latency(id.to_string(), range.name().into(), view.name().into(), zoom.map(|z| z.0), zoom.map(|z| z.1))
        },
    );
    follow(live, address, chart);
    let drawn = move |first: LatencyChart| view! { <Drawn first resource=chart address job/> }.into_any();
    let range_link = move |range: Range| {
        let href = move || ChartAddress { range, zoom: None, ..address.get() }.href();
        view! { <a href=href aria-current=move || address.with(|a| a.range == range && a.zoom.is_none()).then_some("true")>{range_word(range)}</a> }
    };
    let view_link = move |view: View| {
        let href = move || ChartAddress { view, ..address.get() }.href();
        view! { <a href=href aria-current=move || (address.get().view == view).then_some("true")>{view.word()}</a> }
    };
    view! {
        <section class="card" aria-labelledby="chart-title">
            <div class="card-head">
                <h2 id="chart-title">{title}</h2>
                {move || view! { <Legend view=address.get().view/> }}
                <div class="card-tools">
                    <Show when=move || address.with(|a| a.zoom.is_some())>
                        <a class="button" data-size="small" href=move || ChartAddress { zoom: None, ..address.get() }.href()>"Whole range"</a>
                    </Show>
                    {(!job).then(|| view! {
                        <nav class="segmented" aria-label="What the chart shows">{View::ALL.map(view_link).collect_view()}</nav>
                    })}
                    <nav class="segmented" aria-label="Range of the chart">{Range::ALL.map(range_link).collect_view()}</nav>
                </div>
            </div>
            <div class="card-body">
                <PassedOver said/>
                <LoadOnce resource=chart skeleton=&["chart"] view=drawn/>
            </div>
        </section>
    }
}

/// Which colour is what.
#[component]
fn Legend(view: View) -> impl IntoView {
    let key = |(name, word): &(&'static str, &'static str)| view! { <li><span class="chart-swatch" data-series=*name></span>{*word}</li> };
    view! { <ul class="chart-legend" aria-label="Colours of the chart">{view.keys().iter().map(key).collect_view()}</ul> }
}

fn range_word(range: Range) -> &'static str {
    match range {
        Range::Hour => "1 h",
        Range::Day => "24 h",
        Range::Week => "7 d",
        Range::Month => "30 d",
        Range::Quarter => "90 d",
        Range::Year => "1 y",
    }
}

/// New checks enter the chart: it is loaded again when one came, at most once in a fifth of its step. What was zoomed to is
/// over and stays.
fn follow(live: RwSignal<MonitorLive>, address: Memo<ChartAddress>, chart: Loaded) {
    let last = Memo::new(move |_| live.with(|l| l.last.as_ref().map(|c| c.at)));
    let loaded = StoredValue::new(None);
    let later = Later::new(WRITTEN);
    Effect::new(move |_| {
        let Some(at) = last.get() else { return };
        let shown = address.get_untracked();
        let pause = shown.range.step_ms() / 5;
        let due = loaded.get_value().is_none_or(|before: Timestamp| at.as_millis() - before.as_millis() >= pause);
        if due && shown.zoom.is_none() {
            if loaded.get_value().is_some() {
                later.run(move || chart.refetch());
            }
            loaded.set_value(Some(at));
        }
    });
}

/// The chart stays while another one is loaded: nothing flickers, and the table stays open.
#[component]
fn Drawn(first: LatencyChart, resource: Loaded, address: Memo<ChartAddress>, job: bool) -> impl IntoView {
    let chart = RwSignal::new(first);
    let shown = StoredValue::new(address.get_untracked());
    Effect::new(move |_| match resource.get() {
        Some(Ok(loaded)) => {
            shown.set_value(address.get_untracked());
            chart.maybe_update(|there| std::mem::replace(there, loaded) != *there);
        }
        // Nobody asked for a load that follows the checks; the head of the page says that the connection is lost.
        Some(Err(error)) if shown.get_value() != address.get_untracked() => toasts().say(Tone::Bad, error.to_string()),
        _ => {}
    });
    let answered = Memo::new(move |_| chart.with(|c| c.series.p50_us.is_some()));
    let series = Signal::derive(move || chart.with(|c| c.series.clone()));
    view! {
        <figure class="stack">
            <figcaption class="card-note">{move || chart.with(|c| caption(&c.series, job))}</figcaption>
            <Show
                when=move || answered.get()
                fallback=move || view! { <p class="chart-empty">{if job { NO_RUN } else { NO_SUCCESS }}</p> }
            >
                <Interactive chart address job>
                    {move || view! { <Still series=series.get()/> }}
                </Interactive>
            </Show>
        </figure>
        <DataTable series job/>
    }
}

/// Of what the figures are: of checks, or of the runs of a job among its signals.
fn caption(series: &Series, job: bool) -> String {
    let sum = |of: fn(&SeriesPoint) -> u32| series.points.iter().map(|p| usize::try_from(of(p)).unwrap_or(0)).sum();
    let of = if job {
        let signals = words::count(sum(|p| p.checks), "signal", "signals");
        format!("{}, {signals}", words::count(sum(|p| p.measured), "run measured", "runs measured"))
    } else {
        words::count(sum(|p| p.checks), "check", "checks")
    };
    match (series.p50_us, series.p95_us) {
        (Some(p50), Some(p95)) => format!("Median {}, 95th percentile {}, {of}", words::latency(p50), words::latency(p95)),
        _ => of,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::check::Phases;

    #[test]
    fn signals_without_a_run_are_not_counted_as_runs() {
        let at = Timestamp::from_millis(0);
        let point = SeriesPoint { at, checks: 5, failures: 1, measured: 3, p50_us: None, p95_us: None, phases: Phases::default() };
        let series = Series { from: at, to: at, step_ms: 1, points: vec![point], p50_us: None, p95_us: None, shaded: Vec::new() };
        assert_eq!((caption(&series, true).as_str(), caption(&series, false).as_str()), ("3 runs measured, 5 signals", "5 checks"));
    }

    #[test]
    fn a_young_monitor_shows_its_hour() {
        let range = |age_ms| default_range(Timestamp::from_millis(HOUR_MS), Timestamp::from_millis(HOUR_MS + age_ms));
        assert_eq!(range(0), Range::Hour);
        assert_eq!(range(3 * HOUR_MS - 1), Range::Hour);
        assert_eq!(range(3 * HOUR_MS), Range::Day);
    }
}
