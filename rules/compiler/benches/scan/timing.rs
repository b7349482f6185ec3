//! Thread CPU time, kernels interleaved, medians.

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

/// CPU seconds that `work` took of this thread.
pub fn timed(work: impl FnOnce()) -> f64 {
    let now = || {
        let t = clock_gettime(ClockId::ThreadCPUTime);
        t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
    };
    let start = now();
    work();
    now() - start
}

/// Runs kernels `0..count` in turn, `passes` times; the median CPU seconds of each.
pub fn interleaved(passes: usize, count: usize, mut run: impl FnMut(usize)) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(passes); count];
    for _ in 0..passes {
        for (kernel, times) in times.iter_mut().enumerate() {
            times.push(timed(|| run(kernel)));
        }
    }
    times
        .into_iter()
        .map(|mut t| {
            t.sort_by(f64::total_cmp);
            t[t.len() / 2]
        })
        .collect()
}

/// Copies in L1 several times: worst over best says how much of the machine this run had.
pub fn control() -> f64 {
    let (from, mut to) = (vec![1u8; 16 << 10], vec![0u8; 16 << 10]);
    let times: Vec<f64> = (0..7)
        .map(|_| {
            timed(|| {
                for _ in 0..2_000 {
                    to.copy_from_slice(black_box(&from));
                    black_box(&mut to);
                }
            })
        })
        .collect();
    times.iter().cloned().fold(0.0, f64::max) / times.iter().cloned().fold(f64::MAX, f64::min)
}
