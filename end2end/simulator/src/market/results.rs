//! What is found for a symbol: its price, its indicators' values, a pattern's data.

use crate::rng::{Rng, rounded};
use serde_json::{Value, json};

/// Daily bars that indicators are calculated from.
const BARS: usize = 252;

/// One indicator's values, and how they were calculated.
pub(crate) struct Calculated {
    pub(crate) values: Value,
    pub(crate) metadata: Value,
}

/// A pattern that was detected.
pub(crate) struct Detection<'a> {
    pub(crate) pattern: &'a str,
    pub(crate) timeframe: &'a str,
    pub(crate) confidence: f64,
    pub(crate) price: f64,
}

/// About what a share costs, the same in every run: 8 to 648 dollars.
pub(crate) fn usual_price(symbol: &str) -> f64 {
    let hash = symbol.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    8.0 + (hash >> 16) as f64 % 64_000.0 / 100.0
}

/// Today's close.
pub(crate) fn close(symbol: &str, rng: &mut Rng) -> f64 {
    rounded(usual_price(symbol) * rng.number(0.93, 1.07, 4), 2)
}

/// The values of `indicator` for a symbol that closed at `close`.
pub(crate) fn calculate(indicator: &str, close: f64, rng: &mut Rng) -> Calculated {
    let near =
        |rng: &mut Rng, share: f64| rounded(close * rng.number(1.0 - share, 1.0 + share, 4), 2);
    let (period, values) = match indicator {
        "RSI" => {
            let rsi = rng.number(18.0, 86.0, 2);
            let signal = if rsi > 70.0 {
                "overbought"
            } else if rsi < 30.0 {
                "oversold"
            } else {
                "neutral"
            };
            (14, json!({ "rsi": rsi, "signal": signal }))
        }
        "MACD" => {
            let (macd, signal) = (rng.number(-4.0, 4.0, 3), rng.number(-4.0, 4.0, 3));
            let histogram = rounded(macd - signal, 3);
            (
                26,
                json!({ "macd": macd, "signal": signal, "histogram": histogram, "bullish": histogram > 0.0 }),
            )
        }
        "BollingerBands" => {
            let (middle, width) = (near(rng, 0.03), close * rng.number(0.02, 0.08, 4));
            (
                20,
                json!({ "upper": cents(middle + width), "middle": middle, "lower": cents(middle - width) }),
            )
        }
        "Stochastic" => (
            14,
            json!({ "k": rng.number(2.0, 98.0, 2), "d": rng.number(5.0, 95.0, 2) }),
        ),
        "ATR" => {
            let percent = rng.number(0.8, 4.5, 2);
            (
                14,
                json!({ "atr": cents(close * percent / 100.0), "atr_percent": percent }),
            )
        }
        "ADX" => {
            let adx = rng.number(8.0, 55.0, 2);
            (
                14,
                json!({ "adx": adx, "plus_di": rng.number(8.0, 40.0, 2), "trending": adx > 25.0 }),
            )
        }
        "OBV" => (
            1,
            json!({ "obv": rng.below(90_000_000) as i64 - 40_000_000 }),
        ),
        "VWAP" => (1, json!({ "vwap": near(rng, 0.01) })),
        "CCI" => (20, json!({ "cci": rng.number(-210.0, 210.0, 2) })),
        "ROC" => (12, json!({ "roc": rng.number(-9.0, 11.0, 2) })),
        average => {
            let period = average
                .rsplit('_')
                .next()
                .and_then(|period| period.parse().ok())
                .unwrap_or(20);
            let value = near(rng, 0.02 + f64::from(period) / 1500.0);
            (period, json!({ "value": value, "above": close > value }))
        }
    };
    Calculated {
        values,
        metadata: json!({ "period": period, "data_points": BARS, "close": close }),
    }
}

impl Detection<'_> {
    /// Entry, stop and target: below and above for a rise, above and below for a fall.
    pub(crate) fn data(&self) -> Value {
        let falls = ["Bearish", "Shooting", "Evening", "Head", "DoubleTop"];
        let sign = if falls.iter().any(|word| self.pattern.starts_with(word)) {
            -1.0
        } else {
            1.0
        };
        let at = |share: f64| cents(self.price * (1.0 + sign * share));
        json!({ "entry_price": self.price, "stop_loss": at(-0.02), "target_price": at(0.05), "risk_reward": 2.5 })
    }

    /// The prices at which it is expected to turn.
    pub(crate) fn levels(&self) -> Value {
        json!([
            { "type": "support", "value": cents(self.price * 0.97) },
            { "type": "resistance", "value": cents(self.price * 1.06) },
        ])
    }
}

fn cents(price: f64) -> f64 {
    rounded(price, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{INDICATORS, PATTERNS};

    #[test]
    fn every_indicator_has_values_and_says_how_they_came_about() {
        let mut rng = Rng::new(7, 1);
        let close = close("AAPL", &mut rng);
        assert!((7.0..700.0).contains(&close));
        for indicator in INDICATORS {
            let Calculated { values, metadata } = calculate(indicator, close, &mut rng);
            assert!(!values.as_object().unwrap().is_empty(), "{indicator}");
            assert!(metadata["period"].as_u64().unwrap() >= 1, "{indicator}");
        }
    }

    #[test]
    fn the_stop_lies_on_the_other_side_of_the_entry_than_the_target() {
        for pattern in PATTERNS {
            let detection = Detection {
                pattern,
                timeframe: "1day",
                confidence: 0.8,
                price: 100.0,
            };
            let (stop, target) = (
                detection.data()["stop_loss"].clone(),
                detection.data()["target_price"].clone(),
            );
            assert!(
                (stop.as_f64().unwrap() - 100.0) * (target.as_f64().unwrap() - 100.0) < 0.0,
                "{pattern}"
            );
        }
    }
}
