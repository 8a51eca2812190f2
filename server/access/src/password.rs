//! Passwords as Argon2id hashes. Verification takes the same time for unknown users.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;

/// Minimum length in characters.
const MIN_CHARS: usize = 12;
/// Maximum length in bytes, which bounds the work per attempt.
const MAX_BYTES: usize = 512;
/// Memory in KiB, passes and lanes, as OWASP recommends for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A password that was rejected or could not be hashed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter than the minimum.
    #[error("the password must have at least {MIN_CHARS} characters")]
    TooShort,
    /// Longer than the maximum.
    #[error("the password must have at most {MAX_BYTES} bytes")]
    TooLong,
    /// The user's own name, or fewer than five different characters.
    #[error("the password is too easy to guess")]
    TooEasy,
    /// Argon2 failed.
    #[error("failed to hash the password: {0}")]
    HashFailed(String),
}

/// Checks and hashes the new password of a user. Takes tens of milliseconds and 19 MiB.
///
/// # Errors
/// [`PasswordError`]
pub fn hash_password(name: &str, password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < 5 || password.eq_ignore_ascii_case(name) {
        return Err(PasswordError::TooEasy);
    }
    hash_unchecked(password)
}

fn hash_unchecked(password: &str) -> Result<String, PasswordError> {
    let hash: PasswordHash = argon2()?
        .hash_password(password.as_bytes())
        .map_err(|error| PasswordError::HashFailed(error.to_string()))?;
    Ok(hash.to_string())
}

/// Returns true if the password matches the hash. As slow as [`hash_password`].
pub fn verify_password(password: &str, hash: &str) -> bool {
    if password.len() > MAX_BYTES {
        return verify_nothing(password);
    }
    match (PasswordHash::new(hash), argon2()) {
        (Ok(hash), Ok(argon2)) => argon2.verify_password(password.as_bytes(), &hash).is_ok(),
        _ => verify_nothing(password),
    }
}

/// Takes as long as [`verify_password`] and always returns false: for users that do not exist.
pub fn verify_nothing(password: &str) -> bool {
    static DUMMY: LazyLock<Option<String>> =
        LazyLock::new(|| hash_unchecked(&rand::random::<u128>().to_string()).ok());
    let cut = &password[..password.floor_char_boundary(MAX_BYTES)];
    if let (Some(Ok(hash)), Ok(argon2)) = (DUMMY.as_deref().map(PasswordHash::new), argon2()) {
        // Only the time that this takes matters.
        let _ = argon2.verify_password(cut.as_bytes(), &hash);
    }
    false
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)
        .map_err(|error| PasswordError::HashFailed(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_salted_argon2id_hashes() {
        let (one, other) = (
            hash_password("anna", "correct horse battery").unwrap(),
            hash_password("anna", "correct horse battery").unwrap(),
        );
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(verify_password("correct horse battery", &one));
        assert!(!verify_password("correct horse batterx", &one));
        assert!(!verify_password("correct horse battery", "no hash"));
        assert!(!verify_nothing("correct horse battery"));
    }

    #[test]
    fn weak_passwords_are_rejected() {
        assert_eq!(hash_password("anna", "short"), Err(PasswordError::TooShort));
        assert_eq!(
            hash_password("anna", &"long password ".repeat(40)),
            Err(PasswordError::TooLong)
        );
        assert_eq!(
            hash_password("anna", "aaaaaaaaaaaaaaaa"),
            Err(PasswordError::TooEasy)
        );
        assert_eq!(
            hash_password("anna.anderson", "Anna.Anderson"),
            Err(PasswordError::TooEasy)
        );
    }
}
