//! Telling encrypted flows by their first bytes.

use crate::Verdict;

/// Longest TLS record (RFC 8446, 5.2, and the 2,048 bytes that RFC 5246, 6.2.3 allows).
const MAX_RECORD: u16 = 16_384 + 2_048;

/// Whether `bytes`, the front of a direction or of a segment, are TLS or SSH.
/// A TLS record begins with its type (20 to 24), version 3.x and length (RFC 8446, 5.1), one of TLCP with version 1.1 (GB/T 38636-2020, 6.3.3); SSH with its version (RFC 4253, 4.2).
pub fn encrypted(bytes: &[u8]) -> Verdict {
    if let [kind @ 20..=24, rest @ ..] = bytes {
        return match rest {
            [] | [3] | [3, 0..=4] | [3, 0..=4, _] | [1] | [1, 1] | [1, 1, _] => Verdict::More,
            [3, 0..=4, high, low, after @ ..] | [1, 1, high, low, after @ ..] => {
                let length = u16::from_be_bytes([*high, *low]);
                let plausible = (1..=MAX_RECORD).contains(&length) && handshake(*kind, length, after);
                if plausible { Verdict::Yes } else { Verdict::No }
            }
            _ => Verdict::No,
        };
    }
    const SSH: &[u8] = b"SSH-";
    let n = bytes.len().min(SSH.len());
    match bytes[..n] == SSH[..n] {
        true if n == SSH.len() => Verdict::Yes,
        true => Verdict::More,
        false => Verdict::No,
    }
}

/// Whether the first byte of a record fits its type: a clear handshake message type, a change, an alert of two bytes.
fn handshake(kind: u8, length: u16, after: &[u8]) -> bool {
    match (kind, after.first()) {
        (20, _) => length == 1,
        (21, Some(level)) if length == 2 => matches!(level, 1 | 2),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_and_ssh() {
        assert_eq!(encrypted(&[22, 3, 1, 2, 0, 1, 0]), Verdict::Yes);
        assert_eq!(encrypted(&[23, 3, 3, 0x40, 0]), Verdict::Yes);
        assert_eq!(encrypted(&[22, 1, 1, 0, 40, 1]), Verdict::Yes);
        assert_eq!(encrypted(&[22, 1, 3, 0, 40, 1]), Verdict::No);
        assert_eq!(encrypted(&[22, 3]), Verdict::More);
        assert_eq!(encrypted(&[22, 3, 1, 0xff, 0xff]), Verdict::No);
        assert_eq!(encrypted(&[20, 3, 3, 0, 9]), Verdict::No);
        assert_eq!(encrypted(b"SSH-2.0-x"), Verdict::Yes);
        assert_eq!(encrypted(b"SS"), Verdict::More);
        assert_eq!(encrypted(b"GET /"), Verdict::No);
    }
}
