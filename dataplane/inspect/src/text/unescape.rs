//! Undoes escapes before matching without changing the structure: what remains parses as before, and every byte knows
//! where it came from.

use super::OffsetMap;
use memchr::{memchr, memchr3};

/// Longest character reference that is undone (`&#x10FFFF;`).
const MAX_REFERENCE: usize = 10;

/// How a text is escaped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Escapes {
    /// Not at all.
    None,
    /// `\uXXXX`, `\/`, `\n` and the like of JSON and scripts; `\"` and `\\` stay as they are.
    Json,
    /// `%XX` and `+` of forms; `%25`, `%26` and `%3D` stay as they are.
    Percent,
    /// Character references of XML and HTML; those of `< > & " '` stay as they are.
    Entities,
}

/// Whether `raw` holds anything that [`undo`] would change.
pub(crate) fn needs(escapes: Escapes, raw: &[u8]) -> bool {
    match escapes {
        Escapes::None => false,
        Escapes::Json => memchr(b'\\', raw).is_some(),
        Escapes::Percent => memchr::memchr2(b'%', b'+', raw).is_some(),
        Escapes::Entities => memchr(b'&', raw).is_some(),
    }
}

/// Appends `raw` without its escapes to `text` and fills `map`. An escape cut by the end is left out unless `last`.
/// Returns the bytes of `raw` taken.
pub(crate) fn undo(
    escapes: Escapes,
    raw: &[u8],
    last: bool,
    text: &mut Vec<u8>,
    map: &mut OffsetMap,
) -> usize {
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|r| !r.is_empty()) {
        let plain = match escapes {
            Escapes::Json => memchr(b'\\', rest),
            Escapes::Percent => memchr3(b'%', b'+', b'+', rest),
            Escapes::Entities => memchr(b'&', rest),
            Escapes::None => None,
        }
        .unwrap_or(rest.len());
        if plain > 0 {
            map.push(text.len(), at, 1, 1);
            text.extend_from_slice(&rest[..plain]);
            at += plain;
            continue;
        }
        let step = match escapes {
            Escapes::Json => json(rest, last),
            Escapes::Percent => percent(rest, last),
            _ => entity(rest, last),
        };
        match step {
            Step::Keep(n) => {
                map.push(text.len(), at, 1, 1);
                text.extend_from_slice(&rest[..n.min(rest.len())]);
                at += n.min(rest.len());
            }
            Step::Byte(b, n) => {
                map.push(text.len(), at, 1, n);
                text.push(b);
                at += n;
            }
            Step::Char(c, n) => {
                let mut utf8 = [0; 4];
                let s = c.encode_utf8(&mut utf8).as_bytes();
                map.push(text.len(), at, s.len(), n);
                text.extend_from_slice(s);
                at += n;
            }
            Step::More => return at,
        }
    }
    at
}

/// What an escape at the start of a text becomes, and how many bytes it has.
enum Step {
    Keep(usize),
    Byte(u8, usize),
    Char(char, usize),
    More,
}

fn json(rest: &[u8], last: bool) -> Step {
    match rest.get(1) {
        None if last => Step::Keep(1),
        None => Step::More,
        Some(b'/') => Step::Byte(b'/', 2),
        Some(b'n' | b'r') => Step::Byte(b'\n', 2),
        Some(b't' | b'b' | b'f') => Step::Byte(b' ', 2),
        Some(b'u') => unicode(rest, last),
        Some(_) => Step::Keep(2),
    }
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |n, b| Some(n << 4 | (*b as char).to_digit(16)?))
}

/// `\uXXXX`, with the second half of a surrogate pair. Quotes, backslashes and controls stay escaped.
fn unicode(rest: &[u8], last: bool) -> Step {
    let Some(digits) = rest.get(2..6) else { return if last { Step::Keep(2) } else { Step::More } };
    let Some(unit) = hex4(digits) else { return Step::Keep(2) };
    if (0xd800..0xdc00).contains(&unit) {
        if rest.len() < 12 && !last && b"\\u".starts_with(rest.get(6..8.min(rest.len())).unwrap_or_default())
        {
            return Step::More;
        }
        let low = rest.get(6..8).filter(|s| *s == b"\\u").and_then(|_| hex4(rest.get(8..12)?));
        return match low.filter(|l| (0xdc00..0xe000).contains(l)) {
            Some(l) => char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (l - 0xdc00))
                .map_or(Step::Keep(6), |c| Step::Char(c, 12)),
            None => Step::Keep(6),
        };
    }
    match char::from_u32(unit) {
        Some(c) if c >= ' ' && c != '"' && c != '\\' => Step::Char(c, 6),
        _ => Step::Keep(6),
    }
}

fn percent(rest: &[u8], last: bool) -> Step {
    if rest[0] == b'+' {
        return Step::Byte(b' ', 1);
    }
    let Some(digits) = rest.get(1..3) else { return if last { Step::Keep(1) } else { Step::More } };
    match hex4(digits) {
        Some(0x25 | 0x26 | 0x3d) => Step::Keep(3),
        Some(b) => Step::Byte(b as u8, 3),
        None => Step::Keep(1),
    }
}

fn entity(rest: &[u8], last: bool) -> Step {
    let window = &rest[..rest.len().min(MAX_REFERENCE)];
    let Some(end) = memchr(b';', window) else {
        return if last || rest.len() >= MAX_REFERENCE { Step::Keep(1) } else { Step::More };
    };
    let name = &window[1..end];
    if name == b"nbsp" {
        return Step::Byte(b' ', end + 1);
    }
    let code = match name {
        [b'#', b'x' | b'X', hex @ ..] if !hex.is_empty() => hex4(hex),
        [b'#', dec @ ..] if !dec.is_empty() && dec.iter().all(u8::is_ascii_digit) => {
            dec.iter().try_fold(0u32, |n, b| n.checked_mul(10)?.checked_add(u32::from(b - b'0')))
        }
        _ => None,
    };
    match code.and_then(char::from_u32) {
        Some(c) if c >= ' ' && !matches!(c, '<' | '>' | '&' | '"' | '\'') => Step::Char(c, end + 1),
        _ => Step::Keep(1),
    }
}

/// Undoes what [`Escapes::Percent`] left, for a value that is no longer inside its form.
pub(crate) fn finish_percent(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(b) = value.get(at) {
        let left = (*b == b'%').then(|| value.get(at + 1..at + 3).and_then(hex4)).flatten();
        match left {
            Some(n @ (0x25 | 0x26 | 0x3d)) => {
                out.push(n as u8);
                at += 3;
            }
            _ => {
                out.push(*b);
                at += 1;
            }
        }
    }
    out
}

/// One level of JSON string escapes undone wholly, for a document inside a string; fills `map`.
pub(crate) fn unquote_json(inner: &[u8], text: &mut Vec<u8>, map: &mut OffsetMap) {
    let mut at = 0;
    while let Some(rest) = inner.get(at..).filter(|r| !r.is_empty()) {
        match rest {
            [b'\\', b @ (b'"' | b'\\'), ..] => {
                map.push(text.len(), at, 1, 2);
                text.push(*b);
                at += 2;
            }
            [b'\\', b'u', b'0', b'0', b'2', b'2', ..] => {
                map.push(text.len(), at, 1, 6);
                text.push(b'"');
                at += 6;
            }
            _ => {
                let n = 1 + memchr(b'\\', &rest[1..]).unwrap_or(rest.len() - 1);
                map.push(text.len(), at, 1, 1);
                text.extend_from_slice(&rest[..n]);
                at += n;
            }
        }
    }
}

/// `&quot;` and its kin undone, for a document inside XML text; fills `map`.
pub(crate) fn unquote_xml(inner: &[u8], text: &mut Vec<u8>, map: &mut OffsetMap) {
    const NAMED: [(&[u8], u8); 7] = [
        (b"&quot;", b'"'),
        (b"&#34;", b'"'),
        (b"&apos;", b'\''),
        (b"&#39;", b'\''),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&amp;", b'&'),
    ];
    let mut at = 0;
    while let Some(rest) = inner.get(at..).filter(|r| !r.is_empty()) {
        if let Some((name, b)) = NAMED.iter().find(|(name, _)| rest.starts_with(name)) {
            map.push(text.len(), at, 1, name.len());
            text.push(*b);
            at += name.len();
        } else {
            let n = 1 + memchr(b'&', &rest[1..]).unwrap_or(rest.len() - 1);
            map.push(text.len(), at, 1, 1);
            text.extend_from_slice(&rest[..n]);
            at += n;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn run(escapes: Escapes, raw: &str) -> (String, OffsetMap) {
        let (mut text, mut map) = (Vec::new(), OffsetMap::default());
        assert_eq!(undo(escapes, raw.as_bytes(), true, &mut text, &mut map), raw.len());
        (String::from_utf8(text).unwrap(), map)
    }

    #[test]
    fn json_keeps_structure() {
        let raw = r#"{"\u624b\u673a":"13812345678","a\"b":"c\\u0041\/\ud83d\ude00\u0022"}"#;
        let (text, map) = run(Escapes::Json, raw);
        assert_eq!(text, "{\"手机\":\"13812345678\",\"a\\\"b\":\"c\\\\u0041/😀\\u0022\"}");
        let at = text.find("138").unwrap();
        assert_eq!(&raw[map.start(at)..map.end(at + 11)], "13812345678");
        let face = text.find('😀').unwrap();
        assert_eq!(&raw[map.start(face)..map.end(face + 4)], r"\ud83d\ude00");
    }

    #[test]
    fn percent_keeps_separators() {
        let raw = "n=%E5%BC%A0+%26%3d%25&m=3E%3A5E";
        let (text, map) = run(Escapes::Percent, raw);
        assert_eq!(text, "n=张 %26%3d%25&m=3E:5E");
        let at = text.find("3E").unwrap();
        assert_eq!(&raw[map.start(at)..map.end(at + 5)], "3E%3A5E");
        assert_eq!(finish_percent(b"a%26%3d%25x"), b"a&=%x");
    }

    #[test]
    fn entities_keep_markup() {
        let (text, _) = run(Escapes::Entities, "&#24352;&#x4e09;&lt;b&gt;&nbsp;&bogus;&");
        assert_eq!(text, "张三&lt;b&gt; &bogus;&");
    }

    #[test]
    fn waits_for_a_cut_escape() {
        for (escapes, raw, want) in [
            (Escapes::Json, r"ab\u62", 2),
            (Escapes::Json, r"ab\ud83d\u", 2),
            (Escapes::Json, r"ab\", 2),
            (Escapes::Percent, "ab%E", 2),
            (Escapes::Entities, "ab&#24", 2),
        ] {
            let (mut text, mut map) = (Vec::new(), OffsetMap::default());
            assert_eq!(undo(escapes, raw.as_bytes(), false, &mut text, &mut map), want);
            assert_eq!(text, b"ab");
        }
    }

    #[test]
    fn documents_in_strings() {
        let (mut text, mut map) = (Vec::new(), OffsetMap::default());
        let inner = br#"{\"a\":\"x\\u4e2d\"}"#;
        unquote_json(inner, &mut text, &mut map);
        assert_eq!(text, br#"{"a":"x\u4e2d"}"#);
        assert_eq!(map.start(5), 7);
        text.clear();
        map.clear();
        unquote_xml(b"{&quot;a&quot;:1}", &mut text, &mut map);
        assert_eq!(text, br#"{"a":1}"#);
    }
}
