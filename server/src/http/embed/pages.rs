//! The documents: with the view where embeds are open; else a shell without any data, which comes
//! when a token was shown.

use super::context::EmbedContext;
use crate::embed::{EmbedResource, ViewKey, ViewRequest};
use crate::http::error::ApiError;
use app::embed::{EmbedDocument, document};
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use contract::RunId;

/// Tonight's run.
pub(crate) async fn status(context: State<EmbedContext>, RawQuery(query): RawQuery) -> Response {
    page(&context, EmbedResource::Status, query).await
}

/// Recent runs.
pub(crate) async fn runs(context: State<EmbedContext>, RawQuery(query): RawQuery) -> Response {
    page(&context, EmbedResource::Runs, query).await
}

/// One run.
pub(crate) async fn run(
    context: State<EmbedContext>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match RunId::new(&id) {
        Some(id) => page(&context, EmbedResource::Run(id), query).await,
        None => ApiError::not_found("Run not found.").into_response(),
    }
}

/// The schedule.
pub(crate) async fn schedule(context: State<EmbedContext>, RawQuery(query): RawQuery) -> Response {
    page(&context, EmbedResource::Schedule, query).await
}

async fn page(context: &EmbedContext, subject: EmbedResource, query: Option<String>) -> Response {
    let query = query.unwrap_or_default();
    let options = ViewRequest::options(&query);
    let base = if matches!(subject, EmbedResource::Run(_)) {
        "../"
    } else {
        ""
    };
    let title = subject.title();
    let key = ViewKey::new(subject, options.sections.as_deref(), options.tz.as_deref());
    let embeds = &context.embeds;
    let fragment = if embeds.are_open() {
        embeds.views().now(key.clone()).await
    } else {
        None
    };
    // Previews are framed by the console's own pages only.
    let preview = query
        .split('&')
        .any(|pair| pair.split('=').next() == Some("preview"));
    let ancestors = if preview {
        "'self'".to_owned()
    } else {
        embeds.origins().frame_ancestors()
    };
    let nonce = format!("{:032x}", rand::random::<u128>());
    let html = document(&EmbedDocument {
        title,
        fragment: fragment.as_ref(),
        base,
        of: &key.text(),
        zone: &key.zone,
        theme: options.theme(),
        density: options.density(),
        accent: options.accent.as_deref(),
        nonce: &nonce,
        origins: &embeds.origins().joined(),
        locked: !embeds.are_open(),
    });
    let policy = format!(
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    );
    // Neither tells a page's visitors apart, nor asks the browser for anything.
    let permissions = (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()".to_owned(),
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        permissions,
    ];
    (headers, html).into_response()
}
