//! Reading a data directory back.

use crate::StoreError;
use crate::database::{self, DatabaseReader};
use crate::lines::read_lines;
use crate::record::{
    AccountRecord, IncidentRecord, InterfaceRecord, LedgerRecord, RiskRecord, RiskSourceRecord,
};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// How far the writing of a data directory came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Completeness {
    /// The run ended and everything was written.
    Whole,
    /// The run ended, but exchanges are missing (full disk).
    Partial,
    /// The run was interrupted, or still writes.
    Unfinished,
}

/// What a data directory knows: from `weir.db`, or from the JSON Lines where there is no database.
#[derive(Debug)]
pub struct Data {
    dir: PathBuf,
    database: Option<DatabaseReader>,
}

impl Data {
    /// Opens `dir` (`--data DIR`).
    ///
    /// Fails with [`StoreError::Empty`] where neither database nor JSON Lines are there, and with [`StoreError::TooNew`] or
    /// [`StoreError::Broken`] where the database cannot be used.
    pub fn open(dir: &Path) -> Result<Data, StoreError> {
        let database = match database::path_in(dir).try_exists() {
            Ok(true) => Some(DatabaseReader::open(dir)?),
            Ok(false) if dir.join("ledger.json").exists() => None,
            Ok(false) => return Err(StoreError::Empty { path: dir.to_path_buf() }),
            Err(e) => return Err(StoreError::io(dir, "reading the data directory", e)),
        };
        Ok(Data { dir: dir.to_path_buf(), database })
    }

    /// How far its writing came. Without a database, `ledger.json` is the last file written.
    pub fn completeness(&self) -> Result<Completeness, StoreError> {
        let Some(database) = &self.database else {
            let whole = self.dir.join("exchanges.jsonl").exists();
            return Ok(if whole { Completeness::Whole } else { Completeness::Partial });
        };
        Ok(match database.meta("state")?.as_deref() {
            Some("whole") => Completeness::Whole,
            Some("partial") => Completeness::Partial,
            _ => Completeness::Unfinished,
        })
    }

    fn records<R: DeserializeOwned>(&self, table: &'static str, file: &str) -> Result<Vec<R>, StoreError> {
        match &self.database {
            Some(database) => database.records(table),
            None => read_lines(&self.dir.join(file)),
        }
    }

    /// Interfaces, in the order of `interfaces.jsonl`.
    pub fn interfaces(&self) -> Result<Vec<InterfaceRecord>, StoreError> {
        self.records("interfaces", "interfaces.jsonl")
    }
    /// Targets, masked, of the exchanges kept of an interface, to `each`, at most `most`.
    pub fn targets(
        &self,
        interface: &str,
        most: usize,
        each: &mut dyn FnMut(&str),
    ) -> Result<(), StoreError> {
        if let Some(database) = &self.database {
            return database.targets(interface, most, each);
        }
        #[derive(serde::Deserialize)]
        struct Line {
            interface: Option<String>,
            target: Option<String>,
        }
        let all: Vec<Line> = read_lines(&self.dir.join("exchanges.jsonl"))?;
        let of = all.iter().filter(|l| l.interface.as_deref() == Some(interface));
        of.filter_map(|l| l.target.as_deref()).take(most).for_each(each);
        Ok(())
    }
    /// Calls of interfaces since a time, as records hold it: those that failed (4xx, 5xx) with `failures`, else those that did not. In the
    /// directory of a live sensor they are counted by the minute, the minute of `since` not included.
    pub fn calls_since(&self, interfaces: &[&str], since: &str, failures: bool) -> Result<u64, StoreError> {
        if let Some(database) = &self.database {
            return database.calls_since(interfaces, crate::record::nanos(since), failures);
        }
        #[derive(serde::Deserialize)]
        struct Line {
            time: String,
            interface: Option<String>,
            status: Option<u16>,
        }
        let all: Vec<Line> = read_lines(&self.dir.join("exchanges.jsonl"))?;
        let of = all.iter().filter(|l| {
            let here = l.interface.as_deref().is_some_and(|i| interfaces.contains(&i));
            here && *l.time > *since && (l.status.unwrap_or(0) >= 400) == failures
        });
        Ok(of.count() as u64)
    }
    /// Accounts, in the order of `accounts.jsonl`.
    pub fn accounts(&self) -> Result<Vec<AccountRecord>, StoreError> {
        self.records("accounts", "accounts.jsonl")
    }
    /// Risk sources, in the order of `risk-sources.jsonl`.
    pub fn risk_sources(&self) -> Result<Vec<RiskSourceRecord>, StoreError> {
        self.records("risk_sources", "risk-sources.jsonl")
    }
    /// Risks, in the order of `risks.jsonl`.
    pub fn risks(&self) -> Result<Vec<RiskRecord>, StoreError> {
        self.records("risks", "risks.jsonl")
    }
    /// Incidents, in the order of `incidents.jsonl`; none where an older weir wrote the lines.
    pub fn incidents(&self) -> Result<Vec<IncidentRecord>, StoreError> {
        let file = self.dir.join("incidents.jsonl");
        if self.database.is_none() && !file.exists() {
            return Ok(Vec::new());
        }
        self.records("incidents", "incidents.jsonl")
    }
    /// The ledger; `None` where the run did not come so far.
    pub fn ledger(&self) -> Result<Option<LedgerRecord>, StoreError> {
        Ok(self.records("ledger", "ledger.json")?.pop())
    }
}
