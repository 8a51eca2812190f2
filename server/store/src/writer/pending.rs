//! What waits: for the file, for the database. Every part has a bound.

use super::error::WriteError;
use crate::HeldKey;
use crate::record::Record;
use crate::text::error_key;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Records that must last and wait for the file; it takes milliseconds.
const MAX_UNSPOOLED: usize = 1_024;
/// Records that must last and wait for the database.
pub(super) const MAX_SPOOLED: usize = 10_000;
/// Replaceable records that wait: runs, groups of errors, the state.
const MAX_REPLACEABLE: usize = 200;
/// Events that wait.
const MAX_EVENTS: usize = 2_000;
/// Records of one transaction.
const BATCH: usize = 200;
/// How often the same run's progress is written.
const PROGRESS: Duration = Duration::from_secs(1);
/// How often the state is written: it is large, and runs are written apart.
const STATE: Duration = Duration::from_secs(5);

/// Who waits to hear that a record is on the disk, or why it is not.
pub(super) type Reply = oneshot::Sender<Result<(), WriteError>>;

/// A record that must last and is on the disk, or could not be put there.
pub(super) struct Durable {
    pub record: Record,
    /// Waits for the database, since the file took it not.
    pub reply: Option<Reply>,
}

/// Everything that waits.
#[derive(Default)]
pub(super) struct Pending {
    /// For the file, in order.
    unspooled: VecDeque<(Record, Option<Reply>)>,
    /// For the database, in order.
    spooled: VecDeque<Durable>,
    /// The newest of each, and when that one may be written.
    replaceable: BTreeMap<String, (Instant, Record)>,
    /// When each was last written, for as long as that matters.
    written: BTreeMap<String, Instant>,
    events: VecDeque<Record>,
    /// What the database refuses, and why: for a file of its own.
    pub refused: Vec<(Record, String)>,
    /// Events that had to go.
    pub lost: u64,
    /// The file is written no more: whatever comes now would be lost.
    pub closed: bool,
}

/// What goes into one transaction.
#[derive(Default)]
pub(super) struct Batch {
    /// The records: first those that last, then replaceable ones, then events.
    pub records: Vec<Record>,
    /// How many of them last.
    pub durable: usize,
    replaceable: usize,
}

/// What a newer record of the same kind replaces.
fn replacement_key(record: &Record) -> Option<String> {
    Some(match record {
        Record::Run(run) => format!("run {}", run.id),
        Record::Summary(summary) => format!("summary {}", summary.id),
        Record::Forgotten(id) => format!("run {id}"),
        Record::Errors(group) => format!("errors {}", error_key(group)),
        Record::Symbols(symbols) => format!("symbols {}", symbols.run_id),
        Record::State { .. } => "state".to_owned(),
        Record::Heard(_) => "heard".to_owned(),
        _ => return None,
    })
}

impl Pending {
    /// Takes a record for the file.
    pub(super) fn push_durable(
        &mut self,
        record: Record,
        reply: Option<Reply>,
    ) -> Result<(), WriteError> {
        if self.closed {
            return Err(WriteError::Ending);
        }
        if self.unspooled.len() >= MAX_UNSPOOLED || self.spooled.len() >= MAX_SPOOLED {
            return Err(WriteError::Full);
        }
        // Its earlier progress says nothing any more.
        if let Some(key) = replacement_key(&record) {
            self.replaceable.remove(&key);
        }
        if let Record::Forgotten(id) = &record {
            self.replaceable.remove(&format!("summary {id}"));
        }
        self.unspooled.push_back((record, reply));
        Ok(())
    }

    /// The attempt that holds an idempotency key, as far as the records tell that wait.
    pub(super) fn held_key(&self, key: &str) -> Option<HeldKey> {
        let mut held: Option<(HeldKey, Option<&str>)> = None;
        for record in self
            .spooled
            .iter()
            .map(|durable| &durable.record)
            .chain(self.unspooled.iter().map(|(record, _)| record))
        {
            match record {
                Record::Claim(claim) if claim.key == key && held.is_none() => {
                    let claimed = HeldKey {
                        body_hash: claim.body_hash.clone(),
                        at: claim.at,
                        answer: None,
                    };
                    held = Some((claimed, Some(&claim.claimed_by)));
                }
                Record::Release(of) if of.key == key => {
                    held = held.filter(|(_, by)| *by != Some(&of.claimed_by));
                }
                Record::Answer(of) if of.key == key => {
                    let answer = Some(of.answer.clone());
                    held = Some((
                        HeldKey {
                            body_hash: of.body_hash.clone(),
                            at: of.at,
                            answer,
                        },
                        None,
                    ));
                }
                _ => {}
            }
        }
        held.map(|(held, _)| held)
    }

    pub(super) fn push_replaceable(&mut self, record: Record) {
        let Some(key) = replacement_key(&record) else {
            if self.events.len() >= MAX_EVENTS {
                self.events.pop_front();
                self.lost += 1;
            }
            self.events.push_back(record);
            return;
        };
        let wait = if matches!(record, Record::State { .. }) {
            STATE
        } else {
            PROGRESS
        };
        let due = self
            .written
            .get(&key)
            .map_or_else(Instant::now, |at| *at + wait);
        if self.replaceable.len() >= MAX_REPLACEABLE && !self.replaceable.contains_key(&key) {
            // The one that waits longest.
            let oldest = self
                .replaceable
                .iter()
                .min_by_key(|(_, (due, _))| *due)
                .map(|(key, _)| key.clone());
            self.replaceable.remove(&oldest.unwrap_or_default());
            self.lost += 1;
        }
        let due = self.replaceable.get(&key).map_or(due, |(reply, _)| *reply);
        self.replaceable.insert(key, (due, record));
    }

    pub(super) fn take_unspooled(&mut self) -> Vec<(Record, Option<Reply>)> {
        self.unspooled.drain(..).collect()
    }

    pub(super) fn push_spooled(&mut self, records: impl IntoIterator<Item = Durable>) {
        self.spooled.extend(records);
    }

    /// Records that must last and are not in the database.
    pub(super) fn durable_count(&self) -> usize {
        self.unspooled.len() + self.spooled.len()
    }

    /// What may be written now: without the lease only what this relay's people did. Records that
    /// last stay here until [`Self::written`] says that they are in the database.
    pub(super) fn batch(&mut self, now: Instant, everything: bool, leased: bool) -> Batch {
        let mut batch = Batch::default();
        for durable in self.spooled.iter().take(BATCH) {
            batch.records.push(durable.record.clone());
        }
        batch.durable = batch.records.len();
        if !leased {
            // The relay that writes has them, too.
            self.events.clear();
            return batch;
        }
        let due: Vec<String> = self
            .replaceable
            .iter()
            .filter(|(_, (due, _))| everything || *due <= now)
            .map(|(key, _)| key.clone())
            .take(BATCH)
            .collect();
        for key in due {
            if let Some((_, record)) = self.replaceable.remove(&key) {
                batch.records.push(record);
                self.written.insert(key, now);
            }
        }
        self.written.retain(|_, at| now.duration_since(*at) < STATE);
        batch.replaceable = batch.records.len() - batch.durable;
        let events = self.events.len().min(BATCH);
        batch.records.extend(self.events.drain(..events));
        batch
    }

    /// The batch is in the database: those who wait for it hear so.
    pub(super) fn written(&mut self, count: usize) {
        for durable in self.spooled.drain(..count.min(self.spooled.len())) {
            if let Some(reply) = durable.reply {
                // Who waited may have gone.
                let _ = reply.send(Ok(()));
            }
        }
    }

    /// The batch is not in the database: what it had is reply again, unless something newer is.
    pub(super) fn put_back(&mut self, batch: Batch) {
        let now = Instant::now();
        let mut rest = batch.records.into_iter().skip(batch.durable);
        for record in rest.by_ref().take(batch.replaceable) {
            if let Some(key) = replacement_key(&record) {
                self.replaceable.entry(key).or_insert((now, record));
            }
        }
        for event in rest.rev() {
            if self.events.len() < MAX_EVENTS {
                self.events.push_front(event);
            } else {
                self.lost += 1;
            }
        }
    }

    /// Nothing will come of reply for the database: those who do hear so. The records stay.
    pub(super) fn fail_replies(&mut self, detail: &str) {
        for durable in &mut self.spooled {
            if let Some(reply) = durable.reply.take() {
                // Who waited may have gone.
                let _ = reply.send(Err(WriteError::Waiting {
                    detail: detail.to_owned(),
                }));
            }
        }
    }

    /// Takes out the first record that lasts: the database will never have it.
    pub(super) fn refuse_first(&mut self, detail: &str) {
        if let Some(durable) = self.spooled.pop_front() {
            if let Some(reply) = durable.reply {
                let _ = reply.send(Err(WriteError::Refused {
                    detail: detail.to_owned(),
                }));
            }
            self.refused.push((durable.record, detail.to_owned()));
        }
    }

    /// Whether anything waits that could be written now.
    pub(super) fn has_due(&self, now: Instant, leased: bool) -> bool {
        !self.spooled.is_empty()
            || leased
                && (!self.events.is_empty()
                    || self.replaceable.values().any(|(due, _)| *due <= now))
    }
}
