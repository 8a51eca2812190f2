//! The task that writes durable records to the spool, before they go anywhere else.

use super::error::WriteError;
use super::pending::{Durable, Reply};
use super::shared::Shared;
use super::spool::Spool;
use crate::RepeatedFailure;
use crate::record::Record;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The file, opened when it is first needed and again after it failed.
struct SpoolFile {
    place: PathBuf,
    spool: Option<Spool>,
    failure: RepeatedFailure,
    /// Whether records were spooled that the database does not have yet.
    flush_due: bool,
}

/// Runs until `shutdown`: cancels `spooler_done`, waits for `flusher_done`, and empties the file.
pub(super) async fn run(
    shared: Arc<Shared>,
    place: PathBuf,
    shutdown: CancellationToken,
    spooler_done: CancellationToken,
    flusher_done: CancellationToken,
) {
    let mut file = SpoolFile {
        place,
        spool: None,
        failure: RepeatedFailure::default(),
        flush_due: false,
    };
    file = blocking(file, &shared, |file, shared| {
        if let Err(error) = file.open(shared) {
            file.log_failure(&error);
        }
    })
    .await;
    shared.file_read.send_replace(true);
    shared.flush_due.notify_one();
    loop {
        let ending = shutdown.is_cancelled();
        file = blocking(file, &shared, spool_pending).await;
        shared.health(|_| {});
        // Only then: the other task tells this one when it has written, and they would wake each
        // other for ever.
        if std::mem::take(&mut file.flush_due) {
            shared.flush_due.notify_one();
        }
        if ending {
            break;
        }
        tokio::select! {
            () = shared.spool_due.notified() => {}
            () = shutdown.cancelled() => {}
        }
    }
    spooler_done.cancel();
    flusher_done.cancelled().await;
    shared.pending().closed = true;
    blocking(file, &shared, spool_pending).await;
}

/// Runs `work` where it may wait for the disk.
async fn blocking(
    mut file: SpoolFile,
    shared: &Arc<Shared>,
    work: fn(&mut SpoolFile, &Shared),
) -> SpoolFile {
    let shared = shared.clone();
    let done = tokio::task::spawn_blocking(move || {
        work(&mut file, &shared);
        file
    });
    done.await
        .expect("the disk's work panics only where this task would")
}

fn spool_pending(file: &mut SpoolFile, shared: &Shared) {
    let (unspooled, refused, waiting) = {
        let mut pending = shared.pending();
        let waiting = pending.durable_count();
        (
            pending.take_unspooled(),
            std::mem::take(&mut pending.refused),
            waiting,
        )
    };
    for (record, why) in refused {
        file.set_aside(&record, &why);
    }
    if !unspooled.is_empty() {
        file.append(shared, unspooled);
    } else if waiting == 0
        && let Some(spool) = &mut file.spool
        && let Err(error) = spool.clear()
    {
        // What is in it is written once more at the next start: that does no harm.
        file.log_failure(&error);
    }
}

impl SpoolFile {
    fn open(&mut self, shared: &Shared) -> io::Result<()> {
        let (spool, left) = Spool::open(&self.place)?;
        if !left.is_empty() {
            tracing::info!(
                records = left.len(),
                "recovered unflushed records from spool"
            );
        }
        shared
            .pending()
            .push_spooled(left.into_iter().map(|record| Durable {
                record,
                reply: None,
            }));
        self.spool = Some(spool);
        Ok(())
    }

    fn append(&mut self, shared: &Shared, unspooled: Vec<(Record, Option<Reply>)>) {
        let opened = if self.spool.is_none() {
            self.open(shared)
        } else {
            Ok(())
        };
        let records: Vec<&Record> = unspooled.iter().map(|(record, _)| record).collect();
        let done = opened.and_then(|()| match &mut self.spool {
            Some(spool) => spool.append(&records),
            None => Ok(()),
        });
        match &done {
            Ok(()) if self.failure.recovered() => {
                tracing::info!(spool = %self.place.display(), "spool became writable");
            }
            Ok(()) => {}
            Err(error) => self.log_failure(error),
        }
        // Where the file did not take it, the database still may; but not while it is unavailable.
        let failure = done
            .as_ref()
            .err()
            .filter(|_| !shared.health.borrow().up)
            .map(ToString::to_string);
        let mut replies = Vec::new();
        let records: Vec<Durable> = unspooled
            .into_iter()
            .map(|(record, reply)| {
                let waits = done.is_err() && failure.is_none();
                let (reply, now) = if waits { (reply, None) } else { (None, reply) };
                replies.extend(now);
                Durable { record, reply }
            })
            .collect();
        shared.pending().push_spooled(records);
        self.flush_due = true;
        // Who is told that it is kept finds it among what waits.
        shared.health(|_| {});
        for reply in replies {
            // Who waited may have gone.
            let _ = reply.send(
                failure
                    .clone()
                    .map_or(Ok(()), |detail| Err(WriteError::Waiting { detail })),
            );
        }
    }

    fn set_aside(&self, record: &Record, why: &str) {
        let done = match &self.spool {
            Some(spool) => spool.set_aside(record, why),
            None => Err(io::Error::other("there is no file for it")),
        };
        match done {
            Ok(path) => {
                tracing::error!(why, file = %path.display(), "database refused a record, set aside in file");
            }
            Err(error) => tracing::error!(why, %error, "database refused a record, lost"),
        }
    }

    fn log_failure(&mut self, error: &io::Error) {
        if let Some(suppressed) = self.failure.occurred() {
            let place = self.place.display();
            tracing::warn!(%error, spool = %place, suppressed, "failed to write spool, records wait in memory");
        }
    }
}
