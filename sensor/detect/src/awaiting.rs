//! Risk sources that traffic alone does not show: each has its card, the inputs it needs, and what is done with them once they are there.

mod calls;
mod disclosure;
mod inputs;
mod provision;
mod vulnerability;

pub use inputs::{Column, Input};

use weir_model::Card;

/// A risk source that awaits an input (待接入的风险源).
///
/// Its card says by [`Card::how_zh`] and [`Card::how_en`] what Weir does once the input is connected.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Awaiting {
    /// Its row of the catalogue.
    pub card: Card,
    /// Why traffic alone does not show it, in Chinese.
    pub why_zh: &'static str,
    /// Why traffic alone does not show it, in English.
    pub why_en: &'static str,
    /// What it needs, all of it.
    pub needs: &'static [Input],
    /// What is seen without it and reported under other ids; empty for nothing.
    pub meanwhile: &'static [&'static str],
}

/// All of them, in order of the catalogue.
pub fn awaiting() -> impl Iterator<Item = &'static Awaiting> {
    let all = [vulnerability::AWAITING, disclosure::AWAITING, calls::AWAITING, provision::AWAITING];
    all.into_iter().flatten()
}

/// Makes the entries of a group.
macro_rules! entries {
    ($group:ident; $($id:literal $zh:literal $en:literal $severity:ident [$($risk:literal)+] [$($measure:literal)+] $owasp:literal $basis:literal
        needs [$($input:ident)+] meanwhile [$($other:literal)*]
        why $why_zh:literal $why_en:literal
        then $how_zh:literal $how_en:literal;)+) => {
        pub(super) static AWAITING: &[crate::awaiting::Awaiting] = &[$(crate::awaiting::Awaiting {
            card: weir_model::Card {
                id: $id,
                zh: $zh,
                en: $en,
                group: weir_model::Group::$group,
                severity: weir_model::Severity::$severity,
                risks: &[$(weir_model::RiskType($risk)),+],
                measures: &[$(weir_model::Handling($measure)),+],
                owasp: $owasp,
                basis: $basis,
                how_zh: $how_zh,
                how_en: $how_en,
            },
            why_zh: $why_zh,
            why_en: $why_en,
            needs: &[$(crate::awaiting::Input::$input),+],
            meanwhile: &[$($other),*],
        }),+];
    };
}
use entries;
