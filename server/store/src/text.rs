//! What both databases can hold: texts without NUL, ids that fit the old key, numbers that fit an
//! INTEGER.

use crate::limits;
use contract::RunId;
use model::{ErrorGroup, RunStatus};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The longest key of `processing_runs`, in characters.
const KEY_CHARS: usize = 64;

/// `text` as PostgreSQL's TEXT can hold it: NUL becomes U+FFFD. The same is done for SQLite, so
/// that both answer the same.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// JSON text as PostgreSQL's JSONB can hold it: the escape `\u0000` becomes `\ufffd`.
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

/// A key of at most 200 characters, made as a run's is where it is longer.
pub(crate) fn bounded_key(text: &str) -> String {
    let text = clean(text);
    if text.chars().count() <= 200 {
        text.into_owned()
    } else {
        run_key(&text)
    }
}

/// Tells one group of errors from another, as the model does.
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

/// Names between line feeds, sorted, so that the same universes make the same text and a search
/// finds one as a whole.
pub(crate) fn universes(names: &[String]) -> String {
    let tidy = |name: &String| clean(cut(name.trim(), limits::NAME)).replace('\n', " ");
    let mut names: Vec<String> = names.iter().map(tidy).collect();
    names.sort();
    names.dedup();
    let mut text = String::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        // An index of PostgreSQL's holds no more.
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

/// For PostgreSQL's INTEGER: what is more than it holds becomes the most it holds.
pub(crate) fn clamp(n: Option<u64>) -> Option<i64> {
    n.map(|n| n.min(i32::MAX as u64) as i64)
}

/// For BIGINT, in the same way.
pub(crate) fn big(n: u64) -> i64 {
    n.min(i64::MAX as u64) as i64
}

/// Seconds that are a number; nothing otherwise.
pub(crate) fn finite(seconds: Option<f64>) -> Option<f64> {
    seconds.filter(|seconds| seconds.is_finite())
}

/// The word of `processing_runs.status`, of which the old code knows three.
pub(crate) fn old_status(status: RunStatus) -> &'static str {
    match status {
        status if status.is_active() => "running",
        status if status.is_success() => "success",
        _ => "failed",
    }
}

/// Statuses that are `failed` in `processing_runs`, beside [`RunStatus::Failed`] itself: the word
/// that `error_message` begins with, and the reason that stands there where none is known.
pub(crate) fn old_outcomes() -> impl Iterator<Item = (RunStatus, &'static str, Option<&'static str>)>
{
    let ended_badly = |status: &RunStatus| old_status(*status) == "failed";
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

/// `processing_runs.error_message` of a run: `cancelled: by ops` for one that was cancelled for
/// that reason.
pub(crate) fn old_message(status: RunStatus, reason: Option<&str>) -> Option<String> {
    let Some((_, word, usual)) = old_outcomes().find(|(known, ..)| *known == status) else {
        return reason.map(str::to_owned);
    };
    Some(
        reason
            .or(usual)
            .map_or_else(|| word.to_owned(), |reason| format!("{word}: {reason}")),
    )
}

/// The status and the reason of a `failed` row, from its `error_message`; reverses [`old_message`].
pub(crate) fn old_outcome(message: Option<&str>) -> (RunStatus, Option<&str>) {
    let said = message.and_then(|message| {
        old_outcomes().find_map(|(status, word, usual)| {
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
    fn outcomes_that_the_old_code_lacks_are_read_back() {
        for (status, ..) in old_outcomes() {
            for reason in [None, Some("by ops"), Some("TickStockPL reported \"x\"")] {
                let message = old_message(status, reason);
                assert_eq!(
                    old_outcome(message.as_deref()),
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
            assert_eq!(old_message(RunStatus::Failed, message).as_deref(), message);
            assert_eq!(old_outcome(message), (RunStatus::Failed, message));
        }
    }

    #[test]
    fn what_is_too_large_for_a_column_is_the_most_it_holds() {
        assert_eq!(clamp(Some(u64::MAX)), Some(2_147_483_647));
        assert_eq!(big(u64::MAX), i64::MAX);
        assert_eq!(finite(Some(f64::NAN)), None);
    }
}
