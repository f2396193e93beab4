//! The entry point of the wasm: hydrates the app.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the start-up script of the shell.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(app::App);
}
