//! What a browser sees: texts in, texts out.

use wasm_bindgen::prelude::wasm_bindgen;

/// See [`crate::evaluate`].
#[wasm_bindgen]
pub fn evaluate(scenario: &str) -> String {
    crate::evaluate(scenario)
}

/// See [`crate::version`].
#[wasm_bindgen]
pub fn version() -> String {
    crate::version().to_owned()
}

/// See [`crate::examples`].
#[wasm_bindgen]
pub fn examples() -> String {
    crate::examples()
}

/// See [`crate::schema`].
#[wasm_bindgen]
pub fn schema() -> String {
    crate::schema().to_owned()
}
