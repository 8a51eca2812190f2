//! Authentication modes, as set by `CONSOLE_AUTH`.

use std::net::IpAddr;

/// The mode that authenticated an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMode {
    /// No authentication: everyone who can reach the address.
    Open,
    /// A user account of the console, with a session.
    User,
    /// A trusted proxy that authenticated the user.
    Proxy,
    /// An API token.
    Token,
}

/// The enabled modes; several can be enabled at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthModes {
    /// Everyone who can reach the address is an operator.
    pub open: bool,
    /// User accounts of the console.
    pub users: bool,
    /// Headers of a trusted proxy.
    pub proxy: bool,
    /// API tokens.
    pub tokens: bool,
}

/// A setting of the authentication modes that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthModesError {
    /// A word that is not the name of a mode.
    #[error(
        "unknown authentication mode {0:?}; expected a comma-separated list of users, proxy, tokens and open"
    )]
    Unknown(String),
    /// The console would listen on this address without authentication.
    #[error(
        "authentication is required because the console listens on {0}, which is not a loopback address; \
         set it to users, proxy or tokens, or a comma-separated list of them"
    )]
    Missing(IpAddr),
    /// `open` is configured, and the console would listen on this address.
    #[error(
        "open is allowed on loopback addresses only, and the console listens on {0}; \
         use users, proxy or tokens"
    )]
    OpenBeyondLoopback(IpAddr),
}

impl AuthModes {
    /// Parses a comma-separated list; `None` means `open`.
    ///
    /// # Errors
    /// [`AuthModesError::Unknown`]
    pub fn parse(text: Option<&str>) -> Result<AuthModes, AuthModesError> {
        let mut modes = AuthModes::default();
        let words = text.unwrap_or("open").split(',').map(str::trim);
        for word in words.filter(|word| !word.is_empty()) {
            match word {
                "open" => modes.open = true,
                "users" => modes.users = true,
                "proxy" => modes.proxy = true,
                "tokens" => modes.tokens = true,
                other => return Err(AuthModesError::Unknown(other.to_owned())),
            }
        }
        Ok(modes)
    }

    /// Checks that a console with these modes may listen on `address`. `configured` is false where
    /// the modes are the default.
    ///
    /// # Errors
    /// When the console would be open to other machines.
    pub fn check_listen_address(
        self,
        address: IpAddr,
        configured: bool,
    ) -> Result<(), AuthModesError> {
        match self.open && !address.to_canonical().is_loopback() {
            false => Ok(()),
            true if configured => Err(AuthModesError::OpenBeyondLoopback(address)),
            true => Err(AuthModesError::Missing(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_mode_is_limited_to_loopback_addresses() {
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        let any: IpAddr = "0.0.0.0".parse().unwrap();
        let default = AuthModes::parse(None).unwrap();
        assert_eq!(default.check_listen_address(loopback, false), Ok(()));
        assert_eq!(
            default.check_listen_address("::1".parse().unwrap(), false),
            Ok(())
        );
        assert_eq!(
            default.check_listen_address(any, false),
            Err(AuthModesError::Missing(any))
        );
        let open = AuthModes::parse(Some("open, users")).unwrap();
        assert_eq!(
            open.check_listen_address(any, true),
            Err(AuthModesError::OpenBeyondLoopback(any))
        );
        let closed = AuthModes::parse(Some("users,tokens")).unwrap();
        assert_eq!(closed.check_listen_address(any, true), Ok(()));
        assert_eq!(
            AuthModes::parse(Some("everybody")),
            Err(AuthModesError::Unknown("everybody".into()))
        );
    }
}
