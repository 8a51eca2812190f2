//! Holds a list still while it is looked at: rows never move under the pointer. Also: lists that
//! change too fast to read.

use leptos::prelude::*;
use std::time::Duration;

/// Whether a list is held, and why.
#[derive(Clone, Copy)]
pub(crate) struct ListPause {
    paused: RwSignal<bool>,
    over: RwSignal<bool>,
    focused: RwSignal<bool>,
    /// Raised to take in what is new without letting go.
    caught_up: RwSignal<u32>,
}

impl ListPause {
    /// Not held.
    pub(crate) fn new() -> ListPause {
        ListPause {
            paused: RwSignal::new(false),
            over: RwSignal::new(false),
            focused: RwSignal::new(false),
            caught_up: RwSignal::new(0),
        }
    }

    /// Whether somebody pressed Pause.
    pub(crate) fn paused(self) -> bool {
        self.paused.get()
    }

    /// Pauses, or goes on.
    pub(crate) fn toggle(self) {
        self.paused.update(|paused| *paused = !*paused);
    }

    /// The pointer came over the list, or left it.
    pub(crate) fn over(self, is: bool) {
        self.over.set(is);
    }

    /// The focus came into the list, or left it.
    pub(crate) fn focused(self, is: bool) {
        self.focused.set(is);
    }

    /// Takes in what is new.
    pub(crate) fn catch_up(self) {
        self.caught_up.update(|n| *n += 1);
    }

    /// The list as it is shown: `live` unless held. The number beside it only serves the
    /// comparison.
    pub(crate) fn keep<T>(self, live: impl Fn() -> T + Send + Sync + 'static) -> Memo<(u32, T)>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
    {
        let held = Memo::new(move |_| self.paused.get() || self.over.get() || self.focused.get());
        Memo::new(move |before: Option<&(u32, T)>| {
            let caught_up = self.caught_up.get();
            match before {
                Some(before) if held.get() && before.0 == caught_up => before.clone(),
                _ => (caught_up, live()),
            }
        })
    }
}

/// How often results of single symbols are shown: faster nobody reads them, and a browser has
/// better things to do.
pub(crate) const RESULTS: Duration = Duration::from_millis(500);
/// How often events and errors are shown: an operator sees each within a tenth of a second.
pub(crate) const EVENTS: Duration = Duration::from_millis(100);

/// Rows of a list that are shown until somebody asks for all: what lies below nobody sees, and a
/// browser would still draw it.
pub(crate) const FIRST_ROWS: usize = 16;

/// Follows `source`: at once where it was quiet, else once in `every`.
pub(crate) fn calm<T: Clone + Send + Sync + 'static>(
    source: RwSignal<T>,
    every: Duration,
) -> RwSignal<T> {
    let calm = RwSignal::new(source.get_untracked());
    let gate = StoredValue::new(Gate::default());
    Effect::new(move |before: Option<()>| {
        source.track();
        if before.is_some() {
            tell(source, calm, gate, every);
        }
    });
    calm
}

#[derive(Default)]
struct Gate {
    /// Something was told less than a moment ago.
    closed: bool,
    /// Something came since.
    fresh: bool,
}

fn tell<T: Clone + Send + Sync + 'static>(
    source: RwSignal<T>,
    calm: RwSignal<T>,
    gate: StoredValue<Gate>,
    every: Duration,
) {
    let was_closed = gate.try_update_value(|gate| {
        gate.fresh = gate.closed;
        std::mem::replace(&mut gate.closed, true)
    });
    if was_closed != Some(false) {
        return;
    }
    calm.set(source.get_untracked());
    let open = move || {
        // None: the page was left.
        let fresh = gate.try_update_value(|gate| std::mem::take(gate).fresh);
        if fresh == Some(true) {
            tell(source, calm, gate, every);
        }
    };
    set_timeout(open, every);
}
