//! Presentation of a refusal: JSON for programs, a page for people, or a redirect to the sign-in
//! page.

use crate::http::error::ApiError;
use crate::http::html::message_page;
use crate::state::AppState;
use app::paths::{PATHS, route};
use axum::extract::Request;
use axum::http::header::{ACCEPT, REFERER, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};

/// Extension of a request for a page that the caller may not view: the reason. The page shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotAllowed(pub &'static str);

/// The properties of a request that decide how its refusal is presented.
pub(crate) struct RefusalContext {
    state: AppState,
    /// Set for programs, which get JSON.
    program: bool,
    page: bool,
    /// Page to continue with after signing in.
    next: String,
}

impl RefusalContext {
    pub(crate) fn new(request: &Request, state: &AppState) -> RefusalContext {
        let (path, headers) = (request.uri().path(), request.headers());
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        let html = accept.is_some_and(|accept| accept.contains("text/html"));
        let safe = request.method().is_safe();
        // A form that the browser sends accepts HTML; one that the page's script sends, JSON.
        let form =
            !safe && html && (path.starts_with("/api/console/") || path.starts_with("/access/"));
        let program = path.starts_with("/api/") && !form && !(html && path == route::API_DOCS);
        let next = if safe && !program {
            let target = request.uri().path_and_query();
            target.map_or("/", |target| target.as_str()).to_owned()
        } else {
            referer_path(headers)
        };
        RefusalContext {
            state: state.clone(),
            program,
            page: safe && !program,
            next,
        }
    }

    /// True for pages, which show the reason themselves.
    pub(crate) fn is_page(&self) -> bool {
        self.page
    }

    /// Nobody is signed in, or the credentials are not valid.
    pub(crate) fn unauthenticated(&self, message: &str) -> Response {
        let modes = self.state.authenticator.config().auth_modes;
        if !self.program && modes.users {
            let next = access::redirect_target(Some(&self.next), route::TONIGHT);
            return Redirect::to(&PATHS.sign_in(next)).into_response();
        }
        let error = ApiError::unauthenticated(message);
        let mut response = if self.program {
            error.into_response()
        } else {
            let hint = if modes.proxy {
                "Open the console through its proxy, which signs you in. If you did, ask an administrator for a role."
            } else {
                "This console accepts API tokens only."
            };
            message_page(&self.state, error.status(), "Not signed in", hint)
        };
        response.headers_mut().insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"tickstock-console\""),
        );
        response
    }

    /// The caller may not do this.
    pub(crate) fn forbidden(&self, reason: &str) -> Response {
        self.present(ApiError::forbidden(reason), "Not allowed")
    }

    /// The caller cannot be authenticated, because the database is unavailable.
    pub(crate) fn authentication_unavailable(&self) -> Response {
        let error = ApiError::authentication_unavailable();
        let mut response = self.present(error, "Temporarily unavailable");
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        response
    }

    fn present(&self, error: ApiError, title: &str) -> Response {
        if self.program {
            return error.into_response();
        }
        message_page(&self.state, error.status(), title, error.message())
    }
}

/// The path of the page that sent a form.
fn referer_path(headers: &HeaderMap) -> String {
    let text = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let url = text.and_then(|text| url::Url::parse(text).ok());
    url.map(|url| url.path().to_owned()).unwrap_or_default()
}
