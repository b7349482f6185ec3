//! New rules for a lane that runs.

use crate::script::*;
use std::cell::Cell;
use std::sync::Arc;
use weir_lane::{Control, Outbox, Prepared};
use weir_rules::RuleSet;

#[test]
fn findings_go_over_to_the_new_rules_and_no_frame_is_lost() {
    let (old, new) = (rules(), Arc::new(RuleSet::builtin().unwrap()));
    let steps = |n: usize| (0..n.div_ceil(50)).map(|_| Step::Frames(50)).collect::<Vec<_>>();
    let (tx, rx) = wide();
    let n = load().len();
    drive(&mut Script::new(load(), steps(n)), &old, Outbox::new(tx), &Control::default(), None).unwrap();
    let expected = arrived(&rx);
    let (tx, rx) = wide();
    let control = Control::default();
    let clock = Ticking(Cell::new(0));
    let mut polls = 0;
    let mut watch = |_: &dyn weir_capture::Source| {
        polls += 1;
        if polls == 7 {
            control.replace_rules(Prepared::new(new.clone(), &old).unwrap());
        }
        if polls == 9 {
            control.replace_rules(Prepared::new(old.clone(), &new).unwrap());
        }
    };
    let running =
        weir_lane::live::Running { clock: Some(&clock), spill: 512, control: &control, watch: &mut watch };
    let mut source = Script::new(load(), steps(n));
    let ended = weir_lane::live::run(&mut source, lane(&old), Outbox::live(tx), running).unwrap();
    assert!(ended.report.ledger.balanced());
    let shown = control.gauges().read();
    assert_eq!((shown.rules_changed, shown.rules_stall_nanos), (2, 1_000_000));
    assert_eq!(arrived(&rx), expected);
}
