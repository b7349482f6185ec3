//! Literals of six bytes and more, found by four bytes of theirs at every fourth place of a text.
//!
//! Wherever a literal of seven bytes stands, one of the four-byte words that begin at multiples of four lies within any seven bytes of it. So a text
//! is looked at word by word: each is hashed into a table of bits, and where a bit is set, the literals that hold this word are compared. The
//! seven bytes of a literal are chosen to be rare in what bodies are made of; those of six are found in the same pass by three bytes. It pays up to some
//! hundreds of literals; at ten thousand, Hyperscan alone over the same literals is several times faster (`--bench sweep`).

use super::sixes::{self, Sixes};
use super::typical::Typical;
use crate::map::with_bit_counts;

/// Shortest literal that is found this way, in bytes.
pub(crate) const MIN_LITERAL: usize = sixes::LENGTH;
/// Shortest of those that four bytes find.
const MIN_WORDS: usize = 7;
/// Bytes of a word.
const WORD: usize = 4;
/// Bits of a table for few literals and of one for many.
const FEW: u32 = 17;
const MANY: u32 = 20;
/// Most words in a table for few.
const MAX_FEW: usize = 1 << 13;
/// Makes letters small; folds some other bytes as well, which the comparison puts right.
const FOLD: u32 = 0x2020_2020;
pub(super) const FOLD_BYTE: u8 = 0x20;
const FACTOR: u32 = 0x9e37_79b1;

/// A literal to be found.
pub(crate) struct Wanted<'a> {
    /// In small letters where case does not matter.
    pub text: &'a [u8],
    pub caseless: bool,
    /// Its number in hits.
    pub number: u32,
    /// Which scopes look for it, one bit each.
    pub scopes: u8,
}

/// Where a word stands in a literal, and what else is compared before the literal itself is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Index of the literal.
    literal: u32,
    /// The literal's first and last word.
    ends: [u32; 2],
    length: u32,
    /// Bytes of the literal before the word.
    offset: u16,
    scopes: u8,
}

/// A literal.
#[derive(Debug)]
struct Literal {
    text: Box<[u8]>,
    caseless: bool,
    number: u32,
}

/// The table.
#[derive(Default, Debug)]
pub(crate) struct Grams {
    literals: Vec<Literal>,
    few: Option<Box<[u64; 1 << (FEW - 6)]>>,
    many: Option<Box<[u64; 1 << (MANY - 6)]>>,
    /// Words by hash; a power of two of slots, at most half of them taken.
    words: Vec<u32>,
    /// The places of the word in the same slot: from, to; nothing where there is none.
    slots: Vec<(u32, u32)>,
    places: Vec<Place>,
    sixes: Option<Sixes>,
}

fn word_at(text: &[u8], at: usize) -> Option<u32> {
    text.get(at..)?.first_chunk::<WORD>().map(|w| u32::from_le_bytes(*w) | FOLD)
}

impl Grams {
    /// Of literals of at least [`MIN_LITERAL`] bytes, or, without `sixes`, of more; shorter ones are left out.
    pub(crate) fn new(wanted: &[Wanted<'_>], sixes: bool) -> Grams {
        let mut all: Vec<(u32, Place)> = Vec::with_capacity(wanted.len() * WORD);
        let mut taken = std::collections::HashMap::new();
        let mut out = Grams { sixes: sixes.then(|| Sixes::new(wanted)).flatten(), ..Grams::default() };
        let typical = Typical::get();
        for w in wanted.iter().filter(|w| w.text.len() >= MIN_WORDS) {
            let literal = out.literals.len() as u32;
            // Words that many literals share cost as many comparisons each time.
            let cost = |at: usize| {
                let words = (at..at + WORD).filter_map(|i| word_at(w.text, i));
                words
                    .map(|w| typical.word(w) + f64::from(taken.get(&w).copied().unwrap_or(0u32)) / 8.0)
                    .sum::<f64>()
            };
            let starts = 0..=w.text.len() - MIN_WORDS;
            let best = starts.min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(0);
            let length = w.text.len() as u32;
            let ends = [0, w.text.len() - WORD].map(|at| word_at(w.text, at).unwrap_or(0));
            for offset in best..best + WORD {
                if let Some(word) = word_at(w.text, offset) {
                    *taken.entry(word).or_default() += 1;
                    let offset = offset as u16;
                    all.push((word, Place { literal, ends, length, offset, scopes: w.scopes }));
                }
            }
            out.literals.push(Literal { text: w.text.into(), caseless: w.caseless, number: w.number });
        }
        all.sort_by_key(|(word, place)| (*word, place.literal, place.offset));
        out.index(&all);
        out
    }
    fn index(&mut self, all: &[(u32, Place)]) {
        self.slots = vec![(0, 0); (2 * all.len()).next_power_of_two().max(2)];
        self.words = vec![0; self.slots.len()];
        let mut few = Box::new([0; 1 << (FEW - 6)]);
        let mut many = Box::new([0; 1 << (MANY - 6)]);
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let Some((word, _)) = same.first() else { continue };
            let first = self.places.len() as u32;
            self.places.extend(same.iter().map(|(_, place)| *place));
            let mut slot = self.slot(*word);
            while self.slots[slot].1 != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.words[slot] = *word;
            self.slots[slot] = (first, self.places.len() as u32);
            set(&mut few[..], hash::<FEW>(*word));
            set(&mut many[..], hash::<MANY>(*word));
        }
        if all.len() <= MAX_FEW { self.few = Some(few) } else { self.many = Some(many) }
    }
    fn slot(&self, word: u32) -> usize {
        (word.wrapping_mul(FACTOR) >> 7) as usize & (self.slots.len() - 1)
    }
    /// How many literals there are.
    pub(crate) fn len(&self) -> usize {
        self.literals.len() + self.sixes.as_ref().map_or(0, Sixes::len)
    }
    /// Appends end and number of every literal in `text` that one of `scopes` looks for; each once, not sorted.
    pub(crate) fn find(&self, text: &[u8], scopes: u8, hits: &mut Vec<(u32, u32)>) {
        with_bit_counts(
            #[inline(always)]
            || match (&self.few, &self.many, &self.sixes) {
                (Some(bits), _, None) => {
                    self.find_by::<FEW, { 1 << (FEW - 6) }>(bits, text, |_| 0, scopes, hits)
                }
                (Some(bits), _, Some(sixes)) => {
                    self.find_by::<FEW, { 1 << (FEW - 6) }>(bits, text, |w| sixes.test(w), scopes, hits);
                }
                (_, Some(bits), None) => {
                    self.find_by::<MANY, { 1 << (MANY - 6) }>(bits, text, |_| 0, scopes, hits);
                }
                (_, Some(bits), Some(sixes)) => {
                    self.find_by::<MANY, { 1 << (MANY - 6) }>(bits, text, |w| sixes.test(w), scopes, hits);
                }
                (None, None, _) => {}
            },
        );
    }
    #[inline(always)]
    fn find_by<const BITS: u32, const LEN: usize>(
        &self,
        bits: &[u64; LEN],
        text: &[u8],
        six: impl Fn(u32) -> u64,
        scopes: u8,
        hits: &mut Vec<(u32, u32)>,
    ) {
        const STEP: usize = 16;
        let (words, last) = text.as_chunks::<WORD>();
        let (steps, rest) = words.as_chunks::<STEP>();
        let test = |w: &[u8; WORD]| {
            let word = u32::from_le_bytes(*w) | FOLD;
            let h = hash::<BITS>(word);
            bits[h >> 6] >> (h & 63) & 1 | six(word)
        };
        for (n, step) in steps.iter().enumerate() {
            let mut set = 0u64;
            for (i, w) in step.iter().enumerate() {
                set |= test(w) << i;
            }
            while set != 0 {
                self.compare(text, (n * STEP + set.trailing_zeros() as usize) * WORD, scopes, hits);
                set &= set - 1;
            }
        }
        for (i, w) in rest.iter().enumerate() {
            if test(w) != 0 {
                self.compare(text, (steps.len() * STEP + i) * WORD, scopes, hits);
            }
        }
        // Three bytes at the end are no word, but may be the last of six.
        if let [a, b, c] = *last
            && six(u32::from_le_bytes([a, b, c, 0]) | FOLD) != 0
        {
            self.compare(text, words.len() * WORD, scopes, hits);
        }
    }
    /// Compares the literals that hold the word at `at`.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, scopes: u8, hits: &mut Vec<(u32, u32)>) {
        if let Some(sixes) = &self.sixes {
            sixes.compare(text, at, scopes, hits);
        }
        let Some(word) = word_at(text, at) else { return };
        let mut slot = self.slot(word);
        // An empty slot holds the word 0, which no folded word is.
        while self.words[slot] != word {
            if self.words[slot] == 0 {
                return;
            }
            slot = (slot + 1) & (self.words.len() - 1);
        }
        let (first, end) = self.slots[slot];
        for place in &self.places[first as usize..end as usize] {
            if place.scopes & scopes == 0 {
                continue;
            }
            let Some(start) = at.checked_sub(usize::from(place.offset)) else { continue };
            let Some(here) = text.get(start..start + place.length as usize) else { continue };
            if [0, here.len() - WORD].map(|at| word_at(here, at)) != place.ends.map(Some) {
                continue;
            }
            let literal = &self.literals[place.literal as usize];
            let same = if literal.caseless {
                here.eq_ignore_ascii_case(&literal.text)
            } else {
                *here == *literal.text
            };
            if same {
                hits.push(((start + here.len()) as u32, literal.number));
            }
        }
    }
}

#[inline(always)]
fn hash<const BITS: u32>(word: u32) -> usize {
    (word.wrapping_mul(FACTOR) >> (32 - BITS)) as usize
}

fn set(bits: &mut [u64], at: usize) {
    bits[at >> 6] |= 1 << (at & 63);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXTS: [(&str, bool, u8); 10] = [
        ("无权", false, 1),
        ("system", true, 2),
        ("ababab", false, 3),
        ("aaaaaaa", false, 1),
        ("abababab", false, 1),
        ("invalid password", true, 2),
        ("java.lang.", false, 3),
        ("身份验证失败", false, 1),
        ("babababa", true, 1),
        ("short", false, 1),
    ];

    fn grams() -> Grams {
        let wanted: Vec<Wanted<'_>> = (0..)
            .zip(&TEXTS)
            .map(|(number, (t, caseless, scopes))| Wanted {
                text: t.as_bytes(),
                caseless: *caseless,
                number,
                scopes: *scopes,
            })
            .collect();
        Grams::new(&wanted, true)
    }

    fn naive(text: &[u8], scopes: u8) -> Vec<(u32, u32)> {
        let mut all = Vec::new();
        for (number, (t, caseless, s)) in (0..).zip(&TEXTS) {
            for (i, w) in text.windows(t.len()).enumerate() {
                let same = if *caseless { w.eq_ignore_ascii_case(t.as_bytes()) } else { w == t.as_bytes() };
                if same && t.len() >= MIN_LITERAL && s & scopes != 0 {
                    all.push(((i + t.len()) as u32, number));
                }
            }
        }
        all.sort_unstable();
        all
    }

    proptest! {
        #[test]
        fn finds_each_once(text in "(?:[ab]{1,30}|无权|权|SYSTEM|System|Invalid PassWORD|java\\.lang\\.|身份验证失败|short| ){0,12}", scopes in 0u8..4) {
            let mut hits = Vec::new();
            grams().find(text.as_bytes(), scopes, &mut hits);
            hits.sort_unstable();
            prop_assert_eq!(hits, naive(text.as_bytes(), scopes));
        }
    }

    #[test]
    fn many_are_found_like_few() {
        let texts: Vec<String> = (0..6_000).map(|i| format!("keyword-{}", i * 7919)).collect();
        let wanted: Vec<Wanted<'_>> = (0..)
            .zip(&texts)
            .map(|(number, t)| Wanted { text: t.as_bytes(), caseless: false, number, scopes: 1 })
            .collect();
        let grams = Grams::new(&wanted, true);
        assert!(grams.many.is_some() && grams.len() == 6_000);
        for (i, t) in texts.iter().enumerate().step_by(97) {
            let text = format!("{}{t} ", "x".repeat(i % 9));
            let mut hits = Vec::new();
            grams.find(text.as_bytes(), 1, &mut hits);
            assert!(hits.contains(&((i % 9 + t.len()) as u32, i as u32)), "{t}");
        }
    }
}
