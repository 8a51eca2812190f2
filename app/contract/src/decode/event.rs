//! The meaning of one message: by its `command` key, by the event's name, by the channel.

use super::bodies;
use super::rejection::RAW_BYTES;
use crate::event::{Body, Event, Unknown};
use crate::fields::{Fields, short, time, unread};
use crate::ids::truncate_text;
use crate::json::{Document, Json, names};
use crate::outcome::{Outcome, end_of_name};
use crate::{Channel, Phase, PhaseStage, RunId};
use std::borrow::Cow;

/// `is_complete`: nothing is missing of the message.
pub(super) fn event_of(
    channel: Channel,
    document: &Document<'_>,
    raw: &str,
    is_complete: bool,
) -> Event {
    match document.has_object_text() {
        true => event_of_texts(channel, document, raw, is_complete),
        false => event(channel, document.top(), raw, is_complete),
    }
}

// What is rare stays out of the way of what comes thousands of times a second.
#[cold]
fn event_of_texts(
    channel: Channel,
    document: &Document<'_>,
    raw: &str,
    is_complete: bool,
) -> Event {
    let (document, texts_are_complete) = document.expanded();
    event(
        channel,
        document.top(),
        raw,
        is_complete && texts_are_complete,
    )
}

fn event(channel: Channel, top: Json<'_, '_>, raw: &str, is_complete: bool) -> Event {
    let fields = Fields::new(top);
    let is_complete = is_complete && !fields.has_unreadable_payload;
    let name = ["event", "event_type", "type"]
        .iter()
        .find_map(|key| top.get(key)?.text());
    let name = name.and_then(short).unwrap_or_default();
    let body = match top.get("command").and_then(Json::text) {
        Some(command) => Some(Body::Command(bodies::command(
            short(command).unwrap_or_default(),
            &fields,
        ))),
        None => body(channel, &name, top, &fields),
    };
    // The envelope's own time is when it was published; one that stands further in is the data's.
    let at = top
        .get("timestamp")
        .and_then(time)
        .or_else(|| fields.time(names!["timestamp", "batch_timestamp"]));
    let (run_id, unreadable_run_id) = match fields.run_id() {
        Some(id) => (Some(id), false),
        None => missing_run_id(&fields, is_complete),
    };
    let source = fields.name(names!["source"]);
    let version = fields
        .name(names!["version"])
        .filter(|version| version != "1.0");
    let session_id = fields.name(names!["session_id"]);
    // All of an unknown event is in its text.
    let more = if body.is_some() {
        unread(top)
    } else {
        Vec::new()
    };
    let mut event = Event {
        channel,
        name,
        at,
        run_id,
        unreadable_run_id,
        source,
        version,
        session_id,
        body: body.unwrap_or_else(|| {
            Body::Unknown(Unknown {
                raw: truncate_text(raw, RAW_BYTES).to_owned(),
            })
        }),
        more,
        raw: None,
    };
    if !is_complete {
        assume_no_success(&mut event.body);
    }
    event
}

/// The run that a message names in its `context`, as errors do, and whether a run id stands
/// somewhere that cannot be read.
fn missing_run_id(fields: &Fields<'_, '_>, is_complete: bool) -> (Option<RunId>, bool) {
    let context = fields.object("context").map(Fields::new);
    let run_id = context.as_ref().and_then(Fields::run_id);
    let is_unreadable = || {
        fields.has_unreadable_run_id()
            || context.as_ref().is_some_and(Fields::has_unreadable_run_id)
    };
    let unreadable = run_id.is_none() && (!is_complete || is_unreadable());
    (run_id, unreadable)
}

/// An end without a status means success; but not where the status may stand in what could not be
/// read.
fn assume_no_success(body: &mut Body) {
    let outcome = match body {
        Body::RunEnded(ended) => &mut ended.outcome,
        Body::PhaseEnded(ended) => &mut ended.outcome,
        _ => return,
    };
    *outcome = outcome.or(Some(Outcome::Unknown));
}

fn body(channel: Channel, name: &str, top: Json<'_, '_>, fields: &Fields<'_, '_>) -> Option<Body> {
    let lower = match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    };
    if let Some(body) = by_name(&lower, top, fields) {
        return Some(body);
    }
    // A name that means something else than the channel does, or that ought to be documented.
    let own_meaning = match channel {
        _ if name.is_empty() => false,
        Channel::CacheStarted | Channel::CacheProgress | Channel::CacheCompleted => {
            !names_stage(&lower, channel)
        }
        Channel::CacheIpoAssignment | Channel::CacheDelistingCleanup => lower == "test",
        _ => true,
    };
    if own_meaning {
        return None;
    }
    match (channel, channel.phase_stage()) {
        (_, Some((phase, stage))) => Some(staged(&lower, phase, stage, fields)),
        (Channel::IndicatorsCalculated, _) => bodies::indicator(&lower, fields),
        (Channel::PatternsDetected, _) => bodies::detections(&lower, top, fields),
        (Channel::ProcessingSchedule, _) => Some(Body::ScheduleUpdated(bodies::schedule(fields))),
        (Channel::Errors | Channel::DataImportErrors, _) => {
            bodies::error(&lower, fields).map(Body::Error)
        }
        (
            Channel::UniverseUpdated | Channel::CacheIpoAssignment | Channel::CacheDelistingCleanup,
            _,
        ) => Some(Body::UniverseUpdated(bodies::universe_updated(
            fields, channel,
        ))),
        _ => None,
    }
}

/// Whether an undocumented name on one of the cache's channels speaks of the stage that the channel
/// stands for: then it has the channel's meaning (`cache_refresh_finished`); else it is something
/// of its own (`cache_evicted`).
fn names_stage(name: &str, channel: Channel) -> bool {
    let words: &[&str] = match channel {
        Channel::CacheStarted => &["start", "begin", "began", "trigger"],
        Channel::CacheProgress => &["progress", "update", "step"],
        _ => &[
            "complet",
            "finish",
            "done",
            "end",
            "fail",
            "cancel",
            "abort",
            "stop",
            "error",
            "crash",
            "timeout",
            "timed_out",
        ],
    };
    words.iter().any(|word| name.contains(word))
}

/// The meaning of a documented name; the names of phases are put together from the phase's word and
/// the stage's.
fn by_name(name: &str, top: Json<'_, '_>, fields: &Fields<'_, '_>) -> Option<Body> {
    Some(match name {
        "processing_started" | "daily_processing_started" => {
            Body::RunStarted(bodies::run_started(fields))
        }
        "processing_progress" | "daily_processing_progress" => {
            Body::Progress(bodies::progress(fields, None))
        }
        "indicator_calculated" | "streaming_indicator" | "indicator_update" => {
            return bodies::indicator(name, fields);
        }
        "pattern_detected"
        | "streaming_pattern"
        | "intraday_pattern"
        | "patterns_batch"
        | "streaming_patterns_batch" => {
            return bodies::detections(name, top, fields);
        }
        "schedule_updated" => Body::ScheduleUpdated(bodies::schedule(fields)),
        "error" | "critical_error" | "application_error" => {
            return bodies::error(name, fields).map(Body::Error);
        }
        // Without a text it is no error that could be listed, but the run failed all the same.
        "processing_error" | "daily_processing_error" => match bodies::error(name, fields) {
            Some(error) => Body::Error(error),
            None => Body::RunEnded(bodies::run_ended(name, fields)),
        },
        "universe_updated" => {
            Body::UniverseUpdated(bodies::universe_updated(fields, Channel::UniverseUpdated))
        }
        "job_progress_update" => Body::Progress(bodies::progress(fields, None)),
        "metric_update" | "health_check" | "system_status" => {
            Body::Metrics(bodies::metrics(name, top, fields))
        }
        "alert_triggered" | "alert_resolved" => Body::Alert(bodies::alert(name, fields)),
        _ => {
            let begun = match name.rsplit_once('_')? {
                (word, "started" | "triggered") => Some((word, PhaseStage::Started)),
                (word, "progress") => Some((word, PhaseStage::Progress)),
                _ => None,
            };
            match begun {
                Some((word, stage)) => staged(name, phase_of_name(word)?, stage, fields),
                None => return ended(name, fields),
            }
        }
    })
}

/// The meaning of a name that reports an end: of a run, of a phase, or of one symbol's import.
#[cold]
fn ended(name: &str, fields: &Fields<'_, '_>) -> Option<Body> {
    let (what, outcome) = end_of_name(name)?;
    Some(match what {
        "processing" | "daily_processing" => Body::RunEnded(bodies::run_ended(name, fields)),
        "symbol_processing" => Body::SymbolImported(bodies::symbol_imported(name, fields)),
        _ => match phase_of_name(what)? {
            // One symbol failed, not the phase.
            Phase::Import if outcome == Some(Outcome::Failed) && fields.has("symbol") => {
                Body::SymbolImported(bodies::symbol_imported(name, fields))
            }
            _ if outcome == Some(Outcome::Failed) && fields.has("symbol") => return None,
            phase if name.ends_with("_error") => {
                let mut error = bodies::error(name, fields)?;
                error.phase = error.phase.or(Some(phase));
                Body::Error(error)
            }
            phase => staged(name, phase, PhaseStage::Completed, fields),
        },
    })
}

fn phase_of_name(word: &str) -> Option<Phase> {
    Some(match word {
        "import" | "data_import" => Phase::Import,
        "cache" | "cache_sync" => Phase::CacheSync,
        "indicator" | "indicators" | "indicator_processing" | "indicator_calculation" => {
            Phase::Indicators
        }
        "pattern" | "patterns" | "pattern_processing" | "pattern_detection" => Phase::Patterns,
        _ => return None,
    })
}

fn staged(name: &str, phase: Phase, stage: PhaseStage, fields: &Fields<'_, '_>) -> Body {
    match stage {
        PhaseStage::Started => Body::PhaseStarted(bodies::phase_started(phase, fields)),
        PhaseStage::Progress => Body::Progress(bodies::progress(fields, Some(phase))),
        PhaseStage::Completed => {
            Body::PhaseEnded(Box::new(bodies::phase_ended(name, phase, fields)))
        }
    }
}
