//! Usual times, learnt from earlier runs: what weighs how much in a run's progress.

use crate::{Changes, Run, State, limits};
use contract::Phase;
use contract::frame::{Spread, UsualTimes};

/// Learnt from fewer runs than this, a time is chance.
pub const ENOUGH_RUNS: u64 = 5;

/// The seconds that a phase takes in TickStockPL's documents: 14, 2, 11 and 8 of 35 minutes.
pub(crate) const DOCUMENTED_SECONDS: [f64; 4] = [840.0, 120.0, 660.0, 480.0];

/// What the usual times of runs of several universes are kept under: their names in order, with commas.
pub fn universe_key(universes: &[String]) -> Option<String> {
    let mut names: Vec<&str> = universes.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| contract::cut(&names.join(","), limits::UNIVERSE_KEY_BYTES).to_owned())
}

/// The usual times among `known` for a run of these universes: their own if enough of their runs are known, else those of all
/// runs.
pub fn usual_of<'a>(known: &'a [UsualTimes], universes: &[String]) -> Option<&'a UsualTimes> {
    let of = |universe: Option<&str>| known.iter().find(|usual| usual.universe.as_deref() == universe);
    let own = universe_key(universes).and_then(|key| of(Some(&key)));
    own.filter(|usual| Phase::ALL.into_iter().any(|phase| learnt(usual, phase).is_some())).or_else(|| of(None))
}

/// The seconds that a phase usually takes, where enough runs tell.
pub fn usual_seconds(usual: &UsualTimes, phase: Phase) -> Option<f64> {
    learnt(usual, phase)
}

impl State {
    /// The usual times for a run of these universes, as [`usual_of`].
    pub fn usual_times(&self, universes: &[String]) -> Option<&UsualTimes> {
        usual_of(&self.usual, universes)
    }

    pub(crate) fn learn(&mut self, usual: &UsualTimes) -> Changes {
        let mut usual = usual.clone();
        usual.universe = usual.universe.map(|key| contract::cut(&key, limits::UNIVERSE_KEY_BYTES).to_owned());
        usual.phases.truncate(Phase::ALL.len());
        match self.usual.iter_mut().find(|known| known.universe == usual.universe) {
            Some(known) if *known == usual => return Changes::NONE,
            Some(known) => *known = usual,
            None => {
                if self.usual.len() == limits::USUAL {
                    self.usual.remove(0);
                }
                self.usual.push(usual);
            }
        }
        Changes::USUAL | self.weigh()
    }

    /// Gives the phases of the active run the weights that are known for its universes.
    pub(crate) fn weigh(&mut self) -> Changes {
        let Some(run) = self.active() else { return Changes::NONE };
        let shares = self.usual_times(&run.universes).map_or(documented_shares(), shares);
        match &mut self.run {
            Some(run) if run.shares != shares => {
                run.shares = shares;
                run.update_percent(None);
                Changes::RUN_AND_PHASES
            }
            _ => Changes::NONE,
        }
    }
}

/// The weights where nothing was learnt: seconds, by phase.
pub fn documented_shares() -> [f64; 4] {
    DOCUMENTED_SECONDS
}

fn learnt(usual: &UsualTimes, phase: Phase) -> Option<f64> {
    let spread: &Spread = usual.phases.iter().find(|(known, _)| *known == phase).map(|(_, spread)| spread)?;
    let usable = spread.runs >= ENOUGH_RUNS && spread.median_seconds.is_finite() && spread.median_seconds > 0.0;
    usable.then_some(spread.median_seconds)
}

/// What each phase weighs: its usual seconds; where too few runs tell, what it takes in the documents, beside the phases that
/// are known.
fn shares(usual: &UsualTimes) -> [f64; 4] {
    let known = Phase::ALL.map(|phase| learnt(usual, phase));
    let pairs =
        || known.iter().zip(DOCUMENTED_SECONDS).filter_map(|(known, documented)| Some((*known.as_ref()?, documented)));
    let (seconds, documented) = pairs().fold((0.0, 0.0), |(a, b), (seconds, documented)| (a + seconds, b + documented));
    let scale = if documented > 0.0 { seconds / documented } else { 1.0 };
    let mut shares = DOCUMENTED_SECONDS.map(|seconds| seconds * scale);
    for (share, known) in shares.iter_mut().zip(known) {
        *share = known.unwrap_or(*share);
    }
    shares
}

impl Run {
    /// The part of the run that a phase usually takes, 0 to 1; the phases that the run does not have take none.
    pub fn share(&self, phase: Phase) -> f64 {
        let all: f64 = self.own_phases().map(|own| self.shares[own.index()]).sum();
        let own = self.own_phases().any(|own| own == phase);
        if own && all > 0.0 { self.shares[phase.index()] / all } else { 0.0 }
    }
}
