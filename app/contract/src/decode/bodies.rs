//! The fields of each kind of body, under every name that the contract knows for them.

use crate::event::*;
use crate::fields::{self, CURRENT, DONE, DURATION, FAILED, Fields, PERCENT, TOTAL, scalars};
use crate::json::Json;
use crate::{Channel, Phase};

/// Items of one batch that are kept.
const BATCH_ITEMS: usize = 500;
const LEVELS: usize = 12;

type F<'x, 'j, 'a> = &'x Fields<'j, 'a>;

pub(super) fn run_started(f: F) -> RunStarted {
    let phases = f.names(&["phases"]);
    let all = phases.is_empty() || phases.iter().any(|p| p == "all");
    let named = |phase: &Phase| !all && phases.iter().any(|name| Phase::parse(name) == Some(*phase));
    RunStarted {
        symbols_total: f.count(TOTAL),
        trigger: f.name(&["trigger_type", "trigger"]),
        universes: universes(f),
        phases: Phase::ALL.into_iter().filter(named).collect(),
        run_date: f.name(&["run_date"]),
        original_run_id: f.id_named("original_run_id"),
    }
}

pub(super) fn progress(f: F, channel_phase: Option<Phase>) -> Progress {
    let phase = channel_phase.or_else(|| f.phase());
    let done = f.count(DONE);
    let total = f.count(TOTAL);
    let of_counts =
        done.zip(total).filter(|(_, total)| *total > 0).map(|(d, t)| (d as f64 * 100.0 / t as f64).min(100.0));
    Progress {
        phase,
        phase_name: if phase.is_none() { f.name(&["phase", "current_phase"]) } else { None },
        done,
        total,
        failed: f.count_or_list(FAILED).0,
        percent: f.percent(PERCENT).or(of_counts),
        current: f.name(CURRENT),
        timeframe: f.name(&["current_timeframe"]),
        eta_seconds: f.count(&["eta_seconds"]),
        estimated_completion: f.time(&["estimated_completion"]),
        patterns_detected: f.count(&["patterns_detected"]),
        symbol_ms: f.count(&["avg_processing_time_ms"]),
    }
}

/// Failed or cancelled if the name, the status word or the flag says so; well if one says so; else unsaid.
fn outcome(name: &str, f: F) -> Option<Outcome> {
    let of_name = match name.rsplit('_').next() {
        Some("failed") => Some(Outcome::Failed),
        Some("cancelled" | "canceled") => Some(Outcome::Cancelled),
        _ => None,
    };
    let of_status = f.name(&["status", "sync_status", "final_status"]).and_then(|s| Outcome::parse(&s));
    let of_flag = f.flag(&["success"]).map(|ok| if ok { Outcome::Succeeded } else { Outcome::Failed });
    let said = [of_name, of_status, of_flag];
    let worst_first = [Outcome::Cancelled, Outcome::Failed, Outcome::Succeeded];
    worst_first.into_iter().find(|outcome| said.contains(&Some(*outcome)))
}

pub(super) fn run_ended(name: &str, f: F) -> RunEnded {
    let (failed, failed_symbols) = f.count_or_list(FAILED);
    RunEnded {
        outcome: outcome(name, f),
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        processed: f.count(DONE),
        failed,
        failed_symbols,
        phase: f.phase(),
        message: f.message(&["error_message", "reason", "error", "error_details", "message"]),
        indicators_calculated: f.count(&["indicators_calculated"]),
        patterns_detected: f.count(&["patterns_detected"]),
    }
}

pub(super) fn phase_started(phase: Phase, f: F) -> PhaseStarted {
    let lookback_days = match f.object("lookback_days") {
        Some(days) => scalars(Some(days))
            .into_iter()
            .filter_map(|(name, days)| match days {
                Scalar::Number(days) if days >= 0.0 => Some((name, days as u64)),
                _ => None,
            })
            .collect(),
        None => f.count(&["lookback_days"]).map(|days| (String::new(), days)).into_iter().collect(),
    };
    PhaseStarted {
        phase: Some(phase),
        total: f.count(TOTAL),
        universes: universes(f),
        timeframes: f.names(&["timeframes"]),
        lookback_days,
        indicator_kinds: (phase == Phase::Indicators).then(|| f.count(&["total_indicators"])).flatten(),
        pattern_kinds: (phase == Phase::Patterns).then(|| f.count(&["total_patterns"])).flatten(),
        min_confidence: f.float(&["min_confidence"]),
        mode: f.name(&["mode"]),
    }
}

pub(super) fn phase_ended(phase: Phase, f: F) -> PhaseEnded {
    let (failed, failed_symbols) = f.count_or_list(FAILED);
    let updated = f.list("universes_updated").map(|items| items.len() as u64);
    let indicators = phase == Phase::Indicators;
    PhaseEnded {
        phase: Some(phase),
        outcome: outcome("", f),
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        total: f.count(TOTAL),
        done: f.count(&[
            "successful_symbols",
            "success_count",
            "symbols_processed",
            "symbols_completed",
            "completed_symbols",
            "completed",
        ]),
        failed,
        failed_symbols,
        records_imported: f.count(&["total_records_imported", "records_imported"]),
        indicators_calculated: f
            .count(&["successful_indicators", "indicators_calculated"])
            .or_else(|| indicators.then(|| f.count(&["total_indicators"])).flatten()),
        indicators_failed: f.count(&["failed_indicators"]),
        patterns_checked: f.count(&["total_patterns_checked"]),
        patterns_detected: f.count(&["patterns_detected"]),
        detection_rate: f.percent(&["detection_rate"]),
        success_rate: f.percent(&["success_rate"]),
        total_changes: f.count(&["total_changes"]),
        universes_updated: updated.or_else(|| f.count(&["universes_updated"])),
        tasks: tasks(f.object("task_results")),
        timeframe: f.name(&["timeframe"]),
        message: f.message(&["error_message", "error", "error_details"]),
    }
}

fn tasks(results: Option<&Json<'_>>) -> Vec<(String, String)> {
    let statuses = scalars(results).into_iter();
    statuses
        .filter_map(|(name, value)| match (name.strip_suffix(".status"), value) {
            (Some(task), Scalar::Text(status)) => Some((task.to_owned(), status)),
            _ => None,
        })
        .collect()
}

pub(super) fn symbol_imported(f: F) -> SymbolImported {
    let status = f.name(&["status"]).and_then(|s| Outcome::parse(&s));
    SymbolImported {
        symbol: f.symbol(&["symbol"]),
        failed: f.flag(&["success"]) == Some(false) || status == Some(Outcome::Failed),
        records: f.count(&["records_imported", "records"]),
        duration_ms: f.count(&["processing_time_ms"]),
        message: f.message(&["error_message", "error", "message", "reason"]),
    }
}

pub(super) fn indicator(name: &str, f: F) -> Option<Body> {
    let indicator = f.name(&["indicator", "indicator_type", "indicator_name"])?;
    let mut values = scalars(f.object("values").or_else(|| f.object("value")));
    if let (true, Some(value)) = (values.is_empty(), f.float(&["value"])) {
        values.push(("value".into(), Scalar::Number(value)));
    }
    Some(Body::IndicatorCalculated(IndicatorResult {
        symbol: f.symbol(&["symbol"]),
        indicator,
        timeframe: f.name(&["timeframe"]),
        values,
        streaming: name.starts_with("streaming") || name == "indicator_update" || f.has("session_id"),
    }))
}

pub(super) fn detections(name: &str, top: &Json<'_>, f: F) -> Option<Body> {
    let streaming =
        name.contains("streaming") || matches!(name, "intraday_pattern" | "patterns_batch") || f.has("session_id");
    let items: Vec<_> = match f.list("patterns") {
        Some(list) => list.iter().take(BATCH_ITEMS).filter_map(|item| detection(&Fields::of(item))).collect(),
        None => detection(&Fields::of(top)).into_iter().collect(),
    };
    (!items.is_empty()).then_some(Body::PatternsDetected(Detections { items, streaming }))
}

fn detection(f: F) -> Option<Detection> {
    let nested = f.object("pattern");
    let pattern = f
        .name(&["pattern", "pattern_type", "pattern_name"])
        .or_else(|| Fields::of(nested?).name(&["name", "pattern", "pattern_type", "type"]))?;
    let levels = f.list("levels").unwrap_or_default().iter().take(LEVELS);
    Some(Detection {
        symbol: f.symbol(&["symbol"]),
        pattern,
        timeframe: f.name(&["timeframe"]),
        confidence: f.float(&["confidence"]).filter(|c| (0.0..=1.0).contains(c)),
        levels: levels
            .filter_map(|level| {
                let price = fields::float(level.get("value").or_else(|| level.get("price"))?)?;
                Some((level.get("type").and_then(Json::text).unwrap_or("level").to_owned(), price))
            })
            .collect(),
        data: scalars(f.object("pattern_data").or_else(|| f.object("parameters")).or_else(|| f.object("bar_data"))),
    })
}

pub(super) fn schedule(f: F) -> ScheduleChange {
    match f.object("schedule") {
        Some(inner) => schedule_fields(&Fields::of(inner)),
        None => schedule_fields(f),
    }
}

fn schedule_fields(f: F) -> ScheduleChange {
    ScheduleChange {
        enabled: f.flag(&["enabled"]),
        trigger_time: f.name(&["trigger_time"]),
        timezone: f.name(&["timezone"]),
        market_check: f.flag(&["market_check"]),
        next_run: f.time(&["next_run"]),
        universes: f.names(&["universes"]),
    }
}

/// An error needs a message, a code or a severity: a message with none of them says nothing.
pub(super) fn error(name: &str, f: F) -> Option<ErrorReport> {
    let message = f.message(&["message", "error_message", "error", "error_details"]);
    let code = f.name(&["error_code", "code"]);
    let severity = f.name(&["severity", "level"]);
    let message = message.or_else(|| code.clone()).or_else(|| severity.clone())?;
    let context = f.object("context");
    let in_context = context.map(Fields::of);
    Some(ErrorReport {
        severity: severity.map_or(Severity::Error, |s| severity_of(&s)),
        component: f.name(&["component"]),
        code,
        message,
        category: f.name(&["category"]),
        symbol: in_context.as_ref().and_then(|c| c.symbol(&["symbol"])).or_else(|| f.symbol(&["symbol"])),
        phase: in_context.as_ref().and_then(Fields::phase).or_else(|| f.phase()),
        recovery_action: f.name(&["recovery_action"]),
        context: scalars(context),
        fatal: name == "processing_error",
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

pub(super) fn universe_updated(f: F, channel: Channel) -> UniverseUpdated {
    let implied = match channel {
        Channel::CacheIpoAssignment => "added",
        Channel::CacheDelistingCleanup => "removed",
        _ => "updated",
    };
    let metadata = f.object("metadata").map(Fields::of);
    UniverseUpdated {
        universe: f.name(&["universe"]),
        action: f.name(&["action"]).unwrap_or_else(|| implied.into()),
        reason: f.message(&["reason"]),
        symbol: f.symbol(&["symbol"]),
        count: f.count(&["removed_count", "count"]).or_else(|| metadata?.count(&["count"])),
    }
}

pub(super) fn metrics(top: &Json<'_>, f: F) -> Metrics {
    let health = f.object("health").or_else(|| f.object("health_score"));
    let in_health = health.map(Fields::of);
    let mut values = scalars(f.object("metrics"));
    values.extend(scalars(top.get("components")));
    values.extend(scalars(f.object("details")));
    for name in ["uptime_seconds", "events_published"] {
        values.extend(f.float(&[name]).map(|n| (name.to_owned(), Scalar::Number(n))));
    }
    values.truncate(48);
    Metrics {
        status: f.name(&["status"]).or_else(|| in_health.as_ref()?.name(&["status"])),
        health_score: in_health.as_ref().and_then(|h| h.percent(&["overall", "overall_score"])),
        message: f.message(&["message"]),
        values,
    }
}

pub(super) fn alert(name: &str, f: F) -> Alert {
    Alert {
        id: f.name(&["alert_id", "id"]).unwrap_or_default(),
        resolved: name == "alert_resolved",
        severity: f.name(&["level", "severity"]).map_or(Severity::Warning, |s| severity_of(&s)),
        component: f.name(&["component"]),
        message: f.message(&["message"]),
    }
}

fn universes(f: F) -> Vec<String> {
    f.names(&["universe_names", "universes", "universe", "symbol_universe_key"])
}
