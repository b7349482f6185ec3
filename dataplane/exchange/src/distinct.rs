//! How many different values there were.

use crate::Fingerprint;
use serde::{Deserialize, Serialize};

/// Fingerprints kept by themselves: up to so many the count is exact.
const EXACT: usize = 1_024;
/// Registers have numbers of so many bits.
const BITS: u32 = 11;
const REGISTERS: usize = 1 << BITS;
/// Highest value of a register.
const HIGHEST: usize = 64 - BITS as usize + 1;

/// A set of fingerprints that only tells how many there are: exact up to 1,024, beyond by a HyperLogLog sketch of 2,048 registers
/// (2 KiB; standard error 1.04 / sqrt(2048) = 2.3 %), estimated as O. Ertl, "New cardinality estimation algorithms for HyperLogLog
/// sketches" (arXiv:1702.01284, algorithm 6). Sets unite, in any order, to what one set of all values would be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Distinct {
    /// The fingerprints, sorted, each once.
    Exact(Vec<Fingerprint>),
    /// More than so many.
    Sketch(Box<Sketch>),
}

/// A sketch of a set. Its registers tell all of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "Vec<u8>", try_from = "Vec<u8>")]
pub struct Sketch {
    /// Of each class of fingerprints, the longest run of zero bits met, plus one.
    registers: [u8; REGISTERS],
    /// How many registers have each value, so that an estimate need not look at all of them.
    of: [u16; HIGHEST + 1],
}

impl Sketch {
    fn new() -> Self {
        let mut of = [0; HIGHEST + 1];
        of[0] = REGISTERS as u16;
        Sketch { registers: [0; REGISTERS], of }
    }
    fn raise(&mut self, at: usize, run: u8) {
        let was = self.registers[at];
        if run > was {
            self.registers[at] = run;
            self.of[usize::from(was)] -= 1;
            self.of[usize::from(run)] += 1;
        }
    }
    /// Notes a value. Fingerprints are keyed, so nobody outside can choose registers; they are mixed once more (SplitMix64) all the same,
    /// as the estimate rests on bits that are even.
    fn add(&mut self, value: Fingerprint) {
        let mut z = value.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let run = ((z << BITS).leading_zeros() as usize + 1).min(HIGHEST) as u8;
        self.raise((z >> (64 - BITS)) as usize, run);
    }
    fn estimate(&self) -> u64 {
        let m = REGISTERS as f64;
        let of = |value: usize| f64::from(self.of[value]);
        let mut z = m * tau(1.0 - of(HIGHEST) / m);
        for value in (1..HIGHEST).rev() {
            z = 0.5 * (z + of(value));
        }
        z += m * sigma(of(0) / m);
        let estimate = m * m / (2.0 * std::f64::consts::LN_2 * z);
        if estimate.is_finite() { estimate.round() as u64 } else { 0 }
    }
}

impl From<Sketch> for Vec<u8> {
    fn from(sketch: Sketch) -> Vec<u8> {
        sketch.registers.into()
    }
}

impl TryFrom<Vec<u8>> for Sketch {
    type Error = &'static str;
    fn try_from(registers: Vec<u8>) -> Result<Sketch, &'static str> {
        let mut sketch = Sketch::new();
        if registers.len() != REGISTERS || registers.iter().any(|run| usize::from(*run) > HIGHEST) {
            return Err("not the registers of a sketch");
        }
        registers.iter().enumerate().for_each(|(at, run)| sketch.raise(at, *run));
        Ok(sketch)
    }
}

impl Default for Distinct {
    fn default() -> Self {
        Distinct::Exact(Vec::new())
    }
}

impl Distinct {
    /// Adds a value.
    pub fn add(&mut self, value: Fingerprint) {
        match self {
            Distinct::Exact(all) => {
                if let Err(at) = all.binary_search(&value) {
                    all.insert(at, value);
                }
                if all.len() > EXACT {
                    self.roughen();
                }
            }
            Distinct::Sketch(sketch) => sketch.add(value),
        }
    }
    /// Adds all values of another set.
    pub fn unite(&mut self, other: &Distinct) {
        match other {
            Distinct::Exact(all) => all.iter().for_each(|v| self.add(*v)),
            Distinct::Sketch(theirs) => {
                self.roughen();
                if let Distinct::Sketch(mine) = self {
                    theirs.registers.iter().enumerate().for_each(|(at, run)| mine.raise(at, *run));
                }
            }
        }
    }
    /// How many; an estimate where it is not [exact](Self::is_exact).
    pub fn count(&self) -> u64 {
        match self {
            Distinct::Exact(all) => all.len() as u64,
            Distinct::Sketch(sketch) => sketch.estimate(),
        }
    }
    /// Whether there are so many, which takes no estimate where few are asked for: a sketch has more than 1,024.
    pub fn is_at_least(&self, least: u64) -> bool {
        match self {
            Distinct::Exact(all) => all.len() as u64 >= least,
            Distinct::Sketch(sketch) => least <= EXACT as u64 || sketch.estimate() >= least,
        }
    }
    /// Whether the count is exact.
    pub const fn is_exact(&self) -> bool {
        matches!(self, Distinct::Exact(_))
    }
    fn roughen(&mut self) {
        if let Distinct::Exact(all) = self {
            let mut sketch = Box::new(Sketch::new());
            all.iter().for_each(|v| sketch.add(*v));
            *self = Distinct::Sketch(sketch);
        }
    }
}

/// x + sum of x^(2^k) * 2^(k-1), the part of registers never met.
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

/// The part of registers at their highest.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Distinct {
        let mut d = Distinct::default();
        values.into_iter().for_each(|v| d.add(Fingerprint(v)));
        d
    }

    #[test]
    fn is_exact_for_few() {
        let d = of((0..EXACT as u64).chain(0..EXACT as u64));
        assert!(d.is_exact() && d.count() == EXACT as u64);
        assert!(!of(0..=EXACT as u64).is_exact());
        assert!(of(0..20).is_at_least(20) && !of(0..20).is_at_least(21) && of(0..=1_024).is_at_least(1_024));
        assert!(of(0..20_000).is_at_least(18_000) && !of(0..20_000).is_at_least(22_000));
        assert_eq!(Distinct::default().count(), 0);
    }

    #[test]
    fn estimates_many_within_four_standard_errors() {
        for n in [1_025, 1_300, 2_000, 4_812, 5_120, 20_000, 200_000, 1_000_000] {
            for salt in 0..3u64 {
                let counted = of((0..n).map(|v| v ^ salt << 40)).count() as f64;
                assert!((counted / n as f64 - 1.0).abs() < 4.0 * 0.023, "{n}: {counted}");
            }
        }
    }

    #[test]
    fn unites_to_the_set_of_all_in_any_order() {
        for (a, b) in [(0..100, 50..150), (0..800, 400..1_600), (0..9_000, 5_000..20_000), (0..9_000, 0..3)] {
            let all = of(a.clone().chain(b.clone()));
            let (mut left, mut right) = (of(a.clone()), of(b.clone()));
            left.unite(&of(b));
            right.unite(&of(a));
            assert_eq!(left, all);
            assert_eq!(right, all);
        }
    }
}
