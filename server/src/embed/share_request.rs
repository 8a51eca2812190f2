//! Validation of new embed links, from the form and from the command line.

use super::{CreatedEmbedShare, DisplayOptions, EmbedResource};
use crate::clock::now;
use crate::config::{Origins, origin};
use app::embed::EmbedCode;

/// Maximum lifetime of an embed link in days.
const MAX_DAYS: u32 = 3650;

/// A requested embed link. Empty fields count as absent.
#[derive(Clone, Debug, Default)]
pub struct EmbedShareRequest {
    /// `status`, `runs`, `run`, `schedule` or `badge`.
    pub view: String,
    /// The run, for the view of one.
    pub run_id: String,
    /// The portal's origin.
    pub origin: String,
    /// Display options: names and values.
    pub options: Vec<(&'static str, String)>,
    /// What it is for.
    pub note: String,
    /// For how many days.
    pub days: String,
}

impl EmbedShareRequest {
    /// The share, by `who`.
    ///
    /// # Errors
    /// In words, what is wrong.
    pub fn make(&self, who: &str) -> Result<CreatedEmbedShare, String> {
        let subject = match self.view.trim() {
            "badge" => Some(EmbedResource::Badge),
            "run" => EmbedResource::parse(&format!("run/{}", self.run_id.trim())),
            view => EmbedResource::parse(view)
                .filter(|subject| !matches!(subject, EmbedResource::Run(_))),
        };
        let subject = subject
            .ok_or("Unknown view. Expected status, runs, schedule, badge, or run with a run id.")?;
        let origin = origin(self.origin.trim()).ok_or(
            "Invalid origin. Expected one such as https://portal.example, without a path.",
        )?;
        let expires_at = match self.days.trim() {
            "" => None,
            text => match text.parse::<u32>() {
                Ok(days @ 1..=MAX_DAYS) => Some(now().plus_ms(i64::from(days) * 86_400_000)),
                _ => return Err(format!("Days must be 1 to {MAX_DAYS}, or empty.")),
            },
        };
        let options = DisplayOptions::read(
            self.options
                .iter()
                .map(|(name, value)| (*name, value.trim())),
        );
        let options = serde_json::to_string(&options).unwrap_or_default();
        let note = Some(self.note.trim().to_owned()).filter(|note| !note.is_empty());
        let mut made =
            CreatedEmbedShare::make(subject.resource(), origin, options, who.to_owned(), note);
        made.share.expires_at = expires_at;
        Ok(made)
    }

    /// A warning where browsers would refuse to show the embed.
    pub fn warning(made: &CreatedEmbedShare, origins: &Origins) -> Option<String> {
        let origin = &made.share.origin;
        (!origins.allow(origin)).then(|| {
            format!("{origin} is not in CONSOLE_EMBED_ORIGINS: browsers will not show the embed there until you add it")
        })
    }

    /// The code for the portal's page.
    pub fn code(&self, base: &str, made: &CreatedEmbedShare) -> EmbedCode {
        EmbedCode {
            base: base.to_owned(),
            view: self.view.trim().to_owned(),
            run_id: self.run_id.trim().to_owned(),
            // They are in the share.
            options: Vec::new(),
            token: Some(made.token.clone()),
            provided: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_requests_are_refused() {
        let good = || EmbedShareRequest {
            view: "status".into(),
            origin: "https://portal.example".into(),
            ..EmbedShareRequest::default()
        };
        let made = good().make("ann").unwrap();
        assert_eq!(
            (made.share.resource.as_str(), made.share.expires_at),
            ("status", None)
        );
        assert!(!made.share.token_hash.contains(&made.token));
        assert!(
            EmbedShareRequest {
                view: "run".into(),
                ..good()
            }
            .make("ann")
            .is_err(),
            "a run without its id"
        );
        assert!(
            EmbedShareRequest {
                view: "run/x".into(),
                ..good()
            }
            .make("ann")
            .is_err()
        );
        assert!(
            EmbedShareRequest {
                origin: "https://portal.example/x".into(),
                ..good()
            }
            .make("ann")
            .is_err()
        );
        assert!(
            EmbedShareRequest {
                days: "0".into(),
                ..good()
            }
            .make("ann")
            .is_err()
        );
        assert!(
            EmbedShareRequest {
                days: "7".into(),
                ..good()
            }
            .make("ann")
            .unwrap()
            .share
            .expires_at
            .is_some()
        );
    }
}
