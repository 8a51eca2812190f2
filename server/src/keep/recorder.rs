//! The hub's observer that records: of every step what is worth keeping. It never waits; the writer does the rest.

use crate::hub::Observer;
use crate::symbols::Symbols;
use contract::frame::Frame;
use contract::{Body, Event, RunId, Timestamp};
use model::{Changes, Run, RunSummary, State};
use std::time::Duration;
use store::{LogLine, Record, RunSymbols, Writer};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How often the whole state is written, at most: the run itself is written every second.
const STATE_EVERY: Duration = Duration::from_secs(5);

/// Universes whose baselines are needed: a run of them began or ended, or the schedule names them.
pub struct Told {
    /// Where its symbols come from.
    pub universes: Vec<String>,
    /// Whether it ended.
    pub ended: bool,
}

/// Records what the hub does.
pub struct Recorder {
    writer: Writer,
    symbols: Symbols,
    /// The run whose beginning was heard last, until its end is heard.
    begun: Option<RunId>,
    tell: mpsc::UnboundedSender<Told>,
    /// The last event that was recorded.
    logged: u64,
    /// The earlier runs as they were recorded.
    earlier: Vec<RunSummary>,
    /// The run that is shown, whether it was active, and where its symbols come from.
    shown: Option<(RunId, bool, Vec<String>)>,
    /// When the state was last written, and whether it changed since.
    written: Option<Instant>,
    changed: bool,
}

impl Recorder {
    pub(super) fn new(writer: Writer, symbols: Symbols) -> (Recorder, mpsc::UnboundedReceiver<Told>) {
        let (tell, told) = mpsc::unbounded_channel();
        let recorder = Recorder {
            writer,
            symbols,
            begun: None,
            tell,
            logged: 0,
            earlier: Vec::new(),
            shown: None,
            written: None,
            changed: false,
        };
        (recorder, told)
    }

    fn keep(&self, record: Record) {
        // Only what must last can be refused: a run's end, when a thousand records wait for the disk already.
        if let Err(error) = self.writer.submit(record) {
            tracing::error!(%error, "the end of a run is not kept");
        }
    }

    fn runs(&mut self, state: &State) {
        let Some(run) = &state.run else { return };
        self.keep(Record::Run(Box::new(run.clone())));
        let now = (run.id.clone(), run.is_active(), run.universes.clone());
        if self.shown.as_ref() != Some(&now) {
            // Nobody listens: the process ends.
            let _ = self.tell.send(Told { universes: run.universes.clone(), ended: !run.is_active() });
            let was_active = self.shown.as_ref().is_some_and(|(id, active, _)| *active && *id == run.id);
            if was_active && !run.is_active() {
                self.symbols(run);
            }
            self.shown = Some(now);
        }
    }

    fn schedule(&self, state: &State) {
        let universes = state.schedule.iter().map(|schedule| schedule.universes.clone());
        for universes in universes.filter(|names| !names.is_empty()) {
            let _ = self.tell.send(Told { universes, ended: false });
        }
    }

    /// What a run that ended said of its symbols.
    fn symbols(&self, run: &Run) {
        let written = |(symbol, report)| Some((symbol, serde_json::to_string(&report).ok()?));
        let reports: Vec<_> = self.symbols.of_run(&run.id).into_iter().filter_map(written).collect();
        if !reports.is_empty() {
            let at = run.ended_at.unwrap_or(run.heard_at);
            self.keep(Record::Symbols(Box::new(RunSymbols { run_id: run.id.clone(), at, reports })));
        }
    }

    fn history(&mut self, state: &State) {
        let shown = state.run.as_ref().map(|run| &run.id);
        for summary in &state.earlier {
            // The shown run is recorded whole.
            if Some(&summary.id) != shown && !self.earlier.contains(summary) {
                self.keep(Record::Summary(Box::new(summary.clone())));
            }
        }
        self.earlier.clone_from(&state.earlier);
    }

    fn log(&mut self, state: &State) {
        for entry in state.log.iter().filter(|entry| entry.number > self.logged) {
            self.keep(Record::Log(Box::new(LogLine {
                run_id: entry.run_id.clone(),
                number: entry.number,
                at: entry.at,
                channel: entry.channel.name().to_owned(),
                name: entry.name.clone(),
                summary: entry.summary.clone(),
                raw: entry.raw.as_deref().map(str::to_owned),
            })));
        }
        self.logged = state.log.back().map_or(self.logged, |last| last.number);
    }

    fn state(&mut self, at: Timestamp, state: &State) {
        if self.changed && self.written.is_none_or(|written| written.elapsed() >= STATE_EVERY) {
            self.keep(Record::State { at, state: Box::new(state.clone()) });
            (self.written, self.changed) = (Some(Instant::now()), false);
        }
    }
}

impl Observer for Recorder {
    fn begins(&mut self, state: &State) {
        self.logged = state.log.back().map_or(0, |last| last.number);
        self.earlier.clone_from(&state.earlier);
        self.schedule(state);
        if let Some(run) = &state.run {
            let _ = self.tell.send(Told { universes: run.universes.clone(), ended: false });
            self.shown = Some((run.id.clone(), run.is_active(), run.universes.clone()));
        }
    }

    fn hears(&mut self, at: Timestamp, event: &Event, state: &State) {
        // The state is a moment behind: a run that has just begun is not yet in it.
        match &event.body {
            Body::RunStarted(_) => self.begun.clone_from(&event.run_id),
            Body::RunEnded(_) => self.begun = None,
            _ => {}
        }
        let active = self.begun.as_ref().or(state.active().map(|run| &run.id));
        self.symbols.hear(at, event, active);
    }

    fn stepped(&mut self, state: &State, frame: &Frame, changes: Changes) {
        if changes.any(Changes::RUN_AND_PHASES) {
            self.runs(state);
        }
        if changes.any(Changes::HISTORY) {
            self.history(state);
        }
        if changes.any(Changes::SCHEDULE) {
            self.schedule(state);
        }
        if changes.any(Changes::ERRORS) {
            for group in state.errors.iter().filter(|group| group.last_at == frame.at) {
                self.keep(Record::Errors(Box::new(group.clone())));
            }
        }
        if changes.any(Changes::LOG) {
            self.log(state);
        }
        self.changed |= changes != Changes::NONE;
        self.state(frame.at, state);
    }

    fn beats(&mut self, state: &State, at: Timestamp) {
        self.state(at, state);
    }

    fn ends(&mut self, state: &State, at: Timestamp) {
        self.written = None;
        self.state(at, state);
    }
}
