//! Clocks that stop, jump and go back.

use crate::script::*;
use std::cell::Cell;
use weir_lane::{Control, Outbox};
use weir_wire::{Duration, Timestamp};

#[test]
fn where_nothing_comes_time_goes_on() {
    let first = load().frames().next().unwrap().time;
    let steps = vec![Step::Frames(20)].into_iter().chain((0..5_000).map(|_| Step::Idle)).collect();
    let (tx, rx) = wide();
    let clock = Ticking(Cell::new(first.nanos()));
    let control = Control::default();
    drive(&mut Script::new(load(), steps), &rules(), Outbox::live(tx), &control, Some(&clock)).unwrap();
    let mut told = Timestamp::default();
    while let Some(batch) = rx.try_receive() {
        assert!(batch.watermark >= told);
        told = batch.watermark;
    }
    assert!(told.since(first) > Duration::from_secs(4), "the merge hears the time of an idle lane");
    assert!(control.gauges().read().heartbeat > 40);
}

#[test]
fn a_clock_set_back_is_counted_and_timers_go_on() {
    let (tx, rx) = wide();
    let n = load().len();
    let steps = (0..n.div_ceil(100)).map(|_| Step::Frames(100)).collect();
    let mut source = Script::new(load(), steps);
    // After 300 frames the clock is an hour back; one frame, the 600th, is from the far future.
    source.shift = |n, t| match n {
        600 => Timestamp::from_nanos(u64::MAX),
        300.. => Timestamp::from_nanos(t.nanos() - 3_600_000_000_000),
        _ => t,
    };
    let clock = Ticking(Cell::new(0));
    let control = Control::default();
    let ended = drive(&mut source, &rules(), Outbox::live(tx), &control, Some(&clock)).unwrap();
    assert!(ended.report.ledger.balanced());
    assert_eq!(control.gauges().read().clock_steps, 2);
    let exchanges = arrived(&rx);
    assert!(exchanges.iter().filter(|x| x.complete).count() > 100);
}
