//! The binding to ECharts: load it once, draw, follow size and theme, and let go of everything on leaving.

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

use crate::environment::environment;

#[wasm_bindgen]
extern "C" {
    /// A drawn chart.
    #[derive(Clone)]
    pub type Chart;

    #[wasm_bindgen(js_namespace = echarts, catch)]
    fn init(element: &HtmlElement) -> Result<Chart, JsValue>;
    #[wasm_bindgen(js_namespace = echarts)]
    fn dispose(chart: &Chart);
    #[wasm_bindgen(method, js_name = setOption)]
    fn set_option(this: &Chart, option: &JsValue, not_merge: bool);
    #[wasm_bindgen(method)]
    fn resize(this: &Chart);
    /// The value of the horizontal axis below a pixel.
    #[wasm_bindgen(method, js_name = convertFromPixel)]
    fn convert_from_pixel(this: &Chart, finder: &JsValue, pixel: f64) -> JsValue;
}

impl Chart {
    /// Draws on an element.
    pub fn draw(element: &HtmlElement) -> Option<Self> {
        init(element).ok()
    }

    /// Replaces what is drawn.
    pub fn show(&self, option: &JsValue) {
        self.set_option(option, true);
    }

    /// Fits the size of its element.
    pub fn fit(&self) {
        self.resize();
    }

    /// The instant below a pixel, in milliseconds.
    pub fn instant_at(&self, x: f64) -> Option<f64> {
        let finder = js_sys::Object::new();
        js_sys::Reflect::set(&finder, &"xAxisIndex".into(), &0.into()).ok()?;
        self.convert_from_pixel(&finder, x).as_f64()
    }

    /// Frees everything that it holds.
    pub fn drop_it(&self) {
        dispose(self);
    }
}

/// Loads the bundle unless it is there already. The script gets its permission from the script that adds it
/// (`strict-dynamic`), so no nonce has to be kept in the page.
pub async fn load() -> Result<(), JsValue> {
    if js_sys::Reflect::has(&window(), &"echarts".into())? {
        return Ok(());
    }
    let url = format!("/assets/{}/vendor/echarts.js", environment_build());
    let loaded = js_sys::Promise::new(&mut |resolve, reject| {
        let document = document();
        let Some((script, head)) = document.create_element("script").ok().zip(document.head()) else { return };
        let script: web_sys::HtmlScriptElement = script.unchecked_into();
        script.set_src(&url);
        script.set_onload(Some(&resolve));
        script.set_onerror(Some(&reject));
        // Fails only for nodes that cannot have children.
        let _ = head.append_child(&script);
    });
    JsFuture::from(loaded).await.map(|_| ())
}

fn environment_build() -> String {
    use_context::<crate::environment::Environment>()
        .map_or_else(|| crate::browser::root_data("build").unwrap_or_default(), |_| environment().build.get_value())
}

/// Changes when the device goes from light to dark or back. Styles follow by themselves, a canvas has to be told.
pub fn device_scheme() -> Trigger {
    let changed = Trigger::new();
    Effect::new(move |_| {
        let Some(dark) = window().match_media("(prefers-color-scheme: dark)").ok().flatten() else { return };
        let heard = Closure::<dyn Fn()>::new(move || changed.notify());
        // Fails only for a target that is no event target.
        let _ = dark.add_event_listener_with_callback("change", heard.as_ref().unchecked_ref());
        let listening = SendWrapper::new((dark, heard));
        on_cleanup(move || {
            let (dark, heard) = &*listening;
            let _ = dark.remove_event_listener_with_callback("change", heard.as_ref().unchecked_ref());
        });
    });
    changed
}

/// Puts the colours of the present theme into an option: every `var(--token)` becomes a colour that a canvas knows.
pub fn themed(option: &str) -> Option<JsValue> {
    let mut out = String::with_capacity(option.len());
    let mut rest = option;
    while let Some((before, after)) = rest.split_once("var(") {
        let (token, after) = after.split_once(')')?;
        out.push_str(before);
        out.push_str(&color(token)?);
        rest = after;
    }
    out.push_str(rest);
    js_sys::JSON::parse(&out).ok()
}

/// The colour of a token as `rgb(…)`. The browser itself resolves `light-dark()` and OKLCH: it paints one pixel.
fn color(token: &str) -> Option<String> {
    let document = document();
    let probe: HtmlElement = document.create_element("i").ok()?.unchecked_into();
    probe.style().set_property("color", &format!("var({token})")).ok()?;
    document.body()?.append_child(&probe).ok()?;
    let resolved = window().get_computed_style(&probe).ok()??.get_property_value("color").ok()?;
    probe.remove();
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas").ok()?.unchecked_into();
    canvas.set_width(1);
    canvas.set_height(1);
    let brush: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    brush.set_fill_style_str(&resolved);
    brush.fill_rect(0.0, 0.0, 1.0, 1.0);
    let pixel = brush.get_image_data(0.0, 0.0, 1.0, 1.0).ok()?.data();
    match pixel.get(..4)? {
        [r, g, b, a] => Some(format!("rgba({r},{g},{b},{:.3})", f64::from(*a) / 255.0)),
        _ => None,
    }
}
