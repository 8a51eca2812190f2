//! Newtypes for what identifies things: runs, symbols, phases.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The longest that is kept, in bytes; what is longer is cut at a character's end.
            pub const MAX_BYTES: usize = $max;

            /// Takes a text as it came, trimmed and cut to [`Self::MAX_BYTES`]; an empty one is none.
            pub fn new(text: &str) -> Option<Self> {
                let text = cut(text.trim(), Self::MAX_BYTES);
                (!text.is_empty()).then(|| Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A run's id: TickStockPL's `run_id` (or `job_id` of the cache's pipeline). Usually a UUID; nothing relies on it.
    RunId, 256
}
text_id! {
    /// A stock's ticker symbol, such as `BRK.B`.
    Symbol, 64
}

/// `text` without what lies past `max` bytes, cut at a character's end.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// A phase of a daily run, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Prices are fetched for every symbol.
    Import,
    /// Universes and caches are brought up to date.
    CacheSync,
    /// Indicators are calculated.
    Indicators,
    /// Chart patterns are looked for.
    Patterns,
}

impl Phase {
    /// All four, in order.
    pub const ALL: [Phase; 4] = [Phase::Import, Phase::CacheSync, Phase::Indicators, Phase::Patterns];

    /// Reads any spelling of the contract (section 8, point 16); phases that it does not know as such are `None`.
    pub fn parse(text: &str) -> Option<Phase> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "import" | "data_import" => Phase::Import,
            "cache_sync" | "cache" => Phase::CacheSync,
            "indicators" | "indicator_processing" | "indicator_calculation" => Phase::Indicators,
            "patterns" | "pattern_detection" | "pattern_processing" => Phase::Patterns,
            _ => return None,
        })
    }

    /// The name that requests carry (the agreement's list).
    pub const fn wire_name(self) -> &'static str {
        match self {
            Phase::Import => "import",
            Phase::CacheSync => "cache_sync",
            Phase::Indicators => "indicators",
            Phase::Patterns => "patterns",
        }
    }

    /// The place in the order, 0 to 3.
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_are_cut_at_a_characters_end_and_empty_ones_are_none() {
        let long = "ö".repeat(200);
        assert_eq!(RunId::new(&long).unwrap().as_str().len(), 256);
        assert_eq!(Symbol::new(&format!("a{long}")).unwrap().as_str().len(), 63);
        assert_eq!(RunId::new("  "), None);
    }

    #[test]
    fn every_phase_reads_its_own_wire_name() {
        for phase in Phase::ALL {
            assert_eq!(Phase::parse(phase.wire_name()), Some(phase));
        }
        assert_eq!(Phase::parse("finalization"), None);
    }
}
