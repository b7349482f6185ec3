//! What a day usually brings, by sort of day: working days and days off are told apart by the working calendar, so that a day worked to
//! make up for a holiday (调休) counts as what it is.

use serde::{Deserialize, Serialize};

/// Days remembered of each sort: what is older no longer counts.
const WORKING: usize = 20;
const OFF: usize = 12;
/// Days of a sort from which a key's own are believed.
pub(crate) const ENOUGH: usize = 5;
/// Makes a median absolute deviation a standard deviation, where figures are normal.
const NORMAL: f64 = 1.4826;
/// Spreads above the usual that a day is learned as at most, so that an anomaly does not become the norm.
const LEARNED: f64 = 4.0;

/// The figures of the last days, 68 bytes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Days {
    working: [u16; WORKING],
    off: [u16; OFF],
    /// Days learned of each sort; a day's place is its number modulo the size.
    learned: [u16; 2],
}

impl Default for Days {
    fn default() -> Self {
        Days { working: [0; WORKING], off: [0; OFF], learned: [0; 2] }
    }
}

/// What is usual of a day.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Usual {
    /// The median.
    pub median: f64,
    /// A robust standard deviation: by the median absolute deviation, but no less than counts scatter by themselves.
    pub spread: f64,
    /// Days it rests on.
    pub days: usize,
}

impl Usual {
    /// How many spreads a figure is above the usual, the usual being `factor` times what it is on other days.
    pub fn above(&self, figure: f64, factor: f64) -> f64 {
        (figure - self.median * factor) / (self.spread * factor.max(1.0))
    }
}

impl Days {
    /// Takes in a day of a sort.
    pub fn learn(&mut self, figure: u32, works: bool) {
        let usual = self.usual(works);
        let most = match usual.days >= ENOUGH {
            true => usual.median + LEARNED * usual.spread,
            false => f64::from(u16::MAX),
        };
        let figure = f64::from(figure).min(most).min(f64::from(u16::MAX)) as u16;
        let kept: &mut [u16] = if works { &mut self.working } else { &mut self.off };
        let n = &mut self.learned[usize::from(!works)];
        let size = kept.len();
        kept[usize::from(*n) % size] = figure;
        // Both sizes divide sixty, so that the ring goes on where it was.
        *n = if *n == 60_000 { 61 } else { *n + 1 };
    }

    /// What is usual of days of a sort.
    pub fn usual(&self, works: bool) -> Usual {
        let kept: &[u16] = if works { &self.working } else { &self.off };
        let days = usize::from(self.learned[usize::from(!works)]).min(kept.len());
        let mut figures: Vec<f64> = kept[..days].iter().map(|f| f64::from(*f)).collect();
        let middle = median(&mut figures);
        let mut off: Vec<f64> = figures.iter().map(|f| (f - middle).abs()).collect();
        let spread = (NORMAL * median(&mut off)).max(middle.sqrt()).max(1.0);
        Usual { median: middle, spread, days }
    }
}

/// The median; 0 of nothing. Of an even number the upper of the two in the middle.
pub(crate) fn median(figures: &mut [f64]) -> f64 {
    let middle = figures.len() / 2;
    if figures.is_empty() {
        return 0.0;
    }
    *figures.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn tells_sorts_of_days_apart_and_is_not_taught_by_outliers() {
        let mut d = Days::default();
        for n in 0..30 {
            d.learn(if n % 2 == 0 { 40 } else { 44 }, true);
            d.learn(3, false);
        }
        let usual = d.usual(true);
        assert_eq!((usual.median, usual.days, d.usual(false).median), (44.0, WORKING, 3.0));
        assert!(usual.above(100.0, 1.0) > 6.0 && usual.above(100.0, 2.0) < 2.0);
        (0..5).for_each(|_| d.learn(60_000, true));
        assert!(d.usual(true).median <= 44.0, "{:?}", d.usual(true));
    }

    #[test]
    fn goes_on_for_years() {
        let mut d = Days::default();
        (0..70_000).for_each(|_| d.learn(7, true));
        assert_eq!((d.usual(true).median, d.usual(true).days), (7.0, WORKING));
    }
}
