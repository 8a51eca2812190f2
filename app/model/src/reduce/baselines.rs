//! Usual durations that were computed again, and what the phases of the active run weigh by them.

use crate::baseline::{baseline_for, baseline_for_parameters, is_valid, shares};
use crate::run::DOCUMENTED_SECONDS;
use crate::{Changes, Run, State, limits};
use contract::Phase;
use contract::frame::Baselines;

impl State {
    /// As [`baseline_for`], among those of the state.
    pub fn baseline_for(&self, run: &Run) -> Option<&Baselines> {
        baseline_for(&self.baselines, run)
    }

    /// As [`baseline_for_parameters`], among those of the state.
    pub fn baseline_for_parameters(
        &self,
        universes: &[String],
        phases: &[Phase],
        symbols: Option<u64>,
    ) -> Option<&Baselines> {
        baseline_for_parameters(&self.baselines, universes, phases, symbols)
    }

    /// Replaces the baselines of their key; the key that was updated longest ago makes budget for a
    /// new one.
    pub(crate) fn update_baselines(&mut self, baselines: &Baselines) -> Changes {
        let mut learnt = baselines.clone();
        learnt.key.universes =
            contract::truncate_text(&learnt.key.universes, limits::UNIVERSE_KEY_BYTES).to_owned();
        learnt.key.phases.truncate(Phase::ALL.len());
        learnt.run = learnt.run.filter(is_valid);
        learnt.phases.retain(|(_, baseline)| is_valid(baseline));
        learnt.phases.truncate(Phase::ALL.len());
        if self.baselines.contains(&learnt) {
            return Changes::NONE;
        }
        let before = self.baselines.len();
        self.baselines.retain(|known| known.key != learnt.key);
        if learnt.run.is_some() || !learnt.phases.is_empty() {
            if self.baselines.len() == limits::BASELINES {
                self.baselines.remove(0);
            }
            self.baselines.push(learnt);
        } else if self.baselines.len() == before {
            return Changes::NONE;
        }
        self.update_shares();
        Changes::BASELINES
    }

    /// Weighs the phases of the active run by its baselines.
    pub(crate) fn update_shares(&mut self) {
        let Some(run) = self.active() else { return };
        let shares = self.baseline_for(run).map_or(DOCUMENTED_SECONDS, shares);
        if let Some(run) = self.run.as_mut().filter(|run| run.shares != shares) {
            run.shares = shares;
            run.update_percent(None);
            self.also_changed |= Changes::RUN_AND_PHASES;
        }
    }
}
