//! Dubbo 2: a header of 16 bytes (magic 0xdabb, flags, status, request number, length).

use super::{Openings, be32};
use weir_exchange::Named;

/// Longest body: the default of Dubbo's own `payload` is 8 MiB; whoever allows more sets it.
const MAX_BODY: u32 = 64 << 20;

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    o.fit(|c| is_message(c, true), |s| is_message(s, false)).then_some(Named::Dubbo)
}

/// Either end may send events (heartbeats) as requests.
fn is_message(bytes: &[u8], client: bool) -> bool {
    let [0xda, 0xbb, flags, status, ..] = *bytes else { return false };
    let (request, event) = (flags & 0x80 != 0, flags & 0x20 != 0);
    let fits = (request == client || event) && (!request || status == 0) && flags & 0x1f != 0;
    fits && be32(bytes, 12).is_some_and(|len| len <= MAX_BODY)
}
