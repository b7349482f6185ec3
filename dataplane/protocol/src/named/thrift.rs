//! Thrift: calls in the binary protocol (strict) or the compact one, with or without a frame's length before them.

use super::{Openings, be32};
use weir_exchange::Named;

const MAX_FRAME: u32 = 256 << 20;
/// Longest name of a method that is believed; names of multiplexed services are longer than others.
const MAX_METHOD: usize = 255;

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    o.fit(|c| is_framed(c, &[1, 4]), |s| is_framed(s, &[2, 3])).then_some(Named::Thrift)
}

fn is_framed(bytes: &[u8], kinds: &[u8]) -> bool {
    let framed = be32(bytes, 0).is_some_and(|len| (8..=MAX_FRAME).contains(&len));
    is_message(bytes, kinds) || framed && bytes.get(4..).is_some_and(|b| is_message(b, kinds))
}

/// A message of one of these kinds (1 call, 2 reply, 3 exception, 4 call without an answer), its method an identifier.
fn is_message(bytes: &[u8], kinds: &[u8]) -> bool {
    match *bytes {
        [0x80, 1, 0, kind, a, b, c, d, ref rest @ ..] => {
            let len = u32::from_be_bytes([a, b, c, d]);
            kinds.contains(&kind) && usize::try_from(len).is_ok_and(|len| is_method(rest, len))
        }
        [0x82, kind, ref rest @ ..] if kind & 0x1f == 1 && kinds.contains(&(kind >> 5)) => {
            // The number of the call: seven bits a byte.
            let number = rest.iter().take(5).position(|b| b & 0x80 == 0);
            let name = number.and_then(|at| rest.get(at + 1..)?.split_first());
            name.is_some_and(|(len, rest)| *len < 0x80 && is_method(rest, usize::from(*len)))
        }
        _ => false,
    }
}

fn is_method(rest: &[u8], len: usize) -> bool {
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'$' | b'-' | b'/');
    (1..=MAX_METHOD).contains(&len) && rest.get(..len).is_some_and(|name| name.iter().all(word))
}
