//! What is usual: a mean and a spread that follow slowly and that no outlier moves far.

use serde::{Deserialize, Serialize};

/// Share of a new figure in the mean, once enough were learned.
const WEIGHT: f64 = 1.0 / 64.0;
/// Least spread, as a part of the square root of the mean: counts scatter by themselves.
const SCATTER: f64 = 1.0;

/// Mean and variance of figures, newer ones counting more.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Baseline {
    learned: u32,
    mean: f64,
    variance: f64,
}

impl Baseline {
    /// Takes in a figure. What is far beyond the usual counts as only just beyond it, so that an outlier does not teach that it is usual.
    pub fn learn(&mut self, figure: f64) {
        let figure = match self.learned {
            0..=7 => figure,
            _ => figure.min(self.above(4.0).max(self.mean + 1.0)),
        };
        self.learned = self.learned.saturating_add(1);
        let weight = WEIGHT.max(1.0 / f64::from(self.learned));
        let off = figure - self.mean;
        self.mean += weight * off;
        self.variance = (1.0 - weight) * (self.variance + weight * off * off);
    }

    /// Figures learned.
    pub const fn learned(&self) -> u32 {
        self.learned
    }

    /// The mean.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// So many spreads above the mean.
    pub fn above(&self, spreads: f64) -> f64 {
        self.mean + spreads * self.variance.sqrt().max(SCATTER * self.mean.sqrt())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn learns_and_is_not_taught_by_outliers() {
        let mut b = Baseline::default();
        (0..100).for_each(|i| b.learn(if i % 2 == 0 { 9.0 } else { 11.0 }));
        assert!((9.5..10.5).contains(&b.mean()) && b.learned() == 100);
        assert!((20.0..25.0).contains(&b.above(4.0)), "{}", b.above(4.0));
        b.learn(1e9);
        assert!(b.mean() < 11.0, "{}", b.mean());
        assert_eq!(Baseline::default().above(4.0), 0.0);
    }
}
