//! `tickstock-console user …` and `token …`. Passwords are prompted for or read from standard
//! input: every user of the machine can see the arguments of a process.

use super::audit::{WHO, record};
use super::error::CliError;
use crate::auth::{PeopleError, add_token, add_user, set_password, token_state};
use crate::clock::now;
use crate::config::Config;
use access::{Role, hash_password, user_name};
use clap::Subcommand;
use contract::Timestamp;
use serde_json::json;
use std::io::{self, BufRead, IsTerminal, Write};
use store::Store;

/// `tickstock-console user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; prompts for the password, or reads it from standard input
    Add {
        /// Name to sign in with
        name: String,
        /// viewer (read only), operator (also sends commands) or admin (also manages access)
        #[arg(long, default_value = "operator")]
        role: Role,
    },
    /// Change a user's password, and end their sessions
    Passwd {
        /// Name of the user
        name: String,
    },
    /// List users
    List,
    /// Remove a user, and end their sessions
    Remove {
        /// Name of the user
        name: String,
    },
    /// Change a user's role, and end their sessions
    Role {
        /// Name of the user
        name: String,
        /// viewer, operator or admin
        role: Role,
    },
}

/// `tickstock-console token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create an API token and print it; it cannot be shown again
    Create {
        /// Name of the token
        name: String,
        /// viewer, operator or admin
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Days until the token expires
        #[arg(long, default_value_t = 90)]
        days: i64,
        /// Never expire
        #[arg(long, conflicts_with = "days")]
        forever: bool,
    },
    /// List API tokens
    List,
    /// Revoke an API token
    Revoke {
        /// Id of the token, as shown by `token list`
        id: String,
    },
}

/// Runs `user …`.
///
/// # Errors
/// When the account, the database, the terminal or standard output fails.
pub async fn run_user_command(command: UserCommand, config: &Config) -> Result<(), CliError> {
    let store = Store::open(&config.persistence.database).await?;
    let result = manage_users(command, config, &store).await;
    store.close().await;
    result
}

async fn manage_users(
    command: UserCommand,
    config: &Config,
    store: &Store,
) -> Result<(), CliError> {
    let (action, name, detail) = match command {
        UserCommand::List => return list_users(store).await,
        UserCommand::Add { name, role } => {
            let hash = hash_password(&name, &password()?)?;
            add_user(store, &name, role, hash).await?;
            if !config.access.auth_modes.users {
                eprintln!("Users cannot sign in yet: add users to CONSOLE_AUTH.");
            }
            ("user_add", name, json!({ "role": role.as_str() }))
        }
        UserCommand::Passwd { name } => {
            let hash = hash_password(&name, &password()?)?;
            set_password(store, &name, hash).await?;
            ("user_password", name, json!({}))
        }
        UserCommand::Remove { name } => {
            require(store.remove_user(&user_name(&name)?).await?)?;
            ("user_remove", name, json!({}))
        }
        UserCommand::Role { name, role } => {
            let found = store
                .set_role(&user_name(&name)?, role.as_str(), now())
                .await?;
            require(found)?;
            ("user_role", name, json!({ "role": role.as_str() }))
        }
    };
    Ok(record(store, action, &name, Some(detail.to_string())).await?)
}

async fn list_users(store: &Store) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    for user in store.users().await? {
        let signed_in = time_or_never(user.signed_in_at);
        writeln!(
            out,
            "{:<24} {:<10} last sign-in: {signed_in}",
            user.name, user.role
        )?;
    }
    Ok(())
}

/// Runs `token …`.
///
/// # Errors
/// When the token, the database or standard output fails.
pub async fn run_token_command(command: TokenCommand, config: &Config) -> Result<(), CliError> {
    let store = Store::open(&config.persistence.database).await?;
    let result = manage_tokens(command, config, &store).await;
    store.close().await;
    result
}

async fn manage_tokens(
    command: TokenCommand,
    config: &Config,
    store: &Store,
) -> Result<(), CliError> {
    match command {
        TokenCommand::List => list_tokens(store).await,
        TokenCommand::Create {
            name,
            role,
            days,
            forever,
        } => {
            let days = (!forever).then_some(days);
            let (secret, token) = add_token(store, &name, role, days, WHO).await?;
            let detail = json!({ "id": token.id, "role": role.as_str(), "days": days });
            record(store, "token_add", &name, Some(detail.to_string())).await?;
            writeln!(io::stdout(), "{}", secret.reveal())?;
            eprintln!(
                "Copy the token now; it cannot be shown again. To revoke it: tickstock-console token revoke {}",
                token.id
            );
            if !config.access.auth_modes.tokens {
                eprintln!("Tokens are not accepted yet: add tokens to CONSOLE_AUTH.");
            }
            Ok(())
        }
        TokenCommand::Revoke { id } => {
            require(store.revoke_token(&id, now()).await?)?;
            Ok(record(store, "token_revoke", &id, Some("{}".to_owned())).await?)
        }
    }
}

async fn list_tokens(store: &Store) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    for token in store.tokens().await? {
        let state = token_state(&token, now());
        let (expires, used) = (
            time_or_never(token.expires_at),
            time_or_never(token.used_at),
        );
        let (id, name, role, creator) = (&token.id, &token.name, &token.role, &token.created_by);
        writeln!(
            out,
            "{id}  {name:<24} {role:<10} {state:<8} expires: {expires}  last used: {used}  created by: {creator}"
        )?;
    }
    Ok(())
}

fn time_or_never(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.to_string())
}

fn require(found: bool) -> Result<(), PeopleError> {
    if found {
        Ok(())
    } else {
        Err(PeopleError::Missing)
    }
}

/// Prompts twice on a terminal; otherwise reads one line.
fn password() -> Result<String, CliError> {
    if io::stdin().is_terminal() {
        let prompt = |text| rpassword::prompt_password(text).map_err(CliError::PasswordInput);
        let password = prompt("Password: ")?;
        return match prompt("Repeat password: ")? == password {
            true => Ok(password),
            false => Err(CliError::PasswordsDiffer),
        };
    }
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(CliError::PasswordInput)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
