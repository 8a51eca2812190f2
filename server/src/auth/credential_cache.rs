//! What the database said of sessions and tokens, for as long as it is believed.

use super::{ASKING, AWAY, Authenticator, Credential, Entered, FRESH};
use crate::clock::now;
use access::{AuthMode, Identity, Role};
use contract::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use store::StoreError;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Sessions and tokens that are remembered.
const REMEMBERED: usize = 10_000;
/// How often it is noted that a session or a token is used.
const NOTED: Duration = Duration::from_secs(60);

/// What is remembered.
#[derive(Default)]
pub(super) struct Known {
    entries: HashMap<Credential, Entry>,
    /// Raised when something is forgotten: an answer that was asked for before says nothing any
    /// more.
    forgotten: u64,
    /// Until when the database is not asked again of what is known, since it did not answer.
    away_until: Option<Instant>,
}

struct Entry {
    identity: Identity,
    began: Timestamp,
    used: Timestamp,
    /// A token's.
    expires: Option<Timestamp>,
    /// When the database last said so.
    checked: Instant,
    /// When it was last told that this is used.
    noted: Option<Instant>,
    live: Weak<Live>,
}

/// Held by what stays open after it was let in: says when it must end.
#[derive(Debug, Default)]
pub struct Live(CancellationToken);

impl Live {
    /// Waits until what it came in by is no longer good.
    pub async fn ended(&self) {
        self.0.cancelled().await;
    }
}

/// What became of looking.
pub(super) enum Looked {
    Good(Entered),
    Bad,
    Away,
}

impl Authenticator {
    /// Whether this session or token is good, and whose.
    pub(super) async fn look(&self, credential: &Credential) -> Looked {
        if let Some(entered) = self.remembered(credential, FRESH, true) {
            return Looked::Good(entered);
        }
        let away = self
            .known()
            .away_until
            .is_some_and(|until| until > Instant::now());
        if away && let Some(entered) = self.remembered(credential, AWAY, true) {
            return Looked::Good(entered);
        }
        self.ask(credential, true).await
    }

    /// Asks the database. `used` is whether somebody uses it just now.
    async fn ask(&self, credential: &Credential, used: bool) -> Looked {
        // Once more where something was revoked meanwhile.
        for _ in 0..2 {
            let asked = self.known().forgotten;
            let found = match timeout(ASKING, self.read(credential)).await {
                Ok(Ok(found)) => found,
                Ok(Err(_)) | Err(_) => {
                    // Those who follow do not wait for it, too.
                    self.known().away_until = Some(Instant::now() + FRESH);
                    let entered = self.remembered(credential, AWAY, used);
                    return entered.map_or(Looked::Away, Looked::Good);
                }
            };
            let Some(mut entry) = found.filter(|entry| !self.is_over(credential, entry)) else {
                self.forget(|known, _| known == credential);
                return Looked::Bad;
            };
            let mut known = self.known();
            if known.forgotten != asked {
                continue;
            }
            if let Some(before) = known.entries.get(credential) {
                (entry.noted, entry.live) = (before.noted, before.live.clone());
                entry.used = entry.used.max(before.used);
            } else {
                make_room(&mut known.entries);
            }
            known.entries.insert(credential.clone(), entry);
            drop(known);
            return self
                .remembered(credential, FRESH, used)
                .map_or(Looked::Bad, Looked::Good);
        }
        Looked::Bad
    }

    async fn read(&self, credential: &Credential) -> Result<Option<Entry>, StoreError> {
        let store = self.0.persistence.store()?;
        let entry = |name: String, role: &str, auth_mode, began, used, expires| {
            let role: Role = role.parse().ok()?;
            let identity = Identity {
                name,
                role,
                auth_mode,
            };
            Some(Entry {
                identity,
                began,
                used,
                expires,
                checked: Instant::now(),
                noted: None,
                live: Weak::new(),
            })
        };
        Ok(match credential {
            Credential::Session(hash) => store.session(hash).await?.and_then(|session| {
                entry(
                    session.name,
                    &session.role,
                    AuthMode::User,
                    session.created_at,
                    session.used_at,
                    None,
                )
            }),
            Credential::Token(hash) => store
                .token(hash)
                .await?
                .filter(|token| token.revoked_at.is_none())
                .and_then(|token| {
                    entry(
                        token.name,
                        &token.role,
                        AuthMode::Token,
                        token.created_at,
                        now(),
                        token.expires_at,
                    )
                }),
        })
    }

    fn is_over(&self, credential: &Credential, entry: &Entry) -> bool {
        let now = now();
        match credential {
            Credential::Session(_) => {
                self.0
                    .config
                    .lifetimes
                    .expired(entry.began.0, entry.used.0, now.0)
            }
            Credential::Token(_) => entry.expires.is_some_and(|expires| expires <= now),
        }
    }

    /// What is remembered and was said so lately; notes that it is used.
    fn remembered(
        &self,
        credential: &Credential,
        for_as_long: Duration,
        used: bool,
    ) -> Option<Entered> {
        let mut known = self.known();
        let entry = known.entries.get_mut(credential)?;
        if entry.checked.elapsed() >= for_as_long || self.is_over(credential, entry) {
            return None;
        }
        if used {
            entry.used = entry.used.max(now());
            let often = NOTED.min(self.0.config.lifetimes.idle / 4);
            if entry.noted.is_none_or(|noted| noted.elapsed() >= often) {
                entry.noted = Some(Instant::now());
                tokio::spawn(self.clone().note(credential.clone(), entry.used));
            }
        }
        Some(Entered {
            identity: entry.identity.clone(),
            credential: Some(credential.clone()),
        })
    }

    async fn note(self, credential: Credential, at: Timestamp) {
        let Ok(store) = self.0.persistence.store() else {
            return;
        };
        let noted = match &credential {
            Credential::Session(hash) => store.use_session(hash, at).await,
            Credential::Token(hash) => match store.token(hash).await {
                Ok(Some(token)) => store.use_token(&token.id, at).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            },
        };
        if let Err(error) = noted {
            tracing::debug!(
                error = error.line(),
                "that a session or a token is used could not be noted"
            );
        }
    }

    /// What tells a stream when to end: nothing where what it came in by cannot be revoked.
    pub fn live(&self, entered: &Entered) -> Option<Arc<Live>> {
        let credential = entered.credential.as_ref()?;
        let mut known = self.known();
        let Some(entry) = known.entries.get_mut(credential) else {
            // Revoked since it was let in: over already.
            let live = Live::default();
            live.0.cancel();
            return Some(Arc::new(live));
        };
        let live = entry.live.upgrade().unwrap_or_default();
        entry.live = Arc::downgrade(&live);
        Some(live)
    }

    /// Forgets what `which` names: streams end, and the next request asks the database.
    pub(super) fn forget(&self, which: impl Fn(&Credential, &Identity) -> bool) {
        let mut known = self.known();
        known.forgotten += 1;
        known.entries.retain(|credential, entry| {
            let goes = which(credential, &entry.identity);
            if goes && let Some(live) = entry.live.upgrade() {
                live.0.cancel();
            }
            !goes
        });
    }

    /// Ends the streams whose session or token is no longer good.
    pub(super) async fn look_at_streams(&self) {
        let open: Vec<Credential> = {
            let known = self.known();
            let open = known
                .entries
                .iter()
                .filter(|(_, entry)| entry.live.strong_count() > 0);
            open.map(|(credential, _)| credential.clone()).collect()
        };
        for credential in open {
            // `Away` for longer than what was said is believed.
            if !matches!(self.ask(&credential, false).await, Looked::Good(_)) {
                self.forget(|known, _| *known == credential);
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room: first what nothing is open for and was asked about longest ago.
fn make_room(entries: &mut HashMap<Credential, Entry>) {
    if entries.len() < REMEMBERED {
        return;
    }
    let idle = entries
        .iter()
        .filter(|(_, entry)| entry.live.strong_count() == 0);
    let oldest = idle
        .min_by_key(|(_, entry)| entry.checked)
        .map(|(credential, _)| credential.clone());
    if let Some(credential) = oldest.or_else(|| entries.keys().next().cloned()) {
        entries.remove(&credential);
    }
}
