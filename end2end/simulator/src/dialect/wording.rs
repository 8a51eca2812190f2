//! The documented wordings of one event, of which one is taken: only that one's message is built.

use contract::Channel;
use serde_json::Value;

/// Where, and what.
pub(super) type Message = (Channel, Value);

/// The wordings of telling one step, of which one is taken: only that one's message is built.
pub(super) struct Wordings {
    want: Want,
    pub(super) offered: usize,
    pub(super) said: Option<Message>,
}

pub(super) enum Want {
    /// None: how many there are is the question.
    Count,
    Nth(usize),
    /// The newest agreement's.
    Response,
    /// The older guides'.
    Guides,
}

impl Wordings {
    pub(super) fn new(want: Want) -> Wordings {
        Wordings {
            want,
            offered: 0,
            said: None,
        }
    }

    /// The agreement and the guides tell it alike.
    pub(super) fn both(&mut self, tell: impl FnOnce() -> Message) {
        let wanted = matches!(self.want, Want::Response | Want::Guides);
        self.offer(wanted, tell);
    }

    pub(super) fn response(&mut self, tell: impl FnOnce() -> Message) {
        let wanted = matches!(self.want, Want::Response);
        self.offer(wanted, tell);
    }

    pub(super) fn guides(&mut self, tell: impl FnOnce() -> Message) {
        let wanted = matches!(self.want, Want::Guides);
        self.offer(wanted, tell);
    }

    /// Some other document tells it so.
    pub(super) fn variant(&mut self, tell: impl FnOnce() -> Message) {
        self.offer(false, tell);
    }

    fn offer(&mut self, wanted: bool, tell: impl FnOnce() -> Message) {
        if wanted || matches!(self.want, Want::Nth(n) if n == self.offered) {
            debug_assert!(self.said.is_none(), "one dialect tells a step in one way");
            self.said = Some(tell());
        }
        self.offered += 1;
    }
}

/// A share in percent, with the noise that divisions leave.
pub(super) fn percent(done: usize, total: usize) -> f64 {
    if total == 0 {
        0.0
    } else {
        done as f64 / total as f64 * 100.0
    }
}
