//! One client's position in the stream, and what it gets next.

use super::journal::Missing;
use super::shared::{Published, SnapshotEvent};
use super::{Hub, Topics, sse};
use crate::clock::now;
use bytes::Bytes;
use contract::frame::Heartbeat;
use serde::Serialize;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Events that a client gets at once, when it has that many to catch up with.
const EVENTS_AT_ONCE: usize = 64;

/// How long one serialized snapshot serves those who join: the journal has what followed it.
const SNAPSHOT_AGE: Duration = Duration::from_secs(1);

/// A client's position in the stream. It holds nothing else: a slow client costs no more than a
/// fast one.
#[derive(Debug)]
pub struct Cursor {
    hub: Hub,
    topics: Option<Topics>,
    published: watch::Receiver<Published>,
    /// The last step that it has, once it has begun.
    seq: u64,
    heartbeats: u64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent yet; the client has what the id says, if it sent one.
    New(Resume),
    /// It needs the state, of this step or a later one.
    Snapshot(Option<Reset>, u64),
    /// It follows.
    Following,
    /// `event: bye` was sent, or there is no hub any more.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resume {
    Never,
    From(u64),
    Cannot(Reset),
}

/// Why a client gets the state again, as `event: reset` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reset {
    /// Its id is of another relay, or of this one before it started again.
    AnotherRelay,
    /// Its id is older than what is kept.
    TooOld,
    /// Its id is ahead of this relay.
    Ahead,
    /// Its id is not ours.
    Unreadable,
    /// It read too slowly.
    FellBehind,
    /// Another run is shown than the one that it follows.
    AnotherRun,
}

impl Hub {
    /// The stream for one client: after `last_event_id` where that is possible, else from a
    /// snapshot on.
    pub fn follow(&self, topics: Option<Topics>, last_event_id: Option<&str>) -> Cursor {
        Cursor::new(self.clone(), topics, last_event_id)
    }

    /// `event: snapshot` of a recent step, `at_least` or a later one, and that step.
    async fn snapshot_event(&self, at_least: u64) -> (u64, Bytes) {
        let mut latest = self.shared.snapshot_event.lock().await;
        let oldest = self.shared.journal.read().oldest();
        let current = self.shared.published.borrow().seq;
        if let Some(event) = &*latest
            && event.seq >= at_least.max(oldest)
            && (event.seq == current || event.made.elapsed() < SNAPSHOT_AGE)
        {
            return (event.seq, event.bytes.clone());
        }
        let snapshot = self.snapshot();
        let bytes = sse::numbered("snapshot", self.shared.epoch, snapshot.seq, &snapshot);
        *latest = Some(SnapshotEvent {
            seq: snapshot.seq,
            bytes: bytes.clone(),
            made: Instant::now(),
        });
        (snapshot.seq, bytes)
    }
}

impl Cursor {
    fn new(hub: Hub, topics: Option<Topics>, last_event_id: Option<&str>) -> Cursor {
        let published = hub.shared.published.subscribe();
        let resume = match last_event_id.map(str::trim).filter(|id| !id.is_empty()) {
            None => Resume::Never,
            Some(id) => match id
                .split_once('-')
                .map(|(epoch, seq)| (epoch.parse::<u64>(), seq.parse::<u64>()))
            {
                Some((Ok(epoch), Ok(seq))) if epoch == hub.shared.epoch => Resume::From(seq),
                Some((Ok(_), Ok(_))) => Resume::Cannot(Reset::AnotherRelay),
                _ => Resume::Cannot(Reset::Unreadable),
            },
        };
        let heartbeats = published.borrow().heartbeats;
        Cursor {
            hub,
            topics,
            published,
            seq: 0,
            heartbeats,
            stage: Stage::New(resume),
        }
    }

    /// Waits for what comes next and adds it, event by event; `false` when the stream has ended and
    /// nothing was added.
    ///
    /// Can be dropped while it waits: nothing is lost then.
    pub async fn next(&mut self, events: &mut Vec<Bytes>) -> bool {
        loop {
            match self.stage {
                Stage::Over => return false,
                Stage::New(resume) => {
                    // How long to wait before coming back: apart from each other, so that a relay
                    // that starts again is not overrun.
                    events.push(Bytes::from(format!(
                        "retry: {}\n\n",
                        rand::random_range(500..1500)
                    )));
                    self.stage = match resume {
                        Resume::Never => Stage::Snapshot(None, 0),
                        Resume::Cannot(why) => Stage::Snapshot(Some(why), 0),
                        Resume::From(seq) => {
                            self.seq = seq;
                            Stage::Following
                        }
                    };
                    if self.stage == Stage::Following {
                        // A position that cannot be served is found out before anything is waited
                        // for.
                        self.collect(events, Reset::TooOld);
                        if self.stage == Stage::Following {
                            // A client that missed nothing learns at once that it follows, and not
                            // with the next heartbeat.
                            let heartbeat = Heartbeat { at: now() };
                            events.push(sse::unnumbered("heartbeat", &heartbeat));
                        }
                        return true;
                    }
                }
                Stage::Snapshot(why, at_least) => {
                    let (seq, snapshot) = match &self.topics {
                        None => self.hub.snapshot_event(at_least).await,
                        Some(topics) => {
                            let part = topics.snapshot(&self.hub.snapshot());
                            let epoch = self.hub.shared.epoch;
                            (part.seq, sse::numbered("snapshot", epoch, part.seq, &part))
                        }
                    };
                    events.extend(why.map(|why| {
                        sse::unnumbered("reset", &serde_json::json!({ "reason": why }))
                    }));
                    events.push(snapshot);
                    self.seq = seq;
                    self.stage = Stage::Following;
                    return true;
                }
                Stage::Following => {
                    self.collect(events, Reset::FellBehind);
                    if !events.is_empty() {
                        return true;
                    }
                    if self.stage == Stage::Following && self.published.changed().await.is_err() {
                        self.stage = Stage::Over;
                    }
                }
            }
        }
    }

    /// Adds what is there; `too_old` is what a position is called that is no longer kept.
    fn collect(&mut self, events: &mut Vec<Bytes>, too_old: Reset) {
        let (ended, heartbeat) = {
            let published = self.published.borrow_and_update();
            let heartbeat =
                (published.heartbeats != self.heartbeats).then(|| published.heartbeat.clone());
            self.heartbeats = published.heartbeats;
            (published.ended, heartbeat)
        };
        self.collect_steps(events, too_old);
        if let Some(heartbeat) = heartbeat {
            if self.topics.is_some() && self.stage == Stage::Following {
                // Steps without anything for this client move its position on, too.
                events.push(Bytes::from(format!(
                    "id: {}-{}\n\n",
                    self.hub.shared.epoch, self.seq
                )));
            }
            events.push(heartbeat);
        }
        if ended {
            events.push(Bytes::from(format!(
                "retry: {}\nevent: bye\ndata: {{}}\n\n",
                rand::random_range(500..2500)
            )));
            self.stage = Stage::Over;
        }
    }

    fn collect_steps(&mut self, events: &mut Vec<Bytes>, too_old: Reset) {
        let journal = self.hub.shared.journal.read();
        let steps = match journal.after(self.seq) {
            Ok(steps) => steps,
            Err(missing) => {
                let why = if missing == Missing::Ahead {
                    Reset::Ahead
                } else {
                    too_old
                };
                self.stage = Stage::Snapshot(Some(why), 0);
                return;
            }
        };
        for step in steps {
            if step.replaces_run_of(self.topics.as_ref()) {
                self.stage = Stage::Snapshot(Some(Reset::AnotherRun), step.seq());
                return;
            }
            self.seq = step.seq();
            events.extend(step.event(self.topics.as_ref()));
            if events.len() >= EVENTS_AT_ONCE {
                return;
            }
        }
    }
}
