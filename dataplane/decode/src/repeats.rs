//! Segments that a mirror shows twice.
//!
//! A mirror of several ports, or of both directions of one, shows a segment once for each port it passes: the same
//! segment to the bit, but for what routers and switches change (addresses and tags of the link, time to live, header
//! checksum). What a host sends again has a new identification, time stamp or acknowledgement, and comes later.

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

/// The segments of the last milliseconds, in a table of fixed size where the newest takes the place.
#[derive(Debug)]
pub(crate) struct Repeats {
    /// Upper bits of the segment's hash, and its tick.
    slots: Box<[u64]>,
    seed: u64,
    watching: u32,
}

/// What of a segment stays the same on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
    /// IPv4 identification.
    pub(crate) id: u16,
    pub(crate) ports: (u16, u16),
    pub(crate) tcp: &'a TcpHeader,
    pub(crate) checksum: u16,
    /// Payload bytes on the wire.
    pub(crate) len: u32,
}

impl Repeats {
    pub(crate) fn new(seed: u64) -> Self {
        Repeats { slots: vec![0; SLOTS].into(), seed, watching: WATCH }
    }

    /// Whether `segment` was seen a moment ago. Remembers it.
    #[inline(always)]
    pub(crate) fn is_repeat(&mut self, segment: &Segment<'_>, time: Timestamp) -> bool {
        // The choice is by content, so that both copies are looked at or neither.
        (self.watching > 0 || segment.checksum & 15 == 0) && self.compare(segment, time)
    }

    #[inline(never)]
    fn compare(&mut self, segment: &Segment<'_>, time: Timestamp) -> bool {
        self.watching = self.watching.saturating_sub(1);
        let hash = segment.hash(self.seed);
        let tick = time.nanos() >> TICK & TICKS;
        let Some(slot) = self.slots.get_mut(hash as usize % SLOTS) else { return false };
        let then = std::mem::replace(slot, hash & !TICKS | tick);
        // A copy may bear a slightly earlier stamp, as ports have clocks of their own.
        let age = tick.wrapping_sub(then).wrapping_add(1) & TICKS;
        let repeats = (then ^ hash) & !TICKS == 0 && age <= RECENT + 1;
        if repeats {
            self.watching = WATCH;
        }
        repeats
    }
}

impl Segment<'_> {
    #[inline]
    fn hash(&self, seed: u64) -> u64 {
        let Segment { src, dst, id, ports, tcp, checksum, len } = *self;
        let ends = match (src, dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => u64::from(u32::from(src)) << 32 | u64::from(u32::from(dst)),
            (src, dst) => {
                fold(wide(src, seed) ^ 0xa409_3822_299f_31d0, wide(dst, seed) ^ 0x082e_fa98_ec4e_6c89)
            }
        };
        let place = u64::from(ports.0) << 48 | u64::from(ports.1) << 32 | u64::from(tcp.seq);
        let answer = u64::from(tcp.ack) << 32 | u64::from(tcp.window) << 16 | u64::from(checksum);
        let rest = u64::from(len) << 32 | u64::from(id) << 8 | u64::from(tcp.flags.0);
        let h =
            fold(ends ^ seed ^ 0x2436_f6a8_885a_308d, place ^ seed.rotate_left(32) ^ 0x1319_8a2e_0370_7344);
        fold(h ^ answer, rest ^ seed ^ 0x4528_21e6_38d0_1377)
    }
}

fn wide(ip: IpAddr, seed: u64) -> u64 {
    match ip {
        IpAddr::V4(ip) => u64::from(u32::from(ip)),
        IpAddr::V6(ip) => {
            let bits = u128::from(ip);
            fold(bits as u64 ^ seed ^ 0xbe54_66cf_34e9_0c6c, (bits >> 64) as u64 ^ seed.rotate_left(17))
        }
    }
}

/// Folded multiplication: both halves of the 128-bit product.
#[inline]
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
        let tcp = TcpHeader { seq, ack: 1, flags: TcpFlags(0x18), window: 9 };
        let segment = Segment { src: ip, dst: ip, id, ports: (1, 2), tcp: &tcp, checksum, len: 100 };
        repeats.is_repeat(&segment, Timestamp::from_nanos(millis * 1_000_000))
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
