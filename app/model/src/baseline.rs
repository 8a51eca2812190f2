//! Usual durations of runs and of their phases, from earlier comparable runs.
//!
//! Everything that says how long a run usually takes, and everything that weighs phases, reads the
//! baselines of the state; [`baselines`] is the only place that computes them. Runs are comparable
//! if they ended well, had the same phases of the same universes, and were about a similar number
//! of symbols ([`is_similar_count`]).

use crate::run::DOCUMENTED_SECONDS;
use crate::{PhaseStatus, Run, RunStatus, RunSummary, Schedule, limits};
use contract::frame::{Baseline, Baselines, ComparableKey};
use contract::{Phase, Timestamp};
use std::collections::BTreeMap;

/// Fewer comparable runs are chance: they give no baseline.
pub const MIN_SAMPLE_SIZE: usize = 5;
/// The newest comparable runs that a baseline is computed from.
pub const MAX_SAMPLE_SIZE: usize = 20;

/// Share of a run's duration that its phases must add up to. A run of which less is known was not
/// followed from its beginning: phases that it seems not to have may only have been missed.
const MIN_PHASE_COVERAGE: f64 = 0.5;

/// A recorded run as a candidate for baselines.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSample {
    /// How the run ended.
    pub status: RunStatus,
    /// Universes that its symbols came from, in any order.
    pub universes: Vec<String>,
    /// Number of symbols that the run was about.
    pub symbols: Option<u64>,
    /// Start, where it is known.
    pub started_at: Option<Timestamp>,
    /// End, where it is known.
    pub ended_at: Option<Timestamp>,
    /// Duration as TickStockPL reported it.
    pub duration_seconds: Option<f64>,
    /// Each phase with the seconds that it took.
    pub phases: Vec<(Phase, PhaseStatus, Option<f64>)>,
}

impl RunSample {
    /// Whether the run counts in baselines at all.
    pub fn is_usable(&self) -> bool {
        self.seconds().is_some()
    }

    /// Duration of the run; `None` where the run is not usable.
    fn seconds(&self) -> Option<f64> {
        let ended_before_start = self
            .started_at
            .zip(self.ended_at)
            .is_some_and(|(start, end)| end < start);
        let complete = self.phases.iter().all(|(_, status, seconds)| match status {
            PhaseStatus::Done => {
                seconds.is_some_and(|seconds| seconds.is_finite() && seconds >= 0.0)
            }
            status => *status == PhaseStatus::Skipped,
        });
        if !self.status.is_success() || ended_before_start || !complete {
            return None;
        }
        let from_start_to_end = || Some(self.ended_at?.since(self.started_at?) as f64 / 1000.0);
        let seconds = self.duration_seconds.or_else(from_start_to_end)?;
        let in_phases: f64 = self.timed_phases().map(|(_, seconds)| seconds).sum();
        (seconds.is_finite() && seconds > 0.0 && in_phases >= seconds * MIN_PHASE_COVERAGE)
            .then_some(seconds)
    }

    fn timed_phases(&self) -> impl Iterator<Item = (Phase, f64)> + '_ {
        let done = self
            .phases
            .iter()
            .filter(|(_, status, _)| *status == PhaseStatus::Done);
        done.filter_map(|(phase, _, seconds)| Some((*phase, (*seconds)?)))
    }

    fn key(&self) -> ComparableKey {
        comparable_key(&self.universes, self.timed_phases().map(|(phase, _)| phase))
    }
}

impl From<&Run> for RunSample {
    fn from(run: &Run) -> Self {
        let phase = |phase: Phase| {
            let state = run.phase(phase);
            // A planned phase that never began was missed, not left out.
            let missed = state.status == PhaseStatus::Skipped && run.planned.contains(&phase);
            let status = if missed {
                PhaseStatus::Waiting
            } else {
                state.status
            };
            (phase, status, state.seconds(run.heard_at))
        };
        RunSample {
            status: run.status,
            universes: run.universes.clone(),
            symbols: run.symbols_total,
            started_at: run.started_at,
            ended_at: run.ended_at,
            duration_seconds: RunSummary::from(run).seconds(),
            phases: Phase::ALL.map(phase).into(),
        }
    }
}

/// Computes the baselines of every group of comparable runs among `samples`, which come newest
/// first. The largest group is the last one; groups with too few runs are included, without a
/// baseline.
pub fn baselines(samples: &[RunSample]) -> Vec<Baselines> {
    let mut groups: BTreeMap<ComparableKey, Vec<(&RunSample, f64)>> = BTreeMap::new();
    for (sample, seconds) in samples
        .iter()
        .filter_map(|sample| Some((sample, sample.seconds()?)))
    {
        let group = groups.entry(sample.key()).or_default();
        if group.len() < MAX_SAMPLE_SIZE {
            group.push((sample, seconds));
        }
    }
    let mut all: Vec<_> = groups
        .into_iter()
        .map(|(key, group)| baselines_of_group(key, group))
        .collect();
    all.sort_by_key(|group| group.run.map_or(0, |run| run.sample_size));
    all
}

/// The baselines of runs with the same key. Their median number of symbols is what the run in
/// question is held against, too, so that a run of a few symbols neither counts here nor is
/// measured by this.
fn baselines_of_group(key: ComparableKey, mut group: Vec<(&RunSample, f64)>) -> Baselines {
    let mut counts: Vec<f64> = group
        .iter()
        .filter_map(|(sample, _)| Some(sample.symbols? as f64))
        .collect();
    counts.sort_by(f64::total_cmp);
    let symbols = percentile(&counts, 0.5).map(|median| median as u64);
    group.retain(|(sample, _)| is_similar_count(sample.symbols, symbols));
    let of_phase = |phase: Phase| {
        let seconds = group.iter().flat_map(|(sample, _)| sample.timed_phases());
        let seconds = seconds
            .filter(|(known, _)| *known == phase)
            .map(|(_, seconds)| seconds)
            .collect();
        Some((phase, baseline(seconds)?))
    };
    Baselines {
        symbols,
        run: baseline(group.iter().map(|(_, seconds)| *seconds).collect()),
        phases: key.phases.iter().copied().filter_map(of_phase).collect(),
        key,
    }
}

/// The percentiles of some durations; `None` where there are fewer than [`MIN_SAMPLE_SIZE`].
fn baseline(mut seconds: Vec<f64>) -> Option<Baseline> {
    seconds.sort_by(f64::total_cmp);
    let at = |share| percentile(&seconds, share);
    let sample_size = seconds.len() as u64;
    Some(Baseline {
        sample_size,
        p10_seconds: at(0.1)?,
        p50_seconds: at(0.5)?,
        p90_seconds: at(0.9)?,
    })
    .filter(is_valid)
}

/// The value below which `share` of the sorted values lie, interpolated between two of them.
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share * sorted.len().saturating_sub(1) as f64;
    let (low, high) = (
        sorted.get(position.floor() as usize)?,
        sorted.get(position.ceil() as usize)?,
    );
    Some(low + (high - low) * position.fract())
}

/// Whether a baseline comes from enough runs, and can be a duration.
pub(crate) fn is_valid(baseline: &Baseline) -> bool {
    let Baseline {
        sample_size,
        p10_seconds,
        p50_seconds,
        p90_seconds,
    } = *baseline;
    let ordered = 0.0 <= p10_seconds && p10_seconds <= p50_seconds && p50_seconds <= p90_seconds;
    sample_size >= MIN_SAMPLE_SIZE as u64 && ordered && p50_seconds > 0.0 && p90_seconds.is_finite()
}

/// Whether two runs are about a similar number of symbols: neither more than twice the other, where
/// both are known.
fn is_similar_count(one: Option<u64>, other: Option<u64>) -> bool {
    one.zip(other)
        .is_none_or(|(one, other)| one <= other.saturating_mul(2) && other <= one.saturating_mul(2))
}

/// The key of runs of these universes, in whatever order they are named, with these phases.
pub fn comparable_key(
    universes: &[String],
    phases: impl IntoIterator<Item = Phase>,
) -> ComparableKey {
    let mut phases: Vec<Phase> = phases.into_iter().collect();
    phases.sort_unstable();
    phases.dedup();
    let mut names: Vec<&str> = universes
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    let universes =
        contract::truncate_text(&names.join(","), limits::UNIVERSE_KEY_BYTES).to_owned();
    ComparableKey { universes, phases }
}

/// The universes of a run for which none are asked: those of the schedule, else those of the run
/// that is shown.
pub fn default_universes<'a>(
    schedule: Option<&'a Schedule>,
    shown: Option<&'a Run>,
) -> &'a [String] {
    let scheduled = schedule
        .map(|schedule| schedule.universes.as_slice())
        .filter(|names| !names.is_empty());
    scheduled
        .or(shown.map(|run| run.universes.as_slice()))
        .unwrap_or_default()
}

/// The baselines among `known` that a run is measured by.
pub fn baseline_for<'a>(known: &'a [Baselines], run: &Run) -> Option<&'a Baselines> {
    find(
        known,
        &comparable_key(&run.universes, run.included_phases()),
        run.symbols_total,
    )
}

/// As [`baseline_for`], for a run that has not begun; `symbols` is its number of symbols, where it
/// is known.
pub fn baseline_for_parameters<'a>(
    known: &'a [Baselines],
    universes: &[String],
    phases: &[Phase],
    symbols: Option<u64>,
) -> Option<&'a Baselines> {
    find(
        known,
        &comparable_key(universes, phases.iter().copied()),
        symbols,
    )
}

fn find<'a>(
    known: &'a [Baselines],
    key: &ComparableKey,
    symbols: Option<u64>,
) -> Option<&'a Baselines> {
    known
        .iter()
        .find(|known| known.key == *key && is_similar_count(known.symbols, symbols))
}

/// Weights of the phases: their usual seconds. A phase without a baseline weighs what it does in
/// the documents, relative to the phases that have one.
pub(crate) fn shares(baselines: &Baselines) -> [f64; 4] {
    let known = Phase::ALL.map(|phase| baselines.phase(phase).map(|usual| usual.p50_seconds));
    let pairs = || {
        known
            .iter()
            .zip(DOCUMENTED_SECONDS)
            .filter_map(|(known, documented)| Some((*known.as_ref()?, documented)))
    };
    let (seconds, documented) = pairs().fold((0.0, 0.0), |(a, b), (seconds, documented)| {
        (a + seconds, b + documented)
    });
    let scale = if documented > 0.0 {
        seconds / documented
    } else {
        1.0
    };
    let mut shares = DOCUMENTED_SECONDS.map(|seconds| seconds * scale);
    for (share, known) in shares.iter_mut().zip(known) {
        *share = known.unwrap_or(*share);
    }
    shares
}
