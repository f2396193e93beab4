//! ECharts over a still picture: it follows theme and size, tells what is below the pointer in sentences, and is disposed when the page
//! is left.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::charts::echarts::{self, Chart};
use crate::environment::environment;

/// The drawing of an option; the children are shown until it is ready.
#[component]
pub fn Canvas(
    #[prop(into)] option: Signal<String>,
    /// What the tooltip says of each value, line by line.
    #[prop(into)]
    said: Signal<Vec<String>>,
    label: &'static str,
    size: &'static str,
    children: Children,
) -> impl IntoView {
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
            let option = option.with(|option| themed(option, said.get()));
            drawn.with_value(|d| {
                if let Some((drawn, option)) = d.as_ref().zip(option) {
                    drawn.show(&option);
                }
            });
        }
    });
    Effect::new(move |_| {
        let handle = window_event_listener(ev::resize, move |_| drawn.with_value(|d| d.iter().for_each(|d| d.fit())));
        on_cleanup(move || handle.remove());
    });
    on_cleanup(move || {
        drawn.try_update_value(|d| d.take().iter().for_each(|d| d.drop_it()));
    });
    view! {
        <div class="chart" data-size=size data-ready=move || ready.get().then_some("true")>
            {children()}
            <div class="chart-canvas" node_ref=canvas role="img" aria-label=label></div>
        </div>
    }
}

/// The option with colours and tooltip.
fn themed(option: &str, said: Vec<String>) -> Option<JsValue> {
    let option = echarts::themed(option)?;
    let tooltip = js_sys::Reflect::get(&option, &"tooltip".into()).ok()?;
    // charming writes one tooltip as an object or as a list of one.
    let tooltip = if js_sys::Array::is_array(&tooltip) { tooltip.unchecked_ref::<js_sys::Array>().get(0) } else { tooltip };
    js_sys::Reflect::set(&tooltip, &"formatter".into(), &formatter(said)).ok()?;
    Some(option)
}

/// The `formatter` of ECharts: an element with classes, because the content security policy refuses inline styles.
fn formatter(said: Vec<String>) -> JsValue {
    let make = move |parameters: JsValue| -> JsValue {
        below(&parameters).and_then(|index| element(said.get(index)?)).unwrap_or_else(|| JsValue::from_str(""))
    };
    Closure::<dyn Fn(JsValue) -> JsValue>::new(make).into_js_value()
}

/// The place of the value below the pointer.
fn below(parameters: &JsValue) -> Option<usize> {
    let first = if js_sys::Array::is_array(parameters) { parameters.unchecked_ref::<js_sys::Array>().get(0) } else { parameters.clone() };
    let index = js_sys::Reflect::get(&first, &"dataIndex".into()).ok()?.as_f64()?;
    #[expect(clippy::as_conversions, reason = "an index of a short list, as JavaScript writes numbers")]
    Some(index as usize)
}

fn element(said: &str) -> Option<JsValue> {
    let frame = document().create_element("div").ok()?;
    frame.set_class_name("chart-tip");
    for line in said.lines() {
        let row = document().create_element("div").ok()?;
        row.set_text_content(Some(line));
        frame.append_child(&row).ok()?;
    }
    Some(frame.into())
}
