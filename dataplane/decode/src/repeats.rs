//! Segments that a mirror shows twice.
//!
//! A mirror of several ports, or of both directions of one, shows a segment once for each port it passes: the same
//! segment to the bit, but for what routers and switches change (addresses and tags of the link, time to live, header
//! checksum). What a host sends again has a new identification, time stamp or acknowledgement, and comes later.

use crate::walk::Context;
use std::net::IpAddr;
use weir_wire::{TcpHeader, Timestamp};

/// Segments remembered; 32 KiB. Copies follow each other within a few frames.
const SLOTS: usize = 4096;
/// A tick is 2^20 ns, about a millisecond.
const TICK: u32 = 20;
/// Bits of a slot that hold the tick.
const TICKS: u64 = 0xfff;
/// How many ticks later a copy is still one.
const RECENT: u64 = 10;
/// Segments that are all looked at, after the start and after each repetition; else one in 16 is, so that a mirror that
/// shows each segment once costs next to nothing.
const WATCH: u32 = 1 << 16;
/// The bits of [`Marks::rest`] that are zero in one of 16: of the checksum, which is as good as random.
const SAMPLE: u64 = 15 << 16;

/// The segments of the last milliseconds, in a table of fixed size where the newest takes the place.
#[derive(Debug)]
pub(crate) struct Repeats {
    /// Upper bits of the segment's hash, and its tick.
    slots: Box<[u64; SLOTS]>,
    /// Keys of the hash.
    secret: [u64; 3],
    /// Segments that are still all looked at.
    watching: u32,
    /// Of those looked at, what of [`Marks::rest`] is zero: nothing need be while all are.
    sample: u64,
}

/// What of a segment stays the same on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks {
    /// Destination in 32 bits, port of the source, port of the destination.
    pub(crate) to: u64,
    /// Sequence and acknowledgement number.
    pub(crate) numbers: u64,
    /// Source in 32 bits, payload bytes on the wire in 16, IPv4 identification. IPv6 addresses are mixed into all of a word.
    pub(crate) from: u64,
    /// The header behind the numbers: flags, window, checksum.
    pub(crate) rest: u64,
}

impl Repeats {
    pub(crate) fn new(seed: u64) -> Self {
        let secret = [
            seed ^ 0x2436_f6a8_885a_308d,
            seed.rotate_left(32) ^ 0x1319_8a2e_0370_7344,
            seed ^ 0x4528_21e6_38d0_1377,
        ];
        Repeats { slots: Box::new([0; SLOTS]), secret, watching: WATCH, sample: 0 }
    }

    /// The marks of a segment that the walk found; `len`: payload bytes on the wire; `rest`: see [`Marks::rest`].
    pub(crate) fn marks(
        &self,
        context: &Context,
        ports: (u16, u16),
        tcp: &TcpHeader,
        rest: u64,
        len: u32,
    ) -> Marks {
        let [from, to] = [context.src, context.dst].map(|ip| match ip {
            IpAddr::V4(ip) => u64::from(u32::from(ip)) << 32,
            IpAddr::V6(ip) => {
                let bits = u128::from(ip);
                fold(bits as u64 ^ self.secret[0], (bits >> 64) as u64 ^ self.secret[1])
            }
        });
        Marks {
            to: to ^ (u64::from(ports.0) << 16 | u64::from(ports.1)),
            numbers: u64::from(tcp.seq) << 32 | u64::from(tcp.ack),
            from: from ^ u64::from(len) << 16 ^ u64::from(context.id),
            rest,
        }
    }

    /// Whether a segment was seen a moment ago. Remembers it.
    #[inline(always)]
    pub(crate) fn is_repeat(&mut self, marks: &Marks, time: Timestamp) -> bool {
        // The choice is by content, so that both copies are looked at or neither.
        marks.rest & self.sample == 0 && self.compare(marks, time)
    }

    #[inline(always)]
    fn compare(&mut self, marks: &Marks, time: Timestamp) -> bool {
        self.watching = self.watching.saturating_sub(1);
        if self.watching == 0 {
            self.sample = SAMPLE;
        }
        let hash = marks.hash(&self.secret);
        let tick = time.nanos() >> TICK & TICKS;
        let then = std::mem::replace(&mut self.slots[hash as usize % SLOTS], hash & !TICKS | tick);
        if (then ^ hash) & !TICKS != 0 {
            return false;
        }
        // A copy may bear a slightly earlier stamp, as ports have clocks of their own.
        let repeats = tick.wrapping_sub(then).wrapping_add(1) & TICKS <= RECENT + 1;
        if repeats {
            (self.watching, self.sample) = (WATCH, 0);
        }
        repeats
    }
}

impl Marks {
    #[inline(always)]
    fn hash(&self, secret: &[u64; 3]) -> u64 {
        let flow = fold(self.to ^ secret[0], self.numbers ^ secret[1]);
        fold(flow ^ self.from, self.rest ^ secret[2])
    }
}

/// Folded multiplication: both halves of the 128-bit product.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_wire::TcpFlags;

    fn ask(repeats: &mut Repeats, seq: u32, id: u16, checksum: u16, millis: u64) -> bool {
        let ip = IpAddr::from([192, 0, 2, 1]);
        let context = Context {
            src: ip,
            dst: ip,
            vlan: None,
            vni: None,
            tunnelled: false,
            budget: 0,
            id,
            mirrored: false,
        };
        let tcp = TcpHeader { seq, ack: 1, flags: TcpFlags(0x18), window: 9 };
        let marks = repeats.marks(&context, (1, 2), &tcp, u64::from(checksum) << 16, 100);
        repeats.is_repeat(&marks, Timestamp::from_nanos(millis * 1_000_000))
    }

    #[test]
    fn a_copy_is_known_for_some_milliseconds() {
        let mut r = Repeats::new(7);
        assert!(!ask(&mut r, 5, 1, 2, 100));
        assert!(ask(&mut r, 5, 1, 2, 100) && ask(&mut r, 5, 1, 2, 108), "a third copy too");
        assert!(!ask(&mut r, 5, 1, 2, 130), "later it is a retransmission");
        assert!(ask(&mut r, 5, 1, 2, 129), "clocks differ a little");
        assert!(!ask(&mut r, 5, 9, 2, 130) && !ask(&mut r, 6, 9, 2, 130) && !ask(&mut r, 6, 9, 3, 130));
    }

    #[test]
    fn without_repetitions_few_are_looked_at_until_one_is_found() {
        let mut r = Repeats::new(7);
        (0..WATCH).for_each(|n| assert!(!ask(&mut r, n, 1, 3, 50)));
        assert!(!ask(&mut r, 0, 1, 3, 60) && !ask(&mut r, 0, 1, 3, 60), "not looked at");
        assert!(!ask(&mut r, 1, 1, 16, 60) && ask(&mut r, 1, 1, 16, 60), "the sample finds it");
        assert!(!ask(&mut r, 2, 1, 3, 60) && ask(&mut r, 2, 1, 3, 60), "and all are looked at");
    }

    #[test]
    fn different_segments_do_not_meet() {
        let mut r = Repeats::new(1);
        let met = (0..200_000u32).filter(|n| ask(&mut r, n * 1448, *n as u16, (n * 7) as u16, 3)).count();
        assert_eq!(met, 0);
    }
}
