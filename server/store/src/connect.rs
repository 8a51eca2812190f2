//! Connecting to a database for the first time, or again: for writing, or, where that is not
//! possible, for reading.

use crate::address::Place;
use crate::error::FailureKind;
use crate::sql::{Link, args};
use crate::{Database, StoreError, postgres, sqlite};
use std::path::Path;

/// A connection, and what keeps it from writing.
pub(crate) struct Connected {
    pub link: Link,
    /// Why it may not write, if so.
    pub read_only: Option<String>,
    /// SQLite: the file is read as one that nobody changes.
    pub immutable: bool,
}

/// Opens a connection, for writing where that is possible.
pub(crate) async fn connect(database: &Database) -> Result<Connected, StoreError> {
    let writing = |link| {
        Ok(Connected {
            link,
            read_only: None,
            immutable: false,
        })
    };
    let (path, read_only) = match &database.place {
        Place::Postgres(options) => {
            return writing(postgres::connect(options, database.shown()).await?);
        }
        Place::Sqlite { path, read_only } => (path, *read_only),
    };
    let mut problem = None;
    if !read_only {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            let made = std::fs::create_dir_all(folder);
            made.map_err(|source| StoreError::Folder {
                path: folder.to_owned(),
                source,
            })?;
        }
        match sqlite::open_writer(path).await {
            Ok(link) => return writing(link),
            Err(error) if may_be_read(&error, path) => problem = Some(error),
            Err(error) => return Err(error),
        }
    }
    let opened_so = || "it was opened for reading".to_owned();
    let reason = problem.as_ref().map_or_else(opened_so, |error| {
        format!("its file may not be written ({})", error.one_line())
    });
    for immutable in [false, true] {
        if let Ok(mut link) = sqlite::connect(&sqlite::reader_options(path, immutable)).await
            && link
                .number("SELECT COUNT(*) FROM sqlite_master", args![])
                .await
                .is_ok()
        {
            return Ok(Connected {
                link,
                read_only: Some(reason),
                immutable,
            });
        }
    }
    let absent = || StoreError::ReadOnly {
        reason: format!("{} is not there or cannot be read", path.display()),
    };
    Err(problem.unwrap_or_else(absent))
}

/// Whether a file that cannot be opened for writing may still be read: it, or its file system, is
/// read only. There SQLite fails at making the files that it needs beside it.
fn may_be_read(error: &StoreError, path: &Path) -> bool {
    const CANNOT_OPEN: &str = "14";
    let code = match error {
        StoreError::Connect { source, .. } | StoreError::Statement { source, .. } => source
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code),
        _ => None,
    };
    error.kind() == FailureKind::ReadOnly || code.as_deref() == Some(CANNOT_OPEN) && path.exists()
}

/// Tells one file from another: its device and its number there.
pub(crate) type File = (u64, u64);

/// Which file stands at the path now.
#[cfg(unix)]
pub(crate) fn identity(database: &Database) -> Option<File> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(database.file()?).ok()?;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(_: &Database) -> Option<File> {
    None
}
