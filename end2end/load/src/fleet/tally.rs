//! What was seen: which marks by each stream, and all streams' counts together.

use crate::mark::Marks;

/// The marks that one stream saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// In a frame, ever.
    framed: Bits,
    /// In the last snapshot, or in a frame after it: what a page that follows this stream knows.
    known: Bits,
    /// The highest of those.
    highest: Option<usize>,
}

/// What a mark in a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// New, and after all before.
    InOrder,
    /// New, but a later one was there before.
    OutOfOrder,
    /// Not new.
    Twice,
}

impl Seen {
    /// None yet.
    pub(crate) fn new(marks: usize) -> Seen {
        Seen {
            framed: Bits::new(marks),
            known: Bits::new(marks),
            highest: None,
        }
    }

    /// A mark in a frame.
    pub(crate) fn frame(&mut self, number: usize) -> Arrival {
        let twice = self.framed.set(number) | self.known.set(number);
        let after = self.highest.is_none_or(|highest| number > highest);
        self.highest = self.highest.max(Some(number));
        match (twice, after) {
            (true, _) => Arrival::Twice,
            (false, true) => Arrival::InOrder,
            (false, false) => Arrival::OutOfOrder,
        }
    }

    /// A snapshot begins: it holds all that is known.
    pub(crate) fn start_over(&mut self) {
        self.known.clear();
        self.highest = None;
    }

    /// A mark in it, which may stand there several times.
    pub(crate) fn snapshot(&mut self, number: usize) {
        self.known.set(number);
        self.highest = self.highest.max(Some(number));
    }

    /// Whether a page that follows the stream knows it.
    pub(crate) fn knows(&self, number: usize) -> bool {
        self.known.get(number)
    }
}

/// A set of small numbers.
#[derive(Debug)]
struct Bits(Box<[u64]>);

impl Bits {
    fn new(capacity: usize) -> Bits {
        Bits(vec![0; capacity.div_ceil(64)].into_boxed_slice())
    }

    /// Adds a number; says whether it was there.
    fn set(&mut self, number: usize) -> bool {
        let (word, bit) = (&mut self.0[number / 64], 1 << (number % 64));
        let was = *word & bit != 0;
        *word |= bit;
        was
    }

    fn get(&self, number: usize) -> bool {
        self.0[number / 64] & (1 << (number % 64)) != 0
    }

    fn clear(&mut self) {
        self.0.fill(0);
    }
}

/// All streams together.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Streams that have the state and follow.
    pub live: usize,
    /// Marks that came in frames for the first time.
    pub delivered: usize,
    /// Of those, how many came after a later one.
    pub out_of_order: usize,
    /// Marks that came again.
    pub twice: usize,
    /// From PUBLISH to receipt, of every delivery.
    pub latencies_us: Vec<u32>,
    /// Bytes of all, on the wire.
    pub bytes: u64,
    /// Events that are frames.
    pub frames: usize,
    /// Events that are snapshots.
    pub snapshots: usize,
    /// Events that say that the state comes again.
    pub resets: usize,
    /// Events that say goodbye.
    pub byes: usize,
    /// Streams that ended or did not begin.
    pub lost: usize,
    /// Of those, how many did not begin.
    pub refused: usize,
    /// Why the last of them did not.
    pub last_refusal: Option<String>,
}

impl Counts {
    /// A mark came in a frame.
    pub fn add(&mut self, arrival: Arrival, number: usize, now_us: u64, marks: &Marks) {
        if arrival == Arrival::Twice {
            self.twice += 1;
            return;
        }
        self.delivered += 1;
        self.out_of_order += usize::from(arrival == Arrival::OutOfOrder);
        if let Some(published) = marks.published_us(number) {
            let latency = now_us.saturating_sub(published);
            self.latencies_us
                .push(u32::try_from(latency).unwrap_or(u32::MAX));
        }
    }

    /// The latencies so far in milliseconds, and from now on none: the median, 99 in 100, and the
    /// longest.
    pub fn take_latencies_ms(&mut self) -> [f64; 3] {
        let mut all = std::mem::take(&mut self.latencies_us);
        all.sort_unstable();
        let at = |share: f64| {
            let rank = (all.len() as f64 * share).ceil() as usize;
            all.get(rank.clamp(1, all.len().max(1)) - 1)
                .map_or(0.0, |us| f64::from(*us) / 1000.0)
        };
        [at(0.5), at(0.99), at(1.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_are_told_apart() {
        let mut seen = Seen::new(200);
        let arrivals = [0, 1, 70, 2, 70, 71].map(|number| seen.frame(number));
        use Arrival::{InOrder, OutOfOrder, Twice};
        assert_eq!(
            arrivals,
            [InOrder, InOrder, InOrder, OutOfOrder, Twice, InOrder]
        );
        assert!(seen.knows(70) && !seen.knows(3));
    }

    #[test]
    fn frames_in_the_snapshot_must_not_come_again() {
        let mut seen = Seen::new(100);
        seen.frame(4);
        seen.start_over();
        for number in [7, 8, 7] {
            seen.snapshot(number);
        }
        assert!(!seen.knows(4) && seen.knows(8));
        assert_eq!(seen.frame(8), Arrival::Twice);
        assert_eq!(seen.frame(9), Arrival::InOrder);
        assert_eq!(seen.frame(4), Arrival::Twice, "it came before the snapshot");
    }

    #[test]
    fn latencies_are_ranked() {
        let mut counts = Counts {
            latencies_us: (1..=1000).rev().collect(),
            ..Counts::default()
        };
        assert_eq!(counts.take_latencies_ms(), [0.5, 0.99, 1.0]);
        assert_eq!(counts.take_latencies_ms(), [0.0, 0.0, 0.0]);
    }
}
