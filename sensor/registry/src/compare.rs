//! The list against what was seen.

use crate::List;
use crate::entry::{Entry, network, shape};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use weir_exchange::Catalogue;
use weir_model::{
    Excess, Interface, InterfaceId, InterfaceState, Known, Orphan, Register, Registration, RegistrationState,
    Registrations, internal,
};

/// Most things seen that an excess lists.
const LISTED: usize = 16;

/// Says of every interface in force how it stands to the list, and which entries were never seen. An entry of the host wins over one of
/// any host, one of the method over one of any method; names of variables do not matter. Time is that of the packets.
pub fn compare(
    list: &List,
    known: &Known<'_>,
    resolve: &dyn Fn(InterfaceId) -> InterfaceId,
    catalogue: &Catalogue,
) -> Registrations {
    let index = Index::of(&list.entries);
    let (mut met, mut interfaces) = (BTreeSet::new(), BTreeMap::new());
    let ids = (0u32..).map(InterfaceId).zip(known.interfaces);
    for (_, i) in ids.filter(|(id, i)| resolve(*id) == *id && i.state != InterfaceState::Noise) {
        let best = index.entry(&list.entries, i, known);
        met.extend(best.map(|(n, _)| n));
        interfaces.insert(i.key.clone(), standing(best.map(|(_, e)| e), i, known, catalogue));
    }
    let unseen = list.entries.iter().enumerate().filter(|(n, _)| !met.contains(n));
    Registrations { interfaces, orphans: unseen.map(|(_, e)| orphan(e)).collect() }
}

/// A list that is asked as calls come.
#[derive(Debug)]
pub struct Listed {
    entries: Vec<Entry>,
    index: Index,
}

impl Listed {
    /// Of a list.
    pub fn new(list: &List) -> Self {
        Listed { entries: list.entries.clone(), index: Index::of(&list.entries) }
    }
}

impl Register for Listed {
    fn standing(&self, interface: &Interface, known: &Known<'_>, catalogue: &Catalogue) -> Registration {
        let best = self.index.entry(&self.entries, interface, known);
        standing(best.map(|(_, e)| e), interface, known, catalogue)
    }
}

/// Entries by the shape of their path.
#[derive(Debug)]
struct Index(BTreeMap<String, Vec<usize>>);

impl Index {
    fn of(entries: &[Entry]) -> Self {
        let mut index: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, e) in entries.iter().enumerate() {
            index.entry(e.shape()).or_default().push(n);
        }
        Index(index)
    }

    /// The entry that an interface falls under, with its place.
    fn entry<'a>(
        &self,
        entries: &'a [Entry],
        i: &Interface,
        known: &Known<'_>,
    ) -> Option<(usize, &'a Entry)> {
        let host = known.site(i.site).map_or("", |s| &*s.host);
        let fitting = self.0.get(&shape(&i.template)).into_iter().flatten().copied();
        let fits =
            |e: &Entry| (e.host.is_empty() || e.host == host) && (e.method == "*" || *e.method == *i.method);
        fitting
            .filter_map(|n| entries.get(n).map(|e| (n, e)))
            .filter(|(_, e)| fits(e))
            .max_by_key(|(n, e)| (!e.host.is_empty(), e.method != "*", std::cmp::Reverse(*n)))
    }
}

fn standing(entry: Option<&Entry>, i: &Interface, known: &Known<'_>, catalogue: &Catalogue) -> Registration {
    entry.map_or_else(unregistered, |e| registration(e, i, known, catalogue))
}

fn unregistered() -> Registration {
    Registration {
        state: RegistrationState::Unregistered,
        owner: String::new(),
        system: String::new(),
        level: None,
        until: String::new(),
        beyond: Vec::new(),
    }
}

fn orphan(e: &Entry) -> Orphan {
    Orphan {
        host: e.host.clone(),
        method: e.method.clone(),
        path: e.path.clone(),
        owner: e.owner.clone(),
        system: e.system.clone(),
    }
}

fn registration(e: &Entry, i: &Interface, known: &Known<'_>, catalogue: &Catalogue) -> Registration {
    let callers: BTreeSet<IpAddr> = i.callers.iter().filter_map(|c| known.caller(*c)).map(|c| c.ip).collect();
    let found = [
        excess("data", data(e, i, catalogue)),
        excess("caller", strangers(&e.callers, &callers)),
        excess("zone", outside(&e.zones, &callers)),
        excess("level", e.level.filter(|l| i.level > *l).map(|_| i.level.to_string())),
        excess("term", late(e, i)),
    ];
    let beyond: Vec<Excess> = found.into_iter().flatten().collect();
    let state = match beyond.last().map(|e| e.what) {
        None => RegistrationState::Registered,
        Some("term") => RegistrationState::Overdue,
        Some(_) => RegistrationState::OverScope,
    };
    Registration {
        state,
        owner: e.owner.clone(),
        system: e.system.clone(),
        level: e.level,
        until: e.until.clone(),
        beyond,
    }
}

fn excess(what: &'static str, seen: impl IntoIterator<Item = String>) -> Option<Excess> {
    let seen: Vec<String> = seen.into_iter().take(LISTED).collect();
    (!seen.is_empty()).then_some(Excess { what, seen })
}

/// Types given out that are not permitted; what it takes in is the caller's.
fn data(e: &Entry, i: &Interface, catalogue: &Catalogue) -> BTreeSet<String> {
    let given = i.data.iter().filter(|((response, ..), p)| *response && p.counted() > 0);
    let ids = given.filter_map(|((_, t, _), _)| catalogue.data_type(*t)).map(|t| t.id.to_string());
    ids.filter(|id| !e.data_types.is_empty() && !e.data_types.contains(id)).collect()
}

/// Addresses outside those permitted. Where names are permitted too, an address alone tells nothing.
fn strangers(permitted: &[String], callers: &BTreeSet<IpAddr>) -> Vec<String> {
    let networks: Option<Vec<IpNet>> = permitted.iter().map(|p| network(p)).collect();
    match networks {
        Some(n) if !n.is_empty() => {
            callers.iter().filter(|ip| !n.iter().any(|n| n.contains(*ip))).map(ToString::to_string).collect()
        }
        _ => Vec::new(),
    }
}

/// Addresses outside the zones permitted.
fn outside(zones: &[String], callers: &BTreeSet<IpAddr>) -> Vec<String> {
    let within = |zone: &String, ip: IpAddr| match zone.as_str() {
        "internal" => internal(ip),
        "public" => !internal(ip),
        named => network(named).is_some_and(|n| n.contains(&ip)),
    };
    let out = |ip: &&IpAddr| !zones.is_empty() && !zones.iter().any(|z| within(z, **ip));
    callers.iter().filter(out).map(ToString::to_string).collect()
}

/// The last call, where it came after the term. Times of records compare as text.
fn late(e: &Entry, i: &Interface) -> Option<String> {
    let last = i.last_seen.to_string();
    let day = last.get(..10)?;
    (!e.until.is_empty() && day > e.until.as_str()).then_some(last)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_fall_into_networks_and_zones() {
        let ip = |t: &str| t.parse::<IpAddr>().unwrap();
        let callers = BTreeSet::from([ip("10.1.2.3"), ip("8.8.8.8"), ip("fd00::1")]);
        let list = |t: &[&str]| t.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(strangers(&list(&["10.0.0.0/8", "8.8.8.8"]), &callers), ["fd00::1"]);
        assert_eq!(strangers(&list(&["0.0.0.0/0", "::/0"]), &callers), [""; 0]);
        assert_eq!(strangers(&list(&["10.0.0.0/8", "crm-app"]), &callers), [""; 0]);
        assert_eq!(outside(&list(&["internal"]), &callers), ["8.8.8.8"]);
        assert_eq!(outside(&list(&["public", "10.0.0.0/8"]), &callers), ["fd00::1"]);
        assert_eq!(outside(&[], &callers), [""; 0]);
    }

    #[test]
    fn names_of_variables_do_not_matter() {
        assert_eq!(shape("/a/{id}/b/"), shape("/a/:x/b"));
        assert_eq!(shape("/a/x{id}.json"), "/a/x{}.json");
        assert_ne!(shape("/a/{id}"), shape("/a/me"));
        assert_eq!(shape("/"), "");
    }
}
