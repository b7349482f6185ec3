//! The class-run pass: one walk over the bytes that finds runs of letters and digits and compares the shapes that can begin with such a run.
//!
//! The walk goes over a map of byte classes and knows nothing of types; only runs of a length that some shape begins with are looked at.

use super::shape::{ByteSet, MAX_RUN, Shape};
use crate::map::{Block, ByteMap};

/// Kinds of runs: digits alone, letters alone, both.
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

/// The shapes that begin with a run of one kind and length.
#[derive(Clone, Default, Debug)]
struct Bucket {
    shapes: Vec<u16>,
    /// Bytes that one of them begins with.
    first: ByteSet,
    /// Bytes that may follow the run in one of them.
    follow: ByteSet,
    /// Whether one of them may end with the run.
    closed: bool,
}

/// Every shape, by the length and kind of the run it begins with.
#[derive(Debug)]
pub(crate) struct Runs {
    shapes: Vec<Entry>,
    /// Of digits alone, letters alone, both.
    buckets: [Vec<Bucket>; 3],
    /// Bit n: the bucket for runs of n bytes is not empty.
    lengths: [u64; 3],
    /// Whether runs of letters alone matter wherever they stand, not only before a joint.
    letters_anywhere: bool,
}

impl Default for Runs {
    fn default() -> Self {
        let buckets = std::array::from_fn(|_| vec![Bucket::default(); MAX_RUN + 1]);
        Runs { shapes: Vec::new(), buckets, lengths: [0; 3], letters_anywhere: false }
    }
}

impl Runs {
    /// Adds a shape of a data type.
    pub(crate) fn add(&mut self, shape: &Shape, owner: u16) {
        let Ok(number) = u16::try_from(self.shapes.len()) else { return };
        for n in 1..=MAX_RUN {
            if shape.run_lengths >> n & 1 == 0 {
                continue;
            }
            for (kind, fits) in [
                (DIGITS, shape.digits),
                (LETTERS, shape.letters),
                (BOTH, shape.digits || shape.letters || n > 1),
            ] {
                if fits {
                    let bucket = &mut self.buckets[kind][n];
                    bucket.shapes.push(number);
                    bucket.first.join(&shape.first);
                    bucket.follow.join(&shape.follow);
                    bucket.closed |= shape.closed;
                    self.lengths[kind] |= 1 << n;
                }
            }
        }
        let joints = |b: u8| matches!(b, b'-' | b'.' | b':');
        self.letters_anywhere |= shape.letters && (shape.closed || shape.follow.any(|b| !joints(b)));
        self.shapes.push(Entry { shape: shape.clone(), owner });
    }
    /// How many shapes there are.
    pub(crate) fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Calls `found` with the type, start and end of every shape in `text` that stands by itself; `map` is the text's.
    ///
    /// Of runs with a digit the first digit is found, of others the end, both for a whole block by one addition: a bit added where a run
    /// begins is carried through its letters to what stands behind them.
    pub(crate) fn find(&self, map: &ByteMap, text: &[u8], mut found: impl FnMut(u16, usize, usize)) {
        let ends_matter = self.lengths[LETTERS] != 0;
        let (mut word_before, mut carried) = (0, false);
        for (i, b) in map.blocks().iter().enumerate() {
            let starts = b.word & !(b.word << 1 | word_before);
            word_before = b.word >> 63;
            let letters = b.word & !b.digit;
            let (sum, over) = letters.overflowing_add(starts);
            let (sum, again) = sum.overflowing_add(u64::from(carried));
            carried = over || again;
            let mut first_digits = sum & b.digit;
            while first_digits != 0 {
                let offset = first_digits.trailing_zeros();
                first_digits &= first_digits - 1;
                self.with_digit(map, text, i, offset, &mut found);
            }
            if ends_matter {
                let mut ends = sum & !b.word & if self.letters_anywhere { !0 } else { b.joint };
                while ends != 0 {
                    let offset = ends.trailing_zeros();
                    ends &= ends - 1;
                    let length = map.behind(i, offset, |b| b.word).leading_ones() as usize;
                    let end = i * 64 + offset as usize;
                    if self.matters(LETTERS, text, end, length) {
                        self.run(text, LETTERS, end - length, end, &mut found);
                    }
                }
            }
        }
    }
    /// A run whose first digit stands at `offset` of block `i`.
    #[inline]
    fn with_digit(
        &self,
        map: &ByteMap,
        text: &[u8],
        i: usize,
        offset: u32,
        found: &mut impl FnMut(u16, usize, usize),
    ) {
        let word = |b: &Block| b.word;
        let ahead = map.ahead(i, offset, word).trailing_ones();
        let behind = map.behind(i, offset, word).leading_ones();
        let length = (ahead + behind) as usize;
        // A run that fills the window is longer than any shape's first.
        if length > MAX_RUN {
            return;
        }
        let all = (1u64 << ahead) - 1;
        let kind = if behind == 0 && map.ahead(i, offset, |b| b.digit) & all == all { DIGITS } else { BOTH };
        let end = i * 64 + (offset + ahead) as usize;
        if self.matters(kind, text, end, length) {
            self.run(text, kind, end - length, end, found);
        }
    }
    /// Whether a shape may begin with the run of `length` bytes that ends at `end`, by its first byte and the next one.
    #[inline]
    fn matters(&self, kind: usize, text: &[u8], end: usize, length: usize) -> bool {
        if length > MAX_RUN || self.lengths[kind] >> length & 1 == 0 {
            return false;
        }
        let bucket = &self.buckets[kind][length];
        text.get(end - length).is_some_and(|b| bucket.first.has(*b))
            && (bucket.closed || text.get(end).is_some_and(|b| bucket.follow.has(*b)))
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
        for number in &self.buckets[kind][end - start].shapes {
            let entry = &self.shapes[usize::from(*number)];
            if entry.shape.first.has(text[start])
                && entry.shape.may_precede(next)
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
