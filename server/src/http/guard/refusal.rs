//! How a refusal is told: to programs as JSON, to people as a page, or by leading them to where
//! they can sign in.

use crate::http::auth;
use crate::http::error::ApiError;
use crate::state::AppState;
use axum::extract::Request;
use axum::http::header::{ACCEPT, ALLOW, REFERER, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

/// On a request for a page that who asks may not see: why. The page says so.
#[derive(Clone, Copy, Debug)]
pub struct NotAllowed(pub &'static str);

/// A request, as far as its refusal depends on it.
pub struct RefusalContext {
    state: AppState,
    /// For a program: its answer is JSON.
    program: bool,
    page: bool,
    /// Where to go on after signing in.
    next: String,
}

/// A refusal for whoever it may be.
pub fn plain(status: StatusCode, code: &str, message: &str) -> Response {
    let mut response = ApiError::new(status, code, message).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The address is there, but not for this method.
pub fn method(methods: &[&str]) -> Response {
    let allow = if methods.contains(&"GET") && !methods.contains(&"HEAD") {
        "GET,HEAD"
    } else {
        "POST"
    };
    let allow = if methods.len() > 1 {
        "GET,HEAD,POST"
    } else {
        allow
    };
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allow)]).into_response()
}

impl RefusalContext {
    /// What was asked for.
    pub fn of(request: &Request, state: &AppState) -> RefusalContext {
        let (path, headers) = (request.uri().path(), request.headers());
        let text = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let html = text(ACCEPT).contains("text/html");
        let safe = request.method().is_safe();
        // A form that a browser sends by itself takes HTML; one that the page sends asks for JSON.
        let form =
            !safe && html && (path.starts_with("/api/console/") || path.starts_with("/access/"));
        let program = path.starts_with("/api/") && !form && !(html && path == "/api/docs");
        let next = if safe && !program {
            request
                .uri()
                .path_and_query()
                .map(|address| address.as_str().to_owned())
                .unwrap_or_default()
        } else {
            referer(headers)
        };
        RefusalContext {
            state: state.clone(),
            program,
            page: safe && !program,
            next,
        }
    }

    /// Whether it is a page, which can say by itself what is not allowed.
    pub fn is_page(&self) -> bool {
        self.page
    }

    /// Nobody is signed in.
    pub fn unauthenticated(&self, message: &str) -> Response {
        let ways = self.state.authenticator.config().auth_modes;
        if !self.program && ways.users {
            let address = format!(
                "/sign-in?next={}",
                encoded(access::redirect_target(Some(&self.next), app::HOME))
            );
            return Redirect::to(&address).into_response();
        }
        let mut response = if self.program {
            ApiError::new(StatusCode::UNAUTHORIZED, "unauthenticated", message).into_response()
        } else {
            let hint = if ways.proxy {
                "This console lets in whom its proxy has signed in. Come by the proxy's address, or ask who runs it for a role."
            } else {
                "This console is for programs that have an API token."
            };
            auth::message(&self.state, StatusCode::UNAUTHORIZED, "Not signed in", hint)
        };
        response.headers_mut().insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"tickstock-console\""),
        );
        response
    }

    /// Who asks may not.
    pub fn forbidden(&self, why: &str) -> Response {
        if self.program {
            return ApiError::new(StatusCode::FORBIDDEN, "forbidden", why).into_response();
        }
        auth::message(&self.state, StatusCode::FORBIDDEN, "Not allowed", why)
    }

    /// It cannot be told who asks.
    pub fn away(&self) -> Response {
        let message = "The console's database, which knows who is signed in, does not answer. Try again in a moment.";
        let mut response = if self.program {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message).into_response()
        } else {
            auth::message(
                &self.state,
                StatusCode::SERVICE_UNAVAILABLE,
                "Not now",
                message,
            )
        };
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("5"));
        response
    }
}

/// The page that sent a form; its path only.
fn referer(headers: &HeaderMap) -> String {
    let text = headers
        .get(REFERER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let Ok(url) = url::Url::parse(text) else {
        return String::new();
    };
    url.path().to_owned()
}

/// A path as a value of a query.
fn encoded(path: &str) -> String {
    url::form_urlencoded::byte_serialize(path.as_bytes()).collect()
}
