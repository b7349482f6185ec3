//! DNS over TCP (RFC 1035, 4.1 and 4.2.2): a length, a header of 12 bytes, one question.

use super::{Openings, be16};
use weir_exchange::Named;

/// Behind the length: where the question begins.
const QUESTION: usize = 14;

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    let same = o.server.is_empty() || o.client.is_empty() || be16(o.client, 2) == be16(o.server, 2);
    (same && o.fit(|c| is_message(c, false), |s| is_message(s, true))).then_some(Named::Dns)
}

/// A question of a known operation, or its answer: one name, whole, of a class that is in use.
fn is_message(bytes: &[u8], answer: bool) -> bool {
    let fields = [0, 4, 6, 8].map(|at| be16(bytes, at));
    let [Some(len), Some(flags), Some(questions), Some(answers)] = fields else { return false };
    let fits = len >= 17
        && (flags >> 15 == 1) == answer
        && matches!(flags >> 11 & 0xf, 0 | 2 | 4 | 5)
        && flags & 0x40 == 0
        && questions == 1
        && (answer || flags & 0xf == 0 && answers == 0);
    let class = bytes.get(QUESTION..).and_then(behind_name).and_then(|rest| be16(rest, 2));
    fits && class.is_some_and(|c| matches!(c & 0x7fff, 1 | 3 | 4 | 254 | 255))
}

/// What follows a name: labels of at most 63 bytes, 255 together.
fn behind_name(mut bytes: &[u8]) -> Option<&[u8]> {
    let whole = bytes.len();
    loop {
        let (len, rest) = bytes.split_first()?;
        match *len {
            0 => return Some(rest),
            len @ 1..=63 if whole - rest.len() + usize::from(len) < 255 => {
                bytes = rest.get(usize::from(len)..)?
            }
            _ => return None,
        }
    }
}
