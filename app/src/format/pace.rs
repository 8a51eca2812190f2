//! A run compared with earlier ones: how far behind or ahead it is, when it should end, the usual
//! progress of each phase by now.

use super::number::{NBSP, duration};
use super::time::{clock, day_clock};
use crate::Zone;
use contract::frame::{Baseline, Baselines};
use contract::{Phase, Timestamp};
use model::{PhaseStatus, Run};

/// Nearer to the usual than this is on time.
const ON_TIME_SECONDS: f64 = 90.0;

/// A run beside the usual one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    /// Seconds later than usual; negative where it is ahead.
    pub(crate) behind_seconds: f64,
    /// When it ends if the rest goes as in one run of ten that are quick.
    pub(crate) earliest: Timestamp,
    /// When it ends if the rest goes as in one run of ten that are slow.
    pub(crate) latest: Timestamp,
}

impl Pace {
    /// None where the start was not seen, or not all of its phases have a baseline.
    pub(crate) fn of(run: &Run, usual: &Baselines, now: Timestamp) -> Option<Pace> {
        let elapsed = now.since(run.started_at?) as f64 / 1000.0;
        let (mut all, mut passed) = (0.0, 0.0);
        for phase in run.included_phases() {
            let seconds = usual.phase(phase)?.p50_seconds;
            let state = run.phase(phase);
            all += seconds;
            passed += seconds
                * if state.status == PhaseStatus::Done {
                    1.0
                } else {
                    state.percent / 100.0
                };
        }
        let rest = (all - passed).max(0.0);
        let part = |of: fn(&Baseline) -> f64| {
            usual
                .run
                .as_ref()
                .map_or(1.0, |whole| of(whole) / whole.p50_seconds)
        };
        let ends = |seconds: f64| now.plus_ms((seconds * 1000.0) as i64);
        Some(Pace {
            behind_seconds: elapsed - passed,
            earliest: ends(rest * part(|whole| whole.p10_seconds).min(1.0)),
            latest: ends(rest * part(|whole| whole.p90_seconds).max(1.0)),
        })
    }

    /// `4 min behind usual`
    pub(crate) fn words(&self) -> String {
        let minutes = duration((self.behind_seconds.abs() / 60.0).round() * 60.0);
        let minutes = minutes
            .split(NBSP)
            .take(2)
            .collect::<Vec<_>>()
            .join("\u{a0}");
        match self.behind_seconds {
            seconds if seconds > ON_TIME_SECONDS => format!("{minutes} behind usual"),
            seconds if seconds < -ON_TIME_SECONDS => format!("{minutes} ahead of usual"),
            _ => "on time".to_owned(),
        }
    }

    /// `expected 16:52 to 17:00 EST`
    pub(crate) fn expected(&self, now: Timestamp, zone: &Zone) -> String {
        let (first, last) = (clock(self.earliest, zone), clock(self.latest, zone));
        if first == last {
            return format!("expected {}", day_clock(self.latest, now, zone));
        }
        // The zone is named once, unless it changes in between.
        let first = match (first.split_once(NBSP), last.split_once(NBSP)) {
            (Some((time, own)), Some((_, other))) if own == other => time.to_owned(),
            _ => first,
        };
        format!("expected {first} to {last}")
    }
}

/// Usual progress of a phase in a run of this age, 0 to 1.
pub(crate) fn usual_place(
    run: &Run,
    usual: &Baselines,
    phase: Phase,
    now: Timestamp,
) -> Option<f64> {
    let mut elapsed = now.since(run.started_at?) as f64 / 1000.0;
    for before in run.included_phases().take_while(|before| *before != phase) {
        elapsed -= usual.phase(before)?.p50_seconds;
    }
    Some((elapsed / usual.phase(phase)?.p50_seconds).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::baseline::tests::full_runs as usual;
    use super::super::time::tests::new_york;
    use super::*;
    use contract::frame::{Frame, Input};
    use model::State;

    /// A run whose import is half done, `minutes` after its start.
    fn half_imported(minutes: i64) -> (Run, Timestamp) {
        let start = Timestamp(1_764_018_600_000);
        let mut state = State::default();
        let messages = [
            (
                "processing:status",
                r#"{"event":"processing_started","payload":{"run_id":"r"}}"#,
            ),
            (
                "import:progress",
                r#"{"event":"import_progress","payload":{"run_id":"r","completed_symbols":50,"total_symbols":100}}"#,
            ),
        ];
        for (index, (channel, text)) in messages.iter().enumerate() {
            let channel =
                contract::Channel::from_wire_name(&format!("tickstock:{channel}")).unwrap();
            let event = contract::decode(channel, text.as_bytes()).unwrap();
            state.apply(&Frame {
                seq: index as u64 + 1,
                at: start,
                inputs: vec![Input::Event(event)],
            });
        }
        (state.run.unwrap(), start.plus_ms(minutes * 60_000))
    }

    #[test]
    fn a_run_is_behind_ahead_or_on_time() {
        let texts = [3, 7, 11].map(|minutes| {
            let (run, now) = half_imported(minutes);
            Pace::of(&run, &usual(), now)
                .unwrap()
                .words()
                .replace(NBSP, " ")
        });
        assert_eq!(
            texts,
            ["4 min ahead of usual", "on time", "4 min behind usual"]
        );
    }

    #[test]
    fn the_end_is_expected_between_a_quick_and_a_slow_rest() {
        let (run, now) = half_imported(7);
        let pace = Pace::of(&run, &usual(), now).unwrap();
        assert_eq!(
            pace.expected(now, &new_york()).replace(NBSP, " "),
            "expected 16:42 to 16:50 EST"
        );
    }

    #[test]
    fn a_phase_has_its_place_only_where_all_before_it_are_known() {
        let (run, now) = half_imported(7);
        let place = |usual: &Baselines, phase| usual_place(&run, usual, phase, now);
        assert_eq!(place(&usual(), Phase::Import), Some(0.5));
        assert_eq!(place(&usual(), Phase::CacheSync), Some(0.0));
        let mut less = usual();
        less.phases.remove(0);
        assert_eq!(place(&less, Phase::CacheSync), None);
        assert_eq!(Pace::of(&run, &less, now), None);
    }
}
