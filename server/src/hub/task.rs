//! The task that owns the state's changes.

use super::coalescer::Coalescer;
use super::duplicates::SeenResults;
use super::journal::Step;
use super::observer::Observer;
use super::shared::Shared;
use super::sse;
use super::topics::InputScope;
use crate::clock::{self, now};
use contract::frame::{Frame, Heartbeat, Input};
use contract::{RunId, Timestamp};
use model::{Changes, State};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Messages that are taken from the queue at once.
const BATCH: usize = 256;
/// A sign of life for every client, also when nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the clock is an input while a run is active; while none is, it is one with every
/// heartbeat.
const TICK: Duration = Duration::from_secs(5);

/// What comes through the hub's queue.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all messages are inputs")]
pub(super) enum Message {
    Input(Timestamp, Input),
    Inputs {
        at: Timestamp,
        inputs: Vec<Input>,
        applied: oneshot::Sender<()>,
    },
}

pub(super) struct Task {
    shared: Arc<Shared>,
    observer: Box<dyn Observer>,
    /// Inputs on their way to the next step, which [`Task::step`] applies and publishes.
    coalescer: Coalescer,
    seen_results: SeenResults,
    /// Dropped after the next step, which tells those who wait.
    waiting: Vec<oneshot::Sender<()>>,
    /// The time of the latest input: steps are in order, also where inputs waited for the queue in
    /// another one.
    at: Timestamp,
    last_step: Option<Instant>,
}

impl Task {
    pub(super) fn new(shared: Arc<Shared>, mut observer: Box<dyn Observer>) -> Task {
        observer.on_start(&shared.published.borrow().state);
        Task {
            shared,
            observer,
            coalescer: Coalescer::default(),
            seen_results: SeenResults::default(),
            waiting: Vec::new(),
            at: now(),
            last_step: None,
        }
    }

    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Message>,
        shutdown: CancellationToken,
    ) {
        let mut messages = Vec::with_capacity(BATCH);
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.tick().await;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.coalescer.due();
            tokio::select! {
                received = queue.recv_many(&mut messages, BATCH) => if received == 0 { break },
                () = wait_until(due) => {}
                _ = heartbeat.tick() => {
                    let idle = !self.run_is_active() && self.coalescer.due().is_none();
                    clock::settle(idle);
                    if idle {
                        self.at = now();
                        self.tick();
                    }
                    self.heartbeat();
                }
                _ = ticks.tick() => if self.run_is_active() {
                    self.at = self.at.max(now());
                    self.tick();
                },
                () = shutdown.cancelled() => break,
            }
            for message in messages.drain(..) {
                self.receive(message);
            }
            if self
                .coalescer
                .due()
                .is_some_and(|due| due <= Instant::now())
            {
                self.step();
            }
        }
        let published = &self.shared.published;
        self.observer.on_end(&published.borrow().state, self.at);
        published.send_modify(|published| published.ended = true);
    }

    fn run_is_active(&self) -> bool {
        self.shared.published.borrow().state.active().is_some()
    }

    /// Makes the time an input: what did not happen by now is seen by all at the same step.
    fn tick(&mut self) {
        self.coalescer
            .push(Input::Tick {}, Instant::now(), self.last_step);
        self.step();
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Input(at, input) => self.input(at, input),
            Message::Inputs {
                at,
                inputs,
                applied,
            } => {
                inputs.into_iter().for_each(|input| self.input(at, input));
                if self.coalescer.due().is_some() {
                    self.waiting.push(applied);
                }
            }
        }
    }

    fn input(&mut self, at: Timestamp, mut input: Input) {
        self.at = self.at.max(at);
        if let Input::Event(event) = &input {
            let published = self.shared.published.borrow();
            let active = published.state.active().map(|run| &run.id);
            if self.seen_results.is_duplicate(event, active) {
                input = Input::Overtaken { messages: 1 };
            } else {
                self.observer.on_event(at, event, &published.state);
            }
        }
        self.coalescer.push(input, Instant::now(), self.last_step);
    }

    /// Applies the inputs that wait, and publishes the step. State, number and journal change
    /// together, so that a client that takes the state of a step finds what follows it.
    fn step(&mut self) {
        let inputs = self.coalescer.take();
        if inputs.is_empty() {
            return;
        }
        let published = &self.shared.published;
        let (epoch, seq, at) = (self.shared.epoch, published.borrow().seq + 1, self.at);
        let frame = Frame { seq, at, inputs };
        let event = sse::numbered("frame", epoch, seq, &frame);
        let mut applied = None;
        published.send_modify(|published| {
            let (scopes, changes) = apply(Arc::make_mut(&mut published.state), &frame);
            (published.seq, published.at) = (seq, at);
            let step = Arc::new(Step::new(epoch, frame, event, scopes));
            self.shared.journal.write().push(step.clone());
            applied = Some((step, changes));
        });
        if let Some((step, changes)) = applied {
            let state = &published.borrow().state;
            self.observer.on_step(state, step.frame(), changes);
        }
        self.waiting.clear();
        self.last_step = Some(Instant::now());
    }

    fn heartbeat(&mut self) {
        let heartbeat = sse::unnumbered(
            "heartbeat",
            &Heartbeat {
                at: now().max(self.at),
            },
        );
        let published = &self.shared.published;
        published.send_modify(|published| {
            published.heartbeats += 1;
            published.heartbeat = heartbeat;
        });
        self.observer
            .on_heartbeat(&published.borrow().state, self.at);
    }
}

/// Applies a frame; returns what each of its inputs was about, and what changed in all.
fn apply(state: &mut State, frame: &Frame) -> (Vec<InputScope>, Changes) {
    let mut scopes = Vec::with_capacity(frame.inputs.len());
    let mut inputs = frame.inputs.iter();
    let mut shown = state.run.as_ref().map(|run| run.id.clone());
    let changes = state.apply_with_observer(frame, |state, changes| {
        let named = inputs.next().and_then(|input| named_run(input, state));
        let run = named.or(shown.as_ref()).cloned();
        let shows = state.run.as_ref().map(|run| &run.id);
        let replaced_run = if shown.as_ref() == shows {
            None
        } else {
            std::mem::replace(&mut shown, shows.cloned())
        };
        scopes.push(InputScope {
            changes,
            run,
            replaced_run,
        });
    });
    (scopes, changes)
}

/// The run that an input names.
fn named_run<'a>(input: &'a Input, state: &'a State) -> Option<&'a RunId> {
    match input {
        Input::Event(event) => event.run_id.as_ref(),
        Input::Results(batch) => batch.run_id(),
        Input::Status { answer, .. } => answer.run_id.as_ref(),
        Input::CancelAccepted { run_id } => run_id.as_ref(),
        Input::Acknowledge { group, .. } => state
            .errors
            .iter()
            .find(|known| known.id.as_ref() == Some(group))?
            .run_id
            .as_ref(),
        _ => None,
    }
}

async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
