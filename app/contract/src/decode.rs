//! From the bytes of one Redis message to an [`Event`]: tolerant in everything that still has a meaning.
//!
//! What an event is, is decided in this order: a `command` key makes it a command; then the event's name (`event`, `event_type`
//! or `type`); then the channel, for messages without a name and for the cache's channels, whose names nobody documented; what
//! is left is [`Body::Unknown`], kept with its text.

mod bodies;

use crate::event::{Body, Event, Unknown};
use crate::fields::{Fields, short, time, unread};
use crate::ids::cut;
use crate::json::{self, Json, names};
use crate::{Channel, Phase, Stage};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// The largest message that is read; TickStockPL's own are under 2 KiB.
pub const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// How much of an unknown or refused message is kept.
const RAW_BYTES: usize = 2048;

/// A message that could not be read, with what an operator needs to tell its author.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// Where in the message, in words.
    pub detail: String,
    /// The message's beginning, at most 2 KiB, undecodable bytes replaced.
    pub sample: String,
    /// The message's size.
    pub size_bytes: u64,
    /// Whether the text speaks of the end or the failure of a run: then somebody must look at it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reports_end: bool,
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Larger than [`MAX_MESSAGE_BYTES`].
    TooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// Not JSON (also: nested over 128 levels, or a number that nothing can hold).
    NotJson,
    /// JSON, but not an object.
    NotAnObject,
}

crate::read_fields!(Rejection { reason, detail, sample, size_bytes, reports_end or false });
crate::read_words!(Reason {
    "too_large" => TooLarge,
    "not_utf8" => NotUtf8,
    "not_json" => NotJson,
    "not_an_object" => NotAnObject,
});

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::TooLarge => "larger than 1 MiB",
            Reason::NotUtf8 => "not UTF-8",
            Reason::NotJson => "not JSON",
            Reason::NotAnObject => "not a JSON object",
        })
    }
}

/// Reads what was published at once on `channel`: one message, or several (a list of objects, or objects in lines).
pub fn decode_all(channel: Channel, bytes: &[u8]) -> Vec<Result<Event, Rejection>> {
    vec![decode(channel, bytes)]
}

/// Reads one message of `channel`.
///
/// # Errors
/// A [`Rejection`] when the bytes are no JSON object of a sane size; a bad field never refuses a message.
pub fn decode(channel: Channel, bytes: &[u8]) -> Result<Event, Rejection> {
    let reject = |reason, detail: String| {
        let head = &bytes[..bytes.len().min(RAW_BYTES)];
        let sample = cut(&String::from_utf8_lossy(head), RAW_BYTES).to_owned();
        Rejection { reason, detail, sample, size_bytes: bytes.len() as u64, reports_end: false }
    };
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(reject(Reason::TooLarge, format!("{} bytes", bytes.len())));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| reject(Reason::NotUtf8, e.to_string()))?;
    let text = text.trim_start_matches('\u{feff}');
    match json::parse(text) {
        Ok(message) if message.top().is_object() => Ok(event(channel, message.top(), text)),
        Ok(_) => Err(reject(Reason::NotAnObject, "the message is a bare value or a list".into())),
        // Python writes NaN where JSON has none: read the message without those values rather than lose it.
        Err(error) => match json::without_nan(text) {
            Some(mended) => match json::parse(&mended) {
                Ok(message) if message.top().is_object() => Ok(event(channel, message.top(), text)),
                _ => Err(reject(Reason::NotJson, error.to_string())),
            },
            None => Err(reject(Reason::NotJson, error.to_string())),
        },
    }
}

fn event(channel: Channel, top: Json<'_, '_>, raw: &str) -> Event {
    let fields = Fields::of(top);
    let name = ["event", "event_type", "type"].iter().find_map(|key| top.get(key)?.text());
    let name = name.and_then(short).unwrap_or_default();
    let body = match top.get("command").and_then(Json::text) {
        Some(command) => Some(Body::Command(bodies::command(short(command).unwrap_or_default(), &fields))),
        None => body(channel, &name, top, &fields),
    };
    // The envelope's own time is when it was published; one that stands further in is the data's.
    let at = top.get("timestamp").and_then(time).or_else(|| fields.time(names!["timestamp", "batch_timestamp"]));
    let run_id = fields.run_id().or_else(|| run_id_of_context(&fields));
    let source = fields.name(names!["source"]);
    let version = fields.name(names!["version"]).filter(|version| version != "1.0");
    let session_id = fields.name(names!["session_id"]);
    match body {
        Some(body) => Event {
            channel,
            name,
            at,
            run_id,
            unreadable_run_id: false,
            source,
            version,
            session_id,
            body,
            more: unread(top),
            raw: None,
        },
        None => {
            // All of it is in the text.
            let body = Body::Unknown(Unknown { raw: cut(raw, RAW_BYTES).to_owned() });
            Event {
                channel,
                name,
                at,
                run_id,
                unreadable_run_id: false,
                source,
                version,
                session_id,
                body,
                more: Vec::new(),
                raw: None,
            }
        }
    }
}

/// Errors name their run in `context`.
fn run_id_of_context(fields: &Fields<'_, '_>) -> Option<crate::RunId> {
    Fields::of(fields.object("context")?).run_id()
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
        Channel::CacheStarted | Channel::CacheProgress | Channel::CacheCompleted => !names_stage(&lower, channel),
        Channel::CacheIpoAssignment | Channel::CacheDelistingCleanup => lower == "test",
        _ => true,
    };
    if own_meaning {
        return None;
    }
    match (channel, channel.stage()) {
        (_, Some((phase, stage))) => Some(staged(phase, stage, fields)),
        (Channel::IndicatorsCalculated, _) => bodies::indicator(&lower, fields),
        (Channel::PatternsDetected, _) => bodies::detections(&lower, top, fields),
        (Channel::ProcessingSchedule, _) => Some(Body::ScheduleUpdated(bodies::schedule(fields))),
        (Channel::Errors | Channel::DataImportErrors, _) => bodies::error(&lower, fields).map(Body::Error),
        (Channel::UniverseUpdated | Channel::CacheIpoAssignment | Channel::CacheDelistingCleanup, _) => {
            Some(Body::UniverseUpdated(bodies::universe_updated(fields, channel)))
        }
        _ => None,
    }
}

/// Whether an undocumented name on one of the cache's channels speaks of the stage that the channel stands for: then it has the
/// channel's meaning (`cache_refresh_finished`); else it is something of its own (`cache_evicted`).
fn names_stage(name: &str, channel: Channel) -> bool {
    let words: &[&str] = match channel {
        Channel::CacheStarted => &["start", "begin", "began", "trigger"],
        Channel::CacheProgress => &["progress", "update", "step"],
        _ => &["complet", "finish", "done", "end", "fail", "cancel"],
    };
    words.iter().any(|word| name.contains(word))
}

/// The meaning of a documented name; the names of phases are put together from the phase's word and the stage's.
fn by_name(name: &str, top: Json<'_, '_>, fields: &Fields<'_, '_>) -> Option<Body> {
    Some(match name {
        "processing_started" | "daily_processing_started" => Body::RunStarted(bodies::run_started(fields)),
        "processing_progress" | "daily_processing_progress" => Body::Progress(bodies::progress(fields, None)),
        "processing_completed"
        | "daily_processing_completed"
        | "processing_failed"
        | "daily_processing_failed"
        | "processing_cancelled"
        | "daily_processing_cancelled"
        | "processing_canceled" => Body::RunEnded(bodies::run_ended(name, fields)),
        "symbol_processing_complete" | "symbol_processing_completed" => {
            Body::SymbolImported(bodies::symbol_imported(fields))
        }
        "indicator_calculated" | "streaming_indicator" | "indicator_update" => return bodies::indicator(name, fields),
        "pattern_detected"
        | "streaming_pattern"
        | "intraday_pattern"
        | "patterns_batch"
        | "streaming_patterns_batch" => {
            return bodies::detections(name, top, fields);
        }
        "schedule_updated" => Body::ScheduleUpdated(bodies::schedule(fields)),
        "error" | "critical_error" | "application_error" | "processing_error" => {
            return bodies::error(name, fields).map(Body::Error);
        }
        "universe_updated" => Body::UniverseUpdated(bodies::universe_updated(fields, Channel::UniverseUpdated)),
        "job_progress_update" => Body::Progress(bodies::progress(fields, None)),
        "metric_update" | "health_check" | "system_status" => Body::Metrics(bodies::metrics(name, top, fields)),
        "alert_triggered" | "alert_resolved" => Body::Alert(bodies::alert(name, fields)),
        _ => {
            let (word, stage) = name.rsplit_once('_')?;
            let stage = match stage {
                "started" | "triggered" => Stage::Started,
                "progress" => Stage::Progress,
                "completed" | "complete" => Stage::Completed,
                _ => return None,
            };
            let phase = match word {
                "import" | "data_import" => Phase::Import,
                "cache" | "cache_sync" => Phase::CacheSync,
                "indicator" | "indicators" | "indicator_processing" => Phase::Indicators,
                "pattern" | "patterns" | "pattern_processing" => Phase::Patterns,
                _ => return None,
            };
            staged(phase, stage, fields)
        }
    })
}

fn staged(phase: Phase, stage: Stage, fields: &Fields<'_, '_>) -> Body {
    match stage {
        Stage::Started => Body::PhaseStarted(bodies::phase_started(phase, fields)),
        Stage::Progress => Body::Progress(bodies::progress(fields, Some(phase))),
        Stage::Completed => Body::PhaseEnded(Box::new(bodies::phase_ended(phase, fields))),
    }
}

/// The schedule that `fields` hold, for bodies of the HTTP API as well.
pub(crate) fn schedule_of(fields: &Fields<'_, '_>) -> crate::ScheduleChange {
    bodies::schedule(fields)
}
