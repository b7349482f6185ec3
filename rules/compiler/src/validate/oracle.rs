//! What the tests of check digits share.

use super::{Validator, Verdict};

/// The digit at a place, as a number; those who use it have made the text of digits.
pub(crate) fn number_of(text: &str, at: usize) -> i64 {
    text.as_bytes().get(at).map_or(0, |b| i64::from(*b) - 48)
}

/// Of all changes of one digit of a good value, how many pass.
pub(crate) fn passing(verdict: Validator, good: &str) -> usize {
    assert_ne!(verdict(good.as_bytes()), Verdict::No, "{good}");
    let places = (0..good.len()).filter(|i| good.as_bytes()[*i].is_ascii_digit());
    let changed = places.flat_map(|at| (1..10).map(move |by| (at, by))).map(|(at, by)| {
        let mut bad = good.as_bytes().to_vec();
        bad[at] = b'0' + (bad[at] - b'0' + by) % 10;
        bad
    });
    changed.filter(|bad| verdict(bad) != Verdict::No).count()
}
