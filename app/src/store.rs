//! What the views read: one signal for each part of the state, so that a view is told only of what
//! it shows.

use crate::Zone;
use crate::ports::{PageData, Viewer};
use contract::Timestamp;
use contract::frame::{Baselines, Gap};
use leptos::prelude::*;
use model::{
    Changes, ErrorGroup, Feeds, Links, LogEntry, Monitoring, Rejected, Run, RunSummary, Schedule,
    State,
};
use std::collections::VecDeque;

/// Freshness of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The stream is open (or has been away for less than three seconds).
    Live,
    /// The stream has been away for a moment: an amber dot.
    Reconnecting,
    /// The stream has been away for ten seconds: a bar says so, and clocks stand still.
    Stale,
}

/// A transient message after an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// True if the action failed.
    pub failed: bool,
    /// The message.
    pub text: String,
}

/// The state as signals. Copies are cheap and refer to the same signals.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// The run that is shown.
    pub run: RwSignal<Option<Run>>,
    /// Earlier runs, newest first.
    pub earlier: RwSignal<Vec<RunSummary>>,
    /// Grouped errors, latest last.
    pub errors: RwSignal<Vec<ErrorGroup>>,
    /// Detections and indicator results.
    pub feeds: RwSignal<Feeds>,
    /// The event list, latest last.
    pub log: RwSignal<VecDeque<LogEntry>>,
    /// The relay's links.
    pub links: RwSignal<Links>,
    /// Times in which Redis was away, latest last.
    pub gaps: RwSignal<VecDeque<Gap>>,
    /// TickStockPL's schedule.
    pub schedule: RwSignal<Option<Schedule>>,
    /// Rejected messages.
    pub rejected: RwSignal<Rejected>,
    /// Monitoring of TickStockPL's process.
    pub monitoring: RwSignal<Monitoring>,
    /// Usual durations.
    pub baselines: RwSignal<Vec<Baselines>>,
    /// When what is shown was taken from the database, if nothing has confirmed it since.
    pub restored_at: RwSignal<Option<Timestamp>>,
    pub freshness: RwSignal<Freshness>,
    /// The relay's clock, in steps of a second; stands still unless live. What elapsed is measured
    /// against it.
    pub now: RwSignal<Timestamp>,
    /// When the relay was last heard, by its clock.
    pub heard_at: RwSignal<Timestamp>,
    /// Raised by "Retry now": the live driver opens the stream again.
    pub retry: RwSignal<u32>,
    /// The result of the viewer's last action, until it is dismissed.
    pub toast: RwSignal<Option<Toast>>,
    /// Raised when the viewer changed something: what the server made is asked for again.
    pub refresh: RwSignal<u32>,
    /// The address whose form is open in the dialog.
    pub dialog: RwSignal<Option<String>>,
    /// The zone that times are shown in.
    pub zone: StoredValue<Zone>,
    /// Such as `production`, where one is configured.
    pub environment: StoredValue<Option<String>>,
    pub viewer: StoredValue<Viewer>,
}

impl Console {
    /// Signals over the state that the page was rendered from.
    pub fn new(page: &PageData) -> Console {
        let state = &page.snapshot.state;
        Console {
            run: RwSignal::new(state.run.clone()),
            earlier: RwSignal::new(state.earlier.clone()),
            errors: RwSignal::new(state.errors.clone()),
            feeds: RwSignal::new(state.feeds.clone()),
            log: RwSignal::new(state.log.clone()),
            links: RwSignal::new(state.links.clone()),
            gaps: RwSignal::new(state.gaps.clone()),
            schedule: RwSignal::new(state.schedule.clone()),
            rejected: RwSignal::new(state.rejected.clone()),
            monitoring: RwSignal::new(state.monitoring.clone()),
            baselines: RwSignal::new(state.baselines.clone()),
            restored_at: RwSignal::new(state.restored_at),
            freshness: RwSignal::new(Freshness::Live),
            now: RwSignal::new(page.snapshot.at),
            heard_at: RwSignal::new(page.snapshot.at),
            retry: RwSignal::new(0),
            toast: RwSignal::new(None),
            refresh: RwSignal::new(0),
            dialog: RwSignal::new(None),
            zone: StoredValue::new(page.zone.clone()),
            environment: StoredValue::new(page.environment.clone()),
            viewer: StoredValue::new(page.viewer.clone()),
        }
    }

    /// Shows a message of success.
    pub fn show_toast(&self, text: String) {
        self.toast.set(Some(Toast {
            failed: false,
            text,
        }));
    }

    /// Shows an error.
    pub fn show_error(&self, text: String) {
        self.toast.set(Some(Toast { failed: true, text }));
    }

    /// Writes the signals of `changes`, and no others.
    pub fn publish(&self, state: &State, changes: Changes) {
        if changes.any(Changes::RUN) {
            self.run.set(state.run.clone());
        }
        if changes.any(Changes::HISTORY) {
            self.earlier.set(state.earlier.clone());
        }
        if changes.any(Changes::ERRORS) {
            self.errors.set(state.errors.clone());
        }
        if changes.any(Changes::FEEDS) {
            self.feeds.set(state.feeds.clone());
        }
        if changes.any(Changes::LOG) {
            self.log.set(state.log.clone());
        }
        if changes.any(Changes::LINKS) {
            self.links.set(state.links.clone());
            self.gaps.set(state.gaps.clone());
            self.restored_at.set(state.restored_at);
        }
        if changes.any(Changes::SCHEDULE) {
            self.schedule.set(state.schedule.clone());
        }
        if changes.any(Changes::REJECTED) {
            self.rejected.set(state.rejected.clone());
        }
        if changes.any(Changes::MONITORING) {
            self.monitoring.set(state.monitoring.clone());
        }
        if changes.any(Changes::BASELINES) {
            self.baselines.set(state.baselines.clone());
        }
    }
}

/// The console that [`App`](crate::App) provides to all views.
pub fn use_console() -> Console {
    expect_context()
}
