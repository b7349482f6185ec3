//! The registry: one module a risk source, one line each below.
//!
//! A module gives `CARD` and what makes its detector of [`Thresholds`]: `Source::new` where the detector remembers
//! something or compares with a threshold, `detector` where one observation is enough.

use crate::{Detector, Thresholds};
use weir_model::Card;

macro_rules! registry {
    ($($module:ident => $($make:ident)::+),+ $(,)?) => {
        static CARDS: &[&Card] = &[$(&$module::CARD),+];

        /// One detector of each kind.
        pub(crate) fn detectors(thresholds: &Thresholds) -> Vec<Box<dyn Detector>> {
            vec![$(Box::new($module::$($make)::+(thresholds))),+]
        }
    };
}

mod c10_brute_force;
mod c11_credential_stuffing;
mod c15_enumeration;
mod c17_attack_payload;
mod c20_scanning;
mod c24_departed_account;
mod d01_unmasked;
mod d05_many_types;
mod d06_many_records;
mod d12_open_personal_data;
mod d13_data_in_url;
mod d15_secret_disclosure;
mod v01_no_authentication;
mod v04_weak_password;
mod v05_clear_password;
mod v06_credential_exposed;
mod v13_guessable_id;
mod v21_unsafe_method;
mod v22_clear_text;
mod v25_verbose_error;
mod v28_exposed_console;

registry! {
    v01_no_authentication => Source::new,
    v04_weak_password => Source::new,
    v05_clear_password => detector,
    v06_credential_exposed => detector,
    v13_guessable_id => Source::new,
    v21_unsafe_method => detector,
    v22_clear_text => detector,
    v25_verbose_error => detector,
    v28_exposed_console => detector,
    d01_unmasked => Source::new,
    d05_many_types => Source::new,
    d06_many_records => Source::new,
    d12_open_personal_data => Source::new,
    d13_data_in_url => Source::new,
    d15_secret_disclosure => detector,
    c10_brute_force => Source::new,
    c11_credential_stuffing => Source::new,
    c15_enumeration => Source::new,
    c17_attack_payload => Source::new,
    c20_scanning => Source::new,
    c24_departed_account => detector,
}

/// The cards of every risk source that is identified, in order of the catalogue (V, D, C).
pub fn catalogue() -> &'static [&'static Card] {
    CARDS
}

/// The card of a catalogue id.
pub fn card(id: &str) -> Option<&'static Card> {
    CARDS.iter().find(|c| c.id == id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_card_is_complete() {
        let mut ids = BTreeSet::new();
        for c in catalogue() {
            assert!(ids.insert(c.id), "{} twice", c.id);
            let (letter, number) = c.id.split_at(1);
            assert!(
                matches!(letter, "V" | "D" | "C" | "P") && number.len() == 2 && number.parse::<u8>().is_ok(),
                "{}",
                c.id
            );
            for text in [c.zh, c.en, c.owasp, c.basis, c.how_zh, c.how_en] {
                assert!(!text.is_empty(), "{}", c.id);
            }
            assert!(!c.zh.is_ascii() && c.en.is_ascii() && !c.how_zh.is_ascii(), "{}", c.id);
            assert!(!c.risks.is_empty() && c.risks.iter().all(|r| !r.zh().is_empty()), "{}", c.id);
            assert!(!c.measures.is_empty() && c.measures.iter().all(|m| !m.zh().is_empty()), "{}", c.id);
            assert_eq!(card(c.id), Some(*c));
        }
        assert_eq!(ids.len(), 21);
        assert_eq!(card("Z99"), None);
    }

    #[test]
    fn detectors_have_the_cards_of_the_catalogue() {
        let held: Vec<_> = detectors(&Thresholds::default()).iter().map(|d| d.card().id).collect();
        assert_eq!(held, catalogue().iter().map(|c| c.id).collect::<Vec<_>>());
    }
}
