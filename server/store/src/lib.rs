//! The local copy: runs, history and records that outlive restarts, in SQLite or PostgreSQL.
//!
//! [`Store`] is an open database: it writes [`Record`]s, each batch in one transaction, and answers
//! questions. [`Writer`] stands before it: whoever hands it a record never waits for the database.
//! TickStockPL owns the processing and its records; what stands here is a view of them, and a
//! record of who asked for what.
//!
//! # Rules of the tables
//!
//! - `processing_runs` is TickStockAppV2's table. It is made where it is absent and otherwise taken
//!   as it is; every run is written there too, so that the old code reads it. Of its three statuses
//!   `success` is a run that went well (with failed symbols or without), `running` one that goes on
//!   or is being cancelled, and `failed` every other end, which `error_message` names: `cancelled:
//!   <reason>`, `outcome unknown: <reason>`, `lost: <reason>`, `superseded: <reason>`
//!   (`text::old_message`). The precise status is in `console_runs`. Its naive times are UTC.
//! - Rows that only the old code wrote are taken over into `console_runs` at opening and once a
//!   minute, so that pages read one table. There a run that is called running for more than a day
//!   is `lost`.
//! - A run's key is its id; of an id over 64 characters the first 47, `~` and 16 hexadecimal digits
//!   of its SHA-256. The whole id is in `console_runs.run_id`.
//! - NUL, which PostgreSQL's texts cannot hold, becomes U+FFFD in every column; a run's own JSON
//!   keeps it, escaped. Numbers beyond a column's range become the most it holds. Texts are cut to
//!   [`limits`].
//! - A run is written as the model has it: one that ended goes on, or ended differently, where
//!   TickStockPL says so later. A record that was heard before what stands there (one that waited
//!   in the file) changes nothing. A run that began after its own end is a new attempt under the
//!   same id: nothing of the earlier one stays.
//! - What TickStockPL's history says of a run wins over what stood there and takes away only what
//!   it contradicts: the message of another outcome ([`Record::Summary`]).
//! - `console_audit` only grows: triggers refuse to change or delete a row.
//! - Of passwords, sessions and tokens there are only hashes.
//!
//! # Why one set of statements
//!
//! Both databases understand `$1`, BIGINT, TEXT, DOUBLE PRECISION and ON CONFLICT, so all but a few
//! statements are written once, over `sql::Link`, which is a connection to either. What differs
//! (times without a zone, JSONB, locks, sizes) is in `sqlite` and `postgres`. Nothing needs a type
//! that one of them lacks: times are milliseconds since 1970.

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
