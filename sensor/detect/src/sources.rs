//! The registry: one module a risk source, one line each below.
//!
//! A module gives `CARD` and a type `Source` with `Source::new(&Thresholds)`.

use crate::{Detector, Thresholds};
use weir_model::Card;

macro_rules! registry {
    ($($module:ident),+ $(,)?) => {
        static CARDS: &[&Card] = &[$(&$module::CARD),+];

        /// One detector of each kind.
        pub(crate) fn detectors(thresholds: &Thresholds) -> Vec<Box<dyn Detector>> {
            vec![$(Box::new($module::Source::new(thresholds))),+]
        }
    };
}

mod v22_clear_text;

registry! { v22_clear_text }

/// The cards of every risk source that is identified, by id.
pub fn catalogue() -> &'static [&'static Card] {
    CARDS
}

/// The card of a catalogue id.
pub fn card(id: &str) -> Option<&'static Card> {
    CARDS.iter().find(|c| c.id == id).copied()
}
