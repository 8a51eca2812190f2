//! The task that puts everything into the database: opens it, holds the lease, writes batches, and
//! tries again.

use super::health::WriterMode;
use super::pending::Batch;
use super::{FAREWELL, Options, Shared};
use crate::adopt::AGAIN_MS;
use crate::error::Fault;
use crate::notice::Notice;
use crate::store::{Requirement, now};
use crate::{Database, Mode, Store, StoreError};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How often is looked whether progress is due.
const TICK: Duration = Duration::from_millis(250);
/// How often the lease is asked for, or proven; a database that hangs is noticed by it.
const LEASE: Duration = Duration::from_millis(1_500);
/// A database that has not answered for this long counts as unavailable, while its answer is waited
/// for. Together with [`LEASE`] and [`TICK`] less than 5 s.
const ANSWER: Duration = Duration::from_millis(2_500);
/// How long opening may take, with the making of tables and the taking over of old rows.
const OPEN: Duration = Duration::from_secs(120);
/// How often the old code's rows are looked at again.
const ADOPT: Duration = Duration::from_secs(60);
/// How often what is old is removed; the first time is soon after the start.
const PRUNE: Duration = Duration::from_secs(3600);
const FIRST_PRUNE: Duration = Duration::from_secs(300);
/// How often a database that may only be read is tried again: rights may have been granted.
const READ_ONLY: Duration = Duration::from_secs(60);
/// The shortest and the longest wait between two tries.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

struct Flusher {
    shared: Arc<Shared>,
    database: Database,
    options: Options,
    leased: bool,
    lease_due: Instant,
    adopt_due: Instant,
    prune_due: Instant,
    /// When a database that may only be read is tried again.
    reopen_due: Instant,
    pause: Duration,
    /// Adopting and pruning: beside the writing, which must not wait for it.
    maintenance: Option<JoinHandle<()>>,
    /// Writes everything, whether due or not.
    ending: bool,
}

/// Ends after `kept`, with a last try; says so by `flushed`.
pub(super) async fn flush(
    shared: Arc<Shared>,
    database: Database,
    options: Options,
    kept: CancellationToken,
    flushed: CancellationToken,
) {
    let now = Instant::now();
    let mut flusher = Flusher {
        shared: shared.clone(),
        database,
        options,
        leased: false,
        lease_due: now,
        adopt_due: now + ADOPT,
        prune_due: now + FIRST_PRUNE,
        reopen_due: now + READ_ONLY,
        pause: PAUSE.0,
        maintenance: None,
        ending: false,
    };
    let listening = tokio::select! {
        listening = flusher.run(&kept) => listening,
        // A write that hangs is given up.
        () = async { kept.cancelled().await; sleep(FAREWELL).await } => None,
    };
    flusher.ending = true;
    if let Some(maintenance) = flusher.maintenance.take() {
        maintenance.abort();
    }
    if let Some(listening) = listening {
        listening.abort();
    }
    let store = shared.store.borrow().clone();
    if let Some(store) = store {
        match timeout(FAREWELL, flusher.turn(&store)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(
                error = error.line(),
                "last writes did not reach the database"
            ),
            Err(_) => tracing::warn!("last writes did not reach the database in time"),
        }
        // A database that hangs must not keep the process.
        let _ = timeout(FAREWELL, store.close()).await;
    }
    flushed.cancel();
}

impl Flusher {
    /// Goes on until `kept`, and gives the task that listens to other relays.
    async fn run(&mut self, kept: &CancellationToken) -> Option<JoinHandle<()>> {
        let mut listening = None;
        while !kept.is_cancelled() {
            let store = self.shared.store.borrow().clone();
            let store = match store {
                Some(store) => store,
                None => match open(&self.database).await {
                    Ok(store) => self.opened(store),
                    Err(error) => {
                        let pause = self.failed(&error, WriterMode::Opening);
                        wait(pause, kept).await;
                        continue;
                    }
                },
            };
            if let Mode::ReadOnly { reason } = store.mode() {
                match self.watched(store.read_anything()).await {
                    Ok(()) => {
                        self.pause = PAUSE.0;
                        self.shared.pending().nothing_comes(&reason);
                        self.shared.health(|health| {
                            health.change(now(), true, Some(reason), WriterMode::ReadOnly)
                        });
                        tokio::select! {
                            () = self.shared.flush.notified() => {}
                            () = wait(LEASE, kept) => {}
                        }
                    }
                    Err(error) => {
                        let pause = self.failed(&error, WriterMode::ReadOnly);
                        wait(pause, kept).await;
                    }
                }
                if self.reopen_due <= Instant::now() {
                    self.reopen_due = Instant::now() + READ_ONLY;
                    match open(&self.database).await {
                        Ok(store) if store.mode() == Mode::ReadWrite => drop(self.opened(store)),
                        _ => {}
                    }
                }
                continue;
            }
            if listening.is_none() {
                listening = Some(tokio::spawn(listen(self.shared.clone(), store.clone())));
            }
            match self.turn(&store).await {
                Ok(()) => {
                    self.pause = PAUSE.0;
                    // A tick, or something that must last.
                    tokio::select! {
                        () = self.shared.flush.notified() => {}
                        () = wait(TICK, kept) => {}
                    }
                }
                Err(error) => {
                    let pause = self.failed(&error, WriterMode::Writing);
                    wait(pause, kept).await;
                }
            }
        }
        listening
    }

    fn opened(&self, store: Store) -> Arc<Store> {
        let store = Arc::new(store);
        let database = store.database().shown().to_owned();
        match store.mode() {
            Mode::ReadWrite => tracing::info!(database, "database opened"),
            Mode::ReadOnly { reason } => tracing::warn!(database, reason, "database is read only"),
        }
        if let Some(problem) = store.mirror_problem() {
            tracing::warn!(database, problem, "processing_runs is not written");
        }
        self.shared.store.send_replace(Some(store.clone()));
        store
    }

    /// Tells, and says how long to wait, longer each time.
    fn failed(&mut self, error: &StoreError, mode: WriterMode) -> Duration {
        let line = error.line();
        self.leased = false;
        self.lease_due = Instant::now();
        self.shared.pending().nothing_comes(&line);
        self.unavailable(line, mode);
        let pause = self.pause.mul_f64(rand::random_range(0.5..1.0));
        self.pause = (self.pause * 2).min(PAUSE.1);
        pause
    }

    fn unavailable(&self, detail: String, mode: WriterMode) {
        let (was_up, first) = {
            let health = self.shared.health.borrow();
            (health.up, health.detail.is_none())
        };
        if was_up || first {
            tracing::warn!(
                error = detail,
                database = self.database.shown(),
                "database unavailable, retrying"
            );
        }
        self.shared
            .health(|health| health.change(now(), false, Some(detail), mode));
    }

    /// Waits for an answer of the database. Where it is longer in coming than from a healthy one,
    /// that is told meanwhile.
    async fn watched<T>(
        &self,
        asked: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut asked = pin!(asked);
        if let Ok(answer) = timeout(ANSWER, &mut asked).await {
            return answer;
        }
        let mode = self.shared.health.borrow().mode;
        self.unavailable(format!("no answer within {} s", ANSWER.as_secs_f64()), mode);
        asked.await
    }

    /// Writes what may be written now.
    async fn turn(&mut self, store: &Arc<Store>) -> Result<(), StoreError> {
        let due = self.shared.pending().has_due(Instant::now(), self.leased);
        if self.lease_due <= Instant::now() || due && !self.leased {
            self.leased = self.watched(store.lease()).await?;
            self.lease_due = Instant::now() + LEASE;
        }
        let mut lasting = false;
        loop {
            let batch = self
                .shared
                .pending()
                .batch(Instant::now(), self.ending, self.leased);
            if batch.records.is_empty() {
                break;
            }
            lasting |= batch.lasting > 0;
            self.write(store, batch).await?;
        }
        // The file has nothing any more that the database does not have.
        if lasting && self.shared.pending().waiting() == 0 {
            self.shared.keep.notify_one();
        }
        let problem = store.mirror_problem().map(str::to_owned);
        let was_up = self.shared.health.borrow().up;
        let mode = if self.leased {
            WriterMode::Writing
        } else {
            WriterMode::Standby
        };
        self.shared
            .health(|health| health.change(now(), true, problem, mode));
        if !was_up {
            tracing::info!(database = self.database.shown(), "database became writable");
        }
        if self.leased && !self.ending {
            self.maintain(store);
        }
        Ok(())
    }

    async fn write(&mut self, store: &Arc<Store>, batch: Batch) -> Result<(), StoreError> {
        let needs = if self.leased {
            Requirement::Lease
        } else {
            Requirement::Nothing
        };
        let error = match self.watched(store.write_as(&batch.records, needs)).await {
            Ok(()) => {
                self.shared.pending().written(&batch);
                return Ok(());
            }
            Err(error) => error,
        };
        if error.fault() != Fault::Refused {
            self.shared.pending().not_written(batch);
            return Err(error);
        }
        // One of them is refused: each by itself, so that it takes no other with it.
        let lasting = batch.lasting;
        let mut rest = batch.records[lasting..].iter().cloned();
        for record in &batch.records[..lasting] {
            match self
                .watched(store.write_as(std::slice::from_ref(record), needs))
                .await
            {
                Ok(()) => self.shared.pending().written(&Batch::lasting_one()),
                Err(error) if error.fault() == Fault::Refused => {
                    self.shared.pending().give_up_first(&error.line())
                }
                // Those that are left wait where they are.
                Err(error) => return Err(error),
            }
        }
        while let Some(record) = rest.next() {
            match self
                .watched(store.write_as(std::slice::from_ref(&record), needs))
                .await
            {
                Ok(()) => {}
                Err(error) if error.fault() == Fault::Refused => {
                    tracing::warn!(error = error.line(), "database refused a record, dropped");
                }
                Err(error) => {
                    let mut pending = self.shared.pending();
                    std::iter::once(record)
                        .chain(rest)
                        .for_each(|record| pending.replaceable(record));
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Adopts and prunes where that is due.
    fn maintain(&mut self, store: &Arc<Store>) {
        let busy = self
            .maintenance
            .as_ref()
            .is_some_and(|maintenance| !maintenance.is_finished());
        let (adopt, prune) = (
            self.adopt_due <= Instant::now(),
            self.prune_due <= Instant::now(),
        );
        if busy || !(adopt || prune) {
            return;
        }
        if adopt {
            self.adopt_due = Instant::now() + ADOPT;
        }
        if prune {
            self.prune_due = Instant::now() + PRUNE;
        }
        let (store, options) = (store.clone(), self.options.clone());
        self.maintenance = Some(tokio::spawn(async move {
            if adopt && let Err(error) = store.adopt(Some(now().plus_ms(-AGAIN_MS))).await {
                tracing::warn!(
                    error = error.line(),
                    "failed to adopt rows of processing_runs, retrying later"
                );
            }
            if prune {
                match store.prune(options.days, options.max_bytes).await {
                    Ok(pruned) => tracing::debug!(?pruned, "pruned database"),
                    Err(error) => tracing::warn!(
                        error = error.line(),
                        "failed to prune database, retrying later"
                    ),
                }
            }
        }));
    }
}

async fn open(database: &Database) -> Result<Store, StoreError> {
    match timeout(OPEN, Store::open(database)).await {
        Ok(opened) => opened,
        Err(_) => Err(StoreError::Timeout {
            doing: "opening the database",
            seconds: OPEN.as_secs(),
        }),
    }
}

/// Waits, but no longer than until `kept`.
async fn wait(pause: Duration, kept: &CancellationToken) {
    // Whichever came first.
    let _ = timeout(pause, kept.cancelled()).await;
}

/// Passes on what other relays tell, for ever.
async fn listen(shared: Arc<Shared>, store: Arc<Store>) {
    let mut pause = PAUSE.0;
    loop {
        match store.notices().await {
            Ok(None) => return,
            Ok(Some(mut notices)) => {
                pause = PAUSE.0;
                while let Ok(notice) = notices.next().await {
                    // Nobody listens: nobody misses it.
                    let _ = shared.notices.send(notice);
                }
                let _ = shared.notices.send(Notice::Missed);
            }
            Err(_) => {}
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}
