//! The API watcher: asks TickStockPL what runs, so that the console is right even when events are lost or never come.

use crate::ask::Ask;
use crate::clock::now;
use crate::hub::{Brief, Hub};
use crate::tickstockpl::{ApiError, Client};
use contract::Timestamp;
use contract::frame::{Gap, Input, LinkChange, Neighbour};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the status is asked for: while a run is active; while one is of which Redis tells nothing; while none is.
const ACTIVE: Duration = Duration::from_secs(5);
const CLOSE: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_secs(30);
/// How often TickStockPL is asked for a sign of life in between.
const PROBE: Duration = Duration::from_secs(5);
/// A run that events were silent about for this long is asked about closely.
const SILENT_MS: i64 = 10_000;
/// Schedule and history are asked for once a minute, and when TickStockPL or Redis comes back.
const WIDE_EVERY: Duration = Duration::from_secs(60);
/// The history that is asked for.
const HISTORY_DAYS: u32 = 30;

/// Asks until `shutdown`; `ask` brings the next question forward.
pub async fn watch(client: Client, hub: Hub, ask: Ask, shutdown: CancellationToken) {
    let due = Instant::now();
    let mut watcher = Watcher { client, hub, told: None, gap: None, status_due: due, wide_due: due };
    loop {
        watcher.round(&ask).await;
        let wait = PROBE.min(watcher.status_due.saturating_duration_since(Instant::now()));
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = ask.wanted() => {
                watcher.status_due = Instant::now();
                watcher.wide_due = watcher.status_due;
            }
            () = tokio::time::sleep(wait.mul_f64(rand::random_range(0.9..1.1))) => {}
        }
    }
}

struct Watcher {
    client: Client,
    hub: Hub,
    /// What the hub was last told of TickStockPL's API.
    told: Option<LinkChange>,
    /// A time in which events were missed, until TickStockPL has answered for it.
    gap: Option<(Timestamp, Timestamp)>,
    status_due: Instant,
    wide_due: Instant,
}

impl Watcher {
    /// One question, and those that follow from its answer.
    async fn round(&mut self, ask: &Ask) {
        if let Some((from, to)) = ask.take_gap() {
            self.gap = Some((self.gap.map_or(from, |(earlier, _)| earlier), to));
        }
        let up = self.told.as_ref().is_some_and(|told| told.up);
        if up && Instant::now() < self.status_due {
            let answer = self.client.health().await;
            if answer.is_err() {
                self.tell(answer.err()).await;
            }
            return;
        }
        let asked_at = now();
        let answer = self.client.status().await;
        let brief = self.hub.brief().await;
        self.status_due = Instant::now() + interval(brief);
        match answer {
            Ok(answer) => {
                self.tell(None).await;
                let (running, wide) = (answer.is_running, Instant::now() >= self.wide_due);
                // A run that ended unseen: the history knows how, so it is heard first.
                let history = if (!running && brief.run_active) || wide { self.history().await } else { false };
                // That nothing runs is no news while no run is known.
                if running || brief.run_active {
                    self.hub.input(Input::Status { asked_at, answer }).await;
                }
                if wide {
                    self.schedule().await;
                    self.wide_due = Instant::now() + WIDE_EVERY;
                }
                if let Some((from, to)) = self.gap.take() {
                    self.hub.input(Input::Gap(Gap { from, to, status: true, history })).await;
                }
            }
            Err(error) => {
                self.tell(Some(error)).await;
                // Said now, and again when TickStockPL has answered.
                if let Some((from, to)) = self.gap {
                    self.hub.input(Input::Gap(Gap { from, to, status: false, history: false })).await;
                }
            }
        }
    }

    /// Tells the hub whether TickStockPL's API answers, where that is news.
    async fn tell(&mut self, error: Option<ApiError>) {
        let link =
            LinkChange { neighbour: Neighbour::Api, up: error.is_none(), detail: error.map(|error| error.to_string()) };
        if self.told.as_ref() == Some(&link) {
            return;
        }
        if self.told.as_ref().is_none_or(|told| told.up != link.up) {
            (self.status_due, self.wide_due) = (self.status_due.min(Instant::now() + CLOSE), Instant::now());
            match &link.detail {
                None => tracing::info!("TickStockPL's API answers"),
                Some(error) => tracing::warn!(error, "TickStockPL's API does not answer; trying again"),
            }
        }
        self.told = Some(link.clone());
        self.hub.input(Input::Link(link)).await;
    }

    /// Whether the history was answered.
    async fn history(&self) -> bool {
        let asked_at = now();
        match self.client.history(HISTORY_DAYS).await {
            Ok(runs) => self.hub.input(Input::History { asked_at, runs }).await,
            Err(error) => {
                tracing::warn!(%error, "TickStockPL gave no history");
                return false;
            }
        }
        true
    }

    async fn schedule(&self) {
        match self.client.schedule().await {
            Ok(schedule) => self.hub.input(Input::Schedule(schedule)).await,
            Err(error) => tracing::warn!(%error, "TickStockPL gave no schedule"),
        }
    }
}

/// How long to the next status question.
fn interval(brief: Brief) -> Duration {
    let silent = brief.run_heard_at.is_some_and(|heard| now().since(heard) > SILENT_MS);
    match (brief.run_active, brief.redis_up) {
        (true, false) => CLOSE,
        (true, true) if silent => CLOSE,
        (true, true) | (false, false) => ACTIVE,
        (false, true) => IDLE,
    }
}
