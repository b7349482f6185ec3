//! More than a lane can read: a card in virtual time, where every frame takes as long, so that each run comes out the same.

use crate::script::*;
use std::cell::Cell;
use weir_bench::load::Load;
use weir_bench::nic::{Meter, Nic, Phase};
use weir_bench::workload::Workload;
use weir_exchange::{BodyState, Exchange};
use weir_lane::live::{Ended, Running, run};
use weir_lane::{Control, Figures, Level, Outbox};
use weir_wire::{Account, Layer};

/// Nanoseconds a frame takes: about what it takes a lane that scans everything.
const FRAME: u64 = 4_000;

struct Run {
    ended: Ended,
    exchanges: Vec<Exchange>,
    /// Highest level of each phase.
    levels: Vec<u64>,
    /// When the lane was back at the bottom, after the start of the last phase.
    back: Option<u64>,
    shown: Figures,
}

/// Phases of (milliseconds, times what the lane can do).
fn under(load: &Load, phases: &[(u64, f64)], descriptors: usize, spill: usize) -> Run {
    let capacity = load.bytes() as f64 / load.len() as f64 / FRAME as f64;
    let phases: Vec<Phase> =
        phases.iter().map(|(ms, times)| Phase { nanos: ms * 1_000_000, rate: times * capacity }).collect();
    let last_begins: u64 = phases.iter().rev().skip(1).map(|p| p.nanos).sum();
    let (control, clock, rules) = (Control::default(), Ticking(Cell::new(0)), rules());
    let (tx, rx) = wide();
    let (mut exchanges, mut levels, mut back) = (Vec::new(), vec![0; phases.len() + 1], None);
    let last = phases.len() - 1;
    let mut between = |m: weir_bench::nic::Moment| {
        exchanges.append(&mut arrived(&rx));
        let level = control.gauges().read().overload_level;
        levels[m.phase] = level.max(levels[m.phase]);
        if m.phase == last && level == 0 && back.is_none() {
            back = Some(m.now - last_begins);
        }
    };
    let mut nic = Nic::new(load, Meter::Frame(FRAME), descriptors, phases, &mut between);
    let running = Running { clock: Some(&clock), spill, control: &control, watch: &mut |_| {} };
    let ended = run(&mut nic, lane(&rules), Outbox::live(tx), running).unwrap();
    drop(nic);
    exchanges.append(&mut arrived(&rx));
    let shown = control.gauges().read();
    Run { ended, exchanges, levels, back, shown }
}

fn load() -> Load {
    Load::of(Workload::W1, 300)
}

#[test]
fn below_its_limit_a_lane_leaves_nothing_out() {
    let r = under(&load(), &[(60, 0.8)], 1024, 4096);
    let ledger = &r.ended.report.ledger;
    assert!(ledger.balanced());
    assert_eq!((r.levels[0], ledger.entry(Account::FrameDropped).count), (0, 0));
    assert!(!Account::ALL.iter().any(|a| a.key().starts_with("shed:") && ledger.entry(*a).count > 0));
}

#[test]
fn a_burst_is_held_and_nothing_is_left_out() {
    let bursts: Vec<_> = (0..4).flat_map(|_| [(3, 4.0), (40, 0.6)]).collect();
    let with = under(&load(), &bursts, 1024, 8192);
    let ledger = &with.ended.report.ledger;
    assert!(ledger.balanced() && with.shown.spill_peak > 500, "{}", with.shown.spill_peak);
    assert_eq!(ledger.entry(Account::FrameDropped).count, 0);
    assert_eq!(with.levels.iter().max(), Some(&0));
    let without = under(&load(), &bursts, 1024, 0);
    let lost = without.ended.report.ledger.entry(Account::FrameDropped).count;
    assert!(lost > 500 && without.ended.report.ledger.balanced(), "{lost}");
}

#[test]
fn overloaded_it_sheds_by_plan_balances_and_comes_back() {
    for times in [1.3, 4.0] {
        let r = under(&load(), &[(20, 0.7), (100, times), (120, 0.5)], 1024, 4096);
        let ledger = &r.ended.report.ledger;
        assert!(ledger.balanced(), "at {times}");
        // Every frame takes as long here, so shedding does not help and the source must lose some: that is in the sums, too.
        assert_eq!(r.levels[1], Level::HeadsOnly as u64);
        assert!(ledger.entry(Account::MessageShedFlow).bytes > 0);
        let back = r.back.unwrap();
        assert!(back <= 100_000_000, "back after {back} ns");
        let total = ledger.total(Layer::Exchange).count;
        assert_eq!(total, r.exchanges.len() as u64);
        let shed = |x: &&Exchange| x.response.as_ref().is_some_and(|r| r.body.state == BodyState::Shed);
        assert!(r.exchanges.iter().filter(shed).all(|x| x.response.as_ref().unwrap().body.wire_bytes > 0));
        assert!(r.exchanges.iter().filter(shed).any(|x| x.complete));
    }
}

#[test]
fn the_same_pressure_gives_the_same_records() {
    let once = || under(&load(), &[(20, 0.7), (60, 3.0), (50, 0.5)], 512, 1024);
    let (a, b) = (once(), once());
    assert_eq!(a.exchanges, b.exchanges);
    assert_eq!(a.ended.report.ledger, b.ended.report.ledger);
}

#[test]
fn at_every_level_the_ledger_balances_and_heads_are_read() {
    let load = Load::of(Workload::W2, 100);
    let rules = rules();
    let all = |level| {
        let mut lane = lane(&rules);
        lane.shed(level, u8::MAX);
        load.bursts(|b| lane.burst(b));
        lane.finish();
        let out: Vec<_> = lane.exchanges().collect();
        (lane.report().ledger, out)
    };
    let (whole, expected) = all(Level::Everything);
    for level in Level::ALL {
        let (ledger, out) = all(level);
        assert!(ledger.balanced(), "{level:?}");
        assert_eq!(ledger.bodies, whole.bodies, "{level:?}");
        assert_eq!(out.len(), expected.len());
        for (x, y) in out.iter().zip(&expected) {
            assert_eq!((x.number, x.complete, x.status()), (y.number, y.complete, y.status()));
            let bytes = |x: &Exchange| x.response.as_ref().map(|r| r.body.wire_bytes);
            assert_eq!(bytes(x), bytes(y));
        }
    }
}
