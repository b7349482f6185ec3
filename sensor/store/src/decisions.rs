//! `decisions.jsonl`: what people decided, kept whatever is replayed or learned.
//!
//! One decision a line, only ever added to. Later ones go before earlier ones; an `undo` takes one back. Every run that writes the
//! directory reads it at its start.

use crate::StoreError;
use crate::directory::private;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::Path;
use weir_model::{BusinessForm, Exposure, Harm, IncidentLevel, InterfaceForm, Likelihood};

/// Name of the file.
pub const DECISIONS: &str = "decisions.jsonl";
/// What may be said of harm, from least.
pub const HARMS: [Harm; 5] = [Harm::Low, Harm::Medium, Harm::Considerable, Harm::High, Harm::VeryHigh];
/// What may be said of likelihood, from least.
pub const LIKELIHOODS: [Likelihood; 3] = [Likelihood::Low, Likelihood::Medium, Likelihood::High];
/// Version of the records.
const VERSION: u32 = 1;
/// Most bytes read: some hundred thousand decisions.
const LARGEST: u64 = 64 << 20;

/// What is decided.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A template holds as it is.
    Pin,
    /// Several interfaces are one, of this template.
    Merge,
    /// Values of a variable are interfaces of their own, of these templates.
    Split,
    /// An interface has this name.
    Rename,
    /// An interface is of this form, business form or exposure.
    Classify,
    /// Something found is so.
    Confirm,
    /// Something found is not so.
    Dismiss,
    /// Something found was put right.
    Handle,
    /// Something found is accepted, for a reason and until a day.
    Ignore,
    /// Something found is to be looked at again.
    Reopen,
    /// Harm, likelihood or level is another than was derived.
    Judge,
    /// Another decision no longer holds.
    Undo,
}

impl Action {
    /// Whether it says how something found stands.
    pub const fn is_of_findings(self) -> bool {
        matches!(self, Action::Confirm | Action::Dismiss | Action::Handle | Action::Ignore | Action::Reopen)
    }
}

/// A risk source that a decision on a finding covers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Covered {
    /// Catalogue id.
    pub id: String,
    /// Its key.
    pub key: String,
    /// Data types that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// A decision.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Decision {
    /// Version of the record.
    pub v: u32,
    /// Number in the file, from 1.
    pub n: u64,
    /// When it was made, by the clock on the wall.
    pub time: String,
    /// What is decided.
    pub action: Action,
    /// Interfaces it was made of, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<String>,
    /// Host of their site.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// Path templates that hold from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<String>,
    /// Name given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Technical form, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Business form, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business: Option<String>,
    /// For whom it is there, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<String>,
    /// What was decided on: id of a case, an incident, a risk, or key of a risk source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// The risk sources that it stood for at that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Covered>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// From when it was put right, where that is not when it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Until when it is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Harm, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm: Option<String>,
    /// Likelihood, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likelihood: Option<String>,
    /// Level of an incident, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Number of the decision taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
}

impl Decision {
    /// A decision of this action; its number is given when it is added.
    pub fn new(action: Action, time: String) -> Decision {
        Decision {
            v: VERSION,
            n: 0,
            time,
            action,
            interfaces: Vec::new(),
            host: String::new(),
            templates: Vec::new(),
            name: None,
            form: None,
            business: None,
            exposure: None,
            finding: None,
            covers: Vec::new(),
            reason: None,
            since: None,
            until: None,
            harm: None,
            likelihood: None,
            level: None,
            of: None,
        }
    }
}

impl Decision {
    /// Whether what something is said to be is known.
    fn known_forms(&self) -> Result<(), String> {
        let check = |field: &str, said: &Option<String>, known: &[&str]| match said.as_deref() {
            Some(said) if !known.contains(&said) => Err(format!("{field} is none of {}", known.join(", "))),
            _ => Ok(()),
        };
        check("form", &self.form, &InterfaceForm::ALL.map(InterfaceForm::key))?;
        check("business", &self.business, &BusinessForm::ALL.map(BusinessForm::key))?;
        check("exposure", &self.exposure, &Exposure::ALL.map(Exposure::key))?;
        check("harm", &self.harm, &HARMS.map(Harm::key))?;
        check("likelihood", &self.likelihood, &LIKELIHOODS.map(Likelihood::key))?;
        let levels: Vec<&str> = IncidentLevel::ALL.iter().map(|l| l.key()).collect();
        check("level", &self.level, &levels)?;
        let time = |field: &str, said: &Option<String>| match said {
            Some(t) if crate::record::read_time(t).is_none() => Err(format!("{field} is no time")),
            _ => Ok(()),
        };
        time("since", &self.since)?;
        time("until", &self.until)
    }
}

/// The decisions of a data directory.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Decisions(Vec<Decision>);

impl Decisions {
    /// Reads those of `dir`; none where there is no file.
    pub fn read(dir: &Path) -> Result<Decisions, StoreError> {
        let path = dir.join(DECISIONS);
        let mut text = Vec::new();
        match std::fs::File::open(&path) {
            Ok(file) => file.take(LARGEST + 1).read_to_end(&mut text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Decisions::default()),
            Err(e) => Err(e),
        }
        .map_err(|e| StoreError::io(&path, "reading decisions", e))?;
        let wrong = |line, why: String| StoreError::Decision { path: path.clone(), line, why };
        let lines = || text.split(|b| *b == b'\n');
        if text.len() as u64 > LARGEST {
            return Err(wrong(lines().count(), "the file is too large".into()));
        }
        let mut all = Vec::new();
        for (at, line) in lines().enumerate().filter(|(_, l)| !l.is_empty()) {
            let read: Decision = serde_json::from_slice(line)
                .map_err(|e| wrong(at + 1, format!("{:?} error in column {}", e.classify(), e.column())))?;
            if read.v != VERSION {
                return Err(wrong(at + 1, format!("version {}, this weir knows {VERSION}", read.v)));
            }
            read.known_forms().map_err(|why| wrong(at + 1, why))?;
            all.push(read);
        }
        Ok(Decisions(all))
    }

    /// Adds one to those of `dir`, on the disk before it returns; gives it with its number.
    pub fn add(dir: &Path, mut decision: Decision) -> Result<Decision, StoreError> {
        let path = dir.join(DECISIONS);
        let known = Decisions::read(dir)?;
        decision.n = known.0.iter().map(|d| d.n).max().unwrap_or_default() + 1;
        let write = || {
            let mut file = private().append(true).open(&path)?;
            // One write, so that two people who decide at once do not mix their lines.
            file.write_all(format!("{}\n", serde_json::to_string(&decision)?).as_bytes())?;
            file.sync_all()
        };
        write().map_err(|e| StoreError::io(&path, "a decision", e))?;
        Ok(decision)
    }

    /// All of them, undone ones too, in order.
    pub fn all(&self) -> &[Decision] {
        &self.0
    }

    /// Those that hold, in order.
    pub fn in_force(&self) -> impl Iterator<Item = &Decision> {
        let undone: BTreeSet<u64> = self.0.iter().filter_map(|d| d.of).collect();
        self.0.iter().filter(move |d| d.action != Action::Undo && !undone.contains(&d.n))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn are_added_read_and_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Decisions::read(dir.path()).unwrap().all().len(), 0);
        let pin = Decision { templates: vec!["/a/{x}".into()], ..Decision::new(Action::Pin, "t".into()) };
        assert_eq!(Decisions::add(dir.path(), pin.clone()).unwrap().n, 1);
        assert_eq!(Decisions::add(dir.path(), pin).unwrap().n, 2);
        let undo = Decision { of: Some(1), ..Decision::new(Action::Undo, "t".into()) };
        Decisions::add(dir.path(), undo).unwrap();
        let read = Decisions::read(dir.path()).unwrap();
        assert_eq!(read.all().len(), 3);
        assert_eq!(read.in_force().map(|d| d.n).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(DECISIONS), "\n{\"v\":1,\"n\":1}\n").unwrap();
        let error = Decisions::read(dir.path()).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        std::fs::write(dir.path().join(DECISIONS), "{\"v\":9,\"n\":1,\"time\":\"\",\"action\":\"pin\"}\n")
            .unwrap();
        assert!(Decisions::read(dir.path()).unwrap_err().to_string().contains("version 9"));
        let line = "{\"v\":1,\"n\":1,\"time\":\"\",\"action\":\"classify\",\"exposure\":\"everyone\"}\n";
        std::fs::write(dir.path().join(DECISIONS), line).unwrap();
        assert!(Decisions::read(dir.path()).unwrap_err().to_string().contains("open, partner, internal"));
    }
}
