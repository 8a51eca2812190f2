//! The file that `--state` names: what TickStockPL's database would keep over a restart.

use crate::history::EndedRun;
use crate::schedule::Schedule;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedState {
    pub(crate) runs_started: u64,
    /// The active run, as it ends if the simulator ends now.
    pub(crate) active: Option<EndedRun>,
    /// EndedRun runs, newest first.
    pub(crate) history: Vec<EndedRun>,
    pub(crate) schedule: Schedule,
}

pub(crate) struct StateFile {
    path: PathBuf,
}

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> StateFile {
        StateFile { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file; `None` where it does not exist yet.
    ///
    /// # Errors
    /// When it cannot be read, or is not a state file.
    pub(crate) fn load(&self) -> io::Result<Option<SavedState>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.named(error)),
        };
        let saved = serde_json::from_slice(&bytes);
        saved
            .map(Some)
            .map_err(|error| self.named(io::Error::new(io::ErrorKind::InvalidData, error)))
    }

    /// Replaces the file at once: a reader, or the next start after a SIGKILL, finds the old or the
    /// new text, never a part.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn save(&self, saved: &SavedState) -> io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let written = fs::write(&beside, serde_json::to_vec(saved)?)
            .and_then(|()| fs::rename(&beside, &self.path));
        written.map_err(|error| self.named(error))
    }

    fn named(&self, error: io::Error) -> io::Error {
        io::Error::new(
            error.kind(),
            format!("--state {}: {error}", self.path.display()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_state_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::new(folder.path().join("state.json"));
        assert!(file.load().unwrap().is_none());
        fs::write(file.path(), "{").unwrap();
        let error = file.load().err().unwrap().to_string();
        assert!(
            error.contains("--state") && error.contains("state.json"),
            "{error}"
        );
    }
}
