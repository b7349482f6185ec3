//! How an interface stands to the registered list (登记清单; GB/T 46796-2025, 7.3.2.3 c).

use crate::{Interface, Known};
use std::collections::BTreeMap;
use weir_exchange::Catalogue;

/// The standing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RegistrationState {
    /// On the list and within its terms (已登记).
    Registered,
    /// On the list, but gave more or to others than registered (超范围).
    OverScope,
    /// On the list, but called after its term (超期).
    Overdue,
    /// Not on the list (未登记).
    Unregistered,
}

impl RegistrationState {
    /// All standings.
    pub const ALL: [RegistrationState; 4] = [
        RegistrationState::Registered,
        RegistrationState::OverScope,
        RegistrationState::Overdue,
        RegistrationState::Unregistered,
    ];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            RegistrationState::Registered => "registered",
            RegistrationState::OverScope => "over-scope",
            RegistrationState::Overdue => "overdue",
            RegistrationState::Unregistered => "unregistered",
        }
    }
    /// Its Chinese name.
    pub const fn zh(self) -> &'static str {
        match self {
            RegistrationState::Registered => "已登记",
            RegistrationState::OverScope => "超范围",
            RegistrationState::Overdue => "超期",
            RegistrationState::Unregistered => "未登记",
        }
    }
}

/// In what an interface goes beyond its registration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excess {
    /// `data`, `caller`, `zone`, `level` or `term`.
    pub what: &'static str,
    /// What was seen: ids of data types, addresses, zones, a level, a time; in order, at most 16.
    pub seen: Vec<String>,
}

/// An interface on the list, or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registration {
    /// The standing; of several, the gravest: `overdue` before `over-scope`.
    pub state: RegistrationState,
    /// Owner (责任人) as registered; empty where not given.
    pub owner: String,
    /// System (所属系统).
    pub system: String,
    /// Level as registered.
    pub level: Option<u8>,
    /// End of the term, as registered.
    pub until: String,
    /// In what it goes beyond.
    pub beyond: Vec<Excess>,
}

/// A registered interface that was never seen (登记未见).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Orphan {
    /// Host; empty for any.
    pub host: String,
    /// Method; `*` for any.
    pub method: String,
    /// Path template as registered.
    pub path: String,
    /// Owner.
    pub owner: String,
    /// System.
    pub system: String,
}

/// The list against what was seen.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Registrations {
    /// By [`Interface::key`](crate::Interface::key); noise is not asked after.
    pub interfaces: BTreeMap<Box<str>, Registration>,
    /// Registered and never seen, in order of the list.
    pub orphans: Vec<Orphan>,
}

/// What says how an interface stands to the registered list as it is called.
pub trait Register: Send + Sync {
    /// The standing of an interface as known so far.
    fn standing(&self, interface: &Interface, known: &Known<'_>, catalogue: &Catalogue) -> Registration;
}
