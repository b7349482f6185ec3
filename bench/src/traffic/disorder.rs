//! What networks and mirrors do to segments: late, twice, never, overlapping.

use crate::http::API_MIX;
use crate::mix::Mix;
use crate::rng::Rng;
use crate::workload::api;
use std::collections::VecDeque;
use weir_wire::Timestamp;

/// Shares of frames with payload.
#[derive(Clone, Copy, Debug)]
pub struct Disorder {
    /// Comes after up to three later frames of the same direction.
    pub late: f64,
    /// Comes twice.
    pub twice: f64,
    /// Never comes.
    pub lost: f64,
    /// Is sent again with a part of the segment before it.
    pub overlapping: f64,
}

/// W7.
pub const W7: Disorder = Disorder { late: 0.05, twice: 0.01, lost: 0.001, overlapping: 0.005 };
/// Only late, nothing missing: what reordering alone costs.
pub const LATE: Disorder = Disorder { late: 0.05, twice: 0.0, lost: 0.0, overlapping: 0.0 };

/// W1, disturbed. Frames keep the times at which they now come.
pub fn disturb(mix: &Mix, how: Disorder, mut each: impl FnMut(Timestamp, &[u8])) {
    let mut rng = Rng::new(mix.seed ^ 0xd150);
    let mut held: VecDeque<(Vec<u8>, u64)> = VecDeque::new();
    api(mix, &API_MIX, |time, frame| {
        if frame.len() <= 54 {
            each(time, frame);
        } else if rng.chance(how.lost) {
            // Gone.
        } else if rng.chance(how.late) {
            held.push_back((frame.to_vec(), 1 + rng.below(3)));
        } else {
            each(time, frame);
            if rng.chance(how.twice) {
                each(time, frame);
            }
            if rng.chance(how.overlapping) {
                each(time, &tail(frame));
            }
        }
        // A late frame follows others of its own direction, so that it is out of order and not merely slow.
        for (late, wait) in &mut held {
            if late[26..38] == frame[26..38] {
                *wait = wait.saturating_sub(1);
            }
        }
        while held.front().is_some_and(|(_, wait)| *wait == 0) || held.len() > 64 {
            if let Some((late, _)) = held.pop_front() {
                each(time, &late);
            }
        }
    });
    let end = Timestamp::from_nanos(crate::mix::START + 3_600_000_000_000);
    held.drain(..).for_each(|(late, _)| each(end, &late));
}

/// The second half of a frame's payload, sent once more.
fn tail(frame: &[u8]) -> Vec<u8> {
    let half = (frame.len() - 54) / 2;
    let mut f = frame[..54].to_vec();
    let length = (frame.len() - 14 - half) as u16;
    f[16..18].copy_from_slice(&length.to_be_bytes());
    let seq = u32::from_be_bytes([f[38], f[39], f[40], f[41]]).wrapping_add(half as u32);
    f[38..42].copy_from_slice(&seq.to_be_bytes());
    f.extend_from_slice(&frame[54 + half..]);
    f
}
