//! Cross-site request forgery: commands come from the console's own pages and from programs, never
//! from a page of another site in an operator's browser.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// Returns true if a browser reports that another site sent the request. Browsers send
/// `Sec-Fetch-Site` from secure and loopback pages, and `Origin` with every POST; programs send
/// neither. `own` is the configured public origin of the console.
pub(crate) fn is_foreign(headers: &HeaderMap, own: Option<&str>) -> bool {
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
    fn only_cross_site_browser_requests_are_foreign() {
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
