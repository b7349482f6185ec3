//! pcapng (draft-ietf-opsawg-pcapng): blocks of type, length, body and the length again.
//!
//! A section header block sets the byte order and forgets the interfaces; each interface block adds one with its link
//! type, snap length and time resolution.

use crate::{
    KeyLog,
    format::{COMMON, LARGEST, Order, Record, Step, bound},
};
use weir_wire::{LinkType, Timestamp};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE: u32 = 3;
const ENHANCED: u32 = 6;
const SECRETS: u32 = 10;
/// "TLSK": the secrets are a TLS key log.
const TLS_KEY_LOG: u32 = 0x544c_534b;
/// Bytes of key logs that are kept.
pub(crate) const KEY_LOGS: usize = 16 << 20;
/// Type and both lengths.
const FRAME: usize = 12;
/// Interfaces one section may declare.
const INTERFACES: usize = 1 << 16;
/// A block that is read whole may hold a largest frame and this much of options.
const OPTIONS: usize = COMMON;

/// One capture interface of the current section.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: LinkType,
    snaplen: u32,
    unit: Unit,
    /// Seconds to add to every time.
    offset: i64,
}

/// What one tick of an interface's clock is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unit {
    /// So many nanoseconds.
    Nanos(u64),
    /// One of so many parts of a nanosecond.
    Parts(i128),
    /// 2 to the power of minus this, in seconds.
    Binary(u8),
}

impl Unit {
    /// The option `if_tsresol`: the high bit tells the base, the rest the negative exponent.
    fn from_option(v: u8) -> Self {
        match v {
            0..=9 => Unit::Nanos(10u64.pow(u32::from(9 - v))),
            10..=0x7f => Unit::Parts(10i128.checked_pow(u32::from(v) - 9).unwrap_or(i128::MAX)),
            0x80.. => Unit::Binary(v & 0x7f),
        }
    }

    fn nanos(self, ticks: u64) -> i128 {
        let ticks = i128::from(ticks);
        match self {
            Unit::Nanos(n) => ticks * i128::from(n),
            Unit::Parts(n) => ticks / n,
            // 2^64 * 10^9 < 2^94: no overflow.
            Unit::Binary(exponent) => (ticks * 1_000_000_000) >> exponent,
        }
    }
}

impl Interface {
    fn time(&self, high: u32, low: u32) -> Timestamp {
        let ticks = u64::from(high) << 32 | u64::from(low);
        let nanos = self.unit.nanos(ticks) + i128::from(self.offset) * 1_000_000_000;
        Timestamp::from_nanos(nanos.clamp(0, i128::from(u64::MAX)) as u64)
    }
}

/// State of reading one pcapng file.
#[derive(Debug)]
pub(crate) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
    last: Timestamp,
    /// Since the last take: kept, their bytes, and the bytes of those not kept.
    key_logs: Vec<KeyLog>,
    kept: usize,
    refused: usize,
}

impl Pcapng {
    /// What every such file begins with, in either byte order.
    pub(crate) const MAGIC: [u8; 4] = SECTION.to_be_bytes();

    pub(crate) fn new() -> Self {
        let (order, last) = (Order::Little, Timestamp::default());
        Pcapng { order, interfaces: Vec::new(), last, key_logs: Vec::new(), kept: 0, refused: 0 }
    }

    pub(crate) fn take_key_logs(&mut self) -> (Vec<KeyLog>, usize) {
        self.kept = 0;
        (std::mem::take(&mut self.key_logs), std::mem::take(&mut self.refused))
    }

    /// Reads the block at the front of `bytes`.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Step {
        if bytes.len() < FRAME {
            return Step::Need(FRAME);
        }
        if bytes.starts_with(&Self::MAGIC) {
            match bytes[8..12] {
                [0x1a, 0x2b, 0x3c, 0x4d] => self.order = Order::Big,
                [0x4d, 0x3c, 0x2b, 0x1a] => self.order = Order::Little,
                _ => return Step::Break("a section header without its byte-order magic"),
            }
        }
        let (kind, total) = (self.order.u32(bytes, 0), self.order.u32(bytes, 4));
        let len = total as usize;
        if len < FRAME || !len.is_multiple_of(4) {
            return Step::Break("a block length that is none");
        }
        if !matches!(kind, SECTION | INTERFACE | PACKET | SIMPLE | ENHANCED | SECRETS) {
            return Step::Pass(u64::from(total));
        }
        if len > LARGEST + OPTIONS {
            return Step::Break("a block claims more bytes than its bound");
        }
        if bytes.len() < len {
            return Step::Need(len);
        }
        if self.order.u32(bytes, len - 4) != total {
            return Step::Break("a block whose two lengths differ");
        }
        self.block(kind, &bytes[..len - 4], len)
    }

    /// Reads a whole block; `block` is all of it but the second length.
    fn block(&mut self, kind: u32, block: &[u8], len: usize) -> Step {
        let read = match kind {
            SECTION => {
                self.interfaces.clear();
                None
            }
            INTERFACE => match self.interface(block) {
                Ok(()) => None,
                Err(why) => return Step::Break(why),
            },
            SECRETS => {
                self.secrets(block);
                None
            }
            PACKET => Some(self.packet(block, usize::from(self.order.u16(block, 8)))),
            SIMPLE => Some(self.simple(block)),
            _ => Some(self.packet(block, self.order.u32(block, 8) as usize)),
        };
        match read {
            None => Step::Pass(len as u64),
            Some(Some(record)) => {
                self.last = record.time;
                Step::Frame(record, len)
            }
            Some(None) => Step::Break("a packet block without its interface, or longer inside than outside"),
        }
    }

    /// Interface description block: link type, reserved, snap length, options.
    fn interface(&mut self, block: &[u8]) -> Result<(), &'static str> {
        if block.len() < 16 {
            return Err("an interface block too short for its fields");
        }
        if self.interfaces.len() == INTERFACES {
            return Err("a section with more than 65,536 interfaces");
        }
        let order = self.order;
        let link = LinkType(order.u16(block, 8));
        let mut made = Interface { link, snaplen: order.u32(block, 12), unit: Unit::Nanos(1000), offset: 0 };
        let mut rest = &block[16..];
        while let Some((code, value, next)) = option(order, rest) {
            match (code, value) {
                (0, _) => break,
                (9, [v]) => made.unit = Unit::from_option(*v),
                (14, v) if v.len() == 8 => {
                    let (a, b) = (order.u32(v, 0), order.u32(v, 4));
                    let (high, low) = if order == Order::Big { (a, b) } else { (b, a) };
                    made.offset = (u64::from(high) << 32 | u64::from(low)) as i64;
                }
                _ => {}
            }
            rest = next;
        }
        self.interfaces.push(made);
        Ok(())
    }

    /// Enhanced packet block, and the obsolete packet block: the same layout behind the interface.
    fn packet(&self, block: &[u8], interface: usize) -> Option<Record> {
        let body = block.get(28..)?;
        let interface = self.interfaces.get(interface)?;
        let field = |at| self.order.u32(block, at);
        let captured = field(20);
        if captured as usize > body.len().min(bound(interface.snaplen)) {
            return None;
        }
        Some(Record {
            time: interface.time(field(12), field(16)),
            link: interface.link,
            wire_len: field(24).max(captured),
            data: 28..28 + captured as usize,
        })
    }

    /// Simple packet block: no captured length, no interface and no time; the first interface's, and the last frame's.
    fn simple(&self, block: &[u8]) -> Option<Record> {
        let interface = self.interfaces.first()?;
        let body = block.get(12..)?;
        let wire_len = self.order.u32(block, 8);
        let cut = if interface.snaplen == 0 { u32::MAX } else { interface.snaplen };
        let captured = body.len().min(wire_len.min(cut) as usize);
        Some(Record { time: self.last, link: interface.link, wire_len, data: 12..12 + captured })
    }

    /// Decryption secrets block; other kinds of secrets than TLS key logs are passed over.
    fn secrets(&mut self, block: &[u8]) {
        let len = self.order.u32(block, 12) as usize;
        if self.order.u32(block, 8) == TLS_KEY_LOG
            && let Some(text) = block.get(16..).and_then(|b| b.get(..len))
        {
            if self.kept + len > KEY_LOGS {
                self.refused = self.refused.saturating_add(len);
                return;
            }
            self.kept += len;
            self.key_logs.push(KeyLog { file: "".into(), text: text.to_vec() });
        }
    }
}

/// The first option of `bytes`: code, value, and what follows it (section 3.5 of the draft).
fn option(order: Order, bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let rest = bytes.get(4..)?;
    let len = usize::from(order.u16(bytes, 2));
    let value = rest.get(..len)?;
    Some((order.u16(bytes, 0), value, rest.get(len.next_multiple_of(4)..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_resolutions_of_both_bases() {
        let at = |v, ticks| Unit::from_option(v).nanos(ticks);
        assert_eq!(at(6, 1_500_000), 1_500_000_000);
        assert_eq!(at(9, 7), 7);
        assert_eq!(at(0, 3), 3_000_000_000);
        assert_eq!(at(12, 5_999), 5);
        assert_eq!(at(127, u64::MAX), 0);
        assert_eq!(at(0x80 | 10, 512), 500_000_000);
        assert_eq!(at(0xff, u64::MAX), 0);
        assert_eq!(at(0x80, u64::MAX), i128::from(u64::MAX) * 1_000_000_000);
    }

    #[test]
    fn times_saturate_instead_of_wrapping() {
        let mut i =
            Interface { link: LinkType::ETHERNET, snaplen: 0, unit: Unit::Nanos(1), offset: i64::MIN };
        assert_eq!(i.time(0, 1).nanos(), 0);
        i.offset = i64::MAX;
        assert_eq!(i.time(u32::MAX, u32::MAX).nanos(), u64::MAX);
        i.offset = 2;
        assert_eq!(i.time(0, 5).nanos(), 2_000_000_005);
    }

    #[test]
    fn options_stop_where_they_do_not_fit() {
        assert_eq!(option(Order::Big, &[0, 9, 0, 1, 6, 0, 0, 0]), Some((9, &[6u8][..], &[][..])));
        assert_eq!(option(Order::Big, &[0, 9, 0, 9, 6]), None);
        assert_eq!(option(Order::Little, &[9, 0, 0]), None);
    }
}
