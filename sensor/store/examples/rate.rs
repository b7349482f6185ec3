//! CPU time that keeping an exchange costs, at the plan's three prices: its own row and line, its own row alone, sums alone.
//!
//! `cargo run --release -p weir-store --example rate [-- --json]`. What counts is the CPU time of this thread, so neighbours neither help nor harm; the
//! share is that of one core at 50,000 exchanges a second.

use std::time::Duration;
use weir_exchange::sample::{self, Call};
use weir_exchange::{Body, Catalogue, DataTypeId, Exchange};
use weir_model::Origin;
use weir_store::{DataDir, LiveOptions, LiveRow, LiveWriter};
use weir_wire::{Duration as Span, Timestamp};

const EXCHANGES: u32 = 400_000;
const PASSES: usize = 7;
/// The plan that ships.
const DEFAULT: &str = "as configured by default";

fn cpu() -> Duration {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(t.tv_sec.unsigned_abs(), u32::try_from(t.tv_nsec).unwrap_or(0))
}

/// Calls of 200 interfaces; 3 in 100 hold data.
fn calls() -> Vec<Exchange> {
    let one = |n: u32| {
        let call = Call::get(&format!("/api/v1/orders/{n}?page=1&size=20"))
            .from([10, 0, (n >> 8) as u8, n as u8])
            .flow(n as u8, n)
            .gives(Body { content_type: "application/json".into(), bytes: 1_800, ..Body::default() });
        if n.is_multiple_of(33) { call.holds(sample::item(DataTypeId(0))).build() } else { call.build() }
    };
    (0..2_000).map(one).collect()
}

/// Nanoseconds of CPU an exchange, at `rate` exchanges a second of packet time.
fn price(options: LiveOptions, calls: &mut [Exchange]) -> Result<f64, Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let mut writer =
        LiveWriter::open(DataDir::create(dir.path())?, options, "bench", Timestamp::from_nanos(0), false)?;
    let catalogue = Catalogue { data_types: vec![sample::data_type("cn_mobile", 3)], ..Catalogue::default() };
    let interfaces: Vec<String> = (0..200).map(|n| format!("if-{n:012x}")).collect();
    let begun = cpu();
    for n in 0..EXCHANGES {
        let at = n as usize % calls.len();
        let x = &mut calls[at];
        x.emitted =
            Timestamp::from_secs_nanos(1_700_000_000, 0).plus(Span::from_nanos(u64::from(n) * 20_000));
        x.time = x.emitted;
        let interface = interfaces.get(n as usize % interfaces.len()).map(String::as_str);
        writer.exchange(
            &LiveRow {
                exchange: x,
                interface,
                account: Some("alice"),
                origin: Origin::direct(x.flow.client.ip),
                leg: weir_model::Leg::Only,
            },
            &catalogue,
        )?;
        if n % 250_000 == 249_999 {
            writer.commit(None)?;
        }
    }
    writer.commit(None)?;
    Ok((cpu() - begun).as_nanos() as f64 / f64::from(EXCHANGES))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut calls = calls();
    let all = LiveOptions { rows_per_second: u32::MAX, ..LiveOptions::default() };
    let plans = [
        ("each its row and its line", all),
        ("each its row", LiveOptions { lines_bytes: 0, ..all }),
        (DEFAULT, LiveOptions::default()),
        ("sums alone", LiveOptions { rows_per_second: 0, ..all }),
    ];
    let json = std::env::args().any(|a| a == "--json");
    let mut prices = vec![Vec::new(); plans.len()];
    for _ in 0..PASSES {
        for ((_, options), prices) in plans.iter().zip(&mut prices) {
            prices.push(price(*options, &mut calls)?);
        }
    }
    for ((name, _), prices) in plans.iter().zip(&mut prices) {
        prices.sort_by(f64::total_cmp);
        let median = prices[PASSES / 2];
        let share = median * 50_000.0 / 1e7;
        if json {
            let bounds = if *name == DEFAULT { ",\"gate_value\":10,\"target\":3" } else { "" };
            println!(
                "{{\"gate\":\"G21\",\"name\":\"storing at 50,000 exchanges/s: {name}\",\"value\":{share:.2},\"unit\":\"% of a core\"{bounds}}}"
            );
        } else {
            println!("{name:28} {median:7.0} ns an exchange, {share:5.1} % of a core at 50,000/s");
        }
    }
    Ok(())
}
