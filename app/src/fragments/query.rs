//! What an address asks for: its path, and the fields of its query.

use crate::ports::CommandError;
use leptos::server_fn::error::ServerFnUrlError;
use url::form_urlencoded::{Serializer, parse};

/// An address, read.
pub(super) struct PageQuery {
    pub(super) path: String,
    fields: Vec<(String, String)>,
}

impl PageQuery {
    /// Reads a path with a query.
    pub(super) fn parse(address: &str) -> PageQuery {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let fields = parse(query.as_bytes()).into_owned().collect();
        // Ids stand in paths with what needs it encoded.
        let path = percent(path);
        PageQuery { path, fields }
    }

    /// A field that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The same, owned.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// All values of a list, which forms name with brackets.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let list = format!("{name}[]");
        let named =
            |known: &str| known == name || known == list || known.starts_with(&format!("{name}["));
        self.fields
            .iter()
            .filter(|(known, _)| named(known))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The same address with a field changed, or without it where `value` is empty.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let mut query = Serializer::new(String::new());
        for (known, value) in &self.fields {
            if known != name && !known.starts_with("__") && !value.is_empty() {
                query.append_pair(known, value);
            }
        }
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{query}", self.path)
        }
    }

    /// Whether the address has any field.
    pub(super) fn any(&self) -> bool {
        self.fields.iter().any(|(name, _)| !name.starts_with("__"))
    }

    /// What a form that the browser sent by itself came back with.
    pub(super) fn error(&self) -> Option<CommandError> {
        self.get("__err")
            .map(ServerFnUrlError::<CommandError>::decode_err)
    }
}

/// Undoes the encoding of a path.
fn percent(path: &str) -> String {
    // A plus is itself in a path.
    let mut pairs = parse(path.replace('+', "%2B").replace(['&', '='], "").as_bytes())
        .into_owned()
        .collect::<Vec<_>>();
    pairs.pop().map(|(name, _)| name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_its_lists() {
        let query = PageQuery::parse(
            "/a/b%20c+d?phases[]=import&phases[]=patterns&universe=+sp500+&empty=",
        );
        assert_eq!(query.path, "/a/b c+d");
        assert_eq!(query.all("phases"), ["import", "patterns"]);
        assert_eq!(
            (query.get("universe"), query.get("empty")),
            (Some("sp500"), None)
        );
    }
}
