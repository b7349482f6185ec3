//! Bodies of the API mix and bodies made to hurt: few enough to stay in the cache, as a body does that was just decoded.

use weir_bench::body;
use weir_bench::rng::Rng;

/// Bodies of one kind.
pub struct Bodies(Vec<Vec<u8>>);

impl Bodies {
    /// W1: JSON of log-normal length, 3 % with personal data.
    pub fn mix() -> Bodies {
        Bodies::json(0.03)
    }
    fn json(share: f64) -> Bodies {
        let mut rng = Rng::new(46_796);
        let all = (0..150).map(|_| {
            let size = (rng.log_normal(1800.0, 1.0) as usize).clamp(64, 256 << 10);
            let personal = rng.chance(share);
            body::json(&mut rng, size, personal).into_bytes()
        });
        Bodies(all.collect())
    }
    /// Each kind with its name.
    pub fn all() -> Vec<(&'static str, Bodies)> {
        vec![("W1 bodies", Bodies::mix()), ("W1 bodies, all with personal data", Bodies::json(1.0))]
    }
    /// The bodies.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Their bytes.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}
