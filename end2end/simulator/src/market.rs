//! Universes and their symbols, and what is calculated for them, as they are called in the market.

pub(crate) mod results;
mod sp500;
mod universes;

use sp500::SP500;
use std::collections::BTreeSet;

/// The indicators that are calculated for every symbol: 15, so 7,575 results for 505 symbols.
pub(crate) const INDICATORS: [&str; 15] = [
    "SMA_20",
    "SMA_50",
    "SMA_200",
    "EMA_12",
    "EMA_26",
    "RSI",
    "MACD",
    "BollingerBands",
    "Stochastic",
    "ATR",
    "ADX",
    "OBV",
    "VWAP",
    "CCI",
    "ROC",
];

/// The patterns that are looked for.
pub(crate) const PATTERNS: [&str; 12] = [
    "BullishEngulfing",
    "BearishEngulfing",
    "Doji",
    "Hammer",
    "ShootingStar",
    "MorningStar",
    "EveningStar",
    "HeadAndShoulders",
    "DoubleTop",
    "DoubleBottom",
    "AscendingTriangle",
    "BullFlag",
];

/// The timeframes of the patterns.
pub(crate) const PATTERN_TIMEFRAMES: [&str; 3] = ["1hour", "1day", "1week"];

/// The timeframes of the import and of the indicators, with the days that an import usually looks
/// back.
pub(crate) const TIMEFRAMES: [(&str, u64); 4] = [
    ("hourly", 90),
    ("daily", 365),
    ("weekly", 730),
    ("monthly", 1825),
];

/// The universes that exist.
pub(crate) const UNIVERSES: &[&str] = &["sp500", "nasdaq100", "dow30", "russell2000", "etf"];

/// The symbols of the universes together, each once.
pub(crate) fn symbols(universes: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = universes.iter().flat_map(|universe| members(universe));
    all.filter(|symbol| seen.insert(**symbol))
        .map(|symbol| (*symbol).to_owned())
        .collect()
}

/// The symbols of one universe.
pub(crate) fn members(universe: &str) -> &'static [&'static str] {
    match universe {
        "nasdaq100" => universes::NASDAQ100,
        "dow30" => universes::DOW30,
        "russell2000" => universes::RUSSELL,
        "etf" => universes::ETFS,
        _ => SP500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sp500_has_505_symbols_each_once() {
        assert_eq!(symbols(&["sp500".to_owned()]).len(), 505);
        assert_eq!(SP500.len(), 505);
        assert!(SP500.contains(&"BRK.B"));
    }

    #[test]
    fn universes_together_have_each_symbol_once() {
        assert_eq!(symbols(&["dow30".to_owned(), "etf".to_owned()]).len(), 50);
        assert_eq!(
            symbols(&["sp500".to_owned(), "dow30".to_owned()]).len(),
            505,
            "the Dow's are in the S&P"
        );
        assert_eq!(symbols(&["nasdaq100".to_owned()]).len(), 101);
    }
}
