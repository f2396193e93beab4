//! The tooltip of the chart: an element with classes, because the content security policy refuses inline styles.

use domain::view::{Series, SeriesPoint};
use domain::{Timestamp, words};
use leptos::prelude::document;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::charts::View;
use crate::zone;

/// The `formatter` of ECharts: from what is below the pointer to an element. It lives as long as the page.
pub fn formatter(series: Series, view: View, zone: String, job: bool) -> JsValue {
    let make = move |parameters: JsValue| -> JsValue {
        let Some(point) = below(&parameters).and_then(|at| series.points.iter().find(|p| p.at == at)) else { return JsValue::from_str("") };
        element(&lines(point, series.step_ms, view, &zone, job)).unwrap_or_default()
    };
    Closure::<dyn Fn(JsValue) -> JsValue>::new(make).into_js_value()
}

/// The instant of the first series below the pointer.
fn below(parameters: &JsValue) -> Option<Timestamp> {
    let first = if js_sys::Array::is_array(parameters) { parameters.unchecked_ref::<js_sys::Array>().get(0) } else { parameters.clone() };
    let value = js_sys::Reflect::get(&first, &"value".into()).ok()?;
    let at = value.dyn_ref::<js_sys::Array>()?.get(0).as_f64()?;
    #[expect(clippy::as_conversions, reason = "milliseconds of our era are far below 2^53")]
    Some(Timestamp::from_millis(at as i64))
}

/// A line of the tooltip: the name of what is drawn, for its swatch, and a sentence.
type Row = (Option<&'static str>, String);

fn lines(point: &SeriesPoint, step_ms: i64, view: View, zone_name: &str, job: bool) -> Vec<Row> {
    let end = Timestamp::from_millis(point.at.as_millis() + step_ms);
    let time = |at| if step_ms < 60_000 { zone::clock(at, zone_name) } else { zone::minute(at, zone_name) };
    let mut lines = vec![(None, format!("{}, {} to {}", zone::day(point.at, zone_name), time(point.at), time(end)))];
    let phases = &point.phases;
    let values = match view {
        View::Percentiles => vec![point.p50_us, point.p95_us],
        View::Phases => vec![phases.dns_us, phases.connect_us, phases.tls_us, phases.first_byte_us, phases.download_us],
    };
    for ((name, word), us) in view.keys().iter().zip(values) {
        if let Some(us) = us {
            lines.push((Some(*name), format!("{word} {}", words::latency(us))));
        }
    }
    let failed = if point.failures > 0 { format!(", {} failed", point.failures) } else { String::new() };
    let count = |n: u32, one, many| words::count(usize::try_from(n).unwrap_or(0), one, many);
    let of = match job {
        true => format!("{}, {}", count(point.measured, "run", "runs"), count(point.checks, "signal", "signals")),
        false => count(point.checks, "check", "checks"),
    };
    lines.push((None, format!("{of}{failed}")));
    lines
}

fn element(lines: &[Row]) -> Option<JsValue> {
    let document = document();
    let frame = document.create_element("div").ok()?;
    frame.set_class_name("chart-tip");
    for (name, line) in lines {
        let row = document.create_element("div").ok()?;
        row.set_text_content(Some(line));
        if let Some(name) = name {
            let swatch = document.create_element("span").ok()?;
            swatch.set_class_name("chart-swatch");
            swatch.set_attribute("data-series", name).ok()?;
            row.insert_before(&swatch, row.first_child().as_ref()).ok()?;
        }
        frame.append_child(&row).ok()?;
    }
    Some(frame.into())
}
