//! Detectors that need no memory.

use crate::{Detector, Seen};
use weir_model::{Card, Finding, Findings, Known, Observation};

/// What one observation shows by itself.
type Judgement = fn(&Observation<'_>, &Known<'_>) -> Option<Finding>;

/// Identifies a risk source by each observation alone; keeps no state.
pub(crate) struct Single {
    card: &'static Card,
    judge: Judgement,
}

impl Single {
    /// Of `card`, wherever `judge` finds it.
    pub const fn new(card: &'static Card, judge: Judgement) -> Self {
        Single { card, judge }
    }
}

impl Detector for Single {
    fn card(&self) -> &'static Card {
        self.card
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        out.extend((self.judge)(seen, known));
    }
}
