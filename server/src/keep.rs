//! The local copy, as the relay uses it: the last state at the start, a record of every step, baselines, and what people did
//! at other relays on the same database.

mod recorder;

pub use recorder::Recorder;

use crate::config::KeepConfig;
use crate::hub::Hub;
use crate::symbols::Symbols;
use contract::ErrorGroupId;
use contract::frame::{Input, LinkChange, Neighbour};
use model::State;
use recorder::Told;
use std::sync::Arc;
use std::time::Duration;
use store::{Acknowledgement, Health, Notice, Options, Store, StoreError, Writer, WriterMode};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How long the start waits for the database: the last state is there before the first page, or the console starts without it.
const OPENING: Duration = Duration::from_secs(3);
/// How long after a run's end its times are in the database.
const SETTLED: Duration = Duration::from_secs(2);

/// The local copy; clones refer to the same one.
#[derive(Clone)]
pub struct Keep {
    writer: Writer,
}

/// What the recorder says when something happened that the database is to be asked about.
type Telling = mpsc::UnboundedReceiver<Told>;

impl Keep {
    /// Opens the database; gives what it had of the last state.
    pub async fn open(config: &KeepConfig, shutdown: CancellationToken) -> (Keep, Option<State>) {
        let options = Options { days: config.days, ..Options::default() };
        let writer = Writer::start(config.database.clone(), options, shutdown);
        let loaded = match writer.opened(OPENING).await {
            Ok(store) => store.load_state().await,
            Err(error) => Err(error),
        };
        let state = match loaded {
            Ok(Some((at, state))) => Some(state.restored(at)),
            Ok(None) => None,
            Err(error) => {
                tracing::warn!(error = error.line(), "starting without the last state");
                None
            }
        };
        (Keep { writer }, state)
    }

    /// The recorder for the hub, and what it tells.
    pub fn recorder(&self, symbols: Symbols) -> (Recorder, Telling) {
        Recorder::new(self.writer.clone(), symbols)
    }

    /// The open database.
    ///
    /// # Errors
    /// While it has not yet been opened.
    pub fn store(&self) -> Result<Arc<Store>, StoreError> {
        self.writer.store()
    }

    /// What writes.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Tells the hub of the database, until `shutdown`.
    pub async fn follow(self, hub: Hub, mut told: Telling, shutdown: CancellationToken) {
        let (mut health, mut notices) = (self.writer.health(), self.writer.notices());
        let now = health.borrow_and_update().clone();
        hub.input(link(&now)).await;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = health.changed() => {
                    if changed.is_err() { return }
                    let now = health.borrow_and_update().clone();
                    hub.input(link(&now)).await;
                }
                notice = notices.recv() => match notice {
                    Ok(Notice::Audit) => {}
                    Ok(Notice::Acknowledged { subject }) => self.acknowledged(&hub, Some(&subject)).await,
                    _ => self.acknowledged(&hub, None).await,
                },
                Some(told) = told.recv() => {
                    let (keep, hub) = (self.clone(), hub.clone());
                    tokio::spawn(async move { keep.learn(&hub, told).await });
                }
            }
        }
    }

    /// Waits until the last writes are done.
    pub async fn ended(&self) {
        self.writer.ended().await;
    }

    /// Computes the baselines of runs of these universes anew.
    async fn learn(&self, hub: &Hub, told: Told) {
        if told.ended {
            tokio::time::sleep(SETTLED).await;
        }
        let samples = match self.store() {
            Ok(store) => store.run_samples(&told.universes).await,
            Err(error) => Err(error),
        };
        match samples {
            Ok(samples) => {
                for baselines in model::baselines(&samples) {
                    hub.input(Input::Baselines(baselines)).await;
                }
            }
            Err(error) => tracing::debug!(error = error.line(), "failed to read durations of earlier runs"),
        }
    }

    /// What people took note of at other relays; all of it where something may have been missed.
    async fn acknowledged(&self, hub: &Hub, subject: Option<&str>) {
        let Ok(store) = self.store() else { return };
        let Ok(all) = store.acknowledgements().await else { return };
        for Acknowledgement { subject: of, who, note, .. } in all {
            if subject.is_some_and(|subject| subject != of) {
                continue;
            }
            if let Some(group) = ErrorGroupId::new(&of) {
                let seen = note.and_then(|note| note.parse().ok());
                hub.input(Input::Acknowledge { group, who, seen }).await;
            }
        }
    }
}

fn link(health: &Health) -> Input {
    let waiting = |n: usize| (n > 0).then(|| format!("{n} records wait for it"));
    let mode = match health.mode {
        WriterMode::Opening | WriterMode::Writing => None,
        WriterMode::Standby => Some("another console writes what TickStockPL publishes".to_owned()),
        WriterMode::ReadOnly => Some("it can only be read".to_owned()),
    };
    let parts: Vec<_> = [health.detail.clone(), mode, waiting(health.spooled)].into_iter().flatten().collect();
    let detail = (!parts.is_empty()).then(|| parts.join("; "));
    Input::Link(LinkChange { neighbour: Neighbour::Database, up: health.up, detail })
}
