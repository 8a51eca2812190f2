//! What became of one symbol in a run: what events said, what the run's end named, and what the
//! local copy kept, put together.

use crate::service::queries::Queries;
use crate::symbols::{Report, SymbolIndex};
use contract::{RunId, Symbol};

/// Looks symbols up; clones share what they look into.
#[derive(Clone)]
pub struct SymbolOutcomes {
    queries: Queries,
    symbols: SymbolIndex,
}

/// What became of a symbol.
pub struct SymbolOutcome {
    /// `None` where nothing was said of its import.
    pub imported: Option<bool>,
    /// Why its import failed, where that was said.
    pub reason: Option<String>,
    /// What events said of it in that run.
    pub report: Report,
}

/// Why there is no answer.
pub enum Unanswered {
    /// No run of this id is known.
    NoSuchRun,
    /// The process ends.
    Stopping,
}

impl SymbolOutcomes {
    /// Over what `reads` reads and `symbols` heard.
    pub fn new(queries: Queries, symbols: SymbolIndex) -> SymbolOutcomes {
        SymbolOutcomes { queries, symbols }
    }

    /// What became of `symbol` in `run`.
    ///
    /// # Errors
    /// Where the run is not known, and while the process ends.
    pub async fn of(&self, run: &RunId, symbol: &Symbol) -> Result<SymbolOutcome, Unanswered> {
        let state = self.queries.state().await.ok_or(Unanswered::Stopping)?;
        let shown = state.run.as_ref().filter(|shown| shown.id == *run);
        let kept = self.queries.kept_symbol(run, symbol).await;
        let known = shown.is_some()
            || state.earlier.iter().any(|earlier| earlier.id == *run)
            || self.queries.kept_run(run).await.is_some();
        if !known {
            return Err(Unanswered::NoSuchRun);
        }
        let heard = self
            .symbols
            .of(symbol)
            .map(|report| report.of_run(run))
            .filter(|report| !report.is_empty());
        let written = kept
            .as_ref()
            .and_then(|kept| serde_json::from_str::<Report>(kept.report.as_deref()?).ok());
        let report = match (heard, written) {
            (Some(heard), Some(written)) => heard.and_written(written),
            (heard, written) => heard.or(written).unwrap_or_default(),
        };
        let named = shown.and_then(|run| {
            run.failed_symbols
                .iter()
                .find(|failure| failure.symbol == *symbol)
        });
        let failed = named.is_some()
            || kept.as_ref().is_some_and(|kept| kept.failed)
            || report.import.as_ref().is_some_and(|import| import.failed);
        let reason = named.and_then(|failure| failure.reason.clone());
        let reason = reason
            .or_else(|| kept.as_ref()?.reason.clone())
            .or_else(|| report.import.as_ref()?.message.clone());
        // What was worked on after the import was imported.
        let worked_on =
            report.import.is_some() || !report.indicators.is_empty() || !report.patterns.is_empty();
        let imported = if failed {
            Some(false)
        } else {
            worked_on.then_some(true)
        };
        Ok(SymbolOutcome {
            imported,
            reason: reason.filter(|_| failed),
            report,
        })
    }
}
