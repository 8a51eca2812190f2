//! Finding a field whatever it is called and wherever it stands.
//!
//! The rule for what a message says twice: the inner place wins over the outer one (`payload`, then `data`, then a named object
//! such as `detection`, then the top level); in one place the first of the given names that holds a usable value wins.
//! "Usable" means of the right kind: a number may come as text (`"505"`, `"62.5%"`), a bad one counts as absent.

use crate::event::Scalar;
use crate::ids::cut;
use crate::json::Json;
use crate::{Phase, RunId, Symbol, Timestamp};
use std::fmt::Write;

/// Names of a run's id. A `job_id` (cache sync) or `session_id` (streaming) names something else.
const RUN_ID: &[&str] = &["run_id"];
pub(crate) const DONE: &[&str] = &[
    "symbols_completed",
    "completed_symbols",
    "completed",
    "symbols_processed",
    "processed",
    "successful_symbols",
    "success_count",
    "symbols_loaded",
];
pub(crate) const TOTAL: &[&str] =
    &["total_symbols", "symbols_total", "symbols_count", "symbol_count", "total_items", "total_universes", "total"];
pub(crate) const FAILED: &[&str] = &["failed_symbols", "symbols_failed", "failed", "failure_count"];
pub(crate) const PERCENT: &[&str] = &["percent_complete", "progress", "percentage"];
pub(crate) const DURATION: &[&str] = &["duration_seconds", "processing_time_seconds", "duration"];
pub(crate) const CURRENT: &[&str] = &["current_symbol", "current_universe", "current_task"];

/// Longest of a name, of a message, of a list that are kept of one event.
const NAME_BYTES: usize = 128;
const MESSAGE_BYTES: usize = 2048;
const LIST_ITEMS: usize = 1000;
const SCALARS: usize = 24;
/// Longest of a recommendation, and how many are kept.
const SENTENCE_BYTES: usize = 256;
const SENTENCES: usize = 12;

/// Which of the places are a result's own.
const OWN: std::ops::Range<usize> = 3..6;

/// The places of one message in which a field may stand, innermost first.
pub(crate) struct Fields<'j, 'a> {
    places: [Option<&'j Json<'a>>; 8],
}

impl<'j, 'a> Fields<'j, 'a> {
    pub(crate) fn of(top: &'j Json<'a>) -> Self {
        let object = |value: Option<&'j Json<'a>>| value.filter(|v| v.is_object());
        let data = top.get("data");
        let places = [
            object(top.get("payload")),
            object(data.and_then(|data| data.get("data"))),
            object(data),
            object(top.get("detection")),
            object(top.get("calculation")),
            object(top.get("indicator")),
            object(top.get("alert")),
            object(Some(top)),
        ];
        Fields { places }
    }

    /// The first of `names` that `read` can use, innermost place first.
    fn find<T>(&self, names: &[&str], read: impl Fn(&'j Json<'a>) -> Option<T>) -> Option<T> {
        self.places.iter().flatten().find_map(|place| names.iter().find_map(|name| place.get(name).and_then(&read)))
    }

    /// An inner object, such as `schedule` or `context`.
    pub(crate) fn object(&self, name: &str) -> Option<&'j Json<'a>> {
        self.find(&[name], |v| v.is_object().then_some(v))
    }

    /// A list of anything.
    pub(crate) fn list(&self, name: &str) -> Option<&'j [Json<'a>]> {
        self.find(&[name], |v| match v {
            Json::List(items) => Some(items.as_slice()),
            _ => None,
        })
    }

    /// A value in the result's own object (`detection`, `calculation`, `indicator`), not in the envelope.
    pub(crate) fn own(&self, name: &str) -> Option<&'j Json<'a>> {
        self.places[OWN].iter().flatten().find_map(|place| place.get(name))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.places.iter().flatten().any(|place| place.get(name).is_some())
    }

    pub(crate) fn float(&self, names: &[&str]) -> Option<f64> {
        self.find(names, float)
    }

    pub(crate) fn percent(&self, names: &[&str]) -> Option<f64> {
        self.float(names).map(|p| p.clamp(0.0, 100.0))
    }

    pub(crate) fn count(&self, names: &[&str]) -> Option<u64> {
        self.find(names, count)
    }

    /// A count that may also come as the list of what is counted.
    pub(crate) fn count_or_list(&self, names: &[&str]) -> (Option<u64>, Vec<Symbol>) {
        let found = self.find(names, |value| match value {
            Json::List(items) => Some((Some(items.len() as u64), symbols(items))),
            value => count(value).map(|n| (Some(n), Vec::new())),
        });
        found.unwrap_or_default()
    }

    pub(crate) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.find(names, |value| match value {
            Json::Bool(b) => Some(*b),
            Json::Int(n @ (0 | 1)) => Some(*n == 1),
            Json::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        })
    }

    /// A short text, such as a name or a code; numbers are taken as text.
    pub(crate) fn name(&self, names: &[&str]) -> Option<String> {
        self.find(names, |value| match value {
            Json::Text(text) => short(text),
            Json::Int(n) => Some(n.to_string()),
            _ => None,
        })
    }

    /// A long text, such as an error's message.
    pub(crate) fn message(&self, names: &[&str]) -> Option<String> {
        self.find(names, |value| kept(value.text()?, MESSAGE_BYTES))
    }

    /// A list of short texts; a single text counts as a list of one, and `a:b` as two where `name` says so.
    pub(crate) fn names(&self, names: &[&str]) -> Vec<String> {
        let found = self.find(names, |value| match value {
            Json::List(items) => Some(items.iter().filter_map(|i| short(i.text()?)).take(LIST_ITEMS).collect()),
            Json::Text(text) => Some(text.split([',', ':']).filter_map(short).take(LIST_ITEMS).collect()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// As [`Self::names`]; of an object the names of its entries.
    pub(crate) fn names_or_keys(&self, name: &str) -> Vec<String> {
        match self.object(name) {
            Some(object) => object.entries().filter_map(|(key, _)| short(key)).take(LIST_ITEMS).collect(),
            None => self.names(&[name]),
        }
    }

    /// A list of sentences; a single text is one of them.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let sentence = |value: &Json<'_>| kept(value.text()?, SENTENCE_BYTES);
        let found = self.find(&[name], |value| match value {
            Json::List(items) => Some(items.iter().filter_map(sentence).take(SENTENCES).collect()),
            value => sentence(value).map(|text| vec![text]),
        });
        found.unwrap_or_default()
    }

    /// A list of symbols, by name or as objects with one.
    pub(crate) fn symbols(&self, name: &str) -> Vec<Symbol> {
        self.list(name).map(symbols).unwrap_or_default()
    }

    pub(crate) fn run_id(&self) -> Option<RunId> {
        self.find(RUN_ID, id)
    }

    pub(crate) fn id_named(&self, name: &str) -> Option<RunId> {
        self.find(&[name], id)
    }

    pub(crate) fn symbol(&self, names: &[&str]) -> Option<Symbol> {
        self.find(names, |value| Symbol::new(value.text()?))
    }

    pub(crate) fn phase(&self) -> Option<Phase> {
        self.find(&["phase", "current_phase"], |value| Phase::parse(value.text()?))
    }

    pub(crate) fn time(&self, names: &[&str]) -> Option<Timestamp> {
        self.find(names, time)
    }
}

fn id(value: &Json<'_>) -> Option<RunId> {
    match value {
        Json::Text(text) => RunId::new(text),
        Json::Int(number) => RunId::new(&number.to_string()),
        _ => None,
    }
}

pub(crate) fn time(value: &Json<'_>) -> Option<Timestamp> {
    match value {
        Json::Text(text) => Timestamp::parse(text),
        Json::Int(number) => Timestamp::from_epoch(*number as f64),
        Json::Float(number) => Timestamp::from_epoch(*number),
        _ => None,
    }
}

pub(crate) fn float(value: &Json<'_>) -> Option<f64> {
    let number = match value {
        Json::Int(n) => *n as f64,
        Json::Float(n) => *n,
        Json::Text(text) => text.trim().trim_end_matches('%').trim_end().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Counts over this are nobody's symbols: the number is taken as absent.
const MAX_COUNT: f64 = 1e12;

fn count(value: &Json<'_>) -> Option<u64> {
    float(value).filter(|n| (0.0..=MAX_COUNT).contains(n)).map(|n| n.round() as u64)
}

/// The symbols of a list that may hold texts, objects with a `symbol`, and rubbish.
fn symbols(items: &[Json<'_>]) -> Vec<Symbol> {
    let name = |item: &Json<'_>| Symbol::new(item.text().or_else(|| item.get("symbol")?.text())?);
    items.iter().filter_map(name).take(LIST_ITEMS).collect()
}

/// A name, trimmed and cut.
pub(crate) fn short(text: &str) -> Option<String> {
    kept(text, NAME_BYTES)
}

fn kept(text: &str, max: usize) -> Option<String> {
    let text = cut(text.trim(), max);
    (!text.is_empty()).then(|| text.to_owned())
}

/// The plain values of an object, with the names of nested ones joined by dots, and lists of plain values as text with commas;
/// at most [`SCALARS`].
pub(crate) fn scalars(object: Option<&Json<'_>>) -> Vec<(String, Scalar)> {
    let mut out = Vec::new();
    for (name, value) in object.into_iter().flat_map(Json::entries) {
        collect(name, value, 0, &mut out);
    }
    out
}

/// What nobody asked for, as [`scalars`]; the envelope's own objects give no name to what stands in them.
pub(crate) fn unread(top: &Json<'_>) -> Vec<(String, Scalar)> {
    let mut out = Vec::new();
    top.unread("", &mut |parent, name, value| match parent {
        "" | "payload" | "data" => collect(name, value, 0, &mut out),
        _ => collect(&format!("{parent}.{name}"), value, 1, &mut out),
    });
    out
}

/// Objects in objects are looked into so deep, which is enough for `system.network_io.bytes_sent`.
const DEPTH: usize = 2;

fn collect(name: &str, value: &Json<'_>, depth: usize, out: &mut Vec<(String, Scalar)>) {
    if out.len() >= SCALARS {
        return;
    }
    let scalar = match value {
        Json::Bool(b) => Scalar::Bool(*b),
        Json::Int(n) => Scalar::Number(*n as f64),
        Json::Float(n) => Scalar::Number(*n),
        Json::Text(text) => Scalar::Text(cut(text, NAME_BYTES * 2).to_owned()),
        Json::List(items) => match joined(items) {
            Some(text) => Scalar::Text(text),
            None => return,
        },
        Json::Object(_) => {
            if depth < DEPTH {
                for (inner, value) in value.entries() {
                    collect(&format!("{name}.{inner}"), value, depth + 1, out);
                }
            }
            return;
        }
        Json::Null => return,
    };
    out.push((cut(name, NAME_BYTES).to_owned(), scalar));
}

/// The texts and numbers of a list, with commas; `None` where it has none.
fn joined(items: &[Json<'_>]) -> Option<String> {
    let mut out = String::new();
    for item in items {
        let separator = if out.is_empty() { "" } else { ", " };
        // A String takes all that is written into it.
        let _ = match item {
            Json::Text(text) => write!(out, "{separator}{text}"),
            Json::Int(n) => write!(out, "{separator}{n}"),
            Json::Float(n) => write!(out, "{separator}{n}"),
            _ => Ok(()),
        };
        if out.len() > NAME_BYTES * 2 {
            break;
        }
    }
    kept(&out, NAME_BYTES * 2)
}
