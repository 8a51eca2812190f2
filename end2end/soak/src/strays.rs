//! Messages that TickStockPL did not send, or sends twice or too late.

use crate::truth::{EndedRun, Outcome, Truth};
use serde_json::{Value, json};

/// A message that somebody else than TickStockPL publishes, or that comes too late or twice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stray {
    /// The end of an earlier run again, as it was; which, as a fraction of the latest few.
    DuplicateEnd(f64),
    LateProgress(f64),
    /// The start of a run that nobody knows, while another is active.
    UnknownStart(u64),
    UnknownProgress(u64),
    EndWithoutId,
    Malformed(usize),
}

const STATUS: &str = "tickstock:processing:status";
const IMPORT_PROGRESS: &str = "tickstock:import:progress";
/// Of how many of the latest runs something is said again.
const RECENT: usize = 5;

/// Messages of which nothing can be learnt, each on one of these channels.
pub(crate) const MALFORMED: [&[u8]; 9] = [
    b"not JSON",
    b"",
    b"\xff\xfe\x00",
    b"{\"event\":",
    b"[1,2",
    b"12.5",
    b"null",
    b"{\"event\":{},\"payload\":7}",
    b"{\"event\":\"test\"}",
];
const CHANNELS: [&str; 3] = [STATUS, "tickstock:errors", "tickstock:import:completed"];

/// The channel and the message of `stray`, as things are; `None` where there is no run that it
/// could be about.
pub(crate) fn message(stray: &Stray, truth: &Truth) -> Option<(&'static str, Vec<u8>)> {
    let recent = |part: f64| {
        truth
            .runs
            .get((part * RECENT.min(truth.runs.len()) as f64) as usize)
    };
    let (channel, message) = match stray {
        Stray::DuplicateEnd(part) => (STATUS, end(recent(*part)?)),
        Stray::LateProgress(part) => (IMPORT_PROGRESS, progress(&recent(*part)?.run_id)),
        Stray::UnknownStart(id) => {
            truth.active.as_ref()?;
            let payload = json!({ "run_id": format!("stray-{id:x}"), "trigger_type": "manual" });
            (STATUS, event("processing_started", payload))
        }
        Stray::UnknownProgress(id) => (IMPORT_PROGRESS, progress(&format!("stray-{id:x}"))),
        Stray::EndWithoutId => {
            truth.active.as_ref()?;
            (
                STATUS,
                event(
                    "processing_completed",
                    json!({ "status": "success", "duration_seconds": 1.5 }),
                ),
            )
        }
        Stray::Malformed(which) => {
            return Some((
                CHANNELS[which % CHANNELS.len()],
                MALFORMED.get(*which)?.to_vec(),
            ));
        }
    };
    Some((channel, message.to_string().into_bytes()))
}

fn event(name: &str, payload: Value) -> Value {
    json!({ "event": name, "source": "soak", "version": "1.0", "payload": payload })
}

fn progress(run_id: &str) -> Value {
    let payload = json!({
        "run_id": run_id, "completed_symbols": 7, "total_symbols": 30, "percent_complete": 23.3, "current_symbol": "AAPL",
    });
    event("import_progress", payload)
}

/// The end of a run, as the newest agreement tells it.
fn end(run: &EndedRun) -> Value {
    let mut payload = json!({
        "run_id": run.run_id, "symbols_processed": run.symbols_processed, "symbols_failed": run.symbols_failed,
        "indicators_calculated": run.indicators_calculated, "patterns_detected": run.patterns_detected,
    });
    let (name, status) = match run.outcome {
        Outcome::Completed => ("processing_completed", "success"),
        Outcome::Failed => ("processing_failed", "failed"),
        Outcome::Cancelled => ("processing_cancelled", "cancelled"),
    };
    payload["status"] = status.into();
    if let Some(message) = &run.error_message {
        payload["error_message"] = message.as_str().into();
    }
    event(name, payload)
}
