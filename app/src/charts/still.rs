//! The still picture of the chart: there before the interactive one, and in its place without scripts.

use domain::view::{Series, SeriesPoint};
use domain::{Timestamp, words};
use leptos::prelude::*;

use crate::environment::environment;
use crate::zone;

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 260.0;

/// Values of the vertical axis: zero and three or four round steps up to the highest.
fn ticks(highest_us: u32) -> Vec<u32> {
    let wanted = highest_us.max(1_000) / 4;
    let magnitude = 10u32.pow(wanted.max(1).ilog10());
    let step = [1, 2, 5, 10].into_iter().map(|m| m * magnitude).find(|s| *s >= wanted).unwrap_or(wanted);
    let count = highest_us.max(1_000).div_ceil(step);
    (0..=count).map(|i| i * step).collect()
}

struct Drawing {
    top_us: f64,
    from: Timestamp,
    width_ms: f64,
    step_ms: i64,
}

impl Drawing {
    fn x(&self, at: Timestamp) -> f64 {
        let since = at.since(self.from).as_secs_f64() * 1_000.0;
        (WIDTH * since / self.width_ms).clamp(0.0, WIDTH)
    }

    fn y(&self, us: u32) -> f64 {
        HEIGHT - HEIGHT * f64::from(us) / self.top_us
    }

    /// Runs of points without a gap between them.
    fn runs<'a>(&self, points: &'a [SeriesPoint]) -> impl Iterator<Item = &'a [SeriesPoint]> {
        let step = self.step_ms;
        points.chunk_by(move |a, b| b.at.as_millis() - a.at.as_millis() <= step && a.p50_us.is_some() && b.p50_us.is_some())
    }

    fn line(&self, points: &[SeriesPoint], value: fn(&SeriesPoint) -> Option<u32>) -> String {
        let mut path = String::new();
        for run in self.runs(points) {
            for (i, (at, us)) in run.iter().filter_map(|p| Some((p.at, value(p)?))).enumerate() {
                path.push_str(&format!("{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, self.x(at), self.y(us)));
            }
        }
        path
    }

    fn band(&self, points: &[SeriesPoint]) -> String {
        let mut path = String::new();
        for run in self.runs(points) {
            let upper: Vec<String> = run.iter().filter_map(|p| Some(format!("{:.1} {:.1}", self.x(p.at), self.y(p.p95_us?)))).collect();
            let lower: Vec<String> =
                run.iter().rev().filter_map(|p| Some(format!("{:.1} {:.1}", self.x(p.at), self.y(p.p50_us?)))).collect();
            if upper.len() > 1 {
                path.push_str(&format!("M{}L{}z", upper.join("L"), lower.join("L")));
            }
        }
        path
    }
}

/// Median and band, with a few labels of the axes.
#[component]
pub fn Still(series: Series) -> impl IntoView {
    let env = environment();
    let highest = series.points.iter().filter_map(|p| p.p95_us).max().unwrap_or(0);
    let ticks = ticks(highest);
    let drawing = Drawing {
        top_us: f64::from(ticks.last().copied().unwrap_or(1_000)),
        from: series.from,
        width_ms: (series.to.since(series.from).as_secs_f64() * 1_000.0).max(1.0),
        step_ms: series.step_ms,
    };
    let trouble: Vec<_> = series
        .shaded
        .iter()
        .filter(|s| s.state.counts() == domain::state::Counts::Down)
        .map(|s| (drawing.x(s.from), (drawing.x(s.to) - drawing.x(s.from)).max(2.0)))
        .collect();
    let long = series.to.since(series.from).as_secs() > 172_800;
    let label = move |at: Timestamp| env.zone.with(|z| if long { zone::day(at, z) } else { zone::minute(at, z) });
    let middle = Timestamp::from_millis(i64::midpoint(series.from.as_millis(), series.to.as_millis()));
    view! {
        <div class="chart-still" aria-hidden="true">
            <div class="chart-y">
                {ticks.iter().rev().map(|us| view! { <span>{words::latency(*us)}</span> }).collect_view()}
            </div>
            <svg class="chart-static" viewBox="0 0 1000 260" preserveAspectRatio="none">
                {trouble.into_iter().map(|(x, width)| view! { <rect class="trouble" x=format!("{x:.1}") y="0" width=format!("{width:.1}") height="260"></rect> }).collect_view()}
                {ticks.iter().map(|us| view! { <path class="grid-line" d=format!("M0 {:.1}H1000", drawing.y(*us))></path> }).collect_view()}
                <path class="band" d=drawing.band(&series.points)></path>
                <path class="p95" d=drawing.line(&series.points, |p| p.p95_us)></path>
                <path class="median" d=drawing.line(&series.points, |p| p.p50_us)></path>
            </svg>
            <div class="chart-x">
                <span>{move || label(series.from)}</span>
                <span>{move || label(middle)}</span>
                <span>{move || label(series.to)}</span>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn ticks_are_round_and_enough() {
        assert_eq!(ticks(231_000), [0, 100_000, 200_000, 300_000]);
        for highest in [0, 1, 999, 1_000, 87_654, 12_345_678] {
            let ticks = ticks(highest);
            assert!((2..=6).contains(&ticks.len()) && ticks.last().is_some_and(|t| *t >= highest), "{highest}: {ticks:?}");
        }
    }
}
