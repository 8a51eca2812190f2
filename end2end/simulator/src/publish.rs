//! Publishing to Redis, in order, and as pub/sub does: what nobody can hear is gone.

use crate::dialect::{self, Step};
use crate::options::Dialect;
use contract::Channel;
use redis::aio::MultiplexedConnection;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Messages that wait to be published; beyond it the run waits, so that a burst keeps its order.
const QUEUE: usize = 4096;
/// Messages that one round trip carries.
const BATCH: usize = 256;
/// How long Redis may take before it counts as away.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a Redis that is away is tried again.
const AGAIN: Duration = Duration::from_millis(200);

/// Publishes steps in a dialect; clones share the order.
#[derive(Clone)]
pub(crate) struct Publisher {
    queue: mpsc::Sender<(Channel, Value)>,
    dialect: Dialect,
}

impl Publisher {
    pub(crate) fn start(url: &str, dialect: Dialect, shutdown: CancellationToken) -> Publisher {
        let (queue, messages) = mpsc::channel(QUEUE);
        tokio::spawn(publish(url.to_owned(), messages, shutdown));
        Publisher { queue, dialect }
    }

    /// Publishes a step; with Redis away it is dropped, and the run goes on.
    pub(crate) async fn step(&self, step: &Step<'_>) {
        let message = dialect::message(self.dialect, step);
        // The task ends with the process only.
        let _ = self.queue.send(message).await;
    }
}

async fn publish(url: String, mut messages: mpsc::Receiver<(Channel, Value)>, shutdown: CancellationToken) {
    let mut connection: Option<MultiplexedConnection> = None;
    let mut next_try = tokio::time::Instant::now();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            received = messages.recv_many(&mut batch, BATCH) => if received == 0 { return },
            () = shutdown.cancelled() => return,
        }
        if connection.is_none() && tokio::time::Instant::now() >= next_try {
            connection = connect(&url).await;
            next_try = tokio::time::Instant::now() + AGAIN;
        }
        if let Some(redis) = connection.as_mut() {
            let mut pipeline = redis::pipe();
            for (channel, message) in &batch {
                pipeline.cmd("PUBLISH").arg(channel.name()).arg(message.to_string()).ignore();
            }
            let sent = timeout(PATIENCE, pipeline.query_async::<()>(redis)).await;
            if !matches!(sent, Ok(Ok(()))) {
                tracing::warn!(messages = batch.len(), "Redis is away; nobody hears these");
                connection = None;
            }
        }
        batch.clear();
    }
}

async fn connect(url: &str) -> Option<MultiplexedConnection> {
    let client = match redis::Client::open(url) {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "--redis-url cannot be used");
            return None;
        }
    };
    match timeout(PATIENCE, client.get_multiplexed_async_connection()).await {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(error)) => {
            tracing::debug!(%error, "no Redis");
            None
        }
        Err(_) => None,
    }
}
