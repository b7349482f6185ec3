//! What bodies are made of: how often bytes and words of four bytes occur in a sample of JSON, HTML, scripts, heads, forms and prose. The
//! compiler estimates by it what a rule costs.

use super::Runs;
use crate::map::ByteMap;
use std::collections::HashMap;
use std::sync::LazyLock;

const SAMPLE: &str = include_str!("typical.txt");
/// Makes letters small; folds some other bytes as well.
const FOLD: u32 = 0x2020_2020;

/// The sample, counted.
pub(crate) struct Typical {
    words: HashMap<u32, u32>,
    /// How often each folded byte follows another.
    pairs: HashMap<[u8; 2], f64>,
    /// How often each folded byte stands.
    bytes: [f64; 256],
}

impl Typical {
    /// The one there is; counted when it is first needed.
    pub(crate) fn get() -> &'static Typical {
        static TYPICAL: LazyLock<Typical> = LazyLock::new(Typical::count);
        &TYPICAL
    }
    fn count() -> Typical {
        let text = SAMPLE.as_bytes();
        let mut out = Typical { words: HashMap::new(), pairs: HashMap::new(), bytes: [0.0; 256] };
        for b in text {
            out.bytes[usize::from(b | 0x20)] += 1.0;
        }
        for pair in text.windows(2) {
            *out.pairs.entry([pair[0] | 0x20, pair[1] | 0x20]).or_default() += 1.0;
        }
        for w in text.windows(4) {
            if let Some(w) = w.first_chunk() {
                *out.words.entry(u32::from_le_bytes(*w) | FOLD).or_default() += 1;
            }
        }
        out
    }
    /// How often a folded word of four bytes stands in 10,000 bytes.
    fn word(&self, word: u32) -> f64 {
        let seen = f64::from(self.words.get(&word).copied().unwrap_or(0));
        (seen + self.chance(&word.to_le_bytes())) * 1e4 / SAMPLE.len() as f64
    }
    /// How often folded bytes would stand in the sample if each depended on the one before alone.
    fn chance(&self, text: &[u8]) -> f64 {
        let first = text.first().map_or(0.0, |b| self.bytes[usize::from(*b)]);
        text.windows(2).fold(first, |chance, pair| {
            let seen = self.pairs.get(pair).copied().unwrap_or(0.0);
            chance * (seen + 0.01) / (self.bytes[usize::from(pair[0])] + 1.0)
        })
    }
    /// How often a literal stands in 10,000 bytes, at most: as often as its rarest word, or, of one shorter than a word, as chance has it.
    pub(crate) fn literal(&self, text: &[u8]) -> f64 {
        let words =
            text.windows(4).filter_map(|w| w.first_chunk()).map(|w| self.word(u32::from_le_bytes(*w) | FOLD));
        let folded: Vec<u8> = text.iter().map(|b| b | 0x20).collect();
        let chance = || self.chance(&folded) * 1e4 / SAMPLE.len() as f64;
        words.min_by(f64::total_cmp).unwrap_or_else(chance)
    }
    /// How many values the class-run pass finds in 10,000 bytes.
    pub(crate) fn numbers(&self, runs: &Runs) -> f64 {
        let mut map = ByteMap::default();
        map.fill(SAMPLE.as_bytes());
        let mut count = 0.0;
        runs.find(&map, SAMPLE.as_bytes(), |_, _, _| count += 1.0);
        count * 1e4 / SAMPLE.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_words_are_told_from_rare_ones() {
        let t = Typical::get();
        assert!(t.literal(b"\"name\":") > 0.5 && t.literal(b"class=\"") > 3.0);
        assert!(t.literal(b"AKIA") < 0.1 && t.literal("身份证".as_bytes()) < 0.1);
        assert!(t.literal(b"e") > 100.0 && t.literal(b"xq") < t.literal(b"\":"));
    }
}
