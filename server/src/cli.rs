//! What the program does beside serving: looking after the local copy, and after who may come in.

mod config;
mod embed;
mod people;

pub use config::{ConfigOutput, print_config, settings_help, settings_markdown};
pub use embed::{Embed, EmbedError, run as embed};
pub use people::{PeopleCommandError, Token, User, token, user};

use crate::config::Config;
use clap::{Subcommand, ValueEnum};
use futures_util::{StreamExt, pin_mut};
use std::io::{self, Write};
use std::sync::Arc;
use store::{CheckReport, Export, Format, Pruned, Store, StoreError};

/// `tickstock-console db …`
#[derive(Debug, Subcommand)]
pub enum Db {
    /// Write everything of one kind to standard output
    Export {
        /// What to write
        what: What,
        /// How to write it
        #[arg(long, value_enum, default_value_t = As::Csv)]
        format: As,
    },
    /// Remove what is older than CONSOLE_KEEP_DAYS, and what is over the size that the database may
    /// have
    Prune,
    /// Look whether everything in it is as it should be
    Check,
}

/// What there is to export.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum What {
    /// The runs
    History,
    /// The groups of errors
    Errors,
    /// The event log
    Events,
    /// Who asked for what
    Audit,
}

/// How to write it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum As {
    /// Comma-separated, with a line of names
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database did not do what it should.
    #[error("{}", .0.line())]
    Store(#[from] StoreError),
    /// Standard output is gone.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
}

/// Carries out a command; false when a check found something wrong.
///
/// # Errors
/// [`DbError`]
pub async fn run(command: Db, config: &Config) -> Result<bool, DbError> {
    let store = Arc::new(Store::open(&config.persistence.database).await?);
    let mut out = io::stdout().lock();
    let good = match command {
        Db::Export { what, format } => {
            let what = match what {
                What::History => Export::History,
                What::Errors => Export::Errors,
                What::Events => Export::Events,
                What::Audit => Export::Audit,
            };
            let format = match format {
                As::Csv => Format::Csv,
                As::Jsonl => Format::JsonLines,
            };
            let lines = store.export(what, format);
            pin_mut!(lines);
            while let Some(chunk) = lines.next().await {
                out.write_all(&chunk?)?;
            }
            true
        }
        Db::Prune => {
            let pruned = store
                .prune(config.persistence.days, store::limits::BYTES)
                .await?;
            let Pruned {
                events,
                symbols,
                errors,
                answers,
                runs,
                bytes,
            } = pruned;
            writeln!(
                out,
                "removed {events} events, {symbols} reports on symbols, {errors} groups of errors, {answers} answers and the details of {runs} runs; {bytes} bytes are in use"
            )?;
            true
        }
        Db::Check => {
            let report = store.check().await?;
            let CheckReport {
                problems,
                runs,
                events,
                audit,
            } = report;
            for problem in &problems {
                writeln!(out, "{problem}")?;
            }
            let found = if problems.is_empty() {
                "all is well".to_owned()
            } else {
                format!("{} problems", problems.len())
            };
            writeln!(
                out,
                "{runs} runs, {events} events, {audit} entries of the audit: {found}"
            )?;
            problems.is_empty()
        }
    };
    store.close().await;
    Ok(good)
}
