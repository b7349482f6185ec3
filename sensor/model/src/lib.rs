//! The nouns of GB/T 46796-2025 (数据接口安全风险监测方法): interfaces, callers, accounts, risk sources and risks.
//!
//! Sensor crates exchange these and nothing else. Indices ([`InterfaceId`], [`AccountId`], ...) are dense, given in order of first
//! sight, and valid within one run; records carry the stable text ids that [`Interface::key`] and friends give.

mod account;
mod addresses;
mod business;
mod caller;
mod card;
mod column;
mod encrypted;
mod escapes;
mod grading;
mod ids;
mod incident;
mod interface;
mod known;
mod leg;
mod life;
mod observation;
mod origin;
mod person;
mod purpose;
mod registration;
mod risk;
mod ruling;
mod schema;
mod severity;
mod shelf;
pub mod state;
mod subjects;
mod version;

pub use account::{Account, AccountOrigin};
pub use addresses::internal;
pub use business::{BusinessForm, Exposure, Proposal, business_form, exposure};
pub use caller::Caller;
pub use card::{Card, Group, Handling, RiskType};
pub use column::{ColumnProfile, ColumnReason, ColumnRule, ColumnVerdict};
pub use encrypted::{EncryptedService, Weakness};
pub use escapes::form_decoded;
pub use grading::Grading;
pub use ids::{AccountId, CallerId, InterfaceId, SiteId};
pub use incident::{Clock, Incident};
pub use interface::{Authentication, DataProfile, Interface, InterfaceForm, InterfaceState, Operation, Site};
pub use known::Known;
pub use leg::{Leg, Proof, Upstream};
pub use life::{
    Change, ChangeKind, DORMANT, LEARNING, Life, Lifecycle, Lived, Moment, PAUSE, deprecated_segment,
};
pub use observation::{LoginOutcome, Observation};
pub use origin::{Belief, Forwarded, Origin};
pub use person::{People, Person};
pub use purpose::{Purpose, Tag, purposes};
pub use registration::{Excess, Orphan, Register, Registration, RegistrationState, Registrations};
pub use risk::{
    Basis, Evidence, Finding, FindingKey, Findings, Harm, Likelihood, Risk, RiskLevel, RiskSource, Summary,
};
pub use ruling::{Ruled, Ruling};
pub use schema::{Domain, Field, ParamIn, Schema, SharedFormat, ValueFormat, ValueType, ValueTypes};
pub use severity::Severity;
pub use shelf::Shelf;
pub use subjects::{Hour, Subjects, subjects_of};
pub use version::{is_version, version_of, version_segment};
/// The words of incidents, which rules name too.
pub use weir_exchange::{Effect, IncidentLevel, IncidentType, Operator, Since};
/// Where addresses are.
pub use weir_place as place;
