//! What a lane has learned of the interfaces that pass through it: in which of them nothing was ever found.
//!
//! Only a guide to what may be left out under overload, and the lane's own: the inventory of interfaces is the analyst's.

use weir_protocol::RequestHead;

/// Interfaces remembered; those that fall into one place take it in turn.
const PLACES: usize = 4096;
/// Exchanges with bodies and without findings after which an interface counts as public.
const CLEAN: u16 = 16;
/// Of a public interface, one body in so many is scanned all the same: it may have changed.
const SAMPLE: u16 = 16;

#[derive(Clone, Copy, Default)]
struct Place {
    key: u64,
    /// Exchanges in a row without a finding.
    clean: u16,
    /// Bodies since the last one scanned.
    skipped: u16,
    /// Something was found once.
    sensitive: bool,
}

/// Interfaces by method, host and path, numbers in the path taken for one another.
pub(crate) struct Known(Vec<Place>);

impl Default for Known {
    fn default() -> Self {
        Known(vec![Place::default(); PLACES])
    }
}

impl Known {
    /// Notes an exchange that was scanned.
    pub(crate) fn learn(&mut self, key: u64, clean: bool) {
        let place = &mut self.0[key as usize % PLACES];
        if place.key != key {
            *place = Place { key, ..Place::default() };
        }
        place.clean = place.clean.saturating_add(1);
        place.sensitive |= !clean;
    }
    /// Whether a body of an interface need not be scanned.
    pub(crate) fn may_skip(&mut self, key: u64) -> bool {
        let place = &mut self.0[key as usize % PLACES];
        if place.key != key || place.sensitive || place.clean < CLEAN {
            return false;
        }
        place.skipped = (place.skipped + 1) % SAMPLE;
        place.skipped != 0
    }
}

/// The interface that a request asks for.
pub(crate) fn key_of(head: &RequestHead<'_>) -> u64 {
    let host =
        head.headers.iter().find(|h| h.name.eq_ignore_ascii_case(b"host")).map_or(&[][..], |h| h.value);
    let path = head.target.split(|b| *b == b'?').next().unwrap_or_default();
    let mut hash = mix(mix(1, host), head.method);
    for part in path.split(|b| *b == b'/') {
        // A part with a digit is most often the name of one thing among many.
        hash = if part.iter().any(u8::is_ascii_digit) && part.len() > 2 {
            mix(hash, b"#")
        } else {
            mix(hash, part)
        };
    }
    hash
}

/// Eight bytes at a time, multiplied and folded. Whoever makes names collide only has bodies scanned, or left out
/// of interfaces that are as clean as theirs.
fn mix(hash: u64, bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |h: u64, word: u64| {
        let wide = u128::from(h ^ word) * u128::from(FACTOR);
        (wide >> 64) as u64 ^ wide as u64
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(hash, |h, w| fold(h, u64::from_le_bytes(*w)));
    fold(hash, rest.iter().fold(bytes.len() as u64 + 1, |w, b| w << 8 | u64::from(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_exchange::{Protocol, Scheme};
    use weir_protocol::Header;
    use weir_wire::{Side, Timestamp};

    fn key(method: &str, host: &str, target: &str) -> u64 {
        let headers = [Header { name: b"Host", value: host.as_bytes() }];
        let (method, target, headers) = (method.as_bytes(), target.as_bytes(), &headers[..]);
        let (exchange, side, time) = (0, Side::Client, Timestamp::default());
        let (protocol, scheme) = (Protocol::Http11, Scheme::Http);
        key_of(&RequestHead { exchange, side, time, method, target, protocol, scheme, headers })
    }

    #[test]
    fn interfaces_are_told_apart() {
        let one = key("GET", "a.cn", "/v2/orders/1001?x=1");
        assert_eq!(one, key("GET", "a.cn", "/v2/orders/2002"));
        for other in [
            key("GET", "b.cn", "/v2/orders/1"),
            key("PUT", "a.cn", "/v2/orders/1001"),
            key("GET", "a.cn", "/v2/users/1001"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn public_is_what_was_clean_often_and_never_else() {
        let mut known = Known::default();
        let (clean, other) = (key("GET", "a", "/a"), key("GET", "a", "/b"));
        assert!(!known.may_skip(clean));
        for n in 0..100 {
            known.learn(clean, true);
            known.learn(other, n != 50);
        }
        let skipped = (0..160).filter(|_| known.may_skip(clean)).count();
        assert_eq!(skipped, 150, "one in sixteen is looked at");
        assert!(!known.may_skip(other));
    }
}
