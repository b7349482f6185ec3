//! Interfaces and sites.

use crate::{CallerId, ColumnProfile, Life, Ruling, Schema, Shelf, SiteId, Subjects, Upstream};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{CredentialKind, DataTypeId, Form, KeptPositions, Scheme, Text};
use weir_wire::{Endpoint, Timestamp};

/// A site (站点): one host name and port as one or more providers (提供方) serve it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Site {
    /// Host with port as in `Host`; the server's address where requests name none.
    pub host: Box<str>,
    /// Addresses that answered for it, at most 64.
    pub servers: BTreeSet<Endpoint>,
    /// Where these pass calls on to, as far as that is seen, at most 64.
    pub upstreams: BTreeMap<Endpoint, Upstream>,
    /// Clear or encrypted, as seen.
    pub schemes: BTreeSet<Scheme>,
    /// First exchange.
    pub first_seen: Timestamp,
    /// Last exchange.
    pub last_seen: Timestamp,
    /// Names that clients looked up and that stood for one of its addresses, at most 8.
    pub looked_up: BTreeSet<Text>,
}

/// Technical form (技术形态; GB/T 46796-2025, A.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum InterfaceForm {
    /// RESTful Web interface.
    Rest,
    /// SOAP.
    Soap,
    /// GraphQL.
    GraphQl,
    /// Remote procedure calls: JSON-RPC, paths on which a parameter selects the operation, and statements and messages of protocols that
    /// are not HTTP.
    Rpc,
    /// gRPC and gRPC-Web.
    Grpc,
    /// File exchange: upload and download over HTTP, FTP.
    File,
    /// A page for people (HTML).
    Page,
    /// Static content: scripts, styles, images.
    Static,
}

impl InterfaceForm {
    /// All of them.
    pub const ALL: [InterfaceForm; 8] = [
        InterfaceForm::Rest,
        InterfaceForm::Soap,
        InterfaceForm::GraphQl,
        InterfaceForm::Rpc,
        InterfaceForm::Grpc,
        InterfaceForm::File,
        InterfaceForm::Page,
        InterfaceForm::Static,
    ];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            InterfaceForm::Rest => "rest",
            InterfaceForm::Soap => "soap",
            InterfaceForm::GraphQl => "graphql",
            InterfaceForm::Rpc => "rpc",
            InterfaceForm::Grpc => "grpc",
            InterfaceForm::File => "file",
            InterfaceForm::Page => "page",
            InterfaceForm::Static => "static",
        }
    }
}

/// What the interface does with data (操作类型; 7.1 e 1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Operation {
    /// Reads.
    Read,
    /// Creates.
    Create,
    /// Updates.
    Update,
    /// Deletes.
    Delete,
    /// Logs in.
    Login,
}

impl Operation {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Operation::Read => "read",
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::Login => "login",
        }
    }
}

/// Lifecycle state of an interface as observed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum InterfaceState {
    /// Seen answering.
    Active,
    /// Only refused or unanswered so far: scanners' guesses, mistyped paths (404, 405); kept apart from the inventory.
    Noise,
}

impl InterfaceState {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            InterfaceState::Active => "active",
            InterfaceState::Noise => "noise",
        }
    }
}

/// How calls of an interface were authenticated.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Authentication {
    /// Calls answered 2xx with a credential.
    pub with: u64,
    /// Calls answered 2xx without one.
    pub without: u64,
    /// Calls refused with 401 or 403.
    pub refused: u64,
    /// Sorts of credential seen, with the number of calls.
    pub kinds: BTreeMap<CredentialKind, u64>,
}

/// What an interface gave out or took in, per type, form and direction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DataProfile {
    /// Values, rejected ones among them.
    pub values: u64,
    /// Of those, values in columns that are something else: they do not count as data of this type.
    pub rejected: u64,
    /// Whether the type is personal information.
    pub personal: bool,
    /// Exchanges that held any.
    pub exchanges: u64,
    /// Most values in one exchange.
    pub most: u32,
    /// Grade.
    pub level: u8,
    /// Field path of the first.
    pub path: Box<str>,
    /// Masked sample of the first.
    pub sample: Box<str>,
    /// Readable characters of masked values.
    pub kept: KeptPositions,
}

impl DataProfile {
    /// Values that count as data of the type.
    pub fn counted(&self) -> u64 {
        self.values.saturating_sub(self.rejected)
    }
}

/// An interface (数据接口; GB/T 46796-2025, 3.1): method, path template and, where one path serves several operations, the operation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Interface {
    /// Stable id: the same site, method, template and operation give the same id in every run (`if-` and 12 hex digits).
    pub key: Box<str>,
    /// Its site.
    pub site: SiteId,
    /// Method.
    pub method: Box<str>,
    /// Path template with `{name}` for variable segments.
    pub template: Box<str>,
    /// SOAP, GraphQL or JSON-RPC operation, or the value of the parameter that selects it; empty where the path alone tells.
    pub operation_name: Box<str>,
    /// Name that a person gave it; empty where none did.
    pub name: Box<str>,
    /// Why this template: one clause a variable segment.
    pub evidence: Vec<Box<str>>,
    /// What a person decided it to be; `None` where nobody did.
    #[serde(skip)]
    pub ruling: Option<Box<Ruling>>,
    /// Technical form, the one decided where one was.
    pub form: InterfaceForm,
    /// What speaks for it, one clause each.
    pub form_evidence: Vec<Box<str>>,
    /// What it does.
    pub operation: Operation,
    /// Observed state.
    pub state: InterfaceState,
    /// Where it is kept.
    pub shelf: Shelf,
    /// What changed and when.
    pub life: Life,
    /// Protocol of the last exchange, as in records.
    #[serde(with = "crate::state::fixed")]
    pub protocol: crate::state::Fixed,
    /// First exchange.
    pub first_seen: Timestamp,
    /// Last exchange.
    pub last_seen: Timestamp,
    /// Exchanges.
    pub exchanges: u64,
    /// Exchanges by status class: none, 1xx ... 5xx.
    pub statuses: [u64; 6],
    /// Callers, the first 1,024.
    pub callers: BTreeSet<CallerId>,
    /// How calls were authenticated.
    pub authentication: Authentication,
    /// Names of parameters seen, at most 64.
    pub params: BTreeSet<Box<str>>,
    /// Field names of replies seen, at most 128.
    pub fields: BTreeSet<Box<str>>,
    /// Parameters and fields with what is known of their values.
    pub schema: Schema,
    /// Data by (in the response, type, form).
    pub data: BTreeMap<(bool, DataTypeId, Form), DataProfile>,
    /// Columns in which values of types were found that others may pass for: by (in the response, field path), at most 64.
    pub columns: BTreeMap<(bool, Text), ColumnProfile>,
    /// Persons whose data it gave out or took in.
    pub subjects: Subjects,
    /// Highest grade of its data, raised where they are many persons'; 1 where it has none.
    pub level: u8,
    /// Response bytes (decoded).
    pub response_bytes: u64,
    /// Sum of durations in nanoseconds, for the mean.
    pub duration_nanos: u64,
}
