//! The steps of the last while, framed for readers: what is sent from, and what a reader that comes
//! back resumes from.

use super::topics::{Fact, Topics};
use crate::hub::sse;
use axum::body::Bytes;
use contract::frame::Frame;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Steps that are kept.
const STEPS: usize = 4096;
/// Bytes of steps that are kept; the latest step is kept whatever its size.
const BYTES: usize = 8 << 20;
/// Different narrowings of one step that are kept beside it.
const NARROWINGS: usize = 16;

/// The latest steps, without a gap between them.
#[derive(Default)]
pub struct Journal {
    steps: VecDeque<Arc<Step>>,
    bytes: usize,
    /// The last step of all, kept or not.
    last: u64,
}

/// One step.
pub struct Step {
    /// The step, and what each input of it is about.
    frame: Frame,
    facts: Vec<Fact>,
    /// The step as an SSE event.
    whole: Bytes,
    epoch: u64,
    /// The step as an SSE event for those who follow a part; `None` where it holds nothing for
    /// them.
    narrowed: Mutex<Vec<(Topics, Option<Bytes>)>>,
}

impl Step {
    /// A step of the process `epoch`; `facts` are its inputs', in their order.
    pub fn new(epoch: u64, frame: Frame, facts: Vec<Fact>) -> Step {
        let whole = sse::numbered("frame", epoch, frame.seq, &frame);
        Step {
            frame,
            facts,
            whole,
            epoch,
            narrowed: Mutex::default(),
        }
    }

    /// Its number.
    pub fn seq(&self) -> u64 {
        self.frame.seq
    }

    /// The SSE event for a reader; `None` where it holds nothing for it.
    pub fn chunk(&self, narrow: Option<&Topics>) -> Option<Bytes> {
        let Some(narrow) = narrow else {
            return Some(self.whole.clone());
        };
        let mut known = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chunk)) = known.iter().find(|(known, _)| known == narrow) {
            return chunk.clone();
        }
        let chunk = narrow
            .frame(&self.frame, &self.facts)
            .map(|frame| sse::numbered("frame", self.epoch, frame.seq, &frame));
        if known.len() < NARROWINGS {
            known.push((narrow.clone(), chunk.clone()));
        }
        chunk
    }

    /// Whether a reader that follows one run must start anew here: another run is shown from this
    /// step on.
    pub fn parts_from(&self, narrow: Option<&Topics>) -> bool {
        narrow.is_some_and(|narrow| narrow.parts_at(&self.facts))
    }

    /// Frame and event hold about the same text.
    fn bytes(&self) -> usize {
        2 * self.whole.len()
    }
}

/// Why a reader cannot go on from where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Steps after it are no longer kept.
    TooOld,
    /// It is ahead of the last step.
    Ahead,
}

impl Journal {
    /// Adds the next step.
    pub fn push(&mut self, step: Arc<Step>) {
        self.last = step.seq();
        self.bytes += step.bytes();
        self.steps.push_back(step);
        while self.steps.len() > STEPS || (self.bytes > BYTES && self.steps.len() > 1) {
            if let Some(gone) = self.steps.pop_front() {
                self.bytes -= gone.bytes();
            }
        }
    }

    /// The oldest position from which a reader can go on.
    pub fn oldest(&self) -> u64 {
        self.last.saturating_sub(self.steps.len() as u64)
    }

    /// The steps after `seq`.
    ///
    /// # Errors
    /// Where the step after `seq` is not kept.
    pub fn after(&self, seq: u64) -> Result<impl Iterator<Item = &Arc<Step>>, Missing> {
        if seq > self.last {
            return Err(Missing::Ahead);
        }
        let wanted = usize::try_from(self.last - seq).unwrap_or(usize::MAX);
        if wanted > self.steps.len() {
            return Err(Missing::TooOld);
        }
        Ok(self.steps.range(self.steps.len() - wanted..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Timestamp;
    use contract::frame::Input;

    fn step(seq: u64, size: usize) -> Arc<Step> {
        let rejection =
            contract::decode(contract::Channel::Errors, "x".repeat(size).as_bytes()).unwrap_err();
        let inputs = vec![Input::Rejected {
            channel: contract::Channel::Errors,
            rejection,
        }];
        Arc::new(Step::new(
            7,
            Frame {
                seq,
                at: Timestamp(0),
                inputs,
            },
            Vec::new(),
        ))
    }

    fn seqs(journal: &Journal, after: u64) -> Result<Vec<u64>, Missing> {
        Ok(journal.after(after)?.map(|step| step.seq()).collect())
    }

    #[test]
    fn a_reader_gets_what_followed_or_learns_that_it_cannot() {
        let mut journal = Journal::default();
        assert_eq!(seqs(&journal, 0), Ok(vec![]));
        assert_eq!(seqs(&journal, 1), Err(Missing::Ahead));
        for seq in 1..=STEPS as u64 + 3 {
            journal.push(step(seq, 1));
        }
        let last = STEPS as u64 + 3;
        assert_eq!(seqs(&journal, last), Ok(vec![]));
        assert_eq!(seqs(&journal, last - 2), Ok(vec![last - 1, last]));
        assert_eq!(seqs(&journal, 3).unwrap().len(), STEPS);
        assert_eq!(seqs(&journal, 2), Err(Missing::TooOld));
        assert_eq!(seqs(&journal, last + 1), Err(Missing::Ahead));
    }

    #[test]
    fn large_steps_push_out_old_ones_and_the_latest_stays() {
        let mut journal = Journal::default();
        for seq in 1..=3000 {
            journal.push(step(seq, 3000));
        }
        assert!(journal.bytes <= BYTES);
        assert!(journal.steps.len() < 3000 && !journal.steps.is_empty());
        assert_eq!(seqs(&journal, 2999), Ok(vec![3000]));
    }
}
