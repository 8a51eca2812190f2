//! One reader of the stream: where it is in the journal, and what it gets next.

use super::journal::Missing;
use super::{Hub, Pulse, Topics};
use crate::clock::now;
use crate::hub::sse;
use axum::body::Bytes;
use contract::frame::Heartbeat;
use serde::Serialize;
use std::sync::PoisonError;
use tokio::sync::watch;

/// Events that a reader gets at once, when it has that many to catch up with.
const EVENTS_AT_ONCE: usize = 64;

/// One reader of the stream. It holds a position and nothing else: a slow one costs no more than a
/// fast one.
pub struct Cursor {
    hub: Hub,
    narrow: Option<Topics>,
    pulse: watch::Receiver<Pulse>,
    /// The last step that it has, once it has begun.
    seq: u64,
    beats: u64,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent yet; the reader has what the id says, if it has something.
    New(Resume),
    /// It needs the state, of this step or a later one.
    Snapshot(Option<Reset>, u64),
    /// It follows.
    Following,
    /// It was told goodbye.
    Over,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Resume {
    Never,
    From(u64),
    Cannot(Reset),
}

/// Why a reader gets the state anew, as `event: reset` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reset {
    /// Its id is of another relay, or of this one before it started again.
    AnotherRelay,
    /// Its id is older than what is kept.
    TooOld,
    /// Its id is ahead of this relay.
    Ahead,
    /// Its id is none of ours.
    Unreadable,
    /// It read too slowly.
    FellBehind,
    /// Another run is shown than the one that it follows.
    AnotherRun,
}

impl Cursor {
    pub(super) fn new(hub: Hub, narrow: Option<Topics>, last_event_id: Option<&str>) -> Cursor {
        let pulse = hub.shared.pulse.subscribe();
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
        let beats = pulse.borrow().beats;
        Cursor {
            hub,
            narrow,
            pulse,
            seq: 0,
            beats,
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
                            // A reader that missed nothing hears at once that it follows, and not
                            // with the next beat.
                            let beat = Heartbeat { at: now() };
                            events.push(sse::unnumbered("heartbeat", &beat));
                        }
                        return true;
                    }
                }
                Stage::Snapshot(why, at_least) => {
                    let Some(join) = self.hub.join(at_least).await else {
                        self.stage = Stage::Over;
                        continue;
                    };
                    events.extend(why.map(|why| {
                        sse::unnumbered("reset", &serde_json::json!({ "reason": why }))
                    }));
                    events.push(match &self.narrow {
                        None => join.chunk,
                        Some(narrow) => {
                            let part = narrow.snapshot(&join.snapshot);
                            sse::numbered(
                                "snapshot",
                                self.hub.shared.epoch,
                                join.snapshot.seq,
                                &part,
                            )
                        }
                    });
                    self.seq = join.snapshot.seq;
                    self.stage = Stage::Following;
                    return true;
                }
                Stage::Following => {
                    self.collect(events, Reset::FellBehind);
                    if !events.is_empty() {
                        return true;
                    }
                    if self.stage == Stage::Following && self.pulse.changed().await.is_err() {
                        self.stage = Stage::Over;
                    }
                }
            }
        }
    }

    /// Adds what is there; `too_old` is what a position is called that is no longer kept.
    fn collect(&mut self, events: &mut Vec<Bytes>, too_old: Reset) {
        let (over, beat) = {
            let pulse = self.pulse.borrow_and_update();
            let beat = (pulse.beats != self.beats).then(|| pulse.heartbeat.clone());
            self.beats = pulse.beats;
            (pulse.over, beat)
        };
        self.collect_steps(events, too_old);
        if let Some(beat) = beat {
            if self.narrow.is_some() && self.stage == Stage::Following {
                // Steps without anything for this reader move its position on, too.
                events.push(Bytes::from(format!(
                    "id: {}-{}\n\n",
                    self.hub.shared.epoch, self.seq
                )));
            }
            events.push(beat);
        }
        if over {
            events.push(Bytes::from(format!(
                "retry: {}\nevent: bye\ndata: {{}}\n\n",
                rand::random_range(500..2500)
            )));
            self.stage = Stage::Over;
        }
    }

    fn collect_steps(&mut self, events: &mut Vec<Bytes>, too_old: Reset) {
        let journal = self
            .hub
            .shared
            .journal
            .read()
            .unwrap_or_else(PoisonError::into_inner);
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
            if step.parts_from(self.narrow.as_ref()) {
                self.stage = Stage::Snapshot(Some(Reset::AnotherRun), step.seq());
                return;
            }
            self.seq = step.seq();
            events.extend(step.chunk(self.narrow.as_ref()));
            if events.len() >= EVENTS_AT_ONCE {
                return;
            }
        }
    }
}
