//! What is known of where an address is.

use crate::{Country, Database, Province, Zone};
use std::sync::Arc;

/// Whose an address is (地址范围).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// The organisation's own (内部).
    Internal,
    /// Somebody else's (外部).
    External,
    /// No machine's at all (特殊): multicast, documentation, reserved, unspecified.
    Special,
}

impl Scope {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Scope::Internal => "internal",
            Scope::External => "external",
            Scope::Special => "special",
        }
    }
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Scope::Internal => "内部",
            Scope::External => "外部",
            Scope::Special => "特殊地址",
        }
    }
    /// Its name in English.
    pub const fn en(self) -> &'static str {
        match self {
            Scope::Internal => "internal",
            Scope::External => "external",
            Scope::Special => "special",
        }
    }
}

/// Where an address is, and by which database that is said.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Whose it is.
    pub scope: Scope,
    /// Country or region; an internal address has one only where its zone says so, or is public.
    pub country: Option<Country>,
    /// Chinese province, where the database says one.
    pub province: Option<Province>,
    /// The zone of the address plan.
    pub zone: Option<Arc<Zone>>,
    /// What says the country and the province, or, without those, the zone; `None` where the address itself tells (private, special)
    /// and where nothing knows it.
    pub by: Option<Arc<Database>>,
}

/// A coarse place to count by: a country for what is public, else whose the address is. Ordered by country code, then the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Bucket {
    /// A country or region.
    Country(Country),
    /// External, and no database knows it.
    Unknown,
    /// The organisation's own.
    Internal,
    /// Special.
    Special,
}

impl Bucket {
    /// Its name in records: the country's code, or `unknown`, `internal`, `special`.
    pub fn key(&self) -> &str {
        match self {
            Bucket::Country(c) => c.code(),
            Bucket::Unknown => "unknown",
            Bucket::Internal => Scope::Internal.key(),
            Bucket::Special => Scope::Special.key(),
        }
    }
    /// Its name in Chinese.
    pub fn zh(&self) -> &str {
        match self {
            Bucket::Country(c) => c.zh(),
            Bucket::Unknown => "未知",
            Bucket::Internal => Scope::Internal.zh(),
            Bucket::Special => Scope::Special.zh(),
        }
    }
    /// Its name in English.
    pub fn en(&self) -> &str {
        match self {
            Bucket::Country(c) => c.en(),
            Bucket::Unknown => "unknown",
            Bucket::Internal => Scope::Internal.en(),
            Bucket::Special => Scope::Special.en(),
        }
    }
}

impl Place {
    /// Nothing but whose it is.
    pub const fn of(scope: Scope) -> Place {
        Place { scope, country: None, province: None, zone: None, by: None }
    }

    /// The bucket it is counted in. What is internal counts as internal wherever it is, unless its zone is in another country.
    pub fn bucket(&self) -> Bucket {
        match (self.country, self.scope) {
            (Some(c), Scope::External) => Bucket::Country(c),
            (Some(c), Scope::Internal) if c.code() != "CN" => Bucket::Country(c),
            (_, Scope::Internal) => Bucket::Internal,
            (_, Scope::Special) => Bucket::Special,
            (None, Scope::External) => Bucket::Unknown,
        }
    }
}
