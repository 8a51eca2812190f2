//! The error of all subcommands.

use crate::auth::PeopleError;
use access::{NameError, PasswordError};
use std::io;
use store::StoreError;

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The account or token cannot be what was asked for; nothing was changed.
    #[error("{0}")]
    Account(#[from] PeopleError),
    /// The database failed.
    #[error("{}", .0.one_line())]
    Store(#[from] StoreError),
    /// Standard output is closed.
    #[error("failed to write to standard output: {0}")]
    Output(#[from] io::Error),
    /// The terminal or standard input failed.
    #[error("failed to read the password: {0}")]
    PasswordInput(io::Error),
    /// The two passwords that were typed differ.
    #[error("the passwords do not match; nothing was changed")]
    PasswordsDiffer,
    /// The embed link cannot be what was asked for.
    #[error("{0}")]
    InvalidEmbedLink(String),
    /// There is no active embed link with this id.
    #[error("unknown or inactive embed link {0:?}; `tickstock-console embed list` lists all")]
    UnknownEmbedLink(String),
}

impl From<NameError> for CliError {
    fn from(error: NameError) -> Self {
        CliError::Account(error.into())
    }
}

impl From<PasswordError> for CliError {
    fn from(error: PasswordError) -> Self {
        CliError::Account(error.into())
    }
}
