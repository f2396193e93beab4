//! The few things asked of the browser itself. Called from effects and event handlers only, so never on the server.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDialogElement, HtmlElement};

/// A `data-…` attribute of `<html>`.
pub fn root_data(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(&format!("data-{name}"))
}

/// Sets a `data-…` attribute of `<html>`.
pub fn set_root_data(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // Fails for impossible attribute names only.
        let _ = root.set_attribute(&format!("data-{name}"), value);
    }
}

/// Says that the page answers to events now.
pub fn mark_hydrated() {
    set_root_data("hydrated", "true");
}

/// The browser's clock in milliseconds since the epoch.
#[expect(clippy::as_conversions, reason = "an integral double of the JavaScript clock; there is no checked conversion")]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// The browser's zone, as an IANA name.
pub fn zone() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// The zones that the browser knows, by their IANA names.
pub fn zones() -> Vec<String> {
    let intl = js_sys::Reflect::get(&window(), &"Intl".into());
    let supported = intl.as_ref().ok().and_then(|intl| js_sys::Reflect::get(intl, &"supportedValuesOf".into()).ok());
    let Some(supported) = supported.and_then(|function| function.dyn_into::<js_sys::Function>().ok()) else { return Vec::new() };
    let names = supported.call1(&wasm_bindgen::JsValue::UNDEFINED, &"timeZone".into()).unwrap_or_default();
    let names = names.dyn_into::<js_sys::Array>().unwrap_or_default();
    // Not in every browser's list, and the zone of most servers.
    std::iter::once("UTC".to_owned()).chain(names.iter().filter_map(|name| name.as_string()).filter(|name| name != "UTC")).collect()
}

/// Sets a cookie for a year.
pub fn set_cookie(name: &str, value: &str) {
    let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() else { return };
    let secure = if window().location().protocol().is_ok_and(|p| p == "https:") { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; SameSite=Lax; Max-Age=31536000{secure}");
    // Refused where cookies are switched off; the page then stays in UTC and follows the device's theme.
    let _ = document.set_cookie(&text);
}

/// Moves the focus to the first element that a selector finds.
pub fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        let _ = element.focus();
    }
}

/// The first element that a selector finds.
pub fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Moves the focus to an element, and the page just so far that it is in sight.
pub fn bring_in_sight(element: &HtmlElement) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
    let focus = web_sys::FocusOptions::new();
    focus.set_prevent_scroll(true);
    let _ = element.focus_with_options(&focus);
}

/// Opens a dialog over the page.
pub fn open_dialog(dialog: &HtmlDialogElement) {
    if !dialog.open() {
        // Fails when the dialog is not in the page any more.
        let _ = dialog.show_modal();
    }
}

/// Whether an event happened where people type, so that a single letter is no command.
pub fn is_typing(event: &web_sys::Event) -> bool {
    let Some(element) = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) else { return false };
    let name = element.tag_name();
    let is_box = name == "INPUT" && matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio"));
    element.is_content_editable() || (matches!(name.as_str(), "INPUT" | "TEXTAREA" | "SELECT") && !is_box)
}

/// Copies a text; `done` hears whether it worked.
pub fn copy(text: &str, done: impl Fn(bool) + 'static) {
    let promise = window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move { done(JsFuture::from(promise).await.is_ok()) });
}

/// The origin of the page: `https://loopr.example.com`.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}
