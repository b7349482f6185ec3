//! Where callers and providers are, as records tell it.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use weir_model::CallerId;
use weir_model::place::{Database, Place, Zone};

/// The database that a claim rests on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct DatabaseRecord {
    /// `plan`, `mmdb` or `table`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version; of a plan, a digest of what it holds.
    pub version: String,
    /// Day of its data (`2026-01-31`); empty where it does not say.
    pub date: String,
}

/// A zone of the organisation's address plan.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct ZoneRecord {
    /// Its name.
    pub name: String,
    /// `internal`, `office`, `production`, `test`, `dmz`, `branch`, `vpn`, `cloud`, `partner` or `external`.
    pub kind: String,
    /// Who answers for it; empty where the plan does not say.
    pub owner: String,
}

/// Where an address is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct PlaceRecord {
    /// `internal`, `external` or `special`.
    pub scope: String,
    /// Code of ISO 3166-1 alpha-2; `HK`, `MO` and `TW` are counted apart from `CN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Chinese province: code of GB/T 2260 (`440000`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// Zone of the address plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneRecord>,
    /// What says so; absent where the address itself does, or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseRecord>,
}

/// Callers at one place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct CallersPlaceRecord {
    /// Where.
    pub place: PlaceRecord,
    /// How many.
    pub count: u64,
    /// The lowest addresses, in numeric order, at most 64.
    pub addresses: Vec<String>,
}

/// An address that answers for a site.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct ServerRecord {
    /// Address.
    pub ip: String,
    /// Port.
    pub port: u16,
    /// Where it is.
    pub place: PlaceRecord,
}

/// Most addresses that are listed of a place, and most servers.
const LISTED: usize = 64;

impl From<&Place> for PlaceRecord {
    fn from(place: &Place) -> Self {
        PlaceRecord {
            scope: place.scope.key().into(),
            country: place.country.map(|c| c.code().into()),
            province: place.province.map(|p| p.code().into()),
            zone: place.zone.as_deref().map(zone),
            database: place.by.as_deref().map(database),
        }
    }
}

fn zone(zone: &Zone) -> ZoneRecord {
    ZoneRecord { name: zone.name.to_string(), kind: zone.kind.key().into(), owner: zone.owner.to_string() }
}

fn database(d: &Database) -> DatabaseRecord {
    DatabaseRecord {
        kind: d.kind.key().into(),
        name: d.name.to_string(),
        version: d.version.to_string(),
        date: d.date.to_string(),
    }
}

impl crate::Results<'_> {
    /// Callers by place, in order of the places.
    pub(crate) fn callers_by_place(&self, callers: &BTreeSet<CallerId>) -> Vec<CallersPlaceRecord> {
        let mut places: BTreeMap<&Place, Vec<IpAddr>> = BTreeMap::new();
        for caller in callers.iter().filter_map(|id| self.known.caller(*id)) {
            places.entry(&caller.place).or_default().push(caller.ip);
        }
        let record = |(place, mut ips): (&Place, Vec<IpAddr>)| {
            ips.sort_unstable();
            let addresses = ips.iter().take(LISTED).map(ToString::to_string).collect();
            CallersPlaceRecord { place: place.into(), count: ips.len() as u64, addresses }
        };
        places.into_iter().map(record).collect()
    }

    /// The addresses that answer for a site.
    pub(crate) fn servers(&self, site: weir_model::SiteId) -> Vec<ServerRecord> {
        let servers = self.known.site(site).map(|s| &s.servers).into_iter().flatten().take(LISTED);
        let record = |at: &weir_wire::Endpoint| ServerRecord {
            ip: at.ip.to_string(),
            port: at.port,
            place: (&self.places.lookup(at.ip)).into(),
        };
        servers.map(record).collect()
    }

    /// What the addresses of a site that no request names are called by whoever looks them up.
    pub(crate) fn host_names(&self, site: weir_model::SiteId) -> Vec<String> {
        let is_address = |host: &str| {
            host.parse::<std::net::SocketAddr>().is_ok()
                || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
        };
        let site = self.known.site(site).filter(|s| is_address(&s.host));
        site.into_iter().flat_map(|s| &s.looked_up).map(ToString::to_string).collect()
    }
}
