//! `interfaces.jsonl`.

use super::life::{LifeRecord, ProposalRecord, forms, tags};
use super::{
    CallersPlaceRecord, RegistrationRecord, SchemaRecord, ServerRecord, ThroughRecord, UpstreamRecord,
    VERSION,
};
use crate::Results;
use crate::mask::mask_name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{CredentialKind, DataTypeId, Form, Text};
use weir_model::{ColumnProfile, ColumnRule, ColumnVerdict, DataProfile, Interface, Moment, Subjects};

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
    /// Those whose addresses proxies told, the 64 lowest addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<ThroughRecord>,
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
    /// Values in all, without those rejected.
    pub count: u64,
    /// Values that do not count: they stand in columns that are something else.
    #[serde(default)]
    pub rejected: u64,
    /// `affirmed`, `undecided` or `rejected`, where values of the type are judged by their columns: the best verdict of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The columns and the figures that the verdict rests on, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnRecord>,
    /// Exchanges that held any.
    pub exchanges: u64,
    /// Most values in one exchange.
    pub most: u32,
    /// Grade 1 to 4.
    pub level: u8,
    /// Level in the grading profile; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// Category in the grading profile; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Masked sample of the first.
    pub masked: String,
}

/// A column: the values of one field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct ColumnRecord {
    /// Field path.
    pub path: String,
    /// `affirmed`, `undecided` or `rejected`.
    pub verdict: String,
    /// Why: `few-values`, `running-text`, `no-more-than-chance`, `most-values`, `mixed`, `one-value`, `sequence`.
    pub reason: String,
    /// Values that were neither empty nor null.
    pub seen: u64,
    /// Of those, values found to be any sensitive data.
    pub found: u64,
    /// Of those, values of this type and form.
    pub matched: u64,
    /// Different values of the types that are judged so.
    pub distinct: u64,
    /// Bytes of the shortest and the longest value seen.
    pub lengths: [u8; 2],
    /// Of 64 classes, how many the beginnings of the values found fall into.
    pub beginnings: u32,
    /// Of a hundred other values of the shape, how many pass for the type.
    pub chance: u8,
    /// Exchanges in which the field had a value.
    pub exchanges: u64,
}

/// Persons whose data passed (个人信息主体).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct SubjectsRecord {
    /// How many different ones.
    pub count: u64,
    /// Whether that is exact; else it is an estimate with a standard error of 2.3 %.
    pub exact: bool,
    /// Most in one hour.
    pub most_in_hour: u64,
    /// When that hour began; empty where there were none.
    pub hour: String,
}

impl SubjectsRecord {
    pub(crate) fn new(subjects: &Subjects) -> Self {
        let busiest = subjects.busiest();
        SubjectsRecord {
            count: subjects.count(),
            exact: subjects.is_exact(),
            most_in_hour: busiest.map_or(0, |h| h.count),
            hour: busiest.map_or_else(String::new, |h| h.start.to_string()),
        }
    }
    /// Takes in those of an earlier run, of whom it is not known how many are the same: the larger count stands.
    pub(crate) fn at_least(&mut self, earlier: &SubjectsRecord) {
        if earlier.count > self.count {
            (self.count, self.exact) = (earlier.count, earlier.exact);
        }
        if earlier.most_in_hour > self.most_in_hour {
            (self.most_in_hour, self.hour) = (earlier.most_in_hour, earlier.hour.clone());
        }
    }
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
    /// Names that clients looked up (DNS) and that stood for that host, where it is an address; at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_names: Vec<String>,
    /// Path template with `{name}` for variable segments.
    pub template: String,
    /// SOAP, GraphQL or JSON-RPC operation, or the value of the parameter that selects it; empty where the path alone tells.
    pub operation: String,
    /// Name that a person gave it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Protocol of the last exchange.
    pub protocol: String,
    /// Technical form, as decided by a person or as seen: `rest`, `soap`, `graphql`, `rpc`, `file`, `page`, `static`.
    pub form: String,
    /// What speaks for the form; a person's decision first, where there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form_evidence: Vec<String>,
    /// What it does: `read`, `create`, `update`, `delete`, `login`.
    pub purpose: String,
    /// `active`, or `noise` where it was only ever refused or unanswered.
    pub state: String,
    /// Where it is kept: `none` (the inventory), `noise`, `catch_all`, `static` or `health`.
    #[serde(default = "no_shelf")]
    pub shelf: String,
    /// What it is for, with evidence.
    #[serde(default)]
    pub purposes: Vec<ProposalRecord>,
    /// Business form, decided or proposed: `open`, `shared`, `collecting`, `trading`, `cross_border` or `other`.
    #[serde(default)]
    pub business: ProposalRecord,
    /// For whom it is there, decided or proposed: `open`, `partner` or `internal`.
    #[serde(default)]
    pub exposure: ProposalRecord,
    /// Lifecycle and history.
    #[serde(default, flatten)]
    pub life: LifeRecord,
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
    /// In which schemes its site was called (`http`, `https`, ...), in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<String>,
    /// Addresses that answer for its site, and where they are.
    #[serde(default)]
    pub servers: Vec<ServerRecord>,
    /// Where these pass calls of its site on to, as far as second legs of the same calls are seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<UpstreamRecord>,
    /// How calls were authenticated.
    pub authentication: AuthenticationRecord,
    /// Highest grade of its data, raised where they are many persons'; 1 where it has none.
    pub level: u8,
    /// Grading profile that `grade` and `category` are of; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Level in the grading profile, many values in one exchange counted in; absent without data or profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// Persons whose data passed in clear.
    #[serde(default)]
    pub subjects: SubjectsRecord,
    /// Data by direction, type and form, highest grade first.
    pub data: Vec<InterfaceDataRecord>,
    /// Names of parameters seen.
    pub params: Vec<String>,
    /// Field names of replies seen.
    pub fields: Vec<String>,
    /// Parameters and fields with what is known of their values.
    #[serde(default)]
    pub schema: SchemaRecord,
    /// Standing on the registered list; absent without a list, and of noise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<RegistrationRecord>,
    /// Decoded bytes of responses.
    pub response_bytes: u64,
    /// Mean duration in nanoseconds.
    pub mean_duration_ns: u64,
    /// Why this template: one clause a variable segment.
    pub evidence: Vec<String>,
}

/// Shelf of records that were written before there were shelves.
fn no_shelf() -> String {
    "none".into()
}

impl InterfaceRecord {
    pub(crate) fn new(interface: &Interface, results: &Results<'_>, moment: &Moment) -> Self {
        let (business, exposure) = forms(interface, results);
        let site = results.known.site(interface.site);
        let mut callers: Vec<_> =
            interface.callers.iter().filter_map(|id| results.known.caller(*id)).map(|c| c.ip).collect();
        callers.sort_unstable();
        callers.truncate(CALLERS_LISTED);
        let told = interface.callers.iter().filter_map(|id| results.known.caller(*id));
        let mut told: Vec<_> = told.filter(|c| c.through.is_some()).collect();
        told.sort_unstable_by_key(|c| c.ip);
        let through = told.into_iter().take(CALLERS_LISTED).filter_map(ThroughRecord::of).collect();
        let grading = results.catalogue.grading.as_ref();
        let fields =
            interface.data.iter().map(|((_, data_type, form), profile)| (*data_type, *form, profile.most));
        let registered = results.registrations.and_then(|r| r.interfaces.get(&interface.key));
        let statuses = CLASSES.iter().zip(interface.statuses).filter(|(_, n)| *n > 0);
        InterfaceRecord {
            v: VERSION,
            id: interface.key.to_string(),
            method: interface.method.to_string(),
            host: results.host(interface.site),
            host_names: results.host_names(interface.site),
            template: interface.template.to_string(),
            operation: interface.operation_name.to_string(),
            name: interface.name.to_string(),
            protocol: interface.protocol.into(),
            form: interface.form.key().into(),
            form_evidence: interface.form_evidence.iter().map(ToString::to_string).collect(),
            purpose: interface.operation.key().into(),
            state: interface.state.key().into(),
            shelf: interface.shelf.key().into(),
            purposes: tags(interface, results),
            business,
            exposure,
            life: LifeRecord::new(interface, moment),
            first_seen: interface.first_seen.to_string(),
            last_seen: interface.last_seen.to_string(),
            exchanges: interface.exchanges,
            statuses: statuses.map(|(class, n)| ((*class).to_string(), n)).collect(),
            callers: CallersRecord {
                count: interface.callers.len() as u64,
                addresses: callers.iter().map(ToString::to_string).collect(),
                places: results.callers_by_place(&interface.callers),
                through,
            },
            schemes: site.into_iter().flat_map(|s| &s.schemes).map(|s| s.key().to_string()).collect(),
            servers: results.servers(interface.site),
            upstreams: site.map(UpstreamRecord::all).unwrap_or_default(),
            authentication: authentication(interface),
            level: interface.level,
            profile: grading.map(|g| g.id.to_string()),
            grade: grading.and_then(|g| Some(g.label(g.highest(fields)?)?.id.to_string())),
            subjects: SubjectsRecord::new(&interface.subjects),
            data: data(interface, results),
            params: interface.params.iter().map(|p| mask_name(p)).collect(),
            fields: interface.fields.iter().map(|f| mask_name(f)).collect(),
            schema: SchemaRecord::new(interface, results),
            registration: registered.map(RegistrationRecord::new),
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
        CredentialKind::Connection => "connection-login",
    }
}

fn data(interface: &Interface, results: &Results<'_>) -> Vec<InterfaceDataRecord> {
    let mut rows: Vec<_> =
        interface.data.iter().map(|(key, profile)| data_row(*key, profile, interface, results)).collect();
    rows.sort_by(|a, b| {
        // What does not count comes last.
        let rank = |r: &InterfaceDataRecord| (r.count == 0, std::cmp::Reverse(r.level));
        rank(a)
            .cmp(&rank(b))
            .then_with(|| (&a.direction, &a.data_type, &a.form).cmp(&(&b.direction, &b.data_type, &b.form)))
    });
    rows
}

fn data_row(
    key: (bool, DataTypeId, Form),
    profile: &DataProfile,
    interface: &Interface,
    results: &Results<'_>,
) -> InterfaceDataRecord {
    let grading = results.catalogue.grading.as_ref();
    let (response, data_type, form) = key;
    let columns = columns(key, interface, &results.grading.columns);
    InterfaceDataRecord {
        data_type: results.catalogue.data_type(data_type).map_or("unknown", |t| &t.id).into(),
        form: form.key().into(),
        direction: if response { "response" } else { "request" }.into(),
        path: mask_name(&profile.path),
        count: profile.counted(),
        rejected: profile.rejected,
        verdict: columns.iter().map(|(v, _)| *v).min().map(|v| v.key().into()),
        columns: columns.into_iter().map(|(_, c)| c).collect(),
        exchanges: profile.exchanges,
        most: profile.most,
        level: profile.level,
        grade: grading.and_then(|g| g.label(g.field(data_type, form))).map(|l| l.id.to_string()),
        category: grading.and_then(|g| g.category(data_type)).map(|c| c.id.to_string()),
        masked: profile.sample.to_string(),
    }
}

fn columns(
    (response, data_type, form): (bool, DataTypeId, Form),
    interface: &Interface,
    rule: &ColumnRule,
) -> Vec<(ColumnVerdict, ColumnRecord)> {
    let of_type = |((at, path), column): (&(bool, Text), &ColumnProfile)| {
        let matched = *column.doubtful.get(&(data_type, form)).filter(|_| *at == response)?;
        let (verdict, reason) = column.judge(rule);
        let record = ColumnRecord {
            path: mask_name(path),
            verdict: verdict.key().into(),
            reason: reason.key().into(),
            seen: column.seen,
            found: column.found,
            matched,
            distinct: column.distinct.count(),
            lengths: [column.shortest, column.longest],
            beginnings: column.prefixes.count_ones(),
            chance: column.chance,
            exchanges: column.exchanges,
        };
        Some((verdict, record))
    };
    interface.columns.iter().filter_map(of_type).collect()
}
