//! Which parts of the state an input changed, so that a view updates only what it must.

use std::ops::{BitOr, BitOrAssign};

/// A set of parts of the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes(u16);

impl Changes {
    /// Nothing changed.
    pub const NONE: Changes = Changes(0);
    /// The run that is shown.
    pub const RUN: Changes = Changes(1);
    /// The event list.
    pub const LOG: Changes = Changes(2);
    /// The grouped errors.
    pub const ERRORS: Changes = Changes(4);
    /// The list of detections.
    pub const DETECTIONS: Changes = Changes(8);
    /// The list of indicator results.
    pub const INDICATORS: Changes = Changes(512);
    /// Both lists.
    pub const FEEDS: Changes = Changes(8 | 512);
    /// The phases of the run that is shown.
    pub const PHASES: Changes = Changes(1024);
    /// The run that is shown, and its phases.
    pub const RUN_AND_PHASES: Changes = Changes(1 | 1024);
    /// The relay's links, and whether the state is a restored one.
    pub const LINKS: Changes = Changes(16);
    /// The schedule.
    pub const SCHEDULE: Changes = Changes(32);
    /// Earlier runs.
    pub const HISTORY: Changes = Changes(64);
    /// Refused messages.
    pub const REJECTED: Changes = Changes(128);
    /// What monitoring says of TickStockPL's process, and its alerts.
    pub const MONITORING: Changes = Changes(256);
    /// The baselines.
    pub const BASELINES: Changes = Changes(2048);
    /// Which runs TickStockPL's API and events report, beside the one that is shown.
    pub const CLAIMS: Changes = Changes(4096);
    /// The relay's time, and nothing else.
    pub const CLOCK: Changes = Changes(8192);
    /// Everything: a snapshot slice.
    pub const ALL: Changes = Changes(u16::MAX);

    /// Both sets.
    pub const fn with(self, other: Changes) -> Changes {
        Changes(self.0 | other.0)
    }

    /// Those that are in `parts`, too.
    pub const fn only(self, parts: Changes) -> Changes {
        Changes(self.0 & parts.0)
    }

    /// Those that are not in `parts`.
    pub const fn without(self, parts: Changes) -> Changes {
        Changes(self.0 & !parts.0)
    }

    /// Whether any of `parts` changed.
    pub fn any(self, parts: Changes) -> bool {
        self.0 & parts.0 != 0
    }
}

impl BitOr for Changes {
    type Output = Changes;
    fn bitor(self, other: Changes) -> Changes {
        self.with(other)
    }
}

impl BitOrAssign for Changes {
    fn bitor_assign(&mut self, other: Changes) {
        self.0 |= other.0;
    }
}
