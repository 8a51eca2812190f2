//! The commands for TickStockPL, and the checks of their parameters: an error names the field.

use crate::command_error::CommandError;
use contract::http::{
    ImportRequest, IndicatorsRequest, PatternsRequest, RetryRequest, ScheduleRequest,
    TriggerRequest, all_phases,
};
use contract::{Phase, RunId, Symbol};
use serde::{Deserialize, Serialize};

/// A command for TickStockPL, with its checked parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Start a run.
    Trigger(TriggerRequest),
    /// Stop the run that is active.
    Cancel {
        /// Why.
        reason: Option<String>,
    },
    /// Import prices.
    Import(ImportRequest),
    /// Calculate indicators.
    Indicators(IndicatorsRequest),
    /// Look for patterns.
    Patterns(PatternsRequest),
    /// Repeat the imports that failed.
    Retry(RetryRequest),
}

/// Maximum number of symbols of one command.
pub const MAX_SYMBOLS: usize = 2000;
/// Maximum length of any other list.
const MAX_NAMES: usize = 50;
/// Maximum length of the name of a universe, timeframe, indicator or pattern.
const NAME_CHARS: usize = 64;
/// Maximum look-back in days.
const MAX_LOOKBACK: i64 = 3650;
/// Maximum length of a cancellation's reason, in characters.
const REASON_CHARS: usize = 500;

/// Phases by their wire names; no names mean all phases.
///
/// # Errors
/// For an unknown phase.
pub fn phases(names: &[String]) -> Result<Vec<String>, CommandError> {
    let name = |name: &String| match name.trim() {
        "all" => Some("all".to_owned()),
        name => Phase::parse(name).map(|phase| phase.wire_name().to_owned()),
    };
    let read: Option<Vec<_>> = names.iter().map(name).collect();
    match read {
        Some(names) if names.is_empty() || names.iter().any(|name| name == "all") => {
            Ok(all_phases())
        }
        Some(mut names) => {
            names.dedup();
            Ok(names)
        }
        None => invalid(
            "phases",
            "Unknown phase. Expected import, cache_sync, indicators, patterns or all.",
        ),
    }
}

/// A run of `phases` over `universe`; an empty universe leaves the choice to TickStockPL.
///
/// # Errors
/// For an unknown phase or an invalid name.
pub fn trigger(
    skip_market_check: bool,
    phases: &[String],
    universe: &str,
) -> Result<TriggerRequest, CommandError> {
    let phases = self::phases(phases)?;
    let universe = if universe.trim().is_empty() {
        None
    } else {
        Some(name("universe", universe)?)
    };
    Ok(TriggerRequest {
        skip_market_check,
        phases,
        universe,
    })
}

/// An import; empty timeframes and look-back mean TickStockPL's documented defaults.
///
/// # Errors
/// For no universe, an invalid name, or a look-back out of range.
pub fn import(
    universes: &[String],
    timeframes: &[String],
    lookback_days: Option<i64>,
) -> Result<ImportRequest, CommandError> {
    let universes = names("universes", universes)?;
    if universes.is_empty() {
        return invalid("universes", "Enter at least one universe, such as sp500.");
    }
    let mut request = ImportRequest::with_defaults(universes);
    let timeframes = names("timeframes", timeframes)?;
    if !timeframes.is_empty() {
        request.timeframes = timeframes;
    }
    if let Some(days) = lookback_days {
        request.lookback_days = lookback(days)?;
    }
    Ok(request)
}

/// A calculation of indicators; empty lists mean all.
///
/// # Errors
/// For an invalid symbol or name.
pub fn indicators(
    timeframe: &str,
    symbols: &[String],
    indicators: &[String],
) -> Result<IndicatorsRequest, CommandError> {
    let mut request = IndicatorsRequest::default();
    if !timeframe.trim().is_empty() {
        request.timeframe = name("timeframe", timeframe)?;
    }
    request.symbols = some(self::symbols(symbols)?);
    request.indicators = some(names("indicators", indicators)?);
    Ok(request)
}

/// A pattern detection; empty lists mean all.
///
/// # Errors
/// For an invalid symbol or name.
pub fn patterns(
    timeframe: &str,
    symbols: &[String],
    patterns: &[String],
) -> Result<PatternsRequest, CommandError> {
    let mut request = PatternsRequest::default();
    if !timeframe.trim().is_empty() {
        request.timeframe = name("timeframe", timeframe)?;
    }
    request.symbols = some(self::symbols(symbols)?);
    request.patterns = some(names("patterns", patterns)?);
    Ok(request)
}

/// A retry of the failed imports of `run`, or of those of `symbols`.
///
/// # Errors
/// For an invalid symbol.
pub fn retry(run: RunId, symbols: &[String]) -> Result<RetryRequest, CommandError> {
    Ok(RetryRequest {
        original_run_id: run,
        symbols: some(self::symbols(symbols)?),
    })
}

/// A change to the schedule.
///
/// # Errors
/// For an empty change, or an invalid time or universe.
pub fn schedule(
    enabled: Option<bool>,
    trigger_time: Option<&str>,
    market_check: Option<bool>,
    universes: Option<&[String]>,
) -> Result<ScheduleRequest, CommandError> {
    let request = ScheduleRequest {
        enabled,
        trigger_time: trigger_time.map(time).transpose()?,
        market_check,
        universes: universes
            .map(|universes| names("universes", universes))
            .transpose()?,
    };
    if request == ScheduleRequest::default() {
        return invalid(
            "schedule",
            "No changes. Set at least one of enabled, trigger_time, market_check and universes.",
        );
    }
    if request.universes.as_ref().is_some_and(Vec::is_empty) {
        return invalid("universes", "Enter at least one universe, such as sp500.");
    }
    Ok(request)
}

/// A cancellation's reason; `None` for an empty one.
///
/// # Errors
/// When it is too long.
pub fn reason(text: &str) -> Result<Option<String>, CommandError> {
    let text = text.trim();
    if text.chars().count() > REASON_CHARS {
        return invalid(
            "reason",
            &format!("reason must be at most {REASON_CHARS} characters."),
        );
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A time of day as `HH:MM`; accepts one-digit hours.
///
/// # Errors
/// For anything else.
pub fn time(text: &str) -> Result<String, CommandError> {
    let number = |text: &str, below: u32| {
        let digits =
            (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|n| digits && *n < below)
    };
    let parts = text.trim().split_once(':');
    match parts.map(|(hour, minute)| {
        (
            number(hour, 24),
            number(minute, 60).filter(|_| minute.len() == 2),
        )
    }) {
        Some((Some(hour), Some(minute))) => Ok(format!("{hour:02}:{minute:02}")),
        _ => invalid(
            "trigger_time",
            "trigger_time must be a time from 00:00 to 23:59, such as 16:10.",
        ),
    }
}

/// Symbols of a form field, separated by commas, semicolons, spaces or lines.
pub fn words(text: &str) -> Vec<String> {
    text.split([',', ';', ' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn lookback(days: i64) -> Result<u32, CommandError> {
    match u32::try_from(days) {
        Ok(n) if (1..=MAX_LOOKBACK).contains(&days) => Ok(n),
        _ => invalid(
            "lookback_days",
            &format!("lookback_days must be 1 to {MAX_LOOKBACK}."),
        ),
    }
}

fn symbols(texts: &[String]) -> Result<Vec<Symbol>, CommandError> {
    if texts.len() > MAX_SYMBOLS {
        return invalid(
            "symbols",
            &format!(
                "Too many symbols: {}. The maximum is {MAX_SYMBOLS}.",
                texts.len()
            ),
        );
    }
    let symbol = |text: &String| {
        let text = text.trim().to_ascii_uppercase();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-^=/:".contains(&byte);
        if (1..=16).contains(&text.len()) && text.bytes().all(fits) {
            Symbol::new(&text)
        } else {
            None
        }
    };
    let mut read = Vec::new();
    for text in texts {
        match symbol(text) {
            Some(symbol) if read.contains(&symbol) => {}
            Some(symbol) => read.push(symbol),
            None => {
                return invalid(
                    "symbols",
                    &format!(
                        "Invalid symbol {:?}. Expected one such as AAPL or BRK.B.",
                        shortened(text)
                    ),
                );
            }
        }
    }
    Ok(read)
}

fn names(field: &'static str, texts: &[String]) -> Result<Vec<String>, CommandError> {
    if texts.len() > MAX_NAMES {
        return invalid(
            field,
            &format!(
                "Too many {field}: {}. The maximum is {MAX_NAMES}.",
                texts.len()
            ),
        );
    }
    texts
        .iter()
        .filter(|text| !text.trim().is_empty())
        .map(|text| name(field, text))
        .collect()
}

fn name(field: &'static str, text: &str) -> Result<String, CommandError> {
    let text = text.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.:& ".contains(c);
    if !text.is_empty() && text.chars().count() <= NAME_CHARS && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    invalid(
        field,
        &format!(
            "Invalid name {:?} in {field}. Use up to {NAME_CHARS} letters, digits, spaces and _ - . : &.",
            shortened(text)
        ),
    )
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn invalid<T>(field: &str, message: &str) -> Result<T, CommandError> {
    Err(CommandError::invalid(field, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    fn field<T>(result: Result<T, CommandError>) -> Option<String> {
        result.err()?.field
    }

    #[test]
    fn phase_aliases_are_sent_by_their_wire_names() {
        assert_eq!(
            phases(&list(&["data_import", "pattern_detection"])).unwrap(),
            ["import", "patterns"]
        );
        assert_eq!(phases(&[]).unwrap(), ["all"]);
        assert_eq!(phases(&list(&["import", "all"])).unwrap(), ["all"]);
        assert_eq!(
            field(phases(&list(&["finalization"]))).as_deref(),
            Some("phases")
        );
    }

    #[test]
    fn symbols_are_normalized_and_an_invalid_one_is_named() {
        let typed = words("aapl, BRK.B\nmsft  AAPL");
        let request = indicators("", &typed, &[]).unwrap();
        let symbols: Vec<_> = request
            .symbols
            .unwrap()
            .iter()
            .map(|s| s.as_str().to_owned())
            .collect();
        assert_eq!(
            (symbols, request.timeframe),
            (list(&["AAPL", "BRK.B", "MSFT"]), "daily".to_owned())
        );
        let error = indicators("", &list(&["<script>"]), &[]).unwrap_err();
        assert!(
            error.message.contains("<script>") && error.field.as_deref() == Some("symbols"),
            "{error}"
        );
        assert_eq!(
            field(indicators("", &vec!["A".to_owned(); MAX_SYMBOLS + 1], &[])).as_deref(),
            Some("symbols")
        );
    }

    #[test]
    fn out_of_range_times_and_look_backs_are_refused() {
        assert_eq!(time(" 6:05 ").unwrap(), "06:05");
        for text in [
            "24:00", "16:60", "16", "16:1", "-1:00", "+6:05", "", "16:10:00",
        ] {
            assert_eq!(field(time(text)).as_deref(), Some("trigger_time"), "{text}");
        }
        let universe = list(&["sp500"]);
        assert_eq!(
            import(&universe, &[], Some(3650)).unwrap().lookback_days,
            3650
        );
        for days in [0, -1, 3651, i64::MAX] {
            assert_eq!(
                field(import(&universe, &[], Some(days))).as_deref(),
                Some("lookback_days")
            );
        }
        assert_eq!(field(import(&[], &[], None)).as_deref(), Some("universes"));
    }

    #[test]
    fn empty_schedule_change_is_refused() {
        assert_eq!(
            field(schedule(None, None, None, None)).as_deref(),
            Some("schedule")
        );
        assert_eq!(
            field(schedule(None, None, None, Some(&[]))).as_deref(),
            Some("universes")
        );
        assert!(schedule(Some(false), None, None, None).is_ok());
    }
}
