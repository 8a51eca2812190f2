//! The file of what must last: one JSON object a line, each on the disk before anybody is told that
//! it is.
//!
//! A line that was not finished was never promised to anybody, and is left out when the file is
//! read.

use crate::Database;
use crate::record::Record;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Processes that may each have a file in the same folder.
const PROCESSES: usize = 16;
/// The most that a file takes.
const BYTES: u64 = 64 << 20;

/// Where the files of a database stand: their names without the number and the ending.
pub(super) fn place(database: &Database, folder: Option<&Path>) -> PathBuf {
    let beside = database.file();
    let name = beside.and_then(Path::file_name).map_or_else(
        || "tickstock-console".into(),
        std::borrow::ToOwned::to_owned,
    );
    let own = beside
        .and_then(Path::parent)
        .map_or_else(|| PathBuf::from("data"), Path::to_owned);
    folder.map_or(own, Path::to_owned).join(name)
}

/// The file of this process.
pub(super) struct Spool {
    file: File,
    path: PathBuf,
    bytes: u64,
}

impl Spool {
    /// Opens a file that no other process has, and gives the records that an earlier one left in
    /// it, or in another that nobody has any more.
    pub(super) fn open(place: &Path) -> io::Result<(Spool, Vec<Record>)> {
        if let Some(folder) = place
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)?;
        }
        let mut own: Option<Spool> = None;
        let mut records = Vec::new();
        for number in 0..PROCESSES {
            let mut path = place.as_os_str().to_owned();
            path.push(format!(".spool-{number}.jsonl"));
            let path = PathBuf::from(path);
            if own.is_some() && !path.exists() {
                continue;
            }
            let mut file = OpenOptions::new()
                .read(true)
                .append(true)
                .create(true)
                .open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(error),
            }
            let from = records.len();
            read(&mut file, &path, &mut records)?;
            match &mut own {
                None => {
                    own = Some(Spool {
                        bytes: end_line(&mut file)?,
                        file,
                        path,
                    });
                }
                Some(own) => {
                    // On the disk in the own file first: only then may the other go.
                    own.append(&records[from..].iter().collect::<Vec<_>>())?;
                    file.set_len(0)?;
                    std::fs::remove_file(path)?;
                }
            }
        }
        let own = own
            .ok_or_else(|| io::Error::other("every file for what must last is another process'"))?;
        Ok((own, records))
    }

    /// Puts the records on the disk: all of them, or, as far as can be helped, none.
    pub(super) fn append(&mut self, records: &[&Record]) -> io::Result<()> {
        let lines = lines(records.iter().copied())?;
        if self.bytes + lines.len() as u64 > BYTES {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                "the file of what waits for the database is full",
            ));
        }
        let written = self
            .file
            .write_all(&lines)
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A half line would end in the next one.
            if self.file.set_len(self.bytes).is_err() {
                let _ = self.file.write_all(b"\n");
            }
            return Err(error);
        }
        self.bytes += lines.len() as u64;
        Ok(())
    }

    /// Everything in it is in the database.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        if self.bytes > 0 {
            self.file.set_len(0)?;
            self.file.sync_data()?;
            self.bytes = 0;
        }
        Ok(())
    }

    /// Keeps a record that the database refuses where somebody may find it.
    pub(super) fn set_aside(&self, record: &Record, why: &str) -> io::Result<PathBuf> {
        let path = self.path.with_extension("refused.jsonl");
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        let line = serde_json::json!({ "why": why, "record": record });
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_data()?;
        Ok(path)
    }
}

fn lines<'a>(records: impl IntoIterator<Item = &'a Record>) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, record)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Ends a line that was not finished, so that the next one stands alone, and says how long the file
/// is.
fn end_line(file: &mut File) -> io::Result<u64> {
    let bytes = file.metadata()?.len();
    if bytes == 0 {
        return Ok(0);
    }
    let mut last = [0];
    file.seek(io::SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" {
        return Ok(bytes);
    }
    file.write_all(b"\n")?;
    Ok(bytes + 1)
}

fn read(file: &mut File, path: &Path, records: &mut Vec<Record>) -> io::Result<()> {
    file.rewind()?;
    for line in BufReader::new(file).split(b'\n') {
        let line = line?;
        match serde_json::from_slice(&line) {
            Ok(record) => records.push(record),
            Err(_) if line.is_empty() => {}
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "skipped unfinished line of spool");
            }
        }
    }
    Ok(())
}
