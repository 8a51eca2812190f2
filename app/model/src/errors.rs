//! Errors, grouped by what they are about, so that a hundred rate limits are one line; and who has
//! seen them.

use crate::byte_budget::ByteBudget;
use crate::limits;
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
    /// When the first one slice.
    pub first_at: Timestamp,
    /// When the latest one slice.
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

    /// RunReference a group that an older version kept without an id.
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

    pub(crate) fn new(at: Timestamp, run_id: Option<RunId>, report: &ErrorReport) -> ErrorGroup {
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

    pub(crate) fn add(&mut self, at: Timestamp, report: &ErrorReport, message: String) {
        let mut budget = ByteBudget::new(limits::ERROR_BYTES);
        self.run_id
            .iter()
            .for_each(|id| budget.reserve(id.as_str()));
        self.component = budget.optional_text(report.component.as_ref(), WORD_BYTES);
        self.code = budget.optional_text(report.code.as_ref(), WORD_BYTES);
        budget.reserve(&message);
        self.message = message;
        self.recovery_action = budget.optional_text(
            report
                .recovery_action
                .as_ref()
                .or(self.recovery_action.as_ref()),
            48,
        );
        self.category =
            budget.optional_text(report.category.as_ref().or(self.category.as_ref()), 24);
        self.error_id = budget.optional_text(report.error_id.as_ref(), 40);
        self.context = budget.pairs(&report.context);
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
        contract::truncate_text(text.map_or("", String::as_str), WORD_BYTES).to_owned()
    };
    let message = if code.is_some() {
        ""
    } else {
        contract::truncate_text(message, limits::ERROR_MESSAGE_BYTES)
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
