//! `CONSOLE_AUTH`: which ways in there are.

use std::net::IpAddr;

/// The ways in. Several may be open at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthModes {
    /// Everybody who reaches the address is an operator.
    pub open: bool,
    /// Users of the console's own.
    pub users: bool,
    /// What a proxy says.
    pub proxy: bool,
    /// API tokens.
    pub tokens: bool,
}

/// What is wrong with the ways in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthModesError {
    /// A word that is none.
    #[error("has {0:?}; it must be of users, proxy, tokens and open, with commas between")]
    Unknown(String),
    /// Nothing is set, and others can reach the console.
    #[error(
        "must be set where the console listens beyond this machine ({0}): users, proxy, tokens, or several with commas between"
    )]
    Missing(IpAddr),
    /// Open to others.
    #[error(
        "has open, which is for loopback addresses only, and the console listens on {0}: use users, proxy or tokens"
    )]
    OpenToOthers(IpAddr),
}

impl AuthModes {
    /// Reads them; open where nothing is set.
    ///
    /// # Errors
    /// [`AuthModesError::Unknown`]
    pub fn read(text: Option<&str>) -> Result<AuthModes, AuthModesError> {
        let mut ways = AuthModes::default();
        for word in text
            .unwrap_or("open")
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            match word {
                "open" => ways.open = true,
                "users" => ways.users = true,
                "proxy" => ways.proxy = true,
                "tokens" => ways.tokens = true,
                other => return Err(AuthModesError::Unknown(other.to_owned())),
            }
        }
        Ok(ways)
    }

    /// Whether a console may listen there. `said` is whether the ways were set.
    ///
    /// # Errors
    /// Where everybody could do everything.
    pub fn may_listen(self, address: IpAddr, said: bool) -> Result<(), AuthModesError> {
        match self.open && !address.to_canonical().is_loopback() {
            false => Ok(()),
            true if said => Err(AuthModesError::OpenToOthers(address)),
            true => Err(AuthModesError::Missing(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_is_open_on_this_machine_only() {
        let (here, anywhere): (IpAddr, IpAddr) =
            ("127.0.0.1".parse().unwrap(), "0.0.0.0".parse().unwrap());
        let nothing = AuthModes::read(None).unwrap();
        assert_eq!(nothing.may_listen(here, false), Ok(()));
        assert_eq!(nothing.may_listen("::1".parse().unwrap(), false), Ok(()));
        assert_eq!(
            nothing.may_listen(anywhere, false),
            Err(AuthModesError::Missing(anywhere))
        );
        let open = AuthModes::read(Some("open, users")).unwrap();
        assert_eq!(
            open.may_listen(anywhere, true),
            Err(AuthModesError::OpenToOthers(anywhere))
        );
        assert_eq!(
            AuthModes::read(Some("users,tokens"))
                .unwrap()
                .may_listen(anywhere, true),
            Ok(())
        );
        assert_eq!(
            AuthModes::read(Some("everybody")),
            Err(AuthModesError::Unknown("everybody".into()))
        );
    }
}
