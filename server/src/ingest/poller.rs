//! The API watcher: asks TickStockPL what runs, so that the console is right even when events are
//! lost or never come.

use crate::clock::now;
use crate::hub::{Brief, Hub};
use crate::poll_trigger::PollTrigger;
use crate::upstream::{Client, UpstreamError};
use contract::Timestamp;
use contract::frame::{Gap, Input, LinkChange, Neighbour};
use contract::http::StatusAnswer;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the status is asked for: as a rule; while a run is active of which Redis tells
/// nothing; while what is shown waits for the answer.
const USUALLY: Duration = Duration::from_secs(5);
const CLOSE: Duration = Duration::from_secs(2);
const UNSETTLED: Duration = Duration::from_secs(1);
/// What these short intervals do not settle in this time, they never will.
const UNSETTLED_FOR: Duration = Duration::from_secs(30);
/// A run that events were silent about for this long is asked about closely.
const SILENT_MS: i64 = 10_000;
/// Schedule and history are asked for once a minute, and when TickStockPL or Redis comes back; the
/// history more often while no event can tell of a run that begins and ends.
const WIDE_EVERY: Duration = Duration::from_secs(60);
const WIDE_WITHOUT_EVENTS: Duration = Duration::from_secs(5);
/// The history that is asked for.
const HISTORY_DAYS: u32 = 30;

/// Asks until `shutdown`; `ask` brings the next question forward, and so does a change of what the
/// pace depends on.
pub async fn watch(
    client: Client,
    hub: Hub,
    poll_trigger: PollTrigger,
    shutdown: CancellationToken,
) {
    let due = Instant::now();
    let mut briefs = hub.briefs();
    let mut watcher = Watcher {
        client,
        hub,
        told: None,
        gap: None,
        asked: due,
        status_due: due,
        wide_asked: None,
        unsettled_since: None,
    };
    loop {
        watcher.round(&poll_trigger).await;
        let jitter = rand::random_range(0.9..1.1);
        loop {
            let brief = *briefs.borrow_and_update();
            watcher.unsettled_since = watcher
                .unsettled_since
                .or(Some(Instant::now()))
                .filter(|_| brief.unsettled);
            let patient = watcher
                .unsettled_since
                .is_some_and(|since| since.elapsed() > UNSETTLED_FOR);
            let due = watcher
                .status_due
                .min(watcher.asked + interval(brief, patient).mul_f64(jitter));
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = poll_trigger.wanted() => {
                    watcher.wide_asked = None;
                    break;
                }
                changed = briefs.changed() => if changed.is_err() { return },
                () = tokio::time::sleep_until(due) => break,
            }
        }
    }
}

/// Asks what runs, and tells the hub. The history is asked for beside it where `wide`, and wherever
/// it says how a run ended: when nothing runs although a run is shown as active, and when nobody
/// has confirmed an end. The hub hears both at once. Gives the answer, and whether the history was
/// answered.
pub async fn observe(
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
    let brief = hub.brief();
    if wide || brief.wants_history || !answer.is_running && brief.run_active {
        let asked_at = now();
        match client.history(HISTORY_DAYS).await {
            Ok(runs) => inputs.push(Input::History { asked_at, runs }),
            Err(error) => tracing::warn!(%error, "failed to read tickstockpl history"),
        }
    }
    let history = inputs.len() > 1;
    hub.inputs(inputs).await;
    Ok((answer, history))
}

struct Watcher {
    client: Client,
    hub: Hub,
    /// What the hub was last told of TickStockPL's API.
    told: Option<LinkChange>,
    /// A time in which events were missed, until TickStockPL has answered for it.
    gap: Option<(Timestamp, Timestamp)>,
    /// When the status was last asked for.
    asked: Instant,
    /// When it is asked for at the latest.
    status_due: Instant,
    /// When history and schedule were last asked for; none where they are to be asked for now.
    wide_asked: Option<Instant>,
    /// Since when what is shown waits for an answer that settles it.
    unsettled_since: Option<Instant>,
}

impl Watcher {
    /// One question, and those that follow from its answer.
    async fn round(&mut self, poll_trigger: &PollTrigger) {
        if let Some((from, to)) = poll_trigger.take_gap() {
            self.gap = Some((self.gap.map_or(from, |(earlier, _)| earlier), to));
        }
        self.asked = Instant::now();
        self.status_due = self.asked + USUALLY * 2;
        let every = if self.hub.brief().redis_up {
            WIDE_EVERY
        } else {
            WIDE_WITHOUT_EVENTS
        };
        let wide = self.wide_asked.is_none_or(|asked| asked.elapsed() >= every);
        match observe(&self.client, &self.hub, wide).await {
            Ok((_, history)) => {
                self.tell(None).await;
                if wide {
                    self.schedule().await;
                    self.wide_asked = Some(Instant::now());
                }
                if let Some((from, to)) = self.gap.take() {
                    self.hub
                        .input(Input::Gap(Gap {
                            from,
                            to,
                            status: true,
                            history,
                        }))
                        .await;
                }
            }
            Err(error) => {
                self.tell(Some(error)).await;
                // Said now, and again when TickStockPL has answered.
                if let Some((from, to)) = self.gap {
                    self.hub
                        .input(Input::Gap(Gap {
                            from,
                            to,
                            status: false,
                            history: false,
                        }))
                        .await;
                }
            }
        }
    }

    /// Tells the hub whether TickStockPL's API answers, where that is news.
    async fn tell(&mut self, error: Option<UpstreamError>) {
        let link = LinkChange {
            neighbour: Neighbour::Api,
            up: error.is_none(),
            detail: error.map(|error| error.to_string()),
        };
        if self.told.as_ref() == Some(&link) {
            return;
        }
        if self.told.as_ref().is_none_or(|told| told.up != link.up) {
            self.wide_asked = None;
            self.status_due = self.status_due.min(Instant::now() + CLOSE);
            match &link.detail {
                None => tracing::info!("connected to tickstockpl"),
                Some(error) => tracing::warn!(error, "tickstockpl unreachable, retrying"),
            }
        }
        self.told = Some(link.clone());
        self.hub.input(Input::Link(link)).await;
    }

    async fn schedule(&self) {
        match self.client.schedule().await {
            Ok(schedule) => self.hub.input(Input::Schedule(schedule)).await,
            Err(error) => tracing::warn!(%error, "failed to read tickstockpl schedule"),
        }
    }
}

/// How long to the next status question; `patient` where short intervals did not settle what they
/// were for.
fn interval(brief: Brief, patient: bool) -> Duration {
    let silent = brief
        .run_heard_at
        .is_some_and(|heard| now().since(heard) > SILENT_MS);
    match (brief.unsettled, brief.run_active) {
        (true, _) if !patient => UNSETTLED,
        (_, true) if silent || !brief.redis_up => CLOSE,
        _ => USUALLY,
    }
}
