//! What identity and inventory take of the analyst for an exchange, on inventories of several sizes.
//!
//! `cargo run --release -p weir-bench --example analyst -- [INTERFACES...]` prints CPU time of the thread for 10^2 to 10^5;
//! `valgrind --tool=callgrind --toggle-collect='*measured*' target/release/examples/analyst --count 1000` counts instructions of one pass.
//!
//! The exchanges are W1's as the lane gives them. Each goes to one of as many sites as make the interfaces (W1 has 18 a site), each site
//! on a server of its own; all interfaces are there before what is measured begins. The calls are those that the analyst makes, in its
//! order, with its defaults, but for capacities that hold 10^5 interfaces.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::net::{IpAddr, Ipv4Addr};
use weir_bench::load::Load;
use weir_bench::measure::{PASSES, cpu, median};
use weir_bench::row::Row;
use weir_bench::stage::Bench;
use weir_bench::workload::Workload;
use weir_exchange::{Catalogue, Exchange};
use weir_identity::Directory;
use weir_inventory::Inventory;
use weir_wire::{Endpoint, Timestamp};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Interfaces of a site of W1: six resources, listed, read and made.
const A_SITE: usize = 18;
/// Exchanges of W1 that are sent again and again.
const CONNECTIONS: usize = 1_000;
/// Exchanges an interface before what is measured, in the smallest inventory: its schema is then looked at now and then only.
const SETTLED: usize = 1_200;
/// Nanoseconds from pass to pass.
const MINUTE: u64 = 60_000_000_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let counts = args.iter().any(|a| a == "--count");
    let asked: Vec<usize> = args.iter().filter_map(|a| a.parse().ok()).collect();
    let asked = if asked.is_empty() { vec![100, 1_000, 10_000, 100_000] } else { asked };
    let bench = Bench::default();
    let load = Load::of(Workload::W1, CONNECTIONS);
    let mut lane = bench.lane();
    load.bursts(|burst| lane.burst(burst));
    lane.finish();
    let sample: Vec<Exchange> = lane.exchanges().collect();
    for interfaces in asked {
        let mut run = Run::new(interfaces.div_ceil(A_SITE), bench.rules().catalogue().clone());
        run.fill(&sample);
        if interfaces <= 1_000 {
            (0..SETTLED * interfaces / sample.len()).for_each(|_| {
                run.pass(&sample, || 0.0, false);
            });
        }
        if counts {
            run.pass(&sample, || 0.0, true);
            println!("{} exchanges, {} interfaces", sample.len(), run.inventory.interfaces().len());
            continue;
        }
        let times: Vec<f64> = (0..PASSES).map(|_| run.pass(&sample, cpu, true)).collect();
        let made = run.inventory.interfaces().len();
        let each = median(times) / sample.len() as f64 * 1e6;
        Row::new("I5", format!("identity and inventory an exchange, {made} interfaces"), each, "us")
            .at_most(2.0, 2.0)
            .print();
    }
}

/// One inventory and the directory beside it.
struct Run {
    inventory: Inventory,
    directory: Directory,
    catalogue: std::sync::Arc<Catalogue>,
    sites: usize,
    /// By how much the passes so far have gone on.
    minutes: u64,
    next: usize,
}

impl Run {
    fn new(sites: usize, catalogue: std::sync::Arc<Catalogue>) -> Run {
        let config = weir_inventory::Config {
            sites: sites + 2,
            interfaces: 1 << 18,
            nodes: 1 << 20,
            ..weir_inventory::Config::default()
        };
        Run {
            inventory: Inventory::new(config),
            directory: Directory::new(weir_identity::Config::default()),
            catalogue,
            sites,
            minutes: 0,
            next: 0,
        }
    }

    /// Makes every interface of every site.
    fn fill(&mut self, sample: &[Exchange]) {
        let enough = &sample[..sample.len().min(160)];
        for site in 0..self.sites {
            for x in enough {
                let x = self.placed(x, site);
                self.observe(&x);
            }
        }
    }

    /// CPU seconds for the sample, spread over all sites; `clock` is [`cpu`], or none where a profiler does not know it. `counted` is
    /// what a profiler is told to look at.
    fn pass(&mut self, sample: &[Exchange], clock: fn() -> f64, counted: bool) -> f64 {
        let placed: Vec<Exchange> = sample
            .iter()
            .map(|x| {
                // Any step that shares no factor with the sites visits them all in no order that a cache likes.
                self.next = (self.next + 7_919) % self.sites;
                self.placed(x, self.next)
            })
            .collect();
        self.minutes += 1;
        let start = clock();
        match counted {
            true => measured(self, &placed),
            false => placed.iter().for_each(|x| self.observe(x)),
        }
        clock() - start
    }

    fn placed(&self, x: &Exchange, site: usize) -> Exchange {
        let mut x = x.clone();
        let n = u32::try_from(site).expect("few sites");
        x.flow.server = Endpoint { ip: IpAddr::V4(Ipv4Addr::from(0x0a40_0000 + n)), ..x.flow.server };
        for time in [&mut x.time, &mut x.ended, &mut x.emitted] {
            *time = Timestamp::from_nanos(time.nanos() + self.minutes * MINUTE);
        }
        if let Some(request) = &mut x.request {
            request.host = format!("s{site}.example").into();
        }
        x
    }

    fn observe(&mut self, x: &Exchange) {
        let site = self.inventory.site(x);
        let who = self.directory.observe(x, site, &self.catalogue);
        self.inventory.observe(x, site, who.caller, who.authenticated, who.login, &self.catalogue);
        drop(self.inventory.take_merges());
    }
}

/// What a profiler is told to look at.
#[inline(never)]
fn measured(run: &mut Run, placed: &[Exchange]) {
    placed.iter().for_each(|x| run.observe(x));
}
