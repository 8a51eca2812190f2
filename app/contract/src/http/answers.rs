//! Reading TickStockPL's answers: any documented name, nulls anywhere, and a clear word where
//! nothing can be made of one.

use crate::counts::{self, Counts};
use crate::decode::schedule;
use crate::event::{Scalar, ScheduleChange};
use crate::fields::{CURRENT, DONE, DURATION, Fields, TOTAL, scalars};
use crate::ids::truncate_text;
use crate::json::{self, Document, Json, Pieces, names};
use crate::outcome::{self, Ending, Outcome, is_active_word, plain_word, says_error};
use crate::{Phase, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Runs of one history answer that are read.
const HISTORY_RUNS: usize = 1000;

/// An answer that could not be read, or that reports an error in place of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAnswer {
    /// What was expected.
    pub expected: &'static str,
    /// The error that the answer reports, at most 2 KiB.
    pub error: Option<String>,
    /// The answer's beginning, at most 120 bytes.
    pub sample: String,
}

impl fmt::Display for InvalidAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(error) => write!(f, "expected {}, got an error: {error}", self.expected),
            None => write!(f, "expected {}, got {:?}", self.expected, self.sample),
        }
    }
}

impl std::error::Error for InvalidAnswer {}

/// Answer of `GET /api/processing/status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StatusAnswer {
    /// Whether a run is active.
    pub is_running: bool,
    /// The active run (or, at some times, the last one).
    pub run_id: Option<RunId>,
    /// The phase it is in.
    pub phase: Option<Phase>,
    /// What it is in that is not one of the four phases, such as `finalization`.
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
pub struct ReportedRun {
    /// The run; rows without an id are not read.
    pub run_id: Option<RunId>,
    /// The trading day, `YYYY-MM-DD`.
    pub run_date: Option<String>,
    /// `automatic` or `manual`.
    pub trigger: Option<String>,
    /// How it ended; `None` while it is active. A word that this console does not know is
    /// [`Outcome::Unknown`].
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
crate::read_fields!(ReportedRun {
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
/// When it is no JSON object, or does not say whether a run is active: an error in its place is no
/// word that none is.
pub fn parse_status(body: &[u8]) -> Result<StatusAnswer, InvalidAnswer> {
    let expected = "a JSON object with is_running";
    object(body, expected, |f, _| {
        let wrapped = f
            .object("status")
            .and_then(|inner| status(&Fields::new(inner)));
        let status = wrapped.or_else(|| status(f));
        // An answer that failed may carry the defaults of its fields.
        let failed = f.flag(names!["success"]) == Some(false);
        status
            .filter(|status| status.is_running || !failed)
            .ok_or_else(|| error_in(f))
    })?
    .map_err(|error| bad(body, expected, error))
}

/// `None` where it does not say whether a run is active.
fn status(f: &Fields<'_, '_>) -> Option<StatusAnswer> {
    let by_word = || match f.find(names!["error"], says_error) {
        Some(()) => None,
        None => activity(&f.name(names!["status"])?),
    };
    let is_running = f
        .flag(names!["is_running", "is_processing"])
        .or_else(by_word)?;
    let phase = f.phase();
    let counts = Counts::parse(f);
    Some(StatusAnswer {
        is_running,
        run_id: f.run_id(),
        phase,
        phase_name: f
            .name(names!["phase", "current_phase"])
            .filter(|name| phase.is_none() && !says_no_phase(name)),
        percent: counts.percent_of_run(),
        done: counts.done,
        total: counts.total,
        failed: counts::failed(f, counts.total).0,
        current: f.name(CURRENT),
        started_at: f.time(names!["start_time", "started_at"]),
        estimated_completion: f.time(names!["estimated_completion"]),
        trigger: f.name(names!["trigger_type"]),
    })
}

/// Whether a status word means that a run is active; `None` where it does not say: `error` and
/// `success` may be the request's.
fn activity(word: &str) -> Option<bool> {
    let plain = plain_word(word);
    let is = |words: &[&str]| words.contains(&plain.as_str());
    if is(&[
        "idle",
        "scheduled",
        "waiting",
        "ready",
        "inactive",
        "not_running",
        "none",
    ]) {
        return Some(false);
    }
    if is_active_word(word) {
        return Some(true);
    }
    let has_ended = match Outcome::parse_word(word) {
        Outcome::Succeeded => !is(&["ok", "success", "true", "yes", "1"]),
        Outcome::Failed => is(&["failed"]),
        Outcome::SucceededWithWarnings | Outcome::Cancelled => true,
        Outcome::Unknown => false,
    };
    has_ended.then_some(false)
}

/// Words that stand where a phase might, and name none.
fn says_no_phase(word: &str) -> bool {
    ["idle", "scheduled", "completed", "error", "none"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// Reads a history answer; rows without a run id are left out, and none is for its status.
///
/// # Errors
/// When it is no JSON object with a list of runs, or reports an error.
pub fn parse_history(body: &[u8]) -> Result<Vec<ReportedRun>, InvalidAnswer> {
    let expected = "a JSON object with a list of runs";
    object(body, expected, |f, _| {
        let rows = f
            .list("runs")
            .or_else(|| f.list("history"))
            .filter(|_| !reports_failure(f))
            .ok_or_else(|| error_in(f))?;
        Ok(rows
            .take(HISTORY_RUNS)
            .filter_map(|row| history_run(&Fields::new(row)))
            .collect())
    })?
    .map_err(|error| bad(body, expected, error))
}

fn history_run(f: &Fields<'_, '_>) -> Option<ReportedRun> {
    let ended_at = f.time(names!["end_time", "completed_at"]);
    let duration_seconds = f.float(DURATION).filter(|d| *d >= 0.0);
    let Ending { outcome, word } =
        Ending::parse_row(f, ended_at.is_some() || duration_seconds.is_some());
    let total = f.count(TOTAL);
    Some(ReportedRun {
        run_id: Some(f.run_id()?),
        run_date: f.name(names!["run_date"]),
        trigger: f.name(names!["trigger_type"]),
        outcome,
        outcome_word: word,
        started_at: f.time(names!["start_time", "started_at"]),
        ended_at,
        duration_seconds,
        total,
        processed: f.count(DONE).or_else(|| Some(counts::part_done(f)?.0)),
        failed: counts::failed(f, total).0,
        indicators_calculated: f.count(names!["indicators_calculated"]),
        patterns_detected: f.count(names!["patterns_detected"]),
        message: f.message(outcome::ERROR_TEXT),
    })
}

/// Reads the answer of a command that was accepted. A refusal is one that says `success: false`,
/// that reports an error without saying that it did something, or whose status is a failure.
///
/// # Errors
/// When it is no JSON object with anything that such an answer has.
pub fn parse_command(body: &[u8]) -> Result<Result<CommandAnswer, Refusal>, InvalidAnswer> {
    let expected = "a JSON object with run_id";
    object(body, expected, |f, _| {
        let success = f.flag(names!["success"]);
        let status = f.name(names!["status"]);
        let has_begun = status.as_deref().is_some_and(is_active_word);
        let is_refusing = status.as_deref().is_some_and(is_refusal);
        let has_failed = is_refusing || f.find(names!["error"], says_error).is_some() && !has_begun;
        if success == Some(false) || has_failed && success.is_none() {
            return Ok(Err(refusal(f)));
        }
        let answer = CommandAnswer {
            run_id: f.run_id(),
            job_id: f.id_named("job_id"),
            status,
            message: f.message(names!["message"]),
            retry_count: f.count(names!["retry_count"]),
            mode: f.name(names!["mode"]),
        };
        let CommandAnswer {
            run_id,
            job_id,
            status,
            message,
            ..
        } = &answer;
        let says = run_id.is_some()
            || job_id.is_some()
            || status.is_some()
            || message.is_some()
            || success.is_some();
        if says {
            Ok(Ok(answer))
        } else {
            Err(error_in(f))
        }
    })?
    .map_err(|error| bad(body, expected, error))
}

/// Whether the status of a command's answer means that nothing was done.
fn is_refusal(status: &str) -> bool {
    [
        "rejected",
        "refused",
        "denied",
        "conflict",
        "busy",
        "already_running",
    ]
    .contains(&plain_word(status).as_str())
        || Outcome::parse_word(status) == Outcome::Failed
}

/// Reads the answer to a changed schedule: the schedule as it is now, or `None` where the answer
/// does not show it and it is to be asked for; one that says `success: false`, or reports an error
/// and no schedule, is a refusal, whatever its status code.
pub fn parse_schedule_change(body: &[u8]) -> Result<Option<ScheduleChange>, Refusal> {
    let read = object(body, "", |f, _| {
        let schedule = Some(schedule(f)).filter(|schedule| *schedule != ScheduleChange::default());
        let refuses = || f.name(names!["status"]).as_deref().is_some_and(is_refusal);
        if f.flag(names!["success"]) == Some(false)
            || schedule.is_none() && (reports_failure(f) || refuses())
        {
            return Err(refusal(f));
        }
        Ok(schedule)
    });
    read.unwrap_or(Ok(None))
}

/// Reads a schedule.
///
/// # Errors
/// When it is no JSON object with at least one field of a schedule, or says `success: false`.
pub fn parse_schedule(body: &[u8]) -> Result<ScheduleChange, InvalidAnswer> {
    let expected = "a JSON object with trigger_time";
    object(body, expected, |f, _| {
        let schedule = schedule(f);
        let is_none =
            schedule == ScheduleChange::default() || f.flag(names!["success"]) == Some(false);
        if is_none {
            Err(error_in(f))
        } else {
            Ok(schedule)
        }
    })?
    .map_err(|error| bad(body, expected, error))
}

/// Reads a health answer.
///
/// # Errors
/// When it is no JSON object.
pub fn parse_health(body: &[u8]) -> Result<HealthAnswer, InvalidAnswer> {
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
pub fn parse_refusal(body: &[u8]) -> Refusal {
    object(body, "", |f, _| refusal(f)).unwrap_or_default()
}

fn refusal(f: &Fields<'_, '_>) -> Refusal {
    Refusal {
        message: f.message(names!["error", "message", "detail"]),
        field: f.name(names!["field"]),
        run_id: f.run_id(),
    }
}

/// Whether an answer says that it failed.
fn reports_failure(f: &Fields<'_, '_>) -> bool {
    f.flag(names!["success"]) == Some(false) || f.find(names!["error"], says_error).is_some()
}

/// The error that stands in an answer in place of what was asked for.
fn error_in(f: &Fields<'_, '_>) -> Option<String> {
    f.message(names!["error", "message", "detail", "error_message"])
}

pub(super) fn object<T>(
    body: &[u8],
    expected: &'static str,
    read: impl Fn(&Fields<'_, '_>, Json<'_, '_>) -> T,
) -> Result<T, InvalidAnswer> {
    let text = String::from_utf8_lossy(body);
    let answer = json::parse(&text)
        .ok()
        .or_else(|| nearly_json(&text))
        .filter(|answer| answer.top().is_object());
    let answer = answer.ok_or_else(|| bad(body, expected, None))?;
    if !answer.has_object_text() {
        return Ok(read(&Fields::new(answer.top()), answer.top()));
    }
    let (expanded, _) = answer.expanded();
    Ok(read(&Fields::new(expanded.top()), expanded.top()))
}

/// One object that is not quite JSON (a `NaN`, a lone surrogate), of which nothing is missing.
fn nearly_json(text: &str) -> Option<Document<'_>> {
    let mut pieces = Pieces::split(text);
    let only = pieces
        .next()
        .filter(|piece| piece.is_complete && !piece.in_list)?;
    pieces.next().is_none().then_some(only.document)?
}

pub(super) fn bad(body: &[u8], expected: &'static str, error: Option<String>) -> InvalidAnswer {
    let text = String::from_utf8_lossy(&body[..body.len().min(240)]);
    InvalidAnswer {
        expected,
        error,
        sample: truncate_text(&text, 120).to_owned(),
    }
}
