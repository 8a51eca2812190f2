//! The HTML that a portal's page includes, to copy and paste.

use url::form_urlencoded::{Serializer, byte_serialize};

/// An embed as somebody chose it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedCode {
    /// The console's address, without a slash at its end.
    pub base: String,
    /// `status`, `runs`, `run` or `schedule`.
    pub view: String,
    /// The run, for the view of one.
    pub run_id: String,
    /// Display options: name and value.
    pub options: Vec<(&'static str, String)>,
    /// A share's token; none where the portal brings tokens, or none is needed.
    pub token: Option<String>,
    /// True if tokens are required and the portal provides them.
    pub provided: bool,
}

impl EmbedCode {
    /// The address of the document.
    pub fn address(&self) -> String {
        let path = match self.view.as_str() {
            "run" => format!(
                "run/{}",
                byte_serialize(self.run_id.as_bytes())
                    .collect::<String>()
                    .replace('+', "%20")
            ),
            view => view.to_owned(),
        };
        let mut query = Serializer::new(String::new());
        query.extend_pairs(
            self.chosen()
                .map(|(name, value)| (name, value.trim_start_matches('#'))),
        );
        let query = Some(query.finish())
            .filter(|query| !query.is_empty())
            .map(|query| format!("?{query}"));
        let token = self.token.as_ref().map(|token| format!("#token={token}"));
        format!(
            "{}/embed/v1/{path}{}{}",
            self.base,
            query.unwrap_or_default(),
            token.unwrap_or_default()
        )
    }

    /// As a frame, whose height and tokens `embed.js` cares for.
    pub fn frame(&self) -> String {
        let provider = if self.provided {
            " data-token-provider=\"/embed-token\""
        } else {
            ""
        };
        format!(
            "<script src=\"{}/embed/v1/embed.js\" defer></script>\n<iframe data-tickstock{provider} title=\"TickStock daily processing\"\n  src=\"{}\"\n  style=\"width: 100%; border: 0\"></iframe>",
            self.base,
            escape(&self.address())
        )
    }

    /// As a component.
    pub fn component(&self) -> String {
        let mut attributes = format!("src=\"{}\" view=\"{}\"", self.base, self.view);
        let run = Some(("run-id", self.run_id.as_str())).filter(|_| self.view == "run");
        let provider = self.provided.then_some(("token-provider", "/embed-token"));
        let token = self.token.as_deref().map(|token| ("token", token));
        for (name, value) in run
            .into_iter()
            .chain(self.chosen())
            .chain(provider)
            .chain(token)
        {
            attributes += &format!(" {name}=\"{}\"", escape(value));
        }
        format!(
            "<script src=\"{}/embed/v1/embed.js\" defer></script>\n<tickstock-run-status {attributes}></tickstock-run-status>",
            self.base
        )
    }

    /// As a badge.
    pub fn badge(&self) -> String {
        format!(
            "<img src=\"{}/embed/v1/badge.svg\" alt=\"State of the daily processing\">",
            self.base
        )
    }

    fn chosen(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.options
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .filter(|(_, value)| !value.is_empty())
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_holds_what_was_chosen_and_nothing_that_breaks_out_of_it() {
        let code = EmbedCode {
            base: "https://console.example".to_owned(),
            view: "run".to_owned(),
            run_id: "a/\"><b c".to_owned(),
            options: vec![
                ("theme", "dark".to_owned()),
                ("accent", "#0a7".to_owned()),
                ("tz", String::new()),
            ],
            token: Some("tse_x".to_owned()),
            provided: false,
        };
        assert_eq!(
            code.address(),
            "https://console.example/embed/v1/run/a%2F%22%3E%3Cb%20c?theme=dark&accent=0a7#token=tse_x"
        );
        assert!(code.frame().contains(
            "src=\"https://console.example/embed/v1/run/a%2F%22%3E%3Cb%20c?theme=dark&amp;accent=0a7#token=tse_x\""
        ));
        assert!(code.component().contains(
            " run-id=\"a/&quot;>&lt;b c\" theme=\"dark\" accent=\"#0a7\" token=\"tse_x\">"
        ));
    }
}
