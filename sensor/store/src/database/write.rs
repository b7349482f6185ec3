//! The write side.

use super::{open_writable, path_in};
use crate::StoreError;
use crate::record::{
    AccountRecord, IncidentRecord, InterfaceRecord, LedgerRecord, RiskRecord, RiskSourceRecord,
};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::path::{Path, PathBuf};
use weir_model::RiskSource;

/// Exchanges in one transaction.
const BATCH: u32 = 20_000;

pub(super) const INSERT_EXCHANGE: &str = "INSERT INTO exchanges (time, flow, number, client, server, server_port, method, host, target, status, \
    request_bytes, response_bytes, duration, interface, account, level, data, complete) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

/// Writes one run's records.
#[derive(Debug)]
pub(crate) struct DatabaseWriter {
    connection: Connection,
    path: PathBuf,
    pending: u32,
}

/// What the table keeps of an exchange's line.
#[derive(Deserialize)]
struct Compact<'a> {
    #[serde(borrow)]
    flow: std::borrow::Cow<'a, str>,
    number: u32,
    client: End,
    server: End,
    method: Option<String>,
    host: Option<String>,
    target: Option<String>,
    status: Option<u16>,
    request: Option<Size>,
    response: Option<Size>,
    duration_ns: u64,
    account: Option<String>,
    #[serde(borrow)]
    data: &'a RawValue,
    complete: bool,
}

#[derive(Deserialize)]
struct End {
    ip: String,
    port: u16,
}

#[derive(Deserialize)]
struct Size {
    body_bytes: u64,
}

#[derive(Deserialize)]
struct Grade {
    level: u8,
}

/// SQLite integers are signed: what does not fit saturates (times beyond the year 2262).
pub(super) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl DatabaseWriter {
    /// Opens the database of `dir` and empties it: a run rewrites the directory, as it does the JSON Lines.
    pub(crate) fn create(dir: &Path) -> Result<DatabaseWriter, StoreError> {
        let path = path_in(dir);
        let connection = open_writable(&path)?;
        let cleared = connection.execute_batch(
            "BEGIN IMMEDIATE; DELETE FROM evidence; DELETE FROM risk_sources; DELETE FROM risks; DELETE FROM incidents; DELETE FROM accounts;
             DELETE FROM interfaces; DELETE FROM exchanges; DELETE FROM calls; DELETE FROM runs; DELETE FROM ledger; DELETE FROM meta;
             INSERT INTO meta VALUES ('state', 'writing'); COMMIT;",
        );
        cleared.map_err(|e| StoreError::database(&path, "emptying the database", e))?;
        Ok(DatabaseWriter { connection, path, pending: 0 })
    }

    fn fail(&self, what: &'static str, e: rusqlite::Error) -> StoreError {
        StoreError::database(&self.path, what, e)
    }

    fn broken(&self, e: &serde_json::Error) -> StoreError {
        let (path, what) = (self.path.clone(), "a record".to_string());
        StoreError::Broken { path, what, why: format!("{:?} error", e.classify()) }
    }

    /// Writes an exchange from its line. Lines come in order.
    pub(crate) fn exchange(
        &mut self,
        time: u64,
        interface: Option<&str>,
        line: &[u8],
    ) -> Result<(), StoreError> {
        let x: Compact<'_> = serde_json::from_slice(line).map_err(|e| self.broken(&e))?;
        let grades: Vec<Grade> = serde_json::from_str(x.data.get()).map_err(|e| self.broken(&e))?;
        let level = grades.iter().map(|g| g.level).max().unwrap_or(1);
        let size = |s: Option<Size>| signed(s.map_or(0, |s| s.body_bytes));
        if self.pending == 0 {
            self.connection
                .execute_batch("BEGIN IMMEDIATE")
                .map_err(|e| self.fail("starting a batch of exchanges", e))?;
        }
        let inserted = self.connection.prepare_cached(INSERT_EXCHANGE).and_then(|mut insert| {
            insert.execute(params![
                signed(time),
                x.flow,
                x.number,
                x.client.ip,
                x.server.ip,
                x.server.port,
                x.method,
                x.host,
                x.target,
                x.status,
                size(x.request),
                size(x.response),
                signed(x.duration_ns),
                interface,
                x.account,
                level,
                x.data.get(),
                x.complete,
            ])
        });
        inserted.map_err(|e| self.fail("exchanges", e))?;
        self.pending += 1;
        if self.pending >= BATCH { self.commit() } else { Ok(()) }
    }

    /// Ends the batch under way.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        if self.pending == 0 {
            return Ok(());
        }
        self.pending = 0;
        self.connection.execute_batch("COMMIT").map_err(|e| self.fail("a batch of exchanges", e))
    }

    /// Writes everything else in one transaction and marks the database whole.
    pub(crate) fn finish(mut self, last: &LastRows<'_>) -> Result<(), StoreError> {
        self.commit()?;
        let path = self.path.clone();
        let fail = |e| StoreError::database(&path, "the results of the run", e);
        let transaction = self.connection.transaction().map_err(fail)?;
        last.write(&transaction).map_err(fail)?;
        transaction.commit().map_err(fail)?;
        // The log is folded into the file, so that a copy of weir.db alone is whole.
        let folded = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        folded.map_err(|e| self.fail("folding in the log", e))?;
        // Without a log a reader needs to write nothing: the folder may be on a medium that cannot be written to. Somebody who reads at
        // this moment keeps the log, which is no harm.
        let _ = self.connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()));
        Ok(())
    }
}

/// What is written at the end of a run.
pub(crate) struct LastRows<'a> {
    pub(crate) exchanges: u64,
    pub(crate) whole: bool,
    pub(crate) interfaces: &'a [InterfaceRecord],
    pub(crate) accounts: &'a [AccountRecord],
    /// With what they were made from, for the times of evidence.
    pub(crate) sources: &'a [(RiskSourceRecord, &'a RiskSource)],
    pub(crate) risks: &'a [RiskRecord],
    pub(crate) incidents: &'a [IncidentRecord],
    pub(crate) ledger: &'a LedgerRecord,
}

pub(super) fn json(record: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(record).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}

impl LastRows<'_> {
    fn write(&self, c: &Connection) -> rusqlite::Result<()> {
        let mut insert = c.prepare(
            "INSERT OR REPLACE INTO interfaces (id, method, host, template, state, level, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for i in self.interfaces {
            insert.execute(params![i.id, i.method, i.host, i.template, i.state, i.level, json(i)?])?;
        }
        let mut insert =
            c.prepare("INSERT OR REPLACE INTO accounts (id, name, site, record) VALUES (?1, ?2, ?3, ?4)")?;
        for a in self.accounts {
            insert.execute(params![a.id, a.name, a.site, json(a)?])?;
        }
        self.write_sources(c)?;
        let mut insert = c.prepare(
            "INSERT OR REPLACE INTO risks (id, type, level, interface, record) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for r in self.risks {
            insert.execute(params![r.id, r.risk_type, r.level, r.interface, json(r)?])?;
        }
        self.incidents.iter().try_for_each(|i| put_incident(c, i))?;
        let ledger = params![self.ledger.balanced, json(self.ledger)?];
        c.execute("INSERT OR REPLACE INTO ledger VALUES (1, ?1, ?2)", ledger)?;
        let state = if self.whole { "whole" } else { "partial" };
        c.execute("INSERT OR REPLACE INTO meta VALUES ('state', ?1)", [state])?;
        c.execute("INSERT OR REPLACE INTO meta VALUES ('exchanges', ?1)", [self.exchanges.to_string()])?;
        Ok(())
    }

    fn write_sources(&self, c: &Connection) -> rusqlite::Result<()> {
        let mut insert = c.prepare(
            "INSERT OR REPLACE INTO risk_sources (key, id, severity, interface, caller, account, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let mut evidence =
            c.prepare("INSERT OR REPLACE INTO evidence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        for (r, source) in self.sources {
            insert.execute(params![r.key, r.id, r.severity, r.interface, r.caller, r.account, json(r)?])?;
            for (position, e) in source.evidence.iter().enumerate() {
                let time = signed(e.time.nanos());
                evidence.execute(params![r.key, position, time, e.flow, e.number, e.note.zh, e.note.en])?;
            }
        }
        Ok(())
    }
}

/// Writes an incident, in the place of an earlier state of it.
pub(super) fn put_incident(c: &Connection, i: &IncidentRecord) -> rusqlite::Result<()> {
    c.prepare_cached(
        "INSERT INTO incidents (id, type, level, site, found, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (id) DO UPDATE SET type = ?2, level = ?3, site = ?4, found = ?5, record = ?6",
    )?
    .execute(params![
        i.id,
        i.incident_type,
        i.level,
        i.site,
        signed(crate::record::nanos(&i.found)),
        json(i)?
    ])
    .map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const LINE: &[u8] = br#"{"flow":"1:AA","number":0,"client":{"ip":"10.0.0.1","port":1},"server":{"ip":"10.0.0.2","port":80},
        "method":null,"host":null,"target":null,"status":200,"request":null,"response":null,"duration_ns":1,"account":null,
        "data":[{"level":2},{"level":3}],"complete":true}"#;

    fn count(path: &Path) -> i64 {
        let c = super::super::open_readable(&path_in(path)).unwrap();
        c.query_row("SELECT count(*) FROM exchanges WHERE level = 3", [], |r| r.get(0)).unwrap()
    }

    #[test]
    fn a_batch_cut_off_is_not_there() {
        let (dir, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut writer = DatabaseWriter::create(dir.path()).unwrap();
        writer.exchange(1, None, LINE).unwrap();
        writer.commit().unwrap();
        // More than the page cache holds, so that part of the open batch reaches the log.
        writer.connection.pragma_update(None, "cache_size", 10).unwrap();
        for time in 2..5_000 {
            writer.exchange(time, Some("if-000000000001"), LINE).unwrap();
        }
        for name in ["weir.db", "weir.db-wal"] {
            std::fs::copy(dir.path().join(name), left.path().join(name)).unwrap();
        }
        assert_eq!(count(left.path()), 1);
    }

    #[test]
    fn full_is_said_as_full() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = DatabaseWriter::create(dir.path()).unwrap();
        writer.connection.pragma_update(None, "max_page_count", 40).unwrap();
        let full = (0..20_000).find_map(|time| writer.exchange(time, None, LINE).err());
        assert!(full.is_some_and(|e| e.is_full()));
    }
}
