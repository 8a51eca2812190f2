//! Commands come from the console's own pages and from scripts, never from another site's page in
//! an operator's browser.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// What another site's page gets.
pub fn refused() -> Response {
    let message = "This command came from another site's page, so it was refused. Open the console itself and try again.";
    (
        StatusCode::FORBIDDEN,
        axum::Json(
            serde_json::json!({ "success": false, "code": "foreign_origin", "message": message }),
        ),
    )
        .into_response()
}

/// Whether a browser says that another site sent this. Browsers send `Sec-Fetch-Site` from secure
/// and loopback pages, and `Origin` with every POST; scripts send neither. `own` is the origin
/// under which browsers find the console, where that is configured.
pub fn is_foreign(headers: &HeaderMap, own: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return !(site == "same-origin" || site == "none");
    }
    match text(ORIGIN) {
        None => false,
        Some(origin) if Some(origin) == own => false,
        Some(origin) => origin.split_once("://").map(|(_, host)| host) != text(HOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(headers: &[(&'static str, &'static str)]) -> bool {
        let own = Some("https://console.example");
        is_foreign(
            &headers
                .iter()
                .map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()))
                .collect(),
            own,
        )
    }

    #[test]
    fn only_what_a_browser_says_came_from_elsewhere_is_foreign() {
        assert!(!foreign(&[]));
        assert!(!foreign(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://proxy.example")
        ]));
        assert!(!foreign(&[
            ("origin", "http://console:5000"),
            ("host", "console:5000")
        ]));
        assert!(!foreign(&[
            ("origin", "https://console.example"),
            ("host", "10.0.0.5:5000")
        ]));
        assert!(foreign(&[
            ("origin", "http://console.example"),
            ("host", "10.0.0.5:5000")
        ]));
        assert!(foreign(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://console.example")
        ]));
        assert!(foreign(&[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("origin", "null"), ("host", "console:5000")]));
        assert!(foreign(&[
            ("origin", "http://evil.example"),
            ("host", "console:5000")
        ]));
    }
}
