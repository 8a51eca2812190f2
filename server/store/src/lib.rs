//! The console's database: runs, history and other records that survive restarts, in SQLite or
//! PostgreSQL.
//!
//! [`Store`] is an open database: it writes [`Record`]s, each batch in one transaction, and runs
//! queries. [`Writer`] queues records for it, so that callers never wait for the database.
//! TickStockPL owns the processing and its records; this database holds a view of them, and the
//! audit log.
//!
//! # Rules of the tables
//!
//! - `processing_runs` is TickStockAppV2's table. It is created where it is absent and otherwise
//!   not altered. Every run is written there too, for TickStockAppV2. It has three statuses:
//!   `success` (with or without failed symbols), `running` (also while a run is being cancelled),
//!   and `failed` for every other end, which `error_message` names: `cancelled:
//!   <reason>`, `outcome unknown: <reason>`, `lost: <reason>`, `superseded: <reason>`
//!   (`text::v2_error_message`). The precise status is in `console_runs`. Its times have no zone
//!   and are UTC.
//! - Rows that only TickStockAppV2 wrote are copied to `console_runs` when the database is opened
//!   and once a minute, so that pages read one table. A run that has been `running` for more than a
//!   day is copied as `lost`.
//! - A run's key is its id. An id over 64 characters is shortened to its first 47, `~` and 16
//!   hexadecimal digits of its SHA-256. The whole id is in `console_runs.run_id`.
//! - NUL, which PostgreSQL's TEXT cannot hold, becomes U+FFFD in every column; a run's JSON keeps
//!   it, escaped. Numbers are limited to the range of their column, texts to [`limits`].
//! - A run is written as the model has it: TickStockPL may later report that an ended run
//!   continues, or ended differently. A record older than the stored row (one that waited in the
//!   spool) changes nothing. A run that begins after its own end is a new attempt under the same id
//!   and replaces the earlier one.
//! - TickStockPL's history overrides a stored run. It removes only what it contradicts: the message
//!   of another outcome ([`Record::Summary`]).
//! - `console_audit` is append-only: triggers reject updates and deletions.
//! - Passwords, sessions and tokens are stored as hashes only.
//!
//! # Why one set of statements
//!
//! Both databases support `$1`, BIGINT, TEXT, DOUBLE PRECISION and ON CONFLICT, so all but a few
//! statements are written once, for `sql::Link`, a connection to either. The differences (times
//! without a zone, JSONB, locks, sizes) are in `sqlite` and `postgres`. Times are milliseconds
//! since 1970.

pub mod limits;
pub mod text;

mod address;
mod adopt;
mod check;
mod claim;
mod columns;
mod connect;
mod error;
mod export;
mod migrate;
mod notice;
mod notices;
mod page;
mod people;
mod postgres;
mod processing_runs;
mod prune;
mod read;
mod record;
mod repeated_failure;
mod share;
mod sql;
mod sqlite;
mod store;
mod write;
mod writer;

pub use address::{DEFAULT_URI, Database};
pub use check::CheckReport;
pub use claim::{ClaimOutcome, HeldKey};
pub use error::{FailureKind, StoreError};
pub use export::{Export, Format};
pub use notice::Notice;
pub use notices::Notices;
pub use page::{Cursor, InvalidCursor, Page};
pub use people::{ApiToken, Session, User};
pub use prune::Pruned;
pub use read::{
    Aggregate, AuditFilter, ErrorFilter, HistoryFilter, IndicatorCount, LastState, RunRecord,
    StoredIndicator, SymbolReport,
};
pub use record::{
    Acknowledgement, KeyClaim, KeyRelease, Record, RunSymbols, Setting, StoredAnswer, new_key,
};
pub use repeated_failure::RepeatedFailure;
pub use share::EmbedShare;
pub use sql::Engine;
pub use store::{Mode, Store};
pub use writer::{Health, Options, WriteError, Writer, WriterMode};
