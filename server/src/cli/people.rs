//! `tickstock-console user …` and `token …`: who may come in. Passwords are asked for, or read from
//! standard input, never given as an argument, which everybody on the machine could read.

use crate::auth::{PeopleError, add_token, add_user, set_password, token_state};
use crate::clock::now;
use crate::config::Config;
use access::{Role, user_name};
use clap::Subcommand;
use model::AuditEntry;
use serde_json::json;
use std::io::{self, BufRead, IsTerminal, Write};
use store::{Record, Store, StoreError};

/// `tickstock-console user …`
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a user; the password is asked for, or read from standard input
    Add {
        /// The name to sign in with
        name: String,
        /// viewer sees, operator commands too, admin manages users and tokens too
        #[arg(long, default_value = "operator")]
        role: Role,
    },
    /// Give a user another password, and end their sessions
    Passwd {
        /// The user
        name: String,
    },
    /// List the users
    List,
    /// Remove a user, and end their sessions
    Remove {
        /// The user
        name: String,
    },
    /// Give a user another role, and end their sessions
    Role {
        /// The user
        name: String,
        /// viewer, operator or admin
        role: Role,
    },
}

/// `tickstock-console token …`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make an API token, and print it: it is shown this once
    Create {
        /// What it is called
        name: String,
        /// viewer, operator or admin
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// For how many days it is good
        #[arg(long, default_value_t = 90)]
        days: i64,
        /// It is good until it is revoked
        #[arg(long, conflicts_with = "days")]
        forever: bool,
    },
    /// List the tokens
    List,
    /// Revoke a token
    Revoke {
        /// Its id, as `token list` shows it
        id: String,
    },
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum PeopleCommandError {
    /// Nothing was changed.
    #[error("{0}")]
    People(#[from] PeopleError),
    /// The database did not do what it should.
    #[error("{}", .0.line())]
    Store(#[from] StoreError),
    /// The terminal, or standard input or output.
    #[error("{0}")]
    Terminal(#[from] io::Error),
    /// The two passwords that were typed are not the same.
    #[error("the two passwords are not the same; nothing was changed")]
    Differ,
}

/// Carries out `user …`.
///
/// # Errors
/// [`PeopleCommandError`]
pub async fn user(command: User, config: &Config) -> Result<(), PeopleCommandError> {
    let store = Store::open(&config.persistence.database).await?;
    let mut out = io::stdout().lock();
    match command {
        User::Add { name, role } => {
            let hash = access::hash_password(&name, &password()?).map_err(PeopleError::from)?;
            add_user(&store, &name, role, hash).await?;
            kept(&store, "user_add", &name, json!({ "role": role.as_str() })).await?;
            if !config.access.auth_modes.users {
                eprintln!("They can sign in when CONSOLE_AUTH has users.");
            }
        }
        User::Passwd { name } => {
            let hash = access::hash_password(&name, &password()?).map_err(PeopleError::from)?;
            set_password(&store, &name, hash).await?;
            kept(&store, "user_password", &name, json!({})).await?;
        }
        User::List => {
            for user in store.users().await? {
                let last = user
                    .signed_in_at
                    .map_or_else(|| "never".to_owned(), |at| at.to_string());
                writeln!(
                    out,
                    "{:<24} {:<10} last signed in: {last}",
                    user.name, user.role
                )?;
            }
        }
        User::Remove { name } => {
            let found = store
                .remove_user(&user_name(&name).map_err(PeopleError::from)?)
                .await?;
            there(found)?;
            kept(&store, "user_remove", &name, json!({})).await?;
        }
        User::Role { name, role } => {
            there(
                store
                    .set_role(
                        &user_name(&name).map_err(PeopleError::from)?,
                        role.as_str(),
                        now(),
                    )
                    .await?,
            )?;
            kept(&store, "user_role", &name, json!({ "role": role.as_str() })).await?;
        }
    }
    store.close().await;
    Ok(())
}

/// Carries out `token …`.
///
/// # Errors
/// [`PeopleCommandError`]
pub async fn token(command: Token, config: &Config) -> Result<(), PeopleCommandError> {
    let store = Store::open(&config.persistence.database).await?;
    let mut out = io::stdout().lock();
    match command {
        Token::Create {
            name,
            role,
            days,
            forever,
        } => {
            let days = (!forever).then_some(days);
            let (secret, token) = add_token(&store, &name, role, days, BY).await?;
            kept(
                &store,
                "token_add",
                &name,
                json!({ "id": token.id, "role": role.as_str(), "days": days }),
            )
            .await?;
            writeln!(out, "{}", secret.reveal())?;
            eprintln!(
                "It is shown this once. `tickstock-console token revoke {}` revokes it.",
                token.id
            );
            if !config.access.auth_modes.tokens {
                eprintln!("It is taken when CONSOLE_AUTH has tokens.");
            }
        }
        Token::List => {
            for token in store.tokens().await? {
                let time = |at: Option<contract::Timestamp>, none: &str| {
                    at.map_or_else(|| none.to_owned(), |at| at.to_string())
                };
                let (until, used) = (
                    time(token.expires_at, "revoked"),
                    time(token.used_at, "never"),
                );
                let state = token_state(&token, now());
                let (id, name, role, by) = (&token.id, &token.name, &token.role, &token.created_by);
                writeln!(
                    out,
                    "{id}  {name:<24} {role:<10} {state:<8} good until: {until}  last used: {used}  by: {by}"
                )?;
            }
        }
        Token::Revoke { id } => {
            there(store.revoke_token(&id, now()).await?)?;
            kept(&store, "token_revoke", &id, json!({})).await?;
        }
    }
    store.close().await;
    Ok(())
}

/// Who the audit says it was.
const BY: &str = "command line";

fn there(found: bool) -> Result<(), PeopleError> {
    if found {
        Ok(())
    } else {
        Err(PeopleError::Missing)
    }
}

async fn kept(
    store: &Store,
    action: &str,
    target: &str,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        key: store::new_key(),
        at: now(),
        who: BY.to_owned(),
        role: None,
        action: action.to_owned(),
        target: Some(target.to_owned()),
        address: None,
        request_id: None,
        outcome: "accepted".to_owned(),
        detail: Some(detail.to_string()),
    };
    store.write(&[Record::Audit(entry)]).await
}

/// Asks twice on a terminal; takes one line otherwise.
fn password() -> Result<String, PeopleCommandError> {
    if io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ")?;
        let again = rpassword::prompt_password("The same again: ")?;
        return if first == again {
            Ok(first)
        } else {
            Err(PeopleCommandError::Differ)
        };
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
