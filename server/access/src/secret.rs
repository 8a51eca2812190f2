//! Secrets that a program makes up: the ids of sessions, and API tokens. 256 bits each; only their
//! SHA-256 is ever kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;

/// How every API token begins: searches for leaked secrets find them by it.
pub const TOKEN_PREFIX: &str = "tsc_";

/// A secret. It does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, to be handed to whom it belongs.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The id of a new session.
pub fn session_secret() -> Secret {
    Secret(random())
}

/// A new API token.
pub fn token_secret() -> Secret {
    Secret(format!("{TOKEN_PREFIX}{}", random()))
}

/// What is kept of a secret. It has 256 random bits, so a plain hash cannot be turned back.
pub fn digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |text, byte| {
            format!("{text}{byte:02x}")
        })
}

fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_are_long_and_do_not_show_themselves() {
        let (one, other) = (token_secret(), token_secret());
        assert_ne!(one, other);
        assert!(
            one.reveal().starts_with("tsc_") && one.reveal().len() == 47,
            "{}",
            one.reveal()
        );
        assert_eq!(session_secret().reveal().len(), 43);
        assert_eq!(format!("{one:?}"), "Secret(…)");
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
