//! The API watcher: asks TickStockPL what runs, so that the console is right even when events are lost or never come.

use crate::hub::{Hub, now};
use crate::tickstockpl::{ApiError, Client};
use contract::frame::{Input, LinkChange, Neighbour};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often the status is asked for: in general; and while a run is active of which Redis tells nothing.
const CALM: Duration = Duration::from_secs(5);
const CLOSE: Duration = Duration::from_secs(2);
/// A run that events were silent about for this long is asked about closely.
const SILENT_MS: i64 = 10_000;
/// Schedule and history are asked for once a minute, and when TickStockPL or Redis comes back.
const WIDE_EVERY: Duration = Duration::from_secs(60);
/// The history that is asked for.
const HISTORY_DAYS: u32 = 30;

/// Asks until `shutdown`; `ask_now` brings the next question forward.
pub async fn watch(client: Client, hub: Hub, ask_now: Arc<Notify>, shutdown: CancellationToken) {
    let mut told: Option<LinkChange> = None;
    let mut wide_due = tokio::time::Instant::now();
    loop {
        let asked_at = now();
        let answer = client.status().await;
        let detail = answer.as_ref().err().map(ToString::to_string);
        let link = LinkChange { neighbour: Neighbour::Api, up: answer.is_ok(), detail };
        if told.as_ref().map(|told| told.up) != Some(link.up) {
            wide_due = tokio::time::Instant::now();
            match &link.detail {
                None => tracing::info!("TickStockPL's API answers"),
                Some(error) => tracing::warn!(error, "TickStockPL's API does not answer; trying again"),
            }
        }
        if told.as_ref() != Some(&link) {
            told = Some(link.clone());
            hub.input(Input::Link(link)).await;
        }
        let brief = hub.brief().await;
        if let Ok(answer) = answer {
            // A run that ended unseen: the history knows how, so it is heard first.
            let ended_unseen = !answer.is_running && brief.run_active;
            let wide = tokio::time::Instant::now() >= wide_due;
            if ended_unseen || wide {
                ask(&hub, client.history(HISTORY_DAYS).await, |runs| Input::History { runs }).await;
            }
            if wide {
                ask(&hub, client.schedule().await, Input::Schedule).await;
                wide_due = tokio::time::Instant::now() + WIDE_EVERY;
            }
            // That nothing runs is no news while no run is known.
            if answer.is_running || brief.run_active {
                hub.input(Input::Status { asked_at, answer }).await;
            }
        }
        let silent = brief.run_heard_at.is_some_and(|heard| now().since(heard) > SILENT_MS);
        let wait = if brief.run_active && (silent || !brief.redis_up) { CLOSE } else { CALM };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = ask_now.notified() => wide_due = tokio::time::Instant::now(),
            () = tokio::time::sleep(wait.mul_f64(rand::random_range(0.9..1.1))) => {}
        }
    }
}

async fn ask<T>(hub: &Hub, answer: Result<T, ApiError>, input: impl FnOnce(T) -> Input) {
    match answer {
        Ok(answer) => hub.input(input(answer)).await,
        Err(error) => tracing::warn!(%error, "TickStockPL gave no answer to a read"),
    }
}
