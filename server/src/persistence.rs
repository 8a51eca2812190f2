//! Persistence of what the hub saw: the last state at the start, a record of every step, baselines,
//! the audit log, and what people did at other consoles on the same database.

mod audit_log;
mod recorder;

pub(crate) use audit_log::audit_entry;
pub(crate) use recorder::Recorder;

use crate::config::PersistenceConfig;
use crate::hub::Hub;
use crate::symbols::SymbolIndex;
use contract::frame::{Input, LinkChange, Neighbour};
use contract::{ErrorGroupId, RunId, Timestamp};
use model::State;
use parking_lot::Mutex;
use recorder::RecorderEvent;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use store::{
    Acknowledgement, ClaimOutcome, Health, HeldKey, KeyClaim, LastState, Notice, Options, Record,
    RepeatedFailure, Store, StoreError, Writer, WriterMode,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// Maximum wait for the database at the start; without it the console starts with an empty state.
const OPENING: Duration = Duration::from_secs(3);
/// How long after a run's end its times are in the database.
const SETTLED: Duration = Duration::from_secs(2);

/// After this long the reports of a run's symbols are looked for in the database, to be dropped
/// from memory: a run that turns out to continue does so before that, and is then written whole.
const FORGET: Duration = Duration::from_secs(600);
/// How often that is done, and for how many runs at most.
const FORGET_EVERY: Duration = Duration::from_secs(60);
const FORGETTABLE: usize = 64;
/// How long a command waits for its key to be claimed in the database before it is claimed in the
/// file beside it.
const CLAIM: Duration = Duration::from_secs(4);

/// The database and its writer; clones refer to the same one.
#[derive(Clone, Debug)]
pub struct Persistence {
    writer: Writer,
    /// Stops the writer. It outlives the hub, whose last state it writes.
    stop: CancellationToken,
    failures: Arc<Failures>,
}

/// Failures that are logged at a limited rate, by operation.
#[derive(Debug, Default)]
struct Failures {
    audit: Mutex<RepeatedFailure>,
    acknowledgement: Mutex<RepeatedFailure>,
    baselines: Mutex<RepeatedFailure>,
}

/// The last state of an earlier process.
#[derive(Debug)]
pub struct Restored {
    /// Marked as restored.
    pub state: State,
    /// Until when events were heard; later ones may have been missed.
    pub heard_until: Timestamp,
}

impl Persistence {
    /// Opens the database, and loads the last state where there is one.
    pub async fn open(config: &PersistenceConfig) -> (Persistence, Option<Restored>) {
        let stop = CancellationToken::new();
        let options = Options {
            days: config.days,
            ..Options::default()
        };
        let writer = Writer::start(config.database.clone(), options, stop.clone());
        let loaded = match writer.opened(OPENING).await {
            Ok(store) => store.load_state().await,
            Err(error) => Err(error),
        };
        let restored = match loaded {
            Ok(last) => last.map(
                |LastState {
                     state,
                     at,
                     heard_until,
                 }| Restored {
                    state: state.restored(at),
                    heard_until,
                },
            ),
            Err(error) => {
                tracing::warn!(
                    error = error.one_line(),
                    "failed to load last state, starting without it"
                );
                None
            }
        };
        let persistence = Persistence {
            writer,
            stop,
            failures: Arc::default(),
        };
        (persistence, restored)
    }

    /// The recorder for the hub, and the queue that [`Persistence::follow`] reads.
    pub fn recorder(
        &self,
        symbols: SymbolIndex,
    ) -> (Recorder, mpsc::UnboundedReceiver<RecorderEvent>) {
        Recorder::new(self.writer.clone(), symbols)
    }

    /// The open database.
    ///
    /// # Errors
    /// While it has not yet been opened.
    pub fn store(&self) -> Result<Arc<Store>, StoreError> {
        self.writer.store()
    }

    /// The writer, which spools what the database does not take.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Claims an idempotency key, so that its command is sent once whoever else is asked for it.
    ///
    /// # Errors
    /// When the database does not answer: then nobody knows whether the key is free, and it may
    /// have been claimed all the same.
    pub async fn claim(&self, claim: &KeyClaim) -> Result<ClaimOutcome, StoreError> {
        // What a console that was killed left in the file may not be in the database yet.
        match self.writer.held_key(&claim.key).await {
            Some(held) => Ok(ClaimOutcome::Held(held)),
            None => self.claim_in_database(claim).await,
        }
    }

    /// Claims a key in the file beside the database, which does not answer: only this console and
    /// its successor find it there.
    pub async fn claim_in_file(&self, claim: &KeyClaim, error: &StoreError) {
        let error = error.one_line();
        match self.writer.record(Record::Claim(claim.clone())).await {
            Ok(()) => tracing::warn!(
                error,
                "failed to claim idempotency key in database, claimed in spool"
            ),
            Err(in_spool) => {
                let in_spool = in_spool.to_string();
                tracing::warn!(
                    error,
                    in_spool,
                    "failed to claim idempotency key, claimed in memory only"
                );
            }
        }
    }

    async fn claim_in_database(&self, claim: &KeyClaim) -> Result<ClaimOutcome, StoreError> {
        let store = {
            let health = self.writer.health().borrow().clone();
            match health.detail {
                Some(detail) if !health.up => return Err(StoreError::NotOpen { detail }),
                _ => self.writer.opened(CLAIM).await?,
            }
        };
        let claim = claim.clone();
        // It continues where it takes longer: half a transaction would cost the connection, and
        // with it the lease.
        let claiming = tokio::spawn(async move { store.claim(&claim).await });
        match timeout(CLAIM, claiming).await {
            Ok(Ok(outcome)) => outcome,
            _ => Err(StoreError::Timeout {
                operation: "claim idempotency key",
                seconds: CLAIM.as_secs(),
            }),
        }
    }

    /// The attempt that holds an idempotency key, if one does.
    ///
    /// # Errors
    /// When the database does not tell.
    pub async fn held_key(&self, key: &str) -> Result<Option<HeldKey>, StoreError> {
        if let Some(held) = self.writer.held_key(key).await {
            return Ok(Some(held));
        }
        self.store()?.held_key(key).await
    }

    /// Delivers what concerns the hub of the database, until `shutdown`: its connectivity, what
    /// other consoles wrote, and the baselines that the recorder's events call for.
    pub async fn follow(
        self,
        hub: Hub,
        symbols: SymbolIndex,
        mut recorded: mpsc::UnboundedReceiver<RecorderEvent>,
        shutdown: CancellationToken,
    ) {
        let (mut health, mut notices) = (self.writer.health(), self.writer.notices());
        let now = health.borrow_and_update().clone();
        hub.input(link(&now)).await;
        let mut written = VecDeque::new();
        let mut forget = interval(FORGET_EVERY);
        forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
                    Ok(Notice::Acknowledged { subject }) => self.apply_acknowledgements(&hub, Some(&subject)).await,
                    _ => self.apply_acknowledgements(&hub, None).await,
                },
                Some(event) = recorded.recv() => match event {
                    RecorderEvent::Run { universes, ended } => {
                        let (persistence, hub) = (self.clone(), hub.clone());
                        tokio::spawn(async move { persistence.update_baselines(&hub, universes, ended).await });
                    }
                    RecorderEvent::Symbols(run) => {
                        written.retain(|(known, _)| *known != run);
                        written.push_back((run, Instant::now()));
                        if written.len() > FORGETTABLE {
                            written.pop_front();
                        }
                    }
                },
                _ = forget.tick() => self.forget_written(&symbols, &mut written).await,
            }
        }
    }

    /// Drops the reports of runs from the symbol index where the database has them by now.
    async fn forget_written(
        &self,
        symbols: &SymbolIndex,
        written: &mut VecDeque<(RunId, Instant)>,
    ) {
        let Ok(store) = self.store() else { return };
        while let Some((run, _)) = written
            .front()
            .filter(|(_, since)| since.elapsed() >= FORGET)
        {
            if !matches!(timeout(CLAIM, store.has_symbols(run)).await, Ok(Ok(true))) {
                return;
            }
            symbols.forget(run);
            written.pop_front();
        }
    }

    /// Stops the writer, and waits until the last writes are done.
    pub async fn close(&self) {
        self.stop.cancel();
        self.writer.ended().await;
    }

    /// Recomputes the baselines of runs of these universes.
    async fn update_baselines(&self, hub: &Hub, universes: Vec<String>, ended: bool) {
        if ended {
            tokio::time::sleep(SETTLED).await;
        }
        let samples = match self.store() {
            Ok(store) => store.run_samples(&universes).await,
            Err(error) => Err(error),
        };
        match samples {
            Ok(samples) => {
                if self.failures.baselines.lock().recovered() {
                    tracing::info!("reading of durations of earlier runs recovered");
                }
                for baselines in model::baselines(&samples) {
                    hub.input(Input::Baselines(baselines)).await;
                }
            }
            Err(error) => {
                if let Some(suppressed) = self.failures.baselines.lock().occurred() {
                    let error = error.one_line();
                    tracing::warn!(
                        error,
                        suppressed,
                        "failed to read durations of earlier runs"
                    );
                }
            }
        }
    }

    /// Writes an acknowledgement. A failure is logged and stops nobody.
    pub(crate) async fn write_acknowledgement(&self, acknowledgement: Acknowledgement) {
        let failure = &self.failures.acknowledgement;
        match self
            .writer
            .record(Record::Acknowledged(acknowledgement))
            .await
        {
            Ok(()) => {
                if failure.lock().recovered() {
                    tracing::info!("writing of acknowledgements recovered");
                }
            }
            Err(error) => {
                if let Some(suppressed) = failure.lock().occurred() {
                    tracing::warn!(%error, suppressed, "failed to write acknowledgement");
                }
            }
        }
    }

    /// Delivers acknowledgements that were made at other consoles: those of `subject`, or all of
    /// them where a notice may have been missed.
    async fn apply_acknowledgements(&self, hub: &Hub, subject: Option<&str>) {
        let Ok(store) = self.store() else { return };
        let Ok(all) = store.acknowledgements().await else {
            return;
        };
        for Acknowledgement {
            subject: of,
            who,
            note,
            ..
        } in all
        {
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
    let parts: Vec<_> = [health.detail.clone(), mode, waiting(health.spooled)]
        .into_iter()
        .flatten()
        .collect();
    let detail = (!parts.is_empty()).then(|| parts.join("; "));
    Input::Link(LinkChange {
        neighbour: Neighbour::Database,
        up: health.up,
        detail,
    })
}
