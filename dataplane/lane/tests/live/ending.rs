//! How lanes end: in order, by a broken source, by a defect, without an analyst.

use crate::script::*;
use std::cell::Cell;
use std::sync::Arc;
use weir_lane::live::{End, Fault};
use weir_lane::{Control, Outbox};
use weir_wire::Account;

#[test]
fn a_wire_and_a_replay_tell_the_same() {
    let rules = rules();
    let n = load().len();
    let steps = || (0..n.div_ceil(100)).flat_map(|_| [Step::Frames(100), Step::Idle]).collect();
    let (tx, rx) = wide();
    let replay =
        drive(&mut Script::new(load(), steps()), &rules, Outbox::new(tx), &Control::default(), None).unwrap();
    let expected = arrived(&rx);
    assert!(expected.len() > 100);
    let (tx, rx) = wide();
    let clock = Ticking(Cell::new(0));
    let live =
        drive(&mut Script::new(load(), steps()), &rules, Outbox::live(tx), &Control::default(), Some(&clock))
            .unwrap();
    assert_eq!(arrived(&rx), expected);
    assert_eq!(live.report.ledger, replay.report.ledger);
    assert!(live.report.ledger.balanced());
    assert_eq!(live.report.ledger.entry(Account::ExchangeHanded).count, expected.len() as u64);
}

#[test]
fn stopped_it_reads_what_is_there_and_finishes() {
    let (rules, control) = (rules(), Arc::new(Control::default()));
    let steps = vec![
        Step::Frames(64),
        Step::Stop(Arc::clone(&control)),
        Step::Frames(64),
        Step::Idle,
        Step::Frames(64),
    ];
    let (tx, rx) = wide();
    let clock = Ticking(Cell::new(0));
    let mut source = Script::new(load(), steps);
    let ended = drive(&mut source, &rules, Outbox::live(tx), &control, Some(&clock)).unwrap();
    assert_eq!((ended.why, ended.report.ledger.received.count), (End::Stopped, 128));
    assert!(ended.report.ledger.balanced());
    assert_eq!(arrived(&rx).len() as u64, ended.report.ledger.exchanges.count);
    let shown = control.gauges().read();
    assert_eq!(shown.ledger, ended.report.ledger);
    assert!(shown.heartbeat > 0 && shown.polls_busy == 2);
}

#[test]
fn a_source_that_fails_loses_nothing_read_before() {
    let (tx, rx) = wide();
    let mut source = Script::new(load(), vec![Step::Frames(500), Step::Fail]);
    let ended = drive(&mut source, &rules(), Outbox::new(tx), &Control::default(), None).unwrap();
    assert!(ended.error.is_some() && ended.report.ledger.balanced());
    assert_eq!(arrived(&rx).len() as u64, ended.report.ledger.exchanges.count);
}

#[test]
fn losses_of_the_source_are_booked_once() {
    let (tx, _rx) = wide();
    let clock = Ticking(Cell::new(0));
    let steps = vec![Step::Drops(7), Step::Frames(10), Step::Idle, Step::Drops(3), Step::Idle];
    let control = Control::default();
    let ended =
        drive(&mut Script::new(load(), steps), &rules(), Outbox::live(tx), &control, Some(&clock)).unwrap();
    assert_eq!(ended.report.ledger.entry(Account::FrameDropped).count, 10);
    assert_eq!(ended.report.ledger.received.count, 20);
    assert!(ended.report.ledger.balanced());
}

#[test]
fn a_defect_is_named() {
    let (tx, rx) = wide();
    let mut source = Script::new(load(), vec![Step::Frames(64), Step::Panic]);
    let fault = drive(&mut source, &rules(), Outbox::new(tx), &Control::default(), None).unwrap_err();
    assert_eq!(fault, Fault::Panicked("a made-up defect".into()));
    assert!(rx.is_closed(), "whoever merges is not held up");
}

#[test]
fn without_an_analyst_there_is_no_work() {
    let (tx, rx) = wide();
    drop(rx);
    let mut source = Script::new(load(), vec![Step::Frames(usize::MAX)]);
    let fault = drive(&mut source, &rules(), Outbox::live(tx), &Control::default(), None).unwrap_err();
    assert_eq!(fault, Fault::AnalystGone);
}
