//! The hub: one task that alone changes the state, numbers its steps, and writes each, framed once,
//! into the journal.
//!
//! It applies exactly what it sends, so that relay and browsers cannot differ. Its queue carries
//! inputs only. Reading is a pointer: after each step the state stands in a watch channel, in an
//! `Arc` that the hub changes in place; only where somebody still holds the state of the step
//! before does the next step clone it. So hold an `Arc<State>` for as long as it is read, and not
//! while something else is waited for.

mod coalescer;
mod cursor;
mod duplicates;
mod journal;
mod observer;
mod shared;
pub mod sse;
mod task;
mod topics;

pub use cursor::Cursor;
pub use observer::Observer;
pub use topics::Topics;

use crate::clock::now;
use bytes::Bytes;
use contract::frame::{Input, PROTOCOL};
use model::{Snapshot, State};
use parking_lot::RwLock;
use shared::{Published, Shared};
use std::sync::Arc;
use task::{Message, Task};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Messages that wait for the hub ([`task::Task::run`] takes them). When it is full the Redis
/// subscriber waits, and Redis' own output buffer takes over.
const QUEUE: usize = 4096;
/// A handle on the hub; clones refer to the same one.
#[derive(Clone, Debug)]
pub struct Hub {
    queue: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

impl Hub {
    /// Starts the task with a state and an observer of its steps; it ends at `shutdown`.
    pub fn start(state: State, observer: Box<dyn Observer>, shutdown: CancellationToken) -> Hub {
        let (queue, messages) = mpsc::channel(QUEUE);
        let published = Published {
            seq: 0,
            at: now(),
            state: Arc::new(state),
            heartbeats: 0,
            heartbeat: Bytes::new(),
            ended: false,
        };
        let shared = Arc::new(Shared {
            // Two processes that start in the same millisecond still have different epochs.
            epoch: now().0.unsigned_abs() * 1000 + rand::random_range(0..1000),
            journal: RwLock::default(),
            published: watch::Sender::new(published),
            snapshot_event: Mutex::default(),
        });
        tokio::spawn(Task::new(shared.clone(), observer).run(messages, shutdown));
        Hub { queue, shared }
    }

    /// Queues an input, received now.
    pub async fn input(&self, input: Input) {
        // The hub ends with the process only: then nobody needs the input.
        let _ = self.queue.send(Message::Input(now(), input)).await;
    }

    /// Queues several inputs that belong together, received now, and returns when the published
    /// state has them, or when the hub has ended. Nobody sees a state between them.
    pub async fn apply(&self, inputs: Vec<Input>) {
        let (applied, wait) = oneshot::channel();
        let message = Message::Inputs {
            at: now(),
            inputs,
            applied,
        };
        if self.queue.send(message).await.is_ok() {
            let _ = wait.await;
        }
    }

    /// The state as of the last step.
    pub fn state(&self) -> Arc<State> {
        self.shared.published.borrow().state.clone()
    }

    /// The state as of the last step with its position in the stream.
    pub fn snapshot(&self) -> Snapshot {
        let published = self.shared.published.borrow();
        Snapshot {
            protocol: PROTOCOL,
            epoch: self.shared.epoch,
            seq: published.seq,
            at: now().max(published.at),
            state: published.state.clone(),
        }
    }

    /// Waits until there was a step after `seq`, or the hub has ended.
    pub async fn step_after(&self, seq: u64) {
        let mut published = self.shared.published.subscribe();
        // An error says that there is no hub any more.
        let _ = published
            .wait_for(|published| published.seq > seq || published.ended)
            .await;
    }

    /// Waits until the state fulfils `condition`, or the hub has ended.
    pub async fn wait_until(&self, condition: impl Fn(&State) -> bool) {
        let mut published = self.shared.published.subscribe();
        let _ = published
            .wait_for(|published| condition(&published.state) || published.ended)
            .await;
    }

    /// Whether the hub has ended.
    pub fn is_ended(&self) -> bool {
        self.shared.published.borrow().ended
    }

    /// Waits until the hub has ended, after `shutdown`.
    pub async fn ended(&self) {
        self.wait_until(|_| false).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::frame::{Frame, LinkChange, Neighbour};
    use contract::{Event, Timestamp};
    use model::Changes;

    struct NoObserver;

    impl Observer for NoObserver {
        fn on_start(&mut self, _: &State) {}
        fn on_event(&mut self, _: Timestamp, _: &Event, _: &State) {}
        fn on_step(&mut self, _: &State, _: &Frame, _: Changes) {}
        fn on_heartbeat(&mut self, _: &State, _: Timestamp) {}
        fn on_end(&mut self, _: &State, _: Timestamp) {}
    }

    fn link(up: bool) -> Vec<Input> {
        vec![Input::Link(LinkChange {
            neighbour: Neighbour::Redis,
            up,
            detail: None,
        })]
    }

    #[tokio::test]
    async fn step_clones_the_state_only_while_it_is_read() {
        let stop = CancellationToken::new();
        let hub = Hub::start(State::default(), Box::new(NoObserver), stop.clone());
        let address = || Arc::as_ptr(&hub.state());
        let first = address();
        hub.apply(link(true)).await;
        assert_eq!(address(), first);
        assert!(hub.state().links.redis.up);
        let held = hub.state();
        hub.apply(link(false)).await;
        assert!(held.links.redis.up && !hub.state().links.redis.up);
        let second = address();
        assert_ne!(second, first);
        hub.apply(link(true)).await;
        assert_eq!(
            address(),
            second,
            "an old state costs one clone, not one per step"
        );
        stop.cancel();
        hub.ended().await;
        hub.apply(link(false)).await;
        assert!(hub.is_ended());
    }
}
