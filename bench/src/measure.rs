//! Measuring by the rules: CPU time of the thread, A and B interleaved in one run, medians, control kernels beside them.

use crate::rng::Rng;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

/// Passes over which medians are taken where nothing else is said.
pub const PASSES: usize = 7;

/// CPU seconds of this thread.
pub fn cpu() -> f64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

/// CPU seconds of `work`.
pub fn timed(work: impl FnOnce()) -> f64 {
    let start = cpu();
    work();
    cpu() - start
}

/// The middle value; 0 of none.
pub fn median(mut v: Vec<f64>) -> f64 {
    v.sort_by(f64::total_cmp);
    v.get(v.len() / 2).copied().unwrap_or(0.0)
}

/// Medians of several works, each pass running all of them in turn, so that what the machine does to one it does to all.
/// Each returns a figure that depends on its work.
pub fn interleaved(passes: usize, works: &mut [&mut dyn FnMut() -> u64]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(passes); works.len()];
    for _ in 0..passes {
        for (work, times) in works.iter_mut().zip(&mut times) {
            times.push(timed(|| {
                black_box(work());
            }));
        }
    }
    times.into_iter().map(median).collect()
}

/// Bits a second, in 10^9.
pub fn gbits(bytes: u64, seconds: f64) -> f64 {
    bytes as f64 * 8.0 / seconds.max(1e-9) / 1e9
}

/// Kernels that never change: how fast they ran says how much of the machine a measurement had.
pub struct Controls {
    table: Vec<u64>,
    copies: Vec<f64>,
    probes: Vec<f64>,
}

/// Slots of the probed table: 64 MiB, beyond any cache.
const SLOTS: usize = 8 << 20;

impl Default for Controls {
    fn default() -> Self {
        let mut rng = Rng::new(1);
        let table = (0..SLOTS).map(|_| rng.bits()).collect();
        Controls { table, copies: Vec::new(), probes: Vec::new() }
    }
}

impl Controls {
    /// Runs them once.
    pub fn run(&mut self) {
        self.copies.push(timed(|| copy(10_000)));
        let table = &self.table;
        self.probes.push(timed(|| {
            black_box(probe(table, 400_000));
        }));
    }
    /// Worst over best, by kernel: copying in the first-level cache, dependent probes of 8 million slots.
    pub fn spread(&self) -> [(&'static str, f64); 2] {
        let spread = |v: &[f64]| {
            let (best, worst) = v.iter().fold((f64::MAX, 0f64), |(b, w), t| (b.min(*t), w.max(*t)));
            if v.is_empty() { 1.0 } else { worst / best }
        };
        [("copy", spread(&self.copies)), ("probe", spread(&self.probes))]
    }
}

fn copy(times: usize) {
    let (from, mut to) = (vec![1u8; 16 << 10], vec![0u8; 16 << 10]);
    for _ in 0..times {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    }
}

fn probe(table: &[u64], times: usize) -> u64 {
    (0..times).fold(7, |at: u64, n| table[(at as usize) % table.len()].wrapping_add(n as u64))
}
