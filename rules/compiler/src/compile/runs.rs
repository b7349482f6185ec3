//! The class-run pass: one walk over the bytes that finds runs of letters and digits and compares the shapes that can begin with such a run.
//!
//! The walk goes over a map of byte classes and knows nothing of types; only runs of a length that some shape begins with are looked at.

use super::blocks::{ByteMap, window};
use super::shape::{MAX_RUN, Shape};

/// Buckets: digits alone, letters alone, both.
const DIGITS: usize = 0;
const LETTERS: usize = 1;
const BOTH: usize = 2;

/// Whether a byte belongs to words: letters, digits, underscore. Bytes of Chinese characters do not.
#[inline]
pub(crate) fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// A shape and whose it is.
#[derive(Debug)]
struct Entry {
    shape: Shape,
    /// Data type, by index.
    owner: u16,
}

/// Every shape, by the length and kind of the run it begins with.
#[derive(Debug)]
pub(crate) struct Runs {
    shapes: Vec<Entry>,
    /// Of digits alone, letters alone, both.
    buckets: [Vec<Vec<u16>>; 3],
    /// Bit n: the bucket for runs of n bytes is not empty.
    lengths: [u64; 3],
}

impl Default for Runs {
    fn default() -> Self {
        let buckets = std::array::from_fn(|_| vec![Vec::new(); MAX_RUN + 1]);
        Runs { shapes: Vec::new(), buckets, lengths: [0; 3] }
    }
}

impl Runs {
    /// Adds a shape of a data type.
    pub(crate) fn add(&mut self, shape: &Shape, owner: u16) {
        let Ok(number) = u16::try_from(self.shapes.len()) else { return };
        for n in 1..=MAX_RUN {
            if shape.run_lengths >> n & 1 == 1 {
                for (kind, fits) in [
                    (DIGITS, shape.digits),
                    (LETTERS, shape.letters),
                    (BOTH, shape.digits || shape.letters || n > 1),
                ] {
                    if fits {
                        self.buckets[kind][n].push(number);
                        self.lengths[kind] |= 1 << n;
                    }
                }
            }
        }
        self.shapes.push(Entry { shape: shape.clone(), owner });
    }
    /// How many shapes there are.
    pub(crate) fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Calls `found` with the type, start and end of every shape in `text` that stands by itself; `map` is the text's.
    pub(crate) fn find(&self, map: &ByteMap, text: &[u8], mut found: impl FnMut(u16, usize, usize)) {
        let any = self.lengths[DIGITS] | self.lengths[LETTERS] | self.lengths[BOTH];
        let mut carry = 0;
        for (i, word) in map.word.iter().enumerate() {
            let mut starts = word & !(word << 1 | carry);
            carry = word >> 63;
            while starts != 0 {
                let offset = starts.trailing_zeros();
                starts &= starts - 1;
                let length = window(&map.word, i, offset).trailing_ones();
                // A run that fills the window is longer than any shape's first.
                if length > MAX_RUN as u32 || any >> length & 1 == 0 {
                    continue;
                }
                let whole = (1u64 << length) - 1;
                let kind = match window(&map.digit, i, offset) & whole {
                    0 => LETTERS,
                    digits if digits == whole => DIGITS,
                    _ => BOTH,
                };
                if self.lengths[kind] >> length & 1 == 1 {
                    let start = i * 64 + offset as usize;
                    self.run(text, kind, start, start + length as usize, &mut found);
                }
            }
        }
    }
    /// Compares the shapes that may begin with the run at `start..end`.
    fn run(
        &self,
        text: &[u8],
        kind: usize,
        start: usize,
        end: usize,
        found: &mut impl FnMut(u16, usize, usize),
    ) {
        // The underscore is part of words, never of values.
        if kind != DIGITS && text[start..end].contains(&b'_') {
            return;
        }
        let next = text.get(end).copied();
        for number in &self.buckets[kind][end - start] {
            let entry = &self.shapes[usize::from(*number)];
            if entry.shape.may_precede(next)
                && let Some(end) = entry.shape.match_at(text, start)
                && stands_alone(text, start, end, entry.shape.colons)
            {
                found(entry.owner, start, end);
            }
        }
    }
}

/// Whether the neighbours let a value stand by itself: no letter or digit adjoins it, and no dot, dash, star or at sign that goes on to another,
/// as in decimals, versions, UUIDs, masked values and addresses. Where the value is written with colons, colons count as well.
fn stands_alone(text: &[u8], start: usize, end: usize, colons: bool) -> bool {
    let joins = |b: u8| matches!(b, b'.' | b'-') || colons && b == b':';
    let before = |n: usize| start.checked_sub(n).and_then(|i| text.get(i)).copied();
    let after = |n: usize| text.get(end + n).copied();
    if before(1).is_some_and(|b| is_word(b) || b == b'*')
        || after(0).is_some_and(|b| is_word(b) || matches!(b, b'*' | b'@'))
    {
        return false;
    }
    let glued_before =
        before(1).is_some_and(joins) && before(2).is_some_and(|b| is_word(b) || colons && b == b':');
    let glued_after =
        after(0).is_some_and(joins) && after(1).is_some_and(|b| is_word(b) || colons && b == b':');
    !glued_before && !glued_after
}
