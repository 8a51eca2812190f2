//! The task that puts what must last into the file, before it goes anywhere else.

use super::pending::{Kept, Lasting};
use super::spool::Spool;
use super::{Shared, WriteError};
use crate::record::Record;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The file, opened when it is first needed and again after it failed.
struct Slot {
    place: PathBuf,
    spool: Option<Spool>,
    /// Whether a failure was logged since it last went well.
    failed: bool,
    /// Whether something went through it that the database is to have.
    passed_on: bool,
}

/// Ends after `shutdown`: says so by `kept`, and waits for `flushed` to empty the file.
pub(super) async fn keep(
    shared: Arc<Shared>,
    place: PathBuf,
    shutdown: CancellationToken,
    kept: CancellationToken,
    flushed: CancellationToken,
) {
    let mut slot = Slot {
        place,
        spool: None,
        failed: false,
        passed_on: false,
    };
    slot = blocking(slot, &shared, |slot, shared| {
        if let Err(error) = slot.open(shared) {
            slot.complain(&error);
        }
    })
    .await;
    shared.file_read.send_replace(true);
    shared.flush.notify_one();
    loop {
        let ending = shutdown.is_cancelled();
        slot = blocking(slot, &shared, turn).await;
        shared.health(|_| {});
        // Only then: the other task tells this one when it has written, and they would wake each
        // other for ever.
        if std::mem::take(&mut slot.passed_on) {
            shared.flush.notify_one();
        }
        if ending {
            break;
        }
        tokio::select! {
            () = shared.keep.notified() => {}
            () = shutdown.cancelled() => {}
        }
    }
    kept.cancel();
    flushed.cancelled().await;
    shared.pending().closed = true;
    blocking(slot, &shared, turn).await;
}

/// Runs `work` where it may wait for the disk.
async fn blocking(mut slot: Slot, shared: &Arc<Shared>, work: fn(&mut Slot, &Shared)) -> Slot {
    let shared = shared.clone();
    let done = tokio::task::spawn_blocking(move || {
        work(&mut slot, &shared);
        slot
    });
    done.await
        .expect("the disk's work panics only where this task would")
}

fn turn(slot: &mut Slot, shared: &Shared) {
    let (unkept, refused, waiting) = {
        let mut pending = shared.pending();
        let waiting = pending.waiting();
        (
            pending.take_unkept(),
            std::mem::take(&mut pending.refused),
            waiting,
        )
    };
    for (record, why) in refused {
        slot.set_aside(&record, &why);
    }
    if !unkept.is_empty() {
        slot.append(shared, unkept);
    } else if waiting == 0
        && let Some(spool) = &mut slot.spool
        && let Err(error) = spool.clear()
    {
        // What is in it is written once more at the next start: that does no harm.
        slot.complain(&error);
    }
}

impl Slot {
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
            .keep(left.into_iter().map(|record| Lasting {
                record,
                waiting: None,
            }));
        self.spool = Some(spool);
        Ok(())
    }

    fn append(&mut self, shared: &Shared, unkept: Vec<(Record, Option<Kept>)>) {
        let opened = if self.spool.is_none() {
            self.open(shared)
        } else {
            Ok(())
        };
        let records: Vec<&Record> = unkept.iter().map(|(record, _)| record).collect();
        let done = opened.and_then(|()| match &mut self.spool {
            Some(spool) => spool.append(&records),
            None => Ok(()),
        });
        match &done {
            Ok(()) if std::mem::take(&mut self.failed) => {
                tracing::info!(spool = %self.place.display(), "spool became writable");
            }
            Ok(()) => {}
            Err(error) => self.complain(error),
        }
        // Where the file did not take it, the database still may; but not while it is away.
        let nowhere = done
            .as_ref()
            .err()
            .filter(|_| !shared.health.borrow().up)
            .map(ToString::to_string);
        let mut told = Vec::new();
        let lasting: Vec<Lasting> = unkept
            .into_iter()
            .map(|(record, kept)| {
                let waits = done.is_err() && nowhere.is_none();
                let (waiting, tell) = if waits { (kept, None) } else { (None, kept) };
                told.extend(tell);
                Lasting { record, waiting }
            })
            .collect();
        shared.pending().keep(lasting);
        self.passed_on = true;
        // Who is told that it is kept finds it among what waits.
        shared.health(|_| {});
        for kept in told {
            // Who waited may have gone.
            let _ = kept.send(
                nowhere
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

    fn complain(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.failed, true) {
            let place = self.place.display();
            tracing::warn!(%error, spool = %place, "failed to write spool, records wait in memory");
        }
    }
}
