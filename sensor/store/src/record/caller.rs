//! Who called, as records tell it.

use crate::mask::mask_name;
use serde::{Deserialize, Serialize};
use weir_exchange::{Credential, CredentialKind, Exchange};
use weir_model::{Caller, Forwarded};

/// What a request says of its client.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct ForwardedRecord {
    /// The address told: the one believed, else the one that the peer's list ends with; null where it is no address.
    pub address: Option<String>,
    /// Whether it was taken for the caller's.
    pub believed: bool,
    /// `configured`, `learned`, `untrusted` or `unreadable`.
    pub why: &'static str,
}

impl From<Forwarded> for ForwardedRecord {
    fn from(f: Forwarded) -> Self {
        ForwardedRecord {
            address: f.told.map(|ip| ip.to_string()),
            believed: f.belief.holds(),
            why: f.belief.key(),
        }
    }
}

/// A caller whose address a proxy told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct ThroughRecord {
    /// The caller's address.
    pub address: String,
    /// The proxy's.
    pub proxy: String,
    /// Why it was believed: `configured` or `learned`.
    pub why: String,
}

impl ThroughRecord {
    pub(crate) fn of(caller: &Caller) -> Option<Self> {
        let (proxy, belief) = caller.through?;
        Some(ThroughRecord {
            address: caller.ip.to_string(),
            proxy: proxy.to_string(),
            why: belief.key().into(),
        })
    }
}

/// What tells best who called (调用方身份), in order: application key, account, session, token, address.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct IdentityRecord {
    /// `app-key`, `account`, `session`, `token` or `address`.
    pub by: &'static str,
    /// Field that carried it; absent of accounts and addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Name of the account, or the address; absent of credentials, whose values and fingerprints no record holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl IdentityRecord {
    pub(crate) fn new(x: &Exchange, account: Option<&str>, address: &str) -> Self {
        let carried = x.request.as_ref().map_or(&[][..], |r| &r.credentials);
        let find = |of: &[CredentialKind]| carried.iter().find(|c| of.contains(&c.kind));
        let by = |by, c: &Credential| IdentityRecord { by, field: Some(mask_name(&c.name)), id: None };
        let plain = |by, id: &str| IdentityRecord { by, field: None, id: Some(id.into()) };
        if let Some(key) = find(&[CredentialKind::ApiKey]) {
            return by("app-key", key);
        }
        if let Some(name) = account {
            return plain("account", name);
        }
        if let Some(session) = find(&[CredentialKind::SessionCookie]) {
            return by("session", session);
        }
        match find(&[CredentialKind::Bearer, CredentialKind::TokenParam]) {
            Some(token) => by("token", token),
            None => plain("address", address),
        }
    }
}
