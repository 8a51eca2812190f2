//! `POST /access/shares` and `/access/shares/revoke`: the settings' forms for shares of embeds,
//! answered with pages.

use super::Context;
use crate::caller::Caller;
use crate::embed::{EmbedShareRequest, Embeds};
use crate::service::audit::Audit;
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
pub fn routes() -> Router<Context> {
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

async fn make(State(context): State<Context>, caller: Caller, form: Form_) -> Response {
    let (Ok(Form(sent)), Some(embeds)) = (form, context.commands.embeds()) else {
        return refused(
            &context,
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
        Err(why) => return refused(&context, StatusCode::BAD_REQUEST, &why),
    };
    let parameters = json!({ "resource": made.share.resource, "origin": made.share.origin });
    let audit = Audit::new(
        context.persistence.clone(),
        caller,
        "share",
        &parameters,
        Some(made.share.id.clone()),
    );
    match audit.around(add(&embeds, &made.share), |()| None).await {
        Ok(()) => {
            let shown = NewEmbedShare::Made(Box::new(asked.code(embeds.base(), &made)));
            html(StatusCode::OK, page(context.site.options.clone(), shown))
        }
        Err(error) => refused(&context, StatusCode::SERVICE_UNAVAILABLE, &error.message),
    }
}

async fn revoke(State(context): State<Context>, caller: Caller, form: Form_) -> Response {
    let (Ok(Form(sent)), Some(embeds)) = (form, context.commands.embeds()) else {
        return refused(
            &context,
            StatusCode::BAD_REQUEST,
            "The form could not be read. Go back, and send it again.",
        );
    };
    let who = caller.who();
    let audit = Audit::new(
        context.persistence.clone(),
        caller,
        "revoke share",
        &json!({}),
        Some(sent.id.clone()),
    );
    let act = async {
        match embeds.shares().revoke(&sent.id, &who).await {
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
    match audit.around(act, |()| None).await {
        Ok(()) => Redirect::to(SETTINGS).into_response(),
        Err(error) if error.code == ErrorCode::NotFound => {
            refused(&context, StatusCode::NOT_FOUND, &error.message)
        }
        Err(error) => refused(&context, StatusCode::SERVICE_UNAVAILABLE, &error.message),
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

fn refused(context: &Context, status: StatusCode, why: &str) -> Response {
    html(
        status,
        page(
            context.site.options.clone(),
            NewEmbedShare::NotMade(why.to_owned()),
        ),
    )
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Html(page)).into_response()
}
