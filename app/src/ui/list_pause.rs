//! Pauses a live list while somebody reads it, so that no row moves under the pointer; and
//! throttles lists that change too fast to read.

use leptos::prelude::*;
use std::time::Duration;

/// The reasons for which a list is paused.
#[derive(Clone, Copy)]
pub(crate) struct ListPause {
    paused: RwSignal<bool>,
    hovered: RwSignal<bool>,
    focused: RwSignal<bool>,
    /// Increased to show newer rows without resuming.
    caught_up: RwSignal<u32>,
}

impl ListPause {
    pub(crate) fn new() -> ListPause {
        ListPause {
            paused: RwSignal::new(false),
            hovered: RwSignal::new(false),
            focused: RwSignal::new(false),
            caught_up: RwSignal::new(0),
        }
    }

    /// True while the Pause button is pressed.
    pub(crate) fn paused(self) -> bool {
        self.paused.get()
    }

    /// Pauses or resumes.
    pub(crate) fn toggle(self) {
        self.paused.update(|paused| *paused = !*paused);
    }

    /// To be called when the pointer enters or leaves the list.
    pub(crate) fn set_hovered(self, hovered: bool) {
        self.hovered.set(hovered);
    }

    /// To be called when the focus enters or leaves the list.
    pub(crate) fn set_focused(self, focused: bool) {
        self.focused.set(focused);
    }

    /// Shows newer rows once, and stays paused.
    pub(crate) fn catch_up(self) {
        self.caught_up.update(|n| *n += 1);
    }

    /// The list to show: `live`, unless paused. The number only serves the comparison.
    pub(crate) fn shown<T>(self, live: impl Fn() -> T + Send + Sync + 'static) -> Memo<(u32, T)>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
    {
        let paused =
            Memo::new(move |_| self.paused.get() || self.hovered.get() || self.focused.get());
        Memo::new(move |before: Option<&(u32, T)>| {
            let caught_up = self.caught_up.get();
            match before {
                Some(before) if paused.get() && before.0 == caught_up => before.clone(),
                _ => (caught_up, live()),
            }
        })
    }
}

/// Interval at which results of single symbols are shown: nobody reads faster, and drawing costs.
pub(crate) const RESULTS: Duration = Duration::from_millis(500);
/// Interval at which events and errors are shown.
pub(crate) const EVENTS: Duration = Duration::from_millis(100);

/// Rows of a list that are shown before "Show all": those below are out of sight, and the browser
/// would still draw them.
pub(crate) const FIRST_ROWS: usize = 16;

/// Follows `source`: at once after a quiet time, else once per `interval`.
pub(crate) fn throttle<T: Clone + Send + Sync + 'static>(
    source: RwSignal<T>,
    interval: Duration,
) -> RwSignal<T> {
    let throttled = RwSignal::new(source.get_untracked());
    let state = StoredValue::new(Throttle::default());
    Effect::new(move |before: Option<()>| {
        source.track();
        if before.is_some() {
            publish(source, throttled, state, interval);
        }
    });
    throttled
}

#[derive(Default)]
struct Throttle {
    /// The last change was published less than an interval ago.
    waiting: bool,
    /// The source changed since.
    changed: bool,
}

fn publish<T: Clone + Send + Sync + 'static>(
    source: RwSignal<T>,
    throttled: RwSignal<T>,
    state: StoredValue<Throttle>,
    interval: Duration,
) {
    let was_waiting = state.try_update_value(|state| {
        state.changed = state.waiting;
        std::mem::replace(&mut state.waiting, true)
    });
    if was_waiting != Some(false) {
        return;
    }
    throttled.set(source.get_untracked());
    let end_of_interval = move || {
        // None: the view is gone.
        let changed = state.try_update_value(|state| std::mem::take(state).changed);
        if changed == Some(true) {
            publish(source, throttled, state, interval);
        }
    };
    set_timeout(end_of_interval, interval);
}
