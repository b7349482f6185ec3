//! MongoDB's wire protocol: a header of four little-endian numbers (length, request, answer to, operation), OP_MSG and those before it.

use super::{Openings, le32};
use weir_exchange::Named;

/// Longest message, by the protocol's own bound.
const MAX_MESSAGE: u32 = 48_000_000;
const REPLY: u32 = 1;
const QUERY: u32 = 2004;
const COMPRESSED: u32 = 2012;
const MSG: u32 = 2013;

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    o.fit(|c| is_message(c, true), |s| is_message(s, false)).then_some(Named::Mongodb)
}

fn is_message(bytes: &[u8], client: bool) -> bool {
    let header = [0, 8, 12, 16].map(|at| le32(bytes, at));
    let [Some(len), Some(answers), Some(operation), Some(flags)] = header else { return false };
    if !(21..=MAX_MESSAGE).contains(&len) || (answers == 0) != client {
        return false;
    }
    match operation {
        // Flags below bit 16 that are not known must not be sent; a body, or a sequence of documents, comes first.
        MSG => flags & 0xfffc == 0 && matches!(bytes.get(20), Some(0 | 1)),
        QUERY => client && bytes.get(20..).is_some_and(|name| has_name(name, b".$cmd\0")),
        // The operation that is compressed.
        COMPRESSED => matches!(flags, MSG | QUERY | REPLY),
        REPLY => !client && flags & !0xf == 0,
        _ => false,
    }
}

fn has_name(bytes: &[u8], end: &[u8]) -> bool {
    let name = bytes.iter().position(|b| *b == 0).map(|at| &bytes[..=at]);
    name.is_some_and(|n| n.len() > end.len() && n.ends_with(end))
}
