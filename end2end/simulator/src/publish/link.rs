//! The connection to Redis: kept in the background, so that nothing that publishes ever waits for
//! it to come back.

use redis::aio::MultiplexedConnection;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long Redis may take before it counts as away.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is asked whether it is still there, so that a restart is seen before the next
/// message is lost.
const PING: Duration = Duration::from_millis(500);
/// The first and the longest wait before it is tried again.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// A connection that comes and goes; clones share it.
#[derive(Clone)]
pub(super) struct Link(Arc<watch::Sender<Option<MultiplexedConnection>>>);

impl Link {
    /// Tries once, for as long as [`PATIENCE`]; from then on it is kept until `shutdown`.
    pub(super) async fn open(url: &str, shutdown: CancellationToken) -> Link {
        // For `rediss://`. It fails only where one is installed already, and any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let first = connect(url).await;
        match &first {
            Some(_) => tracing::info!("redis connected"),
            None => tracing::warn!("redis unavailable, retrying"),
        }
        let link = Link(Arc::new(watch::Sender::new(first)));
        let (kept, url) = (link.clone(), url.to_owned());
        tokio::spawn(async move { shutdown.run_until_cancelled(kept.keep(&url)).await });
        link
    }

    /// The connection, if there is one.
    pub(super) fn connection(&self) -> Option<MultiplexedConnection> {
        self.0.borrow().clone()
    }

    /// It does not answer any more.
    pub(super) fn lost(&self) {
        let was_there = self.0.send_replace(None).is_some();
        if was_there {
            tracing::warn!("redis connection lost, reconnecting");
        }
    }

    async fn keep(&self, url: &str) {
        let mut wait = BACK_OFF.0;
        loop {
            if let Some(mut redis) = self.connection() {
                wait = BACK_OFF.0;
                sleep(PING).await;
                let asked =
                    timeout(PATIENCE, redis::cmd("PING").query_async::<()>(&mut redis)).await;
                if !matches!(asked, Ok(Ok(()))) {
                    self.lost();
                }
                continue;
            }
            match connect(url).await {
                Some(redis) => {
                    tracing::info!("redis connection restored");
                    self.0.send_replace(Some(redis));
                }
                None => {
                    // A little apart from others that wait for the same server.
                    sleep(wait.mul_f64(rand::random_range(0.8..1.2))).await;
                    wait = (wait * 2).min(BACK_OFF.1);
                }
            }
        }
    }
}

async fn connect(url: &str) -> Option<MultiplexedConnection> {
    let client = match redis::Client::open(url) {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "failed to parse --redis-url");
            return None;
        }
    };
    match timeout(PATIENCE, client.get_multiplexed_async_connection()).await {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(error)) => {
            tracing::debug!(%error, "failed to connect to redis");
            None
        }
        Err(_) => None,
    }
}
