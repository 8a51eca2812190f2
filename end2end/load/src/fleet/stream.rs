//! One stream: its socket, what it knows, and when it comes back.

use super::tally::{Counts, Seen};
use crate::clock::now_us;
use crate::mark::Marks;
use crate::reader::{Malformed, StreamReader};
use mio::net::TcpStream;
use rand::random_range;

/// What browsers wait before they come back, where the server has not said.
const RETRY_MS: u64 = 3000;
/// How long refused ones wait at most.
const LONGEST_MS: u64 = 5000;

/// Where a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamStage {
    /// Not connected.
    Away,
    /// Connected, and without the state.
    Asked,
    /// It has the state, and follows.
    Live,
    /// Nobody reads it any more.
    Stopped,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct Stream {
    pub socket: Option<TcpStream>,
    pub stage: StreamStage,
    pub seen: Seen,
    /// The last `id:`.
    pub last_id: Vec<u8>,
    /// When it last got the state.
    pub live_since_us: u64,
    reader: StreamReader,
    retry_ms: u64,
    /// Times it was refused in a row.
    refused: u32,
}

impl Stream {
    /// A stream that is not open, for so many marks.
    pub(crate) fn new(marks: usize) -> Stream {
        Stream {
            socket: None,
            stage: StreamStage::Away,
            seen: Seen::new(marks),
            last_id: Vec::new(),
            live_since_us: 0,
            reader: StreamReader::default(),
            retry_ms: RETRY_MS,
            refused: 0,
        }
    }

    /// It was asked for on this socket.
    pub(crate) fn begin(&mut self, socket: TcpStream) {
        self.socket = Some(socket);
        self.stage = StreamStage::Asked;
        self.reader = StreamReader::default();
    }

    /// It ended: says how many microseconds to wait before it comes back.
    pub(crate) fn end(&mut self) -> u64 {
        self.refused = if self.stage == StreamStage::Live {
            0
        } else {
            self.refused + 1
        };
        self.socket = None;
        self.stage = StreamStage::Away;
        self.reader = StreamReader::default();
        let patience = self.retry_ms << self.refused.min(6);
        let wait_ms = patience.min(self.retry_ms.max(LONGEST_MS));
        wait_ms * random_range(900..1100)
    }

    /// Whether the server ended it.
    pub(crate) fn is_over(&self) -> bool {
        self.reader.is_over()
    }

    /// Reads what came just now.
    ///
    /// # Errors
    /// When it is no stream.
    pub(crate) fn take(
        &mut self,
        bytes: &[u8],
        marks: &Marks,
        counts: &mut Counts,
        mut witness: Option<&mut Vec<Vec<u8>>>,
    ) -> Result<(), Malformed> {
        let now = now_us();
        let Stream {
            reader,
            seen,
            stage,
            last_id,
            retry_ms,
            live_since_us,
            ..
        } = self;
        counts.bytes += bytes.len() as u64;
        reader.read(bytes, |event| {
            if let Some(id) = event.id {
                last_id.clear();
                last_id.extend_from_slice(id);
            }
            if let Some(ms) = event.retry_ms {
                *retry_ms = ms;
            }
            match event.name {
                b"frame" => {
                    counts.frames += 1;
                    marks.find(event.data, |number| {
                        counts.add(seen.frame(number), number, now, marks);
                    });
                    if let Some(witness) = &mut witness {
                        witness.push(event.data.to_vec());
                    }
                }
                b"snapshot" => {
                    counts.snapshots += 1;
                    seen.start_over();
                    marks.find(event.data, |number| seen.snapshot(number));
                    counts.live += usize::from(*stage != StreamStage::Live);
                    *stage = StreamStage::Live;
                    *live_since_us = now;
                }
                b"reset" => counts.resets += 1,
                b"bye" => counts.byes += 1,
                _ => {}
            }
        })
    }
}
