//! The exchange: a request with its response, and what was found in them (数据接口的一次调用).
//!
//! This record is the only noun that crosses from the dataplane (which states facts) to the sensor (which judges), so it lives in a
//! crate of its own that both halves read and neither owns. It holds no sensitive value in clear: types, forms, counts, field
//! paths, masked samples and keyed [`Fingerprint`]s instead. Text taken from the wire (method, host, target, names) is bounded
//! when it is built.

mod anomaly;
mod body;
mod calendar;
mod catalogue;
mod column;
mod connection;
mod credential;
mod data;
mod distinct;
mod excerpt;
mod fingerprint;
mod flow;
mod grading;
mod incident;
mod message;
mod param;
mod resolved;
#[cfg(feature = "sample")]
pub mod sample;
mod selector;
mod ssh;
mod text;
mod tls;

pub use anomaly::{Anomalies, Anomaly};
pub use body::{Body, BodyState, MediaKind};
pub use calendar::{Calendar, LocalTime};
pub use catalogue::{Catalogue, DataType, DataTypeId, PersonalClass, SignalFamily, SignalId, SignalKind};
pub use column::Column;
pub use connection::{Connection, Kind, Named, Reading, Shown};
pub use credential::{Credential, CredentialKind, JwtFacts, Login, PasswordFacts, PasswordShape};
pub use data::{DataItem, Form, KeptPositions, Part, Place, SignalHit};
pub use distinct::Distinct;
pub use excerpt::Excerpt;
pub use fingerprint::{Fingerprint, Fingerprinter};
pub use flow::{CommunityId, FlowRef};
pub use grading::{Grade, Graded, Grading, Label, Many};
pub use incident::{
    Duty, Effect, IncidentCause, IncidentLevel, IncidentRules, IncidentType, LevelRule, Operator, Since,
    Wording,
};
pub use message::{Cookie, Exchange, Protocol, Request, RequestFields, Response, ResponseFields, Scheme};
pub use param::{Param, ParamName, ParamPlace, ParamValue, Params};
pub use resolved::Resolved;
pub use selector::{is_operation_word, may_select_operation};
pub use ssh::SshFacts;
pub use text::{SharedList, Text};
pub use tls::{Certificate, TlsFacts, TlsVersion, suite_name};
