//! How much of everything is kept and answered.

/// Bytes of a name: of a trigger, an action, a person, a kind of indicator.
pub const NAME: usize = 200;
/// Bytes of a message in words; a run's own JSON has it whole.
pub const MESSAGE: usize = 2_000;
/// Bytes of an event's text, and of an audit entry's detail.
pub const RAW: usize = 4_096;
/// Bytes of all names of a run's universes together.
pub const UNIVERSES: usize = 1_000;
/// Bytes of each text that a search looks through.
pub const SEARCH: usize = 300;
/// Bytes of the state's JSON, and of a run's.
pub const STATE: usize = 8 << 20;
/// Events of one run; older ones go.
pub const EVENTS_PER_RUN: i64 = 5_000;
/// Rows of one page.
pub const PAGE: u32 = 200;
/// Runs that one page of a search looks through: a page takes no longer for a text that is in none
/// of 100,000.
pub const SEARCHED: u32 = 3_000;
/// Milliseconds for which the answer to a command is kept.
pub const ANSWER_MS: i64 = 24 * 3_600_000;
/// Runs whose durations are read to compute baselines: enough that many runs of some phases do not
/// leave out the full ones.
pub const SAMPLES: usize = 100;
/// Days for which the event log and errors are kept where nothing else is said.
pub const DAYS: u32 = 90;
/// Bytes that the database may take where nothing else is said.
pub const BYTES: u64 = 2 << 30;
