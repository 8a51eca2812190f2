//! Embed links, which are valid until they expire or are revoked. Only the hash of a token is
//! stored.

use crate::clock::now;
use crate::persistence::Persistence;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use store::{EmbedShare, StoreError};
use tokio::time::Instant;

/// Prefix of embed link tokens.
const PREFIX: &str = "tse_";
/// Random bytes of a token.
const BYTES: usize = 24;
/// Lifetime of cached links, and so the maximum delay of a revocation.
const FRESH: Duration = Duration::from_secs(3);
/// Maximum number of cached shares.
const REMEMBERED: usize = 1000;

/// The shares; clones refer to the same.
#[derive(Clone)]
pub struct EmbedShares {
    persistence: Persistence,
    known: Arc<Mutex<Known>>,
}

impl std::fmt::Debug for EmbedShares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbedShares").finish_non_exhaustive()
    }
}

/// Links and the time of their look-up, by the hash of the token.
type Known = HashMap<String, (Instant, Option<EmbedShare>)>;

/// An embed link that is not valid or cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedShareError {
    #[error("unknown embed link")]
    Unknown,
    #[error("this embed link was revoked")]
    Revoked,
    #[error("this embed link has expired")]
    Expired,
    #[error("the embed link could not be checked: the database is unavailable; it will be retried")]
    Unavailable,
}

/// A new embed link. Its token is shown once.
#[derive(Clone, Debug)]
pub struct CreatedEmbedShare {
    pub token: String,
    /// The stored record.
    pub share: EmbedShare,
}

impl CreatedEmbedShare {
    /// A share of this, by `who`.
    pub fn make(
        resource: String,
        origin: String,
        options: String,
        who: String,
        note: Option<String>,
    ) -> CreatedEmbedShare {
        let token = format!(
            "{PREFIX}{}",
            URL_SAFE_NO_PAD.encode(rand::random::<[u8; BYTES]>())
        );
        let share = EmbedShare {
            id: format!("{:08x}", rand::random::<u32>()),
            token_hash: hash(&token),
            resource,
            origin,
            options,
            note,
            who,
            created_at: now(),
            expires_at: None,
            revoked_at: None,
            revoked_by: None,
        };
        CreatedEmbedShare { token, share }
    }
}

/// True for texts with the prefix of embed link tokens.
pub fn is_share_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}

impl EmbedShares {
    pub(super) fn new(persistence: Persistence) -> EmbedShares {
        EmbedShares {
            persistence,
            known: Arc::default(),
        }
    }

    /// Looks up the link of a token.
    ///
    /// # Errors
    /// [`EmbedShareError`]
    pub async fn find(&self, token: &str) -> Result<EmbedShare, EmbedShareError> {
        let hash = hash(token);
        let known = self
            .known()
            .get(&hash)
            .filter(|(at, _)| at.elapsed() < FRESH)
            .map(|(_, share)| share.clone());
        let share = match known {
            Some(share) => share,
            None => {
                let read = async { self.persistence.store()?.share(&hash).await };
                let share = read.await.map_err(|error: StoreError| {
                    tracing::debug!(error = error.one_line(), "failed to look up embed link");
                    EmbedShareError::Unavailable
                })?;
                let mut known = self.known();
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(hash, (Instant::now(), share.clone()));
                share
            }
        };
        match share {
            None => Err(EmbedShareError::Unknown),
            Some(share) if share.revoked_at.is_some() => Err(EmbedShareError::Revoked),
            Some(share) if share.expires_at.is_some_and(|at| at <= now()) => {
                Err(EmbedShareError::Expired)
            }
            Some(share) => Ok(share),
        }
    }

    /// True once the link has expired or was revoked; false while the database is unavailable.
    pub(super) async fn ended(&self, token: &str) -> bool {
        !matches!(
            self.find(token).await,
            Ok(_) | Err(EmbedShareError::Unavailable)
        )
    }

    /// Stores a link.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn add(&self, share: &EmbedShare) -> Result<(), StoreError> {
        self.persistence.store()?.add_share(share).await
    }

    /// The shares, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn all(&self) -> Result<Vec<EmbedShare>, StoreError> {
        self.persistence.store()?.shares().await
    }

    /// Revokes a link; returns false where no active one has this id.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn revoke(&self, id: &str, who: &str) -> Result<bool, StoreError> {
        let done = self.persistence.store()?.revoke_share(id, who, now()).await;
        self.known().clear();
        done
    }

    fn known(&self) -> parking_lot::MutexGuard<'_, Known> {
        self.known.lock()
    }
}

fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
