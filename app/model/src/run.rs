//! One run: its status, its four phases, its counts.

mod claim;
mod ending;
mod pace;
mod phase;
mod status;

pub use claim::{Claim, ClaimSource};
pub use pace::EventPace;
pub use phase::{PhaseState, PhaseStatus};
pub use status::RunStatus;

pub(crate) use claim::{GUARD_MS, SAME_START_MS};
pub(crate) use ending::End;

use crate::Throughput;
use crate::byte_budget::ByteBudget;
use crate::limits;
use contract::{FailedSymbol, Phase, PhaseStarted, RunId, RunStarted, Symbol, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// The run that is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its id; [`UNKNOWN_RUN_ID`] where `id_unknown`.
    pub id: RunId,
    /// TickStockPL reports an active run without an id: it is shown and can be cancelled, under no
    /// other run's id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub id_unknown: bool,
    /// Number of this execution among those that TickStockPL started under the same id; the first
    /// is 1.
    pub attempt: u32,
    /// What it does, or how it ended.
    pub status: RunStatus,
    /// Who reported `status`, and when.
    pub claim: Claim,
    /// TickStockPL's own word where `status` is [`RunStatus::OutcomeUnknown`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_word: Option<String>,
    /// When an event last named this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_at: Option<Timestamp>,
    /// When the API was asked that last reported this run as active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Only events know of it so far: TickStockPL's API has not confirmed it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
    /// Its start event was received.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub announced: bool,
    /// When it began by TickStockPL's own clock, which tells one attempt from another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_start: Option<Timestamp>,
    /// When TickStockPL accepted to cancel it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelling_since: Option<Timestamp>,
    /// How often events about it come, and whether they stopped.
    pub pace: EventPace,
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
    /// Days to look back, per timeframe (`""` where one number stands for all), as its start or its
    /// import's says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lookback_days: Vec<(String, u64)>,
    /// The symbols that it is limited to, as many as there is budget for.
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
    /// What it is doing that is not one of the four phases, such as `finalization`.
    pub activity: Option<String>,
    /// Symbols processed, as its end says.
    pub processed: Option<u64>,
    /// Symbols failed, as its end says.
    pub failed_said: Option<u64>,
    /// Failed symbols by name.
    pub failed_symbols: Vec<SymbolFailure>,
    /// Indicator results that slice, or as said by the end of the phase.
    pub indicators: u64,
    /// Detections that slice, or as said by the end of the phase.
    pub patterns: u64,
    /// Indicator results that slice, by kind.
    pub by_indicator: BTreeMap<String, u64>,
    /// Detections that slice, by kind.
    pub by_pattern: BTreeMap<String, u64>,
    /// How many symbols it got through, by time.
    pub throughput: Throughput,
    /// Why it failed, was cancelled or was lost.
    pub message: Option<String>,
    /// When anything was last heard of it.
    pub heard_at: Timestamp,
    /// Whether its start event was seen or the API called it active: then its end is said, too.
    pub end_will_be_said: bool,
    /// Whether it is known from the database only: nothing was heard of it since the restart.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
    /// What its end closed, so that it can be opened again when TickStockPL says that the run is
    /// active after all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before_end: Option<Box<BeforeEnd>>,
}

/// Seconds of each phase in TickStockPL's documents: 14, 2, 11 and 8 of 35 minutes.
pub const DOCUMENTED_SECONDS: [f64; 4] = [840.0, 120.0, 660.0, 480.0];

/// The id of a run that TickStockPL reports without one.
pub const UNKNOWN_RUN_ID: &str = "unknown";

/// What the end of a run closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct BeforeEnd {
    pub(crate) percent: f64,
    pub(crate) phases: [(PhaseStatus, f64); 4],
}

/// One symbol that failed; on the wire `[symbol, reason, phase]`, since a run may have hundreds of
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolFailure {
    /// The symbol.
    pub symbol: Symbol,
    /// The phase in which it failed, where that was reported.
    pub phase: Option<Phase>,
    /// The reason, where one was given.
    pub reason: Option<String>,
}

impl Serialize for SymbolFailure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.symbol, &self.reason, self.phase.map(Phase::index)).serialize(serializer)
    }
}

impl Run {
    pub(crate) fn new(id: RunId, at: Timestamp) -> Run {
        Run {
            id,
            id_unknown: false,
            attempt: 1,
            status: RunStatus::Running,
            claim: Claim {
                source: ClaimSource::Event,
                at,
            },
            outcome_word: None,
            named_at: None,
            confirmed_at: None,
            unverified: true,
            announced: false,
            reported_start: None,
            cancelling_since: None,
            pace: EventPace::default(),
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
            shares: DOCUMENTED_SECONDS,
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
            before_end: None,
        }
    }

    /// Takes what its start says of it.
    pub(crate) fn set_parameters(&mut self, body: &RunStarted) {
        let mut budget = ByteBudget::new(limits::PARAMETER_BYTES);
        let mut take = |known: &mut Vec<String>, said: &[String]| {
            if !said.is_empty() {
                *known = budget.names(said.iter().map(String::as_str));
            }
        };
        take(&mut self.universes, &body.universes);
        take(&mut self.timeframes, &body.timeframes);
        take(&mut self.other_phases, &body.other_phases);
        if !body.lookback_days.is_empty() {
            self.lookback_days = budget.numbers(&body.lookback_days);
        }
        if !body.symbols.is_empty() {
            self.symbols = budget.names(body.symbols.iter().map(Symbol::as_str));
        }
        self.trigger = short_word(body.trigger.as_ref()).or(self.trigger.take());
        self.run_date = short_word(body.run_date.as_ref()).or(self.run_date.take());
        self.skip_market_check = body.skip_market_check.or(self.skip_market_check);
        self.symbols_total = body.symbols_total.or(self.symbols_total);
        self.original_run_id = body.original_run_id.clone().or(self.original_run_id.take());
    }

    /// Takes what a phase's start says of the whole run, where its own start did not.
    pub(crate) fn set_phase_parameters(&mut self, body: &PhaseStarted) {
        let mut budget = ByteBudget::new(limits::PARAMETER_BYTES);
        let mut take = |known: &mut Vec<String>, said: &[String]| {
            if known.is_empty() {
                *known = budget.names(said.iter().map(String::as_str));
            }
        };
        take(&mut self.universes, &body.universes);
        take(&mut self.timeframes, &body.timeframes);
        if self.lookback_days.is_empty() {
            self.lookback_days = budget.numbers(&body.lookback_days);
        }
        // The cache counts universes.
        if body.phase != Some(Phase::CacheSync) {
            self.symbols_total = self.symbols_total.or(body.total);
        }
    }

    /// Whether it is active.
    pub fn is_active(&self) -> bool {
        self.status.is_active()
    }

    /// The state of a phase.
    pub fn phase(&self, phase: Phase) -> &PhaseState {
        &self.phases[phase.index()]
    }

    /// The phase that is running, the last of them if several are.
    pub fn current_phase(&self) -> Option<Phase> {
        Phase::ALL
            .into_iter()
            .rev()
            .find(|phase| self.phase(*phase).status == PhaseStatus::Running)
    }

    /// The phases that this run has: those planned or seen; all four where nothing was said.
    pub fn included_phases(&self) -> impl Iterator<Item = Phase> + '_ {
        Phase::ALL
            .into_iter()
            .filter(|phase| self.phase(*phase).status != PhaseStatus::Skipped)
    }

    /// Usual share of the run that a phase takes, 0 to 1; 0 for a phase that the run does not have.
    pub fn share(&self, phase: Phase) -> f64 {
        let all: f64 = self
            .included_phases()
            .map(|own| self.shares[own.index()])
            .sum();
        let own = self.included_phases().any(|own| own == phase);
        if own && all > 0.0 {
            self.shares[phase.index()] / all
        } else {
            0.0
        }
    }

    /// Failed symbols: as said, or as counted, whichever is more; none where nothing was heard of
    /// any.
    pub fn failed_count(&self) -> Option<u64> {
        let named = self.failed_symbols.len() as u64;
        let in_phases = self.phases.iter().filter_map(|phase| phase.failed).max();
        self.failed_said
            .max(in_phases)
            .max((named > 0).then_some(named))
    }

    /// Adds a symbol that failed; true where anything about it was new.
    pub(crate) fn add_failed_symbol(
        &mut self,
        symbol: &Symbol,
        phase: Option<Phase>,
        reason: Option<&str>,
    ) -> bool {
        let kept = |reason: &str| {
            let budget = limits::FAILED_SYMBOL_BYTES
                .saturating_sub(contract::written_bytes(symbol.as_str()));
            contract::truncate_text(reason, budget).to_owned()
        };
        let full = self.failed_symbols.len() >= limits::FAILED_SYMBOLS;
        match self
            .failed_symbols
            .iter_mut()
            .find(|known| known.symbol == *symbol)
        {
            Some(known) => {
                let before = (known.phase, known.reason.is_some());
                known.phase = known.phase.or(phase);
                known.reason = known.reason.take().or_else(|| reason.map(kept));
                before != (known.phase, known.reason.is_some())
            }
            None if full => false,
            None => {
                self.failed_symbols.push(SymbolFailure {
                    symbol: symbol.clone(),
                    phase,
                    reason: reason.map(kept),
                });
                true
            }
        }
    }

    pub(crate) fn add_failed_symbols(&mut self, phase: Option<Phase>, symbols: &[FailedSymbol]) {
        for FailedSymbol { symbol, reason } in symbols {
            self.add_failed_symbol(symbol, phase, reason.as_deref());
        }
    }

    /// Takes the mean of the phases, weighted by their usual times, or what was said of the whole
    /// run; it never falls.
    pub(crate) fn update_percent(&mut self, said: Option<f64>) {
        let (mut done, mut all) = (0.0, 0.0);
        for phase in self.included_phases() {
            all += self.shares[phase.index()];
            done += self.shares[phase.index()] * self.phase(phase).fraction();
        }
        let weighted = if all > 0.0 { done * 100.0 / all } else { 0.0 };
        self.percent = self
            .percent
            .max(weighted)
            .max(said.unwrap_or(0.0))
            .min(100.0);
    }

    /// Takes why it ended as it did.
    pub(crate) fn set_message(&mut self, message: Option<&String>) {
        self.message =
            message.map(|text| contract::truncate_text(text, limits::RUN_MESSAGE_BYTES).to_owned());
    }
}

/// A short word that is kept.
pub(crate) fn short_word(text: Option<&String>) -> Option<String> {
    text.map(|text| contract::truncate_text(text, 32).to_owned())
}

contract::read_fields!(Run {
    id, id_unknown or false, attempt or 1, status, claim or Claim::default(), outcome_word, named_at, confirmed_at,
    unverified or false, announced or false, reported_start, cancelling_since, pace or EventPace::default(),
    trigger, universes, planned, symbols_total, original_run_id, run_date, skip_market_check, timeframes, lookback_days,
    symbols, other_phases, started_at, ended_at, duration_seconds, estimated_completion, percent,
    shares or DOCUMENTED_SECONDS, phases, activity, processed, failed_said, failed_symbols, indicators,
    patterns, by_indicator, by_pattern, throughput or Throughput::default(), message, heard_at, end_will_be_said,
    unconfirmed, before_end,
});

impl contract::wire::Read for SymbolFailure {
    fn read(json: contract::wire::Json<'_, '_>) -> Option<Self> {
        // Releases before this one wrote pairs, without the phase.
        let mut items = json.list_items()?;
        let (symbol, reason) = (Symbol::read(items.next()?)?, Option::read(items.next()?)?);
        let phase = items
            .next()
            .and_then(u64::read)
            .and_then(|index| Phase::ALL.get(index as usize).copied());
        Some(SymbolFailure {
            symbol,
            phase,
            reason,
        })
    }
}

contract::deserialize_by_read!(SymbolFailure);
contract::read_fields!(BeforeEnd { percent, phases });
