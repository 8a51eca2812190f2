//! Errors of TickStockPL, and who has seen them.

use super::events::RunReference;
use crate::Acknowledged;
use crate::{Changes, ErrorGroup, State, limits};
use contract::{ErrorGroupId, ErrorReport, Phase, RunId, Severity, Timestamp};

impl State {
    pub(crate) fn error(
        &mut self,
        at: Timestamp,
        run_id: Option<RunId>,
        report: &ErrorReport,
    ) -> Changes {
        let message =
            contract::truncate_text(&report.message, limits::ERROR_MESSAGE_BYTES).to_owned();
        let fresh = ErrorGroup::new(at, run_id, report);
        // The group moves to the end: groups stand in the order of their latest error.
        let mut group = match self.errors.iter().position(|known| known.id == fresh.id) {
            Some(index)
                if report.error_id.is_some() && self.errors[index].error_id == report.error_id =>
            {
                return Changes::NONE;
            }
            Some(index) => self.errors.remove(index),
            None => fresh,
        };
        group.add(at, report, message);
        self.errors.push(group);
        if self.errors.len() > limits::ERROR_GROUPS {
            self.errors.remove(0);
        }
        Changes::ERRORS
    }

    pub(crate) fn acknowledge(
        &mut self,
        at: Timestamp,
        id: &ErrorGroupId,
        who: &str,
        seen: Option<u64>,
    ) -> Changes {
        let Some(group) = self
            .errors
            .iter_mut()
            .find(|group| group.id.as_ref() == Some(id))
        else {
            return Changes::NONE;
        };
        let count = seen.unwrap_or(group.count).min(group.count);
        // Who came first stays, unless somebody has seen more.
        if group
            .acknowledged
            .as_ref()
            .is_some_and(|known| known.count >= count)
        {
            return Changes::NONE;
        }
        let by = contract::truncate_text(who.trim(), limits::WHO_BYTES).to_owned();
        group.acknowledged = Some(Acknowledged { by, at, count });
        Changes::ERRORS
    }

    /// An error that names a symbol while the run works on symbols means that this symbol
    /// failed, unless it is no more than a warning or TickStockPL says that it tries again.
    pub(crate) fn record_failed_symbol(
        &mut self,
        at: Timestamp,
        reference: RunReference<'_>,
        report: &ErrorReport,
    ) -> Changes {
        let Some(symbol) = &report.symbol else {
            return Changes::NONE;
        };
        let Some(run) = self.active_run(at, reference) else {
            return Changes::NONE;
        };
        let phase = report
            .phase
            .or(run.current_phase())
            .filter(|phase| *phase != Phase::CacheSync);
        let action = report.recovery_action.as_deref().unwrap_or_default();
        let tries_again =
            report.retry_after_seconds.is_some() || action.to_ascii_lowercase().contains("retry");
        if phase.is_none() || report.severity < Severity::Error || tries_again {
            return Changes::NONE;
        }
        if run.add_failed_symbol(symbol, phase, Some(&report.message)) {
            let id = run.id.clone();
            self.change_of(&id)
        } else {
            Changes::NONE
        }
    }

    /// Gives failed symbols that came without a reason the message of the latest error of their run
    /// that reference them.
    pub(crate) fn add_failure_reasons(&mut self) {
        let State {
            run: Some(run),
            errors,
            ..
        } = self
        else {
            return;
        };
        for index in 0..run.failed_symbols.len() {
            let failure = &run.failed_symbols[index];
            if failure.reason.is_some() {
                continue;
            }
            let symbol = failure.symbol.clone();
            let about = |group: &&ErrorGroup| {
                group.run_id.as_ref() == Some(&run.id) && group.symbols.contains(&symbol)
            };
            if let Some(group) = errors.iter().rev().find(about) {
                run.add_failed_symbol(&symbol, None, Some(&group.message));
            }
        }
    }
}
