//! Idempotency keys: a repeated request with the same key within a day gets the first response and
//! sends nothing.
//!
//! A key is claimed durably before its command is sent ([`Persistence::claim`]), so that neither a
//! console that was killed and started again nor another one on the same database sends it a second
//! time. Whoever finds the key claimed waits for the answer, as long as TickStockPL may take; a
//! claim that stays without one is *unconfirmed*.
//!
//! While the database is unavailable the claim stands in the file beside it: a command must be
//! possible then, too. Another console does not see that file, so only then can two consoles that
//! are sent the same key both carry it out.

use crate::clock::now;
use crate::persistence::Persistence;
use app::ports::{CommandError, ErrorCode};
use contract::Timestamp;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::{ClaimOutcome, HeldKey, KeyClaim, KeyRelease, Record, StoredAnswer};
use tokio::time::{Instant, sleep, timeout_at};

/// Time for which a key's response is repeated.
const RETENTION: Duration = Duration::from_secs(24 * 3600);
/// Maximum number of keys in memory; the oldest are dropped first.
const MAX_KEYS: usize = 10_000;
/// Maximum length of a key in bytes.
const KEY_BYTES: usize = 255;
/// Time that a command may take beyond TickStockPL's time-out: queueing and audit entries.
const OVERHEAD: Duration = Duration::from_secs(2);
/// Interval between checks for another attempt's response.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// Maximum difference between the clocks of two consoles.
const CLOCK_SKEW_MS: i64 = 120_000;

type Answer = Result<serde_json::Value, CommandError>;

/// The answers of the last day, by their keys: in memory, and in the database for other consoles
/// and after a restart.
#[derive(Clone)]
pub(crate) struct IdempotencyKeys {
    entries: Arc<Mutex<HashMap<String, Entry>>>,
    persistence: Option<Persistence>,
    /// How long an attempt may take from claiming its key to its answer.
    attempt: Duration,
}

struct Entry {
    /// What the key was used for.
    request: String,
    since: Instant,
    answer: Shared<BoxFuture<'static, Answer>>,
    /// The attempt of another console that it waited for in vain: it may be answered later, so the
    /// next request looks again.
    unanswered: Option<HeldKey>,
}

/// An answer as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Ok(serde_json::Value),
    Err(CommandError),
}

/// One request under a key.
struct Attempt {
    key: String,
    request: String,
    since: Instant,
    /// The attempt of another console that is known to have claimed the key.
    earlier: Option<HeldKey>,
}

impl IdempotencyKeys {
    /// Keys that are stored in the database, too. `timeout` is that of a TickStockPL request.
    pub(crate) fn new(persistence: Persistence, timeout: Duration) -> IdempotencyKeys {
        IdempotencyKeys {
            entries: Arc::default(),
            persistence: Some(persistence),
            attempt: timeout + OVERHEAD,
        }
    }

    /// The answer that `key` had already, or the one that `act` gets. `request` tells one request
    /// from another. `act` continues when nobody waits for it any more: a command is never half
    /// sent.
    ///
    /// # Errors
    /// What `act` ends with; or that the key was used for another request, or is no key.
    pub(crate) async fn once(
        &self,
        key: String,
        request: String,
        act: impl Future<Output = Answer> + Send + 'static,
    ) -> Answer {
        if key.is_empty()
            || key.len() > KEY_BYTES
            || !key.bytes().all(|byte| byte.is_ascii_graphic())
        {
            let message = format!(
                "Idempotency-Key must be 1 to {KEY_BYTES} ASCII characters without spaces."
            );
            return Err(CommandError::invalid("Idempotency-Key", &message));
        }
        let answer = {
            let mut entries = self.entries();
            entries.retain(|_, entry| entry.since.elapsed() < RETENTION);
            let known = entries.get_mut(&key);
            if known.as_ref().is_some_and(|entry| entry.request != request) {
                return Err(key_reused());
            }
            match known.map(|entry| (entry.answer.clone(), entry.unanswered.take())) {
                Some((answer, None)) => answer,
                earlier => {
                    make_room(&mut entries);
                    let (since, earlier) = (
                        Instant::now(),
                        earlier.and_then(|(_, unanswered)| unanswered),
                    );
                    let attempt = Attempt {
                        key: key.clone(),
                        request: request.clone(),
                        since,
                        earlier,
                    };
                    let answer = self.clone().first(attempt, act).boxed().shared();
                    tokio::spawn(answer.clone().map(drop));
                    entries.insert(
                        key,
                        Entry {
                            request,
                            since,
                            answer: answer.clone(),
                            unanswered: None,
                        },
                    );
                    answer
                }
            }
        };
        answer.await
    }

    /// The answer that an earlier attempt got, or the one that `act` gets, which is then stored.
    async fn first(self, attempt: Attempt, act: impl Future<Output = Answer>) -> Answer {
        let body_hash = store::text::hash(&[&attempt.request], 16);
        let claim = KeyClaim {
            key: attempt.key.clone(),
            body_hash,
            claimed_by: store::new_key(),
            at: now(),
        };
        if let Some(persistence) = &self.persistence
            && let Some(held) = self
                .earlier_attempt(persistence, &claim, attempt.earlier.clone())
                .await
        {
            let answer = answer_of(&held, &claim);
            if held.answer.is_none() {
                self.change(&attempt, |entries| {
                    if let Some(entry) = entries.get_mut(&attempt.key) {
                        entry.unanswered = Some(held);
                    }
                });
            }
            return answer;
        }
        let answer = act.await;
        let not_carried_out = not_carried_out(&answer);
        if let Some(persistence) = &self.persistence {
            let record = if not_carried_out {
                Record::Release(KeyRelease {
                    key: claim.key,
                    claimed_by: claim.claimed_by,
                })
            } else {
                let written = answer.clone().map_or_else(Written::Err, Written::Ok);
                let answer = serde_json::to_string(&written).unwrap_or_default();
                Record::Answer(StoredAnswer {
                    key: claim.key,
                    body_hash: claim.body_hash,
                    answer,
                    at: now(),
                })
            };
            if let Err(error) = persistence.writer().record(record).await {
                tracing::warn!(%error, "failed to write answer of idempotency key");
            }
        }
        if not_carried_out {
            self.change(&attempt, |entries| drop(entries.remove(&attempt.key)));
        }
        answer
    }

    /// Claims the key, or gives the attempt that claimed it before: with its answer, where that
    /// came in time.
    async fn earlier_attempt(
        &self,
        persistence: &Persistence,
        claim: &KeyClaim,
        mut known: Option<HeldKey>,
    ) -> Option<HeldKey> {
        let deadline = Instant::now() + self.attempt;
        loop {
            match persistence.claim(claim).await {
                Ok(ClaimOutcome::Claimed) => return None,
                Ok(ClaimOutcome::Held(held)) => known = Some(held),
                Err(error) if known.is_none() => {
                    persistence.claim_in_file(claim, &error).await;
                    return None;
                }
                // Nobody can tell what became of that attempt: the key is not free for that.
                Err(_) => return known,
            }
            // Until it is answered, or free again because it did nothing.
            while let Some(held) = &known {
                let is_over = held.answer.is_some()
                    || held.body_hash != claim.body_hash
                    || self.is_long_ago(held);
                if is_over || Instant::now() >= deadline {
                    return known;
                }
                sleep(CHECK_INTERVAL).await;
                // Where nobody can tell, the key is not free for that.
                if let Ok(Ok(again)) = timeout_at(deadline, persistence.held_key(&claim.key)).await
                {
                    known = again;
                }
            }
        }
    }

    /// True where that attempt must have ended, whatever the other console's clock says.
    fn is_long_ago(&self, held: &HeldKey) -> bool {
        now().since(held.at) > self.attempt.as_millis() as i64 + CLOCK_SKEW_MS
    }

    /// Changes the entry of this attempt, where it has not been replaced by a later one's.
    fn change(&self, attempt: &Attempt, change: impl FnOnce(&mut HashMap<String, Entry>)) {
        let mut entries = self.entries();
        if entries
            .get(&attempt.key)
            .is_some_and(|entry| entry.since == attempt.since)
        {
            change(&mut entries);
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock()
    }
}

/// What one who makes `claim` is told of the attempt that made it before.
fn answer_of(held: &HeldKey, claim: &KeyClaim) -> Answer {
    if held.body_hash != claim.body_hash {
        return Err(key_reused());
    }
    // An answer that cannot be read is one of another version of the console.
    match held.answer.as_deref().map(serde_json::from_str) {
        Some(Ok(Written::Ok(value))) => Ok(value),
        Some(Ok(Written::Err(error))) => Err(error),
        Some(Err(_)) | None => Err(unconfirmed(held.at)),
    }
}

/// True where the command was certainly not carried out: its key may be used again.
fn not_carried_out(answer: &Answer) -> bool {
    let nothing = |code| {
        matches!(
            code,
            ErrorCode::Unavailable | ErrorCode::Busy | ErrorCode::Invalid
        )
    };
    answer.as_ref().is_err_and(|error| nothing(error.code))
}

pub(crate) fn key_reused() -> CommandError {
    let message =
        "This Idempotency-Key was used for a different request. Use a new key for each request.";
    CommandError::new(ErrorCode::KeyReused, message)
}

/// What is known of a command that was claimed at this time and has no answer.
fn unconfirmed(at: Timestamp) -> CommandError {
    let message = format!(
        "Outcome unknown: a request with this Idempotency-Key was sent at {at}, and its response is not known. The command may have \
         been carried out. Check the run's status; to send the command again, use a new key."
    );
    CommandError::new(ErrorCode::Unconfirmed, message)
}

fn make_room(entries: &mut HashMap<String, Entry>) {
    while entries.len() >= MAX_KEYS {
        let Some(oldest) = entries
            .iter()
            .min_by_key(|(_, entry)| entry.since)
            .map(|(key, _)| key.clone())
        else {
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

    fn in_memory() -> IdempotencyKeys {
        IdempotencyKeys {
            entries: Arc::default(),
            persistence: None,
            attempt: OVERHEAD,
        }
    }

    async fn send(
        keys: &IdempotencyKeys,
        key: &str,
        request: &str,
        sent: &Arc<AtomicU32>,
        answer: Answer,
    ) -> Answer {
        let sent = sent.clone();
        let act = async move {
            sent.fetch_add(1, Ordering::SeqCst);
            answer
        };
        keys.once(key.to_owned(), request.to_owned(), act).await
    }

    #[tokio::test]
    async fn repeated_key_gets_the_first_answer_and_another_body_is_refused() {
        let (keys, sent) = (in_memory(), Arc::new(AtomicU32::new(0)));
        assert_eq!(
            send(&keys, "k", "a", &sent, Ok(json!(1))).await.unwrap(),
            json!(1)
        );
        assert_eq!(
            send(&keys, "k", "a", &sent, Ok(json!(2))).await.unwrap(),
            json!(1)
        );
        assert_eq!(
            send(&keys, "k", "b", &sent, Ok(json!(3)))
                .await
                .unwrap_err()
                .code,
            ErrorCode::KeyReused
        );
        assert_eq!(
            send(&keys, "k k", "a", &sent, Ok(json!(3)))
                .await
                .unwrap_err()
                .code,
            ErrorCode::Invalid
        );
        assert_eq!(sent.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn only_a_command_that_was_not_carried_out_is_sent_again() {
        let (keys, sent) = (in_memory(), Arc::new(AtomicU32::new(0)));
        let error = |code| Err(CommandError::new(code, "no"));
        assert!(
            send(&keys, "k", "a", &sent, error(ErrorCode::Unavailable))
                .await
                .is_err()
        );
        assert!(send(&keys, "k", "a", &sent, Ok(json!(1))).await.is_ok());
        assert!(
            send(&keys, "u", "a", &sent, error(ErrorCode::Unconfirmed))
                .await
                .is_err()
        );
        let again = send(&keys, "u", "a", &sent, Ok(json!(1))).await;
        assert_eq!(again.unwrap_err().code, ErrorCode::Unconfirmed);
        assert_eq!(sent.load(Ordering::SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn answer_is_repeated_for_a_day() {
        let (keys, sent) = (in_memory(), Arc::new(AtomicU32::new(0)));
        send(&keys, "k", "a", &sent, Ok(json!(1))).await.unwrap();
        tokio::time::advance(RETENTION).await;
        assert_eq!(
            send(&keys, "k", "a", &sent, Ok(json!(2))).await.unwrap(),
            json!(2)
        );
    }
}
