//! Origins of other sites whose pages may embed views.

use std::sync::Arc;
use url::{Host, Url};

/// Origins that may frame embeds and read their streams; clones share the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Arc<[String]>);

impl Origins {
    /// Parses origins that are separated by commas or spaces.
    ///
    /// # Errors
    /// The first item that is not an origin.
    pub fn parse(list: &str) -> Result<Origins, String> {
        list.split([',', ' ', '\n', '\t'])
            .filter(|item| !item.is_empty())
            .map(|item| origin(item).ok_or_else(|| item.to_owned()))
            .collect::<Result<Vec<_>, _>>()
            .map(|origins| Origins(origins.into()))
    }

    /// Whether pages of this origin may embed views.
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// All of them separated by spaces, as in a header.
    pub fn joined(&self) -> String {
        self.0.join(" ")
    }

    /// The sources of `frame-ancestors` in a content security policy.
    pub fn frame_ancestors(&self) -> String {
        if self.0.is_empty() {
            "'none'".to_owned()
        } else {
            self.joined()
        }
    }
}

/// Normalizes an origin to what browsers send: scheme, host, and the port unless it is the default.
/// Returns nothing for other URLs.
pub fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    // A valid host may still contain syntax of a content security policy: `*`, `;`, quotes.
    let is_plain = |host: &str| {
        host.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let host = match url.host()? {
        Host::Domain(name) => is_plain(name),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    (plain && host).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_normalized_as_browsers_do() {
        assert_eq!(
            origin("https://Portal.Example:443"),
            Some("https://portal.example".to_owned())
        );
        assert_eq!(
            origin("http://localhost:3000/"),
            Some("http://localhost:3000".to_owned())
        );
        assert_eq!(
            origin("http://[::1]:3000"),
            Some("http://[::1]:3000".to_owned())
        );
    }

    #[test]
    fn other_urls_are_not_origins() {
        for text in [
            "portal.example",
            "https://portal.example/path",
            "https://user@portal.example",
            "https://portal.example?x",
            "https://*.example",
            "https://a;script-src",
            "*",
            "null",
            "ftp://portal.example",
            "https://",
        ] {
            assert_eq!(origin(text), None, "{text}");
            assert!(
                Origins::parse(&format!("https://good.example,{text}")).is_err(),
                "{text}"
            );
        }
        assert_eq!(
            Origins::parse("").map(|none| none.frame_ancestors()),
            Ok("'none'".to_owned())
        );
    }
}
