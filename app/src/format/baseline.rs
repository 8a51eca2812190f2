//! Usual durations in words. Views take both the baseline and its words from one place, so that no
//! two of them differ.

use super::number::{NBSP, duration};
use super::words::phase_word;
use contract::Phase;
use contract::frame::{Baseline, Baselines};

/// Universes that are named.
const NAMED: usize = 3;

/// `Full runs of sp500 usually take 35 min (33 to 39 min in eight of ten).`
pub(crate) fn usual_sentence(baselines: Option<&Baselines>) -> String {
    match baselines.and_then(|baselines| Some((baselines, baselines.run?))) {
        Some((baselines, run)) => {
            format!("{} usually take {}.", kind(baselines), usual_duration(&run))
        }
        None => "Usual duration not known yet.".to_owned(),
    }
}

/// `35 min (33 to 39 min in eight of ten)`
fn usual_duration(usual: &Baseline) -> String {
    let (mut low, high) = (duration(usual.p10_seconds), duration(usual.p90_seconds));
    if low == high {
        return duration(usual.p50_seconds);
    }
    // "33 to 39 min", not "33 min to 39 min".
    if let (Some((number, unit)), Some((_, other))) = (low.split_once(NBSP), high.split_once(NBSP))
        && unit == other
    {
        low = number.to_owned();
    }
    format!(
        "{} ({low} to {high} in eight of ten)",
        duration(usual.p50_seconds)
    )
}

/// `Full runs of sp500`, `Runs with import and indicators of etf, sp500`
fn kind(baselines: &Baselines) -> String {
    let words: Vec<_> = baselines
        .key
        .phases
        .iter()
        .map(|phase| phase_word(*phase))
        .collect();
    let runs = match words.as_slice() {
        all if all.len() == Phase::ALL.len() => "Full runs".to_owned(),
        [one] => format!("Runs with {one} only"),
        [most @ .., last] => format!("Runs with {} and {last}", most.join(", ")),
        [] => "Runs".to_owned(),
    };
    let universes: Vec<_> = baselines
        .key
        .universes
        .split(',')
        .filter(|name| !name.is_empty())
        .collect();
    match universes.len() {
        0 => runs,
        1..=NAMED => format!("{runs} of {}", universes.join(", ")),
        _ => format!("{runs} of {} and others", universes[..NAMED].join(", ")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use contract::frame::ComparableKey;

    /// Baselines of full runs of the S&P 500, of about 35 minutes.
    pub(crate) fn full_runs() -> Baselines {
        let about = |seconds: f64| Baseline {
            sample_size: 9,
            p10_seconds: seconds * 0.9,
            p50_seconds: seconds,
            p90_seconds: seconds * 1.2,
        };
        Baselines {
            key: ComparableKey {
                universes: "sp500".to_owned(),
                phases: Phase::ALL.into(),
            },
            symbols: Some(505),
            run: Some(about(2100.0)),
            phases: Phase::ALL
                .into_iter()
                .zip([840.0, 120.0, 660.0, 480.0].map(about))
                .collect(),
        }
    }

    fn usual(baselines: &Baselines) -> String {
        usual_sentence(Some(baselines)).replace(NBSP, " ")
    }

    #[test]
    fn the_sentence_names_which_runs_it_is_about() {
        let mut of = full_runs();
        assert_eq!(
            usual(&of),
            "Full runs of sp500 usually take 35 min (32 to 42 min in eight of ten)."
        );
        of.key.phases.truncate(3);
        of.key.universes = "a,b,c,d".to_owned();
        assert!(usual(&of).starts_with(
            "Runs with import, cache sync and indicators of a, b, c and others usually"
        ));
        of.key.phases.truncate(1);
        of.key.universes.clear();
        of.run = Some(Baseline {
            sample_size: 9,
            p10_seconds: 19.0,
            p50_seconds: 19.2,
            p90_seconds: 19.4,
        });
        assert_eq!(usual(&of), "Runs with import only usually take 19 s.");
        of.run = Some(Baseline {
            p90_seconds: 75.0,
            ..of.run.unwrap()
        });
        assert_eq!(
            usual(&of),
            "Runs with import only usually take 19 s (19 s to 1 min 15 s in eight of ten)."
        );
    }

    #[test]
    fn an_unknown_duration_is_said_to_be_unknown() {
        assert_eq!(usual_sentence(None), "Usual duration not known yet.");
        assert_eq!(
            usual_sentence(Some(&Baselines {
                run: None,
                ..full_runs()
            })),
            usual_sentence(None)
        );
    }
}
