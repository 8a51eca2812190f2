//! The byte budget for the texts of one entry: what does not fit is cut or left out, so that a full
//! state has a known size.

use contract::{Scalar, truncate_text, written_bytes};

/// What is left of an entry's budget, in bytes as JSON writes them.
pub(crate) struct ByteBudget(usize);

/// What JSON writes around a pair of a name and a number or a text, and around a text in a list.
const PAIR_BYTES: usize = 6;
const ITEM_BYTES: usize = 3;
/// The longest that a number becomes, such as `-1.7976931348623157e308`.
const NUMBER_BYTES: usize = 24;

impl ByteBudget {
    pub(crate) fn new(bytes: usize) -> ByteBudget {
        ByteBudget(bytes)
    }

    /// Takes what of the text fits, at most `max` bytes.
    pub(crate) fn text(&mut self, text: &str, max: usize) -> String {
        let text = truncate_text(text, max.min(self.0));
        self.0 -= written_bytes(text);
        text.to_owned()
    }

    /// As [`Self::text`]; a text of which nothing fits is none.
    pub(crate) fn optional_text(&mut self, text: Option<&String>, max: usize) -> Option<String> {
        text.map(|text| self.text(text, max))
            .filter(|text| !text.is_empty())
    }

    /// Takes budget for something that is kept as it is.
    pub(crate) fn reserve(&mut self, text: &str) {
        self.0 = self.0.saturating_sub(written_bytes(text));
    }

    /// Takes names until one does not fit.
    pub(crate) fn names<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let fits = |name: &&str| self.take(written_bytes(name) + ITEM_BYTES);
        names
            .into_iter()
            .take_while(fits)
            .map(str::to_owned)
            .collect()
    }

    /// Takes pairs until one does not fit.
    pub(crate) fn pairs(&mut self, pairs: &[(String, Scalar)]) -> Vec<(String, Scalar)> {
        pairs
            .iter()
            .take_while(|pair| self.take(pair_bytes(pair)))
            .cloned()
            .collect()
    }

    /// Takes budget for a pair that is kept as it is.
    pub(crate) fn reserve_pair(&mut self, pair: &(String, Scalar)) {
        self.take(pair_bytes(pair));
    }

    /// Takes pairs of a name and a number until one does not fit.
    pub(crate) fn numbers<T: Copy>(&mut self, pairs: &[(String, T)]) -> Vec<(String, T)> {
        let fits =
            |(name, _): &&(String, T)| self.take(written_bytes(name) + NUMBER_BYTES + PAIR_BYTES);
        pairs.iter().take_while(fits).cloned().collect()
    }

    fn take(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

fn pair_bytes((name, value): &(String, Scalar)) -> usize {
    let value_bytes = match value {
        Scalar::Number(_) => NUMBER_BYTES,
        Scalar::Bool(_) => 5,
        Scalar::Text(text) => written_bytes(text),
    };
    written_bytes(name) + value_bytes + PAIR_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_over_budget_is_truncated_and_the_rest_dropped() {
        let mut budget = ByteBudget::new(40);
        assert_eq!(budget.text("twelve bytes and more", 12), "twelve bytes");
        let pairs = [
            ("a".to_owned(), Scalar::Bool(true)),
            ("b".to_owned(), Scalar::Number(1.0)),
            ("c".to_owned(), Scalar::Bool(true)),
        ];
        assert_eq!(budget.pairs(&pairs).len(), 1);
        assert_eq!(budget.optional_text(Some(&"late".to_owned()), 99), None);
    }
}
