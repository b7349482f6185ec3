//! What can go wrong with a data directory, said so that somebody can act on it.

use std::io;
use std::path::{Path, PathBuf};

/// An error of the data directory: where, what, and how to fix it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The device, quota or file-size limit is used up.
    #[error("{path}: no space left while writing {what}; free some space or choose another directory, then run again", path = path.display())]
    Full {
        /// File being written.
        path: PathBuf,
        /// What was being written.
        what: &'static str,
    },
    /// The directory or a file in it may not be written.
    #[error("{path}: not permitted to write {what}; choose a directory that this user may write, or change its owner or mode", path = path.display())]
    NotPermitted {
        /// File or directory.
        path: PathBuf,
        /// What was being written.
        what: &'static str,
    },
    /// Another process holds the directory.
    #[error("{path}: in use by another weir process; wait for it to end or choose another directory", path = path.display())]
    Busy {
        /// Directory.
        path: PathBuf,
    },
    /// There is a database of an earlier run where none is to be written: it would contradict the JSON Lines.
    #[error("{path}: database of an earlier run; choose another directory, or leave out --no-store so that it is rewritten", path = path.display())]
    StaleDatabase {
        /// The database.
        path: PathBuf,
    },
    /// The database was written by a newer weir.
    #[error("{path}: written by a newer weir (schema {found}, this one knows {known}); use that version", path = path.display())]
    TooNew {
        /// The database.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest one known.
        known: i64,
    },
    /// There is nothing to read.
    #[error("{path}: no records here; name the directory that `weir replay --out` wrote", path = path.display())]
    Empty {
        /// Directory.
        path: PathBuf,
    },
    /// A file does not hold what it should.
    #[error("{path}: {what} is broken ({why}); run `weir replay` into a new directory", path = path.display())]
    Broken {
        /// File.
        path: PathBuf,
        /// What was being read, with the line where there are lines.
        what: String,
        /// What is wrong with it; never quotes the content.
        why: String,
    },
    /// Any other failure of the operating system.
    #[error("{path}: {what} failed: {source}; check the device and the path", path = path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What was being done.
        what: &'static str,
        /// Cause.
        source: io::Error,
    },
    /// Any other failure of SQLite.
    #[error("{path}: {what} failed: {source}; check the device, or move the file away and run again", path = path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What was being done.
        what: &'static str,
        /// Cause.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Sorts a failure of the operating system into those with advice of their own.
    pub(crate) fn io(path: &Path, what: &'static str, source: io::Error) -> StoreError {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                StoreError::Full { path, what }
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::NotPermitted { path, what }
            }
            _ => StoreError::Io { path, what, source },
        }
    }

    /// Sorts a failure of SQLite likewise.
    pub(crate) fn database(path: &Path, what: &'static str, source: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode;
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full { path, what },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::NotPermitted { path, what }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                StoreError::Broken { path, what: "the database".into(), why: source.to_string() }
            }
            _ => StoreError::Database { path, what, source },
        }
    }

    /// Whether space ran out.
    pub fn is_full(&self) -> bool {
        matches!(self, StoreError::Full { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_what_and_how() {
        let p = Path::new("out/exchanges.jsonl");
        let full = StoreError::io(p, "exchanges", io::Error::from(io::ErrorKind::StorageFull));
        assert!(full.is_full());
        let text = full.to_string();
        assert!(
            text.contains("out/exchanges.jsonl")
                && text.contains("exchanges")
                && text.contains("free some space")
        );
        let denied = StoreError::io(p, "exchanges", io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(matches!(denied, StoreError::NotPermitted { .. }));
    }
}
