//! Who somebody is, once a way in has said so.

use crate::rules::OPEN_ALSO;
use crate::{Permission, Role};

/// The longest name, in characters.
const NAME: usize = 64;

/// The ways in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMode {
    /// Whoever reaches the address.
    Open,
    /// A user of the console's own, with a session.
    User,
    /// A proxy that signed them in.
    Proxy,
    /// An API token.
    Token,
}

/// Somebody who may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name; of a token, the token's own name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// How they came in.
    pub way: AuthMode,
}

impl Identity {
    /// Whoever reaches a console that is open: an operator.
    pub fn open() -> Identity {
        Identity {
            name: "anonymous".to_owned(),
            role: Role::Operator,
            way: AuthMode::Open,
        }
    }

    /// The name as the audit has it: a token's cannot be taken for a person's.
    pub fn audit_name(&self) -> String {
        match self.way {
            AuthMode::Token => format!("token:{}", self.name),
            AuthMode::Open | AuthMode::User | AuthMode::Proxy => self.name.clone(),
        }
    }

    /// Whether they may. This, with the table of rules, is all that decides it.
    pub fn may(&self, permission: Permission) -> bool {
        self.role >= permission.least()
            || (self.way == AuthMode::Open && OPEN_ALSO.contains(&permission))
    }
}

/// A name that cannot be one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 1 to {NAME} of the characters a-z, 0-9, . _ @ + -, and begins with a letter or a digit"
)]
pub struct NameError;

/// The name of a user or a token, in small letters.
///
/// # Errors
/// Where it cannot be one.
pub fn user_name(text: &str) -> Result<String, NameError> {
    let name = text.trim().to_ascii_lowercase();
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    let begins_well = name
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphanumeric);
    if begins_well && name.len() <= NAME && name.bytes().all(good) {
        Ok(name)
    } else {
        Err(NameError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_small_letters_and_hold_nothing_that_could_be_taken_for_something_else() {
        assert_eq!(
            user_name(" Ops.Anna@example.com ").as_deref(),
            Ok("ops.anna@example.com")
        );
        for wrong in ["", "token:x", "a b", "-x", "<b>", "é", &"x".repeat(65)] {
            assert_eq!(user_name(wrong), Err(NameError), "{wrong}");
        }
    }

    #[test]
    fn an_open_console_lets_everybody_command_and_see_the_audit_and_share_views_and_manage_nobody()
    {
        let anybody = Identity::open();
        assert!(
            anybody.may(Permission::Command)
                && anybody.may(Permission::Audit)
                && anybody.may(Permission::SetUp)
        );
        assert!(
            anybody.may(Permission::Embeds)
                && !anybody.may(Permission::People)
                && !anybody.may(Permission::Tokens)
        );
    }
}
