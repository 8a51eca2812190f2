//! Converts values to what both databases can store: text without NUL, ids that fit the key of
//! `processing_runs`, numbers that fit INTEGER.

use crate::limits;
use contract::RunId;
use model::{ErrorGroup, RunStatus};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Maximum length of `processing_runs.run_id`, in characters.
const KEY_CHARS: usize = 64;

/// Replaces NUL, which PostgreSQL's TEXT cannot hold, by U+FFFD; for SQLite too, so that both
/// return the same.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Replaces the escape `\u0000`, which PostgreSQL's JSONB cannot hold, by `\ufffd`.
pub(crate) fn clean_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        // An escaped backslash is stepped over whole: what follows it is no escape.
        let (taken, put) = if escape.starts_with("\\u0000") {
            (6, "\\ufffd")
        } else {
            (2, &escape[..2])
        };
        out.push_str(put);
        rest = &escape[taken..];
    }
    out.push_str(rest);
    out
}

/// The first `max` bytes of `text`, cut at a character's end.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The primary key of a run: its id; of an id over 64 characters the first 47, `~` and 16
/// hexadecimal digits of the whole id's SHA-256, so that the key stays unique. The whole id stands
/// in `console_runs`.
pub fn run_key(id: &str) -> String {
    let id = clean(id);
    if id.chars().count() <= KEY_CHARS {
        return id.into_owned();
    }
    let head: String = id.chars().take(47).collect();
    format!("{head}~{}", hash(&[&id], 8))
}

/// The key of the run that a record names; empty where it names none.
pub(crate) fn run_key_of(run_id: Option<&RunId>) -> String {
    run_id.map(|id| run_key(id.as_str())).unwrap_or_default()
}

/// A key of at most 200 characters; a longer text is shortened as [`run_key`] does.
pub(crate) fn bounded_key(text: &str) -> String {
    let text = clean(text);
    if text.chars().count() <= 200 {
        text.into_owned()
    } else {
        run_key(&text)
    }
}

/// The key of an error group, from the fields by which the model groups errors.
pub(crate) fn error_key(group: &ErrorGroup) -> String {
    let run = group.run_id.as_ref().map_or("", RunId::as_str);
    let component = group.component.as_deref().unwrap_or_default();
    let (kind, text) = match group.code.as_deref() {
        Some(code) => ("code", code),
        None => ("message", group.message.as_str()),
    };
    let severity = group.severity.wire_name();
    hash(&[run, severity, component, kind, text], 16)
}

/// Sorted names, each between line feeds: equal sets become equal text, and a search can match a
/// whole name.
pub(crate) fn universes(names: &[String]) -> String {
    let tidy = |name: &String| clean(cut(name.trim(), limits::NAME)).replace('\n', " ");
    let mut names: Vec<String> = names.iter().map(tidy).collect();
    names.sort();
    names.dedup();
    let mut text = String::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        // The maximum size of an index entry in PostgreSQL.
        if text.len() + name.len() < limits::UNIVERSES {
            text = format!("{}{name}\n", if text.is_empty() { "\n" } else { &text });
        }
    }
    text
}

/// The first `bytes` bytes of the SHA-256 of `parts`, as hexadecimal digits.
pub fn hash(parts: &[&str], bytes: usize) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        // The length first: ("ab", "c") and ("a", "bc") differ.
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize()[..bytes]
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Limits a number to the range of PostgreSQL's INTEGER.
pub(crate) fn clamp(n: Option<u64>) -> Option<i64> {
    n.map(|n| n.min(i32::MAX as u64) as i64)
}

/// Limits a number to the range of BIGINT.
pub(crate) fn big(n: u64) -> i64 {
    n.min(i64::MAX as u64) as i64
}

/// `None` for NaN and infinities.
pub(crate) fn finite(seconds: Option<f64>) -> Option<f64> {
    seconds.filter(|seconds| seconds.is_finite())
}

/// The value of `processing_runs.status`, which has three: `running`, `success`, `failed`.
pub(crate) fn v2_status(status: RunStatus) -> &'static str {
    match status {
        status if status.is_active() => "running",
        status if status.is_success() => "success",
        _ => "failed",
    }
}

/// Statuses other than [`RunStatus::Failed`] that `processing_runs` stores as `failed`, each with
/// the word that begins `error_message` and the reason that follows where none was reported.
pub(crate) fn v2_failed_statuses()
-> impl Iterator<Item = (RunStatus, &'static str, Option<&'static str>)> {
    let ended_badly = |status: &RunStatus| v2_status(*status) == "failed";
    let others = RunStatus::ALL.into_iter().filter(ended_badly);
    others
        .filter(|status| *status != RunStatus::Failed)
        .map(|status| {
            let reason = match status {
                RunStatus::Lost => Some("TickStockPL has no record of this run"),
                RunStatus::Superseded => {
                    Some("another run began before this run's end was reported")
                }
                _ => None,
            };
            (status, status.short(), reason)
        })
}

/// The value of `processing_runs.error_message`, such as `cancelled: by ops`.
pub(crate) fn v2_error_message(status: RunStatus, reason: Option<&str>) -> Option<String> {
    let Some((_, word, usual)) = v2_failed_statuses().find(|(known, ..)| *known == status) else {
        return reason.map(str::to_owned);
    };
    Some(
        reason
            .or(usual)
            .map_or_else(|| word.to_owned(), |reason| format!("{word}: {reason}")),
    )
}

/// Status and reason of a `failed` row, from its `error_message`; the inverse of
/// [`v2_error_message`].
pub(crate) fn parse_v2_error_message(message: Option<&str>) -> (RunStatus, Option<&str>) {
    let said = message.and_then(|message| {
        v2_failed_statuses().find_map(|(status, word, usual)| {
            let rest = message.strip_prefix(word)?;
            let reason = rest.strip_prefix(": ");
            (rest.is_empty() || reason.is_some())
                .then(|| (status, reason.filter(|reason| Some(*reason) != usual)))
        })
    });
    said.unwrap_or((RunStatus::Failed, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_become_keys_of_64_characters_that_differ() {
        let (a, b) = (
            format!("{}a", "ö".repeat(70)),
            format!("{}b", "ö".repeat(70)),
        );
        assert_eq!(run_key(&a).chars().count(), 64);
        assert_ne!(run_key(&a), run_key(&b));
        assert_eq!(run_key(&"x".repeat(64)), "x".repeat(64));
        assert_eq!(run_key("a\0b"), "a\u{fffd}b");
    }

    #[test]
    fn an_escaped_backslash_is_no_escape_of_nul() {
        assert_eq!(
            clean_json(r#"{"a":"\u0000","b":"\\u0000","c":"\\\u0000\n"}"#),
            { r#"{"a":"\ufffd","b":"\\u0000","c":"\\\ufffd\n"}"# }
        );
    }

    #[test]
    fn statuses_that_v2_lacks_are_read_back() {
        for (status, ..) in v2_failed_statuses() {
            for reason in [None, Some("by ops"), Some("TickStockPL reported \"x\"")] {
                let message = v2_error_message(status, reason);
                assert_eq!(
                    parse_v2_error_message(message.as_deref()),
                    (status, reason),
                    "{message:?}"
                );
            }
        }
        for message in [
            None,
            Some("no data"),
            Some("cancelled by the provider"),
            Some("lost connection"),
        ] {
            assert_eq!(
                v2_error_message(RunStatus::Failed, message).as_deref(),
                message
            );
            assert_eq!(
                parse_v2_error_message(message),
                (RunStatus::Failed, message)
            );
        }
    }

    #[test]
    fn numbers_are_limited_to_the_range_of_a_column() {
        assert_eq!(clamp(Some(u64::MAX)), Some(2_147_483_647));
        assert_eq!(big(u64::MAX), i64::MAX);
        assert_eq!(finite(Some(f64::NAN)), None);
    }
}
