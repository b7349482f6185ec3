//! Detectors that compare with the registered list (登记清单).

use crate::{Detector, Seen, facts};
use weir_model::{Card, Finding, Findings, InterfaceState, Known, Registration};

/// What the standing of an interface shows at a call of it that was answered 2xx.
type Judgement = fn(&Seen<'_>, &Registration, &Known<'_>) -> Option<Finding>;

/// Identifies a risk source by how an interface stands to the list; says nothing without a list.
pub(crate) struct Listed {
    card: &'static Card,
    judge: Judgement,
}

impl Listed {
    /// Of `card`, wherever `judge` finds it.
    pub const fn new(card: &'static Card, judge: Judgement) -> Self {
        Listed { card, judge }
    }
}

impl Detector for Listed {
    fn card(&self) -> &'static Card {
        self.card
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if !facts::succeeded(seen) {
            return;
        }
        let Some(registration) = seen.registration(known) else { return };
        let interface = seen.interface.and_then(|id| known.interface(id));
        if interface.is_none_or(|i| i.state == InterfaceState::Noise) || facts::is_content(seen, known) {
            return;
        }
        out.extend((self.judge)(seen, registration, known));
    }
}

/// What a standing goes beyond in one respect, as text.
pub(crate) fn beyond(registration: &Registration, what: &str) -> Option<String> {
    const NAMED: usize = 4;
    let excess = registration.beyond.iter().find(|e| e.what == what)?;
    let more = if excess.seen.len() > NAMED { ", ..." } else { "" };
    Some(excess.seen.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ") + more)
}
