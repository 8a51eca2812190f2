//! A reader of the console's stream, as a browser would be one.

use super::PATIENCE;
use contract::frame::Frame;
use model::{Snapshot, State};

/// The stream, and the state that follows from it.
pub struct Stream {
    answer: reqwest::Response,
    unread: String,
    pub state: State,
    pub seq: u64,
    /// Ids as they came.
    pub ids: Vec<String>,
}

/// One event of the stream.
#[derive(Debug)]
pub struct Update {
    pub id: Option<String>,
    pub event: String,
    pub data: String,
}

impl Stream {
    pub async fn open(url: &str) -> Stream {
        let answer = super::client().get(url).send().await.expect("the stream opens");
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Stream { answer, unread: String::new(), state: State::default(), seq: 0, ids: Vec::new() }
    }

    /// The next event; `None` when the stream ended.
    pub async fn next(&mut self) -> Option<Update> {
        loop {
            if let Some(end) = self.unread.find("\n\n") {
                let text = self.unread[..end].to_owned();
                self.unread.drain(..end + 2);
                let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                let Some(event) = field("event") else { continue };
                let id = field("id").map(str::to_owned);
                return Some(Update {
                    id,
                    event: event.to_owned(),
                    data: field("data").unwrap_or_default().to_owned(),
                });
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("the stream is silent");
            self.unread.push_str(std::str::from_utf8(&chunk.ok()??).expect("whole characters"));
        }
    }

    /// Applies the next event as a browser does; `false` when the stream ended.
    pub async fn follow(&mut self) -> bool {
        let Some(update) = self.next().await else { return false };
        self.ids.extend(update.id);
        match update.event.as_str() {
            "snapshot" => {
                let snapshot: Snapshot = serde_json::from_str(&update.data).expect("a snapshot");
                (self.state, self.seq) = (snapshot.state, snapshot.seq);
            }
            "frame" => {
                let frame: Frame = serde_json::from_str(&update.data).expect("a frame");
                assert_eq!(frame.seq, self.seq + 1, "a frame is missing or came twice");
                self.seq = frame.seq;
                self.state.apply(&frame);
            }
            _ => {}
        }
        true
    }

    /// Follows until the state is as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&State) -> bool) {
        let began = std::time::Instant::now();
        while !wanted(&self.state) {
            assert!(began.elapsed() < PATIENCE, "waited in vain: {what}; the state is {:#?}", self.state.run);
            assert!(self.follow().await, "the stream ended before: {what}");
        }
    }
}
