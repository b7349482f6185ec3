//! Accounts.

use crate::{CallerId, Person, SiteId, Subjects};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use weir_wire::Timestamp;

/// How an account was learned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum AccountOrigin {
    /// A successful login.
    Login,
    /// A user name in `Authorization: Basic` that was accepted.
    Basic,
    /// A claim of a token that was accepted.
    Token,
}

impl AccountOrigin {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            AccountOrigin::Login => "login",
            AccountOrigin::Basic => "basic",
            AccountOrigin::Token => "token",
        }
    }
}

/// An account (账号) of a site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Stable id (`ac-` and 12 hex digits of site and name).
    pub key: Box<str>,
    /// Name as the site knows it.
    pub name: Box<str>,
    /// Its site.
    pub site: SiteId,
    /// How it was first learned.
    pub origin: AccountOrigin,
    /// First use.
    pub first_seen: Timestamp,
    /// Last use.
    pub last_seen: Timestamp,
    /// Exchanges made under it.
    pub exchanges: u64,
    /// Callers it was used from, the first 256.
    pub sources: BTreeSet<CallerId>,
    /// Persons whose data passed in the exchanges made under it.
    pub subjects: Subjects,
    /// Whether its name (admin, root, ...) or the organisation's directory marks it as privileged.
    pub privileged: bool,
    /// Who has it, by the organisation's directory; `None` where that does not say.
    #[serde(skip)]
    pub person: Option<Arc<Person>>,
}
