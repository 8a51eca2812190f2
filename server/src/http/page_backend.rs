//! The console's services as pages and server functions use them, for one caller.

use crate::caller::Caller;
use crate::clock::now;
use crate::embed::Embeds;
use crate::service::commands::Commands;
use crate::service::queries::Queries;
use crate::service::views::{self, PageViews};
use crate::state::AppState;
use crate::zone;
use access::Permission;
use app::Preferences;
use app::ports::{
    AccessSettings, AuditQuery, Backend, BoxFuture, Command, CommandError, EmbedSettings,
    ErrorsQuery, Market, PageData, PageQueries, PreviewDay, ResultPage, RunView, RunsQuery,
    ScheduleEdit, SchedulePlan, SymbolQuery, SymbolView, TradingDay, Viewer,
};
use contract::http::CommandAnswer;
use contract::{ErrorGroupId, RunId, Timestamp};
use model::{AuditEntry, ErrorGroup, EventSummary, RunSummary, Schedule};
use std::sync::Arc;

/// What the pages of one request read from and send commands to.
#[derive(Clone)]
pub(super) struct PageBackend {
    commands: Commands,
    queries: Queries,
    views: PageViews,
    embeds: Embeds,
    caller: Caller,
    preferences: Preferences,
}

impl PageBackend {
    pub(super) fn shared(
        state: &AppState,
        caller: Caller,
        preferences: Preferences,
    ) -> Arc<dyn Backend> {
        Arc::new(PageBackend {
            commands: state.commands.clone(),
            queries: state.queries.clone(),
            views: state.views.clone(),
            embeds: state.embeds.clone(),
            caller,
            preferences,
        })
    }
}

impl Backend for PageBackend {
    fn command(
        &self,
        command: Command,
        key: Option<String>,
    ) -> BoxFuture<Result<CommandAnswer, CommandError>> {
        let backend = self.clone();
        Box::pin(async move { backend.commands.send(&backend.caller, command, key).await })
    }

    fn update_schedule(
        &self,
        edit: ScheduleEdit,
        key: Option<String>,
    ) -> BoxFuture<Result<Schedule, CommandError>> {
        let Self {
            commands, caller, ..
        } = self.clone();
        Box::pin(async move { commands.update_schedule(&caller, edit, key).await })
    }

    fn acknowledge(
        &self,
        group: ErrorGroupId,
        seen: Option<u64>,
    ) -> BoxFuture<Result<(), CommandError>> {
        let Self {
            commands, caller, ..
        } = self.clone();
        Box::pin(async move { commands.acknowledge(&caller, group, seen).await })
    }

    fn run_to_retry(&self) -> BoxFuture<Option<RunId>> {
        Box::pin(std::future::ready(self.queries.run_to_retry()))
    }
}

impl PageQueries for PageBackend {
    fn page(&self) -> BoxFuture<Option<PageData>> {
        let data = self.views.page_data(self.viewer(), &self.preferences);
        Box::pin(std::future::ready(Some(data)))
    }

    fn runs(&self, query: RunsQuery) -> BoxFuture<ResultPage<RunSummary>> {
        let views = self.views.clone();
        Box::pin(async move { views.runs(query).await })
    }

    fn run(&self, id: RunId) -> BoxFuture<Option<RunView>> {
        let (views, with_audit) = (self.views.clone(), self.caller.can(Permission::ViewAudit));
        Box::pin(async move { views.run(id, with_audit).await })
    }

    fn symbol(&self, query: SymbolQuery) -> BoxFuture<Option<SymbolView>> {
        let views = self.views.clone();
        Box::pin(async move { views.symbol(query).await })
    }

    fn days(&self, from: Timestamp, to: Timestamp) -> Vec<TradingDay> {
        views::trading_days(from, to)
    }

    fn events(&self, id: RunId, after: Option<i64>) -> BoxFuture<ResultPage<EventSummary>> {
        let views = self.views.clone();
        Box::pin(async move { views.events(id, after).await })
    }

    fn errors(&self, query: ErrorsQuery) -> BoxFuture<ResultPage<ErrorGroup>> {
        let views = self.views.clone();
        Box::pin(async move { views.errors(query).await })
    }

    fn audit(&self, query: AuditQuery) -> BoxFuture<ResultPage<AuditEntry>> {
        let (views, allowed) = (
            self.views.clone(),
            self.caller.require(Permission::ViewAudit),
        );
        Box::pin(async move {
            match allowed {
                Ok(()) => views.audit(query).await,
                Err(denied) => ResultPage {
                    rows: Vec::new(),
                    next: None,
                    problem: Some(denied.message),
                },
            }
        })
    }

    fn market(&self) -> Option<Market> {
        views::market()
    }

    fn preview(&self, plan: SchedulePlan) -> Result<Vec<PreviewDay>, String> {
        views::preview(&plan)
    }

    fn connections(&self) -> Vec<(String, String)> {
        if self.caller.can(Permission::ViewConfiguration) {
            self.views.connections()
        } else {
            Vec::new()
        }
    }

    fn viewer(&self) -> Viewer {
        self.caller.viewer()
    }

    fn people(&self) -> BoxFuture<AccessSettings> {
        let Self { views, caller, .. } = self.clone();
        Box::pin(async move { views.people(&caller).await })
    }

    fn exchange(&self) -> app::Zone {
        zone::exchange(now())
    }

    fn preferences(&self) -> Preferences {
        self.preferences.clone()
    }

    fn embeds(&self) -> BoxFuture<EmbedSettings> {
        let (embeds, manages) = (
            self.embeds.clone(),
            self.caller.can(Permission::ManageEmbeds),
        );
        Box::pin(async move { embeds.settings(manages).await })
    }

    fn key(&self) -> String {
        store::new_key()
    }
}
