//! The fields of each kind of body, under every name that the contract knows for them; here those
//! of runs and phases.

mod others;
mod results;

pub(crate) use others::schedule;
pub(super) use others::{alert, command, error, metrics, universe_updated};
pub(super) use results::{detections, indicator, symbol_imported};

use crate::Phase;
use crate::counts::{self, Counts};
use crate::event::{PhaseEnded, PhaseStarted, Progress, RunEnded, RunStarted, Scalar, TaskResult};
use crate::fields::{CURRENT, DONE, DURATION, Fields, TOTAL, scalars, short};
use crate::json::{Json, names};
use crate::outcome::{self, Ending};

/// Tasks of one cache sync that are kept.
const TASKS: usize = 24;

pub(super) fn run_started(f: &Fields<'_, '_>) -> RunStarted {
    let listed = f.names(names!["phases"]);
    let all = listed.iter().any(|name| name == "all");
    let (phases, other_phases) = if all {
        Default::default()
    } else {
        phases(listed)
    };
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
    (
        known,
        names
            .into_iter()
            .filter(|name| Phase::parse(name).is_none())
            .collect(),
    )
}

fn lookback_days(f: &Fields<'_, '_>) -> Vec<(String, u64)> {
    let Some(days) = f.object("lookback_days") else {
        return f
            .count(names!["lookback_days"])
            .map(|days| (String::new(), days))
            .into_iter()
            .collect();
    };
    let whole = |(name, days)| match days {
        Scalar::Number(days) if days >= 0.0 => Some((name, days as u64)),
        _ => None,
    };
    scalars(Some(days)).into_iter().filter_map(whole).collect()
}

pub(super) fn progress(f: &Fields<'_, '_>, channel_phase: Option<Phase>) -> Progress {
    let phase = channel_phase.or_else(|| f.phase());
    let counts = Counts::parse(f);
    // Where `processed` stands beside `completed`, it counts the failed ones too.
    let processed = f
        .count(names!["processed"])
        .filter(|processed| counts.done != Some(*processed));
    let (failed, _) = counts::failed(f, counts.total);
    Progress {
        phase,
        phase_name: if phase.is_none() {
            f.name(names!["phase", "current_phase"])
        } else {
            None
        },
        done: counts.done,
        total: counts.total,
        failed,
        processed,
        remaining: f.count(names!["remaining"]),
        percent: counts.percent(processed, failed, phase.is_some()),
        current: f.name(CURRENT),
        timeframe: f.name(names!["current_timeframe"]),
        eta_seconds: f.count(names!["eta_seconds"]),
        estimated_completion: f.time(names!["estimated_completion"]),
        patterns_detected: f.count(names!["patterns_detected"]),
        symbol_ms: f.count(names!["avg_processing_time_ms"]),
    }
}

pub(super) fn run_ended(name: &str, f: &Fields<'_, '_>) -> RunEnded {
    let Ending { outcome, word } = Ending::parse_event(name, f);
    let (failed, failed_symbols) = counts::failed(f, f.count(TOTAL));
    RunEnded {
        outcome,
        outcome_word: word,
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        processed: f.count(DONE).or_else(|| Some(counts::part_done(f)?.0)),
        failed,
        failed_symbols,
        phase: f.phase(),
        phases: phases(f.names_or_keys(names!["phases"])).0,
        message: f.message(names![
            "error_message",
            "reason",
            "error",
            "error_details",
            "exception",
            "message"
        ]),
        indicators_calculated: f.count(names!["indicators_calculated"]),
        patterns_detected: f.count(names!["patterns_detected"]),
    }
}

pub(super) fn phase_started(phase: Phase, f: &Fields<'_, '_>) -> PhaseStarted {
    PhaseStarted {
        phase: Some(phase),
        total: f.count(TOTAL),
        universes: universes(f),
        timeframes: f.names(names!["timeframes"]),
        lookback_days: lookback_days(f),
        indicator_kinds: (phase == Phase::Indicators)
            .then(|| f.count(names!["total_indicators"]))
            .flatten(),
        pattern_kinds: (phase == Phase::Patterns)
            .then(|| f.count(names!["total_patterns"]))
            .flatten(),
        min_confidence: f.float(names!["min_confidence"]),
        job_id: f.id_named("job_id"),
        mode: f.name(names!["mode"]),
        force: f.flag(names!["force"]),
        triggered_by: f.name(names!["triggered_by"]),
    }
}

pub(super) fn phase_ended(name: &str, phase: Phase, f: &Fields<'_, '_>) -> PhaseEnded {
    let Ending { outcome, word } = Ending::parse_event(name, f);
    let total = f.count(TOTAL);
    let (failed, failed_symbols) = counts::failed(f, total);
    let updated = f
        .list("universes_updated")
        .map(|items| items.count() as u64);
    let indicators_total = (phase == Phase::Indicators)
        .then(|| f.count(names!["total_indicators"]))
        .flatten();
    let indicators_failed = f.count(names!["failed_indicators"]);
    PhaseEnded {
        phase: Some(phase),
        outcome,
        outcome_word: word,
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        total,
        done: f
            .count(names![
                "successful_symbols",
                "success_count",
                "symbols_processed",
                "symbols_completed",
                "completed_symbols",
                "completed",
            ])
            .or_else(|| Some(counts::part_done(f)?.0)),
        failed,
        failed_symbols,
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
        updated_universes: if updated.is_some() {
            f.names(names!["universes_updated"])
        } else {
            Vec::new()
        },
        tasks: tasks(f.object("task_results")),
        timeframe: f.name(names!["timeframe"]),
        message: f.message(outcome::ERROR_TEXT),
    }
}

fn tasks(results: Option<Json<'_, '_>>) -> Vec<TaskResult> {
    let task = |(name, result): (&str, Json<'_, '_>)| {
        let result = Fields::new(result);
        Some(TaskResult {
            name: short(name)?,
            status: result.name(names!["status"]),
            changes: result.count(names!["changes"]),
        })
    };
    results
        .into_iter()
        .flat_map(Json::entries)
        .take(TASKS)
        .filter_map(task)
        .collect()
}

fn universes(f: &Fields<'_, '_>) -> Vec<String> {
    f.names(names![
        "universe_names",
        "universes",
        "universe",
        "symbol_universe_key"
    ])
}
