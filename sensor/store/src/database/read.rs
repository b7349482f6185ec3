//! The read side.

use super::{open_readable, path_in};
use crate::StoreError;
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Reads records back.
#[derive(Debug)]
pub(crate) struct DatabaseReader {
    connection: Connection,
    path: PathBuf,
}

impl DatabaseReader {
    /// Opens the database of `dir`.
    pub(crate) fn open(dir: &Path) -> Result<DatabaseReader, StoreError> {
        let path = path_in(dir);
        Ok(DatabaseReader { connection: open_readable(&path)?, path })
    }

    /// A value of `meta`.
    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        use rusqlite::OptionalExtension;
        let found = self.connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0));
        found.optional().map_err(|e| StoreError::database(&self.path, "reading meta", e))
    }

    /// Targets of the exchanges of an interface, in order of time, at most `most`.
    pub(crate) fn targets(
        &self,
        interface: &str,
        most: usize,
        each: &mut dyn FnMut(&str),
    ) -> Result<(), StoreError> {
        let fail = |e| StoreError::database(&self.path, "reading exchanges", e);
        let query =
            "SELECT target FROM exchanges WHERE interface = ?1 AND target IS NOT NULL ORDER BY time LIMIT ?2";
        let mut query = self.connection.prepare(query).map_err(fail)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows = query.query(rusqlite::params![interface, most]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let target = row.get_ref(0).map_err(fail)?;
            if let Ok(target) = target.as_str() {
                each(target);
            }
        }
        Ok(())
    }

    /// Calls of interfaces after a time: from the sums of a live sensor where there are any, else from exchanges.
    pub(crate) fn calls_since(
        &self,
        interfaces: &[&str],
        since: u64,
        failures: bool,
    ) -> Result<u64, StoreError> {
        let fail = |e| StoreError::database(&self.path, "counting calls", e);
        let live: bool = self
            .connection
            .query_row("SELECT EXISTS (SELECT 1 FROM calls)", [], |r| r.get(0))
            .map_err(fail)?;
        let (query, since) = if live {
            let query = "SELECT COALESCE(sum(count), 0) FROM calls WHERE interface = ?1 AND minute > ?2 AND (class >= 4) = ?3";
            (query, since / 60_000_000_000)
        } else {
            let query = "SELECT count(*) FROM exchanges WHERE interface = ?1 AND time > ?2 AND (COALESCE(status, 0) >= 400) = ?3";
            (query, since)
        };
        let mut query = self.connection.prepare(query).map_err(fail)?;
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let mut sum = 0u64;
        for interface in interfaces {
            let n: i64 =
                query.query_row(rusqlite::params![interface, since, failures], |r| r.get(0)).map_err(fail)?;
            sum = sum.saturating_add(u64::try_from(n).unwrap_or(0));
        }
        Ok(sum)
    }

    /// Every record of a table, in order. `table` is one of ours, never from outside.
    pub(crate) fn records<R: DeserializeOwned>(&self, table: &'static str) -> Result<Vec<R>, StoreError> {
        records(&self.connection, &self.path, table)
    }
}

/// Every record of a table, in order.
pub(super) fn records<R: DeserializeOwned>(
    connection: &Connection,
    path: &Path,
    table: &'static str,
) -> Result<Vec<R>, StoreError> {
    let fail = |e| StoreError::database(path, "reading records", e);
    let query = format!("SELECT record FROM {table} ORDER BY position");
    let mut query = connection.prepare(&query).map_err(fail)?;
    let mut rows = query.query([]).map_err(fail)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(fail)? {
        let text = row.get_ref(0).map_err(fail)?;
        let bytes = text.as_bytes().map_err(|e| fail(e.into()))?;
        records.push(serde_json::from_slice(bytes).map_err(|e| broken(path, table, &e))?);
    }
    Ok(records)
}

fn broken(path: &Path, table: &str, e: &serde_json::Error) -> StoreError {
    let (path, what) = (path.to_path_buf(), format!("a record of {table}"));
    StoreError::Broken { path, what, why: format!("{:?} error", e.classify()) }
}
