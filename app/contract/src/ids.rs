//! Newtypes for what identifies things: runs, symbols, phases.

use crate::wire::{Json, Read};
use serde::Serialize;
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The longest that is kept, in bytes as JSON writes it; what is longer is cut at a
            /// character's end.
            pub const MAX_BYTES: usize = $max;

            /// Takes a text as it came, trimmed and cut to [`Self::MAX_BYTES`]; an empty one is
            /// none.
            pub fn new(text: &str) -> Option<Self> {
                let text = truncate_text(trim(text), Self::MAX_BYTES);
                (!text.is_empty()).then(|| Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Read for $name {
            fn read(json: Json<'_, '_>) -> Option<Self> {
                json.text().map(|text| Self(text.to_owned()))
            }
        }

        crate::deserialize_by_read!($name);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A run's id: TickStockPL's `run_id` (or `job_id` of the cache's pipeline). Usually a UUID;
    /// nothing relies on it.
    RunId, 128
}
text_id! {
    /// A stock's ticker symbol, such as `BRK.B`.
    Symbol, 32
}
text_id! {
    /// What a group of errors is known by: the same in the relay and in every browser, whatever
    /// part of the stream they follow.
    ErrorGroupId, 32
}

/// `text` without what lies past `max` bytes, cut at a character's end. The bytes are those that
/// JSON writes, so that no text takes more room in a frame or a snapshot than it was given: a
/// control character counts six, a quotation mark two.
pub fn truncate_text(text: &str, max: usize) -> &str {
    // Nearly all texts are short and plain.
    if text.len() <= max && is_plain(text) {
        return text;
    }
    let mut room = max;
    for (index, byte) in text.bytes().enumerate() {
        match room.checked_sub(written(byte)) {
            Some(left) => room = left,
            None => return &text[..text.floor_char_boundary(index)],
        }
    }
    text
}

/// The text without white space around it; nearly all begin and end with a letter or a digit, which
/// is quick to see.
pub(crate) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// How many bytes JSON writes for a text, without its quotation marks.
pub fn written_bytes(text: &str) -> usize {
    if is_plain(text) {
        text.len()
    } else {
        text.bytes().map(written).sum()
    }
}

/// Whether JSON writes the text as it is. All of it is looked at, without a branch: several bytes
/// at a time.
fn is_plain(text: &str) -> bool {
    !text.bytes().fold(false, |other, byte| {
        other | (byte < 0x20) | (byte == b'"') | (byte == b'\\')
    })
}

/// How many bytes JSON writes for a byte of a text.
fn written(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0x00..=0x1f => 6,
        _ => 1,
    }
}

crate::words! {
    /// A phase of a daily run, in the order in which they run.
    Phase {
        /// Prices are fetched for every symbol.
        Import = "import",
        /// Universes and caches are brought up to date.
        CacheSync = "cache_sync",
        /// Indicators are calculated.
        Indicators = "indicators",
        /// Chart patterns are looked for.
        Patterns = "patterns",
    }
}

impl Phase {
    /// Reads any spelling of the contract (section 8, point 16); phases that it does not know as
    /// such are `None`.
    pub fn parse(text: &str) -> Option<Phase> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "import" | "data_import" => Phase::Import,
            "cache_sync" | "cache" => Phase::CacheSync,
            "indicators" | "indicator_processing" | "indicator_calculation" => Phase::Indicators,
            "patterns" | "pattern_detection" | "pattern_processing" => Phase::Patterns,
            _ => return None,
        })
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
        assert_eq!(RunId::new(&long).unwrap().as_str().len(), 128);
        assert_eq!(Symbol::new(&format!("a{long}")).unwrap().as_str().len(), 31);
        assert_eq!(RunId::new("  "), None);
    }

    #[test]
    fn a_text_is_cut_to_the_room_that_it_takes_as_json() {
        for text in [
            "plain".repeat(9),
            "\u{1}".repeat(40),
            "\"\\\n".repeat(20),
            "Größe \u{1F4C8}\u{0}".repeat(9),
        ] {
            for max in 0..60 {
                let kept = truncate_text(&text, max);
                let written = serde_json::to_string(kept).unwrap().len() - 2;
                assert_eq!(written_bytes(kept), written);
                assert!(written <= max, "{kept:?} takes {written} of {max}");
                let next = &text[..text.ceil_char_boundary(kept.len() + 1)];
                assert!(
                    kept == text || serde_json::to_string(next).unwrap().len() - 2 > max,
                    "{kept:?} leaves room"
                );
            }
        }
    }

    #[test]
    fn every_phase_reads_its_own_wire_name() {
        for phase in Phase::ALL {
            assert_eq!(Phase::parse(phase.wire_name()), Some(phase));
        }
        assert_eq!(Phase::parse("finalization"), None);
    }
}
