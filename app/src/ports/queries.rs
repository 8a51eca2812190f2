//! Queries of the server-rendered pages. The relay answers them from its state, its database and
//! the calendar.

use super::{BoxFuture, EmbedSettings, PageData, Viewer};
use crate::{Preferences, Zone};
use contract::{RunId, Scalar, Symbol, Timestamp};
use model::{AuditEntry, ErrorGroup, EventSummary, PhaseSummary, Run, RunSummary};

/// The relay's reads for pages. None waits for long: what cannot be had in time is a
/// [`ResultPage::problem`].
pub trait PageQueries {
    /// The state, now; none while the process ends.
    fn page(&self) -> BoxFuture<Option<PageData>>;
    /// A page of runs, newest first.
    fn runs(&self, query: RunsQuery) -> BoxFuture<ResultPage<RunSummary>>;
    /// One run, as the state or the database has it.
    fn run(&self, id: RunId) -> BoxFuture<Option<RunView>>;
    /// One symbol in one run; nothing where the symbol or the run is none.
    fn symbol(&self, query: SymbolQuery) -> BoxFuture<Option<SymbolView>>;
    /// The exchange's days from one moment to another, both included; at most a few hundred.
    fn days(&self, from: Timestamp, to: Timestamp) -> Vec<TradingDay>;
    /// A page of a run's events, oldest first, after the one with the number `after`.
    fn events(&self, id: RunId, after: Option<i64>) -> BoxFuture<ResultPage<EventSummary>>;
    /// A page of grouped errors, latest first.
    fn errors(&self, query: ErrorsQuery) -> BoxFuture<ResultPage<ErrorGroup>>;
    /// A page of the audit, latest first.
    fn audit(&self, query: AuditQuery) -> BoxFuture<ResultPage<AuditEntry>>;
    /// The exchange now.
    fn market(&self) -> Option<Market>;
    /// The days ahead under a plan, until five of them have a run.
    ///
    /// # Errors
    /// In words, where the plan has a time or a zone that is none.
    fn preview(&self, plan: SchedulePlan) -> Result<Vec<PreviewDay>, String>;
    fn viewer(&self) -> Viewer;
    /// Users and tokens that the viewer may see.
    #[cfg(feature = "ssr")]
    fn people(&self) -> BoxFuture<super::AccessSettings>;
    /// The connections of the relay, without secrets: names and values.
    fn connections(&self) -> Vec<(String, String)>;
    /// The exchange's own zone, whichever one the viewer wants times in.
    fn exchange(&self) -> Zone;
    fn preferences(&self) -> Preferences;
    /// Settings of embeds, and the embed links.
    fn embeds(&self) -> BoxFuture<EmbedSettings>;
    /// A key for a form, that no other form has.
    fn key(&self) -> String;
}

/// Some rows of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultPage<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Why rows may be missing.
    pub problem: Option<String>,
}

/// Which runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunsQuery {
    /// Of the last so many days.
    pub days: u32,
    /// Of this status, as a key.
    pub status: Option<String>,
    /// Started so.
    pub trigger: Option<String>,
    /// Of this universe.
    pub universe: Option<String>,
    /// With this text in them.
    pub text: Option<String>,
    /// Those after this.
    pub cursor: Option<String>,
}

/// All that is known of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// The run in one line.
    pub summary: RunSummary,
    /// The run, where the console followed it.
    pub run: Option<Box<Run>>,
    /// True if it is the run that is shown live.
    pub live: bool,
    /// Its phases, in order.
    pub phases: Vec<PhaseSummary>,
    /// Failed symbols, with the reason where one is known.
    pub failed_symbols: Vec<model::SymbolFailure>,
    /// Its errors, first ones first.
    pub errors: Vec<ErrorGroup>,
    /// Results of indicators and detections of patterns, by name.
    pub indicators: Vec<(String, u64)>,
    /// Detections, by pattern.
    pub patterns: Vec<(String, u64)>,
    /// Its audit entries, latest first.
    pub audit: Vec<AuditEntry>,
}

/// Which errors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorsQuery {
    /// At least this bad, as a key.
    pub least: Option<String>,
    /// Naming this symbol.
    pub symbol: Option<String>,
    /// Of this run.
    pub run: Option<String>,
    /// Those after this.
    pub cursor: Option<String>,
}

/// Which entries of the audit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditQuery {
    /// By this person.
    pub who: Option<String>,
    /// Asking for this.
    pub action: Option<String>,
    /// Those after this.
    pub cursor: Option<String>,
}

/// The state of the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// True during the regular session.
    pub is_open: bool,
    /// `before_hours`, `open`, `after_hours` or `closed`.
    pub phase: String,
    /// Why.
    pub why: String,
    /// The trading day, `YYYY-MM-DD`, where today is one.
    pub session: Option<String>,
    /// Reason for an early close.
    pub half_day: Option<String>,
    /// When the next regular session opens.
    pub next_open: Timestamp,
    /// When the one that is open, or the next one, closes.
    pub next_close: Timestamp,
}

/// A schedule to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchedulePlan {
    /// True if runs start automatically.
    pub enabled: bool,
    /// `HH:MM`.
    pub time: String,
    /// IANA name of the time's zone; the exchange's where absent.
    pub zone: Option<String>,
    /// Skips days without a session.
    pub market_check: bool,
}

/// One day of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewDay {
    /// When it would run.
    pub at: Timestamp,
    /// True if it runs on this day.
    pub runs: bool,
    /// The same on the schedule's clock, as text with its offset.
    pub local: String,
    pub notes: Vec<String>,
}

/// Which symbol, and in which run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SymbolQuery {
    /// Such as `AAPL`, in any case.
    pub symbol: String,
    /// The run; the one that is shown where absent.
    pub run: Option<String>,
}

/// The results of a symbol in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolView {
    /// The symbol.
    pub symbol: Symbol,
    /// The run.
    pub run: RunId,
    /// True if it was imported; absent if not reported.
    pub imported: Option<bool>,
    /// Why not.
    pub reason: Option<String>,
    /// Price records that were imported.
    pub records: Option<u64>,
    /// When its import ended.
    pub imported_at: Option<Timestamp>,
    /// Its indicators.
    pub indicators: Vec<SymbolLine>,
    /// The patterns that were detected.
    pub patterns: Vec<SymbolLine>,
    /// The errors that name it: when, code, words.
    pub errors: Vec<(Timestamp, Option<String>, String)>,
}

/// One indicator, or one detection.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolLine {
    /// When it came.
    pub at: Timestamp,
    /// Such as `RSI` or `Doji`.
    pub name: String,
    /// Such as `daily`.
    pub timeframe: Option<String>,
    /// Values by name.
    pub values: Vec<(String, Scalar)>,
}

/// A day of the exchange's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradingDay {
    /// Such as `Thu 26 Nov`.
    pub date: String,
    /// When it begins.
    pub from: Timestamp,
    pub session: bool,
    /// Why there is none, such as `Thanksgiving`.
    pub why: Option<String>,
}
