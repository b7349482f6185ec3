//! The write side of a sensor that runs for months.
//!
//! ```text
//! LiveRow --> exchanges.jsonl (appended, begun anew when full)      Snapshot --> what changed: interfaces, accounts,
//!        '--> weir.db: exchanges, calls (sums by the minute)                     risk sources, risks, ledger
//! ```
//! A commit makes everything before it safe: what a killed process leaves is as of the last one. Up to a number of exchanges a second
//! each has its row and its line; beyond, only notable ones do (data of grade 3 or more, an attack's mark, a login) up to as many
//! again, and the rest are in the sums alone, counted. A full disk costs rows, counted, and nothing else: each commit tries
//! again. Records of an earlier run are added to, not replaced.
//!
//! Cost (CPU of the writer's thread, `examples/rate.rs` on the build machine): 6.3 us for a row and its line, 5.6 us for the row alone,
//! 0.07 us for an exchange that is summed up; with the default of 3,000 rows a second 2.7 % of a core at 50,000 exchanges a second.
//!
//! Weaknesses: lines carry the interface as it was called when they were written (the database follows later names); their order
//! is that in which exchanges ended; `encrypted.jsonl` is of this run alone; rows that are removed for space are not kept elsewhere; what is lost by a full disk is lost.

mod earlier;
mod lines;
mod snapshot;
mod sums;

pub(crate) use lines::is_full_one;
pub use snapshot::{Changes, Sent, Snapshot};

use crate::database::{Call, ExchangeRow, LiveDatabase};
use crate::lines::write_lines;
use crate::record::{
    AccountRecord, ExchangeRecord, IncidentRecord, InterfaceRecord, LedgerRecord, RiskRecord,
    RiskSourceRecord,
};
use crate::{DataDir, Row, StoreError};
use earlier::Earlier;
use lines::Lines;
use serde::Serialize;
use std::path::Path;
use sums::Sums;
use weir_exchange::{Catalogue, Exchange};
use weir_model::{Leg, Origin};
use weir_wire::Timestamp;

/// Grade of data from which an exchange is notable.
const NOTABLE: u8 = 3;
/// Rows after which a transaction is ended even between commits, so that the log stays small.
const TRANSACTION: u32 = 20_000;

/// How much is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LiveOptions {
    /// Exchanges a second of packet time of which each has its row.
    pub rows_per_second: u32,
    /// Bytes of the database from which the oldest exchanges are removed.
    pub database_bytes: u64,
    /// Bytes of `exchanges.jsonl` from which a new one is begun; 0 writes none.
    pub lines_bytes: u64,
    /// Full ones that are kept.
    pub lines_files: u32,
}

impl Default for LiveOptions {
    fn default() -> Self {
        LiveOptions { rows_per_second: 3_000, database_bytes: 8 << 30, lines_bytes: 1 << 30, lines_files: 8 }
    }
}

/// An exchange with what the sensor knows of it now.
#[derive(Clone, Copy, Debug)]
pub struct LiveRow<'a> {
    /// The exchange.
    pub exchange: &'a Exchange,
    /// Stable id of its interface.
    pub interface: Option<&'a str>,
    /// Name of the account it was made under.
    pub account: Option<&'a str>,
    /// Who sent it.
    pub origin: Origin,
    /// What it is of a call.
    pub leg: Leg,
}

/// What the writer did so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LiveCounters {
    /// Exchanges taken.
    pub exchanges: u64,
    /// Of those, exchanges with a row.
    pub rows: u64,
    /// Exchanges that are in the sums alone: more a second than are kept.
    pub summed: u64,
    /// Rows lost because they could not be written.
    pub rows_lost: u64,
    /// Lines lost likewise.
    pub lines_lost: u64,
    /// Rows removed to make room.
    pub removed: u64,
    /// Commits.
    pub commits: u64,
    /// Bytes of the database in use, at the last commit.
    pub database_bytes: u64,
}

/// Writes a live sensor's records into a data directory.
#[derive(Debug)]
pub struct LiveWriter {
    dir: DataDir,
    options: LiveOptions,
    database: LiveDatabase,
    lines: Option<Lines>,
    earlier: Earlier,
    sums: Sums,
    counters: LiveCounters,
    /// Rows in the transaction under way.
    pending: u32,
    /// Rows are given up until the next commit tries again.
    broken: bool,
    second: (u64, u32, u32),
    data: Vec<u8>,
}

impl LiveWriter {
    /// Goes on in `dir`, whose records stay. `version` and `started` name the run; `resumed` says that what it will tell holds what an earlier
    /// run told already.
    ///
    /// # Errors
    /// Where the database cannot be opened or is a newer weir's, or the records in it cannot be read.
    pub fn open(
        dir: DataDir,
        options: LiveOptions,
        version: &str,
        started: Timestamp,
        resumed: bool,
    ) -> Result<LiveWriter, StoreError> {
        crate::writer::remove_leftovers(dir.path())?;
        let database = LiveDatabase::open(dir.path(), version, started)?;
        let earlier = Earlier::read(&database, resumed)?;
        let lines = match options.lines_bytes {
            0 => None,
            full => Some(Lines::open(dir.path(), full, options.lines_files)?),
        };
        Ok(LiveWriter {
            dir,
            options,
            database,
            lines,
            earlier,
            sums: Sums::default(),
            counters: LiveCounters::default(),
            pending: 0,
            broken: false,
            second: (0, 0, 0),
            data: Vec::new(),
        })
    }

    /// The directory written into.
    pub fn directory(&self) -> &Path {
        self.dir.path()
    }

    /// Keeps what the sensor remembers, for the next run.
    ///
    /// # Errors
    /// Where it cannot be written; what was kept before stays.
    pub fn remember(&self, state: &[u8]) -> Result<(), StoreError> {
        self.dir.remember(state)
    }

    /// What was done so far.
    pub fn counters(&self) -> LiveCounters {
        self.counters
    }

    /// Takes an exchange. What cannot be written is counted and told; taking goes on.
    ///
    /// # Errors
    /// The first failure since the last commit.
    pub fn exchange(&mut self, row: &LiveRow<'_>, catalogue: &Catalogue) -> Result<(), StoreError> {
        self.counters.exchanges += 1;
        let x = row.exchange;
        let level = x.data.iter().map(|d| d.level).max().unwrap_or(1);
        let listed = self.has_room(x, level);
        // A call counts by its first leg.
        if !matches!(row.leg, Leg::Further { .. }) {
            self.sum(row, level, listed);
        }
        if !listed {
            self.counters.summed += 1;
            return Ok(());
        }
        let flow = x.flow.community_id.to_string();
        let named =
            Row { exchange: x, interface: None, account: row.account, origin: row.origin, leg: row.leg };
        let record = ExchangeRecord::new(&named, &flow, catalogue, false);
        let line = self.line(&record, row.interface);
        let stored = self.store(row, &record, level);
        line.and(stored)
    }

    /// Whether an exchange of this second still has a row, by the plan for too many.
    fn has_room(&mut self, x: &Exchange, level: u8) -> bool {
        let now = x.emitted.secs();
        if self.second.0 != now {
            self.second = (now, 0, 0);
        }
        let (_, all, notable) = &mut self.second;
        if *all < self.options.rows_per_second {
            *all += 1;
            return true;
        }
        let login = x.request.as_ref().is_some_and(|r| r.login.is_some());
        if (level < NOTABLE && x.signals.is_empty() && !login) || *notable >= self.options.rows_per_second {
            return false;
        }
        *notable += 1;
        true
    }

    fn sum(&mut self, row: &LiveRow<'_>, level: u8, listed: bool) {
        let x = row.exchange;
        let class = x.status().and_then(|s| u8::try_from(s / 100).ok()).unwrap_or(0);
        let call = Call {
            count: 1,
            unlisted: u64::from(!listed),
            request_bytes: x.request.as_ref().map_or(0, |r| r.body.bytes),
            response_bytes: x.response.as_ref().map_or(0, |r| r.body.bytes),
            duration: x.duration().as_nanos(),
            level,
        };
        self.sums.add(x.time.secs() / 60, row.interface, row.account, class, &call);
    }

    fn line(&mut self, record: &ExchangeRecord<'_>, interface: Option<&str>) -> Result<(), StoreError> {
        let Some(lines) = &mut self.lines else { return Ok(()) };
        let out = lines.buffer();
        let start = out.len();
        let made = serde_json::to_writer(&mut *out, record);
        if made.is_err() || out.pop() != Some(b'}') {
            // Of plain strings and numbers this cannot be; half a line must not stay.
            out.truncate(start);
            return Ok(());
        }
        out.extend_from_slice(b",\"interface\":");
        drop(serde_json::to_writer(&mut *out, &interface));
        out.push(b'}');
        let ended = lines.end();
        self.count_lines(ended)
    }

    fn count_lines(&mut self, result: Result<(), (u64, StoreError)>) -> Result<(), StoreError> {
        result.map_err(|(lost, e)| {
            self.counters.lines_lost += lost;
            e
        })
    }

    fn store(&mut self, row: &LiveRow<'_>, r: &ExchangeRecord<'_>, level: u8) -> Result<(), StoreError> {
        if self.broken {
            self.counters.rows_lost += 1;
            return Ok(());
        }
        let x = row.exchange;
        self.data.clear();
        drop(serde_json::to_writer(&mut self.data, &r.data));
        let stored = self.database.exchange(&ExchangeRow {
            time: x.time.nanos(),
            flow: r.flow,
            number: r.number,
            client: &r.client.ip,
            server: &r.server.ip,
            server_port: r.server.port,
            method: r.method,
            host: r.host,
            target: r.target.as_deref(),
            status: r.status,
            request_bytes: r.request.as_ref().map_or(0, |b| b.body_bytes),
            response_bytes: r.response.as_ref().map_or(0, |b| b.body_bytes),
            duration: r.duration_ns,
            interface: row.interface,
            account: row.account,
            level,
            data: std::str::from_utf8(&self.data).unwrap_or("[]"),
            complete: r.complete,
        });
        self.pending += 1;
        let stored = match stored {
            Ok(()) if self.pending >= TRANSACTION => self.end_transaction(),
            other => other,
        };
        stored.inspect_err(|_| self.give_up())
    }

    /// The transaction under way is lost; the next commit tries again.
    fn give_up(&mut self) {
        self.database.roll_back();
        self.counters.rows_lost += u64::from(std::mem::take(&mut self.pending));
        self.broken = true;
    }

    fn end_transaction(&mut self) -> Result<(), StoreError> {
        self.database.commit()?;
        self.counters.rows += u64::from(std::mem::take(&mut self.pending));
        Ok(())
    }

    /// Makes everything so far safe, `snapshot` included, and makes room where the bound is reached.
    ///
    /// # Errors
    /// What could not be written. The snapshot is then lost: call [`Sent::forget`] so that the next one holds everything.
    pub fn commit(&mut self, snapshot: Option<Snapshot>) -> Result<(), StoreError> {
        self.broken = false;
        let lines = self.lines.as_mut().map_or(Ok(()), Lines::commit);
        let lines = self.count_lines(lines);
        let saved = self.commit_database(snapshot);
        if saved.is_err() {
            self.give_up();
        }
        saved.and(lines)
    }

    fn commit_database(&mut self, snapshot: Option<Snapshot>) -> Result<(), StoreError> {
        self.database.calls(self.sums.list().into_iter())?;
        if let Some(mut s) = snapshot {
            s.interfaces.changed.iter_mut().for_each(|r| self.earlier.interface(r));
            s.accounts.changed.iter_mut().for_each(|r| self.earlier.account(r));
            s.sources.changed.iter_mut().for_each(|r| self.earlier.source(r));
            s.risks.changed.iter_mut().for_each(|r| self.earlier.risk(r));
            s.incidents.changed.iter_mut().for_each(|r| self.earlier.incident(r));
            self.database.save(&s)?;
            if let Some(services) = &s.encrypted {
                write(self.dir.path(), "encrypted.jsonl", "encrypted services", services)?;
            }
        }
        self.end_transaction()?;
        self.sums.clear();
        self.counters.commits += 1;
        self.counters.database_bytes = self.database.bytes()?;
        if self.counters.database_bytes > self.options.database_bytes {
            self.counters.removed += self.database.make_room()?;
        }
        Ok(())
    }

    /// Writes `interfaces.jsonl`, `accounts.jsonl`, `risk-sources.jsonl`, `risks.jsonl`, `incidents.jsonl` and `ledger.json` as the database has them.
    ///
    /// # Errors
    /// What could not be written; the others are.
    pub fn write_files(&mut self) -> Result<(), StoreError> {
        self.files().map(drop)
    }

    fn files(&mut self) -> Result<Files, StoreError> {
        let d = &self.database;
        let mut files = Files {
            interfaces: d.records("interfaces")?,
            accounts: d.records("accounts")?,
            sources: d.records("risk_sources")?,
            risks: d.records("risks")?,
            incidents: d.records("incidents")?,
        };
        files.sort();
        let ledger: Vec<LedgerRecord> = d.records("ledger")?;
        let dir = self.dir.path();
        let wrote = [
            write(dir, "interfaces.jsonl", "interfaces", &files.interfaces),
            write(dir, "accounts.jsonl", "accounts", &files.accounts),
            write(dir, "risk-sources.jsonl", "risk sources", &files.sources),
            write(dir, "risks.jsonl", "risks", &files.risks),
            write(dir, "incidents.jsonl", "incidents", &files.incidents),
            write(dir, "ledger.json", "the ledger", &ledger),
        ];
        wrote.into_iter().collect::<Result<(), _>>()?;
        Ok(files)
    }

    /// Ends the run: writes the last snapshot and every file. What fails is in the list, and the rest is written all the same.
    pub fn finish(mut self, snapshot: Snapshot, ended: Timestamp) -> (LiveCounters, Vec<StoreError>) {
        let mut errors: Vec<StoreError> = self.commit(Some(snapshot)).err().into_iter().collect();
        let finished = self.files().and_then(|files| {
            let whole = self.counters.rows_lost == 0 && self.counters.lines_lost == 0 && errors.is_empty();
            self.database.finish(ended, whole, &files.order())
        });
        errors.extend(finished.err());
        (self.counters, errors)
    }
}

/// The records of the directory, in the order of their files.
struct Files {
    interfaces: Vec<InterfaceRecord>,
    accounts: Vec<AccountRecord>,
    sources: Vec<RiskSourceRecord>,
    risks: Vec<RiskRecord>,
    incidents: Vec<IncidentRecord>,
}

impl Files {
    fn sort(&mut self) {
        self.interfaces.sort_by(|a, b| (&a.first_seen, &a.id).cmp(&(&b.first_seen, &b.id)));
        self.accounts.sort_by(|a, b| (&a.first_seen, &a.id).cmp(&(&b.first_seen, &b.id)));
        self.sources.sort_by(|a, b| (&a.time, &a.id, &a.key).cmp(&(&b.time, &b.id, &b.key)));
        self.risks.sort_by(|a, b| (&a.first_seen, &a.id).cmp(&(&b.first_seen, &b.id)));
        self.incidents.sort_by(|a, b| (&a.found, &a.id).cmp(&(&b.found, &b.id)));
    }

    /// Table, its id's column, and ids in order.
    fn order(&self) -> [(&'static str, &'static str, Vec<&str>); 5] {
        [
            ("interfaces", "id", self.interfaces.iter().map(|r| &*r.id).collect()),
            ("accounts", "id", self.accounts.iter().map(|r| &*r.id).collect()),
            ("risk_sources", "key", self.sources.iter().map(|r| &*r.key).collect()),
            ("risks", "id", self.risks.iter().map(|r| &*r.id).collect()),
            ("incidents", "id", self.incidents.iter().map(|r| &*r.id).collect()),
        ]
    }
}

fn write<R: Serialize>(dir: &Path, file: &str, what: &'static str, records: &[R]) -> Result<(), StoreError> {
    write_lines(&dir.join(file), what, records)
}
