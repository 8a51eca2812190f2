//! Display options, from an address or from a token. What is unknown is passed over: a portal's
//! page outlives a version of ours.

use super::resource::zone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest list of sections that is looked at.
const SECTIONS_BYTES: usize = 256;

/// Appearance of a view; unset options have defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayOptions {
    /// `light`, `dark`, `auto` or `transparent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// `comfortable` or `compact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<String>,
    /// The IANA name of the zone that times are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tz: Option<String>,
    /// The sections, with commas between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sections: Option<String>,
}

/// The themes, the usual one first.
pub const THEMES: [&str; 4] = ["auto", "light", "dark", "transparent"];
/// The densities, the usual one first.
pub const DENSITIES: [&str; 2] = ["comfortable", "compact"];

impl DisplayOptions {
    /// Parses names and values; the first good value of a name counts.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> DisplayOptions {
        let mut options = DisplayOptions::default();
        for (name, value) in pairs {
            let (place, read) = match name {
                "theme" => (&mut options.theme, word(&THEMES, value)),
                "density" => (&mut options.density, word(&DENSITIES, value)),
                "accent" => (&mut options.accent, colour(value)),
                "tz" => (&mut options.tz, zone(value)),
                "sections" => (&mut options.sections, list(value)),
                _ => continue,
            };
            if place.is_none() {
                *place = read;
            }
        }
        options
    }

    /// Parses a token's options.
    pub fn of_json(object: &Map<String, Value>) -> DisplayOptions {
        let text = |value: &Value| match value {
            Value::Array(list) => list
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(","),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        let pairs: Vec<(&str, String)> = object
            .iter()
            .map(|(name, value)| (name.as_str(), text(value)))
            .collect();
        DisplayOptions::read(pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// These, and where they say nothing those of `other`.
    #[must_use]
    pub fn over(self, other: DisplayOptions) -> DisplayOptions {
        DisplayOptions {
            theme: self.theme.or(other.theme),
            accent: self.accent.or(other.accent),
            density: self.density.or(other.density),
            tz: self.tz.or(other.tz),
            sections: self.sections.or(other.sections),
        }
    }

    /// The theme as a word of ours.
    pub fn theme(&self) -> &'static str {
        known(&THEMES, self.theme.as_deref())
    }

    /// The density as a word of ours.
    pub fn density(&self) -> &'static str {
        known(&DENSITIES, self.density.as_deref())
    }
}

fn known(words: &[&'static str], chosen: Option<&str>) -> &'static str {
    words
        .iter()
        .find(|word| Some(**word) == chosen)
        .copied()
        .unwrap_or(words[0])
}

fn word(words: &[&str], value: &str) -> Option<String> {
    words.contains(&value).then(|| value.to_owned())
}

/// `#rgb` or `#rrggbb`, with or without the `#`, which addresses would have to encode.
fn colour(value: &str) -> Option<String> {
    let digits = value.strip_prefix('#').unwrap_or(value);
    let hex = matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| format!("#{}", digits.to_ascii_lowercase()))
}

fn list(value: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || b", _-".contains(&byte);
    (value.len() <= SECTIONS_BYTES && value.bytes().all(plain))
        .then(|| value.to_owned())
        .filter(|list| !list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_taken_over() {
        let options = DisplayOptions::read([
            ("theme", "blink"),
            ("theme", "dark"),
            ("accent", "red;background:url(//evil)"),
            ("density", "compact"),
            ("tz", "Nowhere/Else"),
            ("sections", "facts,<script>"),
            ("onload", "alert(1)"),
        ]);
        let known = DisplayOptions {
            theme: Some("dark".into()),
            density: Some("compact".into()),
            ..DisplayOptions::default()
        };
        assert_eq!(options, known);
        assert_eq!(
            DisplayOptions::read([("accent", "0A7")]).accent.as_deref(),
            Some("#0a7")
        );
        assert_eq!(DisplayOptions::read([("accent", "#12345")]).accent, None);
    }

    #[test]
    fn a_tokens_options_win_over_the_addresss() {
        let locked = DisplayOptions::of_json(
            serde_json::json!({ "theme": "light", "sections": ["facts"], "x": 1 })
                .as_object()
                .unwrap(),
        );
        let both = locked.over(DisplayOptions::read([
            ("theme", "dark"),
            ("density", "compact"),
        ]));
        assert_eq!(
            (both.theme(), both.density(), both.sections.as_deref()),
            ("light", "compact", Some("facts"))
        );
    }
}
