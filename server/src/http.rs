//! The HTTP side: routes, what all of them have in common, and serving until told to stop.

mod api;
mod events;
mod health;
mod origin;
mod pages;
pub mod sse;

use crate::hub::Hub;
use app::ports::Backend;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Router, middleware};
use leptos::config::LeptosOptions;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// How long connections may take to end after the signal to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// What handlers share.
#[derive(Clone)]
pub struct Context {
    hub: Hub,
    backend: Arc<dyn Backend>,
    site: Arc<pages::Site>,
    shutdown: CancellationToken,
}

impl Context {
    /// Handlers over these; `site_root` is the folder of the built site.
    pub fn new(hub: Hub, backend: Arc<dyn Backend>, site_root: PathBuf, shutdown: CancellationToken) -> Context {
        Context { hub, backend, site: Arc::new(pages::Site::find(site_root)), shutdown }
    }
}

impl axum::extract::FromRef<Context> for LeptosOptions {
    fn from_ref(context: &Context) -> LeptosOptions {
        context.site.options.clone()
    }
}

/// All routes.
pub fn router(context: Context) -> Router {
    let pages = Router::new()
        .route("/", get(pages::home))
        .route(pages::TONIGHT, get(pages::page))
        .fallback(pages::other)
        .layer(CompressionLayer::new());
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/health", get(health::health))
        .route("/api/events", get(events::stream))
        .route("/api/processing/daily/trigger", post(api::trigger))
        .route("/api/console/{*function}", post(pages::server_function))
        .nest_service("/pkg", context.site.assets())
        .merge(pages)
        .layer(middleware::from_fn(origin::refuse_foreign_commands))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(header(CONTENT_SECURITY_POLICY, "frame-ancestors 'none'; base-uri 'self'; object-src 'none'"))
        .with_state(context)
}

/// Serves until `shutdown`, then lets connections end for at most five seconds.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    let addr = listener.local_addr()?;
    announce(&format!("tickstock-console listening on http://{addr}"));
    if !addr.ip().is_loopback() {
        tracing::warn!(%addr, "everybody who can reach this address can start and cancel runs");
    }
    let listener = listener.tap_io(|stream| {
        // Small frames leave at once; a socket that cannot be set so still works.
        let _ = stream.set_nodelay(true);
    });
    let stopping = shutdown.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned());
    let late = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = server => served,
        () = late => {
            tracing::warn!("some connections did not end in {} s", DRAIN.as_secs());
            Ok(())
        }
    }
}

/// The one line on standard output, for scripts that wait for it.
#[expect(clippy::print_stdout, reason = "standard output is this line's place; everything else goes to the log")]
fn announce(line: &str) {
    println!("{line}");
}
