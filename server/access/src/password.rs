//! Passwords, as Argon2id hashes. An unknown user costs as much as a known one.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;

/// The shortest password, in characters.
const SHORTEST: usize = 12;
/// The longest, in bytes: no more work than that is done for anybody.
const LONGEST: usize = 512;
/// KiB of memory, passes, lanes: what OWASP advises for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Why there is no hash.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is too short.
    #[error("a password has at least {SHORTEST} characters")]
    TooShort,
    /// It is too long.
    #[error("a password has at most {LONGEST} bytes")]
    TooLong,
    /// It is the user's own name, or hardly anything but one character.
    #[error("this password is too easy to guess")]
    TooEasy,
    /// It could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// The hash of a new password of a user. Takes tens of milliseconds and 19 MiB.
///
/// # Errors
/// [`PasswordError`]
pub fn hash(name: &str, password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < SHORTEST {
        return Err(PasswordError::TooShort);
    }
    if password.len() > LONGEST {
        return Err(PasswordError::TooLong);
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < 5 || password.eq_ignore_ascii_case(name) {
        return Err(PasswordError::TooEasy);
    }
    make(password)
}

fn make(password: &str) -> Result<String, PasswordError> {
    let hash: PasswordHash = argon2()?
        .hash_password(password.as_bytes())
        .map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one that was hashed. As slow as [`hash`].
pub fn verify(password: &str, hash: &str) -> bool {
    if password.len() > LONGEST {
        return spend(password);
    }
    match (PasswordHash::new(hash), argon2()) {
        (Ok(hash), Ok(argon2)) => argon2.verify_password(password.as_bytes(), &hash).is_ok(),
        _ => spend(password),
    }
}

/// Takes as long as [`verify`] for a user that there is not; always false.
pub fn spend(password: &str) -> bool {
    static NOBODY: LazyLock<Option<String>> =
        LazyLock::new(|| make(&rand::random::<u128>().to_string()).ok());
    let cut = &password[..password.floor_char_boundary(LONGEST)];
    if let (Some(Ok(hash)), Ok(argon2)) = (NOBODY.as_deref().map(PasswordHash::new), argon2()) {
        // What it says does not matter, only how long it takes.
        let _ = argon2.verify_password(cut.as_bytes(), &hash);
    }
    false
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)
        .map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_an_argon2id_hash_with_a_salt_and_told_from_another() {
        let (one, other) = (
            hash("anna", "correct horse battery").unwrap(),
            hash("anna", "correct horse battery").unwrap(),
        );
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(verify("correct horse battery", &one));
        assert!(!verify("correct horse batterx", &one));
        assert!(!verify("correct horse battery", "no hash"));
        assert!(!spend("correct horse battery"));
    }

    #[test]
    fn passwords_that_are_no_good_are_not_taken() {
        assert_eq!(hash("anna", "short"), Err(PasswordError::TooShort));
        assert_eq!(
            hash("anna", &"long password ".repeat(40)),
            Err(PasswordError::TooLong)
        );
        assert_eq!(
            hash("anna", "aaaaaaaaaaaaaaaa"),
            Err(PasswordError::TooEasy)
        );
        assert_eq!(
            hash("anna.anderson", "Anna.Anderson"),
            Err(PasswordError::TooEasy)
        );
    }
}
