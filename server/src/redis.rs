//! The Redis side: one subscriber connection that comes back by itself.

use crate::ask::Ask;
use crate::clock::now;
use crate::config::RedisConfig;
use crate::hub::Hub;
use ::redis::aio::PubSub;
use ::redis::io::tcp::TcpSettings;
use ::redis::{Client, IntoConnectionInfo, RedisError, TlsCertificates};
use contract::frame::{Input, LinkChange, Neighbour};
use contract::{Body, Channel, Event, Timestamp};
use futures_util::StreamExt;
use socket2::TcpKeepalive;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long connecting and subscribing may take.
const CONNECT: Duration = Duration::from_secs(5);
/// After this much silence the kernel asks whether the other side is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often the connection is asked for a sign of life, and how long that may take: a half-open one says nothing by itself.
const PING_EVERY: Duration = Duration::from_secs(5);
const PING: Duration = Duration::from_secs(3);
/// Waits between attempts, with jitter, from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LAST_WAIT: Duration = Duration::from_secs(10);
/// After a connection that lasted this long the waits start from the first again.
const HEALTHY: Duration = Duration::from_secs(60);

/// How much of a message's text is kept.
const RAW_BYTES: usize = 8 << 10;

/// Why there is no connection, or no longer one.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error("{0}")]
    Redis(#[from] RedisError),
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
    #[error("Redis closed the connection")]
    Closed,
}

/// When the connection last gave a sign: a message, or the answer to a ping.
#[derive(Default)]
struct HeardAt(AtomicI64);

impl HeardAt {
    fn now(&self) {
        self.0.store(now().0, Ordering::Relaxed);
    }

    fn get(&self) -> Option<Timestamp> {
        Some(Timestamp(self.0.load(Ordering::Relaxed))).filter(|at| at.0 != 0)
    }
}

/// Subscribes to all channels of the contract and gives the hub what comes, until `shutdown`.
pub async fn follow(config: RedisConfig, hub: Hub, ask: Ask, shutdown: CancellationToken) {
    let mut wait = FIRST_WAIT;
    // Since when events may have been missed: before the first connection nothing was.
    let mut missed_since = None;
    loop {
        let began = Instant::now();
        let heard_at = HeardAt::default();
        let lost = tokio::select! {
            () = shutdown.cancelled() => return,
            lost = connection(&config, &hub, &ask, missed_since, &heard_at) => lost,
        };
        missed_since = heard_at.get().or(missed_since).or(Some(now()));
        if began.elapsed() > HEALTHY {
            wait = FIRST_WAIT;
        }
        tracing::warn!(redis = config.shown, reason = %lost, "no connection to Redis; trying again");
        let detail = Some(format!("{}: {lost}", config.shown));
        hub.input(link(false, detail)).await;
        // TickStockPL's API may know what Redis can no longer tell.
        ask.now();
        let jittered = wait.mul_f64(rand::random_range(0.75..1.25));
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(jittered) => {}
        }
        wait = (wait * 2).min(LAST_WAIT);
    }
}

/// Connects, subscribes, and passes messages on; returns why it ended. `heard_at` is when the connection last gave a sign.
async fn connection(
    config: &RedisConfig,
    hub: &Hub,
    ask: &Ask,
    missed_since: Option<Timestamp>,
    heard_at: &HeardAt,
) -> LinkError {
    let pubsub = match timeout(CONNECT, subscribe(config)).await {
        Ok(Ok(pubsub)) => pubsub,
        Ok(Err(error)) => return error.into(),
        Err(_) => return LinkError::Silent(CONNECT),
    };
    tracing::info!(redis = config.shown, channels = Channel::ALL.len(), "subscribed");
    heard_at.now();
    hub.input(link(true, None)).await;
    match missed_since {
        Some(from) => ask.about_gap(from, now()),
        None => ask.now(),
    }
    let (mut sink, mut messages) = pubsub.split();
    let pings = async {
        loop {
            tokio::time::sleep(PING_EVERY).await;
            match timeout(PING, sink.ping::<::redis::Value>()).await {
                Ok(Ok(_)) => heard_at.now(),
                Ok(Err(error)) => return LinkError::from(error),
                Err(_) => return LinkError::Silent(PING),
            }
        }
    };
    let passing_on = async {
        while let Some(message) = messages.next().await {
            if let Some(channel) = Channel::from_name(message.get_channel_name()) {
                for input in read(channel, message.get_payload_bytes()) {
                    hub.input(input).await;
                }
            }
            heard_at.now();
        }
        LinkError::Closed
    };
    tokio::select! {
        lost = passing_on => lost,
        lost = pings => lost,
    }
}

async fn subscribe(config: &RedisConfig) -> Result<PubSub, RedisError> {
    let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(TcpKeepalive::new().with_time(KEEP_ALIVE));
    let server = config.url.as_str().into_connection_info()?.set_tcp_settings(tcp);
    let client = match &config.authorities {
        None => Client::open(server)?,
        Some(pem) => {
            let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem.clone()) };
            Client::build_with_tls(server, certificates)?
        }
    };
    let mut pubsub = client.get_async_pubsub().await?;
    let names: Vec<&str> = Channel::ALL.iter().map(|channel| channel.name()).collect();
    pubsub.subscribe(&names).await?;
    Ok(pubsub)
}

/// What was published at once: one message, or several in a list or in lines.
fn read(channel: Channel, payload: &[u8]) -> impl Iterator<Item = Input> {
    contract::decode_all(channel, payload).into_iter().map(move |message| match message {
        Ok(mut event) => {
            event.raw = raw(&event, payload);
            Input::Event(event)
        }
        Err(rejection) => {
            tracing::debug!(channel = channel.name(), reason = %rejection.reason, "refused a message");
            Input::Rejected { channel, rejection }
        }
    })
}

/// The text of an event that gets a line of its own; results per symbol are thousands.
fn raw(event: &Event, payload: &[u8]) -> Option<Arc<str>> {
    if matches!(event.body, Body::IndicatorCalculated(_) | Body::PatternsDetected(_) | Body::SymbolImported(_)) {
        return None;
    }
    let text = String::from_utf8_lossy(&payload[..payload.len().min(RAW_BYTES)]);
    // A character that was cut in two is no text of the message.
    Some(text.trim_end_matches(char::REPLACEMENT_CHARACTER).into())
}

fn link(up: bool, detail: Option<String>) -> Input {
    Input::Link(LinkChange { neighbour: Neighbour::Redis, up, detail })
}
