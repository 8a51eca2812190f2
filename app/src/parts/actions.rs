//! The forms of the actions, with what the server can say before: what would be done, for which
//! trading day, what stands in the way.

use super::form::{Form, boxes, check, text};
use super::{Room, part};
use crate::Zone;
use crate::format::{day_clock, phase_name, plural, short_id, usual_sentence};
use crate::part::Part;
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
pub(super) fn form(room: &Room, action: &str) -> Option<Part> {
    let form = match action {
        "run" => run(room),
        "import" => import(room),
        "indicators" => indicators(room),
        "patterns" => patterns(room),
        "retry" => retry(room),
        _ => return None,
    };
    Some(part(form.title, form.view(room)))
}

fn run(room: &Room) -> Form {
    let phases = Phase::ALL.map(|phase| (phase.wire_name(), phase_name(phase)));
    let all: Vec<&str> = phases.iter().map(|(name, _)| *name).collect();
    // From a run that failed: from the failed phase on, as its page links here.
    let universes = universes(room);
    Form {
        title: "Run now",
        action: "/api/console/run",
        button: "Run now",
        done: "TickStockPL accepted to run.",
        preview: trading_day(room)
            .into_iter()
            .chain([expected_end(room)])
            .collect(),
        warnings: no_session(room),
        blocked: active(room),
        fields: view! {
            {boxes(room, "phases", "Phases", &phases, &all)}
            {text(
                room,
                "universe",
                "Universe",
                "Empty: TickStockPL's own choice, as in its schedule.",
                &universes,
            )}
            {check(
                room,
                "skip_market_check",
                "Skip the market check: run even when the market is closed",
                false,
            )}
        }
        .into_any(),
    }
}

fn import(room: &Room) -> Form {
    Form {
        title: "Import prices",
        action: "/api/console/import",
        button: "Import",
        done: "TickStockPL accepted to import.",
        preview: trading_day(room),
        warnings: active(room).into_iter().collect(),
        blocked: None,
        fields: view! {
            {text(
                room,
                "universes",
                "Universes",
                "One or several, such as sp500, nasdaq100.",
                &universes(room),
            )}
            {boxes(room, "timeframes", "Timeframes", &TIMEFRAMES, &["daily", "weekly"])}
            {text(room, "lookback_days", "Days to look back", "1 to 3,650. Empty: 30.", &[])}
        }
        .into_any(),
    }
}

fn indicators(room: &Room) -> Form {
    let known: Vec<String> = room
        .data
        .snapshot
        .state
        .run
        .iter()
        .flat_map(|run| run.by_indicator.keys().cloned())
        .collect();
    Form {
        title: "Calculate indicators",
        action: "/api/console/indicators",
        button: "Calculate",
        done: "TickStockPL accepted to calculate indicators.",
        preview: trading_day(room),
        warnings: active(room).into_iter().collect(),
        blocked: None,
        fields: view! {
            {text(room, "symbols", "Symbols", "Such as AAPL, BRK.B. Empty: all.", &[])}
            {text(room, "indicators", "Indicators", "Such as rsi, macd. Empty: all.", &known)}
            {text(room, "timeframe", "Timeframe", "Empty: daily.", &timeframes())}
        }
        .into_any(),
    }
}

fn patterns(room: &Room) -> Form {
    let known: Vec<String> = room
        .data
        .snapshot
        .state
        .run
        .iter()
        .flat_map(|run| run.by_pattern.keys().cloned())
        .collect();
    Form {
        title: "Detect patterns",
        action: "/api/console/patterns",
        button: "Detect",
        done: "TickStockPL accepted to look for patterns.",
        preview: trading_day(room),
        warnings: active(room).into_iter().collect(),
        blocked: None,
        fields: view! {
            {text(room, "symbols", "Symbols", "Such as AAPL, BRK.B. Empty: all.", &[])}
            {text(room, "patterns", "Patterns", "Such as Doji, Hammer. Empty: all.", &known)}
            {text(room, "timeframe", "Timeframe", "Empty: daily.", &timeframes())}
        }
        .into_any(),
    }
}

fn retry(room: &Room) -> Form {
    let run = room.data.snapshot.state.run.as_ref();
    let failed = run.and_then(Run::failed_count).unwrap_or(0);
    let blocked = match run {
        None => Some("No run is known whose imports could be repeated.".to_owned()),
        Some(_) if failed == 0 => Some(
            "No symbol failed in the run that is shown: there is nothing to repeat.".to_owned(),
        ),
        Some(_) => active(room),
    };
    let about = run.map(|run| ("Run", short_id(&run.id)));
    let names = run
        .map(|run| named(&run.failed_symbols))
        .filter(|names| !names.is_empty());
    let preview = about
        .into_iter()
        .chain([("Failed", plural(failed, "symbol", "symbols"))]);
    Form {
        title: "Retry failed imports",
        action: "/api/console/retry",
        button: "Retry",
        done: "TickStockPL accepted to repeat the imports.",
        preview: preview
            .chain(names.map(|names| ("Such as", names)))
            .collect(),
        warnings: Vec::new(),
        blocked,
        fields: view! {
            <input type="hidden" name="run_id" value=run.map(|run| run.id.to_string()) />
            {text(room, "symbols", "Symbols", "Empty: all that failed.", &[])}
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
fn trading_day(room: &Room) -> Vec<(&'static str, String)> {
    let Some(market) = room.backend.market() else {
        return Vec::new();
    };
    let (now, zone) = (room.data.snapshot.at, &room.data.zone);
    let today = crate::format::date(now, &room.backend.exchange());
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
fn expected_end(room: &Room) -> (&'static str, String) {
    let phases: Vec<Phase> = room
        .asked
        .all("phases")
        .into_iter()
        .filter_map(Phase::parse)
        .collect();
    let universe: Vec<String> = room.asked.text("universe").into_iter().collect();
    let words = expected_end_in_words(
        &room.data.snapshot.state,
        &phases,
        &universe,
        room.data.snapshot.at,
        &room.data.zone,
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
fn no_session(room: &Room) -> Vec<String> {
    let closed = room
        .backend
        .market()
        .filter(|market| market.session.is_none());
    let said = |market: crate::ports::Market| {
        format!(
            "The exchange has no session today ({}). With the market check TickStockPL may not run.",
            market.why
        )
    };
    closed.map(said).into_iter().collect()
}

fn active(room: &Room) -> Option<String> {
    let state = &room.data.snapshot.state;
    let run = state.run.as_ref().filter(|run| run.is_active())?;
    let since = run.started_at.map(|at| {
        format!(
            " since {}",
            day_clock(at, room.data.snapshot.at, &room.data.zone)
        )
    });
    let since = since.unwrap_or_default();
    Some(if run.status == RunStatus::Cancelling {
        format!("A run is being cancelled, active{since}.")
    } else {
        format!("A run is active{since}: {}.", short_id(&run.id))
    })
}

/// Universes that are known by name, for suggestions.
fn universes(room: &Room) -> Vec<String> {
    let state = &room.data.snapshot.state;
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
