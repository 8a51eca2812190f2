//! The viewer's preferences: read from a request's cookies, and kept in them.

use crate::zone;
use app::Preferences;
use axum::Form;
use axum::http::header::{ACCEPT, COOKIE, REFERER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use url::Url;

/// For how long browsers keep a choice.
const YEAR_SECONDS: u32 = 31_536_000;

/// What a request's cookies say. A zone that nobody knows counts as not chosen.
pub fn of(headers: &HeaderMap) -> Preferences {
    let headers = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let pairs = headers
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut chosen = Preferences::from_cookies(pairs);
    chosen.zone = chosen.zone.filter(|name| zone::is_known(name));
    chosen
}

/// The form of the settings.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Choices {
    theme: String,
    zone: String,
    density: String,
    sound: String,
    notify: String,
}

/// Keeps what was chosen. A form that the browser sent by itself leads back to its page.
pub async fn keep(parts: Parts, Form(form): Form<Choices>) -> Response {
    let zone = form.zone.trim();
    if !zone.is_empty() && !zone::is_known(zone) {
        return (
            StatusCode::BAD_REQUEST,
            "zone must be empty, or a name such as UTC or Europe/Berlin",
        )
            .into_response();
    }
    let chosen = Preferences::from_cookies(
        [
            ("theme", form.theme.as_str()),
            ("zone", zone),
            ("density", &form.density),
            ("sound", &form.sound),
            ("notify", &form.notify),
        ]
        .into_iter(),
    );
    let cookies = AppendHeaders(chosen.cookies().map(cookie));
    if parts
        .headers
        .get(ACCEPT)
        .is_some_and(|accepts| accepts == "application/json")
    {
        return (cookies, "{}").into_response();
    }
    (cookies, Redirect::to(&back(&parts.headers))).into_response()
}

/// Scripts read them, too: the theme is changed without asking the server.
fn cookie((name, value): (&'static str, Option<&str>)) -> (HeaderName, HeaderValue) {
    let age = if value.is_some() { YEAR_SECONDS } else { 0 };
    let text = format!(
        "{name}={}; Path=/; Max-Age={age}; SameSite=Lax",
        value.unwrap_or_default()
    );
    // Themes, words and the names of zones are plain ASCII.
    (
        SET_COOKIE,
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("")),
    )
}

/// The page that the form was on: a path of this console, whatever the header says.
fn back(headers: &HeaderMap) -> String {
    let from = headers
        .get(REFERER)
        .and_then(|from| Url::parse(from.to_str().ok()?).ok());
    from.map(|url| url.path().to_owned())
        .filter(|path| path.starts_with(app::HOME))
        .unwrap_or_else(|| app::HOME.to_owned())
}
