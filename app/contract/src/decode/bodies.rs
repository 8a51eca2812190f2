//! The fields of each kind of body, under every name that the contract knows for them; here those of runs and phases.

mod others;
mod results;

pub(super) use others::{alert, command, error, metrics, schedule, universe_updated};
pub(super) use results::{detections, indicator, symbol_imported};

use crate::Phase;
use crate::event::{
    FailedSymbol, Outcome, PhaseEnded, PhaseStarted, Progress, RunEnded, RunStarted, Scalar, TaskResult,
};
use crate::fields::{CURRENT, DONE, DURATION, FAILED, Fields, PERCENT, TOTAL, scalars, short};
use crate::json::{Json, names};

/// Tasks of one cache sync that are kept.
const TASKS: usize = 24;

type F<'x, 'j, 'a> = &'x Fields<'j, 'a>;

pub(super) fn run_started(f: F) -> RunStarted {
    let listed = f.names(names!["phases"]);
    let all = listed.iter().any(|name| name == "all");
    let (phases, other_phases) = if all { Default::default() } else { phases(listed) };
    RunStarted {
        symbols_total: f.count(TOTAL),
        trigger: f.name(names!["trigger_type", "trigger"]),
        universes: universes(f),
        phases,
        other_phases,
        run_date: f.name(names!["run_date"]),
        skip_market_check: f.flag(names!["skip_market_check"]),
        timeframes: f.names(names!["timeframes"]),
        lookback_days: lookback_days(f),
        symbols: f.symbols("symbols"),
        original_run_id: f.id_named("original_run_id"),
    }
}

/// The four phases among the names, in their order, and the other names.
fn phases(names: Vec<String>) -> (Vec<Phase>, Vec<String>) {
    let is = |phase: &Phase| names.iter().any(|name| Phase::parse(name) == Some(*phase));
    let known = Phase::ALL.into_iter().filter(is).collect();
    (known, names.into_iter().filter(|name| Phase::parse(name).is_none()).collect())
}

fn lookback_days(f: F) -> Vec<(String, u64)> {
    let Some(days) = f.object("lookback_days") else {
        return f.count(names!["lookback_days"]).map(|days| (String::new(), days)).into_iter().collect();
    };
    let whole = |(name, days)| match days {
        Scalar::Number(days) if days >= 0.0 => Some((name, days as u64)),
        _ => None,
    };
    scalars(Some(days)).into_iter().filter_map(whole).collect()
}

pub(super) fn progress(f: F, channel_phase: Option<Phase>) -> Progress {
    let phase = channel_phase.or_else(|| f.phase());
    let done = f.count(DONE);
    let total = f.count(TOTAL);
    // Where `processed` stands beside `completed`, it counts the failed ones too.
    let processed = f.count(names!["processed"]).filter(|processed| done != Some(*processed));
    let of_counts =
        done.zip(total).filter(|(_, total)| *total > 0).map(|(d, t)| (d as f64 * 100.0 / t as f64).min(100.0));
    Progress {
        phase,
        phase_name: if phase.is_none() { f.name(names!["phase", "current_phase"]) } else { None },
        done,
        total,
        failed: f.count_or_list(FAILED).0,
        processed,
        remaining: f.count(names!["remaining"]),
        percent: f.percent(PERCENT).or(of_counts),
        current: f.name(CURRENT),
        timeframe: f.name(names!["current_timeframe"]),
        eta_seconds: f.count(names!["eta_seconds"]),
        estimated_completion: f.time(names!["estimated_completion"]),
        patterns_detected: f.count(names!["patterns_detected"]),
        symbol_ms: f.count(names!["avg_processing_time_ms"]),
    }
}

/// Failed or cancelled if the name, the status word or the flag says so; well if one says so; else unsaid.
fn outcome(name: &str, f: F) -> Option<Outcome> {
    let of_name = match name.rsplit('_').next() {
        Some("failed") => Some(Outcome::Failed),
        Some("cancelled" | "canceled") => Some(Outcome::Cancelled),
        _ => None,
    };
    let of_status = f.name(names!["status", "sync_status", "final_status"]).and_then(|s| Outcome::parse(&s));
    let of_flag = f.flag(names!["success"]).map(|ok| if ok { Outcome::Succeeded } else { Outcome::Failed });
    let said = [of_name, of_status, of_flag];
    let worst_first = [Outcome::Cancelled, Outcome::Failed, Outcome::Succeeded];
    worst_first.into_iter().find(|outcome| said.contains(&Some(*outcome)))
}

pub(super) fn run_ended(name: &str, f: F) -> RunEnded {
    let (failed, failed_symbols) = f.count_or_list(FAILED);
    RunEnded {
        outcome: outcome(name, f),
        outcome_word: None,
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        processed: f.count(DONE),
        failed,
        failed_symbols: failed_symbols.into_iter().map(|symbol| FailedSymbol { symbol, reason: None }).collect(),
        phase: f.phase(),
        phases: phases(f.names_or_keys(names!["phases"])).0,
        message: f.message(names!["error_message", "reason", "error", "error_details", "message"]),
        indicators_calculated: f.count(names!["indicators_calculated"]),
        patterns_detected: f.count(names!["patterns_detected"]),
    }
}

pub(super) fn phase_started(phase: Phase, f: F) -> PhaseStarted {
    PhaseStarted {
        phase: Some(phase),
        total: f.count(TOTAL),
        universes: universes(f),
        timeframes: f.names(names!["timeframes"]),
        lookback_days: lookback_days(f),
        indicator_kinds: (phase == Phase::Indicators).then(|| f.count(names!["total_indicators"])).flatten(),
        pattern_kinds: (phase == Phase::Patterns).then(|| f.count(names!["total_patterns"])).flatten(),
        min_confidence: f.float(names!["min_confidence"]),
        job_id: f.id_named("job_id"),
        mode: f.name(names!["mode"]),
        force: f.flag(names!["force"]),
        triggered_by: f.name(names!["triggered_by"]),
    }
}

pub(super) fn phase_ended(phase: Phase, f: F) -> PhaseEnded {
    let (failed, failed_symbols) = f.count_or_list(FAILED);
    let updated = f.list("universes_updated").map(|items| items.count() as u64);
    let indicators_total = (phase == Phase::Indicators).then(|| f.count(names!["total_indicators"])).flatten();
    let indicators_failed = f.count(names!["failed_indicators"]);
    PhaseEnded {
        phase: Some(phase),
        outcome: outcome("", f),
        outcome_word: None,
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        total: f.count(TOTAL),
        done: f.count(names![
            "successful_symbols",
            "success_count",
            "symbols_processed",
            "symbols_completed",
            "completed_symbols",
            "completed",
        ]),
        failed,
        failed_symbols: failed_symbols.into_iter().map(|symbol| FailedSymbol { symbol, reason: None }).collect(),
        records_imported: f.count(names!["total_records_imported", "records_imported"]),
        indicators_total,
        indicators_calculated: f
            .count(names!["successful_indicators", "indicators_calculated"])
            .or_else(|| Some(indicators_total?.saturating_sub(indicators_failed.unwrap_or(0)))),
        indicators_failed,
        patterns_checked: f.count(names!["total_patterns_checked"]),
        patterns_detected: f.count(names!["patterns_detected"]),
        patterns_failed: f.count(names!["patterns_failed"]),
        detection_rate: f.percent(names!["detection_rate"]),
        success_rate: f.percent(names!["success_rate"]),
        job_id: f.id_named("job_id"),
        mode: f.name(names!["mode"]),
        total_changes: f.count(names!["total_changes"]),
        universes_updated: updated.or_else(|| f.count(names!["universes_updated"])),
        updated_universes: if updated.is_some() { f.names(names!["universes_updated"]) } else { Vec::new() },
        tasks: tasks(f.object("task_results")),
        timeframe: f.name(names!["timeframe"]),
        message: f.message(names!["error_message", "error", "error_details"]),
    }
}

fn tasks(results: Option<Json<'_, '_>>) -> Vec<TaskResult> {
    let task = |(name, result): (&str, Json<'_, '_>)| {
        let result = Fields::of(result);
        Some(TaskResult {
            name: short(name)?,
            status: result.name(names!["status"]),
            changes: result.count(names!["changes"]),
        })
    };
    results.into_iter().flat_map(Json::entries).take(TASKS).filter_map(task).collect()
}

fn universes(f: F) -> Vec<String> {
    f.names(names!["universe_names", "universes", "universe", "symbol_universe_key"])
}
