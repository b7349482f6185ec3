//! W17, the soak: W1 without end, over an idle army where one is asked for, and what flat memory means.

use crate::http::API_MIX;
use crate::mix::{Mix, START, STEP};
use crate::pcap;
use crate::traffic::idle;
use crate::workload::api;
use std::io::{self, Write};

/// Packet time in which every connection of the army speaks once, in nanoseconds: less than the idle time of established flows.
pub const ROUND: u64 = 200_000_000_000;
/// Growth below which memory is flat however small it is: what an allocator keeps more at one moment than at another.
const NOISE: f64 = 2.0 * 1024.0 * 1024.0;

/// Writes the handshakes of `army` connections, then W1 until `out` fails, the army staying alive meanwhile.
///
/// # Errors
/// Always, in the end: what writing says once nobody reads.
pub fn endless(army: usize, out: &mut dyn Write) -> io::Result<()> {
    pcap::begin(out)?;
    let mut done = Ok(());
    let last = idle::handshakes(army, &mut |time, f| {
        if done.is_ok() {
            done = pcap::record(out, time.nanos(), f);
        }
    });
    done?;
    let mut words = KeepAlive { army, every: ROUND / STEP / army.max(1) as u64, next: 0, waited: 0 };
    // Each piece of the mix goes on where the one before ended, with other content.
    let mut begun = last.nanos() + STEP;
    for seed in 0.. {
        let (mut now, mut done) = (begun, Ok(()));
        api(&Mix { seed, ..Mix::of(PIECE) }, &API_MIX, |time, f| {
            if done.is_ok() {
                now = begun + (time.nanos() - START);
                done = words.between(now, out).and_then(|()| pcap::record(out, now, f));
            }
        });
        done?;
        begun = now + STEP;
    }
    Ok(())
}

/// Connections of a piece of W1: some 11 seconds, behind which those that used the same ports are forgotten.
const PIECE: usize = 40_000;

/// Lets the army speak in turn, one of it every so many frames.
struct KeepAlive {
    army: usize,
    every: u64,
    next: usize,
    waited: u64,
}

impl KeepAlive {
    fn between(&mut self, now: u64, out: &mut dyn Write) -> io::Result<()> {
        self.waited += 1;
        if self.army == 0 || self.waited < self.every {
            return Ok(());
        }
        self.waited = 0;
        pcap::record(out, now, &idle::keep_alive(self.next))?;
        self.next = (self.next + 1) % self.army;
        Ok(())
    }
}

/// Resident bytes at regular marks.
#[derive(Clone, Default, Debug)]
pub struct Marks(Vec<f64>);

impl Marks {
    /// One more.
    pub fn push(&mut self, resident: u64) {
        self.0.push(resident as f64);
    }

    /// Marks taken.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What memory did behind the warm-up, the first quarter of the marks, by the straight line that lies closest to the marks; `None` of
    /// fewer than eight marks.
    pub fn growth(&self) -> Option<Growth> {
        let warm = self.0.get(self.0.len() / 4..).filter(|_| self.0.len() >= 8)?;
        let n = warm.len() as f64;
        let (middle, mean) = ((n - 1.0) / 2.0, warm.iter().sum::<f64>() / n);
        let at = |i: usize| i as f64 - middle;
        let spread: f64 = (0..warm.len()).map(|i| at(i).powi(2)).sum();
        let slope = warm.iter().enumerate().map(|(i, v)| at(i) * (v - mean)).sum::<f64>() / spread;
        let off = |(i, v): (usize, &f64)| (v - mean - slope * at(i)).powi(2);
        let noise = warm.iter().enumerate().map(off).sum::<f64>() / (n - 2.0);
        Some(Growth {
            mean,
            rise: slope * (n - 1.0),
            error: (noise / spread).sqrt() * (n - 1.0),
            peak: warm.iter().copied().fold(0.0, f64::max),
        })
    }
}

/// Resident bytes behind the warm-up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Growth {
    /// On average.
    pub mean: f64,
    /// From the first mark to the last, along the line.
    pub rise: f64,
    /// Standard error of that: what the marks' scatter alone may make of it.
    pub error: f64,
    /// Most at any mark.
    pub peak: f64,
}

impl Growth {
    /// Whether memory is shown to be flat: it rises by at most 1 % or 2 MiB, and no mark lies a tenth above the mean. Where marks scatter so
    /// much that a rise is not told from them, nothing is shown.
    pub fn is_flat(&self) -> bool {
        (self.rise <= 0.01 * self.mean || self.rise <= NOISE) && self.peak <= 1.1 * self.mean + NOISE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_wire::Timestamp;

    const MIB: u64 = 1024 * 1024;

    fn marks(at: impl Fn(u64) -> u64) -> Marks {
        let mut marks = Marks::default();
        (0..40).for_each(|n| marks.push(at(n)));
        marks
    }

    #[test]
    fn a_leak_is_not_flat_and_noise_is() {
        let flat = |m: &Marks| m.growth().is_some_and(|g| g.is_flat());
        assert!(flat(&marks(|n| (200 + n % 2) * MIB)));
        assert!(flat(&marks(|n| (200 + n * 7 % 20) * MIB)), "bodies under way");
        assert!(flat(&marks(|n| (200 + if n < 10 { 10 * n } else { 100 }) * MIB)), "a warm-up");
        assert!(!flat(&marks(|n| 200 * MIB + n * 300 * 1024)), "300 KiB a mark");
        assert!(
            !flat(&marks(|n| (200 + n * 7 % 20) * MIB + n * 700 * 1024)),
            "a leak among bodies under way"
        );
        assert!(!flat(&marks(|n| if n == 30 { 300 } else { 200 } * MIB)), "a peak");
        assert!(Marks::default().growth().is_none());
    }

    /// A pipe whose reader goes after so many bytes.
    struct Closing(usize, Vec<u8>);

    impl Write for Closing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.0 -= bytes.len();
            self.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_ends_when_nobody_reads_and_time_never_goes_back() {
        let mut out = Closing(4 << 20, Vec::new());
        assert!(endless(100, &mut out).is_err());
        let (mut at, mut last, mut small) = (24, Timestamp::default(), 0);
        let word = |at: usize| out.1.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        while let (Some(secs), Some(nanos), Some(len)) = (word(at), word(at + 4), word(at + 8)) {
            let time = Timestamp::from_nanos(u64::from(secs) * 1_000_000_000 + u64::from(nanos));
            assert!(time >= last);
            (last, small) = (time, small + u32::from(len == 54));
            at += 16 + len as usize;
        }
        assert!(small > 300, "the army's handshakes");
    }
}
