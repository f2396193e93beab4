//! The options of the charts of runs, built with charming.

use charming::Chart;
use charming::component::{Aria, Axis, Calendar, Grid, VisualMap, VisualMapPiece, VisualMapType};
use charming::datatype::{CompositeValue, DataPoint, DataPointItem};
use charming::element::{
    AxisLabel, AxisLine, AxisTick, AxisType, CoordinateSystem, Formatter, ItemStyle, LineStyle, SplitLine, Tooltip, Trigger,
};
use charming::series::{Bar, Heatmap};
use domain::Timestamp;
use domain::time::DAY_MS;
use domain::webhook::DayOfRuns;

use super::{DAYS, Went, most};
use crate::charts::option::Unit;

fn tooltip(trigger: Trigger) -> Tooltip {
    Tooltip::new().trigger(trigger).padding(0.0).border_width(0.0).background_color("transparent")
}

/// The option as JSON. charming has no field for this: a chart that is drawn again often does not dance.
fn json(chart: &Chart, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut option = serde_json::to_value(chart).unwrap_or_default();
    if let Some(option) = option.as_object_mut() {
        option.insert("animation".into(), false.into());
    }
    change(&mut option);
    option.to_string()
}

/// `2026-11-29`.
fn iso(day: i32) -> String {
    let at = Timestamp::from_millis(i64::from(day) * DAY_MS);
    at.to_rfc3339().chars().take(10).collect()
}

fn color(went: Went) -> &'static str {
    match went {
        Went::Missed => "var(--unknown)",
        Went::Few => "var(--few)",
        Went::Well => "var(--up)",
        Went::Nearly => "var(--nearly)",
        Went::Some => "var(--degraded)",
        Went::Badly => "var(--down)",
    }
}

/// A year of days.
pub fn calendar(days: &[DayOfRuns], today: i32) -> String {
    let most = most(days);
    let level = |went: Went| Went::ALL.iter().position(|one| *one == went).and_then(|level| i32::try_from(level).ok()).unwrap_or(0);
    let cells: Vec<Vec<DataPoint>> =
        days.iter().map(|day| vec![DataPoint::from(iso(day.day).as_str()), DataPoint::from(level(Went::of(day, most)))]).collect();
    let piece = |went: Went| {
        let level = f64::from(level(went));
        VisualMapPiece::new().gte(level).lte(level).color(color(went))
    };
    let chart = Chart::new()
        .aria(Aria::new().enabled(true))
        .tooltip(tooltip(Trigger::Item))
        .visual_map(VisualMap::new().type_(VisualMapType::Piecewise).show(false).dimension(1).pieces(Went::ALL.map(piece).to_vec()))
        .calendar(
            Calendar::new()
                .left("32")
                .right("4")
                .top("20")
                .bottom("4")
                .range((iso(today - DAYS + 1), iso(today)))
                .split_line(SplitLine::new().show(false))
                .item_style(ItemStyle::new().color("transparent").border_color("var(--line)").border_width(1.0)),
        )
        .series(Heatmap::new().coordinate_system(CoordinateSystem::Calendar).data(cells));
    json(&chart, |option| {
        let label = |size: f64| serde_json::json!({ "color": "var(--faint)", "fontFamily": "Inter, sans-serif", "fontSize": size });
        // charming writes one calendar as an object or as a list of one.
        let path = if option.pointer("/calendar/0").is_some() { "/calendar/0" } else { "/calendar" };
        if let Some(calendar) = option.pointer_mut(path).and_then(serde_json::Value::as_object_mut) {
            let mut days = label(10.5);
            days["firstDay"] = 1.into();
            days["nameMap"] = serde_json::json!(["Sun", "Mon", "", "Wed", "", "Fri", ""]);
            calendar.insert("dayLabel".into(), days);
            calendar.insert("monthLabel".into(), label(11.0));
            calendar.insert("yearLabel".into(), serde_json::json!({ "show": false }));
        }
    })
}

/// How long the last runs took: one bar each.
pub fn times(latency: &[(Timestamp, u32, bool)]) -> String {
    let unit = Unit::up_to(latency.iter().map(|(_, ms, _)| ms.saturating_mul(1_000)).max().unwrap_or(0));
    let names: Vec<String> = latency.iter().map(|(at, ..)| at.to_rfc3339()).collect();
    let bars: Vec<DataPoint> = latency
        .iter()
        .map(|(_, duration_ms, succeeded)| {
            let color = if *succeeded { "var(--accent)" } else { "var(--down)" };
            let value = CompositeValue::from(f64::from(*duration_ms) * 1e3 / unit.us);
            DataPoint::Item(DataPointItem::new(value).item_style(ItemStyle::new().color(color)))
        })
        .collect();
    let quiet = || AxisLabel::new().color("var(--faint)").font_size(11.5).font_family("Inter, sans-serif");
    let chart = Chart::new()
        .aria(Aria::new().enabled(true))
        .grid(Grid::new().left("8").right("12").top("14").bottom("4").contain_label(true))
        .tooltip(tooltip(Trigger::Axis))
        .x_axis(
            Axis::new()
                .type_(AxisType::Category)
                .data(names)
                .axis_label(AxisLabel::new().show(false))
                .axis_line(AxisLine::new().show(false))
                .axis_tick(AxisTick::new().show(false)),
        )
        .y_axis(
            Axis::new()
                .type_(AxisType::Value)
                .min(0)
                .split_number(4.0)
                .axis_label(quiet().formatter(Formatter::String(format!("{{value}} {}", unit.word))))
                .split_line(SplitLine::new().line_style(LineStyle::new().color("var(--line)"))),
        )
        .series(Bar::new().data(bars));
    json(&chart, |option| {
        if let Some(bars) = option.pointer_mut("/series/0").and_then(serde_json::Value::as_object_mut) {
            bars.insert("barMaxWidth".into(), 14.into());
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_ends_today_and_has_a_colour_for_each_day() {
        let days =
            [DayOfRuns { day: 20_000, succeeded: 3, failed: 0, missed: 0 }, DayOfRuns { day: 20_001, succeeded: 0, failed: 1, missed: 0 }];
        let option: serde_json::Value = serde_json::from_str(&calendar(&days, 20_001)).expect("JSON");
        let text = option.to_string();
        assert!(text.contains("\"2024-10-05\"") && text.contains("\"2023-10-07\""), "{text}");
        assert_eq!(option["series"][0]["data"], serde_json::json!([["2024-10-04", 2], ["2024-10-05", 5]]));
        assert!(text.contains("dayLabel") && !text.contains("function"), "{text}");
    }

    #[test]
    fn a_failed_run_has_another_colour() {
        let at = Timestamp::from_millis(0);
        let option: serde_json::Value = serde_json::from_str(&times(&[(at, 12, true), (at, 30, false)])).expect("JSON");
        let bars = &option["series"][0]["data"];
        assert_eq!((bars[0]["value"].as_f64(), bars[1]["itemStyle"]["color"].as_str()), (Some(12.0), Some("var(--down)")));
        let option: serde_json::Value = serde_json::from_str(&times(&[(at, 6_000, true)])).expect("JSON");
        let axis = option["yAxis"]["axisLabel"]["formatter"].as_str();
        assert_eq!((option["series"][0]["data"][0]["value"].as_f64(), axis), (Some(6.0), Some("{value} s")));
    }
}
