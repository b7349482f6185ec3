//! Charsets: which one a text is in, and decoding it to UTF-8 with the way back.

use super::OffsetMap;
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use memchr::memmem;

/// Bytes at the start of a text in which a declaration or a pattern of its charset is looked for.
const LOOK: usize = 4096;

/// The charset of a text: from its byte order mark, else from the header, else from a declaration inside it, else from its bytes.
/// The flag says that the bytes contradict the charset declared.
pub(crate) fn choose(header: Option<&[u8]>, start: &[u8]) -> (&'static Encoding, bool) {
    if let Some((bom, _)) = Encoding::for_bom(start) {
        return (bom, false);
    }
    let start = &start[..start.len().min(LOOK)];
    let declared = header.and_then(Encoding::for_label).or_else(|| inside(start));
    match declared {
        Some(e) if e == UTF_8 && !is_utf8(start) => (detect(start), true),
        // A header that says Latin-1 is as often a server's default as the truth.
        Some(e) if e == WINDOWS_1252 && !start.is_ascii() => {
            let found = detect(start);
            (found, found != e)
        }
        Some(e)
            if e != UTF_8 && !is_wide(e) && !start.is_ascii() && is_utf8(start) && !plausible(e, start) =>
        {
            (UTF_8, true)
        }
        Some(e) => (e, false),
        None => (detect(start), false),
    }
}

fn is_wide(e: &Encoding) -> bool {
    e == UTF_16LE || e == UTF_16BE
}

/// `encoding="..."` of an XML declaration or `charset=...` of an HTML meta element.
fn inside(start: &[u8]) -> Option<&'static Encoding> {
    let lead = start.trim_ascii_start();
    if !lead.starts_with(b"<") {
        return None;
    }
    let (at, skip) = match memmem::find(&start[..start.len().min(200)], b"encoding=") {
        Some(at) if lead.starts_with(b"<?xml") => (at, 9),
        _ => (memmem::find(start, b"charset=")?, 8),
    };
    let label = start.get(at + skip..)?;
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let end = label.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':')))?;
    Encoding::for_label(&label[..end])
}

/// Whether `text` is UTF-8, but for a character cut by its end.
pub(crate) fn is_utf8(text: &[u8]) -> bool {
    simdutf8::basic::from_utf8(text).is_ok()
        || simdutf8::compat::from_utf8(text).is_err_and(|e| e.error_len().is_none())
}

/// From the bytes alone: UTF-8, UTF-16 by its zero bytes, then the legacy charset that reads the most as common characters.
fn detect(start: &[u8]) -> &'static Encoding {
    if start.len() >= 4 && memchr::memchr(0, start).is_some() {
        let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
        let half = start.len() / 2;
        match (zeros(0) * 3 > half, zeros(1) * 3 > half) {
            (true, false) => return UTF_16BE,
            (false, true) => return UTF_16LE,
            _ => {}
        }
    }
    if is_utf8(start) {
        return UTF_8;
    }
    let best = [GB18030, BIG5, SHIFT_JIS, EUC_JP, EUC_KR].into_iter().map(|e| (score(e, start), e));
    // The first of equals wins: GB18030 is what is met here.
    let (points, found) = best.fold((i64::MIN, GB18030), |a, b| if b.0 > a.0 { b } else { a });
    if points > 0 { found } else { WINDOWS_1252 }
}

/// How well `start` reads in `e`: common Han characters, kana and hangul count for it, invalid and private ones against.
fn score(e: &'static Encoding, start: &[u8]) -> i64 {
    let mut decoder = e.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(start.len() * 3 + 16);
    let _ = decoder.decode_to_string(start, &mut text, false);
    let prefer = if e == GB18030 { 2 } else { 0 };
    text.chars()
        .filter(|c| !c.is_ascii())
        .map(|c| match c {
            '\u{4e00}'..='\u{9fff}' => 8 + prefer + i64::from(is_level_one(c)) * 6,
            '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7a3}' => 9,
            '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}' => 4,
            '\u{fffd}' => -60,
            '\u{e000}'..='\u{f8ff}' => -20,
            _ => -3,
        })
        .sum()
}

/// Whether GB 2312 has the character on its first level (3,755 common ones: lead bytes B0 to D7).
fn is_level_one(c: char) -> bool {
    let mut utf8 = [0; 4];
    let (bytes, _, _) = GBK.encode(c.encode_utf8(&mut utf8));
    matches!(*bytes, [0xb0..=0xd7, 0xa1..=0xfe])
}

fn plausible(e: &'static Encoding, start: &[u8]) -> bool {
    let (mut decoder, mut text) =
        (e.new_decoder_without_bom_handling(), String::with_capacity(start.len() * 3 + 16));
    let _ = decoder.decode_to_string(start, &mut text, false);
    // UTF-8 of Chinese read as GBK has broken pairs or rare characters in every few.
    let (mut odd, mut all) = (0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        all += 1;
        odd += usize::from(!is_level_one(c));
    }
    odd * 3 < all
}

/// Appends `raw` in UTF-8 to `text` and fills `map`; invalid bytes become U+FFFD. A character cut by the end is left out unless
/// `last`. Returns the bytes of `raw` taken and whether some were invalid.
pub(crate) fn decode(
    encoding: &'static Encoding,
    raw: &[u8],
    last: bool,
    text: &mut Vec<u8>,
    map: &mut OffsetMap,
) -> (usize, bool) {
    if is_wide(encoding) {
        wide(encoding, raw, last, text, map)
    } else {
        narrow(encoding, raw, last, text, map)
    }
}

fn narrow(
    encoding: &'static Encoding,
    raw: &[u8],
    last: bool,
    text: &mut Vec<u8>,
    map: &mut OffsetMap,
) -> (usize, bool) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut at, mut bad) = (0, false);
    let mut out = [0u8; 32];
    while at < raw.len() {
        let ascii = raw[at..].iter().position(|b| !b.is_ascii()).unwrap_or(raw.len() - at);
        if ascii > 0 {
            map.push(text.len(), at, 1, 1);
            text.extend_from_slice(&raw[at..at + ascii]);
            at += ascii;
            continue;
        }
        // One character at a time: bytes are given to the decoder until it yields.
        let mut taken = 0;
        let written = loop {
            let Some(byte) = raw.get(at + taken..at + taken + 1) else {
                if !last {
                    return (at, bad);
                }
                let (_, _, n, _) = decoder.decode_to_utf8(&[], &mut out, true);
                bad = true;
                break n;
            };
            let (_, _, n, errors) = decoder.decode_to_utf8(byte, &mut out, false);
            taken += 1;
            bad |= errors;
            if n > 0 {
                break n;
            }
        };
        if written > 0 {
            map.push(text.len(), at, written, taken);
            text.extend_from_slice(&out[..written]);
        }
        at += taken;
    }
    (at, bad)
}

fn wide(
    encoding: &'static Encoding,
    raw: &[u8],
    last: bool,
    text: &mut Vec<u8>,
    map: &mut OffsetMap,
) -> (usize, bool) {
    let unit = |at: usize| -> Option<u16> {
        let pair = [*raw.get(at)?, *raw.get(at + 1)?];
        Some(if encoding == UTF_16LE { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let (mut at, mut bad) = (0, false);
    while let Some(first) = unit(at) {
        let second = unit(at + 2);
        if (0xd800..0xdc00).contains(&first) && second.is_none() && !last {
            break;
        }
        let pair = [first, second.unwrap_or(0)];
        let c = char::decode_utf16(pair).next().and_then(Result::ok);
        bad |= c.is_none();
        let c = c.unwrap_or('\u{fffd}');
        let (mut utf8, taken) = ([0; 4], c.len_utf16() * 2);
        let s = c.encode_utf8(&mut utf8).as_bytes();
        map.push(text.len(), at, s.len(), taken);
        text.extend_from_slice(s);
        at += taken;
    }
    if last && at < raw.len() {
        bad = true;
        at = raw.len();
    }
    (at, bad)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn read(e: &'static Encoding, raw: &[u8]) -> (String, OffsetMap) {
        let (mut text, mut map) = (Vec::new(), OffsetMap::default());
        assert_eq!(decode(e, raw, true, &mut text, &mut map).0, raw.len());
        (String::from_utf8(text).unwrap(), map)
    }

    #[test]
    fn chooses() {
        let gbk = GBK.encode("姓名,手机\n张三,13812345678\n").0.into_owned();
        assert_eq!(choose(Some(b"gbk"), &gbk), (GBK, false));
        assert_eq!(choose(None, &gbk), (GB18030, false));
        assert_eq!(choose(Some(b"utf-8"), &gbk), (GB18030, true));
        assert_eq!(choose(None, "姓名".as_bytes()), (UTF_8, false));
        assert_eq!(choose(Some(b"gbk"), "订单查询成功，手机号".as_bytes()), (UTF_8, true));
        let big5 = BIG5.encode("您的訂單編號與聯絡電話，請確認後再繼續").0.into_owned();
        assert_eq!(choose(None, &big5).0, BIG5);
        assert_eq!(choose(None, b"\xff\xfea\0b\0").0, UTF_16LE);
        assert_eq!(choose(None, b"a\0b\0c\0").0, UTF_16LE);
        assert_eq!(choose(None, b"<?xml version=\"1.0\" encoding='GB2312'?><a>").0, GBK);
        assert_eq!(choose(None, b"<html><meta charset=big5><a>").0, BIG5);
        assert_eq!(choose(None, b"caf\xe9 cr\xe8me").0, WINDOWS_1252);
    }

    #[test]
    fn maps_back() {
        for e in [GBK, GB18030, BIG5, EUC_KR, SHIFT_JIS] {
            let raw = e.encode("電話:13812345678 名字").0.into_owned();
            let (text, map) = read(e, &raw);
            let at = text.find("138").unwrap();
            assert_eq!(&raw[map.start(at)..map.end(at + 11)], b"13812345678");
        }
        let raw: Vec<u8> = "\u{feff}名😀x1".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let (text, map) = read(UTF_16BE, &raw);
        assert_eq!(text, "\u{feff}名😀x1");
        let at = text.find('x').unwrap();
        assert_eq!(&raw[map.start(at)..map.end(at + 2)], b"\0x\x001");
    }

    #[test]
    fn waits_for_a_cut_character() {
        let raw = GB18030.encode("中𠮷").0.into_owned();
        for cut in 3..raw.len() {
            let (mut text, mut map) = (Vec::new(), OffsetMap::default());
            assert_eq!(decode(GB18030, &raw[..cut], false, &mut text, &mut map), (2, false));
        }
        assert_eq!(read(GBK, b"a\xff").0, "a\u{fffd}");
    }
}
