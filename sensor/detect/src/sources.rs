//! The registry: one module a risk source, one line each below.
//!
//! A module gives `CARD` and what makes its detector of [`Thresholds`]: `Source::new` where the detector remembers
//! something or compares with a threshold, `detector` where one observation is enough.

use crate::awaiting::{Awaiting, Input, awaiting};
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

mod c01_call_rate;
mod c02_burst;
mod c03_low_and_slow;
mod c04_crawler;
mod c05_off_hours;
mod c06_unusual_place;
mod c07_not_allowed;
mod c09_shared_account;
mod c10_brute_force;
mod c11_credential_stuffing;
mod c12_password_spraying;
mod c13_stolen_token;
mod c14_privilege_probing;
mod c15_enumeration;
mod c17_attack_payload;
mod c18_replay;
mod c20_scanning;
mod c22_bulk_delete;
mod c23_export;
mod c24_departed_account;
mod c27_partner_hoarding;
mod c29_outbound;
mod c31_broad_query;
mod d01_unmasked;
mod d02_pseudo_masking;
mod d03_masking;
mod d04_clear_on_wire;
mod d05_many_types;
mod d06_many_records;
mod d08_cumulative;
mod d09_important_data;
mod d11_cross_border;
mod d12_open_personal_data;
mod d13_data_in_url;
mod d14_bulk_export;
mod d15_secret_disclosure;
mod d16_biometric;
mod d18_reversible;
mod d19_live_data_in_test;
mod d21_minors;
mod p01_unregistered;
mod p02_inactive;
mod p03_overdue;
mod p04_over_scope;
mod p05_internal_exposed;
mod p08_old_version;
mod p09_new_provider;
mod p10_provider_changed;
mod p11_response_behaviour;
mod p12_new_data;
mod p16_no_owner;
mod p18_test_outside;
mod v01_no_authentication;
mod v02_bypass;
mod v03_single_factor;
mod v04_weak_password;
mod v05_clear_password;
mod v06_credential_exposed;
mod v07_session;
mod v08_token;
mod v09_no_guess_control;
mod v11_foreign_object;
mod v12_function_authorisation;
mod v13_guessable_id;
mod v14_mass_assignment;
mod v16_no_replay_protection;
mod v17_injection;
mod v21_unsafe_method;
mod v22_clear_text;
mod v23_weak_tls;
mod v25_verbose_error;
mod v27_no_rate_limit;
mod v28_exposed_console;
mod v29_graphql;
mod v30_one_time_code;
mod v31_hard_coded_secret;
mod v33_smuggling;
mod v34_file_exchange;
mod v35_unsafe_consumption;

registry! {
    v01_no_authentication => Source::new,
    v02_bypass => Source::new,
    v03_single_factor => Source::new,
    v04_weak_password => Source::new,
    v05_clear_password => detector,
    v06_credential_exposed => detector,
    v07_session => Source::new,
    v08_token => Source::new,
    v09_no_guess_control => Source::new,
    v11_foreign_object => Source::new,
    v12_function_authorisation => Source::new,
    v13_guessable_id => Source::new,
    v14_mass_assignment => Source::new,
    v16_no_replay_protection => Source::new,
    v17_injection => Source::new,
    v21_unsafe_method => detector,
    v22_clear_text => detector,
    v23_weak_tls => Source::new,
    v25_verbose_error => detector,
    v27_no_rate_limit => Source::new,
    v28_exposed_console => detector,
    v29_graphql => Source::new,
    v30_one_time_code => Source::new,
    v31_hard_coded_secret => detector,
    v33_smuggling => detector,
    v34_file_exchange => detector,
    v35_unsafe_consumption => detector,
    d01_unmasked => Source::new,
    d02_pseudo_masking => detector,
    d03_masking => Source::new,
    d04_clear_on_wire => detector,
    d05_many_types => Source::new,
    d06_many_records => Source::new,
    d08_cumulative => Source::new,
    d09_important_data => detector,
    d11_cross_border => Source::new,
    d12_open_personal_data => Source::new,
    d13_data_in_url => Source::new,
    d14_bulk_export => Source::new,
    d15_secret_disclosure => detector,
    d16_biometric => detector,
    d18_reversible => detector,
    d19_live_data_in_test => Source::new,
    d21_minors => detector,
    c01_call_rate => Source::new,
    c02_burst => Source::new,
    c03_low_and_slow => Source::new,
    c04_crawler => Source::new,
    c05_off_hours => Source::new,
    c06_unusual_place => Source::new,
    c07_not_allowed => detector,
    c09_shared_account => Source::new,
    c10_brute_force => Source::new,
    c11_credential_stuffing => Source::new,
    c12_password_spraying => Source::new,
    c13_stolen_token => Source::new,
    c14_privilege_probing => Source::new,
    c15_enumeration => Source::new,
    c17_attack_payload => Source::new,
    c18_replay => Source::new,
    c20_scanning => Source::new,
    c22_bulk_delete => Source::new,
    c23_export => Source::new,
    c24_departed_account => detector,
    c27_partner_hoarding => Source::new,
    c29_outbound => Source::new,
    c31_broad_query => Source::new,
    p01_unregistered => Source::new,
    p02_inactive => detector,
    p03_overdue => detector,
    p04_over_scope => detector,
    p05_internal_exposed => Source::new,
    p08_old_version => Source::new,
    p09_new_provider => Source::new,
    p10_provider_changed => Source::new,
    p11_response_behaviour => Source::new,
    p12_new_data => Source::new,
    p16_no_owner => detector,
    p18_test_outside => detector,
}

/// Whether a risk source is judged by what paths, methods, statuses and pages of HTTP mean. Commands and statements of sessions (FTP,
/// databases, brokers) have none of these: that a program reads one key of Redis after another is its work, and SQL in a statement no
/// injection.
pub(crate) fn of_http(id: &str) -> bool {
    matches!(
        id,
        "V02"
            | "V03"
            | "V06"
            | "V07"
            | "V08"
            | "V11"
            | "V12"
            | "V13"
            | "V14"
            | "V16"
            | "V17"
            | "V21"
            | "V25"
            | "V27"
            | "V28"
            | "V29"
            | "V30"
            | "V31"
            | "V33"
            | "D13"
            | "C01"
            | "C04"
            | "C14"
            | "C15"
            | "C17"
            | "C18"
            | "C20"
            | "C31"
            | "P01"
            | "P02"
            | "P08"
            | "P11"
            | "P16"
    )
}

pub(crate) use c31_broad_query::SIZES as PAGE_SIZES;
pub(crate) use v14_mass_assignment::PROTECTED as PROTECTED_PROPERTIES;
pub(crate) use v30_one_time_code::{DOUBTFUL as PERHAPS_ONE_TIME_CODES, NAMES as ONE_TIME_CODES};

/// The cards of every risk source that is identified, in order of the catalogue (V, D, C, P).
pub fn catalogue() -> &'static [&'static Card] {
    CARDS
}

/// A row of the catalogue (风险源目录).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Entry {
    /// Identified by traffic, with the registered list and the directories of people where its card says so.
    Identified(&'static Card),
    /// Identified once an input is connected.
    Awaiting(&'static Awaiting),
}

impl Entry {
    /// Its card.
    pub const fn card(self) -> &'static Card {
        match self {
            Entry::Identified(card) => card,
            Entry::Awaiting(awaiting) => &awaiting.card,
        }
    }
    /// What it needs beside the traffic; nothing where it is identified.
    pub const fn needs(self) -> &'static [Input] {
        match self {
            Entry::Identified(_) => &[],
            Entry::Awaiting(awaiting) => awaiting.needs,
        }
    }
}

/// All 113 rows, V, D, C and P, in order of their numbers.
pub fn entries() -> Vec<Entry> {
    let identified = CARDS.iter().map(|c| Entry::Identified(c));
    let mut all: Vec<Entry> = identified.chain(awaiting().map(Entry::Awaiting)).collect();
    all.sort_by_key(|e| (e.card().group, e.card().id));
    all
}

/// The card of a catalogue id, identified or not.
pub fn card(id: &str) -> Option<&'static Card> {
    let awaiting = || awaiting().map(|a| &a.card).find(|c| c.id == id);
    CARDS.iter().find(|c| c.id == id).copied().or_else(awaiting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_card_is_complete() {
        let mut ids = BTreeSet::new();
        for c in entries().into_iter().map(Entry::card) {
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
            assert_eq!(card(c.id), Some(c));
        }
        assert_eq!((ids.len(), catalogue().len()), (113, 79));
        assert_eq!(card("Z99"), None);
    }

    #[test]
    fn detectors_have_the_cards_of_the_catalogue() {
        let held: Vec<_> = detectors(&Thresholds::default()).iter().map(|d| d.card().id).collect();
        assert_eq!(held, catalogue().iter().map(|c| c.id).collect::<Vec<_>>());
    }
}
