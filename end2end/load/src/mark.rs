//! Marks: what makes each published message findable in every stream, and the times at which they
//! were published.

use crate::clock::now_us;
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The channel that marked messages are published on.
pub const CHANNEL: &str = "tickstock:errors";
/// Digits of a mark's number.
const DIGITS: usize = 8;
/// What `heard` holds before Redis has answered.
const UNKNOWN: u32 = u32::MAX;

/// The marks of one measurement, `0..capacity`; clones share them.
#[derive(Debug, Clone)]
pub struct Marks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `mark-<8 hex digits>-`: marks of other measurements are not ours.
    prefix: String,
    finder: Finder<'static>,
    published_us: Box<[AtomicU64]>,
    heard: Box<[AtomicU32]>,
}

impl Marks {
    /// Marks that no other measurement has.
    pub fn new(capacity: usize) -> Marks {
        let prefix = format!("mark-{:08x}-", rand::random::<u32>());
        let finder = Finder::new(prefix.as_bytes()).into_owned();
        let published_us = (0..capacity).map(|_| AtomicU64::new(0)).collect();
        let heard = (0..capacity).map(|_| AtomicU32::new(UNKNOWN)).collect();
        Marks(Arc::new(Inner {
            prefix,
            finder,
            published_us,
            heard,
        }))
    }

    /// How many there may be.
    pub fn capacity(&self) -> usize {
        self.0.published_us.len()
    }

    /// An error report that carries mark `number` and is `bytes` long, or as short as it can be.
    ///
    /// Errors change the state, leave the relay at once, and are never folded into one another;
    /// their text is in every frame, and its beginning in the event list of every snapshot.
    pub fn message(&self, number: usize, bytes: usize) -> Vec<u8> {
        let head = format!(
            r#"{{"event":"error","severity":"warning","component":"stream-load","error_code":"MARK","message":"{}{number:0DIGITS$} "#,
            self.0.prefix
        );
        let mut message = head.into_bytes();
        let end = b"\"}";
        message.resize(message.len().max(bytes.saturating_sub(end.len())), b'.');
        message.extend_from_slice(end);
        message
    }

    /// Mark `number` is published now.
    pub fn publish(&self, number: usize) {
        self.0.published_us[number].store(now_us().max(1), Ordering::Relaxed);
    }

    /// Redis said how many connections heard it.
    pub fn set_heard(&self, number: usize, connections: u32) {
        self.0.heard[number].store(connections, Ordering::Relaxed);
    }

    /// When mark `number` was published; `None` if it was not.
    pub fn published_us(&self, number: usize) -> Option<u64> {
        Some(self.0.published_us.get(number)?.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }

    /// The marks since the last one that nobody heard: what a program that subscribed in the middle
    /// has to know.
    pub fn heard_since_gap(&self, published: usize) -> Range<usize> {
        let nobody = |heard: &AtomicU32| matches!(heard.load(Ordering::Relaxed), 0 | UNKNOWN);
        let first = self.0.heard[..published]
            .iter()
            .rposition(nobody)
            .map_or(0, |last| last + 1);
        first..published
    }

    /// Calls `found` for every mark in `text`, in order.
    pub fn find(&self, text: &[u8], mut found: impl FnMut(usize)) {
        for at in self.0.finder.find_iter(text) {
            let digits = at + self.0.prefix.len();
            let number = text.get(digits..digits + DIGITS).and_then(|digits| {
                digits.iter().try_fold(0, |n, d| {
                    d.is_ascii_digit().then(|| n * 10 + usize::from(d - b'0'))
                })
            });
            if let Some(number) = number.filter(|number| *number < self.capacity()) {
                found(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(marks: &Marks, text: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        marks.find(text, |number| found.push(number));
        found
    }

    #[test]
    fn messages_have_the_asked_length_and_their_mark_alone() {
        let (marks, others) = (Marks::new(100), Marks::new(100));
        let message = marks.message(42, 500);
        assert_eq!(message.len(), 500);
        assert_eq!(found(&marks, &message), [42]);
        assert_eq!(found(&others, &message), [0; 0]);
        let both = [message, marks.message(7, 0), marks.message(100, 0)].concat();
        assert_eq!(found(&marks, &both), [42, 7], "100 is beyond the capacity");
    }

    #[test]
    fn the_relay_reads_them_as_errors_and_keeps_their_text() {
        let marks = Marks::new(10);
        let channel = contract::Channel::from_wire_name(CHANNEL).unwrap();
        let event = contract::decode(channel, &marks.message(3, 2000)).unwrap();
        assert!(matches!(event.body, contract::Body::Error(_)));
        let text = serde_json::to_vec(&event).unwrap();
        assert!(text.len() > 2000);
        assert_eq!(found(&marks, &text), [3]);
    }

    #[test]
    fn what_nobody_heard_ends_what_was_known_before() {
        let marks = Marks::new(6);
        for (number, connections) in [1, 1, 0, 0, 1, 1].into_iter().enumerate() {
            marks.set_heard(number, connections);
        }
        assert_eq!(marks.heard_since_gap(6), 4..6);
        assert_eq!(marks.heard_since_gap(2), 0..2);
    }
}
