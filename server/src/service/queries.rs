//! Queries: TickStockPL's API is asked first, for a moment; else the state answers. An answer that
//! comes later still arrives, as an input of the hub. What neither has is read from the database.

use crate::clock::now;
use crate::hub::Hub;
use crate::ingest::poller;
use crate::persistence::Persistence;
use crate::upstream::{Client, Flight, SingleFlight};
use contract::frame::Input;
use contract::http::{ReportedRun, StatusAnswer};
use contract::{RunId, ScheduleChange, Symbol, Timestamp};
use futures_util::FutureExt;
use model::{RunSummary, State};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use store::{
    Cursor, HistoryFilter, IndicatorCount, Page, Record, RunRecord, StoredIndicator, SymbolReport,
};
use tokio::time::timeout;
use utoipa::ToSchema;

/// Maximum time that a query waits for TickStockPL, and for the database.
const UPSTREAM_TIMEOUT: Duration = Duration::from_millis(100);
const DATABASE_TIMEOUT: Duration = Duration::from_millis(500);

/// Answers queries; clones share the requests that are under way.
#[derive(Clone, Debug)]
pub struct Queries {
    upstream: Client,
    hub: Hub,
    persistence: Persistence,
    flights: Arc<Flights>,
}

#[derive(Debug, Default)]
struct Flights {
    status: SingleFlight<(), StatusAnswer>,
    history: SingleFlight<u32, Vec<ReportedRun>>,
    schedule: SingleFlight<(), ScheduleChange>,
}

/// The source of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Source)]
pub enum AnswerSource {
    /// TickStockPL's API, just now.
    Api,
    /// Its events, and earlier answers of its API.
    Events,
    /// The database, from before the console was started.
    Local,
}

/// TickStockPL's own answer where it came in time, and the state after it.
#[derive(Debug)]
pub struct Answer<T> {
    pub answer: Option<T>,
    /// The state, with that answer applied.
    pub state: Arc<State>,
    pub source: AnswerSource,
    /// The console's clock.
    pub now: Timestamp,
}

impl Queries {
    pub fn new(upstream: Client, hub: Hub, persistence: Persistence) -> Queries {
        Queries {
            upstream,
            hub,
            persistence,
            flights: Arc::default(),
        }
    }

    /// TickStockPL's status.
    pub async fn status(&self) -> Answer<StatusAnswer> {
        let (upstream, hub) = (self.upstream.clone(), self.hub.clone());
        let flight = self.flights.status.join((), || {
            let request = async move { Ok(poller::parse_status(&upstream, &hub, false).await?.0) };
            request.boxed()
        });
        self.answer(flight).await
    }

    /// The runs of the last `days` days.
    pub async fn history(&self, days: u32) -> Answer<Vec<ReportedRun>> {
        let (upstream, hub, persistence) = (
            self.upstream.clone(),
            self.hub.clone(),
            self.persistence.clone(),
        );
        let flight = self.flights.history.join(days, || {
            let request = async move {
                let asked_at = now();
                let runs = upstream.history(days).await?;
                let history = Input::History {
                    asked_at,
                    runs: runs.clone(),
                };
                hub.apply(vec![history]).await;
                // The state has room for the newest; the database keeps the others, too.
                if let Some(older) = runs
                    .get(model::limits::RUNS..)
                    .filter(|older| !older.is_empty())
                {
                    let thresholds = hub.state().thresholds;
                    for summary in older
                        .iter()
                        .filter_map(|row| RunSummary::from_history(row, None, asked_at, thresholds))
                    {
                        // It need not last: TickStockPL has it.
                        let _ = persistence
                            .writer()
                            .submit(Record::Summary(Box::new(summary)));
                    }
                }
                Ok(runs)
            };
            request.boxed()
        });
        self.answer(flight).await
    }

    /// The schedule.
    pub async fn schedule(&self) -> Answer<ScheduleChange> {
        let (upstream, hub) = (self.upstream.clone(), self.hub.clone());
        let flight = self.flights.schedule.join((), || {
            let request = async move {
                let schedule = upstream.schedule().await?;
                hub.apply(vec![Input::Schedule(schedule.clone())]).await;
                Ok(schedule)
            };
            request.boxed()
        });
        self.answer(flight).await
    }

    /// Runs of the database; an empty page where it cannot be read.
    pub async fn stored_history(
        &self,
        filter: &HistoryFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Page<RunSummary> {
        let page = async {
            self.persistence
                .store()?
                .history(filter, after, limit)
                .await
        };
        match timeout(DATABASE_TIMEOUT, page).await {
            Ok(Ok(page)) => return page,
            Ok(Err(error)) => {
                tracing::debug!(
                    error = error.one_line(),
                    "failed to read history from database"
                );
            }
            Err(_) => tracing::debug!("database did not answer in time for history"),
        }
        Page {
            rows: Vec::new(),
            next: None,
        }
    }

    /// One run of the database, where it can be read.
    pub async fn stored_run(&self, id: &RunId) -> Option<RunRecord> {
        let run = async { self.persistence.store()?.run(id).await };
        timeout(DATABASE_TIMEOUT, run).await.ok()?.ok()?
    }

    /// What the database has of a symbol in a run.
    pub async fn stored_symbol(&self, run: &RunId, symbol: &Symbol) -> Option<SymbolReport> {
        let report = async { self.persistence.store()?.symbol(run, symbol).await };
        timeout(DATABASE_TIMEOUT, report).await.ok()?.ok()
    }

    /// The latest indicators of a symbol, where the console's tables are in TickStockPL's database.
    pub async fn stored_indicators(&self, symbol: &Symbol) -> Option<Vec<StoredIndicator>> {
        let rows = async { self.persistence.store()?.daily_indicators(symbol).await };
        timeout(DATABASE_TIMEOUT, rows).await.ok()?.ok()?
    }

    /// How often indicators were calculated, where the console's tables are in TickStockPL's
    /// database.
    pub async fn stored_indicator_counts(&self) -> Option<Vec<IndicatorCount>> {
        let rows = async { self.persistence.store()?.indicator_counts().await };
        timeout(DATABASE_TIMEOUT, rows).await.ok()?.ok()?
    }

    /// The run whose failed imports a retry that names none is about.
    pub fn run_to_retry(&self) -> Option<RunId> {
        shown_or_latest(&self.hub.state())
    }

    async fn answer<T: Clone>(&self, flight: Flight<T>) -> Answer<T> {
        let answer = timeout(UPSTREAM_TIMEOUT, flight)
            .await
            .ok()
            .and_then(Result::ok);
        let state = self.hub.state();
        let source = match (&answer, state.restored_at) {
            (Some(_), _) => AnswerSource::Api,
            (None, Some(_)) => AnswerSource::Local,
            (None, None) => AnswerSource::Events,
        };
        Answer {
            answer,
            state,
            source,
            now: now(),
        }
    }
}

/// The run that is shown, or the latest one.
pub(crate) fn shown_or_latest(state: &State) -> Option<RunId> {
    let latest = || state.earlier.first().map(|run| &run.id);
    let shown = state.run.as_ref().map(|run| &run.id);
    shown.or_else(latest).cloned()
}
