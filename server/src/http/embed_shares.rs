//! `POST /access/shares` and `/access/shares/revoke`: the settings' forms for shares of embeds,
//! answered with pages.

use crate::caller::Caller;
use crate::embed::{EmbedShareRequest, Embeds};
use crate::service::audit::AuditedAction;
use crate::state::AppState;
use app::ports::{CommandError, ErrorCode};
use app::standalone::embed_share::{NewEmbedShare, page};
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use serde::Deserialize;
use serde_json::json;

/// The largest form.
const FORM_BYTES: usize = 8 << 10;
/// Where shares are managed.
const SETTINGS: &str = "/admin/daily-processing/settings#embeds";

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/access/shares", post(make))
        .route("/access/shares/revoke", post(revoke))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

/// What the forms send.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    view: String,
    run_id: String,
    origin: String,
    theme: String,
    accent: String,
    density: String,
    tz: String,
    sections: String,
    note: String,
    days: String,
    id: String,
}

type Form_ = Result<Form<Sent>, FormRejection>;

async fn make(State(state): State<AppState>, caller: Caller, form: Form_) -> Response {
    let Ok(Form(sent)) = form else {
        return refused(
            &state,
            StatusCode::BAD_REQUEST,
            "The form could not be read. Go back, and send it again.",
        );
    };
    let options = [
        ("theme", sent.theme),
        ("accent", sent.accent),
        ("density", sent.density),
        ("tz", sent.tz),
        ("sections", sent.sections),
    ];
    let asked = EmbedShareRequest {
        view: sent.view,
        run_id: sent.run_id,
        origin: sent.origin,
        options: options.into(),
        note: sent.note,
        days: sent.days,
    };
    let who = caller.who();
    let made = match asked.make(&who) {
        Ok(made) => made,
        Err(why) => return refused(&state, StatusCode::BAD_REQUEST, &why),
    };
    let parameters = json!({ "resource": made.share.resource, "origin": made.share.origin });
    let audit = AuditedAction::new(
        state.persistence.clone(),
        &caller,
        "share",
        &parameters,
        Some(made.share.id.clone()),
    );
    match audit
        .carry_out(add(&state.embeds, &made.share), |()| None)
        .await
    {
        Ok(()) => {
            let shown = NewEmbedShare::Made(Box::new(asked.code(state.embeds.base(), &made)));
            html(StatusCode::OK, page(state.site.options.clone(), shown))
        }
        Err(error) => refused(&state, StatusCode::SERVICE_UNAVAILABLE, &error.message),
    }
}

async fn revoke(State(state): State<AppState>, caller: Caller, form: Form_) -> Response {
    let Ok(Form(sent)) = form else {
        return refused(
            &state,
            StatusCode::BAD_REQUEST,
            "The form could not be read. Go back, and send it again.",
        );
    };
    let who = caller.who();
    let audit = AuditedAction::new(
        state.persistence.clone(),
        &caller,
        "revoke share",
        &json!({}),
        Some(sent.id.clone()),
    );
    let act = async {
        match state.embeds.shares().revoke(&sent.id, &who).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(CommandError::new(
                ErrorCode::NotFound,
                "There is no such share that is still good.",
            )),
            Err(error) => Err(CommandError::new(
                ErrorCode::Unavailable,
                format!("Nothing was changed: {}.", error.line()),
            )),
        }
    };
    match audit.carry_out(act, |()| None).await {
        Ok(()) => Redirect::to(SETTINGS).into_response(),
        Err(error) if error.code == ErrorCode::NotFound => {
            refused(&state, StatusCode::NOT_FOUND, &error.message)
        }
        Err(error) => refused(&state, StatusCode::SERVICE_UNAVAILABLE, &error.message),
    }
}

async fn add(embeds: &Embeds, share: &store::EmbedShare) -> Result<(), CommandError> {
    let failed = |error: store::StoreError| {
        CommandError::new(
            ErrorCode::Unavailable,
            format!("The share was not made: {}.", error.line()),
        )
    };
    embeds.shares().add(share).await.map_err(failed)
}

fn refused(state: &AppState, status: StatusCode, why: &str) -> Response {
    html(
        status,
        page(
            state.site.options.clone(),
            NewEmbedShare::NotMade(why.to_owned()),
        ),
    )
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Html(page)).into_response()
}
