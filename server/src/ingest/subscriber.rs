//! The Redis subscriber: one connection that comes back by itself.

use crate::backoff::Backoff;
use crate::clock::now;
use crate::config::RedisConfig;
use crate::hub::Hub;
use crate::poll_trigger::PollTrigger;
use ::redis::aio::PubSub;
use ::redis::io::tcp::TcpSettings;
use ::redis::{Client, IntoConnectionInfo, RedisError, TlsCertificates};
use contract::frame::{Input, LinkChange, Neighbour};
use contract::{Body, Channel, Event, Timestamp};
use futures_util::StreamExt;
use socket2::TcpKeepalive;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::RepeatedFailure;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// How long connecting and subscribing may take.
const CONNECT: Duration = Duration::from_secs(5);
/// After this much silence the kernel asks whether the other side is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often the connection is asked for a sign of life, and how long that may take: a half-open
/// one says nothing by itself.
const PING_EVERY: Duration = Duration::from_secs(5);
const PING: Duration = Duration::from_secs(3);
/// Waits between attempts, with jitter, from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LAST_WAIT: Duration = Duration::from_secs(10);
/// Time between two connections at least: a Redis that lets the console in and throws it out again
/// is not hammered.
const APART: Duration = Duration::from_millis(500);

/// How much of a message's text is kept.
const RAW_BYTES: usize = 8 << 10;

/// Why there is no connection, or no longer one.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
    #[error("redis closed the connection")]
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

/// Subscribes to all channels of the contract and queues what comes for the hub, until `shutdown`.
/// `heard_until` is until when an earlier process heard events: later ones may have been missed.
pub(crate) async fn run(
    config: RedisConfig,
    hub: Hub,
    poll_trigger: PollTrigger,
    mut heard_until: Option<Timestamp>,
    shutdown: CancellationToken,
) {
    let mut backoff = Backoff::new(FIRST_WAIT, LAST_WAIT);
    let mut failure = RepeatedFailure::default();
    loop {
        let began = Instant::now();
        let heard_at = HeardAt::default();
        let lost = tokio::select! {
            () = shutdown.cancelled() => return,
            lost = connection(&config, &hub, &poll_trigger, heard_until, &heard_at, &mut failure) => lost,
        };
        // A connection that subscribed was answered: Redis is there, whoever closed it.
        if heard_at.get().is_some() {
            backoff.reset();
        }
        heard_until = heard_at.get().or(heard_until).or(Some(now()));
        let wait = backoff
            .next_wait()
            .max(APART.saturating_sub(began.elapsed()));
        if let Some(suppressed) = failure.occurred() {
            let (retry_in_ms, attempt) = (wait.as_millis() as u64, backoff.failures());
            tracing::warn!(redis = %config.address(), reason = %lost, retry_in_ms, attempt, suppressed,
                "redis connection lost, reconnecting");
        }
        let detail = Some(format!("{}: {lost}", config.address()));
        hub.input(link(false, detail)).await;
        // TickStockPL's API may know what Redis can no longer tell.
        poll_trigger.now();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Connects, subscribes, and passes messages on; returns why it ended. `heard_at` is when the
/// connection last gave a sign.
async fn connection(
    config: &RedisConfig,
    hub: &Hub,
    poll_trigger: &PollTrigger,
    heard_until: Option<Timestamp>,
    heard_at: &HeardAt,
    failure: &mut RepeatedFailure,
) -> LinkError {
    let pubsub = match timeout(CONNECT, subscribe(config)).await {
        Ok(Ok(pubsub)) => pubsub,
        Ok(Err(error)) => return error.into(),
        Err(_) => return LinkError::Silent(CONNECT),
    };
    let (redis, channels) = (config.address(), Channel::ALL.len());
    if failure.recovered() {
        tracing::info!(%redis, channels, "redis connection restored");
    } else {
        tracing::info!(%redis, channels, "redis connection established");
    }
    heard_at.now();
    hub.input(link(true, None)).await;
    match heard_until {
        Some(from) => poll_trigger.about_gap(from, now()),
        None => poll_trigger.now(),
    }
    let (mut sink, mut stream) = pubsub.split();
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
    let messages = async {
        while let Some(message) = stream.next().await {
            if let Some(channel) = Channel::from_wire_name(message.get_channel_name()) {
                for input in decode(channel, message.get_payload_bytes()) {
                    hub.input(input).await;
                }
            }
            heard_at.now();
        }
        LinkError::Closed
    };
    tokio::select! {
        lost = messages => lost,
        lost = pings => lost,
    }
}

async fn subscribe(config: &RedisConfig) -> Result<PubSub, RedisError> {
    let tcp = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(TcpKeepalive::new().with_time(KEEP_ALIVE));
    let server = config
        .address()
        .expose()
        .as_str()
        .into_connection_info()?
        .set_tcp_settings(tcp);
    let client = match &config.authorities {
        None => Client::open(server)?,
        Some(pem) => {
            let certificates = TlsCertificates {
                client_tls: None,
                root_cert: Some(pem.clone()),
            };
            Client::build_with_tls(server, certificates)?
        }
    };
    let mut pubsub = client.get_async_pubsub().await?;
    let names: Vec<&str> = Channel::ALL
        .iter()
        .map(|channel| channel.wire_name())
        .collect();
    pubsub.subscribe(&names).await?;
    Ok(pubsub)
}

/// The inputs of one message: an event, or several where a producer published a list.
fn decode(channel: Channel, payload: &[u8]) -> impl Iterator<Item = Input> {
    let mut text = None;
    contract::decode_all(channel, payload).into_iter().map(move |result| match result {
        Ok(mut event) => {
            if has_line(&event) {
                event.raw = Some(text.get_or_insert_with(|| raw(payload)).clone());
            }
            Input::Event(event)
        }
        Err(rejection) => {
            tracing::debug!(channel = channel.wire_name(), reason = %rejection.reason, "rejected message");
            Input::Rejected { channel, rejection }
        }
    })
}

/// Whether the event list has a line of its own for it, with its text; results per symbol are
/// thousands.
fn has_line(event: &Event) -> bool {
    !matches!(
        event.body,
        Body::IndicatorCalculated(_) | Body::PatternsDetected(_) | Body::SymbolImported(_)
    )
}

/// The text of a message as far as it is kept, readable also where it is not UTF-8.
fn raw(payload: &[u8]) -> Arc<str> {
    // A character more than is kept: one that is cut in two lies behind the end.
    let text = String::from_utf8_lossy(&payload[..payload.len().min(RAW_BYTES + 4)]);
    text[..text.floor_char_boundary(RAW_BYTES)].into()
}

fn link(up: bool, detail: Option<String>) -> Input {
    Input::Link(LinkChange {
        neighbour: Neighbour::Redis,
        up,
        detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: Channel = Channel::ProcessingStatus;

    #[test]
    fn event_has_the_text_of_its_message_cut_at_a_character() {
        let long = format!(
            r#"{{"event":"processing_started","payload":{{"run_id":"r","x":"{}"}}}}"#,
            "ä".repeat(RAW_BYTES)
        );
        let short = r#"{"event":"processing_started","payload":{"run_id":"r"}}"#;
        for (payload, expected) in [
            (short, short),
            (&long, &long[..long.floor_char_boundary(RAW_BYTES)]),
        ] {
            let inputs: Vec<_> = decode(STATUS, payload.as_bytes()).collect();
            let [Input::Event(event)] = &inputs[..] else {
                panic!("one event: {inputs:?}")
            };
            assert_eq!(event.raw.as_deref(), Some(expected));
        }
    }

    #[test]
    fn message_that_is_not_json_is_rejected() {
        assert!(matches!(
            decode(STATUS, b"hello").collect::<Vec<_>>()[..],
            [Input::Rejected { .. }]
        ));
    }
}
