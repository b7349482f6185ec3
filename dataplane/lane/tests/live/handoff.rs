//! An analyst that falls behind.

use crate::script::*;
use std::cell::Cell;
use weir_lane::{Control, Outbox, ring};
use weir_wire::Account;

#[test]
fn the_lane_goes_on_and_keeps_the_totals() {
    let load = weir_bench::load::Load::of(weir_bench::workload::Workload::W1, 400);
    let polls = load.len().div_ceil(200);
    let steps = (0..polls).map(|_| Step::Frames(200)).collect();
    let (tx, rx) = ring(4);
    let control = std::sync::Arc::new(Control::default());
    let (rules, watched) = (rules(), control.clone());
    let lane = std::thread::spawn(move || {
        let clock = Ticking(Cell::new(0));
        drive(&mut Script::new(load, steps), &rules, Outbox::live(tx), &watched, Some(&clock))
    });
    // Nobody reads until the lane is through and waits with its last batches.
    let mut taken = 0;
    let behind = || {
        // The figures of one publication need not all be there yet when the first of them is.
        let f = control.gauges().read();
        f.batches_dropped > 5 && f.ledger.entry(Account::ExchangeBehind).count > 5
    };
    while !behind() {
        std::thread::yield_now();
    }
    while let Some(batch) = rx.receive() {
        taken += batch.exchanges.len() as u64;
        rx.recycle(batch);
    }
    let ledger = lane.join().unwrap().unwrap().report.ledger;
    assert!(ledger.balanced());
    assert_eq!(ledger.entry(Account::ExchangeHanded).count, taken);
    assert_eq!(ledger.exchanges.count, taken + ledger.entry(Account::ExchangeBehind).count);
    assert!(ledger.entry(Account::ExchangeBehind).bytes > 0);
}
