//! Finding a field whatever it is called and wherever it stands.
//!
//! The rule for what a message says twice: the inner place wins over the outer one (`payload`, then
//! `data`, then a named object such as `detection`, then the top level); in one place the first of
//! the given names that holds a usable value wins. "Usable" means of the right kind: a number may
//! come as text (`"505"`, `"62.5%"`), a bad one counts as absent.

use crate::event::Scalar;
use crate::ids::{trim, truncate_text};
use crate::json::{Items, Json, Name, Value, names};
use crate::{Phase, RunId, Symbol, Timestamp};
use std::fmt::Write;
use std::ops::Range;

/// Names of a run's id. A `job_id` (cache sync) or `session_id` (streaming) names something else.
const RUN_ID: &[Name] = names!["run_id"];
pub(crate) const DONE: &[Name] = names![
    "symbols_completed",
    "completed_symbols",
    "completed",
    "symbols_processed",
    "processed",
    "successful_symbols",
    "success_count",
    "symbols_loaded",
];
pub(crate) const TOTAL: &[Name] = names![
    "total_symbols",
    "symbols_total",
    "symbols_count",
    "symbol_count",
    "total_items",
    "total_universes",
    "total"
];
pub(crate) const FAILED: &[Name] = names![
    "failed_symbols",
    "symbols_failed",
    "failed",
    "failure_count"
];
pub(crate) const PERCENT: &[Name] = names!["percent_complete", "progress", "percentage"];
pub(crate) const DURATION: &[Name] =
    names!["duration_seconds", "processing_time_seconds", "duration"];
pub(crate) const CURRENT: &[Name] = names!["current_symbol", "current_universe", "current_task"];

/// Longest of a name, of a message, of a list that are kept of one event.
const NAME_BYTES: usize = 128;
const MESSAGE_BYTES: usize = 2048;
const LIST_ITEMS: usize = 1000;
const SCALARS: usize = 24;
/// Longest of a recommendation, and how many are kept.
const SENTENCE_BYTES: usize = 256;
const SENTENCES: usize = 12;

/// The places of one message in which a field may stand, innermost first.
pub(crate) struct Fields<'j, 'a> {
    places: [Json<'j, 'a>; 8],
    /// How many of them there are.
    count: usize,
    /// Which of them are a result's own.
    own: Range<usize>,
    /// Whether the message has a payload that is no object: then what it says is not known.
    pub(crate) has_unreadable_payload: bool,
}

impl<'j, 'a> Fields<'j, 'a> {
    pub(crate) fn new(top: Json<'j, 'a>) -> Self {
        let mut fields = Fields {
            places: [top; 8],
            count: 0,
            own: 0..0,
            has_unreadable_payload: false,
        };
        let payload = top.get("payload");
        let data = top.get("data");
        fields.has_unreadable_payload = payload
            .or(data)
            .is_some_and(|payload| !payload.is_object() && !is_empty(payload));
        fields.add(payload);
        fields.add(data.and_then(|data| data.get("data")));
        fields.add(data);
        let from = fields.count;
        for name in ["detection", "calculation", "indicator"] {
            fields.add(top.get(name));
        }
        fields.own = from..fields.count;
        fields.add(top.get("alert"));
        fields.add(Some(top));
        fields
    }

    fn add(&mut self, place: Option<Json<'j, 'a>>) {
        if let Some(place) = place.filter(|place| place.is_object()) {
            self.places[self.count] = place;
            self.count += 1;
        }
    }

    fn places(&self) -> &[Json<'j, 'a>] {
        &self.places[..self.count]
    }

    /// The first of `names` that `read` can use, innermost place first.
    pub(crate) fn find<T>(
        &self,
        names: &[Name],
        read: impl Fn(Json<'j, 'a>) -> Option<T>,
    ) -> Option<T> {
        self.places().iter().find_map(|&place| {
            names
                .iter()
                .find_map(|name| place.get_named(name).and_then(&read))
        })
    }

    /// What stands under `name` and can be used, innermost place first.
    fn find_one<T>(&self, name: &str, read: impl Fn(Json<'j, 'a>) -> Option<T>) -> Option<T> {
        self.places()
            .iter()
            .find_map(|place| place.get(name).and_then(&read))
    }

    /// An inner object, such as `schedule` or `context`.
    pub(crate) fn object(&self, name: &str) -> Option<Json<'j, 'a>> {
        self.find_one(name, |v| v.is_object().then_some(v))
    }

    /// A list of anything.
    pub(crate) fn list(&self, name: &str) -> Option<Items<'j, 'a>> {
        self.find_one(name, Json::list_items)
    }

    /// A value in the result's own object (`detection`, `calculation`, `indicator`), not in the
    /// envelope.
    pub(crate) fn own(&self, name: &str) -> Option<Json<'j, 'a>> {
        self.places[self.own.clone()]
            .iter()
            .find_map(|place| place.get(name))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.places().iter().any(|place| place.get(name).is_some())
    }

    pub(crate) fn float(&self, names: &[Name]) -> Option<f64> {
        self.find(names, float)
    }

    pub(crate) fn percent(&self, names: &[Name]) -> Option<f64> {
        self.float(names).map(|p| p.clamp(0.0, 100.0))
    }

    pub(crate) fn count(&self, names: &[Name]) -> Option<u64> {
        self.find(names, count)
    }

    /// Everything that stands under any of `names` in any place.
    pub(crate) fn every(&self, names: &'static [Name]) -> impl Iterator<Item = Json<'j, 'a>> + '_ {
        self.places()
            .iter()
            .flat_map(|place| names.iter().filter_map(|name| place.get_named(name)))
    }

    pub(crate) fn flag(&self, names: &[Name]) -> Option<bool> {
        self.find(names, flag)
    }

    /// A short text, such as a name or a code; numbers are taken as text.
    pub(crate) fn name(&self, names: &[Name]) -> Option<String> {
        self.find(names, |value| match value.value() {
            Value::Text(text) => short(text),
            Value::Int(n) => Some(n.to_string()),
            _ => None,
        })
    }

    /// A long text, such as an error's message; of an object the message in it.
    pub(crate) fn message(&self, names: &[Name]) -> Option<String> {
        self.find(names, |value| {
            let inner = || {
                ["message", "error", "detail"]
                    .iter()
                    .find_map(|name| value.get(name)?.text())
            };
            kept(value.text().or_else(inner)?, MESSAGE_BYTES)
        })
    }

    /// A list of short texts; a single text counts as a list of one, and `a:b` as two where `name`
    /// says so.
    pub(crate) fn names(&self, names: &[Name]) -> Vec<String> {
        let found = self.find(names, |value| match value.list_items() {
            Some(items) => Some(
                items
                    .filter_map(|item| short(item.text()?))
                    .take(LIST_ITEMS)
                    .collect(),
            ),
            None => Some(
                value
                    .text()?
                    .split([',', ':'])
                    .filter_map(short)
                    .take(LIST_ITEMS)
                    .collect(),
            ),
        });
        found.unwrap_or_default()
    }

    /// As [`Self::names`]; of an object the names of its entries.
    pub(crate) fn names_or_keys(&self, name: &'static [Name]) -> Vec<String> {
        match name.iter().find_map(|name| self.object(name.text)) {
            Some(object) => object
                .entries()
                .filter_map(|(key, _)| short(key))
                .take(LIST_ITEMS)
                .collect(),
            None => self.names(name),
        }
    }

    /// A list of sentences; a single text is one of them.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let sentence = |value: Json<'_, '_>| kept(value.text()?, SENTENCE_BYTES);
        let found = self.find_one(name, |value| match value.list_items() {
            Some(items) => Some(items.filter_map(sentence).take(SENTENCES).collect()),
            None => sentence(value).map(|text| vec![text]),
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

    /// Whether a run id stands somewhere that cannot be read: an object, a fraction. Neither null
    /// nor an empty text is one.
    pub(crate) fn has_unreadable_run_id(&self) -> bool {
        let says_something = |value: Json<'_, '_>| value.text().is_none().then_some(());
        self.find(RUN_ID, says_something).is_some()
    }

    pub(crate) fn id_named(&self, name: &str) -> Option<RunId> {
        self.find_one(name, id)
    }

    pub(crate) fn symbol(&self, names: &[Name]) -> Option<Symbol> {
        self.find(names, |value| Symbol::new(value.text()?))
    }

    pub(crate) fn phase(&self) -> Option<Phase> {
        self.find(names!["phase", "current_phase"], |value| {
            Phase::parse(value.text()?)
        })
    }

    pub(crate) fn time(&self, names: &[Name]) -> Option<Timestamp> {
        self.find(names, time)
    }
}

fn is_empty(value: Json<'_, '_>) -> bool {
    match value.value() {
        Value::Text(text) => trim(text).is_empty(),
        Value::List => value
            .list_items()
            .is_none_or(|mut items| items.next().is_none()),
        _ => false,
    }
}

fn id(value: Json<'_, '_>) -> Option<RunId> {
    match value.value() {
        // Python writes `None` into a text for a missing value.
        Value::Text(text)
            if ["none", "null", "undefined"]
                .iter()
                .any(|none| trim(text).eq_ignore_ascii_case(none)) =>
        {
            None
        }
        Value::Text(text) => RunId::new(text),
        Value::Int(number) => RunId::new(&number.to_string()),
        Value::Large(number) => RunId::new(&number.to_string()),
        // pandas makes 12.0 of 12.
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            RunId::new(&format!("{number:.0}"))
        }
        _ => None,
    }
}

/// Yes or no, in any spelling.
pub(crate) fn flag(value: Json<'_, '_>) -> Option<bool> {
    match value.value() {
        Value::Bool(b) => Some(*b),
        Value::Int(n @ (0 | 1)) => Some(*n == 1),
        Value::Float(n) if *n == 0.0 || *n == 1.0 => Some(*n == 1.0),
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "1.0" => Some(true),
            "false" | "no" | "off" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn time(value: Json<'_, '_>) -> Option<Timestamp> {
    match value.value() {
        Value::Text(text) => Timestamp::parse(text),
        Value::Int(number) => Timestamp::from_epoch(*number as f64),
        Value::Float(number) => Timestamp::from_epoch(*number),
        _ => None,
    }
}

pub(crate) fn float(value: Json<'_, '_>) -> Option<f64> {
    let found = match value.value() {
        Value::Int(n) => *n as f64,
        Value::Large(n) => *n as f64,
        Value::Float(n) => *n,
        Value::Text(text) => number(text)?,
        _ => return None,
    };
    found.is_finite().then_some(found)
}

/// Reads a number that stands as text: `505`, `62.5%`, `1,234`, `1 234`.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('%').trim_end();
    text.parse().ok().or_else(|| ungrouped(text)?.parse().ok())
}

/// A number without what divides its thousands.
fn ungrouped(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split([',', ' ', '_', '\'', '\u{a0}', '\u{2009}', '\u{202f}']);
    let first = groups.next()?;
    let is_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let is_grouped = (1..=3).contains(&first.len())
        && is_digits(first)
        && groups.clone().all(|g| g.len() == 3 && is_digits(g));
    is_grouped.then(|| format!("{first}{}.{fraction}0", groups.collect::<String>()))
}

/// Counts over this are nobody's symbols: the number is taken as absent.
const MAX_COUNT: f64 = 1e12;

pub(crate) fn count(value: Json<'_, '_>) -> Option<u64> {
    if let Value::Int(n) = value.value() {
        return u64::try_from(*n).ok().filter(|n| *n <= MAX_COUNT as u64);
    }
    float(value)
        .filter(|n| (0.0..=MAX_COUNT).contains(n))
        .map(|n| n.round() as u64)
}

/// The symbols of a list that may hold texts, objects with a `symbol`, and rubbish.
fn symbols(items: Items<'_, '_>) -> Vec<Symbol> {
    let name =
        |item: Json<'_, '_>| Symbol::new(item.text().or_else(|| item.get("symbol")?.text())?);
    items.filter_map(name).take(LIST_ITEMS).collect()
}

/// A name, trimmed and cut.
pub(crate) fn short(text: &str) -> Option<String> {
    kept(text, NAME_BYTES)
}

pub(crate) fn kept(text: &str, max: usize) -> Option<String> {
    let text = truncate_text(trim(text), max);
    (!text.is_empty()).then(|| text.to_owned())
}

/// The plain values of an object, with the names of nested ones joined by dots, and lists of plain
/// values as text with commas; at most [`SCALARS`].
pub(crate) fn scalars(object: Option<Json<'_, '_>>) -> Vec<(String, Scalar)> {
    let mut out = Vec::new();
    for (name, value) in object.into_iter().flat_map(Json::entries) {
        collect(name, value, 0, &mut out);
    }
    out
}

/// What nobody asked for, as [`scalars`]; the envelope's own objects give no name to what stands in
/// them.
pub(crate) fn unread(top: Json<'_, '_>) -> Vec<(String, Scalar)> {
    let mut out = Vec::new();
    top.unread("", &mut |parent, name, value| match parent {
        "" | "payload" | "data" => collect(name, value, 0, &mut out),
        _ => collect(&format!("{parent}.{name}"), value, 1, &mut out),
    });
    out
}

/// Objects in objects are looked into so deep, which is enough for `system.network_io.bytes_sent`.
const DEPTH: usize = 2;

fn collect(name: &str, value: Json<'_, '_>, depth: usize, out: &mut Vec<(String, Scalar)>) {
    if out.len() >= SCALARS {
        return;
    }
    let scalar = match value.value() {
        Value::Bool(b) => Scalar::Bool(*b),
        Value::Int(n) => Scalar::Number(*n as f64),
        Value::Large(n) => Scalar::Number(*n as f64),
        Value::Float(n) => Scalar::Number(*n),
        Value::Text(text) => Scalar::Text(truncate_text(text, NAME_BYTES * 2).to_owned()),
        Value::List => match value.list_items().and_then(joined) {
            Some(text) => Scalar::Text(text),
            None => return,
        },
        Value::Object { .. } => {
            if depth < DEPTH {
                for (inner, value) in value.entries() {
                    collect(&format!("{name}.{inner}"), value, depth + 1, out);
                }
            }
            return;
        }
        Value::Null | Value::Unreadable => return,
    };
    out.push((truncate_text(name, NAME_BYTES).to_owned(), scalar));
}

/// The texts and numbers of a list, with commas; `None` where it has none.
fn joined(items: Items<'_, '_>) -> Option<String> {
    let mut out = String::new();
    for item in items {
        let separator = if out.is_empty() { "" } else { ", " };
        // A String takes all that is written into it.
        let _ = match item.value() {
            Value::Text(text) => write!(out, "{separator}{text}"),
            Value::Int(n) => write!(out, "{separator}{n}"),
            Value::Large(n) => write!(out, "{separator}{n}"),
            Value::Float(n) => write!(out, "{separator}{n}"),
            _ => Ok(()),
        };
        if out.len() > NAME_BYTES * 2 {
            break;
        }
    }
    kept(&out, NAME_BYTES * 2)
}
