//! The class-run pass: one walk over the bytes that finds runs of letters and digits and compares the shapes that can begin with such a run.
//!
//! The walk goes over a map of byte classes and knows nothing of types; only runs of a length that some shape begins with are looked at.

use super::shape::{ByteSet, MAX_RUN, Second, Shape};
use crate::map::{BLOCK, ByteMap, with_bit_counts};

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
    /// What may stand behind the byte that follows, by that byte: a dot, a dash, a colon, another.
    second: [Second; 4],
}

/// Which of a bucket's second runs a byte leads to.
#[inline]
fn joint_of(b: u8) -> usize {
    match b {
        b'.' => 0,
        b'-' => 1,
        b':' => 2,
        _ => 3,
    }
}

/// Every shape, by the length and kind of the run it begins with.
#[derive(Debug)]
pub(crate) struct Runs {
    shapes: Vec<Entry>,
    /// Of digits alone, letters alone, both.
    buckets: [Vec<Bucket>; 3],
    /// Bit n: the bucket for runs of n bytes is not empty.
    lengths: [u64; 3],
    /// Length of the shortest run of letters alone that a shape may end with.
    shortest_letters: u32,
    /// Whether shorter runs of letters alone matter wherever they stand, not only before a joint, a blank or a parenthesis.
    letters_anywhere: bool,
    /// Length of the shortest run with a digit that a shape may end with.
    shortest: u32,
    /// Whether shorter runs with a digit matter wherever they stand, not only before a joint, a blank or a parenthesis.
    short_anywhere: bool,
}

impl Default for Runs {
    fn default() -> Self {
        let buckets = std::array::from_fn(|_| vec![Bucket::default(); MAX_RUN + 1]);
        Runs {
            shapes: Vec::new(),
            buckets,
            lengths: [0; 3],
            shortest_letters: MAX_RUN as u32,
            letters_anywhere: false,
            shortest: MAX_RUN as u32,
            short_anywhere: false,
        }
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
                    let any = Second { lengths: !0, closed: true, ..Second::default() };
                    for (joint, second) in bucket.second.iter_mut().enumerate() {
                        if shape.follow.any(|b| joint_of(b) == joint) {
                            second.join(&shape.second.unwrap_or(any));
                        }
                    }
                    self.lengths[kind] |= 1 << n;
                }
            }
        }
        let gaps = |b: u8| matches!(b, b'-' | b'.' | b':' | b' ' | b'(');
        let (anywhere, shortest) = (shape.follow.any(|b| !gaps(b)), shape.run_lengths.trailing_zeros());
        self.short_anywhere |= anywhere;
        self.letters_anywhere |= shape.letters && anywhere;
        if shape.closed {
            self.shortest = self.shortest.min(shortest);
        }
        if shape.closed && shape.letters {
            self.shortest_letters = self.shortest_letters.min(shortest);
        }
        self.shapes.push(Entry { shape: shape.clone(), owner });
    }
    /// How many shapes there are.
    pub(crate) fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Calls `found` with the type, start and end of every shape in `text` that stands by itself; `map` is the text's.
    ///
    /// Runs are found by their ends, those of a whole block by two additions: a bit added where a run begins is carried through its letters
    /// to its first digit, or, where it has none, to its end; a bit added at the first digit is carried to the end.
    pub(crate) fn find(&self, map: &ByteMap, text: &[u8], mut found: impl FnMut(u16, usize, usize)) {
        with_bit_counts(
            #[inline(always)]
            || self.find_by_ends(map, text, &mut found),
        );
    }
    #[inline(always)]
    fn find_by_ends(&self, map: &ByteMap, text: &[u8], found: &mut impl FnMut(u16, usize, usize)) {
        let ends_matter = self.lengths[LETTERS] != 0;
        let (mut before, mut in_letters, mut in_digits) = (Behind::default(), false, false);
        for (i, b) in map.blocks().iter().enumerate() {
            let starts = b.word & !(b.word << 1 | before.word >> 63);
            let (sum, next) = add(b.word & !b.digit, starts, in_letters);
            in_letters = next;
            let (carried, next) = add(b.word, sum & b.digit, in_digits);
            in_digits = next;
            let long = behind_run::<8>(b.word, before.word);
            // What may stand behind a run that matters, or is long enough for one.
            let behind_one = |anywhere: bool, shortest: u32| match anywhere || shortest < 8 {
                true => !0,
                false => b.joint | b.gap | long,
            };
            let mut ends = carried & !b.word & behind_one(self.short_anywhere, self.shortest);
            while ends != 0 {
                let offset = ends.trailing_zeros();
                ends &= ends - 1;
                let length = behind(b.word, before.word, offset).leading_ones();
                let digits = behind(b.digit, before.digit, offset).leading_ones() >= length;
                let kind = if digits { DIGITS } else { BOTH };
                self.ended(text, kind, i * BLOCK + offset as usize, length as usize, found);
            }
            if ends_matter {
                let mut ends = sum & !b.word & behind_one(self.letters_anywhere, self.shortest_letters);
                while ends != 0 {
                    let offset = ends.trailing_zeros();
                    ends &= ends - 1;
                    let length = behind(b.word, before.word, offset).leading_ones();
                    self.ended(text, LETTERS, i * BLOCK + offset as usize, length as usize, found);
                }
            }
            before = Behind { word: b.word, digit: b.digit };
        }
    }
    /// A run of a kind that ends before `end`.
    #[inline(always)]
    fn ended(
        &self,
        text: &[u8],
        kind: usize,
        end: usize,
        length: usize,
        found: &mut impl FnMut(u16, usize, usize),
    ) {
        if self.matters(kind, text, end, length) {
            self.run(text, kind, end - length, end, found);
        }
    }
    /// Whether a shape may begin with the run of `length` bytes that ends at `end`, by its first byte and the next one.
    #[inline(always)]
    fn matters(&self, kind: usize, text: &[u8], end: usize, length: usize) -> bool {
        // A run that fills the 64 bytes looked at is longer than any shape's first.
        if length > MAX_RUN || self.lengths[kind] >> length & 1 == 0 {
            return false;
        }
        let bucket = &self.buckets[kind][length];
        text.get(end - length).is_some_and(|b| bucket.first.has(*b))
            && (bucket.closed
                || text.get(end).is_some_and(|b| {
                    bucket.follow.has(*b) && bucket.second[joint_of(*b)].may_stand(text, end + 1)
                }))
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
                && begins_alone(text, start, entry.shape.colons)
                && let Some(end) = entry.shape.match_at(text, start)
                && ends_alone(text, end, entry.shape.colons)
            {
                found(entry.owner, start, end);
            }
        }
    }
}

/// What of the block before a run may reach into.
#[derive(Clone, Copy, Default)]
struct Behind {
    word: u64,
    digit: u64,
}

/// The 64 bits before bit `offset` of a block; the nearest is the highest. `before` are the bits of the block before.
#[inline(always)]
fn behind(bits: u64, before: u64, offset: u32) -> u64 {
    bits << (63 - offset) << 1 | before >> offset
}

/// Adds with a carry in and out.
#[inline]
fn add(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first || second)
}

/// The places that at least `LENGTH` bits of `word`, a power of two, stand before without a gap; `before` are the bits of the block before.
#[inline(always)]
fn behind_run<const LENGTH: u32>(word: u64, before: u64) -> u64 {
    let mut all = u128::from(word) << 64 | u128::from(before);
    let mut have = 1;
    while have < LENGTH {
        all &= all << have;
        have *= 2;
    }
    (all << 1 >> 64) as u64
}

/// What goes on to another value: in decimals, versions, UUIDs and addresses, and, where a value is written with colons, those as well.
fn joins(b: u8, colons: bool) -> bool {
    matches!(b, b'.' | b'-') || colons && b == b':'
}

/// Whether what stands before lets a value stand by itself: no letter, digit or star adjoins it, and no dot or dash that comes from another.
fn begins_alone(text: &[u8], start: usize, colons: bool) -> bool {
    let before = |n: usize| start.checked_sub(n).and_then(|i| text.get(i)).copied();
    let adjoins = before(1).is_some_and(|b| is_word(b) || b == b'*');
    let glued = before(1).is_some_and(|b| joins(b, colons))
        && before(2).is_some_and(|b| is_word(b) || colons && b == b':');
    !adjoins && !glued
}

/// The same of what stands behind; an at sign is the end of a name there.
fn ends_alone(text: &[u8], end: usize, colons: bool) -> bool {
    let after = |n: usize| text.get(end + n).copied();
    let adjoins = after(0).is_some_and(|b| is_word(b) || matches!(b, b'*' | b'@'));
    let glued = after(0).is_some_and(|b| joins(b, colons))
        && after(1).is_some_and(|b| is_word(b) || colons && b == b':');
    !adjoins && !glued
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_behind_cross_blocks() {
        let mut map = ByteMap::default();
        map.fill(&[b"x".repeat(60).as_slice(), b"  1234567890 "].concat());
        let [first, second] = map.blocks() else { return assert_eq!(map.blocks().len(), 2) };
        assert_eq!(behind(second.digit, first.digit, 8).leading_ones(), 10);
        assert_eq!(behind(first.word, 0, 60).leading_ones(), 60);
        assert_eq!(behind(second.word, first.word, 0), first.word);
        assert_eq!(behind(first.word, 0, 63) >> 61, 0b100);
    }
}
