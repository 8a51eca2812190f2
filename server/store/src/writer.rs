//! Writing behind the relay's back: whoever hands a record over never waits for the database.
//!
//! What must last (ends of runs, whatever a person did) goes first into a file beside the database,
//! and is on the disk before [`Writer::record`] returns; from there it goes into the database, at
//! once or when that is back. So neither a database that is away nor SIGKILL loses any of it; every
//! record can be written twice, so nothing needs to be known of how far an earlier process came.
//! What is replaced by what follows it (progress, the state) is kept in memory, the newest only,
//! and written at most once a second.
//!
//! Two tasks: [`keeper`] puts what must last into the file, [`flusher`] puts everything into the
//! database. Of several relays on one PostgreSQL database the one with the lease writes what
//! TickStockPL published, each what its own people did.

mod flusher;
mod health;
mod keeper;
mod pending;
mod spool;

pub use health::{Health, WriterMode};

use crate::notice::Notice;
use crate::record::Record;
use crate::{Database, HeldKey, Store, StoreError, limits};
use pending::Pending;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, broadcast, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Notices of other relays that wait for a slow listener.
const NOTICES: usize = 64;
/// How long [`Writer::record`] waits for the disk.
const RECORD: Duration = Duration::from_secs(5);
/// How long the last writes may take when the process ends.
const FAREWELL: Duration = Duration::from_secs(3);

/// What can be set about writing.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the file with what must last stands; none for beside SQLite's file, or `data` for
    /// PostgreSQL.
    pub spool_folder: Option<PathBuf>,
    /// Days for which the event log and errors are kept.
    pub days: u32,
    /// Bytes that the database may take.
    pub max_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            spool_folder: None,
            days: limits::DAYS,
            max_bytes: limits::BYTES,
        }
    }
}

/// A record that must last is not on the disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It was not taken: too much waits already.
    #[error("too many records wait for the database")]
    Full,
    /// It was not taken: the console is ending, and the file is closed.
    #[error("the console is ending")]
    Ending,
    /// It is in memory and will be written as soon as the file or the database takes it; only if
    /// the console ends before that is it lost.
    #[error("not on the disk yet: {detail}")]
    Waiting {
        /// Why.
        detail: String,
    },
    /// The database will never take it; it stands in a file of its own beside the database.
    #[error("the database refused it: {detail}")]
    Refused {
        /// Why.
        detail: String,
    },
}

impl WriteError {
    /// Whether it may yet be written without anybody's doing.
    pub fn is_waiting(&self) -> bool {
        matches!(self, WriteError::Waiting { .. })
    }
}

/// A handle on the writer; clones refer to the same one.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
    tasks: Arc<tokio::sync::Mutex<JoinSet<()>>>,
}

/// What the handle and the tasks share.
struct Shared {
    pending: Mutex<Pending>,
    /// What an earlier process left in the file is among what waits, or the file cannot be read.
    file_read: watch::Sender<bool>,
    /// Something must last.
    keep: Notify,
    /// Something is to be written into the database now.
    flush: Notify,
    store: watch::Sender<Option<Arc<Store>>>,
    health: watch::Sender<Health>,
    notices: broadcast::Sender<Notice>,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self, change: impl FnOnce(&mut Health)) {
        let (spooled, lost) = {
            let pending = self.pending();
            (pending.waiting(), pending.lost)
        };
        self.health.send_if_modified(|health| {
            let before = health.clone();
            (health.spooled, health.lost) = (spooled, lost);
            change(health);
            *health != before
        });
    }
}

impl Writer {
    /// Starts the tasks, which open the database and open it again when they must, and end after
    /// `shutdown` when what waits is written.
    pub fn start(database: Database, options: Options, shutdown: CancellationToken) -> Writer {
        let shared = Arc::new(Shared {
            pending: Mutex::default(),
            file_read: watch::Sender::new(false),
            keep: Notify::new(),
            flush: Notify::new(),
            store: watch::Sender::new(None),
            health: watch::Sender::new(Health::opening(crate::store::now())),
            notices: broadcast::Sender::new(NOTICES),
        });
        let mut tasks = JoinSet::new();
        let (kept, flushed) = (CancellationToken::new(), CancellationToken::new());
        let spool = spool::place(&database, options.spool_folder.as_deref());
        tasks.spawn(keeper::keep(
            shared.clone(),
            spool,
            shutdown,
            kept.clone(),
            flushed.clone(),
        ));
        tasks.spawn(flusher::flush(
            shared.clone(),
            database,
            options,
            kept,
            flushed,
        ));
        Writer {
            shared,
            tasks: Arc::new(tokio::sync::Mutex::new(tasks)),
        }
    }

    /// Takes a record, without waiting. Progress replaces earlier progress of the same run; of
    /// events the oldest go when too many wait. What must last is put into the file within
    /// milliseconds; where even that is overfull, it is refused.
    ///
    /// # Errors
    /// [`WriteError::Full`] and [`WriteError::Ending`], for records that must last only.
    pub fn submit(&self, record: Record) -> Result<(), WriteError> {
        self.take(record, None)
    }

    /// Takes a record and waits until it is on the disk. Commands are carried out after their audit
    /// entry is.
    ///
    /// # Errors
    /// When it is not there yet ([`WriteError::Waiting`]), or never will be.
    pub async fn record(&self, record: Record) -> Result<(), WriteError> {
        if !record.must_last() {
            return self.submit(record);
        }
        let (kept, wait) = oneshot::channel();
        self.take(record, Some(kept))?;
        match tokio::time::timeout(RECORD, wait).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(WriteError::Ending),
            Err(_) => {
                let detail = format!("the disk did not answer within {} s", RECORD.as_secs());
                Err(WriteError::Waiting { detail })
            }
        }
    }

    fn take(&self, record: Record, kept: Option<pending::Kept>) -> Result<(), WriteError> {
        if record.must_last() {
            self.shared.pending().must_last(record, kept)?;
            self.shared.keep.notify_one();
        } else {
            self.shared.pending().replaceable(record);
        }
        Ok(())
    }

    /// The attempt that holds an idempotency key, as far as records tell that wait for the
    /// database. One of them may have been left by a process that was killed; the database does not
    /// know it yet.
    pub async fn held_key(&self, key: &str) -> Option<HeldKey> {
        // An error says that the tasks have ended: nothing comes out of the file any more.
        let _ = self
            .shared
            .file_read
            .subscribe()
            .wait_for(|read| *read)
            .await;
        self.shared.pending().held_key(key)
    }

    /// The open database.
    ///
    /// # Errors
    /// [`StoreError::NotOpen`] while it has not yet been opened. A store that was opened stays,
    /// also while it is away.
    pub fn store(&self) -> Result<Arc<Store>, StoreError> {
        let store = self.shared.store.borrow().clone();
        store.ok_or_else(|| {
            let detail = self.shared.health.borrow().detail.clone();
            StoreError::NotOpen {
                detail: detail.unwrap_or_else(|| "it is being opened".to_owned()),
            }
        })
    }

    /// Waits until the database is open, for at most `patience`: before the first page is served.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub async fn opened(&self, patience: Duration) -> Result<Arc<Store>, StoreError> {
        let mut store = self.shared.store.subscribe();
        // Whether it came in time or not: what is there now is the answer.
        let _ = tokio::time::timeout(patience, store.wait_for(Option::is_some)).await;
        self.store()
    }

    /// How the writing goes, and every change of it.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.shared.health.subscribe()
    }

    /// What other relays on the same database wrote. SQLite: nothing ever comes.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.shared.notices.subscribe()
    }

    /// Waits until the tasks have ended, after `shutdown`, for at most a few seconds.
    pub async fn ended(&self) {
        let mut tasks = self.tasks.lock().await;
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL * 4, all).await.is_err() {
            tracing::warn!("last writes did not reach the database in time");
        }
    }
}
