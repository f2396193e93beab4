//! The option of the latency chart, built with charming. Latencies are in milliseconds there, and what takes longer in seconds or
//! minutes.

use charming::Chart;
use charming::component::{Aria, Axis, Grid};
use charming::datatype::CompositeValue;
use charming::element::{
    AreaStyle, AxisLabel, AxisLine, AxisPointer, AxisPointerType, AxisTick, AxisType, Formatter, ItemStyle, LineStyle, MarkArea,
    MarkAreaData, SplitLine, Symbol, Tooltip, Trigger,
};
use charming::series::Line;
use domain::State;
use domain::check::Phases;
use domain::view::{Series, SeriesPoint};

use super::View;

/// One phase of a check: its word, its token, and how to read it.
type Phase = (&'static str, &'static str, fn(&Phases) -> Option<u32>);

/// The phases of a check in their order.
const PHASES: [Phase; 5] = [
    ("DNS", "var(--maintenance)", |p| p.dns_us),
    ("Connect", "var(--up)", |p| p.connect_us),
    ("TLS", "var(--accent)", |p| p.tls_us),
    ("Waiting", "var(--degraded)", |p| p.first_byte_us),
    ("Download", "var(--quiet)", |p| p.download_us),
];

/// The option as JSON.
pub fn build(series: &Series, view: View) -> String {
    let unit = Unit::of(series);
    let mut chart = Chart::new()
        .aria(Aria::new().enabled(true))
        .grid(Grid::new().left("8").right("12").top("14").bottom("4").contain_label(true))
        .tooltip(
            Tooltip::new()
                .trigger(Trigger::Axis)
                .axis_pointer(AxisPointer::new().type_(AxisPointerType::Line))
                .padding(0.0)
                .border_width(0.0)
                .background_color("transparent"),
        )
        .x_axis(time_axis(series))
        .y_axis(value_axis(unit));
    let lines = match view {
        View::Percentiles => percentiles(series, unit),
        View::Phases => phases(series, unit),
    };
    // A line needs two points; of one alone only its mark can be seen.
    let lonely = series.points.len() < 3;
    for line in lines {
        chart = chart.series(line.show_symbol(lonely));
    }
    let mut option = serde_json::to_value(&chart).unwrap_or_default();
    // charming has no such fields: the chart is redrawn often and does not dance; of labels that would touch, one is left out.
    if let Some(option) = option.as_object_mut() {
        option.insert("animation".into(), false.into());
    }
    if let Some(label) = option.pointer_mut("/xAxis/axisLabel").and_then(serde_json::Value::as_object_mut) {
        label.insert("hideOverlap".into(), true.into());
    }
    option.to_string()
}

fn quiet_label() -> AxisLabel {
    AxisLabel::new().color("var(--faint)").font_size(11.5).font_family("Inter, sans-serif")
}

fn time_axis(series: &Series) -> Axis {
    Axis::new()
        .type_(AxisType::Time)
        .min(series.from.as_millis())
        .max(series.to.as_millis())
        .split_number(6.0)
        .axis_label(
            quiet_label().formatter(Formatter::String(
                match series.to.since(series.from).as_secs() {
                    0..600 => "{HH}:{mm}:{ss}",
                    600..=172_800 => "{HH}:{mm}",
                    172_801..=864_000 => "{d} {MMM} {HH}:{mm}",
                    _ => "{d} {MMM}",
                }
                .into(),
            )),
        )
        .axis_line(AxisLine::new().show(false))
        .axis_tick(AxisTick::new().show(false))
        .split_line(SplitLine::new().show(false))
}

fn value_axis(unit: Unit) -> Axis {
    Axis::new()
        .type_(AxisType::Value)
        .min(0)
        .split_number(4.0)
        .axis_label(quiet_label().formatter(Formatter::String(format!("{{value}} {}", unit.word))))
        .split_line(SplitLine::new().line_style(LineStyle::new().color("var(--line)")))
}

fn line(name: &str, color: &str, width: f64) -> Line {
    Line::new()
        .name(name)
        .symbol(Symbol::Circle)
        .connect_nulls(false)
        .line_style(LineStyle::new().color(color).width(width))
        .item_style(ItemStyle::new().color(color))
}

/// What the values of a chart are in.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub word: &'static str,
    pub us: f64,
}

impl Unit {
    fn of(series: &Series) -> Self {
        Self::up_to(series.points.iter().filter_map(|point| point.p95_us).max().unwrap_or(0))
    }

    /// Jobs run for minutes, and a web service answers within milliseconds.
    pub fn up_to(most_us: u32) -> Self {
        match most_us {
            0..3_000_000 => Self { word: "ms", us: 1e3 },
            3_000_000..600_000_000 => Self { word: "s", us: 1e6 },
            _ => Self { word: "min", us: 60e6 },
        }
    }

    fn value(self, us: u32) -> f64 {
        f64::from(us) / self.us
    }
}

/// A point per step. Steps without checks carry nothing, so that gaps stay gaps.
fn data(series: &Series, value: impl Fn(&SeriesPoint) -> Option<f64>) -> Vec<CompositeValue> {
    let mut out = Vec::new();
    let mut expected = None;
    let mut push = |at: i64, value: Option<f64>| {
        out.push(CompositeValue::Array(vec![at.into(), CompositeValue::OptionalNumber(value.map(Into::into))]));
    };
    for point in &series.points {
        let at = point.at.as_millis();
        if expected.is_some_and(|expected: i64| at > expected) {
            push(expected.unwrap_or(at), None);
        }
        push(at, value(point));
        expected = Some(at + series.step_ms);
    }
    out
}

fn percentiles(series: &Series, unit: Unit) -> Vec<Line> {
    let p50 = |p: &SeriesPoint| p.p50_us.map(|us| unit.value(us));
    let spread = |p: &SeriesPoint| p.p50_us.zip(p.p95_us).map(|(low, high)| unit.value(high.saturating_sub(low)));
    // The band is stacked on an invisible median; the visible one is drawn above both.
    vec![
        line("base", "transparent", 0.0).stack("band").data(data(series, p50)),
        line("95th percentile", "var(--accent-line)", 1.0)
            .stack("band")
            .area_style(AreaStyle::new().color("var(--accent)").opacity(0.16))
            .data(data(series, spread)),
        line("median", "var(--accent)", 2.0).mark_area(shaded(series)).data(data(series, p50)),
    ]
}

fn phases(series: &Series, unit: Unit) -> Vec<Line> {
    PHASES
        .into_iter()
        .enumerate()
        .map(|(i, (name, color, of))| {
            let value = move |p: &SeriesPoint| of(&p.phases).map(|us| unit.value(us));
            let line =
                line(name, color, 1.0).stack("phases").area_style(AreaStyle::new().color(color).opacity(0.55)).data(data(series, value));
            if i == 0 { line.mark_area(shaded(series)) } else { line }
        })
        .collect()
}

/// What was not Up, as shaded areas.
fn shaded(series: &Series) -> MarkArea {
    let bad = |state: &State| matches!(state, State::Down | State::Degraded | State::Maintenance);
    let spans = series.shaded.iter().filter(|s| bad(&s.state)).map(|span| {
        let edge = |at: domain::Timestamp| MarkAreaData::new().x_axis(at.to_rfc3339());
        (edge(span.from), edge(span.to))
    });
    MarkArea::new().silent(true).item_style(ItemStyle::new().color("var(--down)").opacity(0.14)).data(spans.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn series() -> Series {
        let point = |minute: i64, p50_us| SeriesPoint {
            at: Timestamp::from_millis(minute * 60_000),
            checks: 2,
            failures: 0,
            measured: 2,
            p50_us: Some(p50_us),
            p95_us: Some(p50_us * 2),
            phases: Phases::default(),
        };
        Series {
            from: Timestamp::from_millis(0),
            to: Timestamp::from_millis(600_000),
            step_ms: 60_000,
            points: vec![point(0, 50_000), point(1, 60_000), point(5, 70_000)],
            p50_us: Some(60_000),
            p95_us: Some(120_000),
            shaded: Vec::new(),
        }
    }

    #[test]
    fn gaps_stay_gaps() {
        let option: serde_json::Value = serde_json::from_str(&build(&series(), View::Percentiles)).expect("JSON");
        let median = &option["series"][2]["data"];
        assert_eq!(median.as_array().map(Vec::len), Some(4), "{median}");
        assert_eq!(median[2], serde_json::json!([120_000, null]));
        assert_eq!(median[3], serde_json::json!([300_000, 70.0]));
    }

    #[test]
    fn the_legend_names_what_is_drawn() {
        let words: Vec<&str> = PHASES.iter().map(|(word, _, _)| *word).collect();
        assert_eq!(View::Phases.keys().iter().map(|(_, word)| *word).collect::<Vec<_>>(), words);
    }

    #[test]
    fn labels_of_time_do_not_touch() {
        let option: serde_json::Value = serde_json::from_str(&build(&series(), View::Percentiles)).expect("JSON");
        assert_eq!(option["xAxis"]["axisLabel"]["hideOverlap"], true);
    }

    #[test]
    fn what_takes_long_is_not_told_in_thousands_of_milliseconds() {
        let axis = |p50_us: u32| {
            let mut series = series();
            series.points.iter_mut().for_each(|point| point.p95_us = Some(p50_us));
            let option: serde_json::Value = serde_json::from_str(&build(&series, View::Percentiles)).expect("JSON");
            option["yAxis"]["axisLabel"]["formatter"].as_str().map(str::to_owned)
        };
        assert_eq!(axis(2_900_000).as_deref(), Some("{value} ms"));
        assert_eq!((axis(41_000_000).as_deref(), axis(900_000_000).as_deref()), (Some("{value} s"), Some("{value} min")));
    }

    #[test]
    fn the_option_has_no_code_in_it() {
        for view in View::ALL {
            assert!(!build(&series(), view).contains("function"));
        }
    }
}
