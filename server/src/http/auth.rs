//! Signing in and out, and managing access: plain forms, answered with pages that need no script.

use super::guard::NotAllowed;
use crate::auth::{Authenticator, Entered, People, PeopleError, SignInError};
use crate::caller::Caller;
use crate::state::AppState;
use access::{AuthMode, redirect_target};
use app::standalone::{self, SignIn};
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use serde::Deserialize;
use std::net::SocketAddr;

/// The largest form.
const FORM_BYTES: usize = 8 << 10;
/// Where access is managed.
const SETTINGS: &str = "/admin/daily-processing/settings";

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/sign-in", get(page).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/access/password", post(password))
        .route("/access/sign-out-everywhere", post(sign_out_everywhere))
        .route("/access/users", post(add_user))
        .route("/access/users/role", post(user_role))
        .route("/access/users/password", post(user_password))
        .route("/access/users/sign-out", post(user_sign_out))
        .route("/access/users/remove", post(user_remove))
        .route("/access/tokens", post(add_token))
        .route("/access/tokens/revoke", post(revoke_token))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

/// A page that says one thing.
pub fn message(state: &AppState, status: StatusCode, title: &str, text: &str) -> Response {
    let back = match status {
        StatusCode::UNAUTHORIZED => ("/", "Try again"),
        _ => ("/admin/daily-processing", "Go to tonight's run"),
    };
    html(
        status,
        standalone::message(state.site.options.clone(), None, title, text, back),
    )
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

/// What the address of the page may have.
#[derive(Default, Deserialize)]
struct Asked {
    next: Option<String>,
}

async fn page(
    State(state): State<AppState>,
    entered: Option<Extension<Entered>>,
    headers: HeaderMap,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = query.map_or_else(|_| Asked::default(), |query| query.0);
    let next = redirect_target(asked.next.as_deref(), app::HOME).to_owned();
    let here = entered.is_some_and(|entered| entered.0.identity.auth_mode != AuthMode::Open);
    if here || !state.authenticator.config().auth_modes.users {
        return Redirect::to(&next).into_response();
    }
    let theme = super::preferences::of(&headers).theme;
    html(
        StatusCode::OK,
        standalone::sign_in(
            state.site.options.clone(),
            theme,
            SignIn {
                next,
                ..SignIn::default()
            },
        ),
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credentials {
    name: String,
    password: String,
    next: String,
}

async fn sign_in(
    State(state): State<AppState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    caller: Caller,
    headers: HeaderMap,
    form: Result<Form<Credentials>, FormRejection>,
) -> Response {
    let authenticator = &state.authenticator;
    if !authenticator.config().auth_modes.users {
        return message(
            &state,
            StatusCode::NOT_FOUND,
            "No sign-in",
            "This console has no users of its own.",
        );
    }
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .map(str::to_owned);
    let before = authenticator.session_of(&headers);
    // Whoever signs in is nobody yet.
    let caller = Caller {
        identity: None,
        ..caller
    };
    match authenticator
        .sign_in(
            &caller,
            (&sent.name, sent.password),
            client.ip(),
            agent,
            before,
        )
        .await
    {
        Ok((secret, _)) => {
            let cookie = cookie(
                authenticator,
                secret.reveal(),
                authenticator.config().lifetimes.total.as_secs(),
            );
            with_cookie(
                Redirect::to(redirect_target(Some(&sent.next), app::HOME)).into_response(),
                cookie,
            )
        }
        Err(error) => {
            let status = match error {
                SignInError::Wrong => StatusCode::UNAUTHORIZED,
                SignInError::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
                SignInError::Busy | SignInError::Away => StatusCode::SERVICE_UNAVAILABLE,
            };
            let next = redirect_target(Some(&sent.next), app::HOME).to_owned();
            let page = SignIn {
                next,
                name: sent.name,
                wrong: Some(error.to_string()),
            };
            let mut response = html(
                status,
                standalone::sign_in(
                    state.site.options.clone(),
                    super::preferences::of(&headers).theme,
                    page,
                ),
            );
            let wait = match error {
                SignInError::Wait(seconds) => seconds,
                _ => 5,
            };
            if status != StatusCode::UNAUTHORIZED {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from(wait));
            }
            response
        }
    }
}

async fn sign_out(State(state): State<AppState>, caller: Caller, headers: HeaderMap) -> Response {
    let authenticator = &state.authenticator;
    if let Some(session) = authenticator.session_of(&headers)
        && let Err(error) = authenticator.sign_out(&caller, &session).await
    {
        tracing::warn!(error, "a session could not be ended");
        let text = "The console's database does not answer, so the session could not be ended. Try again in a moment.";
        return message(
            &state,
            StatusCode::SERVICE_UNAVAILABLE,
            "Not signed out",
            text,
        );
    }
    gone(authenticator)
}

/// Back to the sign-in page, without a cookie.
fn gone(authenticator: &Authenticator) -> Response {
    let mut response = with_cookie(
        Redirect::to("/sign-in").into_response(),
        cookie(authenticator, "", 0),
    );
    // What the service worker kept for when the console is away goes, too: it is not for whoever
    // sits there next.
    response.headers_mut().insert(
        "clear-site-data",
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    response
}

/// Readable by no script, sent along with no other site's request but a plain link.
fn cookie(authenticator: &Authenticator, value: &str, seconds: u64) -> String {
    let secure = if authenticator.config().secure {
        "; Secure"
    } else {
        ""
    };
    format!(
        "{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
        authenticator.cookie_name()
    )
}

fn with_cookie(mut response: Response, cookie: String) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// What the forms of managing access send.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Managed {
    name: String,
    role: String,
    password: String,
    present: String,
    id: String,
    days: String,
}

type Sent = Result<Form<Managed>, FormRejection>;

async fn password(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let people = People {
        authenticator: &state.authenticator,
        caller: &caller,
    };
    match people
        .change_own_password(sent.present, sent.password)
        .await
    {
        Ok(()) => gone(&state.authenticator),
        Err(error) => failed(&state, &error),
    }
}

async fn sign_out_everywhere(State(state): State<AppState>, caller: Caller) -> Response {
    match (People {
        authenticator: &state.authenticator,
        caller: &caller,
    })
    .sign_out_everywhere()
    .await
    {
        Ok(()) => gone(&state.authenticator),
        Err(error) => failed(&state, &error),
    }
}

async fn add_user(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let people = People {
        authenticator: &state.authenticator,
        caller: &caller,
    };
    back(
        &state,
        people.add_user(&sent.name, &sent.role, sent.password).await,
    )
}

async fn user_role(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let people = People {
        authenticator: &state.authenticator,
        caller: &caller,
    };
    back(&state, people.set_role(&sent.name, &sent.role).await)
}

async fn user_password(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let people = People {
        authenticator: &state.authenticator,
        caller: &caller,
    };
    back(&state, people.set_password(&sent.name, sent.password).await)
}

async fn user_sign_out(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let people = People {
        authenticator: &state.authenticator,
        caller: &caller,
    };
    back(&state, people.sign_out(&sent.name).await)
}

async fn user_remove(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let people = People {
        authenticator: &state.authenticator,
        caller: &caller,
    };
    back(&state, people.remove(&sent.name).await)
}

async fn add_token(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    let days = match sent.days.trim() {
        "" => None,
        // What is no number is no number of days.
        days => Some(days.parse().unwrap_or(0)),
    };
    let people = People {
        authenticator: &state.authenticator,
        caller: &caller,
    };
    match people.add_token(&sent.name, &sent.role, days).await {
        Ok(secret) => {
            let page = standalone::token_created(
                state.site.options.clone(),
                None,
                sent.name.trim(),
                secret.reveal(),
            );
            html(StatusCode::OK, page)
        }
        Err(error) => failed(&state, &error),
    }
}

async fn revoke_token(State(state): State<AppState>, caller: Caller, form: Sent) -> Response {
    let Ok(Form(sent)) = form else {
        return wrong_form(&state);
    };
    back(
        &state,
        People {
            authenticator: &state.authenticator,
            caller: &caller,
        }
        .revoke_token(&sent.id)
        .await,
    )
}

fn back(state: &AppState, done: Result<(), PeopleError>) -> Response {
    match done {
        Ok(()) => Redirect::to(SETTINGS).into_response(),
        Err(error) => failed(state, &error),
    }
}

fn failed(state: &AppState, error: &PeopleError) -> Response {
    let status = match error {
        PeopleError::Exists(_) => StatusCode::CONFLICT,
        PeopleError::Missing => StatusCode::NOT_FOUND,
        PeopleError::WrongPassword => StatusCode::FORBIDDEN,
        PeopleError::Later(_) | PeopleError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let text = format!("Nothing was changed: {error}.");
    let page = standalone::message(
        state.site.options.clone(),
        None,
        "Not done",
        &text,
        (SETTINGS, "Back to settings"),
    );
    html(status, page)
}

fn wrong_form(state: &AppState) -> Response {
    message(
        state,
        StatusCode::BAD_REQUEST,
        "Not done",
        "The form could not be read. Go back, and send it again.",
    )
}

/// Why a page may not be seen, where it may not.
pub fn not_allowed(request: &axum::extract::Request) -> Option<&'static str> {
    request.extensions().get::<NotAllowed>().map(|not| not.0)
}
