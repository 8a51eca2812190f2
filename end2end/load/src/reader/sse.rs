//! Server-sent events out of the pieces of a body. Lines end with a line feed alone, as the relay
//! writes them.

use memchr::memchr;
use memchr::memmem;

/// A buffer beyond this is given back once it is empty: a snapshot is large, and comes once.
const KEPT_BYTES: usize = 4096;

/// One event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Event<'a> {
    /// `event:`, or nothing.
    pub name: &'a [u8],
    /// `id:`
    pub id: Option<&'a [u8]>,
    /// `retry:`, in milliseconds.
    pub retry_ms: Option<u64>,
    /// `data:`, which is one line.
    pub data: &'a [u8],
}

/// The part of an event that has come so far.
#[derive(Debug, Default)]
pub struct Events {
    begun: Vec<u8>,
}

impl Events {
    /// Reads a piece, and calls `each` with every event that is now whole.
    pub fn read(&mut self, mut piece: &[u8], each: &mut impl FnMut(Event<'_>)) {
        if !self.begun.is_empty() {
            // The blank line may have been cut in two.
            let known = self.begun.len() - 1;
            self.begun.extend_from_slice(piece);
            let Some(end) = memmem::find(&self.begun[known..], b"\n\n").map(|end| known + end)
            else {
                return;
            };
            each(event(&self.begun[..end]));
            piece = &piece[end + 2 - (known + 1)..];
            self.begun.clear();
            if self.begun.capacity() > KEPT_BYTES {
                self.begun = Vec::new();
            }
        }
        while let Some(end) = memmem::find(piece, b"\n\n") {
            each(event(&piece[..end]));
            piece = &piece[end + 2..];
        }
        self.begun.extend_from_slice(piece);
    }
}

fn event(text: &[u8]) -> Event<'_> {
    let mut event = Event::default();
    let mut rest = text;
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        let colon = memchr(b':', line).unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"event" => event.name = value,
            b"id" => event.id = Some(value),
            b"data" => event.data = value,
            b"retry" => {
                event.retry_ms = std::str::from_utf8(value)
                    .ok()
                    .and_then(|ms| ms.parse().ok());
            }
            _ => {}
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_comments_are_not() {
        let text = b": hello\nretry: 900\nevent: bye\nid: 1-2\ndata: {\"a\":\"b: c\"}";
        let expected = Event {
            name: b"bye",
            id: Some(b"1-2"),
            retry_ms: Some(900),
            data: br#"{"a":"b: c"}"#,
        };
        assert_eq!(event(text), expected);
    }
}
