//! From the codes of a font to characters (ISO 32000-1, 9.10): by its own table, else by a known encoding.

use super::syntax::{skip_blank, string, token_end};
use std::collections::HashMap;

/// Most codes of a font.
const MAX_CODES: usize = 65_536;

/// How a font's codes read.
#[derive(Clone, Default, Debug)]
pub(super) enum Codes {
    /// A byte a character, as in Latin-1: fonts of Western text have hardly another.
    #[default]
    Bytes,
    /// Two bytes, UTF-16.
    Wide,
    /// Of a charset.
    Charset(&'static encoding_rs::Encoding),
    /// By a table; codes have so many bytes.
    Table(HashMap<u32, String>, usize),
    /// Numbers of glyphs, which say nothing without the font.
    Glyphs,
}

impl Codes {
    /// Of a composite font by the name of its encoding.
    pub(super) fn named(encoding: &[u8]) -> Codes {
        let has = |word: &[u8]| memchr::memmem::find(encoding, word).is_some();
        match () {
            () if has(b"UCS2") || has(b"UTF16") => Codes::Wide,
            () if has(b"GB") => Codes::Charset(encoding_rs::GB18030),
            () if has(b"B5") || has(b"ETen") => Codes::Charset(encoding_rs::BIG5),
            () if has(b"RKSJ") => Codes::Charset(encoding_rs::SHIFT_JIS),
            () if has(b"KSC") => Codes::Charset(encoding_rs::EUC_KR),
            () => Codes::Glyphs,
        }
    }
    /// Of the table that a font has for reading (ToUnicode).
    pub(super) fn table(map: &[u8]) -> Codes {
        let (mut codes, mut width, mut at) = (HashMap::new(), 2, 0);
        let mut held: Vec<&[u8]> = Vec::new();
        loop {
            at = skip_blank(map, at);
            if at >= map.len() {
                break;
            }
            let end = token_end(map, at).max(at + 1);
            let token = &map[at..end];
            at = end;
            match token {
                b"begincodespacerange" | b"beginbfchar" | b"beginbfrange" => held.clear(),
                b"endcodespacerange" => width = held.first().map_or(2, |c| string(c).len().clamp(1, 4)),
                b"endbfchar" => {
                    for [code, text] in held.as_chunks::<2>().0 {
                        add(&mut codes, value(code), &string(text), 0);
                    }
                }
                b"endbfrange" => ranges(&mut codes, &held),
                _ if held.len() < 4 * MAX_CODES => held.push(token),
                _ => break,
            }
        }
        Codes::Table(codes, width)
    }
    /// How many codes its table has; one where it has none.
    pub(super) fn count(&self) -> usize {
        match self {
            Codes::Table(table, _) => table.len(),
            _ => 1,
        }
    }
    /// Appends what a string of codes reads as; whether it could be read.
    pub(super) fn read(&self, codes: &[u8], out: &mut String) -> bool {
        match self {
            Codes::Bytes => out.extend(codes.iter().map(|b| *b as char)),
            Codes::Wide => out.push_str(&encoding_rs::UTF_16BE.decode_without_bom_handling(codes).0),
            Codes::Charset(e) => out.push_str(&e.decode_without_bom_handling(codes).0),
            Codes::Table(table, width) => {
                for code in codes.chunks(*width) {
                    match table.get(&code.iter().fold(0, |n, b| n << 8 | u32::from(*b))) {
                        Some(text) => out.push_str(text),
                        None => out.push('\u{fffd}'),
                    }
                }
            }
            Codes::Glyphs => return false,
        }
        true
    }
}

fn value(token: &[u8]) -> u32 {
    string(token).iter().take(4).fold(0, |n, b| n << 8 | u32::from(*b))
}

/// `<first> <last> <text of the first>`, or with an array of texts.
fn ranges(codes: &mut HashMap<u32, String>, held: &[&[u8]]) {
    let mut rest = held;
    while let [first, last, text, more @ ..] = rest {
        let (first, last) = (value(first), value(last));
        if *text == b"[" {
            let n = more.iter().position(|t| *t == b"]").unwrap_or(more.len());
            for (i, text) in more[..n].iter().enumerate() {
                add(codes, first.saturating_add(i as u32), &string(text), 0);
            }
            rest = more.get(n + 1..).unwrap_or_default();
        } else {
            let text = string(text);
            for i in 0..=last.saturating_sub(first).min(0xffff) {
                add(codes, first.saturating_add(i), &text, i);
            }
            rest = more;
        }
    }
}

/// Adds a code for the text in UTF-16, its last unit further by `plus`.
fn add(codes: &mut HashMap<u32, String>, code: u32, text: &[u8], plus: u32) {
    if codes.len() >= MAX_CODES || text.len() > 64 {
        return;
    }
    let mut units: Vec<u16> = text.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b)).collect();
    if let Some(last) = units.last_mut() {
        *last = last.wrapping_add(plus as u16);
    }
    codes.insert(code, String::from_utf16_lossy(&units));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let map =
            b"1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <5f20> endbfchar \
            2 beginbfrange <0010> <0019> <0030> <0020> <0021> [<4f1f> <5a1c>] endbfrange";
        let codes = Codes::table(map);
        let mut out = String::new();
        assert!(codes.read(&[0, 1, 0, 0x20, 0, 0x11, 0, 0x13], &mut out));
        assert_eq!(out, "张伟13");
        assert!(!Codes::named(b"/Identity-H").read(&[0, 1], &mut out));
        Codes::named(b"/UniGB-UCS2-H").read(&[0x5f, 0x20], &mut out);
        Codes::named(b"/GBK-EUC-H").read(b"\xd0\xd5", &mut out);
        assert_eq!(out, "张伟13张姓");
        assert!(
            matches!(Codes::table(b"9 beginbfrange <0> <ffffffff> <41> endbfrange"), Codes::Table(t, 2) if t.len() <= MAX_CODES)
        );
    }
}
