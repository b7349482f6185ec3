//! Incidents.

use crate::{CallerId, Effect, Harm, IncidentLevel, IncidentType, InterfaceId, Likelihood, SiteId, Summary};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{DataTypeId, Since};
use weir_wire::Timestamp;

/// An incident (事件; GB/T 46796-2025, 8.2): that something happened, of one cause, at one site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incident {
    /// Stable id (`in-` and 12 hex digits).
    pub key: Box<str>,
    /// Type (事件类型; GB/T 20986-2023, 5.2.3): the primary one, then secondary ones.
    pub types: Vec<IncidentType>,
    /// Level (事件级别).
    pub level: IncidentLevel,
    /// What gave the level.
    pub level_said: Summary,
    /// Where.
    pub site: SiteId,
    /// When it was found: the first sighting that shows it. Clocks of duties run from here.
    pub known: Timestamp,
    /// First sighting of what belongs to it (起始时间).
    pub first_seen: Timestamp,
    /// Last sighting (最近时间).
    pub last_seen: Timestamp,
    /// Interfaces concerned (影响范围); none where it is the whole site.
    pub interfaces: BTreeSet<InterfaceId>,
    /// Who did it, by address (线索).
    pub callers: BTreeSet<CallerId>,
    /// Under which accounts.
    pub accounts: BTreeSet<Box<str>>,
    /// What happened, with the first sighting of each.
    pub effects: BTreeMap<Effect, Timestamp>,
    /// Types of data that the interfaces concerned give out in clear, with their grade (影响对象).
    pub data: BTreeMap<DataTypeId, u8>,
    /// Persons whose data are concerned, at most (影响程度); 0 where none were counted.
    pub persons: u64,
    /// Sightings of all risk sources that belong to it.
    pub sightings: u64,
    /// Consequence (影响后果).
    pub consequence: Summary,
    /// Cause (事件原因).
    pub cause: Summary,
    /// Harm of the gravest risk it comes from.
    pub harm: Harm,
    /// Likelihood of it: what happened is likely.
    pub likelihood: Likelihood,
    /// Risk sources that belong to it (positions in the list of risk sources), those that show it first.
    pub sources: Vec<usize>,
    /// Weaknesses of the same interfaces, which let it happen or may have.
    pub weaknesses: Vec<usize>,
    /// Risks it comes from (positions in the list of risks).
    pub risks: Vec<usize>,
    /// Duties with their clocks (报告时限), first due first.
    pub clocks: Vec<Clock>,
}

/// A duty that an incident brings, with its clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// Id of the duty in the rules.
    pub id: Box<str>,
    /// What to do.
    pub said: Summary,
    /// Where it stands.
    pub clause: Box<str>,
    /// From when it runs.
    pub since: Since,
    /// Seconds it gives; 0 for at once.
    pub within: u64,
    /// When it is over; `None` where it has not begun to run.
    pub due: Option<Timestamp>,
}
