//! Thousands of readers on one epoll: opens streams, finds the marks in them, comes back where a
//! browser would.
//!
//! All of it is one thread that reads each socket once per event and looks at each byte once or
//! twice: it shares its cores with what it measures.

mod connect;
mod stream;
mod tally;

pub use tally::Counts;

use crate::clock::now_us;
use crate::error::{During, Error};
use crate::mark::Marks;
use crate::stop;
use mio::{Events, Poll, Token};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};
use stream::{Stream, StreamStage};

/// Streams that are asked for and not yet answered, while a fleet opens: a listener's queue holds
/// more.
const OPENING: usize = 128;
/// How long a fleet may take to open.
const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// How long a turn lasts at most, so that a signal is seen.
const TURN: Duration = Duration::from_millis(50);
/// Bytes that are read at once: a crowd's frames come one by one, snapshots in a few pieces.
const READ_BYTES: usize = 64 << 10;

/// Streams to one server.
#[derive(Debug)]
pub struct Fleet {
    server: SocketAddr,
    poll: Poll,
    events: Events,
    /// Those that have something, and whether their other side is closed.
    ready: Vec<(usize, bool)>,
    streams: Vec<Stream>,
    /// Who connects when.
    due: BinaryHeap<Reverse<(u64, usize)>>,
    /// How many may be unanswered; `None` where each comes when it wants.
    window: Option<usize>,
    comes_back: bool,
    buffer: Box<[u8]>,
    marks: Marks,
    counts: Counts,
    /// What the frames of the first stream carried, where that is wanted.
    witness: Option<Vec<Vec<u8>>>,
}

impl Fleet {
    /// Opens `count` streams, and waits until each has its snapshot.
    ///
    /// # Errors
    /// When one of them cannot be had.
    pub fn open(server: SocketAddr, count: usize, marks: Marks) -> Result<Fleet, Error> {
        let mut fleet = Fleet {
            server,
            poll: Poll::new().during("making an epoll")?,
            events: Events::with_capacity(1024),
            ready: Vec::new(),
            streams: Vec::new(),
            due: BinaryHeap::new(),
            window: Some(OPENING),
            comes_back: false,
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
            marks,
            counts: Counts::default(),
            witness: None,
        };
        for at in 0..count {
            fleet.streams.push(Stream::new(fleet.marks.capacity()));
            fleet.due.push(Reverse((0, at)));
        }
        let what = format!("the snapshots of {count} streams");
        fleet.run(&what, OPEN_WITHIN, |fleet| {
            fleet.live() == count || fleet.counts.lost > 0
        })?;
        match fleet.counts.lost {
            0 => Ok(fleet),
            _ => Err(Error::NotStarted {
                program: "a stream".to_owned(),
                why: fleet
                    .counts
                    .last_refusal
                    .unwrap_or_else(|| "it was closed".to_owned()),
            }),
        }
    }

    /// From now on counts again, and looks for these marks.
    pub fn count_anew(&mut self, marks: Marks) {
        for stream in &mut self.streams {
            stream.seen = tally::Seen::new(marks.capacity());
        }
        self.counts = Counts {
            live: self.counts.live,
            ..Counts::default()
        };
        self.marks = marks;
    }

    /// From now on streams that end come back as browsers do.
    pub fn come_back(&mut self) {
        self.comes_back = true;
        self.window = None;
    }

    /// From now on what the frames of the first stream carry is kept.
    pub fn watch_first(&mut self) {
        self.witness = Some(Vec::new());
    }

    /// From now on this stream is not read. Its socket takes little more, as that of a stopped
    /// browser does.
    pub fn stop_reading(&mut self, at: usize) {
        self.streams[at].stage = StreamStage::Stopped;
        if let Some(socket) = &self.streams[at].socket {
            // Where it cannot be set, more has to be sent until it is full.
            let _ = socket2::SockRef::from(socket).set_recv_buffer_size(4096);
        }
    }

    /// Reads until `done`.
    ///
    /// # Errors
    /// When that does not come `within` the time, or a signal comes.
    pub fn run(
        &mut self,
        what: &str,
        within: Duration,
        mut done: impl FnMut(&Fleet) -> bool,
    ) -> Result<(), Error> {
        let end = Instant::now() + within;
        while !done(self) {
            if Instant::now() > end {
                return Err(Error::Late {
                    what: what.to_owned(),
                    within,
                });
            }
            self.turn(TURN)?;
        }
        Ok(())
    }

    /// Reads until `done`, at most for `time`.
    ///
    /// # Errors
    /// When a signal comes.
    pub fn run_for(
        &mut self,
        time: Duration,
        mut done: impl FnMut(&Fleet) -> bool,
    ) -> Result<(), Error> {
        let end = Instant::now() + time;
        while !done(self) && Instant::now() < end {
            self.turn(TURN.min(end.saturating_duration_since(Instant::now())))?;
        }
        Ok(())
    }

    /// What came since counting began.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The same, to sort and keep.
    pub fn counts_mut(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// What the frames of the first stream carried.
    pub fn witness(&self) -> &[Vec<u8>] {
        self.witness.as_deref().unwrap_or_default()
    }

    /// How many streams have the state and follow.
    pub fn live(&self) -> usize {
        self.counts.live
    }

    /// When each stream got the state for the last time.
    pub fn live_since_us(&self) -> impl Iterator<Item = u64> {
        self.streams.iter().map(|stream| stream.live_since_us)
    }

    /// The address of a stream's own side.
    pub fn own_address(&self, at: usize) -> Option<SocketAddr> {
        self.streams[at].socket.as_ref()?.local_addr().ok()
    }

    /// How many of these marks are neither in a stream's last snapshot nor in a frame after it,
    /// over all streams that read.
    pub fn missing(&self, numbers: Range<usize>) -> usize {
        let reading = self
            .streams
            .iter()
            .filter(|stream| stream.stage != StreamStage::Stopped);
        reading
            .map(|stream| {
                numbers
                    .clone()
                    .filter(|number| !stream.seen.knows(*number))
                    .count()
            })
            .sum()
    }

    fn turn(&mut self, at_most: Duration) -> Result<(), Error> {
        if stop::asked() {
            return Err(Error::Stopped);
        }
        self.connect_due()?;
        let mut wait = at_most;
        if let Some(Reverse((due, _))) = self.due.peek() {
            wait = wait.min(Duration::from_micros(
                due.saturating_sub(now_us()).max(1000),
            ));
        }
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                return Err(error).during("waiting for events");
            }
            _ => {}
        }
        let mut ready = std::mem::take(&mut self.ready);
        ready.extend(
            self.events
                .iter()
                .map(|event| (event.token().0, event.is_read_closed() || event.is_error())),
        );
        for (at, closing) in ready.drain(..) {
            self.read(at, closing);
        }
        self.ready = ready;
        Ok(())
    }

    fn connect_due(&mut self) -> Result<(), Error> {
        while let Some(Reverse((due, at))) = self.due.peek().copied() {
            let unanswered = self.streams.len() - self.live() - self.due.len();
            if due > now_us() || self.window.is_some_and(|window| unanswered >= window) {
                break;
            }
            self.due.pop();
            let connected = connect::connect(self.server, at, &self.streams[at].last_id);
            match connected.and_then(|mut socket| {
                self.poll
                    .registry()
                    .register(&mut socket, Token(at), mio::Interest::READABLE)?;
                Ok(socket)
            }) {
                Ok(socket) => self.streams[at].begin(socket),
                Err(error) if self.comes_back => self.lost(at, Some(error.to_string())),
                Err(error) => return Err(error).during(format!("connecting to {}", self.server)),
            }
        }
        Ok(())
    }

    fn read(&mut self, at: usize, closing: bool) {
        let stream = &mut self.streams[at];
        if stream.stage == StreamStage::Stopped {
            return;
        }
        let mut witness = if at == 0 { self.witness.as_mut() } else { None };
        let refusal = loop {
            let Some(socket) = &mut stream.socket else {
                return;
            };
            match socket.read(&mut self.buffer) {
                Ok(0) => break None,
                Ok(n) => {
                    let read = stream.take(
                        &self.buffer[..n],
                        &self.marks,
                        &mut self.counts,
                        witness.as_deref_mut(),
                    );
                    match read {
                        Err(malformed) => break Some(malformed.to_string()),
                        Ok(()) if stream.is_over() => break None,
                        // Less than was asked for: the socket is empty, and will say when it is
                        // not.
                        Ok(()) if n < self.buffer.len() && !closing => return,
                        Ok(()) => {}
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break None,
            }
        };
        self.lost(at, refusal);
    }

    /// A stream ended, or did not begin.
    fn lost(&mut self, at: usize, refusal: Option<String>) {
        let stream = &mut self.streams[at];
        self.counts.lost += 1;
        self.counts.live -= usize::from(stream.stage == StreamStage::Live);
        if refusal.is_some() {
            self.counts.refused += 1;
            self.counts.last_refusal = refusal;
        }
        let wait = stream.end();
        if self.comes_back {
            self.due.push(Reverse((now_us() + wait, at)));
        }
    }
}
