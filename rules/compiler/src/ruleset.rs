//! The rules in force.

use crate::{Context, Judgement, KeyMatch, PackError};
use std::path::PathBuf;
use std::sync::Arc;
use weir_exchange::{Catalogue, DataTypeId, Fingerprinter, PasswordFacts, PasswordShape, SignalId};

/// The rules in force: immutable, shared by all threads.
#[derive(Default, Debug)]
pub struct RuleSet {
    catalogue: Arc<Catalogue>,
}

impl RuleSet {
    /// The packs compiled in.
    pub fn builtin() -> Result<RuleSet, PackError> {
        Ok(RuleSet::default())
    }
    /// The packs of files or folders, with or without those compiled in.
    pub fn load(paths: &[PathBuf], with_builtin: bool) -> Result<RuleSet, PackError> {
        match paths.iter().find(|p| !p.exists()) {
            Some(p) => Err(PackError::of_file(p, "no such file or folder", "give the path of a pack")),
            None if with_builtin => RuleSet::builtin(),
            None => Ok(RuleSet::default()),
        }
    }
    /// Names and grades of data types and signals.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }
    /// Types that a field of this name holds, best first.
    pub fn key_types(&self, _name: &str) -> &[KeyMatch] {
        &[]
    }
    /// Which of several types of one span wins: the higher.
    pub fn precedence(&self, _ty: DataTypeId) -> u8 {
        0
    }
    /// Judges a value that stands in a field whose name promises `ty`, or that a candidate of a scan found. `None`: not of this type.
    pub fn judge(&self, _ty: DataTypeId, _value: &[u8], _context: &Context<'_>) -> Option<Judgement> {
        None
    }
    /// Appends a masked sample of `value`, never the value.
    pub fn mask(&self, _ty: DataTypeId, _value: &str, out: &mut String) {
        out.push_str("***");
    }
    /// Judges a password in memory.
    pub fn password_facts(&self, password: &str, account: Option<&str>, fp: &Fingerprinter) -> PasswordFacts {
        PasswordFacts {
            shape: PasswordShape::Clear,
            length: u16::try_from(password.chars().count()).unwrap_or(u16::MAX),
            classes: 0,
            in_dictionary: false,
            like_account: account == Some(password),
            fingerprint: fp.of("password", password.as_bytes()),
        }
    }
    /// Signals of the families [`ExposedConsole`](weir_exchange::SignalFamily) and `ProbePath` that a path gives by itself.
    pub fn path_signals(&self, _path: &str) -> Vec<SignalId> {
        Vec::new()
    }
}
