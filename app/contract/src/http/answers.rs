//! Reading TickStockPL's answers: any documented name, nulls anywhere, and a clear word where nothing can be made of one.

use crate::decode::schedule_of;
use crate::event::{Outcome, ScheduleChange};
use crate::fields::{CURRENT, DONE, DURATION, FAILED, Fields, PERCENT, TOTAL};
use crate::ids::cut;
use crate::json::{self, Json};
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusAnswer {
    /// Whether a run is active.
    pub is_running: bool,
    /// The active run (or, at some times, the last one).
    pub run_id: Option<RunId>,
    /// The phase it is in.
    pub phase: Option<Phase>,
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryRun {
    /// The run; rows without an id are not read.
    pub run_id: Option<RunId>,
    /// The trading day, `YYYY-MM-DD`.
    pub run_date: Option<String>,
    /// `automatic` or `manual`.
    pub trigger: Option<String>,
    /// How it ended; `None` while it runs, or where the word is unknown.
    pub outcome: Option<Outcome>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took.
    pub duration_seconds: Option<f64>,
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
pub struct CommandAnswer {
    /// The run that it started or stopped.
    pub run_id: Option<RunId>,
    /// TickStockPL's word for what it does now.
    pub status: Option<String>,
    /// TickStockPL's message.
    pub message: Option<String>,
}

/// Answer of `GET /health`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HealthAnswer {
    /// `healthy` or another word.
    pub status: Option<String>,
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

/// Reads a status answer.
///
/// # Errors
/// When it is no JSON object.
pub fn read_status(body: &[u8]) -> Result<StatusAnswer, BadAnswer> {
    object(body, "a JSON object with is_running", |f, _| {
        let word = f.name(&["status"]).map(|s| s.to_ascii_lowercase());
        let of_word = word.map(|s| matches!(s.as_str(), "running" | "in_progress" | "started" | "cancelling"));
        StatusAnswer {
            is_running: f.flag(&["is_running", "is_processing"]).or(of_word).unwrap_or(false),
            run_id: f.run_id(),
            phase: f.phase(),
            percent: f.percent(PERCENT),
            done: f.count(DONE),
            total: f.count(TOTAL),
            failed: f.count_or_list(FAILED).0,
            current: f.name(CURRENT),
            started_at: f.time(&["start_time", "started_at"]),
            estimated_completion: f.time(&["estimated_completion"]),
            trigger: f.name(&["trigger_type"]),
        }
    })
}

/// Reads a history answer; rows without a run id are left out.
///
/// # Errors
/// When it is no JSON object with a list of runs.
pub fn read_history(body: &[u8]) -> Result<Vec<HistoryRun>, BadAnswer> {
    let expected = "a JSON object with a list of runs";
    object(body, expected, |f, _| {
        let rows = f.list("runs").or_else(|| f.list("history"))?;
        Some(rows.iter().take(HISTORY_RUNS).filter_map(|row| history_run(&Fields::of(row))).collect())
    })?
    .ok_or_else(|| bad(body, expected))
}

fn history_run(f: &Fields<'_, '_>) -> Option<HistoryRun> {
    Some(HistoryRun {
        run_id: Some(f.run_id()?),
        run_date: f.name(&["run_date"]),
        trigger: f.name(&["trigger_type"]),
        outcome: f.name(&["status", "final_status"]).and_then(|s| Outcome::parse(&s)),
        started_at: f.time(&["start_time", "started_at"]),
        ended_at: f.time(&["end_time", "completed_at"]),
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        processed: f.count(DONE),
        failed: f.count_or_list(FAILED).0,
        indicators_calculated: f.count(&["indicators_calculated"]),
        patterns_detected: f.count(&["patterns_detected"]),
        message: f.message(&["error_message", "error"]),
    })
}

/// Reads the answer of a command that was accepted; one that says `success: false` is a refusal all the same.
///
/// # Errors
/// When it is no JSON object.
pub fn read_command(body: &[u8]) -> Result<Result<CommandAnswer, Refusal>, BadAnswer> {
    object(body, "a JSON object with run_id", |f, _| match f.flag(&["success"]) {
        Some(false) => Err(refusal(f)),
        _ => Ok(CommandAnswer { run_id: f.run_id(), status: f.name(&["status"]), message: f.message(&["message"]) }),
    })
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
        status: f.name(&["status"]),
        version: f.name(&["version"]),
    })
}

/// Reads the body of an answer with an error status, as far as it is readable.
pub fn read_refusal(body: &[u8]) -> Refusal {
    object(body, "", |f, _| refusal(f)).unwrap_or_default()
}

fn refusal(f: &Fields<'_, '_>) -> Refusal {
    Refusal { message: f.message(&["error", "message", "detail"]), field: f.name(&["field"]), run_id: f.run_id() }
}

fn object<T>(
    body: &[u8],
    expected: &'static str,
    read: impl Fn(&Fields<'_, '_>, &Json<'_>) -> T,
) -> Result<T, BadAnswer> {
    let text = std::str::from_utf8(body).map_err(|_| bad(body, expected))?;
    match json::parse(text) {
        Ok(top) if top.is_object() => Ok(read(&Fields::of(&top), &top)),
        _ => Err(bad(body, expected)),
    }
}

fn bad(body: &[u8], expected: &'static str) -> BadAnswer {
    let text = String::from_utf8_lossy(&body[..body.len().min(240)]);
    BadAnswer { expected, sample: cut(&text, 120).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_with_nulls_everywhere_is_idle() {
        let status = read_status(br#"{"is_running":null,"run_id":null,"progress":null,"status":"idle"}"#).unwrap();
        assert_eq!(status, StatusAnswer::default());
    }

    #[test]
    fn a_status_reads_either_spelling() {
        let status = read_status(
            br#"{"status":"running","run_id":"r","phase":"data_import","percent_complete":"12.5","symbols_completed":3,"total_symbols":9}"#,
        )
        .unwrap();
        assert!(status.is_running);
        assert_eq!((status.phase, status.percent), (Some(Phase::Import), Some(12.5)));
        assert_eq!((status.done, status.total), (Some(3), Some(9)));
    }

    #[test]
    fn history_keeps_rows_with_an_id_and_reads_completed_as_success() {
        let runs = read_history(
            br#"{"runs":[{"run_id":"a","status":"completed"},{"x":1},{"run_id":"b","status":"running"}]}"#,
        )
        .unwrap();
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[0].outcome, Some(Outcome::Succeeded));
        assert_eq!(runs[1].outcome, None);
        assert!(read_history(b"{}").is_err());
    }

    #[test]
    fn a_command_answer_with_success_false_is_a_refusal() {
        let refused = read_command(br#"{"success":false,"error":"busy","run_id":"r"}"#).unwrap().unwrap_err();
        assert_eq!(refused.message.as_deref(), Some("busy"));
        assert!(read_command(br#"{"run_id":"r"}"#).unwrap().is_ok());
    }

    #[test]
    fn an_html_page_is_a_bad_answer_with_its_beginning() {
        let error = read_status(b"<html><body>502</body></html>").unwrap_err();
        assert_eq!(error.to_string(), r#"expected a JSON object with is_running, got "<html><body>502</body></html>""#);
        assert_eq!(read_refusal(b"<html>"), Refusal::default());
    }
}
