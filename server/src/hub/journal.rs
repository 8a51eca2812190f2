//! The latest steps, framed for clients: streams send from it, and a client that comes back resumes
//! from it.

use super::sse;
use super::topics::{InputScope, Topics};
use bytes::Bytes;
use contract::frame::Frame;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Steps that are kept.
const STEPS: usize = 4096;
/// Bytes of steps that are kept; the latest step is kept whatever its size.
const BYTES: usize = 8 << 20;
/// Topics whose part of a step is kept beside it.
const PARTS: usize = 16;

/// The latest steps, without a gap between them.
#[derive(Debug, Default)]
pub(super) struct Journal {
    steps: VecDeque<Arc<Step>>,
    bytes: usize,
    /// The number of the last step, kept or not.
    last: u64,
}

/// One step of the hub.
#[derive(Debug)]
pub(super) struct Step {
    epoch: u64,
    frame: Frame,
    /// What each input of the frame is about.
    scopes: Vec<InputScope>,
    /// The step as an SSE event.
    event: Bytes,
    /// The step as an SSE event for those who follow some topics; `None` where it holds nothing
    /// for them.
    parts: Mutex<Vec<(Topics, Option<Bytes>)>>,
}

impl Step {
    /// `event` is the frame as an SSE event; `scopes` are its inputs', in their order.
    pub(super) fn new(epoch: u64, frame: Frame, event: Bytes, scopes: Vec<InputScope>) -> Step {
        Step {
            epoch,
            frame,
            scopes,
            event,
            parts: Mutex::default(),
        }
    }

    pub(super) fn seq(&self) -> u64 {
        self.frame.seq
    }

    pub(super) fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The SSE event for a client that follows `topics`, or all of them; `None` where the step
    /// holds nothing for it.
    pub(super) fn event(&self, topics: Option<&Topics>) -> Option<Bytes> {
        let Some(topics) = topics else {
            return Some(self.event.clone());
        };
        let mut parts = self.parts.lock();
        if let Some((_, event)) = parts.iter().find(|(known, _)| known == topics) {
            return event.clone();
        }
        let event = topics
            .frame(&self.frame, &self.scopes)
            .map(|frame| sse::numbered("frame", self.epoch, frame.seq, &frame));
        if parts.len() < PARTS {
            parts.push((topics.clone(), event.clone()));
        }
        event
    }

    /// Whether a client that follows one run must start again here: another run is shown from this
    /// step on.
    pub(super) fn replaces_run_of(&self, topics: Option<&Topics>) -> bool {
        topics.is_some_and(|topics| topics.run_is_replaced(&self.scopes))
    }

    /// Frame and event hold about the same text.
    fn bytes(&self) -> usize {
        2 * self.event.len()
    }
}

/// Why a client cannot continue from its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Steps after it are no longer kept.
    TooOld,
    /// It is ahead of the last step.
    Ahead,
}

impl Journal {
    /// Adds the next step, and drops the oldest ones beyond the bounds.
    pub(super) fn push(&mut self, step: Arc<Step>) {
        self.last = step.seq();
        self.bytes += step.bytes();
        self.steps.push_back(step);
        while self.steps.len() > STEPS || (self.bytes > BYTES && self.steps.len() > 1) {
            if let Some(gone) = self.steps.pop_front() {
                self.bytes -= gone.bytes();
            }
        }
    }

    /// The oldest position from which a client can continue.
    pub(super) fn oldest(&self) -> u64 {
        self.last.saturating_sub(self.steps.len() as u64)
    }

    /// The steps after `seq`.
    ///
    /// # Errors
    /// Where the step after `seq` is not kept.
    pub(super) fn after(&self, seq: u64) -> Result<impl Iterator<Item = &Arc<Step>>, Missing> {
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
        let at = Timestamp(0);
        let frame = Frame { seq, at, inputs };
        let event = sse::numbered("frame", 7, seq, &frame);
        Arc::new(Step::new(7, frame, event, Vec::new()))
    }

    fn seqs(journal: &Journal, after: u64) -> Result<Vec<u64>, Missing> {
        Ok(journal.after(after)?.map(|step| step.seq()).collect())
    }

    #[test]
    fn client_gets_what_followed_or_learns_that_it_cannot() {
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
    fn large_steps_evict_old_ones_but_never_the_latest() {
        let mut journal = Journal::default();
        for seq in 1..=3000 {
            journal.push(step(seq, 3000));
        }
        assert!(journal.bytes <= BYTES);
        assert!(journal.steps.len() < 3000 && !journal.steps.is_empty());
        assert_eq!(seqs(&journal, 2999), Ok(vec![3000]));
    }
}
