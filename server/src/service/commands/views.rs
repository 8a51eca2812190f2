//! What the server-made pages are told: the hub's state and the local copy put together, the
//! calendar, the connections.

mod days;
mod embeds;
mod errors;
mod people;
mod runs;
mod symbol;

use super::Asked;
use crate::clock::now;
use access::Permission;
use app::Preferences;
use app::ports::{
    AccessSettings, AuditQuery, BoxFuture, EmbedSettings, ErrorsQuery, Market, PageData,
    PageQueries, PreviewDay, ResultPage, RunView, RunsQuery, SchedulePlan, SymbolQuery, SymbolView,
    TradingDay, Viewer,
};
use calendar::{RunSchedule, status_at, upcoming_runs};
use contract::{RunId, Timestamp};
use model::{AuditEntry, ErrorGroup, EventSummary, RunSummary};
use std::time::Duration;
use store::{AuditFilter, Page, StoreError};
use tokio::time::timeout;

/// How long a page waits for the local copy.
const KEPT: Duration = Duration::from_millis(800);
/// Rows of one page of a list.
const ROWS: u32 = 50;
/// Sessions that a preview of the schedule reaches.
const SESSIONS: usize = 5;

impl PageQueries for Asked {
    fn page(&self) -> BoxFuture<Option<PageData>> {
        let (commands, viewer, seen) = (
            self.commands.clone(),
            self.caller.viewer(),
            self.preferences.clone(),
        );
        Box::pin(async move { commands.page_data(viewer, &seen).await })
    }

    fn runs(&self, asked: RunsQuery) -> BoxFuture<ResultPage<RunSummary>> {
        Box::pin(runs::list(self.commands.clone(), asked))
    }

    fn run(&self, id: RunId) -> BoxFuture<Option<RunView>> {
        let (commands, audit) = (
            self.commands.clone(),
            self.caller.can(Permission::ViewAudit),
        );
        Box::pin(async move {
            let mut view = runs::one(commands, id).await?;
            if !audit {
                view.audit.clear();
            }
            Some(view)
        })
    }

    fn symbol(&self, asked: SymbolQuery) -> BoxFuture<Option<SymbolView>> {
        Box::pin(symbol::one(self.commands.clone(), asked))
    }

    fn days(&self, from: Timestamp, to: Timestamp) -> Vec<TradingDay> {
        days::between(from, to)
    }

    fn events(&self, id: RunId, after: Option<i64>) -> BoxFuture<ResultPage<EventSummary>> {
        Box::pin(runs::events(self.commands.clone(), id, after))
    }

    fn errors(&self, asked: ErrorsQuery) -> BoxFuture<ResultPage<ErrorGroup>> {
        Box::pin(errors::list(self.commands.clone(), asked))
    }

    fn audit(&self, asked: AuditQuery) -> BoxFuture<ResultPage<AuditEntry>> {
        let persistence = self.commands.persistence.clone();
        if !self.caller.can(Permission::ViewAudit) {
            return Box::pin(async { problem(Permission::ViewAudit.denied_message().to_owned()) });
        }
        Box::pin(async move {
            let filter = AuditFilter {
                who: asked.who,
                action: asked.action,
            };
            let after = asked.cursor.and_then(|cursor| cursor.parse().ok());
            listed(async {
                persistence
                    .store()?
                    .audit(&filter, after.as_ref(), ROWS)
                    .await
            })
            .await
        })
    }

    fn market(&self) -> Option<Market> {
        let market = status_at(instant(now())).ok()?;
        let phase = serde_json::to_value(market.phase)
            .ok()?
            .as_str()?
            .to_owned();
        Some(Market {
            is_open: market.is_open,
            phase,
            why: market.why,
            session: market.session_date,
            half_day: market
                .is_half_day
                .then(|| "half day, closes 13:00".to_owned()),
            next_open: Timestamp(market.next_open.at_ms),
            next_close: Timestamp(market.next_close.at_ms),
        })
    }

    fn preview(&self, plan: SchedulePlan) -> Result<Vec<PreviewDay>, String> {
        let zone = plan.zone.as_deref().unwrap_or(contract::EXCHANGE_ZONE);
        let plan = RunSchedule {
            enabled: plan.enabled,
            trigger_time: &plan.time,
            zone: contract::canonical_zone(zone),
            market_check: plan.market_check,
        };
        let days =
            upcoming_runs(plan, instant(now()), SESSIONS).map_err(|error| error.to_string())?;
        let day = |day: calendar::RunPreview| PreviewDay {
            at: Timestamp(day.local.at_ms),
            runs: day.runs,
            local: format!(
                "{} {}",
                day.local.text.get(11..16).unwrap_or_default(),
                day.local.abbreviation
            ),
            notes: day.notes,
        };
        Ok(days.into_iter().map(day).collect())
    }

    fn connections(&self) -> Vec<(String, String)> {
        if self.caller.can(Permission::ViewConfiguration) {
            self.commands.connections.to_vec()
        } else {
            Vec::new()
        }
    }

    fn viewer(&self) -> Viewer {
        self.caller.viewer()
    }

    fn people(&self) -> BoxFuture<AccessSettings> {
        Box::pin(people::people(
            self.commands.authenticator.clone(),
            self.commands.persistence.clone(),
            self.caller.clone(),
        ))
    }

    fn exchange(&self) -> app::Zone {
        crate::zone::exchange(now())
    }

    fn preferences(&self) -> Preferences {
        self.preferences.clone()
    }

    fn embeds(&self) -> BoxFuture<EmbedSettings> {
        Box::pin(embeds::settings(
            self.commands.embeds(),
            self.caller.can(Permission::ManageEmbeds),
        ))
    }

    fn key(&self) -> String {
        store::new_key()
    }
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    // Every time that a Timestamp holds is one that jiff holds.
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default()
}

/// A page of the local copy, or why there is none.
async fn listed<T, C: ToString>(
    read: impl Future<Output = Result<Page<T, C>, StoreError>>,
) -> ResultPage<T> {
    match timeout(KEPT, read).await {
        Ok(Ok(page)) => ResultPage {
            rows: page.rows,
            next: page.next.map(|next| next.to_string()),
            problem: None,
        },
        Ok(Err(error)) => problem(error.line().to_string()),
        Err(_) => problem("it did not answer in time".to_owned()),
    }
}

fn problem<T>(why: String) -> ResultPage<T> {
    ResultPage {
        rows: Vec::new(),
        next: None,
        problem: Some(why),
    }
}
