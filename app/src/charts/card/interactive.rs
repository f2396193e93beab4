//! ECharts over the still picture. It follows theme and size, zooms by drag, and is disposed when the page is left.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};

use super::tip;
use super::{ChartAddress, LatencyChart};
use crate::charts::echarts::{self, Chart};
use crate::environment::environment;

/// Narrower drags are clicks.
const DRAG_MIN: f64 = 8.0;

/// The interactive chart; the children are shown until it is ready.
#[component]
pub fn Interactive(chart: RwSignal<LatencyChart>, address: Memo<ChartAddress>, job: bool, children: Children) -> impl IntoView {
    let env = environment();
    let canvas = NodeRef::<html::Div>::new();
    let drawn = StoredValue::new(None::<SendWrapper<Chart>>);
    let ready = RwSignal::new(false);
    let device_scheme = echarts::device_scheme();

    Effect::new(move |_| {
        let Some(element) = canvas.get() else { return };
        leptos::task::spawn_local(async move {
            // Without the bundle the still picture stays, and the table has every figure.
            if echarts::load().await.is_ok() && drawn.try_with_value(Option::is_none) == Some(true) {
                drawn.try_update_value(|d| *d = Chart::draw(&element).map(SendWrapper::new));
                ready.try_set(true);
            }
        });
    });
    Effect::new(move |_| {
        // Colours are read from the page, so they are put in again when the reader or the device changes the theme.
        env.theme.track();
        device_scheme.track();
        if ready.get() {
            let option = chart.with(|c| option(c, env.zone.get(), job));
            drawn.with_value(|d| {
                if let Some((drawn, option)) = d.as_ref().zip(option) {
                    drawn.show(&option);
                }
            });
        }
    });
    let resize = window_event_listener_once_ready(move || drawn.with_value(|d| d.iter().for_each(|d| d.fit())));
    on_cleanup(move || {
        resize();
        drawn.try_update_value(|d| d.take().iter().for_each(|d| d.drop_it()));
    });

    let drag = RwSignal::new(None::<(f64, f64)>);
    let here = move |event: &ev::PointerEvent| {
        let left = canvas.get_untracked().map_or(0.0, |c| c.get_bounding_client_rect().left());
        f64::from(event.client_x()) - left
    };
    let navigate = use_navigate();
    let on_up = move |_: ev::PointerEvent| {
        let Some((from, to)) = drag.get_untracked() else { return };
        drag.set(None);
        let instants = drawn.with_value(|d| d.as_ref().and_then(|d| Some((d.instant_at(from.min(to))?, d.instant_at(from.max(to))?))));
        if let Some(zoom) = instants.filter(|_| (from - to).abs() >= DRAG_MIN).map(whole) {
            let href = ChartAddress { zoom: Some(zoom), ..address.get_untracked() }.href();
            navigate(&href, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    let select = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(element) = select.get() else { return };
        let span = drag.get().filter(|(from, to)| (from - to).abs() >= DRAG_MIN);
        let (left, width) = span.map_or((0.0, 0.0), |(from, to)| (from.min(to), (from - to).abs()));
        element.set_hidden(span.is_none());
        let style = element.unchecked_ref::<web_sys::HtmlElement>().style();
        // Set through the object model, which the content security policy allows.
        let _ = style.set_property("left", &format!("{left}px"));
        let _ = style.set_property("width", &format!("{width}px"));
    });
    view! {
        <div
            class="chart"
            data-ready=move || ready.get().then_some("true")
            on:pointerdown=move |event| if ready.get_untracked() && event.button() == 0 { drag.set(Some((here(&event), here(&event)))) }
            on:pointermove=move |event| drag.maybe_update(|d| match d { Some(d) => { d.1 = here(&event); true }, None => false })
            on:pointerup=on_up
            on:pointerleave=move |_| drag.set(None)
        >
            {children()}
            <div class="chart-canvas" node_ref=canvas role="img" aria-label="Response time over the range; the table below has the same figures"></div>
            <div class="chart-select" node_ref=select hidden></div>
        </div>
    }
}

#[expect(clippy::as_conversions, reason = "milliseconds of our era are far below 2^53")]
fn whole((from, to): (f64, f64)) -> (i64, i64) {
    (from as i64, to as i64)
}

/// The option with colours and tooltip.
fn option(chart: &LatencyChart, zone: String, job: bool) -> Option<JsValue> {
    let option = echarts::themed(&chart.option)?;
    let tooltip = js_sys::Reflect::get(&option, &"tooltip".into()).ok()?;
    // charming writes one tooltip as an object or as a list of one.
    let tooltip = if js_sys::Array::is_array(&tooltip) { tooltip.unchecked_ref::<js_sys::Array>().get(0) } else { tooltip };
    js_sys::Reflect::set(&tooltip, &"formatter".into(), &tip::formatter(chart.series.clone(), chart.view, zone, job)).ok()?;
    Some(option)
}

/// Calls `fit` when the window changes its size, until the returned function is called.
fn window_event_listener_once_ready(fit: impl Fn() + Copy + 'static) -> impl FnOnce() + Send + Sync + 'static {
    let handle = StoredValue::new(None);
    Effect::new(move |_| handle.set_value(Some(window_event_listener(ev::resize, move |_| fit()))));
    move || {
        handle.try_update_value(|h: &mut Option<WindowListenerHandle>| {
            if let Some(h) = h.take() {
                h.remove()
            }
        });
    }
}
