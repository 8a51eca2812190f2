//! Asking the server: the body of a good answer as text, or the error that it gave.

use crate::fragment::Fragment;
use crate::paths::PATHS;
use crate::ports::{CommandError, ErrorCode};
use crate::text::browser;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// Reads an address.
async fn get(address: &str) -> Result<String, CommandError> {
    send(address, &RequestInit::new()).await
}

/// Sends a form's fields.
pub(super) async fn post(address: &str, fields: &JsValue) -> Result<String, CommandError> {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(fields);
    send(address, &request).await
}

async fn send(address: &str, request: &RequestInit) -> Result<String, CommandError> {
    // Said so, or the answer would lead back to the page as it does for a form that the browser
    // sends itself.
    if let Ok(headers) = Headers::new() {
        let _ = headers.set("accept", "application/json");
        request.set_headers(&headers);
    }
    exchange(address, request).await.unwrap_or_else(|_| {
        let message = browser::UNREACHABLE;
        Err(CommandError::new(ErrorCode::Unavailable, message))
    })
}

async fn exchange(
    address: &str,
    request: &RequestInit,
) -> Result<Result<String, CommandError>, JsValue> {
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(address, request))
        .await?
        .unchecked_into();
    let text = JsFuture::from(response.text()?)
        .await?
        .as_string()
        .unwrap_or_default();
    if response.ok() {
        return Ok(Ok(text));
    }
    Ok(Err(serde_json::from_str(&text).unwrap_or_else(|_| {
        CommandError::new(ErrorCode::Internal, browser::FAILED)
    })))
}

/// The fragment that the server renders for an address (path and query).
pub(crate) async fn load_fragment(address: &str) -> Result<Fragment, CommandError> {
    let text = get(&PATHS.fragment(address)).await?;
    serde_json::from_str(&text)
        .map_err(|_| CommandError::new(ErrorCode::InvalidAnswer, browser::UNEXPECTED_RESPONSE))
}
