//! Reading what was published where it is not one JSON object: with bytes that are no UTF-8, with
//! values that JSON does not have, cut off, encoded twice, larger than it may be, or several
//! messages in one.

use super::event::event_of;
use super::rejection::{MAX_MESSAGE_BYTES, RAW_BYTES, Rejection, RejectionReason};
use crate::event::Event;
use crate::ids::truncate_text;
use crate::json::{self, Pieces, with_tail};
use crate::{Channel, PhaseStage};
use std::borrow::Cow;

/// How much is read of a message that is too large: of its beginning, and of its end.
const HEAD_BYTES: usize = 256 << 10;
const TAIL_BYTES: usize = 64 << 10;
const RUN_ID: &[u8] = b"run_id";
/// Messages in one that are read.
const MESSAGES: usize = 1000;
/// How far behind the event's name a word of an end may stand in a message that cannot be read.
const NEAR_BYTES: usize = 96;

/// What can be read of it: at least one result.
#[cold]
pub(super) fn decode(channel: Channel, bytes: &[u8]) -> Vec<Result<Event, Rejection>> {
    let is_cut = bytes.len() > MAX_MESSAGE_BYTES;
    let (head, tail) = match is_cut {
        true => (&bytes[..HEAD_BYTES], &bytes[bytes.len() - TAIL_BYTES..]),
        false => (bytes, &bytes[..0]),
    };
    let (head, tail) = (lossy(head), lossy(tail));
    let names_run = !is_cut || bytes.windows(RUN_ID.len()).any(|part| part == RUN_ID);
    let mut reader = Reader {
        channel,
        tail: is_cut.then_some(&tail),
        names_run,
        messages: Vec::new(),
    };
    reader.read(&head, 1);
    let mut messages = reader.messages;
    if !messages.iter().any(Result::is_ok) {
        return vec![Err(refusal(channel, bytes))];
    }
    if is_cut && messages.len() > 1 && messages.last().is_some_and(Result::is_ok) {
        let detail = format!(
            "{} bytes; only the first {} messages were read",
            bytes.len(),
            messages.len()
        );
        messages.push(Err(rejection(
            channel,
            RejectionReason::TooLarge,
            detail,
            bytes,
        )));
    }
    messages
}

struct Reader<'t> {
    channel: Channel,
    /// The end of a message of which only the beginning is read.
    tail: Option<&'t Cow<'t, str>>,
    /// Whether the part that is not read may name a run.
    names_run: bool,
    messages: Vec<Result<Event, Rejection>>,
}

impl Reader<'_> {
    /// Reads every message in `text`; texts that hold objects are decoded so many times more.
    fn read(&mut self, text: &str, decodings: u8) {
        for piece in Pieces::split(text) {
            if self.messages.len() == MESSAGES {
                let detail =
                    format!("more than {MESSAGES} messages in one; the others were not read");
                self.refuse(RejectionReason::TooLarge, detail, piece.text);
                return;
            }
            match piece.document {
                Some(document) if document.top().is_object() && document.says_anything() => {
                    let document = match self.tail.filter(|_| !piece.is_complete) {
                        // The end belongs to another message than the beginning does.
                        Some(_) if piece.in_list || !self.messages.is_empty() => return,
                        Some(tail) => with_tail(document, tail),
                        None => document,
                    };
                    let mut event =
                        event_of(self.channel, &document, piece.text, piece.is_complete);
                    event.unreadable_run_id &= self.names_run;
                    self.messages.push(Ok(event));
                }
                document => match document.as_ref().and_then(|document| document.top().text()) {
                    Some(inner) if decodings > 0 && inner.contains('{') => {
                        self.read(inner, decodings - 1);
                    }
                    _ => {
                        let (reason, detail) = why(piece.text);
                        self.refuse(reason, detail, piece.text);
                    }
                },
            }
        }
    }

    fn refuse(&mut self, reason: RejectionReason, detail: String, text: &str) {
        self.messages.push(Err(rejection(
            self.channel,
            reason,
            detail,
            text.as_bytes(),
        )));
    }
}

/// Why nothing in `bytes` is a message.
fn refusal(channel: Channel, bytes: &[u8]) -> Rejection {
    let (reason, detail) = match std::str::from_utf8(bytes) {
        _ if bytes.len() > MAX_MESSAGE_BYTES => {
            (RejectionReason::TooLarge, format!("{} bytes", bytes.len()))
        }
        Ok(text) => why(text.trim_start_matches('\u{feff}')),
        Err(error) => (RejectionReason::NotUtf8, error.to_string()),
    };
    rejection(channel, reason, detail, bytes)
}

fn why(text: &str) -> (RejectionReason, String) {
    match json::parse(text) {
        Ok(_) => (
            RejectionReason::NotAnObject,
            "the message is a bare value or a list".to_owned(),
        ),
        Err(error) => (RejectionReason::NotJson, error.to_string()),
    }
}

fn rejection(channel: Channel, reason: RejectionReason, detail: String, bytes: &[u8]) -> Rejection {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(RAW_BYTES)]);
    let reports_end = reports_end(channel, &head);
    Rejection {
        reason,
        detail,
        sample: truncate_text(&head, RAW_BYTES).to_owned(),
        size_bytes: bytes.len() as u64,
        reports_end,
    }
}

/// Whether a message that nobody can read may report the end or the failure of a run: on a channel
/// for such reports any may.
fn reports_end(channel: Channel, text: &str) -> bool {
    let is_for_ends = matches!(
        channel,
        Channel::ProcessingStatus | Channel::Errors | Channel::DataImportErrors
    ) || channel
        .phase_stage()
        .is_some_and(|(_, stage)| stage == PhaseStage::Completed);
    let text = text.to_ascii_lowercase();
    let names_end = |at: usize| {
        let near = &text[at..text.floor_char_boundary(at + NEAR_BYTES)];
        [
            "complet",
            "fail",
            "cancel",
            "error",
            "abort",
            "timeout",
            "timed_out",
            "finish",
            "ended",
        ]
        .iter()
        .any(|word| near.contains(word))
    };
    is_for_ends || text.match_indices("event").any(|(at, _)| names_end(at))
}

/// The bytes as text. Several bytes in a row that are no UTF-8 and continue one character (a
/// surrogate that was written as UTF-8, half a character) are one replacement.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let continues = chunk.valid().is_empty()
            && chunk
                .invalid()
                .first()
                .is_some_and(|b| (0x80..0xc0).contains(b));
        text.push_str(chunk.valid());
        let is_replaced = continues && text.ends_with(char::REPLACEMENT_CHARACTER);
        if !chunk.invalid().is_empty() && !is_replaced {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Cow::Owned(text)
}
