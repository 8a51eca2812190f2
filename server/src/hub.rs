//! The hub: one task that alone owns the state, numbers its steps, and writes each, framed once,
//! into the journal.
//!
//! It applies exactly what it sends, so that relay and browsers cannot differ. Readers ([`Cursor`])
//! follow the journal at their own pace; the hub waits for none of them.

mod coalescer;
mod cursor;
mod duplicate_results;
mod journal;
pub mod sse;
mod topics;

pub use cursor::Cursor;
pub use topics::Topics;

use crate::clock::{self, now};
use axum::body::Bytes;
use coalescer::Coalescer;
use contract::frame::{Frame, Heartbeat, Input, PROTOCOL};
use contract::{Event, RunId, Timestamp};
use duplicate_results::RepeatedResults;
use journal::{Journal, Step};
use model::{Changes, Snapshot, State};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use topics::Fact;

/// Messages that wait for the hub; beyond it the Redis subscriber waits, and Redis' own buffer
/// takes over.
const QUEUE: usize = 4096;
/// Messages that are taken from the queue at once.
const BATCH: usize = 256;
/// A sign of life for every reader, also when nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the clock is an input while a run is active; while none is, it is one with every
/// heartbeat.
const TICK: Duration = Duration::from_secs(5);
/// How long a snapshot serves those who join: the journal has what followed it, and a crowd costs
/// one of them.
const SNAPSHOT_AGE: Duration = Duration::from_secs(1);

/// A handle on the hub; clones refer to the same one.
#[derive(Clone)]
pub struct Hub {
    queue: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

/// What readers see without asking the hub.
struct Shared {
    /// Distinguishes this process' numbers from another one's.
    epoch: u64,
    journal: RwLock<Journal>,
    pulse: watch::Sender<Pulse>,
    brief: watch::Sender<Brief>,
}

/// What wakes readers.
struct Pulse {
    /// The last step.
    seq: u64,
    /// Heartbeats so far, and the latest.
    beats: u64,
    heartbeat: Bytes,
    /// The hub has ended.
    over: bool,
}

/// What those who decide when to ask TickStockPL need to know, and those who ask how the console
/// is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// Whether a run is active.
    pub run_active: bool,
    /// When anything was last heard of the run.
    pub run_heard_at: Option<Timestamp>,
    /// Whether Redis is there.
    pub redis_up: bool,
    /// Whether TickStockPL's API is.
    pub api_up: bool,
    /// Whether what is shown waits for TickStockPL's API to settle it.
    pub unsettled: bool,
    /// Whether a run ended and no history was asked for since.
    pub wants_history: bool,
}

impl Brief {
    /// Whether the pace of questions to TickStockPL depends on what is not the same.
    fn differs(&self, other: &Brief) -> bool {
        Brief {
            run_heard_at: None,
            ..*self
        } != Brief {
            run_heard_at: None,
            ..*other
        }
    }
}

/// Who is told of every step, in the hub's own task, and so must never wait.
pub trait Observer: Send {
    /// The state at the beginning, before any step.
    fn begins(&mut self, state: &State);
    /// An event as it came, before it is folded with others; the state may be a moment behind it.
    fn hears(&mut self, at: Timestamp, event: &Event, state: &State);
    /// The state after a step, and what the step changed.
    fn stepped(&mut self, state: &State, frame: &Frame, changes: Changes);
    /// A sign of life, every 15 s.
    fn beats(&mut self, state: &State, at: Timestamp);
    /// The state at the end.
    fn ends(&mut self, state: &State, at: Timestamp);
}

/// The state for one who joins.
#[derive(Clone)]
struct Join {
    snapshot: Arc<Snapshot>,
    /// `event: snapshot`
    chunk: Bytes,
}

#[expect(clippy::large_enum_variant, reason = "nearly all messages are inputs")]
enum Message {
    Input(Timestamp, Input),
    Inputs(Timestamp, Vec<Input>),
    Join(u64, oneshot::Sender<Join>),
    Snapshot(oneshot::Sender<Snapshot>),
}

impl Hub {
    /// Starts the task with a state, and one who is told of its steps; it ends at `shutdown`.
    pub fn start(state: State, observer: Box<dyn Observer>, shutdown: CancellationToken) -> Hub {
        let (queue, receiver) = mpsc::channel(QUEUE);
        // Two processes that start in the same millisecond still have different epochs.
        let epoch = now().0.unsigned_abs() * 1000 + rand::random_range(0..1000);
        let pulse = watch::Sender::new(Pulse {
            seq: 0,
            beats: 0,
            heartbeat: Bytes::new(),
            over: false,
        });
        let shared = Arc::new(Shared {
            epoch,
            journal: RwLock::default(),
            pulse,
            brief: watch::Sender::default(),
        });
        tokio::spawn(Task::new(shared.clone(), state, observer).run(receiver, shutdown));
        Hub { queue, shared }
    }

    /// Gives the hub something that changes the state, received now.
    pub async fn input(&self, input: Input) {
        // The hub ends with the process only: then nobody needs the input.
        let _ = self.queue.send(Message::Input(now(), input)).await;
    }

    /// Gives the hub several inputs that belong together, received now: nobody sees the state
    /// between them.
    pub async fn inputs(&self, inputs: Vec<Input>) {
        let _ = self.queue.send(Message::Inputs(now(), inputs)).await;
    }

    /// The stream for one reader: after `last_event_id` where that is possible, else from a
    /// snapshot on.
    pub fn follow(&self, narrow: Option<Topics>, last_event_id: Option<&str>) -> Cursor {
        Cursor::new(self.clone(), narrow, last_event_id)
    }

    /// The state; `None` while the process ends.
    pub async fn snapshot(&self) -> Option<Snapshot> {
        self.ask(Message::Snapshot).await
    }

    /// A few facts of the state, as of the last step.
    pub fn brief(&self) -> Brief {
        *self.shared.brief.borrow()
    }

    /// Follows those facts: a change is told where the pace of questions to TickStockPL depends on
    /// it.
    pub fn briefs(&self) -> watch::Receiver<Brief> {
        self.shared.brief.subscribe()
    }

    /// Waits until there was a step after `seq`, or the hub has ended; after nothing it waits for
    /// nobody.
    pub async fn after(&self, seq: Option<u64>) {
        let Some(seq) = seq else { return };
        // An error says that there is no hub any more.
        let _ = self
            .shared
            .pulse
            .subscribe()
            .wait_for(|pulse| pulse.seq > seq || pulse.over)
            .await;
    }

    /// The state for one who joins, of step `at_least` or a later one.
    async fn join(&self, at_least: u64) -> Option<Join> {
        self.ask(|answer| Message::Join(at_least, answer)).await
    }

    /// Whether the hub has ended.
    pub fn is_over(&self) -> bool {
        self.shared.pulse.borrow().over
    }

    /// Waits until the hub has ended, after `shutdown`.
    pub async fn ended(&self) {
        // An error says that there is no hub any more.
        let _ = self
            .shared
            .pulse
            .subscribe()
            .wait_for(|pulse| pulse.over)
            .await;
    }

    async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
        let (answer, wait) = oneshot::channel();
        self.queue.send(message(answer)).await.ok()?;
        wait.await.ok()
    }
}

struct Task {
    shared: Arc<Shared>,
    state: State,
    observer: Box<dyn Observer>,
    seq: u64,
    waiting: Coalescer,
    results: RepeatedResults,
    /// The time of the latest input: steps are in order, also where inputs waited for the queue in
    /// another one.
    at: Timestamp,
    /// When the latest step left.
    stepped: Option<Instant>,
    /// A snapshot for those who join, and since when it is there.
    join: Option<(Instant, Join)>,
}

impl Task {
    fn new(shared: Arc<Shared>, state: State, mut observer: Box<dyn Observer>) -> Task {
        observer.begins(&state);
        shared.brief.send_replace(brief(&state));
        let waiting = Coalescer::default();
        Task {
            shared,
            state,
            observer,
            seq: 0,
            waiting,
            results: RepeatedResults::default(),
            at: now(),
            stepped: None,
            join: None,
        }
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Message>, shutdown: CancellationToken) {
        let mut messages = Vec::with_capacity(BATCH);
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.tick().await;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.waiting.due();
            tokio::select! {
                received = queue.recv_many(&mut messages, BATCH) => if received == 0 { break },
                () = wait_until(due) => {}
                _ = heartbeat.tick() => {
                    let idle = self.state.active().is_none() && self.waiting.due().is_none();
                    clock::settle(idle);
                    if idle {
                        self.at = now();
                        self.tick();
                    }
                    self.beat();
                    self.observer.beats(&self.state, self.at);
                }
                _ = ticks.tick() => if self.state.active().is_some() {
                    self.at = self.at.max(now());
                    self.tick();
                },
                () = shutdown.cancelled() => break,
            }
            for message in messages.drain(..) {
                self.take(message);
            }
            if self.waiting.due().is_some_and(|due| due <= Instant::now()) {
                self.step();
            }
        }
        self.observer.ends(&self.state, self.at);
        self.shared.pulse.send_modify(|pulse| pulse.over = true);
    }

    /// Makes the time an input: what did not happen by now is seen by all at the same step.
    fn tick(&mut self) {
        self.waiting.push(Input::Tick {}, Instant::now(), None);
        self.step();
    }

    fn input(&mut self, at: Timestamp, input: Input) {
        self.at = self.at.max(at);
        if let Input::Event(event) = &input {
            if self
                .results
                .repeats(event, self.state.active().map(|run| &run.id))
            {
                return self.waiting.push(
                    Input::Overtaken { messages: 1 },
                    Instant::now(),
                    self.stepped,
                );
            }
            self.observer.hears(at, event, &self.state);
        }
        self.waiting.push(input, Instant::now(), self.stepped);
    }

    fn take(&mut self, message: Message) {
        let message = match message {
            Message::Input(at, input) => return self.input(at, input),
            Message::Inputs(at, inputs) => {
                return inputs.into_iter().for_each(|input| self.input(at, input));
            }
            other => other,
        };
        // Who asks sees what came before.
        if self.waiting.due().is_some() {
            self.step();
        }
        // Who asked may have gone: that is no error.
        match message {
            Message::Input(..) | Message::Inputs(..) => {}
            Message::Join(at_least, answer) => drop(answer.send(self.join(at_least))),
            Message::Snapshot(answer) => drop(answer.send(self.snapshot())),
        }
    }

    /// Applies what waits, and sends it.
    fn step(&mut self) {
        let inputs = self.waiting.take();
        if inputs.is_empty() {
            return;
        }
        self.seq += 1;
        let frame = Frame {
            seq: self.seq,
            at: self.at,
            inputs,
        };
        let mut facts = Vec::with_capacity(frame.inputs.len());
        let mut inputs = frame.inputs.iter();
        let mut shown = self.state.run.as_ref().map(|run| run.id.clone());
        let changes = self.state.apply_each(&frame, |state, changes| {
            let named = inputs.next().and_then(|input| named_run(input, state));
            let shows = state.run.as_ref().map(|run| &run.id);
            let parted = shown.as_ref() != shows;
            let run = named.or(shown.as_ref()).cloned();
            let parted_from = if parted {
                std::mem::replace(&mut shown, shows.cloned())
            } else {
                None
            };
            facts.push(Fact {
                changes,
                run,
                parted_from,
            });
        });
        self.observer.stepped(&self.state, &frame, changes);
        let step = Arc::new(Step::new(self.shared.epoch, frame, facts));
        self.shared
            .journal
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(step);
        self.shared.pulse.send_modify(|pulse| pulse.seq = self.seq);
        let next = brief(&self.state);
        self.shared.brief.send_if_modified(|known| {
            let differs = next.differs(known);
            *known = next;
            differs
        });
        self.stepped = Some(Instant::now());
    }

    fn beat(&self) {
        let heartbeat = sse::unnumbered(
            "heartbeat",
            &Heartbeat {
                at: now().max(self.at),
            },
        );
        self.shared
            .pulse
            .send_modify(|pulse| (pulse.beats, pulse.heartbeat) = (pulse.beats + 1, heartbeat));
    }

    fn join(&mut self, at_least: u64) -> Join {
        let oldest = self
            .shared
            .journal
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .oldest();
        if let Some((since, join)) = &self.join
            && join.snapshot.seq >= at_least.max(oldest)
            && (join.snapshot.seq == self.seq || since.elapsed() < SNAPSHOT_AGE)
        {
            return join.clone();
        }
        let snapshot = self.snapshot();
        let chunk = sse::numbered("snapshot", self.shared.epoch, self.seq, &snapshot);
        let join = Join {
            snapshot: Arc::new(snapshot),
            chunk,
        };
        self.join = Some((Instant::now(), join.clone()));
        join
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            protocol: PROTOCOL,
            epoch: self.shared.epoch,
            seq: self.seq,
            at: now().max(self.at),
            state: self.state.clone(),
        }
    }
}

fn brief(state: &State) -> Brief {
    let active = state.active();
    Brief {
        run_active: active.is_some(),
        run_heard_at: active.map(|run| run.heard_at),
        redis_up: state.links.redis.up,
        api_up: state.links.api.up,
        unsettled: state.is_unsettled(),
        wants_history: state.wants_history(),
    }
}

async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
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
