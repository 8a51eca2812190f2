//! Universes, symbols, indicators and patterns as they are called in the market.

mod sp500;

pub(crate) use sp500::SP500;

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

const DOW30: &[&str] = &[
    "AAPL", "AMGN", "AMZN", "AXP", "BA", "CAT", "CRM", "CSCO", "CVX", "DIS", "GS", "HD", "HON", "IBM", "JNJ", "JPM",
    "KO", "MCD", "MMM", "MRK", "MSFT", "NKE", "NVDA", "PG", "SHW", "TRV", "UNH", "V", "VZ", "WMT",
];

const ETFS: &[&str] = &[
    "SPY", "QQQ", "IWM", "DIA", "VTI", "VOO", "XLF", "XLK", "XLE", "XLV", "XLI", "XLP", "XLY", "XLU", "XLB", "XLRE",
    "XLC", "GLD", "SLV", "TLT",
];

/// The universes that exist.
pub(crate) const UNIVERSES: &[&str] = &["sp500", "nasdaq100", "dow30", "etf"];

/// The symbols of the universes together, each once.
pub(crate) fn symbols(universes: &[String]) -> Vec<String> {
    let mut all: Vec<&str> = universes.iter().flat_map(|universe| universe_symbols(universe)).copied().collect();
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|symbol| seen.insert(*symbol));
    all.into_iter().map(str::to_owned).collect()
}

fn universe_symbols(universe: &str) -> &'static [&'static str] {
    match universe {
        "nasdaq100" => &SP500[..100],
        "dow30" => DOW30,
        "etf" => ETFS,
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
        assert!(symbols(&["sp500".to_owned(), "dow30".to_owned()]).len() < 535);
    }
}
