//! `accounts.jsonl`.

use super::{CallersPlaceRecord, SubjectsRecord, VERSION};
use crate::Results;
use serde::{Deserialize, Serialize};
use weir_model::{Account, Person};

/// An account (账号), as one line of `accounts.jsonl`. Order: first seen, then id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct AccountRecord {
    /// Version of the record.
    pub v: u32,
    /// Stable id (`ac-` and 12 hex digits).
    pub id: String,
    /// Name as the site knows it.
    pub name: String,
    /// Host of its site.
    pub site: String,
    /// How it was first learned: `login`, `basic`, `token`.
    pub how: String,
    /// First use.
    pub first_seen: String,
    /// Last use.
    pub last_seen: String,
    /// Exchanges made under it.
    pub exchanges: u64,
    /// Addresses it was used from, sorted, the first 256 seen.
    pub sources: Vec<String>,
    /// Persons whose data passed in clear in the exchanges made under it.
    #[serde(default)]
    pub subjects: SubjectsRecord,
    /// Where those are.
    #[serde(default)]
    pub places: Vec<CallersPlaceRecord>,
    /// Whether its name or the organisation's directory marks it as privileged.
    pub privileged: bool,
    /// Who has it, by the organisation's directory; absent where that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonRecord>,
}

/// Who has an account, as the organisation's directory says; texts are empty where it does not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct PersonRecord {
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Role.
    pub role: String,
    /// Whether the account is disabled.
    pub disabled: bool,
    /// Last day on which it may be used; empty for none.
    pub until: String,
}

impl PersonRecord {
    fn new(p: &Person) -> Self {
        PersonRecord {
            name: p.name.to_string(),
            department: p.department.to_string(),
            role: p.role.to_string(),
            disabled: p.disabled,
            until: p.until.to_string(),
        }
    }
}

impl AccountRecord {
    pub(crate) fn new(account: &Account, results: &Results<'_>) -> Self {
        let mut sources: Vec<_> =
            account.sources.iter().filter_map(|id| results.known.caller(*id)).map(|c| c.ip).collect();
        sources.sort_unstable();
        AccountRecord {
            v: VERSION,
            id: account.key.to_string(),
            name: account.name.to_string(),
            site: results.host(account.site),
            how: account.origin.key().into(),
            first_seen: account.first_seen.to_string(),
            last_seen: account.last_seen.to_string(),
            exchanges: account.exchanges,
            sources: sources.iter().map(ToString::to_string).collect(),
            subjects: SubjectsRecord::new(&account.subjects),
            places: results.callers_by_place(&account.sources),
            privileged: account.privileged,
            person: account.person.as_deref().map(PersonRecord::new),
        }
    }
}
