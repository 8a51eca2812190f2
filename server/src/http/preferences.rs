//! The viewer's preferences, which are stored in cookies.

use super::error::ApiError;
use crate::zone;
use app::Preferences;
use app::paths::route;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, REFERER};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use url::Url;

/// Lifetime of the cookies.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Reads the preferences from a request's cookies. Unknown time zones are ignored.
pub(crate) fn from_headers(headers: &HeaderMap) -> Preferences {
    let jar = CookieJar::from_headers(headers);
    let mut chosen =
        Preferences::from_cookies(jar.iter().map(|cookie| (cookie.name(), cookie.value())));
    chosen.zone = chosen.zone.filter(|name| zone::is_known(name));
    chosen
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PreferencesForm {
    theme: String,
    zone: String,
    density: String,
    sound: String,
    notify: String,
}

/// Saves the preferences. A form that the browser sends without script is redirected to its page.
pub(crate) async fn save(
    headers: HeaderMap,
    form: Result<Form<PreferencesForm>, FormRejection>,
) -> Result<Response, ApiError> {
    let Form(form) = form.map_err(|_| ApiError::not_a_form())?;
    let zone = form.zone.trim();
    if !zone.is_empty() && !zone::is_known(zone) {
        return Err(ApiError::invalid(
            "zone",
            format!(
                "Unknown time zone {zone:?}. Use a name such as UTC or Europe/Berlin, or leave it empty."
            ),
        ));
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
    let jar = chosen
        .cookies()
        .into_iter()
        .fold(CookieJar::new(), |jar, (name, value)| {
            jar.add(cookie(name, value))
        });
    let by_script = headers
        .get(ACCEPT)
        .is_some_and(|accept| accept == "application/json");
    if by_script {
        return Ok((jar, Json(json!({}))).into_response());
    }
    Ok((jar, Redirect::to(&form_page(&headers))).into_response())
}

/// Readable by scripts: the page changes the theme without asking the server.
fn cookie(name: &'static str, value: Option<&str>) -> Cookie<'static> {
    let age = if value.is_some() {
        YEAR
    } else {
        Duration::ZERO
    };
    Cookie::build((name, value.unwrap_or_default().to_owned()))
        .path("/")
        .max_age(age.try_into().unwrap_or_default())
        .same_site(SameSite::Lax)
        .build()
}

/// The page of the form: always a path of this console, whatever the header says.
fn form_page(headers: &HeaderMap) -> String {
    let from = headers
        .get(REFERER)
        .and_then(|from| Url::parse(from.to_str().ok()?).ok());
    from.map(|url| url.path().to_owned())
        .filter(|path| path.starts_with(route::TONIGHT))
        .unwrap_or_else(|| route::TONIGHT.to_owned())
}
