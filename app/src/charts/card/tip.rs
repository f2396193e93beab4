//! The tooltip of the chart: an element with classes, because the content security policy refuses inline styles.

use domain::view::{Series, SeriesPoint};
use domain::{Timestamp, words};
use leptos::prelude::document;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::charts::View;
use crate::zone;

/// The `formatter` of ECharts: from what is below the pointer to an element. It lives as long as the page.
pub fn formatter(series: Series, view: View, zone: String) -> JsValue {
    let make = move |parameters: JsValue| -> JsValue {
        let Some(point) = below(&parameters).and_then(|at| series.points.iter().find(|p| p.at == at)) else { return JsValue::from_str("") };
        element(&lines(point, series.step_ms, view, &zone)).unwrap_or_default()
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

fn lines(point: &SeriesPoint, step_ms: i64, view: View, zone_name: &str) -> Vec<String> {
    let end = Timestamp::from_millis(point.at.as_millis() + step_ms);
    let mut lines =
        vec![format!("{}, {} to {}", zone::day(point.at, zone_name), zone::minute(point.at, zone_name), zone::minute(end, zone_name))];
    let mut say = |word: &str, us: Option<u32>| {
        if let Some(us) = us {
            lines.push(format!("{word} {}", words::latency(us)));
        }
    };
    match view {
        View::Percentiles => {
            say("Median", point.p50_us);
            say("95th percentile", point.p95_us);
        }
        View::Phases => {
            say("DNS", point.phases.dns_us);
            say("Connect", point.phases.connect_us);
            say("TLS", point.phases.tls_us);
            say("Waiting", point.phases.first_byte_us);
            say("Download", point.phases.download_us);
        }
    }
    let failed = if point.failures > 0 { format!(", {} failed", point.failures) } else { String::new() };
    lines.push(format!("{} checks{failed}", point.checks));
    lines
}

fn element(lines: &[String]) -> Option<JsValue> {
    let document = document();
    let frame = document.create_element("div").ok()?;
    frame.set_class_name("chart-tip");
    for line in lines {
        let row = document.create_element("div").ok()?;
        row.set_text_content(Some(line));
        frame.append_child(&row).ok()?;
    }
    Some(frame.into())
}
