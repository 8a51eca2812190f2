//! One symbol in one run, for its page.

use super::PageViews;
use crate::service::queries::shown_or_latest;
use app::ports::{SymbolLine, SymbolQuery, SymbolView};
use contract::{RunId, Scalar, Symbol};

impl PageViews {
    /// The outcome of a symbol in the requested run; without one, in the run that is shown, or in
    /// the latest.
    pub async fn symbol(&self, query: SymbolQuery) -> Option<SymbolView> {
        let symbol = Symbol::new(&query.symbol.trim().to_uppercase())?;
        let run = match query.run {
            Some(run) => RunId::new(&run)?,
            None => shown_or_latest(&self.hub.state())?,
        };
        let outcome = self.symbol_outcomes.of(&run, &symbol).await?;
        let report = outcome.report;
        let indicators = report.indicators.into_iter().map(|calculation| SymbolLine {
            at: calculation.at,
            name: calculation.indicator,
            timeframe: calculation.timeframe,
            values: calculation.values,
        });
        let patterns = report.patterns.into_iter().map(|pattern| {
            let found = pattern.detection;
            let confidence = found
                .confidence
                .map(|share| ("confidence".to_owned(), Scalar::Number(share)));
            let levels = found
                .levels
                .into_iter()
                .map(|(name, price)| (name, Scalar::Number(price)));
            SymbolLine {
                at: pattern.at,
                name: found.pattern,
                timeframe: found.timeframe,
                values: confidence
                    .into_iter()
                    .chain(levels)
                    .chain(found.data)
                    .collect(),
            }
        });
        let errors = report
            .errors
            .into_iter()
            .map(|error| (error.at, error.code, error.message));
        Some(SymbolView {
            symbol,
            run,
            imported: outcome.imported,
            reason: outcome.reason,
            records: report.import.as_ref().and_then(|import| import.records),
            imported_at: report.import.as_ref().map(|import| import.at),
            indicators: indicators.collect(),
            patterns: patterns.collect(),
            errors: errors.collect(),
        })
    }
}
