//! The catalogue: names and grades of data types and signals, fixed when the rules are loaded.

use crate::{Calendar, Grading, IncidentRules};
use serde::{Deserialize, Serialize};
use weir_wire::Timestamp;

/// Index of a data type in the [`Catalogue`] of the rules in force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct DataTypeId(pub u16);

/// Index of a signal in the [`Catalogue`] of the rules in force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct SignalId(pub u16);

/// Standing of a data type as personal information (个人信息).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PersonalClass {
    /// Not about a person.
    None,
    /// Personal information (个人信息).
    Personal,
    /// Sensitive personal information (敏感个人信息).
    Sensitive,
}

/// A data type (数据类型): what `data-types` packs define.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataType {
    /// Stable id, as in records (`cn_mobile`).
    pub id: Box<str>,
    /// Chinese name.
    pub zh: Box<str>,
    /// English name.
    pub en: Box<str>,
    /// Group (`cn_identity`, `contact`, `credential`, ...).
    pub group: Box<str>,
    /// Grade 1 (public) to 4 (highest) of one value in clear; masked values are graded one lower.
    pub level: u8,
    /// Standing as personal information.
    pub personal: PersonalClass,
    /// Whether a value is a secret or the part of one (key, password, token, the id of a key).
    pub secret: bool,
    /// Whether whoever reads a value can open something with it alone: not with the id of a key, whose secret is another value.
    pub opens: bool,
    /// Whether an organisation's policy expects it masked when shown (so that clear values are a D01 finding).
    pub mask_expected: bool,
    /// Of a hundred values of its shape that are something else, how many pass for one of it: 10 where one check digit is all there is.
    /// 0: a value is certain by itself. The others are judged by their [column](crate::Column).
    pub chance: u8,
    /// Whether different values are, nearly always, different persons (data subjects, 个人信息主体).
    pub identifies: bool,
}

/// What a signal says about a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SignalFamily {
    /// A stack trace, SQL error, debug page, server path or version in a response (V25).
    ErrorDisclosure,
    /// Administration, debugging or documentation interface, by path or body (V28).
    ExposedConsole,
    /// A path that only scanners ask for (C20).
    ProbePath,
    /// Attack payload in a request (C17).
    AttackPayload,
    /// A body that says a login (or operation) failed.
    FailureMessage,
    /// A body that says a login (or operation) succeeded.
    SuccessMessage,
    /// Tool user agents.
    ToolAgent,
}

/// A signal: a signature that is not a data type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalKind {
    /// Stable id (`error.python-traceback`).
    pub id: Box<str>,
    /// What it says.
    pub family: SignalFamily,
    /// Chinese name.
    pub zh: Box<str>,
    /// English name.
    pub en: Box<str>,
}

/// Every data type and signal of the rules in force. Immutable; shared by both halves.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Catalogue {
    /// Indexed by [`DataTypeId`].
    pub data_types: Vec<DataType>,
    /// Indexed by [`SignalId`].
    pub signals: Vec<SignalKind>,
    /// When the newest pack was made, where it says.
    pub made: Option<Timestamp>,
    /// The grading profile in force, where one is.
    pub grading: Option<Grading>,
    /// When people of the organisation are at work.
    pub calendar: Calendar,
    /// What makes an incident, its level and the duties that follow.
    pub incidents: IncidentRules,
}

impl Catalogue {
    /// The data type of an id; `None` for an id of other rules.
    pub fn data_type(&self, id: DataTypeId) -> Option<&DataType> {
        self.data_types.get(usize::from(id.0))
    }
    /// The signal of an id; `None` for an id of other rules.
    pub fn signal(&self, id: SignalId) -> Option<&SignalKind> {
        self.signals.get(usize::from(id.0))
    }
    /// The data type with a stable id.
    pub fn find(&self, id: &str) -> Option<DataTypeId> {
        let i = self.data_types.iter().position(|t| &*t.id == id)?;
        u16::try_from(i).ok().map(DataTypeId)
    }
}
