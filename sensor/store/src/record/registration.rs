//! `registration` of an interface's record: its standing on the registered list.

use serde::{Deserialize, Serialize};
use weir_model::Registration;

/// The standing (7.3.2.3 c).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct RegistrationRecord {
    /// `registered`, `over-scope`, `overdue` or `unregistered`.
    pub state: String,
    /// Owner as registered; empty where not given.
    pub owner: String,
    /// System as registered.
    pub system: String,
    /// Level as registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// End of the term as registered.
    pub until: String,
    /// In what it goes beyond.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<ExcessRecord>,
}

/// In what an interface goes beyond its registration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct ExcessRecord {
    /// `data`, `caller`, `zone`, `level` or `term`.
    pub what: String,
    /// What was seen that is not permitted, at most 16.
    pub seen: Vec<String>,
}

impl RegistrationRecord {
    pub(crate) fn new(r: &Registration) -> Self {
        let beyond = r.beyond.iter().map(|e| ExcessRecord { what: e.what.into(), seen: e.seen.clone() });
        RegistrationRecord {
            state: r.state.key().into(),
            owner: r.owner.clone(),
            system: r.system.clone(),
            level: r.level,
            until: r.until.clone(),
            beyond: beyond.collect(),
        }
    }
}
