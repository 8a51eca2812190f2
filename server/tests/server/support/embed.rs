//! Tokens for embeds, signed as a portal signs them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "a secret of more than thirty-two bytes";
pub(crate) const PORTAL: &str = "http://portal.example:8080";

/// Seconds since 1970.
pub(crate) fn seconds() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970");
    i64::try_from(since.as_secs()).expect("not that far")
}

/// What a portal says for a visitor who may see this for five minutes.
pub(crate) fn claims(resource: &str) -> Value {
    let now = seconds();
    json!({ "aud": "tickstock-console", "iat": now, "exp": now + 300, "res": resource, "origin": PORTAL })
}

/// A token that says so.
pub(crate) fn token(claims: &Value) -> String {
    signed(r#"{"alg":"HS256","typ":"JWT"}"#, claims, SECRET)
}

/// The same with another header, or another secret.
pub(crate) fn signed(header: &str, claims: &Value, secret: &str) -> String {
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!(
        "{text}.{}",
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()).as_ref())
    )
}
