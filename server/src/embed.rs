//! Embeds: the console's views inside other people's pages. Who may frame them, who may see them,
//! and what they are sent.
//!
//! Nothing here reads or sets a cookie, and nothing here changes anything: a token opens the views
//! that it names and no more.

mod badge;
mod display_options;
mod grant;
mod resource;
mod settings;
mod share_request;
mod shares;
mod stream;
mod token;
mod views;

pub use badge::Badge;
pub use display_options::{DENSITIES, DisplayOptions, THEMES};
pub use grant::{DeniedView, EmbedDenied, EmbedGrant};
pub use resource::{EmbedResource, ViewKey};
pub use share_request::EmbedShareRequest;
pub use shares::{CreatedEmbedShare, EmbedShareError, EmbedShares, is_share_token};
pub use stream::{EmbedStream, ViewRequest};
pub use token::{AUDIENCE, is_embed_token};
pub use views::{View, Views};

use crate::clock::now;
use crate::config::{Config, Origins};
use crate::hub::Hub;
use crate::persistence::Persistence;
use crate::service::views::PageViews;
use serde_json::json;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// How long a token of the console's own previews is good for.
const PREVIEW_SECONDS: i64 = 3600;

/// What the embeds share; clones refer to the same.
#[derive(Clone)]
pub struct Embeds {
    origins: Origins,
    /// What tokens are signed with: the portals' secret.
    secret: Option<Arc<[u8]>>,
    /// What the console's own previews are signed with where no secret is configured: of this
    /// process.
    own: Arc<[u8]>,
    open: bool,
    /// Where portals reach the console, as far as it knows.
    base: Arc<str>,
    hub: Hub,
    views: Views,
    shares: EmbedShares,
}

impl std::fmt::Debug for Embeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embeds")
            .field("open", &self.open)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Embeds {
    /// Starts the task that renders them.
    pub fn start(
        config: &Config,
        hub: Hub,
        page_views: PageViews,
        persistence: Persistence,
        shutdown: CancellationToken,
    ) -> Embeds {
        Embeds {
            origins: config.embed.origins.clone(),
            secret: config
                .embed
                .secret
                .as_ref()
                .map(|secret| secret.expose().as_bytes().into()),
            base: config.base().into(),
            own: rand::random::<[u8; 32]>().into(),
            // Everybody may see embeds without a token where everybody may see the console, and
            // portals were given no secret.
            open: config.access.auth_modes.open && config.embed.secret.is_none(),
            views: Views::start(hub.clone(), page_views, shutdown),
            hub,
            shares: EmbedShares::new(persistence),
        }
    }

    /// Whether everybody who reaches the console may see embeds without a token.
    pub fn are_open(&self) -> bool {
        self.open
    }

    /// The origins that may frame them.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// The console's address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The shares.
    pub fn shares(&self) -> &EmbedShares {
        &self.shares
    }

    /// The views.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// The state, for the badge.
    pub fn state(&self) -> Arc<model::State> {
        self.hub.state()
    }

    /// A token with which the console's own pages show a preview of every view.
    pub fn preview_token(&self) -> String {
        let issued = now().0 / 1000;
        let claims = json!({ "aud": AUDIENCE, "iat": issued, "exp": issued + PREVIEW_SECONDS, "res": "*", "origin": token::OWN });
        token::sign(&claims, self.secret.as_deref().unwrap_or(&self.own))
    }
}
