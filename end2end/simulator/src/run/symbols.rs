//! One item of a phase: a symbol, or a universe of the cache.

use super::Runner;
use super::phases::Found;
use crate::dialect::Event;
use crate::market::results::{self, Detection};
use crate::market::{PATTERN_TIMEFRAMES, TIMEFRAMES};
use crate::options::Scenario;
use contract::Phase;

/// How often a symbol has a third pattern, in percent: about 1,250 in all for 505 symbols.
const THIRD_PATTERN: usize = 48;
/// Every how many symbols the intraday stream detects something as well.
const STREAMED: usize = 40;
/// The id of that stream.
const SESSION: &str = "streaming-session";

impl Runner {
    pub(super) async fn item(&mut self, phase: Phase, item: &str, found: &mut Found) {
        match phase {
            Phase::Import => self.import(item, found).await,
            Phase::CacheSync => self.sync(item, found).await,
            Phase::Indicators => self.calculate(item, found).await,
            Phase::Patterns => self.detect(item, found).await,
        }
    }

    async fn import(&mut self, symbol: &str, found: &mut Found) {
        let failure = self.plan().failing.get(symbol).copied();
        let records = match failure {
            None => 300 + self.rng.below(100),
            Some(_) => 0,
        };
        let ms = 80 + self.rng.below(140);
        self.tell(Event::Symbol {
            plan: self.plan(),
            symbol,
            failure,
            records,
            ms,
        })
        .await;
        found.results += records as u64;
        if let Some(failure) = failure {
            found.failed.push(symbol.to_owned());
            self.totals.failed.push(symbol.to_owned());
            self.failed_import(symbol, failure).await;
        }
    }

    async fn sync(&mut self, universe: &str, found: &mut Found) {
        let count = self.rng.below(9);
        if count > 0 {
            found.updated.push(universe.to_owned());
            found.results += count as u64;
            self.tell(Event::Universe {
                universe,
                reason: "Market capitalisation changed",
                count,
            })
            .await;
        }
    }

    async fn calculate(&mut self, symbol: &str, found: &mut Found) {
        if self.plan().failing_indicators.contains(symbol) {
            found.failed.push(symbol.to_owned());
            self.totals.failed_indicators.push(symbol.to_owned());
            self.failed_indicators(symbol).await;
            return;
        }
        let plan = self.active.plan.clone();
        let close = results::close(symbol, &mut self.rng);
        for timeframe in self.timeframes() {
            for indicator in &plan.indicators {
                let calculated = results::calculate(indicator, close, &mut self.rng);
                let step = Event::Indicator {
                    symbol,
                    indicator,
                    timeframe: &timeframe,
                    calculated: &calculated,
                };
                self.tell(step).await;
                found.results += 1;
                self.totals.indicators += 1;
            }
        }
    }

    /// The timeframes of the indicators.
    pub(super) fn timeframes(&self) -> Vec<String> {
        match self.plan().scenario {
            Scenario::Chatty => TIMEFRAMES
                .iter()
                .take(3)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            _ => vec![self.plan().timeframe().to_owned()],
        }
    }

    async fn detect(&mut self, symbol: &str, found: &mut Found) {
        let plan = self.active.plan.clone();
        let price = results::close(symbol, &mut self.rng);
        let count = 2 + usize::from(self.rng.chance(THIRD_PATTERN));
        for _ in 0..count {
            let (pattern, timeframe) = (
                self.rng.pick(&plan.patterns),
                self.rng.pick(&PATTERN_TIMEFRAMES),
            );
            let detection = Detection {
                pattern,
                timeframe,
                confidence: self.rng.number(0.6, 0.98, 2),
                price,
            };
            self.tell(Event::Pattern {
                plan: &plan,
                symbol,
                detection: &detection,
            })
            .await;
        }
        found.results += count as u64;
        self.totals.patterns += count as u64;
        if self.totals.processed.is_multiple_of(STREAMED) {
            let confidence = self.rng.number(0.8, 0.98, 2);
            let detection = Detection {
                pattern: "BullFlag",
                timeframe: "1min",
                confidence,
                price,
            };
            self.tell(Event::Streamed {
                session_id: SESSION,
                symbol,
                detection: &detection,
            })
            .await;
        }
    }
}
