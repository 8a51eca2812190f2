//! Queries: TickStockPL's API first, for a moment; else what is known. Its answer still arrives, as
//! an update of the state.

use crate::clock::now;
use crate::hub::Hub;
use crate::ingest::poller;
use crate::persistence::Persistence;
use crate::upstream::{Client, Flight, SingleFlight, UpstreamError};
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

/// How long a read waits for TickStockPL.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long a read waits for the local copy.
const KEPT: Duration = Duration::from_millis(500);

/// Queries from TickStockPL; clones share what is under way.
#[derive(Clone)]
pub struct Queries {
    client: Client,
    hub: Hub,
    persistence: Persistence,
    flights: Arc<AllFlights>,
}

#[derive(Default)]
struct AllFlights {
    status: SingleFlight<(), StatusAnswer>,
    history: SingleFlight<u32, Vec<ReportedRun>>,
    schedule: SingleFlight<(), ScheduleChange>,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// TickStockPL's API, just now.
    Api,
    /// What its events, and earlier answers of its API, have told.
    Events,
    /// The local copy, from before the console was started.
    Local,
}

/// What is known: TickStockPL's own answer where it came in time, and the state after it.
pub struct Known<T> {
    /// TickStockPL's answer.
    pub answer: Option<T>,
    /// What the console knows, that answer included.
    pub state: State,
    /// Where it is from.
    pub source: Source,
    /// The console's clock.
    pub now: Timestamp,
}

impl Queries {
    /// Queries by way of `client`, whose answers `hub` is told, with `keep` for what both have
    /// forgotten.
    pub fn new(client: Client, hub: Hub, persistence: Persistence) -> Queries {
        Queries {
            client,
            hub,
            persistence,
            flights: Arc::default(),
        }
    }

    /// What runs.
    pub async fn status(&self) -> Option<Known<StatusAnswer>> {
        let (client, hub) = (self.client.clone(), self.hub.clone());
        let flight = self.flights.status.join((), || {
            let ask = async move { Ok(poller::observe(&client, &hub, false).await?.0) };
            ask.boxed()
        });
        self.known(flight).await
    }

    /// The runs of the last `days` days.
    pub async fn history(&self, days: u32) -> Option<Known<Vec<ReportedRun>>> {
        let (client, hub, persistence) = (
            self.client.clone(),
            self.hub.clone(),
            self.persistence.clone(),
        );
        let flight = self.flights.history.join(days, || {
            let ask = async move {
                let asked_at = now();
                let runs = client.history(days).await?;
                hub.input(Input::History {
                    asked_at,
                    runs: runs.clone(),
                })
                .await;
                // The state has room for the newest; the local copy keeps the others, too.
                if let Some(older) = runs
                    .get(model::limits::RUNS..)
                    .filter(|older| !older.is_empty())
                {
                    let thresholds = hub
                        .snapshot()
                        .await
                        .map(|snapshot| snapshot.state.thresholds)
                        .unwrap_or_default();
                    for summary in older
                        .iter()
                        .filter_map(|row| RunSummary::of_history(row, None, asked_at, thresholds))
                    {
                        // It need not last: TickStockPL has it.
                        let _ = persistence
                            .writer()
                            .submit(Record::Summary(Box::new(summary)));
                    }
                }
                Ok(runs)
            };
            ask.boxed()
        });
        self.known(flight).await
    }

    /// The schedule.
    pub async fn schedule(&self) -> Option<Known<ScheduleChange>> {
        let (client, hub) = (self.client.clone(), self.hub.clone());
        let flight = self.flights.schedule.join((), || {
            let ask = async move {
                let schedule = client.schedule().await?;
                hub.input(Input::Schedule(schedule.clone())).await;
                Ok(schedule)
            };
            ask.boxed()
        });
        self.known(flight).await
    }

    /// Runs of the local copy; an empty page where it cannot be read.
    pub async fn kept(
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
        match timeout(KEPT, page).await {
            Ok(Ok(page)) => page,
            Ok(Err(error)) => {
                tracing::debug!(
                    error = error.line(),
                    "the local copy has no history to give"
                );
                Page {
                    rows: Vec::new(),
                    next: None,
                }
            }
            Err(_) => Page {
                rows: Vec::new(),
                next: None,
            },
        }
    }

    /// One run of the local copy, where it can be read.
    pub async fn kept_run(&self, id: &RunId) -> Option<RunRecord> {
        let run = async { self.persistence.store()?.run(id).await };
        timeout(KEPT, run).await.ok()?.ok()?
    }

    /// What the local copy knows of a symbol in a run.
    pub async fn kept_symbol(&self, run: &RunId, symbol: &Symbol) -> Option<SymbolReport> {
        let report = async { self.persistence.store()?.symbol(run, symbol).await };
        timeout(KEPT, report).await.ok()?.ok()
    }

    /// The latest indicators of a symbol, where the local copy stands in TickStockPL's database.
    pub async fn kept_indicators(&self, symbol: &Symbol) -> Option<Vec<StoredIndicator>> {
        let rows = async { self.persistence.store()?.daily_indicators(symbol).await };
        timeout(KEPT, rows).await.ok()?.ok()?
    }

    /// How often indicators were calculated, where the local copy stands in TickStockPL's database.
    pub async fn kept_indicator_counts(&self) -> Option<Vec<IndicatorCount>> {
        let rows = async { self.persistence.store()?.indicator_counts().await };
        timeout(KEPT, rows).await.ok()?.ok()?
    }

    /// What is known without asking; `None` while the process ends.
    pub async fn state(&self) -> Option<State> {
        Some(self.hub.snapshot().await?.state)
    }

    async fn known<T: Clone>(&self, flight: Flight<T>) -> Option<Known<T>> {
        let answer: Option<Result<T, UpstreamError>> = timeout(PATIENCE, flight).await.ok();
        let answer = answer.and_then(Result::ok);
        let state = self.state().await?;
        let source = match (&answer, state.restored_at) {
            (Some(_), _) => Source::Api,
            (None, Some(_)) => Source::Local,
            (None, None) => Source::Events,
        };
        Some(Known {
            answer,
            state,
            source,
            now: now(),
        })
    }
}
