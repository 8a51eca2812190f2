//! Reading one stream: HTTP's chunks off, then server-sent events out of it.

mod http;
mod sse;

pub use http::{Http, Malformed};
pub use sse::{Event, Events};

/// Reads an HTTP/1.1 response that carries server-sent events.
#[derive(Debug, Default)]
pub struct StreamReader {
    http: Http,
    events: Events,
}

impl StreamReader {
    /// Reads what came, and calls `each` with every event that is now whole.
    ///
    /// # Errors
    /// When it is no response with status 200, or its chunks are wrong.
    pub fn read(&mut self, bytes: &[u8], mut each: impl FnMut(Event<'_>)) -> Result<(), Malformed> {
        let StreamReader { http, events } = self;
        http.read(bytes, |data| events.read(data, &mut each))
    }

    /// Whether the last chunk came.
    pub fn is_over(&self) -> bool {
        self.http.is_over()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::Marks;

    /// A stream of `marks` in two chunks, the first of which ends in the middle of an event.
    fn stream(marks: &Marks) -> Vec<u8> {
        let mut text = b"retry: 700\n\nid: 9-1\nevent: snapshot\ndata: {}\n\n".to_vec();
        for number in 0..3 {
            text.extend_from_slice(
                format!("id: 9-{}\nevent: frame\ndata: ", number + 2).as_bytes(),
            );
            text.extend_from_slice(&marks.message(number, 300));
            text.extend_from_slice(b"\n\n");
        }
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut stream = head.as_bytes().to_vec();
        let (first, second) = text.split_at(500);
        for chunk in [first, second] {
            stream.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            stream.extend_from_slice(chunk);
            stream.extend_from_slice(b"\r\n");
        }
        stream.extend_from_slice(b"0\r\n\r\n");
        stream
    }

    #[test]
    fn marks_are_found_wherever_reads_and_chunks_are_cut() {
        let marks = Marks::new(3);
        let stream = stream(&marks);
        let whole = stream.len();
        for cuts in (1..whole)
            .map(|cut| vec![cut, whole])
            .chain([(1..=whole).collect()])
        {
            let mut reader = StreamReader::default();
            let (mut names, mut ids, mut found, mut from) = (Vec::new(), Vec::new(), Vec::new(), 0);
            for to in &cuts {
                let read = reader.read(&stream[from..*to], |event| {
                    names.push(String::from_utf8_lossy(event.name).into_owned());
                    ids.extend(event.id.map(|id| String::from_utf8_lossy(id).into_owned()));
                    marks.find(event.data, |number| found.push(number));
                });
                assert!(read.is_ok());
                from = *to;
            }
            assert_eq!(
                names,
                ["", "snapshot", "frame", "frame", "frame"],
                "{cuts:?}"
            );
            assert_eq!(ids, ["9-1", "9-2", "9-3", "9-4"], "{cuts:?}");
            assert_eq!(found, [0, 1, 2], "{cuts:?}");
            assert!(reader.is_over());
        }
    }
}
