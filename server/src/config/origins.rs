//! Origins: those that may frame embeds, and what is one at all.

use std::sync::Arc;
use url::{Host, Url};

/// The origins that may frame embeds and read their streams; clones share the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Arc<[String]>);

impl Origins {
    /// Queries a list with commas or spaces between.
    ///
    /// # Errors
    /// In words, where one of them is none.
    pub fn parse(list: &str) -> Result<Origins, String> {
        let all = list
            .split([',', ' ', '\n', '\t'])
            .filter(|text| !text.is_empty());
        let read = |text: &str| {
            origin(text).ok_or_else(|| {
                format!("has {text:?}, which is not an origin; it must be a list such as https://portal.example,http://localhost:3000, without paths and without *")
            })
        };
        all.map(read)
            .collect::<Result<Vec<_>, _>>()
            .map(|origins| Origins(origins.into()))
    }

    /// Whether this one may.
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// All of them, as a header has them: with spaces between.
    pub fn joined(&self) -> String {
        self.0.join(" ")
    }

    /// What stands after `frame-ancestors` in a content policy.
    pub fn frame_ancestors(&self) -> String {
        if self.0.is_empty() {
            "'none'".to_owned()
        } else {
            self.joined()
        }
    }
}

/// An origin as browsers write it: scheme, host, and the port where it is not the scheme's own.
pub fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    // What the standard takes for a host may still be something to a content policy: `*`, `;`,
    // quotes.
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
    fn an_origin_is_written_as_browsers_write_it() {
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
    fn what_is_none_is_refused() {
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
