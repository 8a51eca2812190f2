//! An authenticated identity and its permissions.

use crate::rule::OPEN_MODE_PERMISSIONS;
use crate::{AuthMode, Permission, Role};

/// Maximum length of a user or token name in characters.
const NAME_CHARS: usize = 64;

/// Name, role and authentication mode of whoever sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user name, or the name of the API token.
    pub name: String,
    /// The role that the permissions follow from.
    pub role: Role,
    /// The mode that authenticated the identity.
    pub auth_mode: AuthMode,
}

impl Identity {
    /// The identity of everyone in open mode: an operator without a name.
    pub fn open() -> Identity {
        Identity {
            name: "anonymous".to_owned(),
            role: Role::Operator,
            auth_mode: AuthMode::Open,
        }
    }

    /// The name for the audit log. Tokens get a prefix that no user name can have.
    pub fn audit_name(&self) -> String {
        match self.auth_mode {
            AuthMode::Token => format!("token:{}", self.name),
            AuthMode::Open | AuthMode::User | AuthMode::Proxy => self.name.clone(),
        }
    }

    /// Returns true if the identity has the permission. Together with [`crate::RULES`] this is
    /// the only place that decides access.
    pub fn can(&self, permission: Permission) -> bool {
        self.role >= permission.minimum_role()
            || (self.auth_mode == AuthMode::Open && OPEN_MODE_PERMISSIONS.contains(&permission))
    }
}

/// A name that is not allowed for a user or token.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 1 to {NAME_CHARS} characters out of a-z, 0-9 and . _ @ + -, and starts with a letter or a digit"
)]
pub struct NameError;

/// Validates the name of a user or token and converts it to lower case.
///
/// # Errors
/// [`NameError`]
pub fn user_name(text: &str) -> Result<String, NameError> {
    let name = text.trim().to_ascii_lowercase();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if starts_well && name.len() <= NAME_CHARS && name.bytes().all(allowed) {
        Ok(name)
    } else {
        Err(NameError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_lower_case_without_special_characters() {
        assert_eq!(
            user_name(" Ops.Anna@example.com ").as_deref(),
            Ok("ops.anna@example.com")
        );
        for wrong in ["", "token:x", "a b", "-x", "<b>", "é", &"x".repeat(65)] {
            assert_eq!(user_name(wrong), Err(NameError), "{wrong}");
        }
    }

    #[test]
    fn open_mode_grants_everything_but_users_and_tokens() {
        let anonymous = Identity::open();
        for permission in Permission::ALL {
            let expected = !matches!(
                permission,
                Permission::ManageUsers | Permission::ManageTokens
            );
            assert_eq!(anonymous.can(permission), expected, "{permission:?}");
        }
    }
}
