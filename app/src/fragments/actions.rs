//! The forms of the commands, each with a preview: trading day, expected end, and what prevents it.

use super::context::{PageContext, fragment};
use super::form::{Form, boxes, check, text};
use crate::Zone;
use crate::commands;
use crate::format::{day_clock, phase_name, plural, short_id, usual_sentence};
use crate::fragment::Fragment;
use crate::text::forms;
use contract::{Phase, Timestamp};
use leptos::prelude::*;
use model::{Run, RunStatus, State, SymbolFailure};

const TIMEFRAMES: [(&str, &str); 4] = [
    ("daily", "Daily"),
    ("weekly", "Weekly"),
    ("hourly", "Hourly"),
    ("1min", "1 minute"),
];
/// Failed symbols that a preview names.
const NAMED: usize = 12;

/// The form of an action, if there is one of this name.
pub(super) fn form(page: &PageContext, action: &str) -> Option<Fragment> {
    let form = match action {
        "run" => run(page),
        "import" => import(page),
        "indicators" => indicators(page),
        "patterns" => patterns(page),
        "retry" => retry(page),
        _ => return None,
    };
    Some(fragment(form.command.label, form.view(page)))
}

fn run(page: &PageContext) -> Form {
    let phases = Phase::ALL.map(|phase| (phase.wire_name(), phase_name(phase)));
    let all: Vec<&str> = phases.iter().map(|(name, _)| *name).collect();
    // From a run that failed: from the failed phase on, as its page links here.
    let universes = universes(page);
    Form {
        command: &commands::RUN,
        preview: trading_day(page)
            .into_iter()
            .chain([expected_end(page)])
            .collect(),
        warnings: no_session(page),
        blocked: active(page),
        fields: view! {
            {boxes(page, "phases", "Phases", &phases, &all)}
            {text(page, "universe", "Universe", forms::UNIVERSE_HINT, &universes)}
            {check(page, "skip_market_check", forms::SKIP_MARKET_CHECK, false)}
        }
        .into_any(),
    }
}

fn import(page: &PageContext) -> Form {
    Form {
        command: &commands::IMPORT,
        preview: trading_day(page),
        warnings: active(page).into_iter().collect(),
        blocked: None,
        fields: view! {
            {text(page, "universes", "Universes", forms::UNIVERSES_HINT, &universes(page))}
            {boxes(page, "timeframes", "Timeframes", &TIMEFRAMES, &["daily", "weekly"])}
            {text(page, "lookback_days", forms::LOOKBACK, forms::LOOKBACK_HINT, &[])}
        }
        .into_any(),
    }
}

fn indicators(page: &PageContext) -> Form {
    let known: Vec<String> = page
        .data
        .snapshot
        .state
        .run
        .iter()
        .flat_map(|run| run.by_indicator.keys().cloned())
        .collect();
    Form {
        command: &commands::INDICATORS,
        preview: trading_day(page),
        warnings: active(page).into_iter().collect(),
        blocked: None,
        fields: view! {
            {text(page, "symbols", "Symbols", forms::SYMBOLS_HINT, &[])}
            {text(page, "indicators", "Indicators", forms::INDICATORS_HINT, &known)}
            {text(page, "timeframe", "Timeframe", forms::TIMEFRAME_HINT, &timeframes())}
        }
        .into_any(),
    }
}

fn patterns(page: &PageContext) -> Form {
    let known: Vec<String> = page
        .data
        .snapshot
        .state
        .run
        .iter()
        .flat_map(|run| run.by_pattern.keys().cloned())
        .collect();
    Form {
        command: &commands::PATTERNS,
        preview: trading_day(page),
        warnings: active(page).into_iter().collect(),
        blocked: None,
        fields: view! {
            {text(page, "symbols", "Symbols", forms::SYMBOLS_HINT, &[])}
            {text(page, "patterns", "Patterns", forms::PATTERNS_HINT, &known)}
            {text(page, "timeframe", "Timeframe", forms::TIMEFRAME_HINT, &timeframes())}
        }
        .into_any(),
    }
}

fn retry(page: &PageContext) -> Form {
    let run = page.data.snapshot.state.run.as_ref();
    let failed = run.and_then(Run::failed_count).unwrap_or(0);
    let blocked = match run {
        None => Some(forms::NOTHING_TO_RETRY.to_owned()),
        Some(_) if failed == 0 => Some(forms::NOTHING_TO_RETRY.to_owned()),
        Some(_) => active(page),
    };
    let about = run.map(|run| ("Run", short_id(&run.id)));
    let names = run
        .map(|run| named(&run.failed_symbols))
        .filter(|names| !names.is_empty());
    let preview = about
        .into_iter()
        .chain([("Failed", plural(failed, "symbol", "symbols"))]);
    Form {
        command: &commands::RETRY,
        preview: preview
            .chain(names.map(|names| ("Failed symbols", names)))
            .collect(),
        warnings: Vec::new(),
        blocked,
        fields: view! {
            <input type="hidden" name="run_id" value=run.map(|run| run.id.to_string()) />
            {text(page, "symbols", "Symbols", forms::RETRY_HINT, &[])}
        }
        .into_any(),
    }
}

fn named(failed: &[SymbolFailure]) -> String {
    let names = failed
        .iter()
        .take(NAMED)
        .map(|failure| failure.symbol.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    if failed.len() > NAMED {
        format!("{names}, …")
    } else {
        names
    }
}

/// What day it is for the exchange.
fn trading_day(page: &PageContext) -> Vec<(&'static str, String)> {
    let Some(market) = page.backend.market() else {
        return Vec::new();
    };
    let (now, zone) = (page.data.snapshot.at, &page.data.zone);
    let today = crate::format::date(now, &page.backend.exchange());
    let day = match (&market.session, &market.half_day) {
        (Some(_), Some(half)) => format!("{today}, {half}"),
        (Some(_), None) => today,
        (None, _) => format!("None: {today} has no session ({})", market.why),
    };
    let next = if market.is_open {
        ("Market closes", market.next_close)
    } else {
        ("Market opens", market.next_open)
    };
    vec![("Trading day", day), (next.0, day_clock(next.1, now, zone))]
}

/// Time at which a run that starts now should end: one with the phases and the universe that the
/// address asks for.
fn expected_end(page: &PageContext) -> (&'static str, String) {
    let phases: Vec<Phase> = page
        .query
        .all("phases")
        .into_iter()
        .filter_map(Phase::parse)
        .collect();
    let universe: Vec<String> = page.query.text("universe").into_iter().collect();
    let words = expected_end_in_words(
        &page.data.snapshot.state,
        &phases,
        &universe,
        page.data.snapshot.at,
        &page.data.zone,
    );
    ("Expected end", words)
}

/// `Mon 17:13 EST. Full runs of sp500 usually take 35 min (33 to 39 min in eight of ten).` Without
/// phases it is about a full run, without universes about those that TickStockPL chooses.
pub(super) fn expected_end_in_words(
    state: &State,
    phases: &[Phase],
    universes: &[String],
    now: Timestamp,
    zone: &Zone,
) -> String {
    let phases = if phases.is_empty() {
        &Phase::ALL
    } else {
        phases
    };
    let universes = match universes {
        [] => model::default_universes(state.schedule.as_ref(), state.run.as_ref()),
        named => named,
    };
    let baselines = state.baseline_for_parameters(universes, phases, None);
    let sentence = usual_sentence(baselines);
    match baselines.and_then(|baselines| baselines.run) {
        Some(run) => format!(
            "{}. {sentence}",
            day_clock(now.plus_ms((run.p50_seconds * 1000.0) as i64), now, zone)
        ),
        None => sentence,
    }
}

/// What the market check would do today.
fn no_session(page: &PageContext) -> Vec<String> {
    let closed = page
        .backend
        .market()
        .filter(|market| market.session.is_none());
    let warning = |market: crate::ports::Market| {
        format!(
            "No trading session today ({}). With the market check on, TickStockPL may not run.",
            market.why
        )
    };
    closed.map(warning).into_iter().collect()
}

fn active(page: &PageContext) -> Option<String> {
    let state = &page.data.snapshot.state;
    let run = state.run.as_ref().filter(|run| run.is_active())?;
    let since = run.started_at.map(|at| {
        format!(
            " since {}",
            day_clock(at, page.data.snapshot.at, &page.data.zone)
        )
    });
    let since = since.unwrap_or_default();
    Some(if run.status == RunStatus::Cancelling {
        format!("A run is active{since} and being cancelled.")
    } else {
        format!("A run is active{since}: {}.", short_id(&run.id))
    })
}

/// Universes that are known by name, for suggestions.
fn universes(page: &PageContext) -> Vec<String> {
    let state = &page.data.snapshot.state;
    let mut names: Vec<String> = state
        .schedule
        .iter()
        .flat_map(|schedule| schedule.universes.clone())
        .collect();
    names.extend(state.run.iter().flat_map(|run| run.universes.clone()));
    names.sort_unstable();
    names.dedup();
    names
}

fn timeframes() -> Vec<String> {
    TIMEFRAMES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect()
}
