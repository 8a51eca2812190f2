//! One connection to a console's stream, and the state that follows from it, as `server/STREAM.md`
//! has it.

use contract::frame::Frame;
use model::{Snapshot, State};
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;

/// How long a console may take to begin its answer.
const OPEN: Duration = Duration::from_secs(10);
/// A stream that is silent for this long is dead, whatever the socket says.
const SILENT: Duration = Duration::from_secs(40);

/// An open connection.
pub(crate) struct Connection {
    answer: reqwest::Response,
    unread: Vec<u8>,
}

/// One event of the stream.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct StreamEvent {
    pub id: Option<String>,
    pub name: String,
    pub data: String,
}

/// Why there is no connection, or no longer one.
#[derive(Debug)]
pub(crate) struct Disconnected(pub String);

impl Connection {
    /// Opens the stream after `last_event_id`, or from a snapshot.
    ///
    /// # Errors
    /// When the console does not answer, or with something else than a stream.
    pub(crate) async fn open(
        http: &reqwest::Client,
        url: &str,
        last_event_id: Option<&str>,
    ) -> Result<Connection, Disconnected> {
        let mut request = http.get(format!("{url}/api/events"));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let answer = timeout(OPEN, request.send())
            .await
            .map_err(|_| Disconnected("no answer".to_owned()))?;
        let answer = answer
            .and_then(reqwest::Response::error_for_status)
            .map_err(disconnected)?;
        Ok(Connection {
            answer,
            unread: Vec::new(),
        })
    }

    /// The next event.
    ///
    /// # Errors
    /// When the connection ends or is silent for too long.
    pub(crate) async fn next(&mut self) -> Result<StreamEvent, Disconnected> {
        loop {
            if let Some(event) = take_event(&mut self.unread) {
                return Ok(event);
            }
            let chunk = timeout(SILENT, self.answer.chunk())
                .await
                .map_err(|_| Disconnected("silent".to_owned()))?;
            let chunk = chunk
                .map_err(disconnected)?
                .ok_or_else(|| Disconnected("it ended".to_owned()))?;
            self.unread.extend_from_slice(&chunk);
        }
    }
}

fn disconnected(error: reqwest::Error) -> Disconnected {
    Disconnected(error.to_string())
}

/// Takes the first whole event from `unread`. Comments and the `retry:` field are passed over.
fn take_event(unread: &mut Vec<u8>) -> Option<StreamEvent> {
    let end = unread.windows(2).position(|pair| pair == b"\n\n")?;
    let bytes: Vec<u8> = unread.drain(..end + 2).collect();
    let text = String::from_utf8_lossy(&bytes);
    let mut event = StreamEvent::default();
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("id", id)) => event.id = Some(id.to_owned()),
            Some(("event", name)) => name.clone_into(&mut event.name),
            Some(("data", data)) => data.clone_into(&mut event.data),
            _ => {}
        }
    }
    Some(event)
}

/// A position in one console's stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub epoch: u64,
    pub seq: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.seq)
    }
}

/// The state as a browser has it.
#[derive(Clone, Default)]
pub(crate) struct Followed {
    /// None until the first snapshot.
    pub position: Option<Position>,
    pub state: State,
    /// Whether the console announced a snapshot: then the steps up to it need not be without a gap.
    reset: bool,
}

impl Followed {
    /// Applies an event as a browser does.
    ///
    /// # Errors
    /// A sentence that says how the stream broke its protocol.
    pub(crate) fn apply(&mut self, event: &StreamEvent) -> Result<(), String> {
        match event.name.as_str() {
            "snapshot" => {
                let snapshot: Snapshot = serde_json::from_str(&event.data)
                    .map_err(|error| format!("a snapshot cannot be read: {error}"))?;
                if self.position.is_some() && !std::mem::take(&mut self.reset) {
                    return Err(format!(
                        "a snapshot came after {:?} without a reset",
                        event.id
                    ));
                }
                self.position = Some(Position {
                    epoch: snapshot.epoch,
                    seq: snapshot.seq,
                });
                self.state = std::sync::Arc::unwrap_or_clone(snapshot.state);
            }
            "frame" => {
                let frame: Frame = serde_json::from_str(&event.data)
                    .map_err(|error| format!("a frame cannot be read: {error}"))?;
                let before = self
                    .position
                    .ok_or("a frame came before the first snapshot")?;
                let after = Position {
                    epoch: before.epoch,
                    seq: frame.seq,
                };
                if frame.seq != before.seq + 1 || event.id.as_deref() != Some(&after.to_string()) {
                    return Err(format!(
                        "frame {} with id {:?} came after {before}",
                        frame.seq, event.id
                    ));
                }
                self.state.apply(&frame);
                self.position = Some(after);
            }
            "reset" => self.reset = true,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, id: &str, data: &str) -> StreamEvent {
        StreamEvent {
            id: Some(id.to_owned()),
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    fn after_snapshot() -> Followed {
        let snapshot = Snapshot {
            protocol: contract::frame::PROTOCOL,
            epoch: 5,
            seq: 7,
            at: contract::Timestamp(1),
            state: std::sync::Arc::default(),
        };
        let mut followed = Followed::default();
        followed
            .apply(&event(
                "snapshot",
                "5-7",
                &serde_json::to_string(&snapshot).unwrap(),
            ))
            .unwrap();
        followed
    }

    #[test]
    fn events_are_cut_out_of_the_bytes_as_they_come() {
        let mut unread =
            b"retry: 900\n\nid: 5-8\nevent: frame\ndata: {\"seq\":8}\n\nevent: heart".to_vec();
        assert_eq!(take_event(&mut unread), Some(StreamEvent::default()));
        assert_eq!(
            take_event(&mut unread),
            Some(event("frame", "5-8", "{\"seq\":8}"))
        );
        assert_eq!(
            (take_event(&mut unread), unread.as_slice()),
            (None, b"event: heart".as_slice())
        );
    }

    #[test]
    fn a_gap_or_a_repeated_frame_breaks_the_protocol() {
        let frame = |seq: u64| {
            event(
                "frame",
                &format!("5-{seq}"),
                &format!(r#"{{"seq":{seq},"at":2,"inputs":[]}}"#),
            )
        };
        let mut followed = after_snapshot();
        followed.apply(&frame(8)).unwrap();
        assert!(followed.apply(&frame(8)).is_err(), "twice");
        assert!(followed.apply(&frame(10)).is_err(), "one is missing");
        assert!(
            after_snapshot()
                .apply(&event("frame", "6-8", r#"{"seq":8,"at":2,"inputs":[]}"#))
                .is_err()
        );
    }

    #[test]
    fn a_second_snapshot_needs_a_reset() {
        let snapshot = serde_json::to_string(&Snapshot {
            protocol: contract::frame::PROTOCOL,
            epoch: 6,
            seq: 1,
            at: contract::Timestamp(1),
            state: std::sync::Arc::default(),
        })
        .unwrap();
        assert!(
            after_snapshot()
                .apply(&event("snapshot", "6-1", &snapshot))
                .is_err()
        );
        let mut followed = after_snapshot();
        followed
            .apply(&event("reset", "", r#"{"reason":"another_relay"}"#))
            .unwrap();
        followed
            .apply(&event("snapshot", "6-1", &snapshot))
            .unwrap();
        assert_eq!(followed.position, Some(Position { epoch: 6, seq: 1 }));
    }
}
