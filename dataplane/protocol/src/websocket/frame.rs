//! Frame headers (RFC 6455, 5.2).

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Continuation,
    /// Text or binary: begins a message.
    Data,
    /// Close, ping or pong.
    Control,
}

/// A frame header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Frame {
    pub kind: Kind,
    /// The message, or control frame, ends with it.
    pub last: bool,
    /// The message is compressed (RFC 7692, 6).
    pub compressed: bool,
    pub mask: Option<[u8; 4]>,
    pub length: u64,
}

/// What the front of some bytes is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Parsed {
    /// A header of so many bytes.
    Frame(Frame, usize),
    More,
    /// Reserved bits or opcodes, or a length beyond 2^63.
    Broken,
}

/// Longest header.
pub(super) const MAX_HEADER: usize = 14;

/// Reads a header.
pub(super) fn parse(bytes: &[u8]) -> Parsed {
    let [first, second, rest @ ..] = bytes else { return Parsed::More };
    let kind = match first & 0x0f {
        0 => Kind::Continuation,
        1 | 2 => Kind::Data,
        8..=10 => Kind::Control,
        _ => return Parsed::Broken,
    };
    if first & 0x30 != 0 {
        return Parsed::Broken;
    }
    let (length, wide) = match second & 0x7f {
        126 => match rest.first_chunk() {
            Some(n) => (u16::from_be_bytes(*n).into(), 2),
            None => return Parsed::More,
        },
        127 => match rest.first_chunk() {
            Some(n) => (u64::from_be_bytes(*n), 8),
            None => return Parsed::More,
        },
        n => (n.into(), 0),
    };
    if length >> 63 != 0 {
        return Parsed::Broken;
    }
    let masked = second & 0x80 != 0;
    let mask = rest.get(wide..).and_then(<[u8]>::first_chunk).copied().filter(|_| masked);
    if masked && mask.is_none() {
        return Parsed::More;
    }
    let size = 2 + wide + if masked { 4 } else { 0 };
    Parsed::Frame(Frame { kind, last: first & 0x80 != 0, compressed: first & 0x40 != 0, mask, length }, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6455, 5.7.
    #[test]
    fn examples() {
        let of = |bytes: &[u8]| match parse(bytes) {
            Parsed::Frame(f, n) => Some((f.kind, f.last, f.mask.is_some(), f.length, n)),
            _ => None,
        };
        assert_eq!(of(&[0x81, 5, 0x48]), Some((Kind::Data, true, false, 5, 2)));
        assert_eq!(of(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f]), Some((Kind::Data, true, true, 5, 6)));
        assert_eq!(of(&[0x80, 2, 0x6c]), Some((Kind::Continuation, true, false, 2, 2)));
        assert_eq!(of(&[0x89, 5]), Some((Kind::Control, true, false, 5, 2)));
        assert_eq!(of(&[0x82, 0x7e, 1, 0]), Some((Kind::Data, true, false, 256, 4)));
        assert_eq!(of(&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]), Some((Kind::Data, true, false, 65536, 10)));
        assert_eq!(parse(&[0x82, 0xfe, 1, 0, 1, 2, 3]), Parsed::More);
        for bad in [&[0x83, 0][..], &[0xa1, 0], &[0x82, 0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(parse(bad), Parsed::Broken);
        }
    }
}
