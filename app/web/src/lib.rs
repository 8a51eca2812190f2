//! The entry of the WASM: hydrates the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script when the WASM is ready.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
