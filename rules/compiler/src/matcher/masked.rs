//! Masked values whose type shows without a key: words around three stars or more.

use crate::mask::Masked;
use crate::{RuleSet, judge};
use weir_exchange::DataTypeId;

/// Longest masked value looked at without a key, in bytes.
const MAX_MASKED: usize = 64;

/// How far a text was looked at.
#[derive(Default, Debug)]
pub(super) struct Masks {
    from: usize,
}

impl Masks {
    /// Looks around the star at `at`, unless that was done with a star before it; calls `found` with type, start and end.
    pub(super) fn star(
        &mut self,
        rules: &RuleSet,
        text: &[u8],
        at: usize,
        mut found: impl FnMut(DataTypeId, usize, usize),
    ) {
        if at < self.from {
            return;
        }
        let stars = text[at..].iter().take_while(|b| **b == b'*').count();
        let part =
            |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'.' | b'_' | b'-' | b'+' | b'*');
        let left = text[self.from..at].iter().rev().take(MAX_MASKED).take_while(part).count();
        let right = text[at + stars..].iter().take(MAX_MASKED).take_while(part).count();
        let (start, end) = (at - left, at + stars + right);
        self.from = end;
        if stars < 3 || end - start > MAX_MASKED || end - start == stars {
            return;
        }
        let Some(masked) = Masked::read(&text[start..end]) else { return };
        for ty in &rules.masked_alone {
            if judge::masked_fits(&rules.types[usize::from(*ty)], &masked) {
                found(DataTypeId(*ty), start, end);
            }
        }
    }
}
