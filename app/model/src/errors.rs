//! Errors, grouped by what they are about, so that a hundred rate limits are one line; and who has
//! seen them.

use crate::events::Names;
use crate::room::Room;
use crate::{Changes, State, limits};
use contract::{ErrorGroupId, ErrorReport, Phase, RunId, Scalar, Severity, Symbol, Timestamp};
use serde::Serialize;

/// Errors that say the same: same run, severity, component, and code (or message where there is no
/// code).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorGroup {
    /// What the group is known by: made of what its errors have in common, so it is the same in
    /// every copy of the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ErrorGroupId>,
    /// The run they belong to.
    pub run_id: Option<RunId>,
    /// How bad.
    pub severity: Severity,
    /// The reporting part of TickStockPL.
    pub component: Option<String>,
    /// Such as `API_RATE_LIMIT`.
    pub code: Option<String>,
    /// Such as `network`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The latest one's message.
    pub message: String,
    /// The latest one's phase.
    pub phase: Option<Phase>,
    /// What TickStockPL does about it.
    pub recovery_action: Option<String>,
    /// After how long it tries again, as the latest one says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<f64>,
    /// What else the latest one says of its circumstances.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<(String, Scalar)>,
    /// The symbols they were about, latest last, at most ten.
    pub symbols: Vec<Symbol>,
    /// How many.
    pub count: u64,
    /// When the first one came.
    pub first_at: Timestamp,
    /// When the latest one came.
    pub last_at: Timestamp,
    /// The latest one's own id, by which a repeated message is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_id: Option<String>,
    /// Who has seen it, and how much of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
}

/// That somebody has seen a group of errors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How many errors the group had then.
    pub count: u64,
}

/// Longest of a component and of a code.
const WORD_BYTES: usize = 48;

impl ErrorGroup {
    /// Whether somebody must look at it: nobody has, or more came since.
    pub fn needs_attention(&self) -> bool {
        self.acknowledged
            .as_ref()
            .is_none_or(|seen| self.count > seen.count)
    }

    /// Names a group that an older version kept without an id.
    pub fn name(&mut self) {
        let (component, code) = (self.component.as_ref(), self.code.as_ref());
        self.id = self.id.take().or_else(|| {
            id_of(
                self.run_id.as_ref(),
                self.severity,
                component,
                code,
                &self.message,
            )
        });
    }

    fn new(at: Timestamp, run_id: Option<RunId>, report: &ErrorReport) -> ErrorGroup {
        let (component, code) = (report.component.as_ref(), report.code.as_ref());
        ErrorGroup {
            id: id_of(
                run_id.as_ref(),
                report.severity,
                component,
                code,
                &report.message,
            ),
            run_id,
            severity: report.severity,
            component: None,
            code: None,
            category: None,
            message: String::new(),
            phase: None,
            recovery_action: None,
            retry_after_seconds: None,
            context: Vec::new(),
            symbols: Vec::new(),
            count: 0,
            first_at: at,
            last_at: at,
            error_id: None,
            acknowledged: None,
        }
    }

    fn take(&mut self, at: Timestamp, report: &ErrorReport, message: String) {
        let mut room = Room::new(limits::ERROR_BYTES);
        self.run_id.iter().for_each(|id| room.whole(id.as_str()));
        self.component = room.some(report.component.as_ref(), WORD_BYTES);
        self.code = room.some(report.code.as_ref(), WORD_BYTES);
        room.whole(&message);
        self.message = message;
        self.recovery_action = room.some(
            report
                .recovery_action
                .as_ref()
                .or(self.recovery_action.as_ref()),
            48,
        );
        self.category = room.some(report.category.as_ref().or(self.category.as_ref()), 24);
        self.error_id = room.some(report.error_id.as_ref(), 40);
        self.context = room.pairs(&report.context);
        self.context.retain(|(name, _)| {
            !matches!(name.as_str(), "symbol" | "run_id" | "phase" | "retry_after")
        });
        self.retry_after_seconds = report.retry_after_seconds;
        self.phase = report.phase.or(self.phase);
        self.count += 1;
        self.last_at = at;
        if let Some(symbol) = &report.symbol {
            self.symbols.retain(|known| known != symbol);
            self.symbols.push(symbol.clone());
            let bytes = |symbols: &[Symbol]| {
                symbols
                    .iter()
                    .map(|s| contract::written_bytes(s.as_str()))
                    .sum::<usize>()
            };
            while self.symbols.len() > limits::ERROR_SYMBOLS
                || bytes(&self.symbols) > limits::ERROR_SYMBOLS_BYTES
            {
                self.symbols.remove(0);
            }
        }
    }
}

/// A hash (FNV-1a) of what the errors of a group have in common: the same on every machine and in
/// every version.
fn id_of(
    run_id: Option<&RunId>,
    severity: Severity,
    component: Option<&String>,
    code: Option<&String>,
    message: &str,
) -> Option<ErrorGroupId> {
    let word = |text: Option<&String>| {
        contract::cut(text.map_or("", String::as_str), WORD_BYTES).to_owned()
    };
    let message = if code.is_some() {
        ""
    } else {
        contract::cut(message, limits::ERROR_MESSAGE_BYTES)
    };
    let parts = [
        run_id.map_or("", RunId::as_str),
        &word(component),
        &word(code),
        message,
    ]
    .map(str::to_owned);
    // A byte that no text holds ends each part.
    let bytes = parts
        .iter()
        .flat_map(|part| part.bytes().chain([0xff]))
        .chain([severity as u8]);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    ErrorGroupId::new(&format!("{hash:016x}"))
}

impl State {
    pub(crate) fn error(
        &mut self,
        at: Timestamp,
        run_id: Option<RunId>,
        report: &ErrorReport,
    ) -> Changes {
        let message = contract::cut(&report.message, limits::ERROR_MESSAGE_BYTES).to_owned();
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
        group.take(at, report, message);
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
        let by = contract::cut(who.trim(), limits::WHO_BYTES).to_owned();
        group.acknowledged = Some(Acknowledged { by, at, count });
        Changes::ERRORS
    }

    /// An error that names a symbol while the run works on symbols means that this symbol failed,
    /// unless it is no more than a warning or TickStockPL says that it tries again.
    pub(crate) fn symbol_failed(
        &mut self,
        at: Timestamp,
        names: Names<'_>,
        report: &ErrorReport,
    ) -> Changes {
        let Some(symbol) = &report.symbol else {
            return Changes::NONE;
        };
        let Some(run) = self.active_run(at, names) else {
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
    /// that names them.
    pub(crate) fn explain_failed_symbols(&mut self) {
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

contract::read_fields!(Acknowledged { by, at, count });
contract::read_fields!(ErrorGroup {
    id,
    run_id,
    severity,
    component,
    code,
    category,
    message,
    phase,
    recovery_action,
    retry_after_seconds,
    context,
    symbols,
    count,
    first_at,
    last_at,
    error_id,
    acknowledged,
});
