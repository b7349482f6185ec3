//! The class-run pass: one walk over the bytes that finds runs of letters and digits and compares the shapes that can begin with such a run.
//!
//! The walk is the only loop over every byte and knows nothing of types: it can be replaced by one that classifies 64 bytes at a time
//! without touching the tables.

use super::shape::{MAX_RUN, Shape};

/// Class of digits.
const DIGIT: u8 = 1;
/// Class of ASCII letters.
const LETTER: u8 = 2;
/// Class of the underscore: part of words, never of values.
const UNDERSCORE: u8 = 4;

const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            b'_' => UNDERSCORE,
            _ => 0,
        };
        b += 1;
    }
    table
};

/// Whether a byte belongs to words: letters, digits, underscore. Bytes of Chinese characters do not.
#[inline]
pub(crate) fn is_word(b: u8) -> bool {
    CLASS[usize::from(b)] != 0
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
}

impl Default for Runs {
    fn default() -> Self {
        Runs { shapes: Vec::new(), buckets: std::array::from_fn(|_| vec![Vec::new(); MAX_RUN + 1]) }
    }
}

impl Runs {
    /// Adds a shape of a data type.
    pub(crate) fn add(&mut self, shape: &Shape, owner: u16) {
        let Ok(number) = u16::try_from(self.shapes.len()) else { return };
        for n in 1..=MAX_RUN {
            if shape.run_lengths >> n & 1 == 1 {
                for (kind, fits) in
                    [(0, shape.digits), (1, shape.letters), (2, shape.digits || shape.letters || n > 1)]
                {
                    if fits {
                        self.buckets[kind][n].push(number);
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

    /// Calls `found` with the type, start and end of every shape in `text` that stands by itself.
    pub(crate) fn find(&self, text: &[u8], mut found: impl FnMut(u16, usize, usize)) {
        let mut i = 0;
        while i < text.len() {
            if !is_word(text[i]) {
                i += 1;
                continue;
            }
            let start = i;
            let mut kinds = 0;
            while let Some(class @ 1..) = text.get(i).map(|b| CLASS[usize::from(*b)]) {
                kinds |= class;
                i += 1;
            }
            let bucket = match kinds {
                DIGIT => 0,
                LETTER => 1,
                k if k == DIGIT | LETTER => 2,
                _ => continue,
            };
            let Some(numbers) = self.buckets[bucket].get(i - start) else { continue };
            for number in numbers {
                let entry = &self.shapes[usize::from(*number)];
                if let Some(end) = entry.shape.match_at(text, start)
                    && stands_alone(text, start, end, entry.shape.colons)
                {
                    found(entry.owner, start, end);
                }
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
