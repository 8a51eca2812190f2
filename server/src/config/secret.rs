//! Values that must not appear in logs, errors or on pages: their types do not print them.

use std::fmt;
use url::Url;

/// Query parameters of addresses that are shown; the values of all others may be passwords.
const SHOWN_PARAMETERS: [&str; 4] = ["db", "mode", "protocol", "sslmode"];

/// A token, key or other secret text.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretString(String);

impl SecretString {
    /// The text, for sending or signing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SecretString {
    fn from(text: &str) -> Self {
        SecretString(text.to_owned())
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(set)")
    }
}

/// An address that may contain credentials. Prints without user, password and query.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// The whole address, for connecting.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl From<Url> for SecretUrl {
    fn from(url: Url) -> Self {
        SecretUrl(url)
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        // Fails where an address cannot have credentials, such as that of a Unix socket.
        let _ = url.set_password(None).and_then(|()| url.set_username(""));
        url.set_query(None);
        url.fmt(f)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({self})")
    }
}

/// The text of an address with `***` in place of credentials; just `set` where it cannot be told
/// apart what of it is one.
pub(super) fn mask_url(text: &str) -> String {
    const SET: &str = "set";
    let Some(mut url) = Url::parse(text)
        .ok()
        .filter(|url| !url.cannot_be_a_base() || url.scheme() == "sqlite")
    else {
        return SET.to_owned();
    };
    if !url.username().is_empty() || url.password().is_some() {
        let masked = url
            .set_password(None)
            .and_then(|()| url.set_username("***"));
        if masked.is_err() {
            return SET.to_owned();
        }
    } else if text.contains('@') {
        // Credentials with characters that should have been escaped.
        return SET.to_owned();
    }
    url.set_fragment(None);
    if url.query().is_some() {
        let query: Vec<String> = url
            .query_pairs()
            .map(|(name, value)| {
                let shown = SHOWN_PARAMETERS.contains(&name.as_ref());
                format!("{name}={}", if shown { value.as_ref() } else { "***" })
            })
            .collect();
        url.set_query(Some(&query.join("&")));
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(
            format!("{:?}", SecretString::from("s3cret")),
            "SecretString(set)"
        );
        let url = SecretUrl(Url::parse("https://ops:s3cret@host/x?key=s3cret").unwrap());
        assert_eq!(
            format!("{url} {url:?}"),
            "https://host/x SecretUrl(https://host/x)"
        );
        assert_eq!(url.expose().password(), Some("s3cret"));
    }

    #[test]
    fn credentials_in_addresses_are_masked() {
        for (text, masked) in [
            ("redis://host:6379/0", "redis://host:6379/0"),
            ("redis://ops:s3cret@host/0", "redis://***@host/0"),
            ("redis://:s3cret@host/0", "redis://***@host/0"),
            ("https://s3cret@host", "https://***@host/"),
            (
                "unix:///run/r.sock?db=1&pass=s3cret",
                "unix:///run/r.sock?db=1&pass=***",
            ),
            (
                "postgres://h/d?password=s3cret&sslmode=require",
                "postgres://h/d?password=***&sslmode=require",
            ),
            ("postgres://u:12#s3cret@h/d", "set"),
            ("s3cret", "set"),
            ("ops:s3cret", "set"),
            (
                "sqlite://data/tickstock-console.db",
                "sqlite://data/tickstock-console.db",
            ),
        ] {
            assert_eq!(mask_url(text), masked, "{text}");
        }
    }
}
