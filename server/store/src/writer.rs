//! Writing in the background: whoever hands a record over never waits for the database.
//!
//! Durable records (ends of runs, whatever a person did) go first into the spool, a file beside the
//! database, and are on the disk before [`Writer::record`] returns; from there they go into the
//! database, at once or when it is available again. So neither an unavailable database nor SIGKILL
//! loses any of them; every record can be written twice, so nothing needs to be known of how far an
//! earlier process came. Records that a newer one replaces (progress, the state) are kept in
//! memory, the newest only, and written at most once a second.
//!
//! Two tasks: [`spooler`] writes durable records to the spool, [`flusher`] writes everything into
//! the database. Of several relays on one PostgreSQL database the one with the lease writes what
//! TickStockPL published, each what its own people did.

mod error;
mod flusher;
mod health;
mod options;
mod pending;
mod shared;
mod spool;
mod spooler;

pub use error::WriteError;
pub use health::{Health, WriterMode};
pub use options::Options;

use crate::notice::Notice;
use crate::record::Record;
use crate::{Database, HeldKey, Store, StoreError};
use shared::{SHUTDOWN_TIMEOUT, Shared};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, broadcast, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Notices of other relays that wait for a slow listener.
const NOTICES: usize = 64;
/// How long [`Writer::record`] waits for the disk.
const RECORD: Duration = Duration::from_secs(5);

/// A handle on the writer; clones refer to the same one.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
    tasks: Arc<tokio::sync::Mutex<JoinSet<()>>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the tasks, which open the database and open it again when they must, and end after
    /// `shutdown` when what waits is written.
    pub fn start(database: Database, options: Options, shutdown: CancellationToken) -> Writer {
        let shared = Arc::new(Shared {
            pending: Mutex::default(),
            file_read: watch::Sender::new(false),
            spool_due: Notify::new(),
            flush_due: Notify::new(),
            store: watch::Sender::new(None),
            health: watch::Sender::new(Health::opening(crate::store::now())),
            notices: broadcast::Sender::new(NOTICES),
        });
        let mut tasks = JoinSet::new();
        let (spooler_done, flusher_done) = (CancellationToken::new(), CancellationToken::new());
        let spool = spool::place(&database, options.spool_folder.as_deref());
        tasks.spawn(spooler::run(
            shared.clone(),
            spool,
            shutdown,
            spooler_done.clone(),
            flusher_done.clone(),
        ));
        tasks.spawn(flusher::run(
            shared.clone(),
            database,
            options,
            spooler_done,
            flusher_done,
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
        self.push(record, None)
    }

    /// Takes a record and waits until it is on the disk. Commands are carried out after their audit
    /// entry is.
    ///
    /// # Errors
    /// When it is not there yet ([`WriteError::Waiting`]), or never will be.
    pub async fn record(&self, record: Record) -> Result<(), WriteError> {
        if !record.is_durable() {
            return self.submit(record);
        }
        let (reply, wait) = oneshot::channel();
        self.push(record, Some(reply))?;
        match tokio::time::timeout(RECORD, wait).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(WriteError::Ending),
            Err(_) => {
                let detail = format!("the disk did not answer within {} s", RECORD.as_secs());
                Err(WriteError::Waiting { detail })
            }
        }
    }

    fn push(&self, record: Record, reply: Option<pending::Reply>) -> Result<(), WriteError> {
        if record.is_durable() {
            self.shared.pending().push_durable(record, reply)?;
            self.shared.spool_due.notify_one();
        } else {
            self.shared.pending().push_replaceable(record);
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
    /// also while it is unavailable.
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
        if tokio::time::timeout(SHUTDOWN_TIMEOUT * 4, all)
            .await
            .is_err()
        {
            tracing::warn!("last writes did not reach the database in time");
        }
    }
}
