//! Values that are another text in base64, hex or percent-encoding: told by their first characters, then undone as a whole.

use super::OffsetMap;

/// Shortest value that is undone.
const SHORTEST: usize = 12;
/// Shortest value of decimal digits alone that is taken for hex.
const SHORTEST_DIGITS: usize = 22;
/// Shortest text that counts as one.
const SHORTEST_TEXT: usize = 6;

/// What the first character may be: of base64, where its first six bits are those of readable text or of a file that is opened; of
/// hex, where its half byte is; of percent-encoding.
static STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let marks = b"HIJKLMNOPQRSTUVWXYZabcdef0123456789E%";
    let mut i = 0;
    while i < marks.len() {
        starts[marks[i] as usize] = true;
        i += 1;
    }
    starts
};

/// Whether a value may be text in an encoding, by its first eight characters: almost none that is not passes.
#[inline]
pub(crate) fn may_be_encoded(value: &[u8]) -> bool {
    value.len() >= SHORTEST && STARTS[usize::from(value[0])] && begins_well(value)
}

fn begins_well(value: &[u8]) -> bool {
    let Some(first) = value.first_chunk::<8>() else { return false };
    if first[0] == b'%' {
        return hex(first[1], first[2]).is_some();
    }
    if first.starts_with(b"data:") {
        return true;
    }
    begins_in(first, &SIX_BITS, 6) || begins_in(first, &HALVES, 4)
}

/// Whether eight digits of `bits` bits each are the beginning of a text or of a file that is opened.
#[inline]
fn begins_in(first: &[u8; 8], digits: &[u8; 256], bits: u32) -> bool {
    let mut word = 0u64;
    for b in first {
        let digit = digits[usize::from(*b)];
        if digit == NO_DIGIT {
            return false;
        }
        word = word << bits | u64::from(digit);
    }
    begins_readable(word << (64 - 8 * bits), bits as usize)
}

/// Whether the first `count` bytes of a word, the highest first and zeros behind them, are readable or begin a file that is opened.
#[inline]
fn begins_readable(word: u64, count: usize) -> bool {
    let bytes = word.to_be_bytes();
    let bytes = &bytes[..count];
    may_be_utf8(word, count) && is_readable(bytes) || is_file(bytes)
}

/// Whether none of the first `count` bytes of a word, the highest first, contradicts that it is UTF-8: what goes on with a character stands
/// behind a byte of one, and behind a byte that begins one of several stands another of it. Almost nothing that is not text passes.
#[inline]
fn may_be_utf8(word: u64, count: usize) -> bool {
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    let high = word & HIGHEST;
    let begins = high & word << 1;
    let goes_on = high & !begins;
    // One byte on is one byte down; nothing is known of what stands behind the last one.
    let counted = !0 << (64 - 8 * count);
    goes_on & !(high >> 8) == 0 && (begins >> 8) & !goes_on & counted == 0
}

/// Undoes one encoding of what stands behind the offset.
type Way = fn(&[u8], usize, &mut Vec<u8>, &mut OffsetMap) -> bool;

/// Undoes the encoding of a value that [may be encoded](may_be_encoded); fills `text` and `map`. `false`: it is none, and what they
/// hold is void.
pub(crate) fn undo(value: &[u8], text: &mut Vec<u8>, map: &mut OffsetMap) -> bool {
    let (skip, body) = match data_uri(value) {
        Some(0) => return false,
        Some(skip) => (skip, &value[skip..]),
        None => (0, value),
    };
    let ways: [Way; 3] = [percent, from_hex, base64];
    ways.iter().any(|way| {
        text.clear();
        map.clear();
        way(body, skip, text, map) && (is_file(text) || is_text(text))
    })
}

/// Length of what stands before the data of a `data:` URI (RFC 2397) in base64; 0 for one that is not opened (images, sound).
fn data_uri(value: &[u8]) -> Option<usize> {
    let rest = value.strip_prefix(b"data:")?;
    let media = [&b"image/"[..], b"audio/", b"video/", b"font/"].iter().any(|m| rest.starts_with(m));
    let end = memchr::memchr(b',', &rest[..rest.len().min(256)]).filter(|n| rest[..*n].ends_with(b";base64"));
    Some(end.filter(|_| !media).map_or(0, |n| n + 6))
}

/// Whether bytes begin as a file that is opened.
fn is_file(bytes: &[u8]) -> bool {
    [&b"PK\x03\x04"[..], b"\x1f\x8b\x08", b"%PDF"].iter().any(|m| bytes.starts_with(m))
}

/// Whether bytes are readable, but for a character cut by their end.
fn is_readable(bytes: &[u8]) -> bool {
    !bytes.iter().any(is_control)
        && std::str::from_utf8(bytes).map_or_else(|e| e.error_len().is_none(), |_| true)
}

/// Control characters but tabs and ends of lines.
fn is_control(b: &u8) -> bool {
    *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r') || *b == 0x7f
}

/// Whether bytes are a text as a whole; of other charsets, only a document.
fn is_text(text: &[u8]) -> bool {
    let document = matches!(text, [b'{', b'"', ..] | [b'[', b'{' | b'"', ..] | [b'<', b'?' | b'a'..=b'z' | b'A'..=b'Z', ..]);
    text.len() >= SHORTEST_TEXT
        && !text.iter().any(is_control)
        && (simdutf8::basic::from_utf8(text).is_ok() || document)
}

/// No digit.
const NO_DIGIT: u8 = 64;

/// The six bits of the base64 digits of either alphabet (RFC 4648, 4 and 5); [`NO_DIGIT`] for any other character.
static SIX_BITS: [u8; 256] = {
    let mut bits = [NO_DIGIT; 256];
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut i = 0;
    while i < digits.len() {
        bits[digits[i] as usize] = i as u8;
        i += 1;
    }
    (bits[b'-' as usize], bits[b'_' as usize]) = (62, 63);
    bits
};

/// The half bytes of the hex digits; [`NO_DIGIT`] for any other character.
static HALVES: [u8; 256] = {
    let mut halves = [NO_DIGIT; 256];
    let mut i = 0;
    while i < 16 {
        halves[b"0123456789abcdef"[i] as usize] = i as u8;
        halves[b"0123456789ABCDEF"[i] as usize] = i as u8;
        i += 1;
    }
    halves
};

fn six_bits(b: u8) -> u8 {
    SIX_BITS[usize::from(b)]
}

/// The byte of two hex digits.
fn hex(high: u8, low: u8) -> Option<u8> {
    let [high, low] = [high, low].map(|b| HALVES[usize::from(b)]);
    ((high | low) & NO_DIGIT == 0).then_some(high << 4 | low)
}

fn base64(value: &[u8], skip: usize, text: &mut Vec<u8>, map: &mut OffsetMap) -> bool {
    let body = value.trim_ascii_end();
    let pads = body.iter().rev().take(2).take_while(|b| **b == b'=').count();
    let body = &body[..body.len() - pads];
    let (mut bits, mut digits, mut joined) = (0u32, 0usize, false);
    for (i, b) in body.iter().enumerate() {
        // Lines of 64 or 76 characters.
        if matches!(b, b'\r' | b'\n') {
            joined = false;
            continue;
        }
        let n = six_bits(*b);
        if n == 64 {
            return false;
        }
        if digits.is_multiple_of(4) && !std::mem::replace(&mut joined, true) {
            map.push(text.len(), skip + i, 3, 4);
        }
        bits = bits << 6 | u32::from(n);
        digits += 1;
        if digits.is_multiple_of(4) {
            text.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
    }
    match digits % 4 {
        0 => pads == 0,
        2 => {
            text.push((bits >> 4) as u8);
            pads != 1
        }
        3 => {
            text.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]);
            pads < 2
        }
        _ => false,
    }
}

fn from_hex(value: &[u8], skip: usize, text: &mut Vec<u8>, map: &mut OffsetMap) -> bool {
    let (pairs, rest) = value.as_chunks::<2>();
    // Numbers as long as those of cards are none: the text would be shorter than anything told in it.
    let number = value.len() < SHORTEST_DIGITS && value.iter().all(u8::is_ascii_digit);
    if !rest.is_empty() || number {
        return false;
    }
    map.push(0, skip, 1, 2);
    for pair in pairs {
        let Some(byte) = hex(pair[0], pair[1]) else { return false };
        text.push(byte);
    }
    true
}

fn percent(value: &[u8], skip: usize, text: &mut Vec<u8>, map: &mut OffsetMap) -> bool {
    if value.first() != Some(&b'%') {
        return false;
    }
    let mut at = 0;
    while let Some(b) = value.get(at) {
        let pair = value.get(at + 1..at + 3).and_then(|p| hex(p[0], p[1]));
        let (byte, n) = match pair.filter(|_| *b == b'%') {
            Some(byte) => (byte, 3),
            None => (*b, 1),
        };
        map.push(text.len(), skip + at, 1, n);
        text.push(byte);
        at += n;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::*;
    use proptest::prelude::*;

    fn run(value: &str) -> Option<(String, OffsetMap)> {
        let (mut text, mut map) = (Vec::new(), OffsetMap::default());
        let is = may_be_encoded(value.as_bytes()) && undo(value.as_bytes(), &mut text, &mut map);
        is.then(|| (String::from_utf8_lossy(&text).into_owned(), map))
    }

    proptest::proptest! {
        #[test]
        fn first_bytes_read_as_byte_by_byte(
            bytes in proptest::collection::vec(
                proptest::prop_oneof![b'\t'..=b'~', 0u8..=255, proptest::sample::select(b"PK\x03\x04\x1f\x8b\x08\xe4\xb8\xad\x7f".to_vec())],
                4..=6,
            )
        ) {
            let word = bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)) << (64 - 8 * bytes.len());
            proptest::prop_assert_eq!(begins_readable(word, bytes.len()), is_file(&bytes) || is_readable(&bytes));
        }
    }

    #[test]
    fn opens_what_is_encoded() {
        for (value, text) in [
            ("eyJwaG9uZSI6IjEzODEyMzQ1Njc4In0=", "{\"phone\":\"13812345678\"}"),
            ("eyJwaG9uZSI6IjEzODEyMzQ1Njc4In0", "{\"phone\":\"13812345678\"}"),
            ("MTM4MTIzNDU2Nzg=", "13812345678"),
            ("5byg5Lyf5byg5Lyf", "张伟张伟"),
            ("3133383132333435363738", "13812345678"),
            ("7b2270686f6e65223a317d", "{\"phone\":1}"),
            ("%7B%22phone%22%3A%2213812345678%22%7D", "{\"phone\":\"13812345678\"}"),
            ("data:text/plain;base64,MTM4MTIzNDU2Nzg=", "13812345678"),
        ] {
            assert_eq!(run(value).map(|(t, _)| t).as_deref(), Some(text), "{value}");
        }
    }

    #[test]
    fn leaves_what_is_not() {
        for value in [
            "13812345678",
            "110101199003072316",
            "739951015006935749",
            "5ea9cf98d86b1382a8d99292cc03256b",
            "550e8400-e29b-41d4-a716-446655440000",
            "k85WpAfvOGZsiryc3G+RjQ==",
            "administrator",
            "Let's go to the mountains",
            "https://example.com/a/b?c=d",
            "2026-11-28T14:24:43Z",
            "3c2d374296fb682f482432aa4660c0f7",
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==",
            "%zz12345678901",
        ] {
            assert!(run(value).is_none(), "{value}");
        }
    }

    #[test]
    fn leads_back_to_the_value() {
        let raw = BASE64_STANDARD.encode("{\"a\":\"x\",\"phone\":\"13812345678\"}");
        let raw = format!("{}\n{}", &raw[..16], &raw[16..]);
        let Some((text, map)) = run(&raw) else { return assert!(raw.is_empty()) };
        let at = text.find("138").unwrap_or_default();
        let raw = raw[map.start(at)..map.end(at + 11)].replace('\n', "");
        let inner = BASE64_STANDARD.decode(&raw).unwrap_or_default();
        assert!(String::from_utf8_lossy(&inner).contains("13812345678") && raw.len() <= 20);
    }

    proptest! {
        #[test]
        fn equals_the_library(text in "[ -~\u{4e00}-\u{9fff}]{9,60}") {
            let decoded = |value: String| run(&value).map(|(t, _)| t);
            prop_assert_eq!(decoded(BASE64_STANDARD.encode(&text)), Some(text.clone()));
            prop_assert_eq!(decoded(BASE64_URL_SAFE_NO_PAD.encode(&text)), Some(text));
        }
        #[test]
        fn random_bytes_are_no_text(bytes in proptest::collection::vec(any::<u8>(), 24..64)) {
            prop_assume!(std::str::from_utf8(&bytes).is_err() && !matches!(bytes[0], b'{' | b'[' | b'<'));
            prop_assert!(run(&BASE64_STANDARD.encode(&bytes)).is_none());
        }
        #[test]
        fn never_panics(value in "[A-Za-z0-9+/=%_\\-\n]{0,60}") {
            run(&value);
        }
    }
}
