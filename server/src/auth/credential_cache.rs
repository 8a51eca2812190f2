//! What the database said of sessions and tokens, for as long as it is believed.

use super::credential::{Credential, Principal, Revocation};
use access::Identity;
use contract::Timestamp;
use std::collections::HashMap;
use std::sync::Weak;
use tokio::time::Instant;

/// Maximum number of remembered sessions and tokens.
const REMEMBERED: usize = 10_000;

/// The sessions and tokens that were used lately.
#[derive(Default)]
pub(super) struct CredentialCache {
    pub(super) entries: HashMap<Credential, CachedCredential>,
    /// Raised when something is forgotten: an answer that was asked for before says nothing any
    /// more.
    pub(super) forgotten: u64,
    /// Until when the database is not asked again of what is cached, since it did not answer.
    pub(super) unavailable_until: Option<Instant>,
}

pub(super) struct CachedCredential {
    pub(super) identity: Identity,
    pub(super) created_at: Timestamp,
    pub(super) used_at: Timestamp,
    /// A token's.
    pub(super) expires_at: Option<Timestamp>,
    /// When the database last said so.
    pub(super) checked: Instant,
    /// When the database was last told that this is used.
    pub(super) noted: Option<Instant>,
    pub(super) revocation: Weak<Revocation>,
}

/// The result of verifying a credential.
pub(super) enum Verification {
    Valid(Principal),
    Invalid,
    /// The database, which knows, does not answer.
    Unavailable,
}

impl CredentialCache {
    /// Makes room for one more: drops what no stream holds and was checked longest ago.
    pub(super) fn make_room(&mut self) {
        if self.entries.len() < REMEMBERED {
            return;
        }
        let idle = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.revocation.strong_count() == 0);
        let oldest = idle
            .min_by_key(|(_, entry)| entry.checked)
            .map(|(credential, _)| credential.clone());
        if let Some(credential) = oldest.or_else(|| self.entries.keys().next().cloned()) {
            self.entries.remove(&credential);
        }
    }

    /// Forgets what `which` names: its streams end, and the next request asks the database.
    pub(super) fn forget(&mut self, which: impl Fn(&Credential, &Identity) -> bool) {
        self.forgotten += 1;
        self.entries.retain(|credential, entry| {
            let goes = which(credential, &entry.identity);
            if goes && let Some(revocation) = entry.revocation.upgrade() {
                revocation.revoke();
            }
            !goes
        });
    }
}
