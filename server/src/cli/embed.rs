//! `tickstock-console embed …`: embed links.

use super::audit::{WHO, record};
use super::error::CliError;
use crate::clock::now;
use crate::config::Config;
use crate::embed::EmbedShareRequest;
use clap::{Args, Subcommand};
use std::io::{self, Write};
use store::Store;

/// `tickstock-console embed …`
#[derive(Debug, Subcommand)]
pub enum EmbedCommand {
    /// Create an embed link and print its token; it cannot be shown again
    Create(Box<CreateEmbedLink>),
    /// List embed links
    List,
    /// Revoke an embed link
    Revoke {
        /// Id of the embed link, as shown by `embed list`
        id: String,
    },
}

/// Properties of a new embed link.
#[derive(Debug, Args)]
pub struct CreateEmbedLink {
    /// status, runs, run, schedule or badge
    view: String,
    /// Origin of the embedding page, such as https://portal.example
    #[arg(long)]
    origin: String,
    /// Id of the run, for the view "run"
    #[arg(long, default_value = "", hide_default_value = true)]
    run_id: String,
    /// light, dark, auto or transparent
    #[arg(long, default_value = "", hide_default_value = true)]
    theme: String,
    /// Accent color, such as #1c2cac
    #[arg(long, default_value = "", hide_default_value = true)]
    accent: String,
    /// comfortable or compact
    #[arg(long, default_value = "", hide_default_value = true)]
    density: String,
    /// Time zone: exchange, UTC or an IANA name
    #[arg(long, default_value = "", hide_default_value = true)]
    tz: String,
    /// Sections to show, comma-separated
    #[arg(long, default_value = "", hide_default_value = true)]
    sections: String,
    /// Note that is shown in the list
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Days until the link expires; without it, the link is valid until it is revoked
    #[arg(long, default_value = "", hide_default_value = true)]
    days: String,
}

/// Runs `embed …`.
///
/// # Errors
/// When the embed link, the database or standard output fails.
pub async fn run_embed_command(command: EmbedCommand, config: &Config) -> Result<(), CliError> {
    let store = Store::open(&config.persistence.database).await?;
    let result = manage_embed_links(command, config, &store).await;
    store.close().await;
    result
}

async fn manage_embed_links(
    command: EmbedCommand,
    config: &Config,
    store: &Store,
) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match command {
        EmbedCommand::Create(properties) => {
            let request = request(*properties);
            let created = request.make(WHO).map_err(CliError::InvalidEmbedLink)?;
            store.add_share(&created.share).await?;
            record(store, "share", &created.share.id, None).await?;
            if let Some(warning) = EmbedShareRequest::warning(&created, &config.embed.origins) {
                eprintln!("{warning}");
            }
            let code = request.code(&config.base(), &created);
            writeln!(
                out,
                "Embed link {}. Copy its token now; it cannot be shown again.\n\n{}\n\n{}",
                created.share.id,
                created.token,
                code.frame()
            )?;
        }
        EmbedCommand::List => {
            for share in store.shares().await? {
                let state = match (share.revoked_at, share.expires_at) {
                    (Some(at), _) => format!("revoked {at}"),
                    (None, Some(at)) if at <= now() => format!("expired {at}"),
                    (None, Some(at)) => format!("active until {at}"),
                    (None, None) => "active".to_owned(),
                };
                let note = share.note.unwrap_or_default();
                writeln!(
                    out,
                    "{}\t{}\t{}\t{state}\t{}\t{note}",
                    share.id, share.resource, share.origin, share.who
                )?;
            }
        }
        EmbedCommand::Revoke { id } => {
            if !store.revoke_share(&id, WHO, now()).await? {
                return Err(CliError::UnknownEmbedLink(id));
            }
            record(store, "revoke share", &id, None).await?;
            writeln!(out, "Revoked {id}. Open embeds lose access within seconds.")?;
        }
    }
    Ok(())
}

fn request(properties: CreateEmbedLink) -> EmbedShareRequest {
    let options = [
        ("theme", properties.theme),
        ("accent", properties.accent),
        ("density", properties.density),
        ("tz", properties.tz),
        ("sections", properties.sections),
    ];
    EmbedShareRequest {
        view: properties.view,
        run_id: properties.run_id,
        origin: properties.origin,
        options: options.into(),
        note: properties.note,
        days: properties.days,
    }
}
