//! What a rule costs: how often ordinary traffic makes the scan look at it, times what a look takes.

use super::typical::Typical;
use super::{Found, Pattern, Runs};

/// Nanoseconds that verifying a literal's hit takes, and that judging a number does.
const LITERAL: f64 = 60.0;
const NUMBER: f64 = 40.0;
/// Nanoseconds a thousand bytes from which a rule is told to be dear: a tenth of what all built-in rules take together.
pub(crate) const DEAR: u32 = 50;
/// And from which one pattern is refused: the scan would take half as long again.
pub(crate) const RUINOUS: u32 = 300;

/// Nanoseconds that a pattern adds to the scan of a thousand bytes of ordinary traffic.
pub(crate) fn cost(pattern: &Pattern) -> u32 {
    let typical = Typical::get();
    let in_ten_thousand = match &pattern.found {
        Found::Leads(leads) => LITERAL * leads.iter().map(|l| typical.literal(l)).sum::<f64>(),
        Found::Anchor(anchor, _) => LITERAL * typical.literal(anchor),
        Found::Seams(_) => 0.0,
        Found::Shapes(shapes) => {
            let mut runs = Runs::default();
            shapes.iter().for_each(|s| runs.add(s, 0));
            NUMBER * typical.numbers(&runs)
        }
    };
    (in_ten_thousand / 10.0).round() as u32
}
