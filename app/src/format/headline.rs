//! The one sentence that says what is going on, and the title of the tab. They say nothing that the
//! data does not hold.

use super::number::{NBSP, duration, minutes, percent, plural};
use super::pace::Pace;
use super::time::{day_clock, from_now};
use super::words::{phase_name, phase_word, sentence};
use crate::Zone;
use contract::frame::Baselines;
use contract::{Phase, Timestamp};
use model::{Links, PhaseStatus, Run, RunStatus, RunSummary, Schedule};

/// The facts that the headline is made of.
pub(crate) struct Situation<'a> {
    /// The run that is shown.
    pub(crate) run: Option<&'a Run>,
    /// The latest of the earlier runs.
    pub(crate) last: Option<&'a RunSummary>,
    /// Usual durations of such a run.
    pub(crate) usual: Option<&'a Baselines>,
    /// TickStockPL's schedule.
    pub(crate) schedule: Option<&'a Schedule>,
    /// The relay's links.
    pub(crate) links: &'a Links,
    /// True if the stream is open.
    pub(crate) live: bool,
    /// The relay's clock.
    pub(crate) now: Timestamp,
    /// The exchange's zone.
    pub(crate) zone: &'a Zone,
}

/// The sentence.
pub(crate) fn headline(s: &Situation<'_>) -> String {
    let sentence = match (s.run, s.last) {
        (Some(run), _) if run.is_active() => going_on(run, s),
        (Some(run), _) => ended(run, s),
        (None, Some(last)) => idle_after(last, s),
        (None, None) if s.links.api.up => format!("Idle. No runs yet.{}", next(s)),
        (None, None) if s.links.api.since.is_none() => "Connecting to TickStockPL.".to_owned(),
        (None, None) => {
            "No runs yet. TickStockPL has not reported whether one is active.".to_owned()
        }
    };
    let unreachable = s.links.redis.since.is_some() && !s.links.redis.up && !s.links.api.up;
    if !s.live || (unreachable && (s.run.is_some() || s.last.is_some())) {
        format!("Last known: {sentence}")
    } else {
        sentence
    }
}

/// The tab's title.
pub(crate) fn page_title(run: Option<&Run>, live: bool) -> String {
    let state = match run {
        Some(run) if run.status == RunStatus::Running => match run.current_phase() {
            Some(phase) => format!("{} {}", percent(run.percent), phase_name(phase)),
            None => format!("{} Running", percent(run.percent)),
        },
        Some(run) => run.status.word().to_owned(),
        None => "Daily processing".to_owned(),
    };
    if live {
        format!("{state} · TickStock")
    } else {
        format!("Paused: {state} · TickStock")
    }
}

fn going_on(run: &Run, s: &Situation<'_>) -> String {
    let phase = run.current_phase();
    let done = format!("{}{NBSP}done", percent(run.percent));
    let begun = run
        .phases
        .iter()
        .any(|phase| !matches!(phase.status, PhaseStatus::Waiting | PhaseStatus::Skipped));
    let doing = match (phase, &run.activity) {
        (Some(phase), _) => format!(
            "{}, {}; the run is {done}",
            phase_name(phase),
            place(run, phase)
        ),
        (None, Some(activity)) => format!("{}, {done}", capitalised(&activity.replace('_', " "))),
        (None, None) if begun || run.percent > 0.0 => format!("Between two phases, {done}"),
        (None, None) if run.started_at.is_some() => {
            "Run started, waiting for the first phase".to_owned()
        }
        (None, None) if run.id_unknown => {
            "A run is active; TickStockPL reports neither its id nor its phase".to_owned()
        }
        (None, None) => "A run is active; TickStockPL has not reported its phase".to_owned(),
    };
    if run.status == RunStatus::Cancelling {
        return match overdue_cancel(run, s.now) {
            Some(seconds) => format!(
                "Cancelling for {}. TickStockPL accepted the request but has not stopped the run. You can cancel again.",
                minutes(seconds)
            ),
            None => format!("Cancelling. {doing}."),
        };
    }
    if let Some(seconds) = silent_for(run, s.now) {
        return format!("{doing}. No event for {}.", minutes(seconds));
    }
    if let Some(since) = run.pace.missing_since {
        let since = day_clock(since, s.now, s.zone);
        return format!(
            "{doing}. No events from Redis since {since}; progress is polled from the API."
        );
    }
    // Against the usual it is said how much later, and not how far: the bar below does that.
    let usual = s
        .usual
        .and_then(|usual| Pace::of(run, usual, s.now))
        .filter(|_| begun);
    if let (Some(pace), Some(phase)) = (usual, phase) {
        let (name, place) = (phase_name(phase), place(run, phase));
        return format!(
            "{name}, {place}, {}, {}.",
            pace.words(),
            pace.expected(s.now, s.zone)
        );
    }
    match run.estimated_completion {
        Some(at) if at > s.now => format!("{doing}, expected {}.", day_clock(at, s.now, s.zone)),
        Some(at) => format!(
            "{doing}. It was expected by {}.",
            day_clock(at, s.now, s.zone)
        ),
        None => format!("{doing}."),
    }
}

/// A cancelled run should stop within this time.
const CANCEL_SECONDS: f64 = 120.0;

/// For how many seconds a run has been cancelling, where that is longer than it should take.
pub(crate) fn overdue_cancel(run: &Run, now: Timestamp) -> Option<f64> {
    let seconds = now.since(run.cancelling_since?) as f64 / 1000.0;
    (run.status == RunStatus::Cancelling && seconds > CANCEL_SECONDS).then_some(seconds)
}

/// For how many seconds no event of an active run came, where that is longer than its pace makes
/// plausible.
pub(crate) fn silent_for(run: &Run, now: Timestamp) -> Option<f64> {
    let since = run.pace.last_at.unwrap_or(run.heard_at);
    (run.is_active() && run.pace.silent).then(|| now.since(since) as f64 / 1000.0)
}

/// `phase 3 of 4`, among the phases that this run has.
fn place(run: &Run, phase: Phase) -> String {
    let own: Vec<Phase> = run.included_phases().collect();
    let at = own
        .iter()
        .position(|own| *own == phase)
        .map_or(1, |index| index + 1);
    format!("phase{NBSP}{at}{NBSP}of{NBSP}{}", own.len())
}

fn ended(run: &Run, s: &Situation<'_>) -> String {
    let when = run
        .ended_at
        .map(|at| format!(" at {}", day_clock(at, s.now, s.zone)))
        .unwrap_or_default();
    match run.status {
        RunStatus::Failed => {
            let failed = Phase::ALL
                .into_iter()
                .find(|phase| run.phase(*phase).status == PhaseStatus::Failed);
            let phase = failed
                .map(|phase| format!(" in {}", phase_word(phase)))
                .unwrap_or_default();
            let why = run
                .message
                .as_deref()
                .map(|text| format!(": {}", sentence(text, 140)))
                .unwrap_or_default();
            format!("The last run failed{phase}{when}{why}.")
        }
        RunStatus::Cancelled => {
            format!(
                "The last run was cancelled{when}, {}{NBSP}done.{}",
                percent(run.percent),
                next(s)
            )
        }
        RunStatus::OutcomeUnknown => {
            let why = run
                .message
                .as_deref()
                .map(|text| format!(" ({})", sentence(text, 140)))
                .unwrap_or_default();
            let word = reported(run.outcome_word.as_deref());
            format!(
                "The last run ended{when}, outcome unknown{word}{why}.{}",
                next(s)
            )
        }
        RunStatus::Lost => format!("Lost. TickStockPL has no record of this run.{}", next(s)),
        RunStatus::Superseded => {
            format!(
                "The last run was superseded: another started before its end was reported.{}",
                next(s)
            )
        }
        _ => idle_after(&RunSummary::from(run), s),
    }
}

/// `: TickStockPL reported "timeout"`
pub(crate) fn reported(word: Option<&str>) -> String {
    word.map(|word| format!(": TickStockPL reported \"{}\"", sentence(word, 64)))
        .unwrap_or_default()
}

fn idle_after(last: &RunSummary, s: &Situation<'_>) -> String {
    let how = last.status.predicate();
    let took = match last.seconds() {
        Some(seconds) if last.status.is_success() => format!(" in {}", duration(seconds)),
        Some(seconds) => format!(" after {}", duration(seconds)),
        None => String::new(),
    };
    let failed = last.failed.filter(|n| *n > 0 && last.status.is_success());
    let failed = failed
        .map(|n| format!("; {} failed", plural(n, "symbol", "symbols")))
        .unwrap_or_default();
    // A run that began before this console did, while the API does not answer, would not be known.
    let known = s.run.is_some() || s.links.api.up;
    let idle = if known {
        "Idle. Last run"
    } else {
        "No known active run. Last run"
    };
    format!("{idle} {how}{took}{failed}.{}", next(s))
}

/// When the next run starts, where TickStockPL said so.
fn next(s: &Situation<'_>) -> String {
    let Some(schedule) = s.schedule else {
        return String::new();
    };
    match schedule.next_run.filter(|at| *at > s.now) {
        _ if schedule.enabled == Some(false) => " The schedule is off.".to_owned(),
        Some(at) => format!(
            " Next: {}, {}.",
            day_clock(at, s.now, s.zone),
            from_now(at, s.now)
        ),
        None => String::new(),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| {
            [first.to_ascii_uppercase()]
                .into_iter()
                .chain(letters)
                .collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::time::tests::new_york;
    use super::*;
    use contract::frame::{Frame, Input};
    use model::State;

    const START: Timestamp = Timestamp(1_764_018_600_000); // Mon 24 Nov 2025, 16:10 in New York.

    /// The state after `messages`, each of them a second after the one before.
    fn state(messages: &[(&str, &str)]) -> State {
        let mut state = State::default();
        state.links.api.up = true;
        for (index, (channel, text)) in messages.iter().enumerate() {
            let channel =
                contract::Channel::from_wire_name(&format!("tickstock:{channel}")).unwrap();
            let event = contract::decode(channel, text.as_bytes()).unwrap();
            let at = START.plus_ms(index as i64 * 1000);
            state.apply(&Frame {
                seq: index as u64 + 1,
                at,
                inputs: vec![Input::Event(event)],
            });
        }
        state
    }

    fn headline_of(state: &State, live: bool) -> String {
        let zone = new_york();
        let situation = Situation {
            run: state.run.as_ref(),
            last: state.earlier.first(),
            usual: None,
            schedule: state.schedule.as_ref(),
            links: &state.links,
            live,
            now: START.plus_ms(60_000),
            zone: &zone,
        };
        headline(&situation).replace(NBSP, " ")
    }

    const STARTED: (&str, &str) = (
        "processing:status",
        r#"{"event":"processing_started","payload":{"run_id":"r"}}"#,
    );
    const INDICATORS: (&str, &str) = (
        "indicators:progress",
        r#"{"event":"indicator_progress","payload":{"run_id":"r","completed_symbols":50,"total_symbols":100}}"#,
    );

    #[test]
    fn a_run_is_said_with_its_phase_and_how_far_it_is() {
        let running = state(&[STARTED, INDICATORS]);
        assert_eq!(
            headline_of(&running, true),
            "Indicators, phase 3 of 4; the run is 16 % done."
        );
        assert_eq!(
            headline_of(&running, false),
            "Last known: Indicators, phase 3 of 4; the run is 16 % done."
        );
        assert_eq!(
            page_title(running.run.as_ref(), true).replace(NBSP, " "),
            "16 % Indicators · TickStock"
        );
    }

    #[test]
    fn each_end_has_its_own_sentence() {
        let end = |name: &str, more: &str| {
            let text = format!(
                r#"{{"event":"processing_{name}","payload":{{"run_id":"r","duration_seconds":2100{more}}}}}"#
            );
            headline_of(
                &state(&[STARTED, INDICATORS, ("processing:status", &text)]),
                true,
            )
        };
        assert_eq!(end("completed", ""), "Idle. Last run succeeded in 35 min.");
        assert_eq!(
            end("cancelled", ""),
            "The last run was cancelled at 16:10 EST, 16 % done."
        );
        assert_eq!(
            end(
                "failed",
                r#","phase":"indicators","error_message":"The database is away.""#
            ),
            "The last run failed in indicators at 16:10 EST: The database is away."
        );
        assert_eq!(
            end("completed", r#","symbols_failed":3"#),
            "Idle. Last run succeeded with warnings in 35 min; 3 symbols failed."
        );
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        assert_eq!(headline_of(&state(&[]), true), "Idle. No runs yet.");
        let mut unheard = state(&[]);
        unheard.links.api.up = false;
        assert_eq!(headline_of(&unheard, true), "Connecting to TickStockPL.");
        unheard.links.api.since = Some(START);
        assert_eq!(
            headline_of(&unheard, true),
            "No runs yet. TickStockPL has not reported whether one is active."
        );
    }

    #[test]
    fn the_next_run_is_said_where_it_is_known() {
        let update = r#"{"event":"schedule_updated","payload":{"schedule":{"enabled":true,"trigger_time":"16:10","next_run":"2025-11-26T21:10:00Z"}}}"#;
        let idle = state(&[("processing:schedule", update)]);
        assert_eq!(
            headline_of(&idle, true),
            "Idle. No runs yet. Next: Wed 16:10 EST, in 2 days."
        );
    }
}
