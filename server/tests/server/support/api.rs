//! A TickStockPL that misbehaves in one way at a time: what the simulator, which keeps the
//! contract, cannot do.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Answers by the beginnings of their paths.
type ByPath = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A server that gives the same answer to everything; it ends with the value.
pub(crate) struct Api {
    pub url: String,
    answer: Arc<Mutex<Option<Vec<u8>>>>,
    /// What paths that begin so are answered with instead.
    by_path: ByPath,
    /// The method of requests that nobody answers.
    unanswered: Arc<Mutex<Option<&'static str>>>,
    asked: Arc<Mutex<Vec<String>>>,
    _stop: DropGuard,
}

impl Api {
    /// Hangs: takes requests and answers nothing.
    pub(crate) async fn hanging() -> Api {
        Api::start(None).await
    }

    /// Answers with this status line's end and this body.
    pub(crate) async fn answering(status: &str, body: &str) -> Api {
        Api::start(Some(answer(status, body))).await
    }

    /// Answers so from now on.
    pub(crate) fn now_answers(&self, status: &str, body: &str) {
        *self.answer.lock().expect("nobody panicked") = Some(answer(status, body));
    }

    /// Answers requests of paths that begin so with this body from now on.
    pub(crate) fn path_answers(&self, path: &str, status: &str, body: &serde_json::Value) {
        let mut by_path = self.by_path.lock().expect("nobody panicked");
        by_path.retain(|(known, _)| known != path);
        by_path.push((path.to_owned(), answer(status, &body.to_string())));
    }

    /// From now on requests of this method are taken and not answered.
    pub(crate) fn hangs_on(&self, method: &'static str) {
        *self.unanswered.lock().expect("nobody panicked") = Some(method);
    }

    /// How many requests of a method came.
    pub(crate) fn requests(&self, method: &str) -> usize {
        self.asked
            .lock()
            .expect("nobody panicked")
            .iter()
            .filter(|request| request.starts_with(method))
            .count()
    }

    /// The latest request, head and body.
    pub(crate) fn last_request(&self) -> String {
        self.asked
            .lock()
            .expect("nobody panicked")
            .last()
            .cloned()
            .unwrap_or_default()
    }

    async fn start(answer: Option<Vec<u8>>) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answer = Arc::new(Mutex::new(answer));
        let stop = CancellationToken::new();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let by_path = ByPath::default();
        let unanswered = Arc::<Mutex<Option<&'static str>>>::default();
        let (shared, heard) = (answer.clone(), asked.clone());
        let (paths, hangs) = (by_path.clone(), unanswered.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (shared, heard) = (shared.clone(), heard.clone());
                let (paths, hangs) = (paths.clone(), hangs.clone());
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let n = socket.read(&mut request).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&request[..n]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                    let unanswered = *hangs.lock().expect("nobody panicked");
                    let hangs = unanswered.is_some_and(|method| head.starts_with(method));
                    heard.lock().expect("nobody panicked").push(head);
                    let own = paths
                        .lock()
                        .expect("nobody panicked")
                        .iter()
                        .find(|(p, _)| path.starts_with(p))
                        .cloned();
                    let own = own.map(|(_, answer)| answer);
                    let answer = own
                        .or_else(|| shared.lock().expect("nobody panicked").clone())
                        .filter(|_| !hangs);
                    match answer {
                        Some(answer) => drop(socket.write_all(&answer).await),
                        None => while let Ok(1..) = socket.read(&mut request).await {},
                    }
                });
            }
        }));
        Api {
            url,
            answer,
            by_path,
            unanswered,
            asked,
            _stop: stop.drop_guard(),
        }
    }
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}
