//! From the bytes of one Redis message to an [`Event`]: tolerant in everything that still has a
//! meaning.
//!
//! What an event is, is decided in this order: a `command` key makes it a command; then the event's
//! name (`event`, `event_type` or `type`); then the channel, for messages without a name and for
//! the cache's channels, whose names nobody documented; what is left is [`Body::Unknown`], kept
//! with its text.
//!
//! One bad value costs one value, not the message: what is no JSON is read by the module `tolerant`
//! as far as it can be.

mod bodies;
mod event;
mod rejection;
mod tolerant;

pub(crate) use bodies::schedule;
pub use rejection::{MAX_MESSAGE_BYTES, Rejection, RejectionReason};

use crate::Channel;
use crate::event::Event;
use crate::json::{self, Document};
use event::event_of;

/// Reads what was published at once on `channel`: one message, or several (a list of objects, or
/// objects one after another, at most 1000). At least one result; an item that cannot be read is a
/// rejection of its own.
pub fn decode_all(channel: Channel, bytes: &[u8]) -> Vec<Result<Event, Rejection>> {
    match parse(bytes) {
        Some((text, document)) => vec![Ok(event_of(channel, &document, text, true))],
        None => tolerant::decode(channel, bytes),
    }
}

/// Reads one message of `channel`; of several the first that can be read.
///
/// # Errors
/// A [`Rejection`] when no object can be found in the bytes; a bad field never refuses a message.
pub fn decode(channel: Channel, bytes: &[u8]) -> Result<Event, Rejection> {
    if let Some((text, document)) = parse(bytes) {
        return Ok(event_of(channel, &document, text, true));
    }
    let mut messages = tolerant::decode(channel, bytes);
    let first = messages.iter().position(Result::is_ok).unwrap_or(0);
    messages.swap_remove(first)
}

/// The text of a message that is one JSON object, as nearly all are, and what it holds.
fn parse(bytes: &[u8]) -> Option<(&str, Document<'_>)> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= MAX_MESSAGE_BYTES)?;
    let text = text.trim_start_matches('\u{feff}');
    let document = json::parse(text)
        .ok()
        .filter(|document| document.top().is_object())?;
    Some((text, document))
}
