//! `tickstock-console embed …`: shares of embeds.

use super::DbError;
use crate::clock::now;
use crate::config::Config;
use crate::embed::EmbedShareRequest;
use clap::{Args, Subcommand};
use model::AuditEntry;
use std::io::{self, Write};
use store::{Record, Store, StoreError};

/// Who does it, as the audit has it.
const WHO: &str = "command line";

/// `tickstock-console embed …`
#[derive(Debug, Subcommand)]
pub enum Embed {
    /// Make a link to a view that lasts until it is revoked; prints its token this once
    Create(Box<Create>),
    /// List the shares
    List,
    /// Take a share back
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
}

/// What a share is to be.
#[derive(Debug, Args)]
pub struct Create {
    /// status, runs, run, schedule or badge
    view: String,
    /// The portal's origin, such as https://portal.example
    #[arg(long)]
    origin: String,
    /// The run, for the view of one
    #[arg(long, default_value = "")]
    run_id: String,
    /// light, dark, auto or transparent
    #[arg(long, default_value = "")]
    theme: String,
    /// A colour, such as #1c2cac
    #[arg(long, default_value = "")]
    accent: String,
    /// comfortable or compact
    #[arg(long, default_value = "")]
    density: String,
    /// The zone of times: exchange, UTC or an IANA name
    #[arg(long, default_value = "")]
    tz: String,
    /// The sections, with commas between
    #[arg(long, default_value = "")]
    sections: String,
    /// What it is for
    #[arg(long, default_value = "")]
    note: String,
    /// For how many days; until it is revoked where absent
    #[arg(long, default_value = "")]
    days: String,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// What was asked for makes no sense.
    #[error("{0}")]
    Wrong(String),
    /// There is none of this id that is still good.
    #[error("there is no share {0} that is still good; `embed list` lists them")]
    Missing(String),
    /// As for the other commands.
    #[error(transparent)]
    Store(#[from] DbError),
}

impl From<StoreError> for EmbedError {
    fn from(error: StoreError) -> Self {
        EmbedError::Store(error.into())
    }
}

impl From<io::Error> for EmbedError {
    fn from(error: io::Error) -> Self {
        EmbedError::Store(error.into())
    }
}

/// Carries out a command.
///
/// # Errors
/// [`EmbedError`]
pub async fn run(command: Embed, config: &Config) -> Result<(), EmbedError> {
    let store = Store::open(&config.persistence.database).await?;
    let done = carry_out(command, config, &store).await;
    store.close().await;
    done
}

async fn carry_out(command: Embed, config: &Config, store: &Store) -> Result<(), EmbedError> {
    let mut out = io::stdout().lock();
    match command {
        Embed::Create(of) => {
            let asked = asked(*of);
            let made = asked.make(WHO).map_err(EmbedError::Wrong)?;
            store.add_share(&made.share).await?;
            note(store, "share", &made.share.id).await?;
            if let Some(warning) = EmbedShareRequest::warning(&made, &config.embed.origins) {
                writeln!(io::stderr(), "{warning}")?;
            }
            let code = asked.code(&config.base(), &made);
            writeln!(
                out,
                "share {}, shown this once:\n\n{}\n\n{}",
                made.share.id,
                made.token,
                code.frame()
            )?;
        }
        Embed::List => {
            for share in store.shares().await? {
                let state = match (share.revoked_at, share.expires_at) {
                    (Some(at), _) => format!("revoked {at}"),
                    (None, Some(at)) if at <= now() => format!("expired {at}"),
                    (None, Some(at)) => format!("good until {at}"),
                    (None, None) => "good".to_owned(),
                };
                let note = share.note.unwrap_or_default();
                writeln!(
                    out,
                    "{}\t{}\t{}\t{state}\t{}\t{note}",
                    share.id, share.resource, share.origin, share.who
                )?;
            }
        }
        Embed::Revoke { id } => {
            if !store.revoke_share(&id, WHO, now()).await? {
                return Err(EmbedError::Missing(id));
            }
            note(store, "revoke share", &id).await?;
            writeln!(out, "revoked {id}; open embeds lose it within seconds")?;
        }
    }
    Ok(())
}

fn asked(of: Create) -> EmbedShareRequest {
    let options = [
        ("theme", of.theme),
        ("accent", of.accent),
        ("density", of.density),
        ("tz", of.tz),
        ("sections", of.sections),
    ];
    EmbedShareRequest {
        view: of.view,
        run_id: of.run_id,
        origin: of.origin,
        options: options.into(),
        note: of.note,
        days: of.days,
    }
}

/// The audit has it, too.
async fn note(store: &Store, action: &str, id: &str) -> Result<(), StoreError> {
    let entry = AuditEntry {
        key: store::new_key(),
        at: now(),
        who: WHO.to_owned(),
        role: None,
        action: action.to_owned(),
        target: Some(id.to_owned()),
        address: None,
        request_id: None,
        outcome: "accepted".to_owned(),
        detail: None,
    };
    store.write(&[Record::Audit(entry)]).await
}
