//! Generated secrets: session ids and API tokens. Each has 256 random bits; only the SHA-256 digest
//! is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;

/// Prefix of every API token, which scanners for leaked secrets look for.
pub const TOKEN_PREFIX: &str = "tsc_";

/// A secret whose `Debug` output hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the plain text, to be sent to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Generates the id of a new session.
pub fn generate_session_secret() -> Secret {
    Secret(random_text())
}

/// Generates an API token.
pub fn generate_token() -> Secret {
    Secret(format!("{TOKEN_PREFIX}{}", random_text()))
}

/// Returns the digest that is stored. A plain hash is enough: a secret with 256 random bits cannot
/// be guessed.
pub fn digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |text, byte| {
            format!("{text}{byte:02x}")
        })
}

fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_random_long_and_hidden_in_debug_output() {
        let (one, other) = (generate_token(), generate_token());
        assert_ne!(one, other);
        assert!(
            one.reveal().starts_with("tsc_") && one.reveal().len() == 47,
            "{}",
            one.reveal()
        );
        assert_eq!(generate_session_secret().reveal().len(), 43);
        assert_eq!(format!("{one:?}"), "Secret(…)");
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
