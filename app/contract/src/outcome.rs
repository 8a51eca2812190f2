//! How a run, a phase or a symbol's import ended: one reader for every word, number and flag that
//! says so.
//!
//! A word that this reader does not know is never good news: it makes the outcome
//! [`Outcome::Unknown`], and the word is kept to be shown.

use crate::fields::{Fields, flag};
use crate::ids::{trim, truncate_text};
use crate::json::{Json, Name, Value, names};

/// Longest outcome word that is kept.
const WORD_BYTES: usize = 64;

/// Names of a text that explains a failure. `message` and `reason` are none of them: they may be
/// friendly.
pub(crate) const ERROR_TEXT: &[Name] =
    names!["error_message", "error", "error_details", "exception"];

/// Names under which a message states the outcome by a word, and by a flag.
const STATUS: [&[Name]; 3] = [
    names!["status"],
    names!["sync_status"],
    names!["final_status"],
];
const SUCCESS: &[Name] = names!["success"];

crate::words! {
    /// How a run or a phase ended.
    Outcome {
        Succeeded = "succeeded",
        /// The message itself says that something is missing: `partial`, `completed_with_errors`.
        SucceededWithWarnings = "succeeded_with_warnings",
        Failed = "failed",
        Cancelled = "cancelled",
        /// The word for how it ended is not one that this console knows; the word is kept beside
        /// the outcome.
        Unknown = "unknown",
    }
}

impl Outcome {
    /// Reads a status word of something that ended: plain (`timed out`), or an enum's text
    /// (`ProcessingStatus.FAILED`, `<Status.FAILED: 'failed'>`), alone or with an explanation
    /// (`failed: database`). What is not known is [`Outcome::Unknown`], words of something still
    /// active among them.
    pub fn parse_word(text: &str) -> Outcome {
        let text = trim(text);
        match flag_word(text) {
            Some(true) => return Outcome::Succeeded,
            Some(false) => return Outcome::Failed,
            None => {}
        }
        let (word, explanation) = enum_word(text);
        let words = words(word);
        match classify(&words) {
            // The explanation of a success may take it back: `finished: failed`.
            Outcome::Succeeded if !explanation.is_empty() => {
                let all = [words, self::words(explanation)].concat();
                match classify(&all) {
                    Outcome::Unknown => Outcome::Succeeded,
                    known => known,
                }
            }
            known => known,
        }
    }

    /// As [`Outcome::parse_word`]; `None` for words of something that has not ended, such as
    /// `running`, and for an empty text.
    pub fn parse(text: &str) -> Option<Outcome> {
        (!trim(text).is_empty() && !is_active_word(text)).then(|| Outcome::parse_word(text))
    }

    /// The place among contradicting statements of one message: the highest counts.
    fn rank(self) -> u8 {
        match self {
            Outcome::Succeeded => 0,
            Outcome::SucceededWithWarnings => 1,
            Outcome::Unknown => 2,
            Outcome::Failed => 3,
            Outcome::Cancelled => 4,
        }
    }
}

/// The outcome that a message states, with the word where that is [`Outcome::Unknown`].
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ending {
    /// `None` where the message says nothing of it, not even an error.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) word: Option<String>,
}

impl Ending {
    /// Reads the outcome of a message that reports an end: from the event's name, every status
    /// field and the flag, of which the worst counts. An error text without any of them leaves the
    /// outcome unknown.
    pub(crate) fn parse_event(name: &str, f: &Fields<'_, '_>) -> Ending {
        let of_name = end_of_name(name)
            .and_then(|(_, outcome)| outcome)
            .map(Statement::from);
        let of_words = STATUS.iter().filter_map(|names| f.find(names, statement));
        // A number of successes says nothing of the whole.
        let says_flag = |value: &Json<'_, '_>| flag(*value).is_some() || value.text().is_some();
        let of_flag = f.find(SUCCESS, |value| {
            Some(value).filter(says_flag).and_then(statement)
        });
        let worst = of_name
            .into_iter()
            .chain(of_words)
            .chain(of_flag)
            .reduce(
                |worst, other| match other.outcome.rank() > worst.outcome.rank() {
                    true => other,
                    false => worst,
                },
            );
        match worst {
            Some(Statement { outcome, word }) => Ending {
                outcome: Some(outcome),
                word,
            },
            None if f.find(ERROR_TEXT, says_error).is_some() => Ending {
                outcome: Some(Outcome::Unknown),
                word: None,
            },
            None => Ending::default(),
        }
    }

    /// Reads the outcome of a row that lists a run which may still be active. `has_ended`: the row
    /// has a time of its end.
    pub(crate) fn parse_row(f: &Fields<'_, '_>, has_ended: bool) -> Ending {
        let is_active =
            |value: Json<'_, '_>| value.text().is_some_and(is_active_word).then_some(());
        if STATUS
            .iter()
            .any(|names| f.find(names, is_active).is_some())
        {
            return Ending::default();
        }
        match Ending::parse_event("", f) {
            Ending { outcome: None, .. } if has_ended => Ending {
                outcome: Some(Outcome::Succeeded),
                word: None,
            },
            ending => ending,
        }
    }
}

/// What one field says of the outcome.
struct Statement {
    outcome: Outcome,
    word: Option<String>,
}

impl From<Outcome> for Statement {
    fn from(outcome: Outcome) -> Self {
        Statement {
            outcome,
            word: None,
        }
    }
}

fn statement(value: Json<'_, '_>) -> Option<Statement> {
    if let Some(ok) = flag(value) {
        return Some(
            if ok {
                Outcome::Succeeded
            } else {
                Outcome::Failed
            }
            .into(),
        );
    }
    match value.value() {
        Value::Text(text) if trim(text).is_empty() => None,
        Value::Text(text) => Some(of_text(text)),
        Value::Int(number) => Some(of_number(number)),
        Value::Large(number) => Some(of_number(number)),
        Value::Float(number) => Some(of_number(number)),
        // Some write an enum as an object with its value.
        Value::Object { .. } => {
            let inner = ["value", "name", "status", "state", "code"]
                .iter()
                .find_map(|name| value.get(name)?.text());
            Some(inner.map_or_else(|| Outcome::Unknown.into(), of_text))
        }
        Value::List | Value::Unreadable => Some(Outcome::Unknown.into()),
        Value::Null | Value::Bool(_) => None,
    }
}

fn of_text(text: &str) -> Statement {
    let outcome = Outcome::parse_word(text);
    let word =
        (outcome == Outcome::Unknown).then(|| truncate_text(trim(text), WORD_BYTES).to_owned());
    Statement { outcome, word }
}

fn of_number(number: impl ToString) -> Statement {
    Statement {
        outcome: Outcome::Unknown,
        word: Some(truncate_text(&number.to_string(), WORD_BYTES).to_owned()),
    }
}

/// True where the field that explains an error holds an explanation. Python writes `None` for a
/// missing value.
pub(crate) fn says_error(value: Json<'_, '_>) -> Option<()> {
    let says = match value.value() {
        Value::Text(text) => {
            let text = trim(text);
            !text.is_empty()
                && !["none", "null", "nan", "false", "no", "0"]
                    .iter()
                    .any(|no| text.eq_ignore_ascii_case(no))
        }
        Value::Bool(yes) => *yes,
        Value::Int(number) => *number != 0,
        Value::Null => false,
        Value::List => value
            .list_items()
            .is_some_and(|mut items| items.next().is_some()),
        Value::Object { .. } => value.entries().next().is_some(),
        _ => true,
    };
    says.then_some(())
}

/// What the end of an event's name says; longer ends before shorter ones that they end with.
const NAME_ENDS: &[(&str, Option<Outcome>)] = &[
    (
        "completed_with_errors",
        Some(Outcome::SucceededWithWarnings),
    ),
    (
        "completed_with_warnings",
        Some(Outcome::SucceededWithWarnings),
    ),
    ("partially_completed", Some(Outcome::SucceededWithWarnings)),
    ("partially_failed", Some(Outcome::SucceededWithWarnings)),
    ("completed", None),
    ("complete", None),
    ("finished", None),
    ("ended", None),
    ("done", None),
    ("succeeded", Some(Outcome::Succeeded)),
    ("failed", Some(Outcome::Failed)),
    ("failure", Some(Outcome::Failed)),
    ("error", Some(Outcome::Failed)),
    ("errored", Some(Outcome::Failed)),
    ("crashed", Some(Outcome::Failed)),
    ("timed_out", Some(Outcome::Failed)),
    ("timedout", Some(Outcome::Failed)),
    ("timeout", Some(Outcome::Failed)),
    ("killed", Some(Outcome::Failed)),
    ("terminated", Some(Outcome::Failed)),
    ("cancelled", Some(Outcome::Cancelled)),
    ("canceled", Some(Outcome::Cancelled)),
    ("aborted", Some(Outcome::Cancelled)),
    ("stopped", Some(Outcome::Cancelled)),
    ("interrupted", Some(Outcome::Cancelled)),
];

/// What ended, by an event's name in lower case, and how where the name says so: `("data_import",
/// Some(Failed))` of `data_import_failed`. `None` for a name that reports no end.
pub(crate) fn end_of_name(name: &str) -> Option<(&str, Option<Outcome>)> {
    NAME_ENDS
        .iter()
        .find_map(|(end, outcome)| Some((name.strip_suffix(end)?.strip_suffix('_')?, *outcome)))
}

/// A status word in lower case with `_` between its parts: `not_running` of
/// `ServiceState.NotRunning`.
pub(crate) fn plain_word(text: &str) -> String {
    words(enum_word(trim(text)).0).join("_")
}

/// Whether a status word says that something is still active, or has not begun.
pub(crate) fn is_active_word(text: &str) -> bool {
    matches!(
        plain_word(text).as_str(),
        "running"
            | "in_progress"
            | "inprogress"
            | "active"
            | "started"
            | "starting"
            | "initializing"
            | "initialising"
            | "submitted"
            | "accepted"
            | "created"
            | "scheduled"
            | "queued"
            | "pending"
            | "waiting"
            | "processing"
            | "paused"
            | "resuming"
            | "retrying"
            | "cancelling"
            | "canceling"
            | "stopping"
            | "aborting"
            | "terminating"
    )
}

fn flag_word(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "yes", "1", "1.0"]) {
        Some(true)
    } else if is(&["false", "no", "0", "0.0"]) {
        Some(false)
    } else {
        None
    }
}

/// The last word of an enum's text, and what stands behind its colon: `FAILED` and `'failed'` of
/// `<Status.FAILED: 'failed'>`.
fn enum_word(text: &str) -> (&str, &str) {
    let text = text.trim_matches(|c: char| matches!(c, '<' | '>' | '\'' | '"' | '`'));
    let text = text.rsplit_once("::").map_or(text, |(_, word)| word);
    let (word, explanation) = text.split_once(':').unwrap_or((text, ""));
    let word = word.trim().trim_end_matches(['.', '!']);
    match word.rsplit_once('.') {
        Some((_, last)) if !word.contains(char::is_whitespace) => (last, explanation),
        _ => (word, explanation),
    }
}

/// The words of a text in lower case: `CompletedWithErrors` and `completed-with errors` have the
/// same three. A time-out and a lack of memory are one word, however they are spelled.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut previous = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let begins_word = c.is_uppercase()
            && (previous.is_lowercase()
                || previous.is_uppercase() && rest.peek().is_some_and(|next| next.is_lowercase()));
        if begins_word {
            spaced.push('_');
        }
        spaced.extend(if c.is_alphanumeric() { c } else { '_' }.to_lowercase());
        previous = c;
    }
    let words = spaced
        .split('_')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    let words = words
        .replace("timed_out", "timeout")
        .replace("time_out", "timeout")
        .replace("out_of_memory", "oom");
    words
        .split('_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn classify(words: &[String]) -> Outcome {
    let (mut bad, mut succeeded_first) = (None, false);
    let (mut partial, mut warned, mut connected, mut counted, mut unknown) =
        (false, false, false, false, false);
    let mut rest = words.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        match word {
            // "completed with no errors", "without errors": there were none.
            "no" | "without" | "zero" | "0" => drop(rest.next()),
            "with"
                if rest
                    .peek()
                    .is_some_and(|next| matches!(*next, "no" | "zero" | "0")) => {}
            "not" if rest.peek().is_some_and(|next| is_success(next)) => {
                rest.next();
                bad = bad.or(Some(Outcome::Failed));
            }
            "with" | "but" => connected = true,
            "partial" | "partially" | "partly" => partial = true,
            "warning" | "warnings" | "warn" | "issues" => warned = true,
            _ if is_success(word) => succeeded_first |= bad.is_none(),
            _ if is_cancellation(word) => bad = bad.or(Some(Outcome::Cancelled)),
            // "finished with errors" and "completed, 3 errors" are what they say first.
            "errors" | "failures" | "exceptions"
                if bad.is_none() && (connected || succeeded_first) =>
            {
                warned = true;
            }
            _ if is_failure(word) => bad = bad.or(Some(Outcome::Failed)),
            _ => {
                counted |= word.bytes().all(|b| b.is_ascii_digit());
                unknown |= !is_filler(word);
            }
        }
    }
    match bad {
        _ if partial => Outcome::SucceededWithWarnings,
        Some(_) if succeeded_first && (connected || counted) => Outcome::SucceededWithWarnings,
        Some(bad) => bad,
        None if warned || succeeded_first && connected => Outcome::SucceededWithWarnings,
        None if succeeded_first && !unknown => Outcome::Succeeded,
        None => Outcome::Unknown,
    }
}

fn is_success(word: &str) -> bool {
    matches!(
        word,
        "success"
            | "successful"
            | "successfully"
            | "succeeded"
            | "complete"
            | "completed"
            | "done"
            | "finished"
            | "passed"
            | "ok"
            | "okay"
            | "true"
    )
}

fn is_cancellation(word: &str) -> bool {
    ["cancel", "abort", "stop", "interrupt", "halt", "revoke"]
        .iter()
        .any(|stem| word.starts_with(stem))
}

/// Time-outs, kills and crashes are failures, however they are called.
fn is_failure(word: &str) -> bool {
    let stems = [
        "fail",
        "timeout",
        "timedout",
        "crash",
        "exception",
        "kill",
        "terminat",
        "panic",
        "segfault",
        "sigkill",
        "sigterm",
    ];
    stems.iter().any(|stem| word.starts_with(stem))
        || matches!(
            word,
            "error"
                | "errors"
                | "errored"
                | "err"
                | "fatal"
                | "oom"
                | "oomkilled"
                | "sigsegv"
                | "sigabrt"
                | "died"
                | "dead"
                | "deadline"
                | "expired"
                | "unsuccessful"
                | "unsuccessfully"
                | "false"
        )
}

/// Words that say of what somebody speaks, not how it ended.
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "daily"
            | "run"
            | "job"
            | "task"
            | "phase"
            | "processing"
            | "import"
            | "sync"
            | "all"
            | "fully"
            | "normally"
    )
}

#[cfg(test)]
mod tests;
