//! What somebody was authenticated by, and as whom.

use access::Identity;
use tokio_util::sync::CancellationToken;

/// Somebody who was authenticated.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub identity: Identity,
    /// What can be revoked; `None` for the open mode and for a proxy.
    pub credential: Option<Credential>,
}

/// The hash of a secret, which is no secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    Session(String),
    Token(String),
}

/// Held by a stream, whose credential may be revoked while it is open.
#[derive(Debug, Default)]
pub(crate) struct Revocation(CancellationToken);

impl Revocation {
    /// Waits until the credential is no longer good.
    pub(crate) async fn revoked(&self) {
        self.0.cancelled().await;
    }

    pub(super) fn revoke(&self) {
        self.0.cancel();
    }
}
