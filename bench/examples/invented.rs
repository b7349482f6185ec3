//! Millions of invented paths, hosts, parameters, tokens and callers, and the true interfaces beneath them.
//!
//! `cargo run --release -p weir-bench --example invented -- [EXCHANGES]` (10 million where none is said) throws them at identity and
//! inventory with their default capacities, prints the memory of the process on the way, and says which of the true interfaces were found.
//!
//! One exchange in ten is a call of a true interface; half of these are called from the beginning, the others only once half of the flood
//! is over and every table is full. All else is new each time: paths that are answered and paths that are not (404) on the true
//! interfaces' own site, servers with hosts, names of parameters, and callers with tokens or accounts of their own.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use weir_bench::measure::cpu;
use weir_bench::row::Row;
use weir_exchange::sample::{self, Call};
use weir_exchange::{
    Body, Catalogue, CredentialKind, Exchange, MediaKind, ParamPlace, ParamValue, Part, Place,
};
use weir_identity::Directory;
use weir_inventory::Inventory;
use weir_model::{InterfaceId, InterfaceState};
use weir_wire::Timestamp;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Words of the true interfaces: each is listed, read and made.
const RESOURCES: [&str; 10] = [
    "users",
    "orders",
    "products",
    "invoices",
    "reports",
    "files",
    "messages",
    "contracts",
    "devices",
    "events",
];
/// One exchange in so many is a call of a true interface.
const TRUE: u64 = 10;
/// How often memory is looked at.
const LOOKS: u64 = 10;
/// Nanoseconds from exchange to exchange.
const STEP: u64 = 1_000_000;

fn main() {
    let all = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(10_000_000_u64);
    let catalogue = Catalogue::default();
    let mut inventory = Inventory::new(weir_inventory::Config::default());
    let mut directory = Directory::new(weir_identity::Config::default());
    let (mut memory, start) = (Vec::new(), cpu());
    for n in 0..all {
        let x = if n % TRUE == 0 { genuine(n, n >= all / 2) } else { invented(n) };
        let site = inventory.site(&x);
        let who = directory.observe(&x, site, &catalogue);
        inventory.observe(&x, site, who.caller, who.authenticated, who.login, &catalogue);
        drop(inventory.take_merges());
        if (n + 1) % (all / LOOKS).max(1) == 0 {
            memory.push(resident());
        }
    }
    let each = (cpu() - start) / all as f64 * 1e6;
    inventory.settle();
    for (n, mib) in (1..).zip(&memory) {
        println!("after {n} tenths: {mib:.0} MiB");
    }
    let (inside, identity) = (inventory.stats(), directory.stats());
    println!("{inside:?}\n{identity:?}");
    let found = found(&inventory);
    for from in ["beginning", "half"] {
        let wanted = wanted(from == "half");
        let missing: Vec<&String> = wanted.difference(&found).collect();
        let share = 1.0 - missing.len() as f64 / wanted.len() as f64;
        println!("missing of those from the {from}: {missing:?}");
        Row::new("I5", format!("true interfaces found, called from the {from} on"), share, "").print();
    }
    let ghosts =
        found.len() - found.intersection(&wanted(false).union(&wanted(true)).cloned().collect()).count();
    let (middle, last) = (memory.get(memory.len() / 2), memory.last());
    let growth = last.zip(middle).map_or(1.0, |(l, m)| l / m);
    Row::new("I5", "active interfaces of that site beside them", ghosts as f64, "").print();
    Row::new(
        "I5",
        "memory at the end of a flood of invented names",
        last.copied().unwrap_or_default(),
        "MiB",
    )
    .print();
    Row::new("I5", "its growth in the second half", growth, "").at_most(1.05, 1.01).print();
    Row::new("I5", "identity and inventory an invented exchange", each, "us").print();
}

/// A call of a true interface; of those that begin late, only once it is `late`.
fn genuine(n: u64, late: bool) -> Exchange {
    let turn = n / TRUE;
    let of = if late { RESOURCES.len() } else { RESOURCES.len() / 2 } as u64;
    let resource = RESOURCES[(turn % of) as usize];
    let (method, path) = match (turn / of) % 3 {
        0 => ("GET", format!("/api/{resource}")),
        1 => ("GET", format!("/api/{resource}/{}", turn % 100_000)),
        _ => ("POST", format!("/api/{resource}")),
    };
    let fields = ["id", "name", resource];
    answered(Call::new(method, &path).fields(&fields), n)
}

fn answered(call: Call, n: u64) -> Exchange {
    let body = Body { kind: MediaKind::Json, bytes: 100 + n % 50, ..Body::default() };
    call.to([10, 0, 0, 1], 8_080).at(moment(n)).gives(body).build()
}

fn moment(n: u64) -> Timestamp {
    Timestamp::from_nanos(1_700_000_000_000_000_000 + n * STEP)
}

/// An exchange in which something never comes again.
fn invented(n: u64) -> Exchange {
    // A word that no two numbers share and that looks like none (SplitMix64's finaliser is a bijection).
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let word: String = (0..13).map(|i| char::from(b'a' + ((z >> (i * 4)) & 15) as u8)).collect();
    match n % 6 {
        0 => answered(Call::get(&format!("/{word}/list")).fields(&["id", &word]), n),
        1 => Call::get(&format!("/api/{word}")).to([10, 0, 0, 1], 8_080).at(moment(n)).status(404).build(),
        2 => {
            // A server of its own each: on one server invented hosts would be folded into one site.
            let server = IpAddr::V4(Ipv4Addr::from(!u32::try_from(n).unwrap_or_default()));
            let call = Call::get("/api/users").to(server, 80).at(moment(n)).fields(&["id"]);
            call.request(|r| r.host = format!("{word}.example").into()).build()
        }
        3 => answered(
            Call::get(&format!("/api/orders?{word}=1"))
                .request(|r| r.params.push(ParamPlace::Query, &word, ParamValue::Integer(1))),
            n,
        ),
        kind => {
            let place = Place { response: false, part: Part::Header };
            let kind = if kind == 4 { CredentialKind::Bearer } else { CredentialKind::Basic };
            let mut credential = sample::credential(kind, place, "authorization", z);
            // Accepted without having logged in, a token is nobody's; a name is an account.
            credential.account = (kind == CredentialKind::Basic).then(|| word.as_str().into());
            let caller = IpAddr::V4(Ipv4Addr::from(u32::try_from(n).unwrap_or_default()));
            let call = Call::get("/api/users/7").from(caller).request(|r| r.credentials.push(credential));
            answered(call, n)
        }
    }
}

/// What the site has, as `METHOD template`.
fn found(inventory: &Inventory) -> BTreeSet<String> {
    let own = (0u32..).map(InterfaceId).zip(inventory.interfaces());
    let active = own.filter(|(id, i)| inventory.resolve(*id) == *id && i.state == InterfaceState::Active);
    let host = |site: weir_model::SiteId| inventory.sites().get(site.index()).map_or("", |s| &*s.host);
    active
        .filter(|(_, i)| host(i.site) == "shop.example")
        .map(|(_, i)| format!("{} {}", i.method, i.template))
        .collect()
}

/// What there is to be found: the half that is called from the beginning, or the other.
fn wanted(late: bool) -> BTreeSet<String> {
    let (early, rest) = RESOURCES.split_at(RESOURCES.len() / 2);
    let each = |r: &&str| [format!("GET /api/{r}"), format!("GET /api/{r}/{{id}}"), format!("POST /api/{r}")];
    if late { rest } else { early }.iter().flat_map(each).collect()
}

/// Resident memory of the process in MiB.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("/proc is there");
    let pages: f64 = statm.split_whitespace().nth(1).and_then(|p| p.parse().ok()).unwrap_or_default();
    pages * 4_096.0 / f64::from(1 << 20)
}
