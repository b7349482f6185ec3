//! The write side of a sensor that runs for months: rows as they come, everything else as it changes.

use super::write::{INSERT_EXCHANGE, json, put_incident, signed};
use super::{open_writable, path_in};
use crate::StoreError;
use crate::live::Snapshot;
use crate::record::{AccountRecord, InterfaceRecord, RiskRecord, RiskSourceRecord};
use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use weir_wire::Timestamp;

/// Exchanges removed at most in one commit, so that making room never takes long.
const REMOVED_AT_ONCE: i64 = 50_000;

/// What the table keeps of an exchange.
pub(crate) struct ExchangeRow<'a> {
    pub(crate) time: u64,
    pub(crate) flow: &'a str,
    pub(crate) number: u32,
    pub(crate) client: &'a str,
    pub(crate) server: &'a str,
    pub(crate) server_port: u16,
    pub(crate) method: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    pub(crate) target: Option<&'a str>,
    pub(crate) status: Option<u16>,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) duration: u64,
    pub(crate) interface: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
    pub(crate) level: u8,
    pub(crate) data: &'a str,
    pub(crate) complete: bool,
}

/// What exchanges are summed up by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct CallKey<'a> {
    pub(crate) interface: &'a str,
    pub(crate) minute: u64,
    pub(crate) account: &'a str,
    pub(crate) class: u8,
}

/// Sums of exchanges.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Call {
    pub(crate) count: u64,
    pub(crate) unlisted: u64,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) duration: u64,
    pub(crate) level: u8,
}

/// The database of a live sensor, with at most one transaction open.
#[derive(Debug)]
pub(crate) struct LiveDatabase {
    connection: Connection,
    path: PathBuf,
    run: i64,
    open: bool,
}

impl LiveDatabase {
    /// Opens the database of `dir`, keeping what is in it, and enters a run begun at `started`.
    pub(crate) fn open(dir: &Path, version: &str, started: Timestamp) -> Result<LiveDatabase, StoreError> {
        let path = path_in(dir);
        let connection = open_writable(&path)?;
        let entered = connection
            .execute("UPDATE runs SET state = 'killed' WHERE state = 'running'", [])
            .and_then(|_| connection.execute("INSERT OR REPLACE INTO meta VALUES ('state', 'writing')", []))
            .and_then(|_| {
                let run = params![version, signed(started.nanos())];
                connection
                    .execute("INSERT INTO runs (version, started, state) VALUES (?1, ?2, 'running')", run)
            });
        entered.map_err(|e| StoreError::database(&path, "entering the run", e))?;
        let run = connection.last_insert_rowid();
        Ok(LiveDatabase { connection, path, run, open: false })
    }

    fn fail(&self, what: &'static str, e: rusqlite::Error) -> StoreError {
        StoreError::database(&self.path, what, e)
    }

    /// Every record of a table. `table` is one of ours, never from outside.
    pub(crate) fn records<R: DeserializeOwned>(&self, table: &'static str) -> Result<Vec<R>, StoreError> {
        super::read::records(&self.connection, &self.path, table)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if !self.open {
            self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| self.fail("a transaction", e))?;
            self.open = true;
        }
        Ok(())
    }

    /// Writes an exchange into the transaction under way.
    pub(crate) fn exchange(&mut self, x: &ExchangeRow<'_>) -> Result<(), StoreError> {
        self.begin()?;
        let inserted = self.connection.prepare_cached(INSERT_EXCHANGE).and_then(|mut insert| {
            insert.execute(params![
                signed(x.time),
                x.flow,
                x.number,
                x.client,
                x.server,
                x.server_port,
                x.method,
                x.host,
                x.target,
                x.status,
                signed(x.request_bytes),
                signed(x.response_bytes),
                signed(x.duration),
                x.interface,
                x.account,
                x.level,
                x.data,
                x.complete,
            ])
        });
        inserted.map(drop).map_err(|e| self.fail("exchanges", e))
    }

    /// Adds sums of exchanges into the transaction under way.
    pub(crate) fn calls<'a>(
        &mut self,
        calls: impl Iterator<Item = (CallKey<'a>, &'a Call)>,
    ) -> Result<(), StoreError> {
        self.begin()?;
        let add = || -> rusqlite::Result<()> {
            let mut add = self.connection.prepare_cached(
                "INSERT INTO calls VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET \
                 count = count + excluded.count, unlisted = unlisted + excluded.unlisted, \
                 request_bytes = request_bytes + excluded.request_bytes, \
                 response_bytes = response_bytes + excluded.response_bytes, \
                 duration = duration + excluded.duration, level = max(level, excluded.level)",
            )?;
            for (key, c) in calls {
                add.execute(params![
                    key.interface,
                    signed(key.minute),
                    key.account,
                    key.class,
                    signed(c.count),
                    signed(c.unlisted),
                    signed(c.request_bytes),
                    signed(c.response_bytes),
                    signed(c.duration),
                    c.level,
                ])?;
            }
            Ok(())
        };
        add().map_err(|e| self.fail("sums of exchanges", e))
    }

    /// Writes what changed since the last snapshot into the transaction under way.
    pub(crate) fn save(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.begin()?;
        self.write(snapshot).map_err(|e| self.fail("what was learned", e))
    }

    fn write(&self, s: &Snapshot) -> rusqlite::Result<()> {
        let c = &self.connection;
        for (from, into) in &s.renamed {
            rename(c, from, into)?;
        }
        s.interfaces.gone.iter().try_for_each(|id| delete(c, "interfaces", "id", id))?;
        s.accounts.gone.iter().try_for_each(|id| delete(c, "accounts", "id", id))?;
        s.sources.gone.iter().try_for_each(|id| delete(c, "risk_sources", "key", id))?;
        s.risks.gone.iter().try_for_each(|id| delete(c, "risks", "id", id))?;
        s.incidents.gone.iter().try_for_each(|id| delete(c, "incidents", "id", id))?;
        s.interfaces.changed.iter().try_for_each(|r| put_interface(c, r))?;
        s.accounts.changed.iter().try_for_each(|r| put_account(c, r))?;
        s.sources.changed.iter().try_for_each(|r| put_source(c, r))?;
        s.risks.changed.iter().try_for_each(|r| put_risk(c, r))?;
        s.incidents.changed.iter().try_for_each(|r| put_incident(c, r))?;
        let ledger = json(&s.ledger)?;
        c.prepare_cached("INSERT OR REPLACE INTO ledger VALUES (1, ?1, ?2)")?
            .execute(params![s.ledger.balanced, ledger])?;
        c.prepare_cached("UPDATE runs SET ledger = ?2 WHERE id = ?1")?.execute(params![self.run, ledger])?;
        Ok(())
    }

    /// Ends the transaction under way.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        if !self.open {
            return Ok(());
        }
        self.connection.execute_batch("COMMIT").map_err(|e| self.fail("a transaction", e))?;
        self.open = false;
        Ok(())
    }

    /// Forgets the transaction under way, after a failure. SQLite may have done so by itself.
    pub(crate) fn roll_back(&mut self) {
        drop(self.connection.execute_batch("ROLLBACK"));
        self.open = false;
    }

    /// Bytes in use: pages that hold something, by SQLite's count.
    pub(crate) fn bytes(&self) -> Result<u64, StoreError> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |r| r.get::<_, i64>(0));
        let used = || -> rusqlite::Result<i64> {
            Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
        };
        used().map(|n| u64::try_from(n).unwrap_or(0)).map_err(|e| self.fail("measuring the database", e))
    }

    /// Removes the oldest exchanges, or sums where there are none; how many rows.
    pub(crate) fn make_room(&mut self) -> Result<u64, StoreError> {
        let remove = || -> rusqlite::Result<usize> {
            let n = self.connection.execute(
                "DELETE FROM exchanges WHERE id < (SELECT min(id) FROM exchanges) + ?1",
                [REMOVED_AT_ONCE],
            )?;
            if n > 0 {
                return Ok(n);
            }
            // The newest day always stays.
            self.connection.execute(
                "DELETE FROM calls WHERE minute < (SELECT min(minute) FROM calls) + 1440 \
                 AND minute < (SELECT max(minute) FROM calls) - 1440",
                [],
            )
        };
        remove().map(|n| n as u64).map_err(|e| self.fail("removing the oldest exchanges", e))
    }

    /// Marks the run as ended, puts records in the order of their files and folds the log in.
    pub(crate) fn finish(
        &mut self,
        ended: Timestamp,
        whole: bool,
        order: &[(&'static str, &'static str, Vec<&str>)],
    ) -> Result<(), StoreError> {
        self.begin()?;
        let write = || -> rusqlite::Result<()> {
            let c = &self.connection;
            for (table, key, ids) in order {
                c.execute(&format!("UPDATE {table} SET position = -position"), [])?;
                let mut put = c.prepare(&format!("UPDATE {table} SET position = ?1 WHERE {key} = ?2"))?;
                for (position, id) in (1_i64..).zip(ids) {
                    put.execute(params![position, id])?;
                }
            }
            let run = params![self.run, signed(ended.nanos())];
            c.execute("UPDATE runs SET ended = ?2, state = 'ended' WHERE id = ?1", run)?;
            let state = if whole { "whole" } else { "partial" };
            c.execute("INSERT OR REPLACE INTO meta VALUES ('state', ?1)", [state])?;
            c.execute(
                "INSERT OR REPLACE INTO meta SELECT 'exchanges', CAST(count(*) AS TEXT) FROM exchanges",
                [],
            )?;
            Ok(())
        };
        write().map_err(|e| self.fail("the results of the run", e))?;
        self.commit()?;
        let folded = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        folded.map_err(|e| self.fail("folding in the log", e))
    }
}

fn delete(c: &Connection, table: &str, key: &str, id: &str) -> rusqlite::Result<()> {
    c.prepare_cached(&format!("DELETE FROM {table} WHERE {key} = ?1"))?.execute([id]).map(drop)
}

/// What was written of interface `from` holds for `into`.
fn rename(c: &Connection, from: &str, into: &str) -> rusqlite::Result<()> {
    c.prepare_cached("UPDATE exchanges SET interface = ?2 WHERE interface = ?1")?.execute([from, into])?;
    c.prepare_cached(
        "INSERT INTO calls SELECT ?2, minute, account, class, count, unlisted, request_bytes, response_bytes, duration, level \
         FROM calls WHERE interface = ?1 ON CONFLICT DO UPDATE SET count = count + excluded.count, \
         unlisted = unlisted + excluded.unlisted, request_bytes = request_bytes + excluded.request_bytes, \
         response_bytes = response_bytes + excluded.response_bytes, duration = duration + excluded.duration, \
         level = max(level, excluded.level)",
    )?
    .execute([from, into])?;
    delete(c, "calls", "interface", from)
}

fn put_interface(c: &Connection, i: &InterfaceRecord) -> rusqlite::Result<()> {
    c.prepare_cached(
        "INSERT INTO interfaces (id, method, host, template, state, level, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (id) DO UPDATE SET method = ?2, host = ?3, template = ?4, state = ?5, level = ?6, record = ?7",
    )?
    .execute(params![i.id, i.method, i.host, i.template, i.state, i.level, json(i)?])
    .map(drop)
}

fn put_account(c: &Connection, a: &AccountRecord) -> rusqlite::Result<()> {
    c.prepare_cached(
        "INSERT INTO accounts (id, name, site, record) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (id) DO UPDATE SET name = ?2, site = ?3, record = ?4",
    )?
    .execute(params![a.id, a.name, a.site, json(a)?])
    .map(drop)
}

fn put_source(c: &Connection, r: &RiskSourceRecord) -> rusqlite::Result<()> {
    c.prepare_cached(
        "INSERT INTO risk_sources (key, id, severity, interface, caller, account, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (key) DO UPDATE SET severity = ?3, record = ?7",
    )?
    .execute(params![r.key, r.id, r.severity, r.interface, r.caller, r.account, json(r)?])?;
    delete(c, "evidence", "source", &r.key)?;
    let mut put = c.prepare_cached("INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for (position, e) in r.evidence.iter().enumerate() {
        let time = signed(crate::record::nanos(&e.time));
        put.execute(params![r.key, position, time, e.flow, e.number, e.note.zh, e.note.en])?;
    }
    Ok(())
}

fn put_risk(c: &Connection, r: &RiskRecord) -> rusqlite::Result<()> {
    c.prepare_cached(
        "INSERT INTO risks (id, type, level, interface, record) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (id) DO UPDATE SET type = ?2, level = ?3, interface = ?4, record = ?5",
    )?
    .execute(params![r.id, r.risk_type, r.level, r.interface, json(r)?])
    .map(drop)
}
