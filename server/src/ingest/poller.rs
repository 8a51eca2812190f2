//! The poller: asks TickStockPL's API for its status, so that the console is right even when events
//! are lost or never come.

use crate::backoff::Backoff;
use crate::clock::now;
use crate::hub::Hub;
use crate::poll_trigger::PollTrigger;
use crate::upstream::{Client, UpstreamError};
use contract::Timestamp;
use contract::frame::{Gap, Input, LinkChange, Neighbour};
use contract::http::StatusAnswer;
use model::State;
use std::time::Duration;
use store::RepeatedFailure;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time between two polls: as a rule; while a run is active of which Redis tells nothing, and right
/// after TickStockPL was lost or came back; while what is shown waits for the answer.
const USUAL: Duration = Duration::from_secs(5);
const CLOSE: Duration = Duration::from_secs(2);
const UNSETTLED: Duration = Duration::from_secs(1);
/// What these short intervals do not settle in this time, they never will.
const UNSETTLED_FOR: Duration = Duration::from_secs(30);
/// A run that events were silent about for this long is polled closely.
const SILENT_MS: i64 = 10_000;
/// Schedule and history are polled once a minute, and when TickStockPL or Redis comes back; the
/// history more often while no event can tell of a run that begins and ends.
const WIDE_EVERY: Duration = Duration::from_secs(60);
const WIDE_WITHOUT_EVENTS: Duration = Duration::from_secs(5);
/// Days of history in one poll.
const HISTORY_DAYS: u32 = 30;

/// Polls until `shutdown`. `poll_trigger` brings the next poll forward, and so does a change of
/// what the interval depends on.
pub(crate) async fn run(
    client: Client,
    hub: Hub,
    poll_trigger: PollTrigger,
    shutdown: CancellationToken,
) {
    let mut poller = Poller {
        client,
        hub,
        link: None,
        backoff: Backoff::new(CLOSE, USUAL),
        schedule_failure: RepeatedFailure::default(),
        gap: None,
        polled: Instant::now(),
        latest_next: Instant::now(),
        wide_polled: None,
        unsettled_since: None,
    };
    loop {
        poller.poll(&poll_trigger).await;
        let jitter = rand::random_range(0.9..1.1);
        loop {
            let pace = Pace::of(&poller.hub.state());
            poller.unsettled_since = poller
                .unsettled_since
                .or(Some(Instant::now()))
                .filter(|_| pace.unsettled);
            let patient = poller
                .unsettled_since
                .is_some_and(|since| since.elapsed() > UNSETTLED_FOR);
            let next = poller
                .latest_next
                .min(poller.polled + pace.interval(patient).mul_f64(jitter));
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = poll_trigger.triggered() => {
                    poller.wide_polled = None;
                    break;
                }
                () = poller.hub.wait_until(|state| Pace::of(state).differs(&pace)) => {
                    if poller.hub.is_ended() {
                        return;
                    }
                }
                () = tokio::time::sleep_until(next) => break,
            }
        }
    }
}

/// Reads TickStockPL's status, and its history where `wide` or where the history says how a run
/// ended: when nothing runs although a run is shown as active, and when nobody has confirmed an
/// end. Returns when the hub has applied both, with the status and whether the history was read.
pub(crate) async fn parse_status(
    client: &Client,
    hub: &Hub,
    wide: bool,
) -> Result<(StatusAnswer, bool), UpstreamError> {
    let asked_at = now();
    let answer = client.status().await?;
    let mut inputs = vec![Input::Status {
        asked_at,
        answer: answer.clone(),
    }];
    let end_unknown = {
        let state = hub.state();
        state.wants_history() || !answer.is_running && state.active().is_some()
    };
    if wide || end_unknown {
        let asked_at = now();
        match client.history(HISTORY_DAYS).await {
            Ok(runs) => inputs.push(Input::History { asked_at, runs }),
            Err(error) => client.log_history_failure(&error),
        }
    }
    let history = inputs.len() > 1;
    hub.apply(inputs).await;
    Ok((answer, history))
}

/// What the interval depends on.
#[derive(Clone, Copy)]
struct Pace {
    run_active: bool,
    run_heard_at: Option<Timestamp>,
    redis_up: bool,
    unsettled: bool,
}

impl Pace {
    fn of(state: &State) -> Pace {
        let active = state.active();
        Pace {
            run_active: active.is_some(),
            run_heard_at: active.map(|run| run.heard_at),
            redis_up: state.links.redis.up,
            unsettled: state.is_unsettled(),
        }
    }

    /// Whether the interval has to be computed again. Silence is not looked at: it grows with time.
    fn differs(&self, other: &Pace) -> bool {
        (self.run_active, self.redis_up, self.unsettled)
            != (other.run_active, other.redis_up, other.unsettled)
    }

    /// Time from one poll to the next; `patient` where short intervals did not settle what they
    /// were for.
    fn interval(&self, patient: bool) -> Duration {
        let silent = self
            .run_heard_at
            .is_some_and(|heard| now().since(heard) > SILENT_MS);
        match (self.unsettled, self.run_active) {
            (true, _) if !patient => UNSETTLED,
            (_, true) if silent || !self.redis_up => CLOSE,
            _ => USUAL,
        }
    }
}

struct Poller {
    client: Client,
    hub: Hub,
    /// What was last delivered of TickStockPL's connectivity.
    link: Option<LinkChange>,
    /// Waits while TickStockPL is unavailable.
    backoff: Backoff,
    schedule_failure: RepeatedFailure,
    /// A time in which events were missed, until TickStockPL has answered for it.
    gap: Option<(Timestamp, Timestamp)>,
    /// When TickStockPL was last polled, and by when it is to be polled again.
    polled: Instant,
    latest_next: Instant,
    /// When history and schedule were last polled; `None` where they are due now.
    wide_polled: Option<Instant>,
    /// Since when what is shown waits for an answer that settles it.
    unsettled_since: Option<Instant>,
}

impl Poller {
    async fn poll(&mut self, poll_trigger: &PollTrigger) {
        if let Some((from, to)) = poll_trigger.take_gap() {
            self.gap = Some((self.gap.map_or(from, |(earlier, _)| earlier), to));
        }
        self.polled = Instant::now();
        self.latest_next = self.polled + USUAL * 2;
        let every = if self.hub.state().links.redis.up {
            WIDE_EVERY
        } else {
            WIDE_WITHOUT_EVENTS
        };
        let wide = self.wide_polled.is_none_or(|at| at.elapsed() >= every);
        match parse_status(&self.client, &self.hub, wide).await {
            Ok((_, history)) => {
                self.backoff.reset();
                self.deliver_link(None).await;
                if wide {
                    self.poll_schedule().await;
                    self.wide_polled = Some(Instant::now());
                }
                if let Some(gap) = self.gap.take() {
                    self.deliver_gap(gap, true, history).await;
                }
            }
            Err(error) => {
                self.latest_next = self.polled + self.backoff.next_wait();
                self.deliver_link(Some(error)).await;
                // Delivered now, and again when TickStockPL has answered.
                if let Some(gap) = self.gap {
                    self.deliver_gap(gap, false, false).await;
                }
            }
        }
    }

    async fn deliver_gap(&self, (from, to): (Timestamp, Timestamp), status: bool, history: bool) {
        let gap = Gap {
            from,
            to,
            status,
            history,
        };
        self.hub.input(Input::Gap(gap)).await;
    }

    /// Delivers whether TickStockPL's API answers, where that is news.
    async fn deliver_link(&mut self, error: Option<UpstreamError>) {
        let link = LinkChange {
            neighbour: Neighbour::Api,
            up: error.is_none(),
            detail: error.map(|error| error.to_string()),
        };
        if self.link.as_ref() == Some(&link) {
            return;
        }
        if self.link.as_ref().is_none_or(|known| known.up != link.up) {
            self.wide_polled = None;
            self.latest_next = self.latest_next.min(Instant::now() + CLOSE);
            match &link.detail {
                None => tracing::info!("connected to tickstockpl"),
                Some(error) => tracing::warn!(error, "tickstockpl unreachable, retrying"),
            }
        }
        self.link = Some(link.clone());
        self.hub.input(Input::Link(link)).await;
    }

    async fn poll_schedule(&mut self) {
        match self.client.schedule().await {
            Ok(schedule) => {
                if self.schedule_failure.recovered() {
                    tracing::info!("tickstockpl schedule became readable");
                }
                self.hub.input(Input::Schedule(schedule)).await;
            }
            Err(error) => {
                if let Some(suppressed) = self.schedule_failure.occurred() {
                    tracing::warn!(%error, suppressed, "failed to read tickstockpl schedule");
                }
            }
        }
    }
}
