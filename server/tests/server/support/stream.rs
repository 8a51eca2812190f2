//! A reader of the console's stream, as a browser would be one.

use super::PATIENCE;
use contract::frame::Frame;
use model::{Snapshot, State};

/// The stream, and the state that follows from it.
pub(crate) struct Stream {
    answer: reqwest::Response,
    unread: Vec<u8>,
    pub state: State,
    pub seq: u64,
    /// Ids as they came.
    pub ids: Vec<String>,
    /// Why the state came again, as often as it did.
    pub resets: Vec<String>,
    /// How many snapshots came.
    pub snapshots: usize,
    /// Whether it follows a part only, in which steps may be missing.
    narrowed: bool,
}

/// One event of the stream.
#[derive(Debug)]
pub(crate) struct Update {
    pub id: Option<String>,
    pub retry: Option<String>,
    pub event: String,
    pub data: String,
}

impl Stream {
    pub(crate) async fn open(url: &str) -> Stream {
        Stream::with(&super::client(), url, None).await
    }

    /// Opens it as `client` does, after `last_event_id`.
    pub(crate) async fn with(
        client: &reqwest::Client,
        url: &str,
        last_event_id: Option<&str>,
    ) -> Stream {
        let mut request = client.get(url);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let answer = request.send().await.expect("the stream opens");
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-cache, no-transform");
        let narrowed = url.contains("topics=") || url.contains("run_id=");
        let (state, unread) = (State::default(), Vec::new());
        Stream {
            answer,
            unread,
            state,
            seq: 0,
            ids: Vec::new(),
            resets: Vec::new(),
            snapshots: 0,
            narrowed,
        }
    }

    /// Comes back as a browser does: with the state that it has, after the last id that it has.
    pub(crate) async fn again(self, url: &str) -> Stream {
        let mut stream =
            Stream::with(&super::client(), url, self.ids.last().map(String::as_str)).await;
        (stream.state, stream.seq, stream.ids) = (self.state, self.seq, self.ids);
        stream
    }

    /// The HTTP version that it came over.
    pub(crate) fn version(&self) -> reqwest::Version {
        self.answer.version()
    }

    /// The next event; `None` when the stream ended.
    pub(crate) async fn next(&mut self) -> Option<Update> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
                let text =
                    String::from_utf8(self.unread[..end].to_vec()).expect("whole characters");
                self.unread.drain(..end + 2);
                let field = |name: &str| {
                    text.lines()
                        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                };
                let id = field("id").map(str::to_owned);
                let Some(event) = field("event") else {
                    // A position that moved on without an event.
                    self.ids.extend(id);
                    continue;
                };
                return Some(Update {
                    id,
                    retry: field("retry").map(str::to_owned),
                    event: event.to_owned(),
                    data: field("data").unwrap_or_default().to_owned(),
                });
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk())
                .await
                .expect("the stream is silent");
            self.unread.extend_from_slice(&chunk.ok()??);
        }
    }

    /// Applies the next event as a browser does; `false` when the stream ended.
    pub(crate) async fn follow(&mut self) -> bool {
        let Some(update) = self.next().await else {
            return false;
        };
        self.ids.extend(update.id);
        match update.event.as_str() {
            "snapshot" => {
                let snapshot: Snapshot = serde_json::from_str(&update.data).expect("a snapshot");
                self.seq = snapshot.seq;
                self.state = std::sync::Arc::unwrap_or_clone(snapshot.state);
                self.snapshots += 1;
            }
            "frame" => {
                let frame: Frame = serde_json::from_str(&update.data).expect("a frame");
                assert!(frame.seq > self.seq, "a frame came twice");
                assert!(
                    self.narrowed || frame.seq == self.seq + 1,
                    "a frame is missing"
                );
                self.seq = frame.seq;
                self.state.apply(&frame);
            }
            "reset" => {
                let reset: serde_json::Value =
                    serde_json::from_str(&update.data).expect("a reason");
                self.resets
                    .extend(reset["reason"].as_str().map(str::to_owned));
            }
            _ => {}
        }
        true
    }

    /// Follows until the state is as wanted.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&State) -> bool) {
        let began = std::time::Instant::now();
        while !wanted(&self.state) {
            assert!(
                began.elapsed() < PATIENCE,
                "waited in vain: {what}; the state is {:#?}",
                (&self.state.links, &self.state.run)
            );
            assert!(self.follow().await, "the stream ended before: {what}");
        }
    }
}

/// The stream of embeds: events as they come.
pub(crate) struct EmbedStream(Stream);

impl EmbedStream {
    /// Opens it with these headers.
    pub(crate) async fn open(url: &str, headers: &[(&str, &str)]) -> EmbedStream {
        let mut request = super::client().get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("the stream opens");
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let (state, unread) = (State::default(), Vec::new());
        let (ids, resets) = (Vec::new(), Vec::new());
        EmbedStream(Stream {
            answer,
            unread,
            state,
            seq: 0,
            ids,
            resets,
            snapshots: 0,
            narrowed: true,
        })
    }

    /// The next event; `None` when the stream ended.
    pub(crate) async fn next(&mut self) -> Option<Update> {
        self.0.next().await
    }
}
