//! The outcome of one symbol in a run, from its events, the failures that the run's end names, and
//! the database.

use crate::hub::Hub;
use crate::service::queries::Queries;
use crate::symbols::{SymbolIndex, SymbolReport};
use contract::{RunId, Symbol};

/// Looks symbols up; clones share what they look into.
#[derive(Clone, Debug)]
pub struct SymbolOutcomes {
    hub: Hub,
    queries: Queries,
    symbols: SymbolIndex,
}

/// The outcome of a symbol in a run.
#[derive(Debug)]
pub struct SymbolOutcome {
    /// `None` where nothing was said of its import.
    pub imported: Option<bool>,
    /// Why its import failed, where that was said.
    pub reason: Option<String>,
    /// What events said of it in that run.
    pub report: SymbolReport,
}

impl SymbolOutcomes {
    pub fn new(hub: Hub, queries: Queries, symbols: SymbolIndex) -> SymbolOutcomes {
        SymbolOutcomes {
            hub,
            queries,
            symbols,
        }
    }

    /// The outcome of `symbol` in `run`; `None` where no such run is known.
    pub async fn of(&self, run: &RunId, symbol: &Symbol) -> Option<SymbolOutcome> {
        let stored = self.queries.stored_symbol(run, symbol).await;
        let state = self.hub.state();
        let shown = state.run.as_ref().filter(|shown| shown.id == *run);
        let in_state = shown.is_some() || state.earlier.iter().any(|earlier| earlier.id == *run);
        let named = shown.and_then(|run| {
            run.failed_symbols
                .iter()
                .find(|failure| failure.symbol == *symbol)
                .cloned()
        });
        drop(state);
        if !in_state && self.queries.stored_run(run).await.is_none() {
            return None;
        }
        let heard = self
            .symbols
            .of(symbol)
            .map(|report| report.of_run(run))
            .filter(|report| !report.is_empty());
        let written = stored.as_ref().and_then(|stored| {
            serde_json::from_str::<SymbolReport>(stored.report.as_deref()?).ok()
        });
        let report = match (heard, written) {
            (Some(heard), Some(written)) => heard.merge_written(written),
            (heard, written) => heard.or(written).unwrap_or_default(),
        };
        let failed = named.is_some()
            || stored.as_ref().is_some_and(|stored| stored.failed)
            || report.import.as_ref().is_some_and(|import| import.failed);
        let reason = named.and_then(|failure| failure.reason);
        let reason = reason
            .or_else(|| stored.as_ref()?.reason.clone())
            .or_else(|| report.import.as_ref()?.message.clone());
        // What was worked on after the import was imported.
        let worked_on =
            report.import.is_some() || !report.indicators.is_empty() || !report.patterns.is_empty();
        let imported = if failed {
            Some(false)
        } else {
            worked_on.then_some(true)
        };
        Some(SymbolOutcome {
            imported,
            reason: reason.filter(|_| failed),
            report,
        })
    }
}
