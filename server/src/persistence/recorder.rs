//! The hub's observer that hands what is worth keeping of every step to the database writer. It
//! never waits: the writer queues and spools.

use crate::hub::Observer;
use crate::symbols::SymbolIndex;
use contract::frame::{Frame, Input};
use contract::{Body, Event, RunId, Timestamp};
use model::{Changes, EventSummary, RunSummary, State};
use std::time::Duration;
use store::{Record, RunSymbols, Writer};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How often the whole state is written, at most: the run itself is written every second.
const STATE_EVERY: Duration = Duration::from_secs(5);

/// What is written up to five seconds later: so long before a sign of life is what was heard in the
/// database.
const WRITTEN_WITHIN_MS: i64 = 10_000;

/// Something for which the database is to be read.
#[derive(Debug)]
pub enum RecorderEvent {
    /// The baselines of these universes are needed: a run of them began or ended, or the schedule
    /// names them.
    Run {
        /// Where its symbols come from.
        universes: Vec<String>,
        /// Whether it ended.
        ended: bool,
    },
    /// The reports of this run's symbols were handed to the writer.
    Symbols(RunId),
}

/// Records the hub's steps.
#[derive(Debug)]
pub struct Recorder {
    writer: Writer,
    symbols: SymbolIndex,
    /// The run whose beginning was heard last, until its end is heard.
    begun: Option<RunId>,
    /// Read by [`super::Persistence::follow`].
    events: mpsc::UnboundedSender<RecorderEvent>,
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
    pub(super) fn new(
        writer: Writer,
        symbols: SymbolIndex,
    ) -> (Recorder, mpsc::UnboundedReceiver<RecorderEvent>) {
        let (events, received) = mpsc::unbounded_channel();
        let recorder = Recorder {
            writer,
            symbols,
            begun: None,
            events,
            logged: 0,
            earlier: Vec::new(),
            shown: None,
            written: None,
            changed: false,
        };
        (recorder, received)
    }

    fn record(&self, record: Record) {
        // Only what must last can be refused: a run's end, when a thousand records wait for the
        // disk already.
        if let Err(error) = self.writer.submit(record) {
            tracing::error!(%error, "failed to write end of run");
        }
    }

    fn record_run(&mut self, state: &State) {
        // A run whose id nobody knows yet has no row: another one may be without an id, too.
        let Some(run) = state.run.as_ref().filter(|run| !run.id_unknown) else {
            return;
        };
        self.record(Record::Run(Box::new(run.clone())));
        let now = (run.id.clone(), run.is_active(), run.universes.clone());
        if self.shown.as_ref() == Some(&now) {
            return;
        }
        self.notify(RecorderEvent::Run {
            universes: run.universes.clone(),
            ended: !run.is_active(),
        });
        // It ended, or another one is shown in its place.
        if let Some((id, true, _)) = self.shown.replace(now)
            && (id != run.id || !run.is_active())
        {
            let at = if id == run.id {
                run.ended_at.unwrap_or(run.heard_at)
            } else {
                run.heard_at
            };
            self.record_symbols(&id, at);
        }
    }

    fn notify(&self, event: RecorderEvent) {
        // Nobody listens: the process ends.
        let _ = self.events.send(event);
    }

    fn request_baselines(&self, state: &State) {
        let universes = state
            .schedule
            .iter()
            .map(|schedule| schedule.universes.clone());
        for universes in universes.filter(|names| !names.is_empty()) {
            self.notify(RecorderEvent::Run {
                universes,
                ended: false,
            });
        }
    }

    /// Records the reports of a run's symbols, until `at`.
    fn record_symbols(&self, run_id: &RunId, at: Timestamp) {
        let written = |(symbol, report)| Some((symbol, serde_json::to_string(&report).ok()?));
        let reports: Vec<_> = self
            .symbols
            .of_run(run_id)
            .into_iter()
            .filter_map(written)
            .collect();
        if !reports.is_empty() {
            self.record(Record::Symbols(Box::new(RunSymbols {
                run_id: run_id.clone(),
                at,
                reports,
            })));
            self.notify(RecorderEvent::Symbols(run_id.clone()));
        }
    }

    fn record_history(&mut self, state: &State) {
        let shown = state.run.as_ref().map(|run| &run.id);
        for summary in &state.earlier {
            // The shown run is recorded whole.
            if Some(&summary.id) != shown && !self.earlier.contains(summary) {
                self.record(Record::Summary(Box::new(summary.clone())));
            }
        }
        self.earlier.clone_from(&state.earlier);
    }

    fn record_log(&mut self, state: &State) {
        for entry in state.log.iter().filter(|entry| entry.number > self.logged) {
            self.record(Record::Log(Box::new(EventSummary {
                run_id: entry.run_id.clone(),
                number: entry.number,
                at: entry.at,
                channel: entry.channel.wire_name().to_owned(),
                name: entry.name.clone(),
                summary: entry.summary.clone(),
                raw: entry.raw.as_deref().map(str::to_owned),
            })));
        }
        self.logged = state.log.back().map_or(self.logged, |last| last.number);
    }

    fn record_state(&mut self, at: Timestamp, state: &State) {
        if self.changed
            && self
                .written
                .is_none_or(|written| written.elapsed() >= STATE_EVERY)
        {
            self.record(Record::State {
                at,
                state: Box::new(state.clone()),
            });
            (self.written, self.changed) = (Some(Instant::now()), false);
        }
    }

    /// Until when events were heard: where the next process begins to look for what it missed.
    fn record_heard_until(&self, state: &State, until: Timestamp) {
        if state.links.redis.up {
            self.record(Record::Heard(until));
        }
    }
}

impl Observer for Recorder {
    fn on_start(&mut self, state: &State) {
        self.logged = state.log.back().map_or(0, |last| last.number);
        self.earlier.clone_from(&state.earlier);
        self.request_baselines(state);
        if let Some(run) = &state.run {
            self.notify(RecorderEvent::Run {
                universes: run.universes.clone(),
                ended: false,
            });
            self.shown = Some((run.id.clone(), run.is_active(), run.universes.clone()));
        }
    }

    fn on_event(&mut self, at: Timestamp, event: &Event, state: &State) {
        // The state is a moment behind: a run that has just begun is not yet in it.
        match &event.body {
            Body::RunStarted(_) => self.begun.clone_from(&event.run_id),
            Body::RunEnded(_) => self.begun = None,
            _ => {}
        }
        let active = self.begun.as_ref().or(state.active().map(|run| &run.id));
        self.symbols.record(at, event, active);
    }

    fn on_step(&mut self, state: &State, frame: &Frame, changes: Changes) {
        for id in &state.forgotten {
            self.record(Record::Forgotten(id.clone()));
        }
        if changes.any(Changes::RUN_AND_PHASES) {
            self.record_run(state);
        }
        if changes.any(Changes::HISTORY) {
            self.record_history(state);
        }
        if changes.any(Changes::SCHEDULE) {
            self.request_baselines(state);
        }
        if changes.any(Changes::ERRORS) {
            for group in state
                .errors
                .iter()
                .filter(|group| group.last_at == frame.at)
            {
                self.record(Record::Errors(Box::new(group.clone())));
            }
        }
        if changes.any(Changes::LOG) {
            self.record_log(state);
        }
        // Answers that confirm what is known are not worth a write.
        self.changed |= changes.without(Changes::CLAIMS | Changes::CLOCK) != Changes::NONE;
        // A gap is in the state alone: it must not be lost when the process is killed soon.
        if frame
            .inputs
            .iter()
            .any(|input| matches!(input, Input::Gap(_)))
        {
            self.written = None;
        }
        self.record_state(frame.at, state);
    }

    fn on_heartbeat(&mut self, state: &State, at: Timestamp) {
        self.record_state(at, state);
        self.record_heard_until(state, at.plus_ms(-WRITTEN_WITHIN_MS));
    }

    fn on_end(&mut self, state: &State, at: Timestamp) {
        self.written = None;
        self.record_state(at, state);
        self.record_heard_until(state, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::frame::{Gap, LinkChange, Neighbour};
    use store::{Database, LastState, Options, Store};
    use tokio_util::sync::CancellationToken;

    fn state(redis_up: bool) -> State {
        let mut state = State::default();
        let link = LinkChange {
            neighbour: Neighbour::Redis,
            up: redis_up,
            detail: None,
        };
        state.apply(&Frame {
            seq: 1,
            at: Timestamp(1),
            inputs: vec![Input::Link(link)],
        });
        state
    }

    /// What the database holds after a recorder did `act` and its writer was stopped.
    async fn recorded(act: impl FnOnce(&mut Recorder)) -> LastState {
        let folder = tempfile::tempdir().unwrap();
        let uri = format!("sqlite://{}", folder.path().join("console.db").display());
        let stop = CancellationToken::new();
        let writer = Writer::start(
            Database::parse(&uri).unwrap(),
            Options::default(),
            stop.clone(),
        );
        writer.opened(Duration::from_secs(30)).await.unwrap();
        let (mut recorder, _events) = Recorder::new(writer.clone(), SymbolIndex::default());
        act(&mut recorder);
        stop.cancel();
        writer.ended().await;
        let store = Store::open(&Database::parse(&uri).unwrap()).await.unwrap();
        store.load_state().await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn heard_until_advances_with_each_heartbeat() {
        let LastState {
            at, heard_until, ..
        } = recorded(|recorder| {
            recorder.changed = true;
            recorder.on_heartbeat(&state(true), Timestamp(100_000));
            recorder.on_heartbeat(&state(true), Timestamp(115_000));
            // While Redis is unavailable nothing is heard.
            recorder.on_heartbeat(&state(false), Timestamp(130_000));
        })
        .await;
        assert_eq!((at, heard_until), (Timestamp(105_000), Timestamp(105_000)));
    }

    #[tokio::test]
    async fn gap_is_written_at_once() {
        let gap = Gap {
            from: Timestamp(100),
            to: Timestamp(900),
            status: false,
            history: false,
        };
        let link = LinkChange {
            neighbour: Neighbour::Api,
            up: true,
            detail: None,
        };
        let LastState { state, .. } = recorded(|recorder| {
            let mut state = state(true);
            for (at, input) in [(1000, Input::Link(link)), (1001, Input::Gap(gap))] {
                let frame = Frame {
                    seq: 2,
                    at: Timestamp(at),
                    inputs: vec![input],
                };
                let changes = state.apply(&frame);
                recorder.on_step(&state, &frame, changes);
            }
        })
        .await;
        assert_eq!(state.gaps, [gap]);
    }
}
