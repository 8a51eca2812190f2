//! The local copy: runs, history and records that outlive restarts, in SQLite or PostgreSQL.
//!
//! [`Store`] is an open database: it writes [`Record`]s and answers questions. TickStockPL owns the processing and its
//! records; what stands here is a view of them, kept for when TickStockPL is away or has forgotten, and a record of who
//! asked for what.

pub mod limits;
pub mod text;

mod address;
mod adopt;
mod check;
mod connect;
mod error;
mod export;
mod migrate;
mod notice;
mod page;
mod postgres;
mod prune;
mod read;
mod record;
mod sql;
mod sqlite;
mod store;
mod write;
mod writer;

pub use address::{DEFAULT_URI, Database};
pub use check::CheckReport;
pub use error::{Fault, StoreError};
pub use export::{Export, Format};
pub use notice::{Notice, Notices};
pub use page::{Cursor, NotACursor, Page};
pub use prune::Pruned;
pub use read::{
    Aggregate, AuditFilter, ErrorFilter, HistoryFilter, RunRecord, Spread, StoredErrors, StoredEvent, StoredPhase,
    StoredRun, SymbolReport, Usual, UsualTimes,
};
pub use record::{Acknowledgement, AuditEntry, KeptAnswer, LogLine, Record, Setting};
pub use sql::Engine;
pub use store::{Mode, Store};
pub use writer::{Health, NotKept, Options, Writer, WriterMode};
