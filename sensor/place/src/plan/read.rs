//! Reading a plan.

use super::{Network, Plan, Zone, ZoneKind, csv};
use crate::database::{Database, DatabaseKind};
use crate::error::PlanFault;
use crate::{Country, PlaceError, innermost};
use siphasher::sip::SipHasher13;
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// Largest file, in MiB.
const MOST: u64 = 64;
/// Most networks.
const NETWORKS: usize = 200_000;
/// Longest name or owner, in characters.
const LONGEST: usize = 128;

/// Columns by key and Chinese name; the first three must be there.
const COLUMNS: [(&str, &str); 5] =
    [("cidr", "网段"), ("name", "名称"), ("kind", "类型"), ("owner", "负责人"), ("country", "国家")];

/// Where each column of [`COLUMNS`] stands in the file.
type Header = [Option<usize>; COLUMNS.len()];

pub(super) fn file(path: &Path) -> Result<Plan, PlaceError> {
    let unreadable = |error| PlaceError::Unreadable { path: path.into(), error };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take((MOST << 20) + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST << 20 {
        return Err(PlaceError::TooLarge { path: path.into(), most: MOST });
    }
    plan(&bytes, path)
}

/// A plan from its bytes.
pub(super) fn plan(bytes: &[u8], path: &Path) -> Result<Plan, PlaceError> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = 1 + bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
        PlaceError::Encoding { path: path.into(), line }
    })?;
    let fault = |line: usize, column: usize, what: PlanFault| {
        let column = COLUMNS.get(column).map_or("", |c| c.0);
        PlaceError::Plan { path: path.into(), line, column, what }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = (1..).zip(text.lines().map(|l| l.trim_end_matches('\r')));
    let mut lines = lines.filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'));
    let (at, first) = lines.next().unwrap_or((1, ""));
    let header = header(first).map_err(|(column, what)| fault(at, column, what))?;
    let mut known: BTreeMap<Network, usize> = BTreeMap::new();
    let (mut zones, mut networks) = (Vec::new(), Vec::new());
    for (n, line) in lines {
        let (network, zone) = zone(line, &header).map_err(|(column, what)| fault(n, column, what))?;
        if let Some(earlier) = known.insert(network, n) {
            return Err(fault(n, 0, PlanFault::Twice(zone.cidr.to_string(), earlier)));
        }
        if zones.len() >= NETWORKS {
            return Err(fault(n, 0, PlanFault::TooMuch(NETWORKS)));
        }
        zones.push(Arc::new(zone));
        networks.push(network);
    }
    Ok(assembled(path, bytes, zones, &networks))
}

fn assembled(path: &Path, bytes: &[u8], zones: Vec<Arc<Zone>>, networks: &[Network]) -> Plan {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for (n, network) in (0u32..).zip(networks) {
        match (network.first, network.last()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => v4.push((a.to_bits(), b.to_bits(), n)),
            (IpAddr::V6(a), IpAddr::V6(b)) => v6.push((a.to_bits(), b.to_bits(), n)),
            // A network's ends are of one version.
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
        }
    }
    let mut digest = SipHasher13::new();
    digest.write(bytes);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let database = Database {
        kind: DatabaseKind::Plan,
        name: name.as_ref().into(),
        version: format!("{:016x}", digest.finish()).into(),
        date: "".into(),
        source: path.display().to_string().into(),
    };
    let v4 = innermost(v4, |k: u32| k.checked_add(1));
    let v6 = innermost(v6, |k: u128| k.checked_add(1));
    Plan { database: Arc::new(database), zones, v4, v6 }
}

/// A column's number and what is wrong there.
type Wrong = (usize, PlanFault);

fn header(line: &str) -> Result<Header, Wrong> {
    let mut header: Header = [None; COLUMNS.len()];
    let cells = csv::cells(line).map_err(|_| (0, PlanFault::OpenQuote))?;
    for (n, cell) in cells.iter().enumerate() {
        let lower = cell.to_lowercase();
        let column = COLUMNS.iter().position(|(key, zh)| *key == lower || zh == cell);
        let Some(column) = column else {
            // A first line that names nothing is a plan without one.
            let nothing = network(cell).is_ok() || cell.is_empty();
            return Err((
                0,
                if nothing { PlanFault::NoColumn } else { PlanFault::UnknownColumn(bounded(cell)) },
            ));
        };
        if header[column].replace(n).is_some() {
            return Err((column, PlanFault::TwiceNamed));
        }
    }
    match header.iter().take(3).position(Option::is_none) {
        Some(missing) => Err((missing, PlanFault::NoColumn)),
        None => Ok(header),
    }
}

fn zone(line: &str, header: &Header) -> Result<(Network, Zone), Wrong> {
    let column_of = |cell: usize| header.iter().position(|h| *h == Some(cell)).unwrap_or(0);
    let cells = csv::cells(line).map_err(|open| (column_of(open.0), PlanFault::OpenQuote))?;
    if cells.len() > header.iter().flatten().count() {
        return Err((0, PlanFault::TooMany));
    }
    let get = |column: usize| header[column].and_then(|n| cells.get(n)).map_or("", |c| c.trim());
    let full = |column: usize| match get(column) {
        "" => Err((column, PlanFault::Empty)),
        text if text.chars().count() > LONGEST => Err((column, PlanFault::TooLong)),
        text => Ok(text),
    };
    let network = network(full(0)?).map_err(|what| (0, what))?;
    let name = full(1)?;
    let said = full(2)?;
    let kind = ZoneKind::find(said).ok_or_else(|| (2, PlanFault::NoKind(bounded(said))))?;
    let owner = if get(3).is_empty() { "" } else { full(3)? };
    let country = match get(4) {
        "" => None,
        code => Some(Country::new(code).ok_or_else(|| (4, PlanFault::NoCountry(bounded(code))))?),
    };
    let cidr = format!("{}/{}", network.first, network.bits);
    Ok((network, Zone { name: name.into(), kind, owner: owner.into(), country, cidr: cidr.into() }))
}

/// A network from its text; an address alone is one of its own.
fn network(text: &str) -> Result<Network, PlanFault> {
    let none = || PlanFault::NoNetwork(bounded(text));
    let (ip, bits) = match text.split_once('/') {
        Some((ip, bits)) => (ip, Some(bits)),
        None => (text, None),
    };
    let ip: IpAddr = ip.parse().map_err(|_| none())?;
    let most = if ip.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => most,
        Some(bits) if bits.len() <= 3 && bits.bytes().all(|b| b.is_ascii_digit()) => {
            bits.parse().ok().filter(|b| *b <= most).ok_or_else(none)?
        }
        Some(_) => return Err(none()),
    };
    let network = Network::of(ip, bits);
    if network.first != ip {
        return Err(PlanFault::HostBits(bounded(text), format!("{}/{bits}", network.first)));
    }
    Ok(network)
}

/// A cell as an error quotes it.
fn bounded(cell: &str) -> String {
    cell.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Plan, String> {
        plan(text.as_bytes(), Path::new("plan.csv")).map_err(|e| e.to_string())
    }
    fn name<'p>(plan: &'p Plan, ip: &str) -> Option<&'p str> {
        plan.zone(ip.parse().unwrap()).map(|z| &*z.name)
    }

    #[test]
    fn the_longest_prefix_holds() {
        let plan = read(
            "\u{feff}# our plan\r\ncidr,name,kind,owner,country\r\n10.0.0.0/8,all,internal,,\r\n10.1.0.0/16,\"sales, north\",office,Li,\r\n\
             10.1.2.0/24,web,dmz,,\r\n\r\n10.1.2.7,one,production\r\n203.0.114.0/24,Frankfurt,branch,,de\r\n2001:db8::/32,six,vpn,,\r\n2001:db8:1::/48,inner,cloud,,\r\n",
        )
        .unwrap();
        let cases = [
            ("10.0.0.0", Some("all")),
            ("10.255.255.255", Some("all")),
            ("10.1.0.1", Some("sales, north")),
            ("10.1.2.6", Some("web")),
            ("10.1.2.7", Some("one")),
            ("10.1.2.8", Some("web")),
            ("10.1.3.0", Some("sales, north")),
            ("11.0.0.0", None),
            ("203.0.114.9", Some("Frankfurt")),
            ("2001:db8::1", Some("six")),
            ("2001:db8:1::1", Some("inner")),
            ("2001:db9::", None),
        ];
        for (ip, expected) in cases {
            assert_eq!(name(&plan, ip), expected, "{ip}");
        }
        assert_eq!(plan.zones()[4].country, Country::new("DE"));
        assert_eq!(&*plan.zones()[1].owner, "Li");
        let other = read("网段,名称,类型\n192.168.0.0/16,办公,办公区\n").unwrap();
        assert_eq!(other.zones()[0].kind, ZoneKind::Office);
        assert_ne!(other.database.version, plan.database.version);
    }

    #[test]
    fn wrong_lines_are_told_with_line_column_and_fix() {
        let head = "cidr,name,kind,owner,country\n";
        let cases = [
            ("", "1: column cidr: missing"),
            ("10.0.0.0/8,x,internal\n", "1: column cidr: missing"),
            ("cidr,name\n", "1: column kind: missing"),
            ("cidr,name,kind,colour\n", "1: column cidr: `colour` is not known"),
            ("cidr,cidr\n", "1: column cidr: named twice"),
            (&format!("{head}10.0.0.0/33,x,dmz"), "2: column cidr: `10.0.0.0/33` is no network"),
            (&format!("{head}10.0.0/8,x,dmz"), "2: column cidr: `10.0.0/8` is no network"),
            (&format!("{head}10.0.0.0/+8,x,dmz"), "2: column cidr: `10.0.0.0/+8` is no network"),
            (
                &format!("{head}\n10.1.2.3/16,x,dmz"),
                "3: column cidr: `10.1.2.3/16` has bits set behind its prefix; write 10.1.0.0/16",
            ),
            (&format!("{head}10.0.0.0/8,,dmz"), "2: column name: empty"),
            (&format!("{head}10.0.0.0/8,x,moon"), "2: column kind: `moon` is no kind; kinds are"),
            (&format!("{head}10.0.0.0/8,x,dmz,o,Mars"), "2: column country: `Mars` is no country"),
            (&format!("{head}10.0.0.0/8,\"x,dmz"), "2: column name: a quote is not closed"),
            (&format!("{head}10.0.0.0/8,x,dmz,a,CN,b"), "2: column cidr: more cells"),
            (
                &format!("{head}10.0.0.0/8,x,dmz\n10.0.0.0/8,y,dmz"),
                "3: column cidr: `10.0.0.0/8` stands on line 2 already",
            ),
            (&format!("{head}10.0.0.0/8,{},dmz", "x".repeat(129)), "2: column name: longer"),
        ];
        for (text, expected) in cases {
            let said = read(text).unwrap_err();
            assert!(said.starts_with(&format!("plan.csv:{expected}")), "{text}: {said}");
        }
        let gbk = plan(b"cidr,name,kind\n10.0.0.0/8,\xb0\xec,dmz", Path::new("p")).unwrap_err();
        assert!(gbk.to_string().contains("p:2: not UTF-8") && gbk.zh().contains("p:2：不是 UTF-8"));
    }

    proptest! {
        /// The claim of the search: of all networks that hold the address, the one of the longest prefix.
        #[test]
        fn lookup_is_the_longest_prefix(
            nets in proptest::collection::btree_set((0u32..1 << 12, 8u8..=32), 1..60),
            at in any::<u32>(), near in any::<proptest::sample::Index>(), six in any::<bool>(),
        ) {
            // Networks and addresses close together, so that many nest.
            let ip = |bits: u32| -> IpAddr {
                if six { IpAddr::V6(((u128::from(bits) << 96) | 5).into()) } else { IpAddr::V4(bits.into()) }
            };
            let nets: std::collections::BTreeSet<Network> =
                nets.iter().map(|(n, bits)| Network::of(ip(10 << 24 | n << 8 | n >> 4), *bits)).collect();
            let nets: Vec<Network> = nets.into_iter().collect();
            let mut text = "cidr,name,kind\n".to_string();
            for n in &nets {
                text += &format!("{}/{},{}/{},dmz\n", n.first, n.bits, n.first, n.bits);
            }
            let plan = read(&text).unwrap();
            let edge = near.get(&nets);
            for ip in [ip(10 << 24 | (at >> 8)), edge.first, edge.last()] {
                let holds = |n: &&Network| n.first <= ip && ip <= n.last() && n.first.is_ipv4() == ip.is_ipv4();
                let longest = nets.iter().filter(holds).max_by_key(|n| n.bits);
                let naive = longest.map(|n| format!("{}/{}", n.first, n.bits));
                prop_assert_eq!(plan.zone(ip).map(|z| z.name.to_string()), naive, "{}", ip);
            }
        }

        #[test]
        fn any_text_is_a_plan_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200), rest in ".{0,60}") {
            let _ = plan(&bytes, Path::new("p"));
            let _ = read(&format!("cidr,name,kind\n{rest}"));
        }
    }
}
