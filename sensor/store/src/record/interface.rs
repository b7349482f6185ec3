//! `interfaces.jsonl`.

use super::{CallersPlaceRecord, ServerRecord, VERSION};
use crate::Results;
use crate::mask::mask_name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{Catalogue, CredentialKind, DataTypeId, Form};
use weir_model::{DataProfile, Interface};

/// Most caller addresses a record lists.
const CALLERS_LISTED: usize = 64;
/// Status classes in order of [`Interface::statuses`].
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// Who calls an interface.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct CallersRecord {
    /// Distinct callers, counted up to 1,024.
    pub count: u64,
    /// The 64 lowest addresses, in numeric order.
    pub addresses: Vec<String>,
    /// Where they are.
    #[serde(default)]
    pub places: Vec<CallersPlaceRecord>,
}

/// How calls were authenticated.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct AuthenticationRecord {
    /// Calls answered 2xx with a credential.
    pub with: u64,
    /// Calls answered 2xx without one.
    pub without: u64,
    /// Calls refused with 401 or 403.
    pub refused: u64,
    /// Calls by sort of credential (`bearer`, `session-cookie`, ...).
    pub kinds: BTreeMap<String, u64>,
}

/// What an interface gave out or took in of one type and form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct InterfaceDataRecord {
    /// Data type id.
    #[serde(rename = "type")]
    pub data_type: String,
    /// `plain`, `masked`, `encrypted`, `hashed` or `encoded`.
    pub form: String,
    /// `request` or `response`.
    #[serde(rename = "where")]
    pub direction: String,
    /// Field path of the first.
    pub path: String,
    /// Values in all.
    pub count: u64,
    /// Exchanges that held any.
    pub exchanges: u64,
    /// Most values in one exchange.
    pub most: u32,
    /// Grade 1 to 4.
    pub level: u8,
    /// Masked sample of the first.
    pub masked: String,
}

/// An interface (数据接口), as one line of `interfaces.jsonl`. Order: first seen, then id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct InterfaceRecord {
    /// Version of the record.
    pub v: u32,
    /// Stable id (`if-` and 12 hex digits).
    pub id: String,
    /// Method.
    pub method: String,
    /// Host of its site.
    pub host: String,
    /// Path template with `{name}` for variable segments.
    pub template: String,
    /// SOAP or GraphQL operation; empty where the path alone tells.
    pub operation: String,
    /// Protocol of the last exchange.
    pub protocol: String,
    /// Technical form: `rest`, `soap`, `graphql`, `file`, `page`, `static`.
    pub form: String,
    /// What it does: `read`, `create`, `update`, `delete`, `login`.
    pub purpose: String,
    /// `active`, or `noise` where it was only ever refused or unanswered.
    pub state: String,
    /// First exchange.
    pub first_seen: String,
    /// Last exchange.
    pub last_seen: String,
    /// Exchanges.
    pub exchanges: u64,
    /// Exchanges by status class (`none`, `1xx` to `5xx`); classes never seen are left out.
    pub statuses: BTreeMap<String, u64>,
    /// Who calls it.
    pub callers: CallersRecord,
    /// Addresses that answer for its site, and where they are.
    #[serde(default)]
    pub servers: Vec<ServerRecord>,
    /// How calls were authenticated.
    pub authentication: AuthenticationRecord,
    /// Highest grade of its data, 1 where it has none.
    pub level: u8,
    /// Data by direction, type and form, highest grade first.
    pub data: Vec<InterfaceDataRecord>,
    /// Names of parameters seen.
    pub params: Vec<String>,
    /// Field names of replies seen.
    pub fields: Vec<String>,
    /// Decoded bytes of responses.
    pub response_bytes: u64,
    /// Mean duration in nanoseconds.
    pub mean_duration_ns: u64,
    /// Why this template: one clause a variable segment.
    pub evidence: Vec<String>,
}

impl InterfaceRecord {
    pub(crate) fn new(interface: &Interface, results: &Results<'_>) -> Self {
        let mut callers: Vec<_> =
            interface.callers.iter().filter_map(|id| results.known.caller(*id)).map(|c| c.ip).collect();
        callers.sort_unstable();
        callers.truncate(CALLERS_LISTED);
        let statuses = CLASSES.iter().zip(interface.statuses).filter(|(_, n)| *n > 0);
        InterfaceRecord {
            v: VERSION,
            id: interface.key.to_string(),
            method: interface.method.to_string(),
            host: results.host(interface.site),
            template: interface.template.to_string(),
            operation: interface.operation_name.to_string(),
            protocol: interface.protocol.into(),
            form: interface.form.key().into(),
            purpose: interface.operation.key().into(),
            state: interface.state.key().into(),
            first_seen: interface.first_seen.to_string(),
            last_seen: interface.last_seen.to_string(),
            exchanges: interface.exchanges,
            statuses: statuses.map(|(class, n)| ((*class).to_string(), n)).collect(),
            callers: CallersRecord {
                count: interface.callers.len() as u64,
                addresses: callers.iter().map(ToString::to_string).collect(),
                places: results.callers_by_place(&interface.callers),
            },
            servers: results.servers(interface.site),
            authentication: authentication(interface),
            level: interface.level,
            data: data(interface, results.catalogue),
            params: interface.params.iter().map(|p| mask_name(p)).collect(),
            fields: interface.fields.iter().map(|f| mask_name(f)).collect(),
            response_bytes: interface.response_bytes,
            mean_duration_ns: interface.duration_nanos / interface.exchanges.max(1),
            evidence: interface.evidence.iter().map(ToString::to_string).collect(),
        }
    }
}

fn authentication(interface: &Interface) -> AuthenticationRecord {
    let a = &interface.authentication;
    let kinds = a.kinds.iter().map(|(kind, n)| (credential_key(*kind).to_string(), *n)).collect();
    AuthenticationRecord { with: a.with, without: a.without, refused: a.refused, kinds }
}

/// Name of a sort of credential in records.
const fn credential_key(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Basic => "basic",
        CredentialKind::Digest => "digest",
        CredentialKind::Bearer => "bearer",
        CredentialKind::Negotiate => "negotiate",
        CredentialKind::ApiKey => "api-key",
        CredentialKind::SessionCookie => "session-cookie",
        CredentialKind::TokenParam => "token-parameter",
        CredentialKind::Signature => "signature",
    }
}

fn data(interface: &Interface, catalogue: &Catalogue) -> Vec<InterfaceDataRecord> {
    let mut rows: Vec<_> =
        interface.data.iter().map(|(key, profile)| data_row(*key, profile, catalogue)).collect();
    rows.sort_by(|a, b| {
        b.level
            .cmp(&a.level)
            .then_with(|| (&a.direction, &a.data_type, &a.form).cmp(&(&b.direction, &b.data_type, &b.form)))
    });
    rows
}

fn data_row(
    (response, data_type, form): (bool, DataTypeId, Form),
    profile: &DataProfile,
    catalogue: &Catalogue,
) -> InterfaceDataRecord {
    InterfaceDataRecord {
        data_type: catalogue.data_type(data_type).map_or("unknown", |t| &t.id).into(),
        form: form.key().into(),
        direction: if response { "response" } else { "request" }.into(),
        path: mask_name(&profile.path),
        count: profile.values,
        exchanges: profile.exchanges,
        most: profile.most,
        level: profile.level,
        masked: profile.sample.to_string(),
    }
}
