//! What browsers are told of every answer: what it may load, who may frame it, what it may use.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Nothing of the device is used.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()";

/// Adds them where the answer does not say it itself.
pub(crate) fn add(headers: &mut HeaderMap) {
    let all = [
        (
            CONTENT_SECURITY_POLICY,
            content_security_policy("'none'", None),
        ),
        (X_FRAME_OPTIONS, "DENY".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "same-origin".to_owned()),
        (
            HeaderName::from_static("permissions-policy"),
            PERMISSIONS.to_owned(),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin".to_owned(),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin".to_owned(),
        ),
    ];
    let framed = headers.get(CONTENT_SECURITY_POLICY).is_some_and(|own| {
        !String::from_utf8_lossy(own.as_bytes()).contains("frame-ancestors 'none'")
    });
    for (name, value) in all {
        // What others may frame says who in its policy.
        let unfit =
            framed && (name == X_FRAME_OPTIONS || name.as_str() == "cross-origin-resource-policy");
        if !unfit
            && !headers.contains_key(&name)
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            headers.insert(name, value);
        }
    }
}

/// What a page may load and do. `frame_ancestors` is who may frame it. Scripts are files of the
/// site, WASM, and what carries the answer's nonce; there is no inline style, and no style
/// attribute.
pub(crate) fn content_security_policy(frame_ancestors: &str, nonce: Option<&str>) -> String {
    let nonce = nonce
        .map(|nonce| format!(" 'nonce-{nonce}'"))
        .unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{nonce}; style-src 'self'{nonce}; img-src 'self' data:; \
        font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; object-src 'none'; \
        base-uri 'none'; form-action 'self'; frame-ancestors {frame_ancestors}"
    )
}

/// The policy of a page of the console, for the nonce of its scripts.
pub(crate) fn page_policy(nonce: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&content_security_policy("'none'", Some(nonce))).ok()
}
