//! `exchanges.jsonl`.

use super::{ForwardedRecord, IdentityRecord, LegRecord, VERSION};
use crate::Row;
use crate::mask::{mask_name, mask_target, programs};
use serde::Serialize;
use std::borrow::Cow;
use weir_exchange::{Body, Catalogue, DataItem};
use weir_model::subjects_of;
use weir_wire::Endpoint;

/// One end of a flow.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct EndpointRecord {
    /// Address.
    pub ip: String,
    /// Port.
    pub port: u16,
}

impl From<Endpoint> for EndpointRecord {
    fn from(e: Endpoint) -> Self {
        EndpointRecord { ip: e.ip.to_string(), port: e.port }
    }
}

/// The body of one half.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct BodyRecord<'a> {
    /// `Content-Type` as sent; empty where absent.
    pub content_type: &'a str,
    /// Decoded bytes, as far as read.
    pub body_bytes: u64,
    /// SHA-256 of the decoded body in hex; only where digests were asked for and there are bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl<'a> From<&'a Body> for BodyRecord<'a> {
    fn from(b: &'a Body) -> Self {
        let sha256 = b.sha256.map(|digest| digest.iter().map(|byte| format!("{byte:02x}")).collect());
        BodyRecord { content_type: &b.content_type, body_bytes: b.bytes, sha256 }
    }
}

/// Sensitive data of one type and form at one field path.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct DataRecord<'a> {
    /// Data type id.
    #[serde(rename = "type")]
    pub data_type: &'a str,
    /// `plain`, `masked`, `encrypted`, `hashed` or `encoded`.
    pub form: &'static str,
    /// `request` or `response`.
    #[serde(rename = "where")]
    pub direction: &'static str,
    /// `path`, `query`, `header`, `cookie` or `body`.
    pub part: &'static str,
    /// Field path, or the name of the header, cookie or parameter.
    pub path: String,
    /// Values.
    pub count: u32,
    /// Grade 1 to 4.
    pub level: u8,
    /// Level in the grading profile in force; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<&'a str>,
    /// Masked sample of the first value.
    pub masked: &'a str,
}

impl<'a> DataRecord<'a> {
    fn new(item: &'a DataItem, catalogue: &'a Catalogue) -> Self {
        DataRecord {
            data_type: catalogue.data_type(item.data_type).map_or("unknown", |t| &t.id),
            form: item.form.key(),
            direction: if item.place.response { "response" } else { "request" },
            part: item.place.part.key(),
            path: mask_name(&item.path),
            count: item.count,
            level: item.level,
            grade: catalogue
                .grading
                .as_ref()
                .and_then(|g| g.label(g.field(item.data_type, item.form)))
                .map(|l| &*l.id),
            masked: &item.sample,
        }
    }
}

/// An exchange (一次接口调用), as one line of `exchanges.jsonl`. Order: time, flow, start of the flow, number.
///
/// One more field, `interface` (id of the interface or null), is joined when the run ends: until then, interfaces may unite.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct ExchangeRecord<'a> {
    /// Version of the record.
    pub v: u32,
    /// First byte of the request; of the response where that is alone.
    pub time: String,
    /// Community ID (version 1) of the flow.
    pub flow: &'a str,
    /// Number within the flow, from 0.
    pub number: u32,
    /// Who called.
    pub client: EndpointRecord,
    /// Who answered.
    pub server: EndpointRecord,
    /// VLAN, or null.
    pub vlan: Option<u16>,
    /// Tunnel network, or null.
    pub vni: Option<u32>,
    /// `http/1.1`, ...
    pub protocol: &'static str,
    /// Method as sent; null where the request was not seen.
    pub method: Option<&'a str>,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Authority of the request; null where it was not seen.
    pub host: Option<&'a str>,
    /// Request target, values of sensitive parameters and segments replaced by `***`; null where the request was not seen.
    pub target: Option<Cow<'a, str>>,
    /// Status code; null where no response was seen.
    pub status: Option<u16>,
    /// `grpc-status`, of gRPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc_status: Option<u8>,
    /// Body of the request; null where that was not seen.
    pub request: Option<BodyRecord<'a>>,
    /// Body of the response; null where that was not seen.
    pub response: Option<BodyRecord<'a>>,
    /// From the first byte to the last, in nanoseconds.
    pub duration_ns: u64,
    /// From the first byte of the request to the first of the response, in nanoseconds; absent where one of them was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ns: Option<u64>,
    /// Name of the account, or null.
    pub account: Option<&'a str>,
    /// Address of the caller: the client's, or the one told by a proxy that is believed.
    pub caller: String,
    /// What the request says of its client; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<ForwardedRecord>,
    /// Where the call was seen once more, behind a proxy; absent where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<LegRecord>,
    /// Of which call this is a further leg, behind a proxy: it counts by that one. Absent where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg_of: Option<LegRecord>,
    /// What tells best who called.
    pub identity: IdentityRecord,
    /// Programs of the caller with their versions, as it names itself: of anything else in that field nothing is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Software of the provider with its version, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    /// Sensitive data found.
    pub data: Vec<DataRecord<'a>>,
    /// Highest level of it in the grading profile in force; absent without data or profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<&'a str>,
    /// Persons whose data it holds in clear.
    pub subjects: u64,
    /// Irregularities, by name.
    pub anomalies: Vec<&'static str>,
    /// False where a gap or the capture's end cut it.
    pub complete: bool,
}

impl<'a> ExchangeRecord<'a> {
    /// `flow` is the text of the exchange's Community ID.
    pub(crate) fn new(row: &Row<'a>, flow: &'a str, catalogue: &'a Catalogue, keep_target: bool) -> Self {
        let x = row.exchange;
        let request = x.request.as_ref();
        let caller = row.origin.address.to_string();
        ExchangeRecord {
            v: VERSION,
            time: x.time.to_string(),
            flow,
            number: x.number,
            client: x.flow.client.into(),
            server: x.flow.server.into(),
            vlan: x.flow.vlan,
            vni: x.flow.vni,
            protocol: x.protocol.key(),
            method: request.map(|r| &*r.method),
            scheme: x.scheme.key(),
            host: request.map(|r| &*r.host),
            target: request.map(|r| if keep_target { Cow::Borrowed(&*r.target) } else { mask_target(x, r) }),
            status: x.response.as_ref().map(|r| r.status),
            grpc_status: x.response.as_ref().and_then(|r| r.grpc_status),
            request: request.map(|r| (&r.body).into()),
            response: x.response.as_ref().map(|r| (&r.body).into()),
            duration_ns: x.duration().as_nanos(),
            latency_ns: request.and(x.response.as_ref()).map(|r| r.time.since(x.time).as_nanos()),
            account: row.account,
            forwarded: row.origin.forwarded.map(Into::into),
            upstream: LegRecord::upstream(row.leg),
            leg_of: LegRecord::first(row.leg),
            identity: IdentityRecord::new(x, row.account, &caller),
            caller,
            user_agent: request.map(|r| programs(&r.user_agent)).filter(|a| !a.is_empty()),
            software: x.response.as_ref().map(|r| programs(&r.server)).filter(|s| !s.is_empty()),
            data: x.data.iter().map(|d| DataRecord::new(d, catalogue)).collect(),
            grade: catalogue.grading.as_ref().and_then(|g| g.label(g.exchange(&x.data)?)).map(|l| &*l.id),
            subjects: subjects_of(&x.data, catalogue).0,
            anomalies: x.anomalies.iter().map(|a| a.key()).collect(),
            complete: x.complete,
        }
    }
}
