//! Hits deep in long bodies, plain and compressed, and the memory that reading them takes: G18.
//!
//! `cargo bench -p weir-bench --bench depth [-- --json]`; what was planted is known from the generator.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::process::Command;
use weir_bench::http::{Coding, request, response};
use weir_bench::machine::resident;
use weir_bench::mix::START;
use weir_bench::rng::Rng;
use weir_bench::row::Row;
use weir_bench::stage::Bench;
use weir_bench::tcp::{CLIENT, Connection, SERVER};
use weir_bench::traffic::deep::{Depth, LENGTH, Planted, load};
use weir_exchange::{DataTypeId, Exchange, Form};
use weir_lane::Lane;
use weir_wire::{Frame, LinkType, Timestamp};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bodies of each dress and depth.
const EACH: usize = 1;
/// What each planted person has.
const TYPES: [&str; 4] = ["cn_id18", "cn_mobile", "cn_bankcard", "email"];
/// Flows held in the middle of a body.
const FLOWS: u32 = 500;
/// Flows before those.
const FIRST: u32 = 100;
const CODINGS: [Coding; 4] = [Coding::Plain, Coding::Gzip, Coding::Brotli, Coding::Zstd];

fn main() {
    let word = std::env::args().nth(1).unwrap_or_default();
    if let Some(coding) = CODINGS.into_iter().find(|c| word == format!("hold-{c:?}")) {
        return println!("{}", hold(coding));
    }
    hits(&Bench::default());
    memory();
}

/// Of how many values, how many were found, and how many beyond those.
#[derive(Default)]
struct Share {
    planted: u64,
    found: u64,
    beyond: u64,
}

impl Share {
    fn add(&mut self, planted: u64, counted: u64) {
        self.planted += planted;
        self.found += counted.min(planted);
        self.beyond += counted.saturating_sub(planted);
    }
    fn print(&self, name: &str) {
        let percent = 100.0 * self.found as f64 / self.planted.max(1) as f64;
        Row::new("G18", format!("{name}, found of {} planted", self.planted), percent, "%")
            .at_least(100.0, 100.0)
            .print();
    }
}

fn hits(bench: &Bench) {
    let (load, planted) = load(EACH);
    let mut lane = bench.lane();
    load.bursts(|burst| lane.burst(burst));
    lane.finish();
    let types: Vec<DataTypeId> =
        TYPES.iter().map(|t| bench.rules().catalogue().find(t).expect("a built-in type")).collect();
    let target = |x: &Exchange| x.request.as_ref().map(|r| r.target.to_string());
    let given: HashMap<String, Exchange> = lane.exchanges().filter_map(|x| Some((target(&x)?, x))).collect();
    let share = |which: &dyn Fn(&Planted) -> bool| {
        let mut share = Share::default();
        for p in planted.iter().filter(|p| which(p)) {
            for id in &types {
                let counted = given.get(&p.target).map_or(0, |x| values(x, *id));
                share.add(u64::from(p.people), counted);
            }
        }
        share
    };
    share(&|p| p.depth == Depth::Beyond100KiB).print("values beyond 100 KiB");
    share(&|p| p.depth == Depth::Beyond1MiB).print("values beyond 1 MiB");
    for coding in CODINGS.into_iter().filter(|c| *c != Coding::Plain) {
        share(&|p| p.dress.coding == coding)
            .print(&format!("values in {} bodies", coding.name().unwrap_or_default()));
    }
    let beyond = share(&|_| true).beyond;
    Row::new("G18", "values found beyond those planted", beyond as f64, "").at_most(0.0, 0.0).print();
}

/// Values of a type in clear in the body of the response.
fn values(x: &Exchange, id: DataTypeId) -> u64 {
    let of = x.data.iter().filter(|d| d.data_type == id && d.form == Form::Plain && d.place.response);
    of.map(|d| u64::from(d.count)).sum()
}

/// Resident memory a flow in the middle of a body, each coding in a process of its own.
fn memory() {
    for coding in CODINGS {
        let me = std::env::current_exe().expect("this program");
        let ran = Command::new(me).arg(format!("hold-{coding:?}")).output().expect("this program");
        let each: f64 = String::from_utf8_lossy(&ran.stdout).trim().parse().expect("a number");
        let name = format!("resident a flow beyond 1 MiB of a body, {}", coding.name().unwrap_or("plain"));
        Row::new("G18", name, each / 1024.0, "KiB").wanted_at_most(64.0).print();
    }
}

/// Bytes a flow of which half of a body of 3 MiB has come.
fn hold(coding: Coding) -> f64 {
    let text = weir_bench::body::json(&mut Rng::new(1), LENGTH, false);
    let answer = response("application/json", coding.name(), &coding.code(text.as_bytes()), false);
    let (asked, half) = (request("GET", "/api/v2/export", "api1.example.cn", 1, "", &[]), answer.len() / 2);
    let mut lane = Bench::default().lane();
    let mut flow = |n: u32| {
        let client = (Ipv4Addr::from(0x0b00_0000 + n), 40_000);
        let mut c = Connection::open(client, (Ipv4Addr::new(10, 3, 0, 1), 8080), n);
        c.send(CLIENT, &asked);
        c.send(SERVER, &answer[..half]);
        play(&mut lane, c.done());
    };
    // What the first ones take besides is the lane's, and what the allocator keeps of this program's own frames.
    (0..FIRST).for_each(&mut flow);
    let before = resident();
    (FIRST..FIRST + FLOWS).for_each(&mut flow);
    let after = resident();
    assert_eq!(lane.exchanges().count(), 0, "every body is under way");
    after.saturating_sub(before) as f64 / f64::from(FLOWS)
}

fn play(lane: &mut Lane, mut c: Connection) {
    while let Some(data) = c.next_frame() {
        let (time, wire_len) = (Timestamp::from_nanos(START), data.len() as u32);
        lane.burst(&[Frame { time, link: LinkType::ETHERNET, wire_len, vlan: None, data: &data }]);
    }
}
