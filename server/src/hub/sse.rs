//! Server-sent events as bytes: framed once, sent to all.
//!
//! Data is always JSON on one line, so that no text of TickStockPL's can end an event early.

use bytes::Bytes;
use serde::Serialize;

/// An event with an id, `<epoch>-<seq>`.
pub(crate) fn numbered(event: &str, epoch: u64, seq: u64, data: &impl Serialize) -> Bytes {
    chunk(
        format!("id: {epoch}-{seq}\nevent: {event}\ndata: ").into_bytes(),
        data,
    )
}

/// An event without an id.
pub(crate) fn unnumbered(event: &str, data: &impl Serialize) -> Bytes {
    chunk(format!("event: {event}\ndata: ").into_bytes(), data)
}

fn chunk(mut bytes: Vec<u8>, data: &impl Serialize) -> Bytes {
    serde_json::to_writer(&mut bytes, data)
        .expect("our own types have text keys and no failing parts");
    bytes.extend_from_slice(b"\n\n");
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_in_text_stay_inside_the_event() {
        let chunk = numbered("frame", 7, 3, &"A\n\ndata: x\r\u{2028}");
        assert_eq!(
            &chunk[..],
            "id: 7-3\nevent: frame\ndata: \"A\\n\\ndata: x\\r\u{2028}\"\n\n".as_bytes()
        );
    }
}
