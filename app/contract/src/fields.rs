//! Finding a field whatever it is called and wherever it stands.
//!
//! The rule for what a message says twice: the inner place wins over the outer one (`payload`, then `data`, then a named object
//! such as `detection`, then the top level); in one place the first of the given names that holds a usable value wins.
//! "Usable" means of the right kind: a number may come as text (`"505"`, `"62.5%"`), a bad one counts as absent.

use crate::event::Scalar;
use crate::ids::cut;
use crate::json::Json;
use crate::{Phase, RunId, Symbol, Timestamp};

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
            Json::Text(text) => short(text, NAME_BYTES),
            Json::Int(n) => Some(n.to_string()),
            _ => None,
        })
    }

    /// A long text, such as an error's message.
    pub(crate) fn message(&self, names: &[&str]) -> Option<String> {
        self.find(names, |value| short(value.text()?, MESSAGE_BYTES))
    }

    /// A list of short texts; a single text counts as a list of one, and `a:b` as two where `name` says so.
    pub(crate) fn names(&self, names: &[&str]) -> Vec<String> {
        let found = self.find(names, |value| match value {
            Json::List(items) => {
                Some(items.iter().filter_map(|i| short(i.text()?, NAME_BYTES)).take(LIST_ITEMS).collect())
            }
            Json::Text(text) => {
                Some(text.split([',', ':']).filter_map(|t| short(t, NAME_BYTES)).take(LIST_ITEMS).collect())
            }
            _ => None,
        });
        found.unwrap_or_default()
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

fn short(text: &str, max: usize) -> Option<String> {
    let text = cut(text.trim(), max);
    (!text.is_empty()).then(|| text.to_owned())
}

/// The plain values of an object, with the names of nested ones joined by dots; at most [`SCALARS`].
pub(crate) fn scalars(object: Option<&Json<'_>>) -> Vec<(String, Scalar)> {
    let mut out = Vec::new();
    if let Some(object) = object {
        collect_scalars(object, "", &mut out);
    }
    out
}

fn collect_scalars(object: &Json<'_>, prefix: &str, out: &mut Vec<(String, Scalar)>) {
    let Json::Object(object) = object else { return };
    for (name, value) in object.entries() {
        if out.len() >= SCALARS {
            return;
        }
        let name = if prefix.is_empty() {
            cut(name, NAME_BYTES).to_owned()
        } else {
            cut(&format!("{prefix}.{name}"), NAME_BYTES).to_owned()
        };
        match value {
            Json::Bool(b) => out.push((name, Scalar::Bool(*b))),
            Json::Int(n) => out.push((name, Scalar::Number(*n as f64))),
            Json::Float(n) => out.push((name, Scalar::Number(*n))),
            Json::Text(text) => out.push((name, Scalar::Text(cut(text, NAME_BYTES * 2).to_owned()))),
            // One level of a nested name is enough for `system.network_io.bytes_sent`; deeper ones are for the raw view.
            Json::Object(_) if prefix.matches('.').count() < 2 => collect_scalars(value, &name, out),
            _ => {}
        }
    }
}
