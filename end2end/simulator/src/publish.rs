//! Publishing to Redis, in order, and as pub/sub does: what nobody can hear is gone.

mod link;

use crate::dialect::{Encoder, Event};
use crate::options::Dialect;
use contract::Channel;
use link::{Link, PATIENCE};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Messages that wait to be published; beyond it the run waits, so that a burst keeps its order.
const QUEUE: usize = 4096;
/// Messages that one round trip carries.
const BATCH: usize = 256;

/// Publishes steps in a dialect; clones share the order.
#[derive(Clone)]
pub(crate) struct Publisher {
    queue: mpsc::Sender<(Channel, Value)>,
    link: Link,
    encoder: Arc<Encoder>,
    muted: Arc<AtomicBool>,
}

impl Publisher {
    pub(crate) async fn start(
        url: &str,
        dialect: Dialect,
        shutdown: CancellationToken,
    ) -> Publisher {
        let (queue, messages) = mpsc::channel(QUEUE);
        let link = Link::open(url, shutdown.clone()).await;
        let publishing = publish(link.clone(), messages);
        tokio::spawn(async move { shutdown.run_until_cancelled(publishing).await });
        Publisher {
            queue,
            link,
            encoder: Arc::new(Encoder::new(dialect)),
            muted: Arc::default(),
        }
    }

    /// Publishes a step, if the dialect has words for it; while Redis is unavailable it is dropped.
    pub(crate) async fn publish(&self, event: &Event<'_>) {
        if self.muted.load(Ordering::Relaxed) {
            return;
        }
        if let Some(message) = self.encoder.message(event) {
            // Fails only once the simulator stops.
            let _ = self.queue.send(message).await;
        }
    }

    /// Nothing is published at all while this holds.
    pub(crate) fn set_muted(&self, muted: bool) {
        self.muted.store(muted, Ordering::Relaxed);
    }

    /// Whether Redis is there.
    pub(crate) fn is_connected(&self) -> bool {
        self.link.connection().is_some()
    }
}

async fn publish(link: Link, mut messages: mpsc::Receiver<(Channel, Value)>) {
    let mut batch = Vec::with_capacity(BATCH);
    while messages.recv_many(&mut batch, BATCH).await > 0 {
        if let Some(mut redis) = link.connection() {
            let mut pipeline = redis::pipe();
            for (channel, message) in &batch {
                pipeline
                    .cmd("PUBLISH")
                    .arg(channel.wire_name())
                    .arg(message.to_string())
                    .ignore();
            }
            let sent = timeout(PATIENCE, pipeline.query_async::<()>(&mut redis)).await;
            if !matches!(sent, Ok(Ok(()))) {
                link.lost();
            }
        }
        batch.clear();
    }
}
