//! Sign-in, sign-out, and the forms that manage users and tokens. The responses are pages that need
//! no script.

use super::html::{FORM_BYTES, UNREADABLE_FORM, html, message_page, sentence};
use crate::auth::{Authenticator, People, PeopleError, Principal, SignInError};
use crate::caller::Caller;
use crate::state::AppState;
use access::{AuthMode, redirect_target};
use app::paths::{PATHS, route};
use app::standalone::{self, SignIn};
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::header::{RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::Duration;

/// Routes of sign-in and of managing users and tokens.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(route::SIGN_IN, get(sign_in_page).post(sign_in))
        .route(route::SIGN_OUT, post(sign_out))
        .route(route::OWN_PASSWORD, post(change_own_password))
        .route(route::SIGN_OUT_EVERYWHERE, post(sign_out_everywhere))
        .route(route::USERS, post(add_user))
        .route(route::USER_ROLE, post(set_user_role))
        .route(route::USER_PASSWORD, post(set_user_password))
        .route(route::USER_SIGN_OUT, post(sign_out_user))
        .route(route::USER_REMOVE, post(remove_user))
        .route(route::TOKENS, post(add_token))
        .route(route::TOKEN_REVOKE, post(revoke_token))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

/// Query of the sign-in page.
#[derive(Default, Deserialize)]
struct SignInQuery {
    next: Option<String>,
}

async fn sign_in_page(
    State(state): State<AppState>,
    principal: Option<Extension<Principal>>,
    headers: HeaderMap,
    query: Result<Query<SignInQuery>, QueryRejection>,
) -> Response {
    let query = query.map_or_else(|_| SignInQuery::default(), |query| query.0);
    let next = redirect_target(query.next.as_deref(), route::TONIGHT).to_owned();
    let here = principal.is_some_and(|principal| principal.0.identity.auth_mode != AuthMode::Open);
    if here || !state.authenticator.config().auth_modes.users {
        return Redirect::to(&next).into_response();
    }
    let theme = super::preferences::from_headers(&headers).theme;
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
        return message_page(
            &state,
            StatusCode::NOT_FOUND,
            "No sign-in",
            "Sign-in with a password is not enabled on this console.",
        );
    }
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .map(str::to_owned);
    let before = authenticator.session_of(&headers);
    // Not signed in yet, even with a session of another user in this browser.
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
            let lifetime = authenticator.config().lifetimes.total;
            let cookie = session_cookie(authenticator, secret.reveal(), lifetime);
            let next = redirect_target(Some(&sent.next), route::TONIGHT);
            (CookieJar::new().add(cookie), Redirect::to(next)).into_response()
        }
        Err(error) => {
            let status = match error {
                SignInError::Wrong => StatusCode::UNAUTHORIZED,
                SignInError::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
                SignInError::Busy | SignInError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            };
            let next = redirect_target(Some(&sent.next), route::TONIGHT).to_owned();
            let page = SignIn {
                next,
                name: sent.name,
                wrong: Some(error.to_string()),
            };
            let mut response = html(
                status,
                standalone::sign_in(
                    state.site.options.clone(),
                    super::preferences::from_headers(&headers).theme,
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
        tracing::warn!(error, "failed to end session");
        let text = "You are still signed in: the console's database is unavailable. Try again in a few seconds.";
        return message_page(
            &state,
            StatusCode::SERVICE_UNAVAILABLE,
            "Not signed out",
            text,
        );
    }
    signed_out(authenticator)
}

/// Removes the session cookie and redirects to the sign-in page.
fn signed_out(authenticator: &Authenticator) -> Response {
    let cookie = session_cookie(authenticator, "", Duration::ZERO);
    let jar = CookieJar::new().add(cookie);
    // The service worker's offline copies must not be readable by the next user of the browser.
    let clear = [("clear-site-data", "\"cache\", \"storage\"")];
    (jar, clear, Redirect::to(&PATHS.of(route::SIGN_IN))).into_response()
}

/// Not readable by scripts; other sites' requests carry it only when they are plain links.
fn session_cookie(
    authenticator: &Authenticator,
    value: &str,
    lifetime: Duration,
) -> Cookie<'static> {
    Cookie::build((authenticator.cookie_name(), value.to_owned()))
        .path("/")
        .max_age(lifetime.try_into().unwrap_or_default())
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(authenticator.config().secure)
        .build()
}

/// Fields of all forms that manage users and tokens.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AccessForm {
    name: String,
    role: String,
    password: String,
    present: String,
    id: String,
    days: String,
}

type AccessFormResult = Result<Form<AccessForm>, FormRejection>;

async fn change_own_password(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let people = people(&state, &caller);
    match people
        .change_own_password(sent.present, sent.password)
        .await
    {
        Ok(()) => signed_out(&state.authenticator),
        Err(error) => error_page(&state, &error),
    }
}

async fn sign_out_everywhere(State(state): State<AppState>, caller: Caller) -> Response {
    match people(&state, &caller).sign_out_everywhere().await {
        Ok(()) => signed_out(&state.authenticator),
        Err(error) => error_page(&state, &error),
    }
}

async fn add_user(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let people = people(&state, &caller);
    redirect_back(
        &state,
        people.add_user(&sent.name, &sent.role, sent.password).await,
    )
}

async fn set_user_role(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let people = people(&state, &caller);
    redirect_back(&state, people.set_role(&sent.name, &sent.role).await)
}

async fn set_user_password(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let people = people(&state, &caller);
    redirect_back(&state, people.set_password(&sent.name, sent.password).await)
}

async fn sign_out_user(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let people = people(&state, &caller);
    redirect_back(&state, people.sign_out(&sent.name).await)
}

async fn remove_user(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let people = people(&state, &caller);
    redirect_back(&state, people.remove(&sent.name).await)
}

async fn add_token(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    let days = match sent.days.trim() {
        "" => None,
        // 0 is refused, too.
        days => Some(days.parse().unwrap_or(0)),
    };
    let people = people(&state, &caller);
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
        Err(error) => error_page(&state, &error),
    }
}

async fn revoke_token(
    State(state): State<AppState>,
    caller: Caller,
    form: AccessFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return unreadable_form(&state);
    };
    redirect_back(&state, people(&state, &caller).revoke_token(&sent.id).await)
}

fn people<'a>(state: &'a AppState, caller: &'a Caller) -> People<'a> {
    People {
        authenticator: &state.authenticator,
        caller,
    }
}

/// Redirects to the settings page, or shows the error.
fn redirect_back(state: &AppState, done: Result<(), PeopleError>) -> Response {
    match done {
        Ok(()) => Redirect::to(&PATHS.settings("")).into_response(),
        Err(error) => error_page(state, &error),
    }
}

fn error_page(state: &AppState, error: &PeopleError) -> Response {
    let status = match error {
        PeopleError::Exists(_) => StatusCode::CONFLICT,
        PeopleError::Missing => StatusCode::NOT_FOUND,
        PeopleError::WrongPassword => StatusCode::FORBIDDEN,
        PeopleError::Later(_) | PeopleError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let text = sentence(&error.to_string());
    let page = standalone::message(
        state.site.options.clone(),
        None,
        "Change not saved",
        &text,
        (&PATHS.settings(""), "Back to settings"),
    );
    html(status, page)
}

fn unreadable_form(state: &AppState) -> Response {
    let status = StatusCode::BAD_REQUEST;
    message_page(state, status, "Change not saved", UNREADABLE_FORM)
}
