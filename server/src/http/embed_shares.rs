//! The forms that create and revoke embed links. The responses are pages.

use super::html::{FORM_BYTES, UNREADABLE_FORM, html};
use crate::caller::Caller;
use crate::embed::{EmbedShareRequest, Embeds};
use crate::service::audit::AuditedAction;
use crate::state::AppState;
use app::paths::{PATHS, route};
use app::ports::{CommandError, ErrorCode};
use app::standalone::embed_share::{NewEmbedShare, page};
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use serde::Deserialize;
use serde_json::json;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(route::EMBED_SHARES, post(create))
        .route(route::EMBED_SHARE_REVOKE, post(revoke))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

/// Fields of both forms.
#[derive(Default, Deserialize)]
#[serde(default)]
struct EmbedShareForm {
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

type EmbedShareFormResult = Result<Form<EmbedShareForm>, FormRejection>;

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    form: EmbedShareFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return error_page(&state, StatusCode::BAD_REQUEST, UNREADABLE_FORM);
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
        Err(why) => return error_page(&state, StatusCode::BAD_REQUEST, &why),
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
            let shown = NewEmbedShare::Created(Box::new(asked.code(state.embeds.base(), &made)));
            html(
                StatusCode::OK,
                page(state.site.options.clone(), None, shown),
            )
        }
        Err(error) => error_page(&state, StatusCode::SERVICE_UNAVAILABLE, &error.message),
    }
}

async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    form: EmbedShareFormResult,
) -> Response {
    let Ok(Form(sent)) = form else {
        return error_page(&state, StatusCode::BAD_REQUEST, UNREADABLE_FORM);
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
                "No active embed link has this id.",
            )),
            Err(error) => Err(CommandError::new(
                ErrorCode::Unavailable,
                format!("The embed link was not revoked: {}.", error.one_line()),
            )),
        }
    };
    match audit.carry_out(act, |()| None).await {
        Ok(()) => Redirect::to(&PATHS.settings("embeds")).into_response(),
        Err(error) if error.code == ErrorCode::NotFound => {
            error_page(&state, StatusCode::NOT_FOUND, &error.message)
        }
        Err(error) => error_page(&state, StatusCode::SERVICE_UNAVAILABLE, &error.message),
    }
}

async fn add(embeds: &Embeds, share: &store::EmbedShare) -> Result<(), CommandError> {
    let failed = |error: store::StoreError| {
        CommandError::new(
            ErrorCode::Unavailable,
            format!("The embed link was not created: {}.", error.one_line()),
        )
    };
    embeds.shares().add(share).await.map_err(failed)
}

fn error_page(state: &AppState, status: StatusCode, why: &str) -> Response {
    html(
        status,
        page(
            state.site.options.clone(),
            None,
            NewEmbedShare::Rejected(why.to_owned()),
        ),
    )
}
