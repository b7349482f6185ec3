//! The databases in use together.

use crate::place::{Place, Scope};
use crate::special::{carried, scope};
use crate::{Database, Mmdb, PlaceError, Plan, Table};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// What says where addresses are: plan, MMDB, built-in table, in this order.
#[derive(Debug, Default)]
pub struct Places {
    plan: Option<Plan>,
    mmdb: Option<Mmdb>,
}

static EMBEDDED: LazyLock<Arc<Database>> = LazyLock::new(|| Arc::new(Table::embedded().database.clone()));

impl Places {
    /// With a plan and an MMDB where they are named, and always with the table that is built in.
    ///
    /// # Errors
    /// Where one of them is wrong; tells where, what and how to fix it.
    pub fn open(plan: Option<&Path>, mmdb: Option<&Path>) -> Result<Places, PlaceError> {
        Ok(Places { plan: plan.map(Plan::open).transpose()?, mmdb: mmdb.map(Mmdb::open).transpose()? })
    }

    /// Where an address is. The plan's word on zone, scope and country comes first; the country of a public address that it does not
    /// tell is the MMDB's, and where that has none, the built-in table's. Nothing is allocated but by an MMDB.
    pub fn lookup(&self, ip: IpAddr) -> Place {
        let ip = carried(ip);
        let told = scope(ip);
        let mut place = Place::of(told.unwrap_or(Scope::External));
        if let Some((plan, zone)) = self.plan.as_ref().and_then(|p| Some((p, p.zone(ip)?))) {
            place.scope = zone.kind.scope();
            place.zone = Some(zone.clone());
            place.country = zone.country;
            place.by = Some(plan.database.clone());
        }
        if told.is_none() && place.country.is_none() {
            self.find_country(ip, &mut place);
        }
        place
    }

    fn find_country(&self, ip: IpAddr, place: &mut Place) {
        if let Some((mmdb, (country, province))) = self.mmdb.as_ref().and_then(|m| Some((m, m.place(ip)?))) {
            (place.country, place.province) = (Some(country), province);
            place.by = Some(mmdb.database.clone());
        } else if let Some(country) = Table::embedded().country(ip) {
            place.country = Some(country);
            place.by = Some(EMBEDDED.clone());
        }
    }

    /// The databases in use, in the order in which they are asked.
    pub fn databases(&self) -> Vec<&Database> {
        let plan = self.plan.as_ref().map(|p| &*p.database);
        let mmdb = self.mmdb.as_ref().map(|m| &*m.database);
        plan.into_iter().chain(mmdb).chain([&**EMBEDDED]).collect()
    }

    /// The plan, where there is one.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }
}
