//! How much of everything is kept. What is over goes, oldest first, and what is longer is cut: a
//! state at all of these bounds is a snapshot of less than [`SNAPSHOT_BYTES`]. What a page wants
//! beyond them, it asks for. Bytes are as JSON writes them.

/// The most that a snapshot takes, whatever slice.
pub const SNAPSHOT_BYTES: usize = 384 << 10;

/// Entries of the event list.
pub const LOG: usize = 200;
/// The texts of one of them: its name, run and summary, and what nobody documented.
pub const LOG_LINE_BYTES: usize = 184;
/// The event's name in one of them; those that are documented have up to 30.
pub const LOG_NAME_BYTES: usize = 48;
/// Groups of errors.
pub const ERROR_GROUPS: usize = 50;
/// The texts of one of them, without its symbols; its message.
pub const ERROR_BYTES: usize = 480;
/// See [`ERROR_BYTES`].
pub const ERROR_MESSAGE_BYTES: usize = 240;
/// The symbols that it names.
pub const ERROR_SYMBOLS: usize = 10;
/// See [`ERROR_SYMBOLS`].
pub const ERROR_SYMBOLS_BYTES: usize = 160;
/// The name of who has seen a group of errors.
pub const WHO_BYTES: usize = 48;
/// Rows of each live list.
pub const FEED_ROWS: usize = 40;
/// The texts and figures of one of them.
pub const FEED_ROW_BYTES: usize = 300;
/// Steps of a run's throughput.
pub const THROUGHPUT_STEPS: usize = 64;
/// Earlier runs.
pub const RUNS: usize = 40;
/// Runs that are followed beside the one that is shown.
pub const OTHER_RUNS: usize = 2;
/// Why one of them failed.
pub const EARLIER_MESSAGE_BYTES: usize = 80;
/// Failed symbols of the run that are kept by name.
pub const FAILED_SYMBOLS: usize = 600;
/// One of them and the reason.
pub const FAILED_SYMBOL_BYTES: usize = 52;
/// Kinds of indicators and of patterns that are counted by name.
pub const KINDS: usize = 100;
/// The name of one of them.
pub const KIND_BYTES: usize = 40;
/// What the run is about: universes, timeframes, symbols.
pub const PARAMETER_BYTES: usize = 800;
/// Why the run ended as it did.
pub const RUN_MESSAGE_BYTES: usize = 400;
/// What the start and the end of a phase say, each.
pub const PHASE_BYTES: usize = 900;
/// Refused messages that are kept as samples.
pub const REJECTED_SAMPLES: usize = 10;
/// The beginning of one of them.
pub const REJECTED_BYTES: usize = 900;
/// Why a link is unavailable.
pub const LINK_DETAIL_BYTES: usize = 240;
/// Times in which Redis was away.
pub const GAPS: usize = 20;
/// Figures of monitoring, and components.
pub const FIGURES: usize = 40;
/// See [`FIGURES`].
pub const COMPONENTS: usize = 24;
/// The other texts of monitoring.
pub const MONITORING_BYTES: usize = 1000;
/// Alerts that have not ended.
pub const ALERTS: usize = 12;
/// The texts of one of them.
pub const ALERT_BYTES: usize = 320;
/// Groups of comparable runs whose baselines are kept.
pub const BASELINES: usize = 8;
/// The universes of one of them.
pub const UNIVERSE_KEY_BYTES: usize = 96;
/// Universes of the schedule, together.
pub const SCHEDULE_BYTES: usize = 1000;
/// Error groups that nothing was added to for this long are dropped.
pub const ERROR_AGE_MS: i64 = 48 * 3_600_000;
/// Alerts whose end never came are dropped after this long.
pub const ALERT_AGE_MS: i64 = 48 * 3_600_000;
