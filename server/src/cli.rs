//! The program's subcommands besides `serve`. They work on the database directly, whether or not a
//! console is running, and record what they change in the audit log.

mod accounts;
mod audit;
mod config;
mod db;
mod embed;
mod error;

pub use accounts::{TokenCommand, UserCommand, run_token_command, run_user_command};
pub use config::{ConfigOutput, print_config, settings_help};
pub use db::{DbCommand, run_db_command};
pub use embed::{EmbedCommand, run_embed_command};
pub use error::CliError;
