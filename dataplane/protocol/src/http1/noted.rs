//! A set of anomalies.

use weir_exchange::Anomaly;

/// Anomalies met while reading one head, each at most once.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Noted(u32);

impl Noted {
    /// Adds one.
    pub fn add(&mut self, anomaly: Anomaly) {
        self.0 |= 1 << anomaly as u32;
    }
    /// Whether it is there.
    pub fn has(self, anomaly: Anomaly) -> bool {
        self.0 & (1 << anomaly as u32) != 0
    }
    /// In the order of the enum.
    pub fn iter(self) -> impl Iterator<Item = Anomaly> {
        Anomaly::ALL.iter().copied().filter(move |a| self.0 != 0 && self.has(*a))
    }
}
