//! A client of a console's stream that comes back after every cut, with the state that it has.

use crate::stream::{Connection, Disconnected, Followed};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A client; its task ends with the value.
pub(crate) struct Client {
    pub name: String,
    shared: Arc<Mutex<Shared>>,
    cuts: watch::Sender<()>,
    task: JoinHandle<Infallible>,
}

/// What a client has seen.
#[derive(Default)]
pub(crate) struct Shared {
    pub followed: Followed,
    /// How often it came back.
    pub resumed: u64,
    /// How the stream broke its protocol, the first time.
    pub violation: Option<String>,
    /// Why it is not connected, while it is not.
    pub disconnected: Option<String>,
}

impl Client {
    pub(crate) fn start(name: String, http: reqwest::Client, url: String) -> Client {
        let shared = Arc::<Mutex<Shared>>::default();
        let (cuts, cut) = watch::channel(());
        let task = tokio::spawn(follow(http, url, shared.clone(), cut));
        Client {
            name,
            shared,
            cuts,
            task,
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }

    /// Closes the connection that is open now; the client comes back by itself.
    pub(crate) fn cut(&self) {
        self.cuts.send_replace(());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn follow(
    http: reqwest::Client,
    url: String,
    shared: Arc<Mutex<Shared>>,
    mut cut: watch::Receiver<()>,
) -> Infallible {
    loop {
        cut.mark_unchanged();
        let Disconnected(why) = tokio::select! {
            end = connection(&http, &url, &shared) => end,
            _ = cut.changed() => Disconnected("the client closed it".to_owned()),
        };
        {
            let mut seen = lock(&shared);
            seen.disconnected = Some(why);
            seen.resumed += 1;
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..400))).await;
    }
}

/// Follows one connection until it ends.
async fn connection(http: &reqwest::Client, url: &str, shared: &Mutex<Shared>) -> Disconnected {
    let last = lock(shared)
        .followed
        .position
        .map(|position| position.to_string());
    let mut connection = match Connection::open(http, url, last.as_deref()).await {
        Ok(connection) => connection,
        Err(disconnected) => return disconnected,
    };
    lock(shared).disconnected = None;
    loop {
        let event = match connection.next().await {
            Ok(event) => event,
            Err(disconnected) => return disconnected,
        };
        let mut seen = lock(shared);
        if let Err(violation) = seen.followed.apply(&event) {
            seen.violation.get_or_insert(violation);
        }
        if event.name == "bye" {
            return Disconnected("the console said goodbye".to_owned());
        }
    }
}
