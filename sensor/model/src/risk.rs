//! Findings, risk sources and risks.

use crate::{CallerId, InterfaceId, RiskType, Severity, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{DataTypeId, Effect, Form};
use weir_wire::Timestamp;

/// A sentence in both languages.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What a finding rests on: one exchange, by flow, time and number, and what in it shows the risk source (masked).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// Time of the exchange.
    pub time: Timestamp,
    /// Community ID of its flow.
    pub flow: Box<str>,
    /// Number within its flow.
    pub number: u32,
    /// What shows it; sensitive values masked, bounded to 200 characters.
    pub note: Summary,
}

/// What makes two findings the same risk source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct FindingKey {
    /// Catalogue id.
    #[serde(with = "crate::state::fixed")]
    pub id: crate::state::Fixed,
    /// Site.
    pub site: SiteId,
    /// Interface, where the risk source is one interface's.
    pub interface: Option<InterfaceId>,
    /// Caller, where it is one caller's doing.
    pub caller: Option<CallerId>,
    /// Account, where it is one account's (its name, as accounts that never logged in have no [`AccountId`]).
    pub account: Option<Box<str>>,
}

/// One sighting of a risk source, as a detector reports it.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// What it is about.
    pub key: FindingKey,
    /// When.
    pub time: Timestamp,
    /// How serious this sighting is.
    pub severity: Severity,
    /// What happened, naming figures; replaces the summary of earlier sightings of the key.
    pub summary: Summary,
    /// What it rests on.
    pub evidence: Evidence,
    /// The data it rests on, where it is nothing without them.
    pub basis: Option<Basis>,
    /// What it shows to have happened, where that is more than a weakness or an attempt.
    pub effect: Option<Effect>,
}

/// Data that a finding is about: without them there is nothing to find.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Basis {
    /// Whether they stand in the response.
    pub response: bool,
    /// Field path.
    pub path: Box<str>,
    /// Type.
    pub data_type: DataTypeId,
    /// Form.
    pub form: Form,
}

/// Where detectors put findings.
pub type Findings = Vec<Finding>;

/// A risk source (风险源): all sightings under one key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RiskSource {
    /// What it is about.
    pub key: FindingKey,
    /// First sighting.
    pub first_seen: Timestamp,
    /// Last sighting.
    pub last_seen: Timestamp,
    /// Highest severity sighted.
    pub severity: Severity,
    /// Sightings.
    pub count: u64,
    /// Newest summary.
    pub summary: Summary,
    /// The first 5 and the newest evidence.
    pub evidence: Vec<Evidence>,
    /// Data it was found in, the first 8.
    pub data: BTreeSet<Basis>,
    /// What its sightings show to have happened, with the first that does.
    pub effects: BTreeMap<Effect, Timestamp>,
    /// How often it was sighted anew after a quiet period, the first time included.
    pub episodes: u32,
}

/// Harm (危害程度; GB/T 45577-2025, clause 9), from least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Harm {
    /// 低
    Low,
    /// 中
    Medium,
    /// 较高
    Considerable,
    /// 高
    High,
    /// 很高
    VeryHigh,
}

/// Likelihood (发生可能性), from least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Likelihood {
    /// 低
    Low,
    /// 中
    Medium,
    /// 高
    High,
}

/// Risk level (风险等级), from least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RiskLevel {
    /// 轻微安全风险
    Slight,
    /// 低安全风险
    Low,
    /// 中安全风险
    Medium,
    /// 高安全风险
    High,
    /// 重大安全风险
    Major,
}

macro_rules! keys {
    ($type:ident, $($variant:ident $key:literal $zh:literal;)+) => {
        impl $type {
            /// Its name in records.
            pub const fn key(self) -> &'static str { match self { $($type::$variant => $key),+ } }
            /// Its Chinese name.
            pub const fn zh(self) -> &'static str { match self { $($type::$variant => $zh),+ } }
        }
    };
}

keys! { Harm, Low "low" "低"; Medium "medium" "中"; Considerable "considerable" "较高"; High "high" "高"; VeryHigh "very-high" "很高"; }
keys! { Likelihood, Low "low" "低"; Medium "medium" "中"; High "high" "高"; }
keys! { RiskLevel, Slight "slight" "轻微"; Low "low" "低"; Medium "medium" "中"; High "high" "高"; Major "major" "重大"; }

/// A risk (风险; GB/T 46796-2025, 8.1): risk sources of one site that lead to one type of risk at one interface.
#[derive(Clone, PartialEq, Debug)]
pub struct Risk {
    /// Stable id (`rk-` and 12 hex digits).
    pub key: Box<str>,
    /// What may happen.
    pub risk_type: RiskType,
    /// Where.
    pub site: SiteId,
    /// Which interface; `None` for one of the whole site.
    pub interface: Option<InterfaceId>,
    /// How bad.
    pub harm: Harm,
    /// How likely.
    pub likelihood: Likelihood,
    /// From both, by the matrix in force.
    pub level: RiskLevel,
    /// The risk sources it rests on (positions in the list of risk sources).
    pub sources: Vec<usize>,
    /// First sighting of any of them.
    pub first_seen: Timestamp,
    /// Last sighting of any of them.
    pub last_seen: Timestamp,
    /// The factors that gave harm and likelihood, so that a reviewer can follow and change them.
    pub factors: BTreeMap<&'static str, Summary>,
}
