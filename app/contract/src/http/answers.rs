//! Reading TickStockPL's answers: any documented name, nulls anywhere, and a clear word where nothing can be made of one.

use crate::decode::schedule_of;
use crate::event::{Outcome, Scalar, ScheduleChange};
use crate::fields::{CURRENT, DONE, DURATION, FAILED, Fields, PERCENT, TOTAL, scalars};
use crate::ids::cut;
use crate::json::{self, Json, names};
use crate::{Phase, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Runs of one history answer that are read.
const HISTORY_RUNS: usize = 1000;

/// An answer that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAnswer {
    /// What was expected.
    pub expected: &'static str,
    /// The answer's beginning, at most 120 bytes.
    pub sample: String,
}

impl fmt::Display for BadAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, got {:?}", self.expected, self.sample)
    }
}

impl std::error::Error for BadAnswer {}

/// Answer of `GET /api/processing/status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StatusAnswer {
    /// Whether a run is active.
    pub is_running: bool,
    /// The active run (or, at some times, the last one).
    pub run_id: Option<RunId>,
    /// The phase it is in.
    pub phase: Option<Phase>,
    /// What it is in that is none of the four phases, such as `finalization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase_name: Option<String>,
    /// 0 to 100, of the whole run.
    pub percent: Option<f64>,
    /// Symbols done in the phase.
    pub done: Option<u64>,
    /// Symbols of the phase.
    pub total: Option<u64>,
    /// Symbols failed.
    pub failed: Option<u64>,
    /// The symbol in work.
    pub current: Option<String>,
    /// When the run began.
    pub started_at: Option<Timestamp>,
    /// When it should end.
    pub estimated_completion: Option<Timestamp>,
    /// How it was started.
    pub trigger: Option<String>,
}

/// One run of `GET /api/processing/history`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct HistoryRun {
    /// The run; rows without an id are not read.
    pub run_id: Option<RunId>,
    /// The trading day, `YYYY-MM-DD`.
    pub run_date: Option<String>,
    /// `automatic` or `manual`.
    pub trigger: Option<String>,
    /// How it ended; `None` while it runs, or where the word is unknown.
    pub outcome: Option<Outcome>,
    /// The word that stood for the outcome, where it is [`Outcome::Unknown`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_word: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took.
    pub duration_seconds: Option<f64>,
    /// Symbols it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Symbols processed.
    pub processed: Option<u64>,
    /// Symbols failed.
    pub failed: Option<u64>,
    /// Indicator calculations.
    pub indicators_calculated: Option<u64>,
    /// Patterns detected.
    pub patterns_detected: Option<u64>,
    /// Why it failed.
    pub message: Option<String>,
}

/// Answer to a command that was accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommandAnswer {
    /// The run that it started or stopped.
    pub run_id: Option<RunId>,
    /// The cache sync that it started; some answers call it a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<RunId>,
    /// TickStockPL's word for what it does now.
    pub status: Option<String>,
    /// TickStockPL's message.
    pub message: Option<String>,
    /// How many symbols a retry is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_count: Option<u64>,
    /// What a cache sync brings up to date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

/// Answer of `GET /health`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HealthAnswer {
    /// `healthy` or another word.
    pub status: Option<String>,
    /// How its neighbours are, by name: `redis`, `database`, `api`.
    pub services: Vec<(String, String)>,
    /// What it does: `idle`, or another word.
    pub processing_status: Option<String>,
    /// TickStockPL's version.
    pub version: Option<String>,
}

/// What a refused command says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Its message, if any; of an HTML page nothing is kept.
    pub message: Option<String>,
    /// The field of the request that was wrong.
    pub field: Option<String>,
    /// The run that stands in the way.
    pub run_id: Option<RunId>,
}

crate::read_fields!(StatusAnswer {
    is_running,
    run_id,
    phase,
    phase_name,
    percent,
    done,
    total,
    failed,
    current,
    started_at,
    estimated_completion,
    trigger,
});
crate::read_fields!(HistoryRun {
    run_id,
    run_date,
    trigger,
    outcome,
    outcome_word,
    started_at,
    ended_at,
    duration_seconds,
    total,
    processed,
    failed,
    indicators_calculated,
    patterns_detected,
    message,
});

/// Reads a status answer; one that is wrapped in `status` as well.
///
/// # Errors
/// When it is no JSON object.
pub fn read_status(body: &[u8]) -> Result<StatusAnswer, BadAnswer> {
    object(body, "a JSON object with is_running", |f, _| match f.object("status") {
        Some(inner) => status(&Fields::of(inner)),
        None => status(f),
    })
}

fn status(f: &Fields<'_, '_>) -> StatusAnswer {
    let word = f.name(names!["status"]).map(|s| s.to_ascii_lowercase());
    let of_word = word.map(|s| matches!(s.as_str(), "running" | "in_progress" | "started" | "cancelling"));
    let phase = f.phase();
    let progress = f.object("progress").map(Fields::of);
    let count = |names| f.count(names).or_else(|| progress.as_ref()?.count(names));
    StatusAnswer {
        is_running: f.flag(names!["is_running", "is_processing"]).or(of_word).unwrap_or(false),
        run_id: f.run_id(),
        phase,
        phase_name: f.name(names!["phase", "current_phase"]).filter(|name| phase.is_none() && !says_no_phase(name)),
        percent: f.percent(PERCENT).or_else(|| progress.as_ref()?.percent(PERCENT)),
        done: count(DONE),
        total: count(TOTAL),
        failed: f.count_or_list(FAILED).0,
        current: f.name(CURRENT),
        started_at: f.time(names!["start_time", "started_at"]),
        estimated_completion: f.time(names!["estimated_completion"]),
        trigger: f.name(names!["trigger_type"]),
    }
}

/// Words that stand where a phase might, and name none.
fn says_no_phase(word: &str) -> bool {
    ["idle", "scheduled", "completed", "error", "none"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Reads a history answer; rows without a run id are left out.
///
/// # Errors
/// When it is no JSON object with a list of runs.
pub fn read_history(body: &[u8]) -> Result<Vec<HistoryRun>, BadAnswer> {
    let expected = "a JSON object with a list of runs";
    object(body, expected, |f, _| {
        let rows = f.list("runs").or_else(|| f.list("history"))?;
        Some(rows.take(HISTORY_RUNS).filter_map(|row| history_run(&Fields::of(row))).collect())
    })?
    .ok_or_else(|| bad(body, expected))
}

fn history_run(f: &Fields<'_, '_>) -> Option<HistoryRun> {
    Some(HistoryRun {
        run_id: Some(f.run_id()?),
        run_date: f.name(names!["run_date"]),
        trigger: f.name(names!["trigger_type"]),
        outcome: outcome(f),
        outcome_word: None,
        started_at: f.time(names!["start_time", "started_at"]),
        ended_at: f.time(names!["end_time", "completed_at"]),
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        total: f.count(TOTAL),
        processed: f.count(DONE),
        failed: f.count_or_list(FAILED).0,
        indicators_calculated: f.count(names!["indicators_calculated"]),
        patterns_detected: f.count(names!["patterns_detected"]),
        message: f.message(names!["error_message", "error"]),
    })
}

/// `completed` in TickStockPL's history is the `success` of other sources; a row that only has a flag is read as well.
fn outcome(f: &Fields<'_, '_>) -> Option<Outcome> {
    let word = f.name(names!["status", "final_status"]);
    match word {
        Some(word) => Outcome::parse(&word),
        None => f.flag(names!["success"]).map(|ok| if ok { Outcome::Succeeded } else { Outcome::Failed }),
    }
}

/// Reads the answer of a command that was accepted; one that says `success: false` is a refusal all the same.
///
/// # Errors
/// When it is no JSON object.
pub fn read_command(body: &[u8]) -> Result<Result<CommandAnswer, Refusal>, BadAnswer> {
    object(body, "a JSON object with run_id", |f, _| match f.flag(names!["success"]) {
        Some(false) => Err(refusal(f)),
        _ => Ok(CommandAnswer {
            run_id: f.run_id(),
            job_id: f.id_named("job_id"),
            status: f.name(names!["status"]),
            message: f.message(names!["message"]),
            retry_count: f.count(names!["retry_count"]),
            mode: f.name(names!["mode"]),
        }),
    })
}

/// Reads the answer to a changed schedule: the schedule as it is now, or `None` where the answer does not show it and it is to
/// be asked for; one that says `success: false` is a refusal, whatever its status code.
pub fn read_schedule_change(body: &[u8]) -> Result<Option<ScheduleChange>, Refusal> {
    let read = object(body, "", |f, _| match f.flag(names!["success"]) {
        Some(false) => Err(refusal(f)),
        _ => Ok(Some(schedule_of(f)).filter(|schedule| *schedule != ScheduleChange::default())),
    });
    read.unwrap_or(Ok(None))
}

/// Reads a schedule.
///
/// # Errors
/// When it is no JSON object.
pub fn read_schedule(body: &[u8]) -> Result<ScheduleChange, BadAnswer> {
    object(body, "a JSON object with trigger_time", |f, _| schedule_of(f))
}

/// Reads a health answer.
///
/// # Errors
/// When it is no JSON object.
pub fn read_health(body: &[u8]) -> Result<HealthAnswer, BadAnswer> {
    object(body, "a JSON object with status", |f, _| HealthAnswer {
        status: f.name(names!["status"]),
        services: words(f.object("services")),
        processing_status: f.name(names!["processing_status"]),
        version: f.name(names!["version"]),
    })
}

fn words(object: Option<Json<'_, '_>>) -> Vec<(String, String)> {
    let word = |(name, value)| match value {
        Scalar::Text(text) => Some((name, text)),
        _ => None,
    };
    scalars(object).into_iter().filter_map(word).collect()
}

/// Reads the body of an answer with an error status, as far as it is readable.
pub fn read_refusal(body: &[u8]) -> Refusal {
    object(body, "", |f, _| refusal(f)).unwrap_or_default()
}

fn refusal(f: &Fields<'_, '_>) -> Refusal {
    Refusal {
        message: f.message(names!["error", "message", "detail"]),
        field: f.name(names!["field"]),
        run_id: f.run_id(),
    }
}

pub(super) fn object<T>(
    body: &[u8],
    expected: &'static str,
    read: impl Fn(&Fields<'_, '_>, Json<'_, '_>) -> T,
) -> Result<T, BadAnswer> {
    let text = std::str::from_utf8(body).map_err(|_| bad(body, expected))?;
    match json::parse(text) {
        Ok(answer) if answer.top().is_object() => Ok(read(&Fields::of(answer.top()), answer.top())),
        _ => Err(bad(body, expected)),
    }
}

pub(super) fn bad(body: &[u8], expected: &'static str) -> BadAnswer {
    let text = String::from_utf8_lossy(&body[..body.len().min(240)]);
    BadAnswer { expected, sample: cut(&text, 120).to_owned() }
}
