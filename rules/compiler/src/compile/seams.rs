//! Patterns that begin with a Chinese character and go on with a capital letter, as number plates do: looked for where the two meet.
//!
//! A character alone is too frequent in Chinese text to be a literal, and with every letter there would be hundreds; a capital behind a byte
//! that is not ASCII is rare, and the map of byte classes has its places.

use super::Action;
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use std::collections::HashMap;

/// Most beginnings of a pattern, its first letter included.
const MAX_BEGINNINGS: usize = 2048;
/// Bytes of a character.
const CHARACTER: usize = 3;

/// A beginning with what to do.
type Beginning = (Box<[u8]>, Action);

/// Beginnings by the last character before the capital letter.
#[derive(Default, Debug)]
pub(crate) struct Seams(HashMap<[u8; CHARACTER], Vec<Beginning>>);

impl Seams {
    /// Adds a beginning without its letter.
    pub(crate) fn add(&mut self, lead: &[u8], action: Action) {
        if let Some(last) = lead.last_chunk() {
            self.0.entry(*last).or_default().push((lead.into(), action));
        }
    }
    /// Every beginning, in no order that matters.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.values().flatten().map(|(lead, _)| &**lead)
    }
    /// Calls `found` with what to do and where to begin for every beginning that `text` ends with.
    pub(crate) fn before(&self, text: &[u8], mut found: impl FnMut(Action, usize)) {
        let listed = text.last_chunk().and_then(|last| self.0.get(last));
        for (lead, action) in listed.into_iter().flatten() {
            if text.ends_with(lead) {
                found(*action, text.len() - lead.len());
            }
        }
    }
}

/// The beginnings of a pattern without their capital letter; `None` where it can begin otherwise.
pub(super) fn seams_of(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_total(MAX_BEGINNINGS).limit_class(32).limit_literal_len(24);
    let seq = extractor.extract(hir);
    let lead = |text: &[u8]| {
        let at = text.iter().position(u8::is_ascii)?;
        (at >= CHARACTER && text[at].is_ascii_uppercase()).then(|| text[..at].to_vec())
    };
    let mut leads: Vec<Vec<u8>> =
        seq.literals()?.iter().map(|l| lead(l.as_bytes())).collect::<Option<_>>()?;
    leads.sort();
    leads.dedup();
    (!leads.is_empty()).then_some(leads)
}
