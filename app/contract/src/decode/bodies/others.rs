//! The schedule, universes, errors and monitoring.

use crate::Channel;
use crate::event::{
    Alert, Command, ErrorReport, Metrics, Scalar, ScheduleChange, Severity, UniverseUpdated,
};
use crate::fields::{Fields, scalars};
use crate::json::{Json, names};

/// Figures of one message that are kept.
const FIGURES: usize = 48;

pub(crate) fn schedule(f: &Fields<'_, '_>) -> ScheduleChange {
    match f.object("schedule") {
        Some(inner) => schedule_fields(&Fields::new(inner)),
        None => schedule_fields(f),
    }
}

fn schedule_fields(f: &Fields<'_, '_>) -> ScheduleChange {
    ScheduleChange {
        enabled: f.flag(names!["enabled"]),
        trigger_time: f.name(names!["trigger_time"]),
        timezone: f.name(names!["timezone"]),
        market_check: f.flag(names!["market_check"]),
        next_run: f.time(names!["next_run"]),
        universes: f.names(names!["universes"]),
    }
}

/// An error needs a message, a code or a severity: a message with none of them says nothing.
pub(crate) fn error(name: &str, f: &Fields<'_, '_>) -> Option<ErrorReport> {
    let message = f.message(names![
        "message",
        "error_message",
        "error",
        "error_details",
        "exception"
    ]);
    let code = f.name(names!["error_code", "code"]);
    let severity = f.name(names!["severity", "level"]);
    let message = message
        .or_else(|| code.clone())
        .or_else(|| severity.clone())?;
    let context = f.object("context");
    let in_context = context.map(Fields::new);
    Some(ErrorReport {
        severity: severity.map_or(Severity::Error, |s| severity_of(&s)),
        component: f.name(names!["component"]),
        code,
        message,
        category: f.name(names!["category"]),
        symbol: in_context
            .as_ref()
            .and_then(|c| c.symbol(names!["symbol"]))
            .or_else(|| f.symbol(names!["symbol"])),
        phase: in_context
            .as_ref()
            .and_then(Fields::phase)
            .or_else(|| f.phase()),
        recovery_action: f.name(names!["recovery_action"]),
        retry_after_seconds: in_context
            .as_ref()
            .and_then(|c| c.float(names!["retry_after"]))
            .or_else(|| f.float(names!["retry_after", "retry_after_seconds"]))
            .filter(|seconds| *seconds >= 0.0),
        error_id: f.name(names!["error_id"]),
        traceback: f.message(names!["traceback"]),
        context: scalars(context),
        fatal: name.ends_with("processing_error"),
    })
}

fn severity_of(text: &str) -> Severity {
    match text.trim().to_ascii_lowercase().as_str() {
        "critical" | "fatal" | "emergency" => Severity::Critical,
        "warning" | "warn" => Severity::Warning,
        "info" | "notice" => Severity::Info,
        "debug" | "trace" => Severity::Debug,
        _ => Severity::Error,
    }
}

pub(crate) fn universe_updated(f: &Fields<'_, '_>, channel: Channel) -> UniverseUpdated {
    let implied = match channel {
        Channel::CacheIpoAssignment => "added",
        Channel::CacheDelistingCleanup => "removed",
        _ => "updated",
    };
    let metadata = f.object("metadata");
    let inner = metadata.map(Fields::new);
    let text = |names| {
        inner
            .as_ref()
            .and_then(|m| m.name(names))
            .or_else(|| f.name(names))
    };
    let typed = |name: &str| matches!(name, "count" | "listing_date" | "sector");
    UniverseUpdated {
        universe: f.name(names!["universe"]),
        action: f.name(names!["action"]).unwrap_or_else(|| implied.into()),
        reason: f.message(names!["reason"]),
        symbol: f.symbol(names!["symbol"]),
        count: f
            .count(names!["removed_count", "count"])
            .or_else(|| inner.as_ref()?.count(names!["count"])),
        listing_date: text(names!["listing_date"]),
        sector: text(names!["sector"]),
        metadata: scalars(metadata)
            .into_iter()
            .filter(|(name, _)| !typed(name))
            .collect(),
    }
}

pub(crate) fn metrics(name: &str, top: Json<'_, '_>, f: &Fields<'_, '_>) -> Metrics {
    let scored = f
        .object("health")
        .or_else(|| f.object("health_score"))
        .map(Fields::new);
    let word = f
        .name(names!["status"])
        .or_else(|| scored.as_ref()?.name(names!["status"]));
    let mut values = scalars(f.object("metrics"));
    let mut components = Vec::new();
    // In a health score a component is a word, in a health check an object with a status and
    // figures.
    for object in [
        scored.as_ref().and_then(|s| s.object("components")),
        top.get("components"),
    ]
    .into_iter()
    .flatten()
    {
        for (name, value) in scalars(Some(object)) {
            match (name.strip_suffix(".status"), value) {
                (Some(component), Scalar::Text(status)) => {
                    components.push((component.to_owned(), status));
                }
                (None, Scalar::Text(status)) if !name.contains('.') => {
                    components.push((name, status));
                }
                (_, value) => values.push((name, value)),
            }
        }
    }
    // What one component says of itself says nothing about the others.
    let of_component = f.name(names!["component"]);
    let (status, health) = match (name, &of_component) {
        ("system_status", _) => (word, None),
        (_, Some(component)) => {
            components.extend(word.map(|word| (component.clone(), word)));
            values
                .iter_mut()
                .for_each(|(name, _)| *name = format!("{component}.{name}"));
            (None, None)
        }
        _ => (None, word),
    };
    values.truncate(FIGURES);
    components.truncate(FIGURES);
    Metrics {
        status,
        health,
        health_score: scored
            .as_ref()
            .and_then(|h| h.percent(names!["overall", "overall_score"])),
        components,
        message: f.message(names!["message"]),
        values,
        trends: scalars(f.object("trends")),
        recommendations: f.texts("recommendations"),
        details: scalars(f.object("details")),
        uptime_seconds: f.float(names!["uptime_seconds"]).filter(|s| *s >= 0.0),
        events_published: f.count(names!["events_published"]),
    }
}

pub(crate) fn alert(name: &str, f: &Fields<'_, '_>) -> Alert {
    Alert {
        id: f.name(names!["alert_id", "id"]).unwrap_or_default(),
        resolved: name == "alert_resolved",
        severity: f
            .name(names!["level", "severity"])
            .map_or(Severity::Warning, |s| severity_of(&s)),
        component: f.name(names!["component"]),
        message: f.message(names!["message"]),
        details: scalars(f.object("details")),
        suggested_actions: f.texts("suggested_actions"),
    }
}

pub(crate) fn command(name: String, f: &Fields<'_, '_>) -> Command {
    Command {
        command: name,
        parameters: scalars(f.object("parameters")),
    }
}
