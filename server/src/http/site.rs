//! The built site: scripts, styles and static files.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use leptos::config::LeptosOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// The built site.
#[derive(Debug)]
pub(crate) struct Site {
    pub(super) root: PathBuf,
    /// What the document needs to know to name its assets.
    pub(crate) options: LeptosOptions,
}

impl Site {
    /// Looks at the site in `root`. Without it pages still show the state, but neither look good
    /// nor live.
    pub(crate) fn find(root: PathBuf) -> Site {
        // Rendering spawns its tasks on tokio; a second call in the same process finds that
        // settled.
        let _ = any_spawner::Executor::init_tokio();
        // Ours stands in the site; cargo-leptos puts its own beside the binary, and says that it is
        // there by this variable.
        let ours = std::path::absolute(root.join("hash.txt")).ok();
        let beside = std::env::current_exe()
            .ok()
            .and_then(|exe| Some(exe.parent()?.join("hash.txt")));
        let places = if std::env::var_os("LEPTOS_OUTPUT_NAME").is_some() {
            [beside, ours]
        } else {
            [ours, beside]
        };
        let hashes = places.into_iter().flatten().find(|path| path.exists());
        if !root.join("pkg").is_dir() {
            tracing::error!(site = %root.display(), "the built site is not here: run `make build`, and start from the project's root or set LEPTOS_SITE_ROOT");
        }
        let options = LeptosOptions::builder()
            .output_name("tickstock-console")
            .site_root(root.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .hash_files(hashes.is_some())
            .hash_file(Arc::<str>::from(
                hashes.unwrap_or_default().to_string_lossy(),
            ))
            .build();
        Site { root, options }
    }

    /// The folder of the site.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The script, the WASM and the style. Their names change with their contents, so they never
    /// need to be asked for twice.
    pub(crate) fn assets(&self) -> Router {
        let lasting = if self.options.hash_files {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        Router::new()
            .fallback_service(serve_dir(&self.root.join("pkg")))
            .layer(SetResponseHeaderLayer::if_not_present(
                CACHE_CONTROL,
                HeaderValue::from_static(lasting),
            ))
    }
}

pub(super) fn serve_dir(root: &Path) -> ServeDir {
    ServeDir::new(root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
}
