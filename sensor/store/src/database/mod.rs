//! `weir.db`: the same records as the JSON Lines, indexed for questions.
//!
//! Write-ahead log, `synchronous = NORMAL`: after a crash the database is as of its last whole transaction. While a run writes,
//! `meta.state` is `writing`; readers say so.

mod live;
mod migrate;
mod read;
mod write;

pub(crate) use live::{Call, CallKey, ExchangeRow, LiveDatabase};
pub(crate) use read::DatabaseReader;
pub(crate) use write::{DatabaseWriter, LastRows};

use crate::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// Name of the file in the data directory.
pub(crate) const FILE: &str = "weir.db";

/// Memory for pages, KiB: enough for the indexes of a batch.
const CACHE_KIB: i64 = 16_384;

/// Opens for writing, makes the file where it is missing, and brings the schema up to date.
fn open_writable(path: &Path) -> Result<Connection, StoreError> {
    let fail = |e| StoreError::database(path, "opening the database", e);
    // SQLite makes files by the umask; made beforehand, the file and its log are private.
    let made = crate::directory::private().append(true).open(path);
    made.map_err(|e| StoreError::io(path, "the database", e))?;
    let mut connection = Connection::open(path).map_err(fail)?;
    connection.busy_timeout(std::time::Duration::from_secs(2)).map_err(fail)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(fail)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(fail)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(fail)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB).map_err(fail)?;
    migrate::migrate(&mut connection, path, migrate::STEPS)?;
    Ok(connection)
}

/// Opens for reading. An older schema is brought up to date where the file may be written.
fn open_readable(path: &Path) -> Result<Connection, StoreError> {
    let fail = |e| StoreError::database(path, "opening the database", e);
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fail)?;
    let newest = migrate::newest(migrate::STEPS);
    match migrate::version(&connection).map_err(fail)? {
        v if v == newest => Ok(connection),
        v if v > newest => Err(StoreError::TooNew { path: path.to_path_buf(), found: v, known: newest }),
        _ => {
            drop(connection);
            open_writable(path)
        }
    }
}

/// Where the database of a data directory is.
pub(crate) fn path_in(dir: &Path) -> PathBuf {
    dir.join(FILE)
}
