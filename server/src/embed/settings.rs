//! Embed links and their configuration, for the settings page.

use super::Embeds;
use crate::clock::now;
use crate::service::views::DATABASE_TIMEOUT;
use app::ports::{EmbedSettings, EmbedShareRow};
use store::EmbedShare;
use tokio::time::timeout;

impl Embeds {
    /// What the settings page shows to one who manages embeds, or does not.
    pub async fn settings(&self, manages: bool) -> EmbedSettings {
        if !manages {
            // Where there is nothing to manage there is nothing to see, not even a token for a
            // preview.
            return EmbedSettings {
                open: self.are_open(),
                ..EmbedSettings::default()
            };
        }
        let (shares, problem) = match timeout(DATABASE_TIMEOUT, self.shares().all()).await {
            Ok(Ok(shares)) => (shares.into_iter().map(row).collect(), None),
            Ok(Err(error)) => (Vec::new(), Some(error.one_line())),
            Err(_) => (Vec::new(), Some("it did not answer in time".to_owned())),
        };
        EmbedSettings {
            base: self.base().to_owned(),
            open: self.are_open(),
            manages,
            origins: self
                .origins()
                .joined()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            preview_token: (!self.are_open()).then(|| self.preview_token()),
            shares,
            problem,
        }
    }
}

fn row(share: EmbedShare) -> EmbedShareRow {
    EmbedShareRow {
        state: match (share.revoked_at, share.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(at)) if at <= now() => "expired",
            _ => "good",
        },
        id: share.id,
        resource: share.resource,
        origin: share.origin,
        note: share.note,
        who: share.who,
        created_at: share.created_at,
        expires_at: share.expires_at,
    }
}
