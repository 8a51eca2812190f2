//! The task that puts everything into the database: opens it, holds the lease, writes batches, and
//! tries again.

use super::health::WriterMode;
use super::options::Options;
use super::pending::Batch;
use super::shared::{SHUTDOWN_TIMEOUT, Shared};
use crate::adopt::AGAIN_MS;
use crate::error::FailureKind;
use crate::notice::Notice;
use crate::store::{Requirement, now};
use crate::{Database, Mode, RepeatedFailure, Store, StoreError};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    failure: Mutex<RepeatedFailure>,
    /// Adopting and pruning: beside the writing, which must not wait for it.
    maintenance: Option<JoinHandle<()>>,
    /// Writes everything, whether due or not.
    ending: bool,
}

/// Runs until `spooler_done`, tries a last time, and cancels `flusher_done`.
pub(super) async fn run(
    shared: Arc<Shared>,
    database: Database,
    options: Options,
    spooler_done: CancellationToken,
    flusher_done: CancellationToken,
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
        failure: Mutex::default(),
        maintenance: None,
        ending: false,
    };
    let listening = tokio::select! {
        listening = flusher.run(&spooler_done) => listening,
        // A write that hangs is given up.
        () = async { spooler_done.cancelled().await; sleep(SHUTDOWN_TIMEOUT).await } => None,
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
        match timeout(SHUTDOWN_TIMEOUT, flusher.flush_due(&store)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(
                error = error.one_line(),
                "last writes did not reach the database"
            ),
            Err(_) => tracing::warn!("last writes did not reach the database in time"),
        }
        // A database that hangs must not keep the process.
        let _ = timeout(SHUTDOWN_TIMEOUT, store.close()).await;
    }
    flusher_done.cancel();
}

impl Flusher {
    /// Goes on until `spooler_done`, and gives the task that listens to other relays.
    async fn run(&mut self, spooler_done: &CancellationToken) -> Option<JoinHandle<()>> {
        let mut listening = None;
        while !spooler_done.is_cancelled() {
            let store = self.shared.store.borrow().clone();
            let store = match store {
                Some(store) => store,
                None => match open(&self.database).await {
                    Ok(store) => self.opened(store),
                    Err(error) => {
                        let pause = self.failed(&error, WriterMode::Opening);
                        wait(pause, spooler_done).await;
                        continue;
                    }
                },
            };
            if let Mode::ReadOnly { reason } = store.mode() {
                match self.answer_of(store.read_anything()).await {
                    Ok(()) => {
                        self.pause = PAUSE.0;
                        self.shared.pending().fail_replies(&reason);
                        self.shared.health(|health| {
                            health.change(now(), true, Some(reason), WriterMode::ReadOnly);
                        });
                        tokio::select! {
                            () = self.shared.flush_due.notified() => {}
                            () = wait(LEASE, spooler_done) => {}
                        }
                    }
                    Err(error) => {
                        let pause = self.failed(&error, WriterMode::ReadOnly);
                        wait(pause, spooler_done).await;
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
            match self.flush_due(&store).await {
                Ok(()) => {
                    self.pause = PAUSE.0;
                    // A tick, or something that must last.
                    tokio::select! {
                        () = self.shared.flush_due.notified() => {}
                        () = wait(TICK, spooler_done) => {}
                    }
                }
                Err(error) => {
                    let pause = self.failed(&error, WriterMode::Writing);
                    wait(pause, spooler_done).await;
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
        let line = error.one_line();
        self.leased = false;
        self.lease_due = Instant::now();
        self.shared.pending().fail_replies(&line);
        self.unavailable(line, mode);
        let pause = self.pause.mul_f64(rand::random_range(0.5..1.0));
        self.pause = (self.pause * 2).min(PAUSE.1);
        pause
    }

    fn failure(&self) -> MutexGuard<'_, RepeatedFailure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unavailable(&self, detail: String, mode: WriterMode) {
        if let Some(suppressed) = self.failure().occurred() {
            tracing::warn!(
                error = detail,
                database = self.database.shown(),
                suppressed,
                "database unavailable, retrying"
            );
        }
        self.shared
            .health(|health| health.change(now(), false, Some(detail), mode));
    }

    /// Waits for an answer of the database. Where none comes within [`ANSWER`], the database counts
    /// as unavailable meanwhile.
    async fn answer_of<T>(
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
    async fn flush_due(&mut self, store: &Arc<Store>) -> Result<(), StoreError> {
        let due = self.shared.pending().has_due(Instant::now(), self.leased);
        if self.lease_due <= Instant::now() || due && !self.leased {
            self.leased = self.answer_of(store.lease()).await?;
            self.lease_due = Instant::now() + LEASE;
        }
        let mut durable = false;
        loop {
            let batch = self
                .shared
                .pending()
                .batch(Instant::now(), self.ending, self.leased);
            if batch.records.is_empty() {
                break;
            }
            durable |= batch.durable > 0;
            self.write(store, batch).await?;
        }
        // The file has nothing any more that the database does not have.
        if durable && self.shared.pending().durable_count() == 0 {
            self.shared.spool_due.notify_one();
        }
        let problem = store.mirror_problem().map(str::to_owned);
        let mode = if self.leased {
            WriterMode::Writing
        } else {
            WriterMode::Standby
        };
        self.shared
            .health(|health| health.change(now(), true, problem, mode));
        if self.failure().recovered() {
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
        let error = match self.answer_of(store.write_as(&batch.records, needs)).await {
            Ok(()) => {
                self.shared.pending().written(batch.durable);
                return Ok(());
            }
            Err(error) => error,
        };
        if error.kind() != FailureKind::Rejected {
            self.shared.pending().put_back(batch);
            return Err(error);
        }
        // One of them is refused: each by itself, so that it takes no other with it.
        let durable = batch.durable;
        let mut rest = batch.records[durable..].iter().cloned();
        for record in &batch.records[..durable] {
            match self
                .answer_of(store.write_as(std::slice::from_ref(record), needs))
                .await
            {
                Ok(()) => self.shared.pending().written(1),
                Err(error) if error.kind() == FailureKind::Rejected => {
                    self.shared.pending().refuse_first(&error.one_line());
                }
                // Those that are left wait where they are.
                Err(error) => return Err(error),
            }
        }
        while let Some(record) = rest.next() {
            match self
                .answer_of(store.write_as(std::slice::from_ref(&record), needs))
                .await
            {
                Ok(()) => {}
                Err(error) if error.kind() == FailureKind::Rejected => {
                    tracing::warn!(
                        error = error.one_line(),
                        "database refused a record, dropped"
                    );
                }
                Err(error) => {
                    let mut pending = self.shared.pending();
                    std::iter::once(record)
                        .chain(rest)
                        .for_each(|record| pending.push_replaceable(record));
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
                    error = error.one_line(),
                    "failed to adopt rows of processing_runs, retrying later"
                );
            }
            if prune {
                match store.prune(options.days, options.max_bytes).await {
                    Ok(pruned) => tracing::debug!(?pruned, "pruned database"),
                    Err(error) => tracing::warn!(
                        error = error.one_line(),
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
            operation: "open the database",
            seconds: OPEN.as_secs(),
        }),
    }
}

/// Waits, but no longer than until `spooler_done`.
async fn wait(pause: Duration, spooler_done: &CancellationToken) {
    // Whichever came first.
    let _ = timeout(pause, spooler_done.cancelled()).await;
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
