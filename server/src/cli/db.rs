//! `tickstock-console db …`

use super::error::CliError;
use crate::config::Config;
use clap::{Subcommand, ValueEnum};
use futures_util::{StreamExt, pin_mut};
use std::io::{self, Write};
use std::sync::Arc;
use store::{Export, Format, Store};

/// `tickstock-console db …`
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Write all records of one kind to standard output
    Export {
        /// Kind of records
        #[arg(value_name = "KIND")]
        kind: ExportKind,
        /// Output format
        #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
        format: ExportFormat,
    },
    /// Delete records older than CONSOLE_KEEP_DAYS, and the oldest ones beyond the size limit
    Prune,
    /// Check the integrity of the database; exits with 1 if there are problems
    Check,
}

/// Kind of records to export.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ExportKind {
    /// Runs
    History,
    /// Errors, grouped
    Errors,
    /// Events
    Events,
    /// Audit log
    Audit,
}

/// Format of an export.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ExportFormat {
    /// Comma-separated values with a header
    Csv,
    /// One JSON object per line
    Jsonl,
}

/// Runs a command. Returns false when a check found problems.
///
/// # Errors
/// When the database or standard output fails.
pub async fn run_db_command(command: DbCommand, config: &Config) -> Result<bool, CliError> {
    let store = Arc::new(Store::open(&config.persistence.database).await?);
    let result = run(command, config, &store).await;
    store.close().await;
    result
}

async fn run(command: DbCommand, config: &Config, store: &Arc<Store>) -> Result<bool, CliError> {
    let mut out = io::stdout().lock();
    match command {
        DbCommand::Export { kind, format } => {
            let kind = match kind {
                ExportKind::History => Export::History,
                ExportKind::Errors => Export::Errors,
                ExportKind::Events => Export::Events,
                ExportKind::Audit => Export::Audit,
            };
            let format = match format {
                ExportFormat::Csv => Format::Csv,
                ExportFormat::Jsonl => Format::JsonLines,
            };
            let chunks = store.export(kind, format);
            pin_mut!(chunks);
            while let Some(chunk) = chunks.next().await {
                out.write_all(&chunk?)?;
            }
            Ok(true)
        }
        DbCommand::Prune => {
            let days = config.persistence.days;
            let pruned = store.prune(days, store::limits::BYTES).await?;
            writeln!(
                out,
                "deleted: {} events, {} symbol reports, {} error groups, {} idempotency keys, details of {} runs\nsize: {} bytes",
                pruned.events,
                pruned.symbols,
                pruned.errors,
                pruned.answers,
                pruned.runs,
                pruned.bytes
            )?;
            Ok(true)
        }
        DbCommand::Check => {
            let report = store.check().await?;
            for problem in &report.problems {
                writeln!(out, "{problem}")?;
            }
            let (runs, events, audit) = (report.runs, report.events, report.audit);
            let problems = report.problems.len();
            writeln!(
                out,
                "checked {runs} runs, {events} events and {audit} audit entries: {problems} problems"
            )?;
            Ok(problems == 0)
        }
    }
}
