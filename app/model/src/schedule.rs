//! TickStockPL's schedule, put together from its HTTP answers and its events.

use contract::Timestamp;
use serde::Serialize;

/// When runs start by themselves. What TickStockPL never said is absent, not guessed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schedule {
    /// Whether runs start by themselves.
    pub enabled: Option<bool>,
    /// `HH:MM`, as TickStockPL gives it.
    pub trigger_time: Option<String>,
    /// IANA name of the zone of `trigger_time`, as TickStockPL gives it.
    pub timezone: Option<String>,
    /// Whether days without a session are left out.
    pub market_check: Option<bool>,
    /// When the next run starts.
    pub next_run: Option<Timestamp>,
    /// The universes that are processed.
    pub universes: Vec<String>,
    /// When TickStockPL last said so.
    pub known_at: Timestamp,
}

impl Schedule {
    /// What tells this schedule from another one: the same text for the same settings, whenever
    /// they became known.
    pub fn version(&self) -> String {
        // FNV-1a over what an operator can edit: short, the same on every machine, and no secret.
        let text = format!(
            "{:?}",
            (
                self.enabled,
                &self.trigger_time,
                &self.timezone,
                self.market_check,
                &self.universes
            )
        );
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}

contract::read_fields!(Schedule {
    enabled,
    trigger_time,
    timezone,
    market_check,
    next_run,
    universes,
    known_at
});
