//! Commands that are sent twice: the same key within a day gives the first answer again, and does nothing.

use crate::clock::now;
use crate::keep::Keep;
use app::ports::{CommandError, ErrorCode};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{KeptAnswer, Record};
use tokio::time::Instant;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Answers that are kept in memory; the oldest go first.
const KEYS: usize = 10_000;
/// The longest key, in bytes.
const KEY_BYTES: usize = 255;
/// How long the database may take to say whether it knows a key.
const LOOK_UP: Duration = Duration::from_secs(1);

type Answer = Result<serde_json::Value, CommandError>;

/// The answers of the last day, by their keys: in memory, and in the local copy for the time after a restart.
#[derive(Clone)]
pub struct Keys {
    entries: Arc<Mutex<HashMap<String, Entry>>>,
    keep: Option<Keep>,
}

struct Entry {
    /// What the key was used for.
    request: String,
    since: Instant,
    answer: Shared<BoxFuture<'static, Answer>>,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Ok(serde_json::Value),
    Err(CommandError),
}

impl Keys {
    /// Keys whose answers are in the local copy, too.
    pub fn new(keep: Keep) -> Keys {
        Keys { entries: Arc::default(), keep: Some(keep) }
    }

    /// The answer that `key` had already, or the one that `act` gets. `request` tells one request from another. `act` goes on when
    /// nobody waits for it any more: a command is never half sent.
    ///
    /// # Errors
    /// What `act` ends with; or that the key was used for another request, or is no key.
    pub async fn once(
        &self,
        key: String,
        request: String,
        act: impl Future<Output = Answer> + Send + 'static,
    ) -> Answer {
        if key.is_empty() || key.len() > KEY_BYTES || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!("Idempotency-Key must be 1 to {KEY_BYTES} ASCII characters without spaces");
            return Err(CommandError::invalid("Idempotency-Key", &message));
        }
        let answer = {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.retain(|_, entry| entry.since.elapsed() < KEPT);
            match entries.get(&key) {
                Some(entry) if entry.request != request => return Err(reused()),
                Some(entry) => entry.answer.clone(),
                None => {
                    make_room(&mut entries);
                    let answer = first(self.keep.clone(), key.clone(), request.clone(), act).boxed().shared();
                    tokio::spawn(answer.clone().map(drop));
                    entries.insert(key.clone(), Entry { request, since: Instant::now(), answer: answer.clone() });
                    answer
                }
            }
        };
        let answer = answer.await;
        if did_nothing(&answer) {
            self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
        answer
    }
}

/// The answer that the local copy has from before, or the one that `act` gets, which is then kept there.
async fn first(keep: Option<Keep>, key: String, request: String, act: impl Future<Output = Answer>) -> Answer {
    let hash = store::text::hash(&[&request], 16);
    if let Some(Ok(store)) = keep.as_ref().map(Keep::store)
        && let Ok(Ok(Some(before))) = tokio::time::timeout(LOOK_UP, store.answer(&key)).await
    {
        if before.body_hash != hash {
            return Err(reused());
        }
        match serde_json::from_str(&before.answer) {
            Ok(Written::Ok(value)) => return Ok(value),
            Ok(Written::Err(error)) => return Err(error),
            // Of another version: what it said is not known any more.
            Err(_) => {}
        }
    }
    let answer = act.await;
    if let Some(keep) = keep.filter(|_| !did_nothing(&answer)) {
        let written = answer.clone().map_or_else(Written::Err, Written::Ok);
        let answer = serde_json::to_string(&written).unwrap_or_default();
        let record = Record::Answer(KeptAnswer { key, body_hash: hash, answer, at: now() });
        if let Err(error) = keep.writer().record(record).await {
            tracing::warn!(%error, "an answer is not kept: after a restart its key starts something new");
        }
    }
    answer
}

/// Whether it is certain that nothing was done: then it may be tried again under the same key.
fn did_nothing(answer: &Answer) -> bool {
    let nothing = |code| matches!(code, ErrorCode::Unavailable | ErrorCode::Busy | ErrorCode::Invalid);
    answer.as_ref().is_err_and(|error| nothing(error.code))
}

fn reused() -> CommandError {
    let message = "This Idempotency-Key was used for another request; use a new one for a new request";
    CommandError::new(ErrorCode::KeyReused, message)
}

fn make_room(entries: &mut HashMap<String, Entry>) {
    while entries.len() >= KEYS {
        let Some(oldest) = entries.iter().min_by_key(|(_, entry)| entry.since).map(|(key, _)| key.clone()) else {
            return;
        };
        entries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn in_memory() -> Keys {
        Keys { entries: Arc::default(), keep: None }
    }

    async fn send(keys: &Keys, key: &str, request: &str, sent: &Arc<AtomicU32>, answer: Answer) -> Answer {
        let sent = sent.clone();
        let act = async move {
            sent.fetch_add(1, Ordering::SeqCst);
            answer
        };
        keys.once(key.to_owned(), request.to_owned(), act).await
    }

    #[tokio::test]
    async fn the_same_key_gives_the_first_answer_and_sends_once_and_another_body_is_refused() {
        let (keys, sent) = (in_memory(), Arc::new(AtomicU32::new(0)));
        assert_eq!(send(&keys, "k", "a", &sent, Ok(json!(1))).await.unwrap(), json!(1));
        assert_eq!(send(&keys, "k", "a", &sent, Ok(json!(2))).await.unwrap(), json!(1));
        assert_eq!(send(&keys, "k", "b", &sent, Ok(json!(3))).await.unwrap_err().code, ErrorCode::KeyReused);
        assert_eq!(send(&keys, "k k", "a", &sent, Ok(json!(3))).await.unwrap_err().code, ErrorCode::Invalid);
        assert_eq!(sent.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_certainly_did_nothing_may_be_sent_again_and_what_may_have_done_something_may_not() {
        let (keys, sent) = (in_memory(), Arc::new(AtomicU32::new(0)));
        let error = |code| Err(CommandError::new(code, "no"));
        assert!(send(&keys, "k", "a", &sent, error(ErrorCode::Unavailable)).await.is_err());
        assert!(send(&keys, "k", "a", &sent, Ok(json!(1))).await.is_ok());
        assert!(send(&keys, "u", "a", &sent, error(ErrorCode::Unconfirmed)).await.is_err());
        let again = send(&keys, "u", "a", &sent, Ok(json!(1))).await;
        assert_eq!(again.unwrap_err().code, ErrorCode::Unconfirmed);
        assert_eq!(sent.load(Ordering::SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_for_a_day() {
        let (keys, sent) = (in_memory(), Arc::new(AtomicU32::new(0)));
        send(&keys, "k", "a", &sent, Ok(json!(1))).await.unwrap();
        tokio::time::advance(KEPT).await;
        assert_eq!(send(&keys, "k", "a", &sent, Ok(json!(2))).await.unwrap(), json!(2));
    }
}
