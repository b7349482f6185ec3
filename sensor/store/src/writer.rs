//! The writer thread's one object: takes exchanges while the run lasts, and everything else at its end.

use crate::database::{self, DatabaseWriter, LastRows};
use crate::directory::write_whole;
use crate::lines::write_lines;
use crate::record::{
    AccountRecord, EncryptedRecord, ExchangeRecord, IncidentRecord, InterfaceRecord, LedgerRecord,
    RiskRecord, RiskSourceRecord,
};
use crate::spool::{self, Spool};
use crate::{DataDir, Results, StoreError};
use serde::Serialize;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use weir_exchange::{Catalogue, Exchange};
use weir_model::{InterfaceId, Leg, Origin, RiskSource};

/// What is written, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Whether to write `weir.db` (not with `--no-store`).
    pub database: bool,
    /// Whether targets stay as sent (with `--digest`, to compare with other tools) instead of being masked.
    pub keep_targets: bool,
    /// Bytes of rows kept in memory before they are spilled.
    pub spool_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { database: true, keep_targets: false, spool_bytes: 8 << 20 }
    }
}

/// An exchange with what the sensor knows of it.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The exchange.
    pub exchange: &'a Exchange,
    /// Its interface, as first numbered.
    pub interface: Option<InterfaceId>,
    /// Name of the account it was made under.
    pub account: Option<&'a str>,
    /// Who sent it.
    pub origin: Origin,
    /// What it is of a call.
    pub leg: Leg,
}

/// How writing went.
#[derive(Debug)]
pub struct Outcome {
    /// Exchanges taken.
    pub exchanges: u64,
    /// Of those, exchanges in `exchanges.jsonl`.
    pub written: u64,
    /// What could not be written; empty where the result is whole.
    pub errors: Vec<StoreError>,
}

/// Writes a run into a data directory.
#[derive(Debug)]
pub struct Writer {
    dir: DataDir,
    options: Options,
    catalogue: Arc<Catalogue>,
    spool: Option<Spool>,
    database: Option<DatabaseWriter>,
    taken: u64,
    errors: Vec<StoreError>,
}

impl Writer {
    /// Prepares to write into `dir`, whose records of an earlier run are replaced when this one ends.
    ///
    /// Fails where the database cannot be opened and emptied, and with [`StoreError::StaleDatabase`] where there is one and none is
    /// to be written.
    pub fn create(dir: DataDir, options: Options, catalogue: Arc<Catalogue>) -> Result<Writer, StoreError> {
        remove_leftovers(dir.path())?;
        remove_full_ones(dir.path())?;
        let file = database::path_in(dir.path());
        let database = match options.database {
            true => Some(DatabaseWriter::create(dir.path())?),
            false if file.exists() => return Err(StoreError::StaleDatabase { path: file }),
            false => None,
        };
        let spool = Some(Spool::new(dir.path(), options.spool_bytes));
        Ok(Writer { dir, options, catalogue, spool, database, taken: 0, errors: Vec::new() })
    }

    /// Takes an exchange; order does not matter.
    ///
    /// Where rows can no longer be kept (full disk), those kept so far are given up to make room for the results, and exchanges are
    /// counted alone: [`Writer::failed`] says so at once, [`Outcome::errors`] at the end.
    pub fn exchange(&mut self, row: &Row<'_>) {
        self.taken += 1;
        let Some(spool) = &mut self.spool else { return };
        let flow = row.exchange.flow.community_id.to_string();
        let record = ExchangeRecord::new(row, &flow, &self.catalogue, self.options.keep_targets);
        let key = spool::sort_key(row.exchange, &flow);
        let pushed = spool.push(&key, row.interface.map(|i| i.0), |out| {
            serde_json::to_writer(out, &record).map_err(Into::into)
        });
        if let Err(e) = pushed {
            self.spool = None;
            self.errors.push(e);
        }
    }

    /// The first thing that could not be written so far.
    pub fn failed(&self) -> Option<&StoreError> {
        self.errors.first()
    }

    /// The directory written into.
    pub fn directory(&self) -> &Path {
        self.dir.path()
    }

    /// Writes everything; what fails is in the outcome, and the rest is written all the same.
    pub fn finish(mut self, results: &Results<'_>) -> Outcome {
        let written = self.write_exchanges(results);
        let moment = results.moment();
        let mut interfaces: Vec<_> =
            results.interfaces().map(|(_, i)| (i, InterfaceRecord::new(i, results, &moment))).collect();
        interfaces.sort_by(|(a, _), (b, _)| (a.first_seen, &a.key).cmp(&(b.first_seen, &b.key)));
        let interfaces: Vec<_> = interfaces.into_iter().map(|(_, r)| r).collect();
        let mut accounts: Vec<_> =
            results.known.accounts.iter().map(|a| AccountRecord::new(a, results)).collect();
        accounts.sort_by(|a, b| (&a.first_seen, &a.id).cmp(&(&b.first_seen, &b.id)));
        let sources: Vec<_> = results.sources.iter().map(|s| RiskSourceRecord::new(s, results)).collect();
        let mut risks: Vec<_> = results.risks.iter().map(|r| RiskRecord::new(r, &sources, results)).collect();
        risks.sort_by(|a, b| (&a.first_seen, &a.id).cmp(&(&b.first_seen, &b.id)));
        let mut incidents: Vec<_> =
            results.incidents.iter().map(|i| IncidentRecord::new(i, &sources, results)).collect();
        incidents.sort_by(|a, b| (&a.found, &a.id).cmp(&(&b.found, &b.id)));
        let mut sources: Vec<(_, &RiskSource)> = sources.into_iter().zip(results.sources).collect();
        sources.sort_by(|(a, _), (b, _)| (&a.time, &a.id, &a.key).cmp(&(&b.time, &b.id, &b.key)));
        let ledger = LedgerRecord::new(results);

        self.lines("interfaces.jsonl", "interfaces", &interfaces);
        self.lines("accounts.jsonl", "accounts", &accounts);
        self.lines("encrypted.jsonl", "encrypted services", &EncryptedRecord::all(results.known.encrypted));
        self.lines("risk-sources.jsonl", "risk sources", sources.iter().map(|(r, _)| r));
        self.lines("risks.jsonl", "risks", &risks);
        self.lines("incidents.jsonl", "incidents", &incidents);
        self.lines("ledger.json", "the ledger", [&ledger]);
        if let Some(database) = self.database.take() {
            let last = LastRows {
                exchanges: written,
                whole: written == self.taken,
                interfaces: &interfaces,
                accounts: &accounts,
                sources: &sources,
                risks: &risks,
                incidents: &incidents,
                ledger: &ledger,
            };
            self.errors.extend(database.finish(&last).err());
        }
        Outcome { exchanges: self.taken, written, errors: self.errors }
    }

    fn lines<'r, R: Serialize + 'r>(
        &mut self,
        file: &str,
        what: &'static str,
        records: impl IntoIterator<Item = &'r R>,
    ) {
        let path = self.dir.path().join(file);
        if let Err(e) = write_lines(&path, what, records) {
            // A file of an earlier run beside new ones would be a lie.
            let _ = fs::remove_file(&path);
            self.errors.push(e);
        }
    }

    /// Merges the spool into `exchanges.jsonl` and the database; returns how many exchanges are in the file.
    fn write_exchanges(&mut self, results: &Results<'_>) -> u64 {
        let path = self.dir.path().join("exchanges.jsonl");
        let Some(spool) = self.spool.take() else {
            let _ = fs::remove_file(&path);
            return 0;
        };
        let (mut written, mut failed, mut lost) = (0, None, None);
        let database = &mut self.database;
        let whole = write_whole(&path, "exchanges", |out| {
            let drained = spool.drain(|interface, time, text| {
                let key = interface.and_then(|i| results.interface(InterfaceId(i))).map(|i| &*i.key);
                write_joined(out, text, key).map_err(|e| StoreError::io(&path, "exchanges", e))?;
                written += 1;
                let stored = database.as_mut().map_or(Ok(()), |d| d.exchange(time, key, text));
                if let Err(e) = stored {
                    // The file goes on without the database.
                    lost = Some(e);
                    *database = None;
                }
                Ok(())
            });
            drained.map_err(|e| {
                failed = Some(e);
                std::io::ErrorKind::Other.into()
            })
        });
        self.errors.extend(lost);
        match whole {
            Ok(()) => written,
            Err(e) => {
                let _ = fs::remove_file(&path);
                self.errors.push(failed.unwrap_or(e));
                0
            }
        }
    }
}

/// A line: the spooled object with the interface as its last field.
fn write_joined(out: &mut impl Write, text: &[u8], interface: Option<&str>) -> std::io::Result<()> {
    out.write_all(text.strip_suffix(b"}").unwrap_or(text))?;
    out.write_all(b",\"interface\":")?;
    serde_json::to_writer(&mut *out, &interface)?;
    out.write_all(b"}\n")
}

/// Removes spilled rows that a killed process left.
pub(crate) fn remove_leftovers(dir: &Path) -> Result<(), StoreError> {
    remove(dir, spool::is_run)
}

/// Removes what a live sensor left beside the `exchanges.jsonl` that this run replaces.
fn remove_full_ones(dir: &Path) -> Result<(), StoreError> {
    remove(dir, crate::live::is_full_one)
}

fn remove(dir: &Path, which: impl Fn(&str) -> bool) -> Result<(), StoreError> {
    let fail = |e| StoreError::io(dir, "the data directory", e);
    for entry in fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().to_str().is_some_and(&which) {
            fs::remove_file(entry.path())
                .map_err(|e| StoreError::io(&entry.path(), "spilled exchanges", e))?;
        }
    }
    Ok(())
}
