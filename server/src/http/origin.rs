//! Commands come from the console's own pages and from scripts, never from another site's page in an operator's browser.

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets everything pass that changes nothing; a command passes unless a browser says that another site sent it.
pub async fn refuse_foreign_commands(request: Request, next: Next) -> Response {
    if request.method().is_safe() || !is_foreign(request.headers()) {
        return next.run(request).await;
    }
    let message =
        "This command came from another site's page, so it was refused. Open the console itself and try again.";
    (
        StatusCode::FORBIDDEN,
        axum::Json(serde_json::json!({ "success": false, "code": "foreign_origin", "message": message })),
    )
        .into_response()
}

/// Browsers send `Sec-Fetch-Site` from secure and loopback pages, and `Origin` with every POST; scripts send neither.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return !(site == "same-origin" || site == "none");
    }
    match text(ORIGIN) {
        None => false,
        Some(origin) => origin.split_once("://").map(|(_, host)| host) != text(HOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(headers: &[(&'static str, &'static str)]) -> bool {
        is_foreign(&headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect())
    }

    #[test]
    fn only_what_a_browser_says_came_from_elsewhere_is_foreign() {
        assert!(!foreign(&[]));
        assert!(!foreign(&[("sec-fetch-site", "same-origin"), ("origin", "https://proxy.example")]));
        assert!(!foreign(&[("origin", "http://console:5000"), ("host", "console:5000")]));
        assert!(foreign(&[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("origin", "null"), ("host", "console:5000")]));
        assert!(foreign(&[("origin", "http://evil.example"), ("host", "console:5000")]));
    }
}
