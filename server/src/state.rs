//! The collaborators that request handlers share.

use crate::auth::Authenticator;
use crate::client_limits::ClientLimits;
use crate::config::Config;
use crate::embed::Embeds;
use crate::http::Site;
use crate::hub::Hub;
use crate::persistence::Persistence;
use crate::poll_trigger::PollTrigger;
use crate::service::commands::Commands;
use crate::service::queries::Queries;
use crate::service::symbol_outcome::SymbolOutcomes;
use crate::service::views::PageViews;
use crate::symbols::SymbolIndex;
use crate::upstream::Client;
use axum::extract::FromRef;
use contract::Timestamp;
use leptos::config::LeptosOptions;
use model::State;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Everything that request handlers share, built once by [`AppState::build`]. A handler takes the
/// fields that it needs by their types. Clones refer to the same collaborators.
#[derive(Clone, FromRef)]
pub(crate) struct AppState {
    /// Owner of the live state. Handlers read the state from it and open streams on it; it is also
    /// where [`crate::ingest`] delivers what TickStockPL says.
    pub(crate) hub: Hub,
    /// The database behind its writer: history for exports, and where audit entries go.
    pub(crate) persistence: Persistence,
    /// What events said of each symbol. It is beside the state because no page shows all of it.
    pub(crate) symbols: SymbolIndex,
    /// The client of TickStockPL's API, whose circuit breaker all requests share.
    pub(crate) upstream: Client,
    /// Makes the poller ask TickStockPL now, where a command or a lost event makes that worthwhile.
    pub(crate) poll_trigger: PollTrigger,
    /// Tells who sent a request, and ends the streams of credentials that were revoked.
    pub(crate) authenticator: Authenticator,
    /// Changes something at TickStockPL: once per idempotency key, and audited.
    pub(crate) commands: Commands,
    /// Answers REST queries from TickStockPL, the state, or the database.
    pub(crate) queries: Queries,
    /// The outcome of a symbol in a run, which REST and pages look up in the same way.
    pub(crate) symbol_outcomes: SymbolOutcomes,
    /// Data of the pages that the server renders.
    pub(crate) views: PageViews,
    /// Views for other people's pages: their tokens, embed links, and the task that renders them.
    pub(crate) embeds: Embeds,
    /// Bounds the requests, streams and sign-in attempts of each client address, and all streams.
    pub(crate) limits: ClientLimits,
    /// The built site: scripts, styles, and what the document must know to name them.
    pub(crate) site: Arc<Site>,
}

impl AppState {
    /// Opens the database, starts the hub with the restored state, and builds the rest on them.
    /// Returns until when events were heard before the process was last stopped; `None` where the
    /// database holds no state. Nothing is received from TickStockPL yet.
    pub(crate) async fn build(
        config: &Config,
        shutdown: CancellationToken,
    ) -> (AppState, Option<Timestamp>) {
        let (persistence, restored) = Persistence::open(&config.persistence).await;
        // The console's own absence is a gap; before its first start there was nothing to miss.
        let heard_until = restored.as_ref().map(|restored| restored.heard_until);
        let state = restored.map_or_else(State::default, |restored| restored.state);
        let symbols = SymbolIndex::default();
        let (recorder, recorded) = persistence.recorder(symbols.clone());
        let hub = Hub::start(
            state.with_thresholds(config.server.thresholds),
            Box::new(recorder),
            shutdown.clone(),
        );
        tokio::spawn(persistence.clone().follow(
            hub.clone(),
            symbols.clone(),
            recorded,
            shutdown.clone(),
        ));
        let poll_trigger = PollTrigger::default();
        let upstream = Client::new(config.api.clone(), poll_trigger.clone());
        let queries = Queries::new(upstream.clone(), hub.clone(), persistence.clone());
        let symbol_outcomes = SymbolOutcomes::new(hub.clone(), queries.clone(), symbols.clone());
        let views = PageViews::new(
            config,
            hub.clone(),
            persistence.clone(),
            symbol_outcomes.clone(),
        );
        let limits = ClientLimits::new(
            config.server.max_streams_per_client,
            config.server.max_streams,
        );
        let state = AppState {
            commands: Commands::new(
                upstream.clone(),
                hub.clone(),
                poll_trigger.clone(),
                persistence.clone(),
            ),
            authenticator: Authenticator::new(
                config.access.clone(),
                persistence.clone(),
                limits.clone(),
            ),
            embeds: Embeds::start(
                config,
                hub.clone(),
                views.clone(),
                persistence.clone(),
                shutdown,
            ),
            limits,
            site: Arc::new(Site::find(config.server.site_root.clone())),
            hub,
            persistence,
            symbols,
            upstream,
            poll_trigger,
            queries,
            symbol_outcomes,
            views,
        };
        (state, heard_until)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> LeptosOptions {
        state.site.options.clone()
    }
}
