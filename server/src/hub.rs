//! The hub: one task that alone owns the state, numbers its steps, and hands each, serialised once, to every subscriber.
//!
//! It applies exactly what it sends, so that relay and browsers cannot differ. A subscriber gets the snapshot of step N and then
//! every frame from N+1 on: both are taken in one message of the hub's own queue.

use crate::http::sse;
use axum::body::Bytes;
use contract::Timestamp;
use contract::frame::{Frame, Input, PROTOCOL};
use model::{Snapshot, State};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Inputs that wait for the hub; beyond it the Redis subscriber waits, and Redis' own buffer takes over.
const QUEUE: usize = 4096;
/// Inputs that one frame carries at most.
const BATCH: usize = 256;
/// Frames that a subscriber may be behind before it is given a fresh snapshot instead.
const BEHIND: usize = 512;

/// A handle on the hub; clones refer to the same one.
#[derive(Clone)]
pub struct Hub {
    queue: mpsc::Sender<Message>,
}

/// What a subscriber gets: the state as an SSE chunk, and then the frames that follow it, as SSE chunks too.
pub struct Subscription {
    /// `event: snapshot`
    pub snapshot: Bytes,
    /// `event: frame`, each
    pub frames: broadcast::Receiver<Bytes>,
}

/// What those who decide when to ask TickStockPL need to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Brief {
    /// Whether a run is active.
    pub run_active: bool,
    /// When anything was last heard of the run.
    pub run_heard_at: Option<Timestamp>,
    /// Whether Redis is there.
    pub redis_up: bool,
}

#[expect(clippy::large_enum_variant, reason = "nearly all messages are inputs")]
enum Message {
    Input(Timestamp, Input),
    Subscribe(oneshot::Sender<Subscription>),
    Snapshot(oneshot::Sender<Snapshot>),
    Brief(oneshot::Sender<Brief>),
}

impl Hub {
    /// Starts the task; it ends at `shutdown`.
    pub fn start(shutdown: CancellationToken) -> Hub {
        let (queue, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(Task::new().run(receiver, shutdown));
        Hub { queue }
    }

    /// Gives the hub something that changes the state, received now.
    pub async fn input(&self, input: Input) {
        // The hub ends with the process only: then nobody needs the input.
        let _ = self.queue.send(Message::Input(now(), input)).await;
    }

    /// The state and all that follows; `None` while the process ends.
    pub async fn subscribe(&self) -> Option<Subscription> {
        self.ask(Message::Subscribe).await
    }

    /// The state; `None` while the process ends.
    pub async fn snapshot(&self) -> Option<Snapshot> {
        self.ask(Message::Snapshot).await
    }

    /// A few facts of the state.
    pub async fn brief(&self) -> Brief {
        self.ask(Message::Brief).await.unwrap_or_default()
    }

    async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
        let (answer, wait) = oneshot::channel();
        self.queue.send(message(answer)).await.ok()?;
        wait.await.ok()
    }
}

/// The relay's clock.
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

struct Task {
    state: State,
    seq: u64,
    /// Distinguishes this process' numbers from another one's.
    epoch: i64,
    /// The time of the latest step: a clock that is set back does not turn the state's time back.
    at: Timestamp,
    frames: broadcast::Sender<Bytes>,
    /// The snapshot's chunk, while it is still the state's.
    snapshot: Option<Bytes>,
}

impl Task {
    fn new() -> Task {
        let at = now();
        let frames = broadcast::Sender::new(BEHIND);
        Task { state: State::default(), seq: 0, epoch: at.0, at, frames, snapshot: None }
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Message>, shutdown: CancellationToken) {
        let mut messages = Vec::with_capacity(BATCH);
        loop {
            let received = tokio::select! {
                received = queue.recv_many(&mut messages, BATCH) => received,
                () = shutdown.cancelled() => return,
            };
            if received == 0 {
                return;
            }
            // What waits in the queue leaves as one frame; who asks in between sees what came before.
            let mut inputs = Vec::new();
            for message in messages.drain(..) {
                match message {
                    Message::Input(at, input) => {
                        self.at = self.at.max(at);
                        inputs.push(input);
                    }
                    ask => {
                        self.step(std::mem::take(&mut inputs));
                        self.answer(ask);
                    }
                }
            }
            self.step(inputs);
        }
    }

    fn step(&mut self, inputs: Vec<Input>) {
        if inputs.is_empty() {
            return;
        }
        self.seq += 1;
        let frame = Frame { seq: self.seq, at: self.at, inputs };
        self.state.apply(&frame);
        self.snapshot = None;
        // Nobody listening is no error.
        let _ = self.frames.send(sse::numbered("frame", self.epoch, self.seq, &frame));
    }

    fn answer(&mut self, ask: Message) {
        // Who asked may have gone: no error either.
        match ask {
            Message::Input(..) => {}
            Message::Subscribe(answer) => {
                let snapshot = match self.snapshot.clone() {
                    Some(chunk) => chunk,
                    None => sse::numbered("snapshot", self.epoch, self.seq, &self.snapshot()),
                };
                self.snapshot = Some(snapshot.clone());
                let _ = answer.send(Subscription { snapshot, frames: self.frames.subscribe() });
            }
            Message::Snapshot(answer) => {
                let _ = answer.send(self.snapshot());
            }
            Message::Brief(answer) => {
                let active = self.state.active();
                let _ = answer.send(Brief {
                    run_active: active.is_some(),
                    run_heard_at: active.map(|run| run.heard_at),
                    redis_up: self.state.links.redis.up,
                });
            }
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot { protocol: PROTOCOL, seq: self.seq, at: now().max(self.at), state: self.state.clone() }
    }
}
