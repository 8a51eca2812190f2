//! What a run's records say of one symbol.

use super::{errors, within};
use crate::sql::args;
use crate::text::run_key;
use crate::{Store, StoreError};
use contract::{RunId, Symbol};
use model::{ErrorGroup, Run};

/// One symbol in one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SymbolReport {
    /// Whether its import failed.
    pub failed: bool,
    /// Why, where that was said.
    pub reason: Option<String>,
    /// What the run said of it, as the relay's JSON; known once the run has ended.
    pub report: Option<String>,
    /// The errors that name it, latest first.
    pub errors: Vec<ErrorGroup>,
}

impl Store {
    /// What is kept of a symbol in a run. A symbol of which nothing is kept did not fail, as far as
    /// anybody said.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn symbol(
        &self,
        run_id: &RunId,
        symbol: &Symbol,
    ) -> Result<SymbolReport, StoreError> {
        within("look up symbol", async {
            if !self.tables.console {
                return Ok(SymbolReport::default());
            }
            let operation = "look up symbol";
            let key = run_key(run_id.as_str());
            let mut link = self.reader().await?;
            let sql =
                "SELECT reason FROM console_failed_symbols WHERE run_key = $1 AND symbol = $2";
            let row = link
                .row(sql, args![&key, symbol.as_str()])
                .await
                .map_err(StoreError::statement(operation))?;
            let mut report = SymbolReport {
                failed: row.is_some(),
                ..SymbolReport::default()
            };
            report.reason = row
                .map(|row| row.get("reason"))
                .transpose()
                .map_err(StoreError::statement(operation))?
                .flatten();
            if !report.failed {
                // While a run continues, its failed symbols stand in the run itself.
                let sql = "SELECT run FROM console_run_details WHERE run_key = $1";
                let row = link
                    .row(sql, args![&key])
                    .await
                    .map_err(StoreError::statement(operation))?;
                let json = row
                    .map(|row| row.get::<String>("run"))
                    .transpose()
                    .map_err(StoreError::statement(operation))?;
                let run: Option<Run> = json.and_then(|json| serde_json::from_str(&json).ok());
                let named = run.and_then(|run| {
                    run.failed_symbols
                        .into_iter()
                        .find(|failure| failure.symbol == *symbol)
                });
                report.failed = named.is_some();
                report.reason = named.and_then(|failure| failure.reason);
            }
            let sql = "SELECT report FROM console_symbols WHERE run_key = $1 AND symbol = $2";
            let row = link
                .row(sql, args![&key, symbol.as_str()])
                .await
                .map_err(StoreError::statement(operation))?;
            report.report = row
                .map(|row| row.get("report"))
                .transpose()
                .map_err(StoreError::statement(operation))?
                .flatten();
            report.errors = errors::naming(&mut link, &key, symbol)
                .await
                .map_err(StoreError::statement(operation))?;
            Ok(report)
        })
        .await
    }

    /// Whether what a run said of its symbols is kept.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn has_symbols(&self, run_id: &RunId) -> Result<bool, StoreError> {
        let operation = "look up symbols";
        within(operation, async {
            if !self.tables.console {
                return Ok(false);
            }
            let sql = "SELECT symbol FROM console_symbols WHERE run_key = $1 LIMIT 1";
            let row = self
                .reader()
                .await?
                .row(sql, args![run_key(run_id.as_str())])
                .await;
            row.map(|row| row.is_some())
                .map_err(StoreError::statement(operation))
        })
        .await
    }
}
