//! One run: its status, its four phases, its counts.

mod phase;
mod status;

pub use phase::{PhaseState, PhaseStatus};
pub use status::RunStatus;

use crate::Throughput;
use crate::limits;
use crate::room::Room;
use contract::http::HistoryRun;
use contract::{FailedSymbol, Outcome, Phase, PhaseStarted, RunId, RunStarted, Symbol, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// The run that is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// What it does, or what became of it.
    pub status: RunStatus,
    /// `automatic`, `manual`, or what else TickStockPL says.
    pub trigger: Option<String>,
    /// Where its symbols come from.
    pub universes: Vec<String>,
    /// The phases that were asked for; empty where nothing said so.
    pub planned: Vec<Phase>,
    /// How many symbols it is about.
    pub symbols_total: Option<u64>,
    /// The run whose failures it repeats.
    pub original_run_id: Option<RunId>,
    /// The trading day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_date: Option<String>,
    /// Whether it was told not to ask whether the market was open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_market_check: Option<bool>,
    /// The timeframes that it is about, as its start or the first phase's says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timeframes: Vec<String>,
    /// Days to look back, per timeframe (`""` where one number stands for all), as its start or its import's says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lookback_days: Vec<(String, u64)>,
    /// The symbols that it is limited to, as many as there is room for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<String>,
    /// What it goes through beside the four phases, such as `finalization`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_phases: Vec<String>,
    /// When it began; absent where its beginning was missed and nobody said.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took, as TickStockPL says.
    pub duration_seconds: Option<f64>,
    /// When TickStockPL expects it to end.
    pub estimated_completion: Option<Timestamp>,
    /// 0 to 100; never falls.
    pub percent: f64,
    /// What each phase weighs in `percent`: the seconds that it usually takes.
    pub shares: [f64; 4],
    /// The four phases, in order.
    pub phases: [PhaseState; 4],
    /// What it is doing that is none of the four phases, such as `finalization`.
    pub activity: Option<String>,
    /// Symbols processed, as its end says.
    pub processed: Option<u64>,
    /// Symbols failed, as its end says.
    pub failed_said: Option<u64>,
    /// Failed symbols by name, with the reason where one was given.
    pub failed_symbols: Vec<(Symbol, Option<String>)>,
    /// Indicator results that came, or as said by the end of the phase.
    pub indicators: u64,
    /// Detections that came, or as said by the end of the phase.
    pub patterns: u64,
    /// Indicator results that came, by kind.
    pub by_indicator: BTreeMap<String, u64>,
    /// Detections that came, by kind.
    pub by_pattern: BTreeMap<String, u64>,
    /// How many symbols it got through, by time.
    pub throughput: Throughput,
    /// Why it failed, was cancelled or was lost.
    pub message: Option<String>,
    /// When anything was last heard of it.
    pub heard_at: Timestamp,
    /// Whether its start event was seen or the API called it active: then its end is said, too.
    pub end_will_be_said: bool,
    /// Whether it is known from the local copy only: nothing was heard of it since the restart.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
}

impl Run {
    pub(crate) fn new(id: RunId, at: Timestamp) -> Run {
        Run {
            id,
            status: RunStatus::Running,
            trigger: None,
            universes: Vec::new(),
            planned: Vec::new(),
            symbols_total: None,
            original_run_id: None,
            run_date: None,
            skip_market_check: None,
            timeframes: Vec::new(),
            lookback_days: Vec::new(),
            symbols: Vec::new(),
            other_phases: Vec::new(),
            started_at: None,
            ended_at: None,
            duration_seconds: None,
            estimated_completion: None,
            percent: 0.0,
            shares: crate::baseline::documented_shares(),
            phases: Default::default(),
            activity: None,
            processed: None,
            failed_said: None,
            failed_symbols: Vec::new(),
            indicators: 0,
            patterns: 0,
            by_indicator: BTreeMap::new(),
            by_pattern: BTreeMap::new(),
            throughput: Throughput::default(),
            message: None,
            heard_at: at,
            end_will_be_said: false,
            unconfirmed: false,
        }
    }

    /// Takes what its start says of it.
    pub(crate) fn parameters(&mut self, body: &RunStarted) {
        let mut room = Room::new(limits::PARAMETER_BYTES);
        let mut take = |known: &mut Vec<String>, said: &[String]| {
            if !said.is_empty() {
                *known = room.names(said.iter().map(String::as_str));
            }
        };
        take(&mut self.universes, &body.universes);
        take(&mut self.timeframes, &body.timeframes);
        take(&mut self.other_phases, &body.other_phases);
        if !body.lookback_days.is_empty() {
            self.lookback_days = room.numbers(&body.lookback_days);
        }
        if !body.symbols.is_empty() {
            self.symbols = room.names(body.symbols.iter().map(Symbol::as_str));
        }
        self.trigger = word(body.trigger.as_ref()).or(self.trigger.take());
        self.run_date = word(body.run_date.as_ref()).or(self.run_date.take());
        self.skip_market_check = body.skip_market_check.or(self.skip_market_check);
        self.symbols_total = body.symbols_total.or(self.symbols_total);
        self.original_run_id = body.original_run_id.clone().or(self.original_run_id.take());
    }

    /// Takes what a phase's start says of the whole run, where its own start did not.
    pub(crate) fn parameters_of_phase(&mut self, body: &PhaseStarted) {
        let mut room = Room::new(limits::PARAMETER_BYTES);
        let mut take = |known: &mut Vec<String>, said: &[String]| {
            if known.is_empty() {
                *known = room.names(said.iter().map(String::as_str));
            }
        };
        take(&mut self.universes, &body.universes);
        take(&mut self.timeframes, &body.timeframes);
        if self.lookback_days.is_empty() {
            self.lookback_days = room.numbers(&body.lookback_days);
        }
        // The cache counts universes.
        if body.phase != Some(Phase::CacheSync) {
            self.symbols_total = self.symbols_total.or(body.total);
        }
    }

    /// Whether it goes on.
    pub fn is_active(&self) -> bool {
        self.status.is_active()
    }

    /// The state of a phase.
    pub fn phase(&self, phase: Phase) -> &PhaseState {
        &self.phases[phase.index()]
    }

    /// The phase that is running, the last of them if several are.
    pub fn current_phase(&self) -> Option<Phase> {
        Phase::ALL.into_iter().rev().find(|phase| self.phase(*phase).status == PhaseStatus::Running)
    }

    /// The phases that this run has: those planned or seen; all four where nothing was said.
    pub fn own_phases(&self) -> impl Iterator<Item = Phase> + '_ {
        Phase::ALL.into_iter().filter(|phase| self.phase(*phase).status != PhaseStatus::Skipped)
    }

    /// Failed symbols: as said, or as counted, whichever is more; none where nothing was heard of any.
    pub fn failed_count(&self) -> Option<u64> {
        let named = self.failed_symbols.len() as u64;
        let in_phases = self.phases.iter().filter_map(|phase| phase.failed).max();
        self.failed_said.max(in_phases).max((named > 0).then_some(named))
    }

    /// Whether anything was new in it.
    pub(crate) fn add_failed_symbol(&mut self, symbol: &Symbol, reason: Option<&str>) -> bool {
        let kept = |reason: &str| {
            let room = limits::FAILED_SYMBOL_BYTES.saturating_sub(contract::written_bytes(symbol.as_str()));
            contract::cut(reason, room).to_owned()
        };
        let full = self.failed_symbols.len() >= limits::FAILED_SYMBOLS;
        match self.failed_symbols.iter_mut().find(|(known, _)| known == symbol) {
            Some((_, known)) if known.is_some() || reason.is_none() => return false,
            Some((_, known)) => *known = reason.map(kept),
            None if full => return false,
            None => self.failed_symbols.push((symbol.clone(), reason.map(kept))),
        }
        true
    }

    pub(crate) fn add_failed_symbols(&mut self, symbols: &[FailedSymbol]) {
        for FailedSymbol { symbol, reason } in symbols {
            self.add_failed_symbol(symbol, reason.as_deref());
        }
    }

    /// Takes the mean of the phases, weighted by their usual times, or what was said of the whole run; it never falls.
    pub(crate) fn update_percent(&mut self, said: Option<f64>) {
        let (mut done, mut all) = (0.0, 0.0);
        for phase in self.own_phases() {
            all += self.shares[phase.index()];
            done += self.shares[phase.index()] * self.phase(phase).fraction();
        }
        let weighted = if all > 0.0 { done * 100.0 / all } else { 0.0 };
        self.percent = self.percent.max(weighted).max(said.unwrap_or(0.0)).min(100.0);
    }

    /// Ends the run: running phases end with it, and those still waiting will not run.
    pub(crate) fn end(&mut self, at: Timestamp, status: RunStatus) {
        let phase_end = match status {
            RunStatus::Succeeded | RunStatus::SucceededWithWarnings => PhaseStatus::Done,
            RunStatus::Failed => PhaseStatus::Failed,
            _ => PhaseStatus::Stopped,
        };
        for phase in &mut self.phases {
            match phase.status {
                PhaseStatus::Running => phase.end(at, phase_end),
                PhaseStatus::Waiting => phase.status = PhaseStatus::Skipped,
                _ => {}
            }
        }
        self.status = status;
        self.ended_at = Some(at);
        self.activity = None;
        self.estimated_completion = None;
        if phase_end == PhaseStatus::Done {
            self.percent = 100.0;
        }
    }

    /// What TickStockPL's history says of this run's end. It mends a run whose end was missed; it changes no end that was seen.
    pub(crate) fn settle(&mut self, at: Timestamp, outcome: Outcome, row: &HistoryRun) -> bool {
        if !(self.is_active() || self.status == RunStatus::Lost) {
            return false;
        }
        self.failed_said = row.failed.or(self.failed_said);
        self.end(row.ended_at.unwrap_or(at), RunStatus::ended(outcome, self.failed_count().unwrap_or(0)));
        self.started_at = self.started_at.or(row.started_at);
        self.duration_seconds = row.duration_seconds.or(self.duration_seconds);
        self.processed = row.processed.or(self.processed);
        self.indicators = self.indicators.max(row.indicators_calculated.unwrap_or(0));
        self.patterns = self.patterns.max(row.patterns_detected.unwrap_or(0));
        self.run_date = self.run_date.take().or_else(|| word(row.run_date.as_ref()));
        self.symbols_total = self.symbols_total.or(row.total);
        self.say(row.message.as_ref());
        self.heard_at = at;
        self.unconfirmed = false;
        true
    }

    /// Takes why it ended as it did.
    pub(crate) fn say(&mut self, message: Option<&String>) {
        self.message = message.map(|text| contract::cut(text, limits::RUN_MESSAGE_BYTES).to_owned());
    }
}

/// A short word that is kept.
pub(crate) fn word(text: Option<&String>) -> Option<String> {
    text.map(|text| contract::cut(text, 32).to_owned())
}

contract::read_fields!(Run {
    id, status, trigger, universes, planned, symbols_total, original_run_id, run_date, skip_market_check, timeframes, lookback_days,
    symbols, other_phases, started_at, ended_at, duration_seconds, estimated_completion, percent, shares or crate::baseline::documented_shares(),
    phases, activity, processed, failed_said, failed_symbols, indicators, patterns, by_indicator, by_pattern,
    throughput or Throughput::default(), message, heard_at,
    end_will_be_said, unconfirmed,
});
