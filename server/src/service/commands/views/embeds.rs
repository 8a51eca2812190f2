//! Embeds, for the settings.

use super::KEPT;
use crate::clock::now;
use crate::embed::Embeds;
use app::ports::{EmbedSettings, EmbedShareRow};
use store::EmbedShare;
use tokio::time::timeout;

/// What is set, and the shares.
pub(super) async fn settings(embeds: Option<Embeds>, manages: bool) -> EmbedSettings {
    let Some(embeds) = embeds else {
        return EmbedSettings::default();
    };
    if !manages {
        // Where there is nothing to manage there is nothing to see, not even a token for a preview.
        return EmbedSettings {
            open: embeds.are_open(),
            ..EmbedSettings::default()
        };
    }
    let (shares, problem) = match timeout(KEPT, embeds.shares().all()).await {
        Ok(Ok(shares)) => (shares.into_iter().map(row).collect(), None),
        Ok(Err(error)) => (Vec::new(), Some(error.line())),
        Err(_) => (Vec::new(), Some("it did not answer in time".to_owned())),
    };
    EmbedSettings {
        base: embeds.base().to_owned(),
        open: embeds.are_open(),
        manages,
        origins: embeds
            .origins()
            .joined()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        preview_token: (!embeds.are_open()).then(|| embeds.preview_token()),
        shares,
        problem,
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
