//! Counts of symbols: how many are done, of how many, how many failed and which; and the percentage
//! that goes with them.
//!
//! A message may state the same count several times, and not every statement agrees. Of failures
//! the largest credible statement counts; a percentage gives way to counts that contradict it.

use crate::Symbol;
use crate::event::FailedSymbol;
use crate::fields::{DONE, FAILED, Fields, PERCENT, TOTAL, count, kept, number};
use crate::ids::trim;
use crate::json::{Json, Name, Value, names};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Failed symbols that are named; those beyond are counted.
const NAMED: usize = 1000;
/// Longest reason that is kept for one symbol.
const REASON_BYTES: usize = 256;
/// Percentages that differ by less say the same.
const SAME_PERCENT: f64 = 2.0;

const DONE_IN_PROGRESS: &[Name] = names!["current", "done", "successful", "count"];
const PERCENT_IN_PROGRESS: &[Name] = names!["percent", "pct"];
const SYMBOL: &[Name] = names!["symbol", "ticker", "name"];
const REASON: &[Name] = names![
    "reason",
    "error",
    "error_message",
    "message",
    "details",
    "status"
];

/// How far something is: its own fields, else those of an object `progress`, else a text such as
/// `227/505`.
pub(crate) struct Counts {
    pub(crate) done: Option<u64>,
    pub(crate) total: Option<u64>,
    /// As stated, of whatever range.
    percent: Option<f64>,
}

impl Counts {
    pub(crate) fn parse(f: &Fields<'_, '_>) -> Counts {
        let (done, total, percent) = (f.count(DONE), f.count(TOTAL), f.float(PERCENT));
        if done.is_some() && total.is_some() && percent.is_some() {
            return Counts {
                done,
                total,
                percent,
            };
        }
        Counts {
            done,
            total,
            percent,
        }
        .or_elsewhere(f)
    }

    /// Adds what an object `progress` or a text states.
    #[cold]
    fn or_elsewhere(self, f: &Fields<'_, '_>) -> Counts {
        let progress = f.object("progress").map(Fields::new);
        let inner = |names| progress.as_ref().and_then(|progress| progress.count(names));
        let inner_percent = |names| progress.as_ref().and_then(|progress| progress.float(names));
        let (part, all) = f
            .find(PERCENT, part_of_all)
            .or_else(|| part_done(f))
            .unzip();
        Counts {
            done: self
                .done
                .or_else(|| inner(DONE))
                .or_else(|| inner(DONE_IN_PROGRESS))
                .or(part),
            total: self.total.or_else(|| inner(TOTAL)).or(all),
            percent: self
                .percent
                .or_else(|| inner_percent(PERCENT))
                .or_else(|| inner_percent(PERCENT_IN_PROGRESS)),
        }
    }

    /// The percentage: as stated, unless the counts say that it is a fraction of one (or a hundred
    /// times too large); in a message about one phase also unless they differ from it. `processed`
    /// and `failed` are the message's other counts, from which it may have been computed.
    pub(crate) fn percent(
        &self,
        processed: Option<u64>,
        failed: Option<u64>,
        is_of_phase: bool,
    ) -> Option<f64> {
        let share = |n: u64| {
            Some((n as f64 * 100.0 / self.total.filter(|total| *total > 0)? as f64).min(100.0))
        };
        let counted = self.done.and_then(share);
        let (Some(stated), Some(counted)) = (self.percent, counted) else {
            return self
                .percent
                .map(|percent| percent.clamp(0.0, 100.0))
                .or(counted);
        };
        // As nearly always.
        if stated > 1.0 && stated <= 100.0 && (counted - stated).abs() <= SAME_PERCENT {
            return Some(stated);
        }
        let with_failed = self
            .done
            .zip(failed)
            .map(|(done, failed)| done.saturating_add(failed));
        let shares = [self.done, processed, with_failed]
            .into_iter()
            .flatten()
            .filter_map(share);
        let distance = |percent: f64| {
            shares
                .clone()
                .map(|share| (share - percent).abs())
                .fold(f64::INFINITY, f64::min)
        };
        let is_fraction =
            stated > 0.0 && stated <= 1.0 && distance(stated * 100.0) < distance(stated);
        let agrees =
            stated <= 100.0 && !is_fraction && (!is_of_phase || distance(stated) <= SAME_PERCENT);
        Some(if agrees { stated.max(0.0) } else { counted })
    }

    /// As [`Counts::percent`], for a percentage of the whole run beside counts of its phase: `None`
    /// where none is stated.
    pub(crate) fn percent_of_run(&self) -> Option<f64> {
        self.percent.and_then(|_| self.percent(None, None, false))
    }
}

/// The symbols done where a field for them says `227/505`, and of how many.
pub(crate) fn part_done(f: &Fields<'_, '_>) -> Option<(u64, u64)> {
    f.find(DONE, part_of_all)
}

/// Reads `227/505`, `227 of 505`, `1,227 / 2,505 symbols`.
fn part_of_all(value: Json<'_, '_>) -> Option<(u64, u64)> {
    let text = value.text()?;
    let (part, all) = text.split_once('/').or_else(|| text.split_once(" of "))?;
    let all = all.trim_start();
    let digits = all
        .find(|c: char| !c.is_ascii_digit() && c != ',')
        .unwrap_or(all.len());
    let whole = |text: &str| {
        number(text)
            .filter(|n| (0.0..=1e12).contains(n))
            .map(|n| n.round() as u64)
    };
    Some((whole(part)?, whole(&all[..digits])?))
}

/// How many symbols failed, and which, as far as the message names them: from every field that
/// states it, as a number, a list, a map from symbol to reason, or a text of symbols with commas.
/// The largest statement counts; a number over `total` is not credible unless as many are listed.
pub(crate) fn failed(f: &Fields<'_, '_>, total: Option<u64>) -> (Option<u64>, Vec<FailedSymbol>) {
    match f.find(FAILED, Some) {
        None => (None, Vec::new()),
        Some(_) => some_failed(f, total),
    }
}

#[cold]
fn some_failed(f: &Fields<'_, '_>, total: Option<u64>) -> (Option<u64>, Vec<FailedSymbol>) {
    let mut all = Listed::default();
    let (mut listed, mut numbers) = (None, Vec::new());
    for value in f.every(FAILED) {
        if let Some(number) = count(value) {
            numbers.push(number);
            continue;
        }
        let mut list = Listed::default();
        if list.add(value) {
            listed = listed.max(Some(list.symbols.len() as u64 + list.unnamed));
            numbers.extend(list.stated);
            for symbol in list.order {
                let reason = list.symbols.remove(&symbol).flatten();
                all.name(symbol, reason);
            }
        }
    }
    let listed = listed.map(|n| n.max(all.symbols.len() as u64));
    let is_credible = |n: &u64| {
        total.is_none_or(|total| total == 0 || *n <= total)
            || listed.is_some_and(|listed| *n <= listed)
    };
    let stated = numbers.into_iter().filter(is_credible).max();
    let mut reasons = all.symbols;
    let symbols = all.order.into_iter().take(NAMED).map(|symbol| {
        let reason = reasons.remove(&symbol).flatten();
        FailedSymbol { symbol, reason }
    });
    (stated.max(listed), symbols.collect())
}

/// What a list of failed symbols holds.
#[derive(Default)]
struct Listed {
    symbols: BTreeMap<Symbol, Option<String>>,
    /// The same, in the order of the list.
    order: Vec<Symbol>,
    /// Items without a readable symbol.
    unnamed: u64,
    /// A number that stands beside the list.
    stated: Option<u64>,
}

impl Listed {
    fn name(&mut self, symbol: Symbol, reason: Option<String>) {
        match self.symbols.entry(symbol) {
            Entry::Vacant(entry) => {
                self.order.push(entry.key().clone());
                entry.insert(reason);
            }
            Entry::Occupied(mut entry) => {
                if entry.get().is_none() {
                    entry.insert(reason);
                }
            }
        }
    }

    /// Adds a list, a map or a text of symbols; false for any other value.
    fn add(&mut self, value: Json<'_, '_>) -> bool {
        match value.value() {
            Value::List => value
                .list_items()
                .into_iter()
                .flatten()
                .for_each(|item| self.item(item)),
            Value::Object { .. } => self.object(value),
            Value::Text(text) => return self.text(text),
            _ => return false,
        }
        true
    }

    /// One item of a list: a symbol, an object with one, or a pair of symbol and reason.
    fn item(&mut self, item: Json<'_, '_>) {
        let symbol = |value: Json<'_, '_>| Symbol::new(value.text()?);
        if let Some((symbol, reason)) = item.text().and_then(named) {
            self.name(symbol, reason);
        } else if let Some(symbol) = SYMBOL
            .iter()
            .find_map(|name| item.get_named(name).and_then(symbol))
        {
            self.name(symbol, reason_of(item));
        } else if let Some(symbol) = item.list_items().and_then(|mut pair| symbol(pair.next()?)) {
            self.name(
                symbol,
                item.list_items()
                    .and_then(|mut pair| reason_of(pair.nth(1)?)),
            );
        } else if item.is_object()
            && item
                .entries()
                .next()
                .is_some_and(|(name, _)| is_ticker(name))
        {
            self.object(item);
        } else {
            self.unnamed += 1;
        }
    }

    /// A map from symbol to reason (`{"AAPL": "timeout"}`), from reason to symbols or to their
    /// number, or a list with its length.
    fn object(&mut self, object: Json<'_, '_>) {
        for (name, value) in object.entries() {
            match name {
                "symbols" | "items" | "list" | "failed_symbols" if self.add(value) => {}
                "count" | "total" | "failed" if count(value).is_some() => {
                    self.stated = self.stated.max(count(value));
                }
                _ if is_ticker(name) => self.entry(name, reason_of(value)),
                _ => match (value.list_items(), count(value)) {
                    (Some(symbols), _) => {
                        let reason = kept(name, REASON_BYTES);
                        symbols
                            .filter_map(|item| named(item.text()?))
                            .for_each(|(symbol, _)| self.name(symbol, reason.clone()));
                    }
                    (None, Some(number)) if value.text().is_none() => self.unnamed += number,
                    _ => self.entry(name, reason_of(value)),
                },
            }
        }
    }

    fn entry(&mut self, name: &str, reason: Option<String>) {
        match Symbol::new(name) {
            Some(symbol) => self.name(symbol, reason),
            None => self.unnamed += 1,
        }
    }

    /// `AAPL,MSFT`, `AAPL: timeout; MSFT`, `['AAPL', 'MSFT']`; false for a text of anything else.
    fn text(&mut self, text: &str) -> bool {
        let plain = |text: &str| {
            text.trim_matches(|c: char| c.is_whitespace() || "[](){}'\"".contains(c))
                .to_owned()
        };
        let inside = plain(text);
        if inside.is_empty()
            || ["none", "null", "-", "n/a"]
                .iter()
                .any(|none| inside.eq_ignore_ascii_case(none))
        {
            // Of no text at all nothing is known; an empty list is a statement.
            return !trim(text).is_empty();
        }
        let is_divided = inside.contains([',', ';', '\n', '|', ':']);
        let divides = |c: char| {
            if is_divided {
                matches!(c, ',' | ';' | '\n' | '|')
            } else {
                c == ' '
            }
        };
        let pieces = inside
            .split(divides)
            .map(|piece| piece.replace(['\'', '"'], ""))
            .filter(|piece| !piece.trim().is_empty());
        let symbols: Vec<_> = pieces
            .map(|piece| named(&piece).filter(|(symbol, _)| is_ticker(symbol.as_str())))
            .collect();
        let are_symbols = symbols.iter().all(Option::is_some);
        if are_symbols {
            symbols
                .into_iter()
                .flatten()
                .for_each(|(symbol, reason)| self.name(symbol, reason));
        }
        are_symbols
    }
}

/// A symbol, and the reason where one stands behind it: `AAPL`, `AAPL: timeout`, `AAPL (timeout)`.
fn named(text: &str) -> Option<(Symbol, Option<String>)> {
    if let Some(at) = text.find([':', '(', '='])
        && is_ticker(text[..at].trim())
    {
        let reason = text[at + 1..].trim().trim_end_matches(')');
        return Some((Symbol::new(&text[..at])?, kept(reason, REASON_BYTES)));
    }
    Some((Symbol::new(text)?, None))
}

/// Whether a text looks like a ticker symbol: `BRK.B`, and no word.
fn is_ticker(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b".-/^".contains(&b);
    (1..=12).contains(&text.len())
        && text.bytes().all(fits)
        && text.bytes().any(|b| b.is_ascii_uppercase())
}

/// A reason as text: plain, in an object, or several in a list.
fn reason_of(value: Json<'_, '_>) -> Option<String> {
    match value.value() {
        Value::Text(text) => kept(text, REASON_BYTES),
        Value::Int(number) => Some(number.to_string()),
        Value::Object { .. } => {
            REASON
                .iter()
                .find_map(|name| match value.get_named(name)?.value() {
                    Value::Text(text) => kept(text, REASON_BYTES),
                    Value::Int(number) => Some(number.to_string()),
                    _ => None,
                })
        }
        Value::List => {
            let texts: Vec<&str> = value.list_items()?.filter_map(Json::text).collect();
            kept(&texts.join(", "), REASON_BYTES)
        }
        _ => None,
    }
}
