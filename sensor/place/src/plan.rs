//! The organisation's own address plan (地址规划): which networks are whose.

mod csv;
mod read;

use crate::database::Database;
use crate::{Country, PlaceError, Scope, Steps};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// What a zone is for (区域类型).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ZoneKind {
    /// Internal, without more (内部).
    Internal,
    /// Staff's machines (办公区).
    Office,
    /// Servers in use (生产区).
    Production,
    /// Servers under test (测试区).
    Test,
    /// Reachable from outside (隔离区).
    Dmz,
    /// Another location of the organisation (分支机构).
    Branch,
    /// Remote access (远程接入).
    Vpn,
    /// Rented machines of the organisation (云上).
    Cloud,
    /// A partner's network (合作方).
    Partner,
    /// Somebody else's (外部).
    External,
}

impl ZoneKind {
    const ALL: [ZoneKind; 10] = [
        ZoneKind::Internal,
        ZoneKind::Office,
        ZoneKind::Production,
        ZoneKind::Test,
        ZoneKind::Dmz,
        ZoneKind::Branch,
        ZoneKind::Vpn,
        ZoneKind::Cloud,
        ZoneKind::Partner,
        ZoneKind::External,
    ];

    /// From its key or its Chinese name.
    pub fn find(said: &str) -> Option<ZoneKind> {
        ZoneKind::ALL.into_iter().find(|k| k.key().eq_ignore_ascii_case(said) || k.zh() == said)
    }
    /// Its name in plans and records.
    pub const fn key(self) -> &'static str {
        match self {
            ZoneKind::Internal => "internal",
            ZoneKind::Office => "office",
            ZoneKind::Production => "production",
            ZoneKind::Test => "test",
            ZoneKind::Dmz => "dmz",
            ZoneKind::Branch => "branch",
            ZoneKind::Vpn => "vpn",
            ZoneKind::Cloud => "cloud",
            ZoneKind::Partner => "partner",
            ZoneKind::External => "external",
        }
    }
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            ZoneKind::Internal => "内部",
            ZoneKind::Office => "办公区",
            ZoneKind::Production => "生产区",
            ZoneKind::Test => "测试区",
            ZoneKind::Dmz => "隔离区",
            ZoneKind::Branch => "分支机构",
            ZoneKind::Vpn => "远程接入",
            ZoneKind::Cloud => "云上",
            ZoneKind::Partner => "合作方",
            ZoneKind::External => "外部",
        }
    }
    /// Whose the addresses are.
    pub const fn scope(self) -> Scope {
        match self {
            ZoneKind::Partner | ZoneKind::External => Scope::External,
            _ => Scope::Internal,
        }
    }
}

/// A line of the plan: a network's zone or department (区域、部门).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Zone {
    /// Its name.
    pub name: Box<str>,
    /// What it is for.
    pub kind: ZoneKind,
    /// Who answers for it; empty where the plan does not say.
    pub owner: Box<str>,
    /// Where it is, where the plan says so.
    pub country: Option<Country>,
    /// The network, as the plan has it.
    pub cidr: Box<str>,
}

/// A plan. The longest prefix that holds an address says its zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// File name and digest; a plan has no date.
    pub database: Arc<Database>,
    zones: Vec<Arc<Zone>>,
    v4: Steps<u32, Option<u32>>,
    v6: Steps<u128, Option<u32>>,
}

/// A network: its first address (nothing set behind the prefix) and prefix length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Network {
    pub first: IpAddr,
    pub bits: u8,
}

impl Plan {
    /// Reads a CSV file: a first line that names the columns (`cidr`, `name`, `kind`, and `owner`, `country` where wanted, in any
    /// order, or 网段, 名称, 类型, 负责人, 国家), then a network a line. Lines that are empty or begin with `#` are skipped.
    ///
    /// # Errors
    /// Tell file, line, column, what is wrong and how to fix it.
    pub fn open(path: &Path) -> Result<Plan, PlaceError> {
        read::file(path)
    }

    /// Of an address, the zone of the longest prefix that holds it; no allocation.
    pub fn zone(&self, ip: IpAddr) -> Option<&Arc<Zone>> {
        let at = match ip {
            IpAddr::V4(ip) => self.v4.at(ip.to_bits()),
            IpAddr::V6(ip) => self.v6.at(ip.to_bits()),
        };
        self.zones.get(at?? as usize)
    }

    /// Every zone, in the plan's order.
    pub fn zones(&self) -> &[Arc<Zone>] {
        &self.zones
    }
}

impl Network {
    /// Its last address.
    pub fn last(&self) -> IpAddr {
        match self.first {
            IpAddr::V4(ip) => {
                let behind = u32::MAX.checked_shr(self.bits.into()).unwrap_or(0);
                IpAddr::V4((ip.to_bits() | behind).into())
            }
            IpAddr::V6(ip) => {
                let behind = u128::MAX.checked_shr(self.bits.into()).unwrap_or(0);
                IpAddr::V6((ip.to_bits() | behind).into())
            }
        }
    }
    /// The network of an address.
    pub fn of(ip: IpAddr, bits: u8) -> Network {
        let first = match ip {
            IpAddr::V4(ip) => {
                IpAddr::V4((ip.to_bits() & !u32::MAX.checked_shr(bits.into()).unwrap_or(0)).into())
            }
            IpAddr::V6(ip) => {
                IpAddr::V6((ip.to_bits() & !u128::MAX.checked_shr(bits.into()).unwrap_or(0)).into())
            }
        };
        Network { first, bits }
    }
}
