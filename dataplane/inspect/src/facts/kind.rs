//! What a body holds: by its media type, corrected by its first bytes.

use crate::file::{is_mail, is_tar};
use crate::text::charset::is_utf8;
use std::borrow::Cow;
use weir_exchange::MediaKind;

/// Bytes looked at.
pub(crate) const LOOK: usize = 512;

/// The value of a parameter of a header field (`charset` of `text/html; charset="gbk"`), without quotes.
pub(crate) fn parameter<'a>(value: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = value;
    while let Some(semicolon) = memchr::memchr(b';', rest) {
        rest = rest[semicolon + 1..].trim_ascii_start();
        let eq = memchr::memchr2(b'=', b';', rest)?;
        if rest[eq] == b'=' && rest[..eq].trim_ascii_end().eq_ignore_ascii_case(name) {
            let v = rest[eq + 1..].trim_ascii_start();
            return Some(match v.strip_prefix(b"\"") {
                Some(quoted) => &quoted[..memchr::memchr(b'"', quoted).unwrap_or(quoted.len())],
                None => v[..memchr::memchr2(b';', b',', v).unwrap_or(v.len())].trim_ascii_end(),
            });
        }
    }
    None
}

/// The file name of a `Content-Disposition` (RFC 6266): `filename*` before `filename`.
pub(crate) fn file_name(value: &[u8]) -> Option<String> {
    let extended = parameter(value, b"filename*").and_then(|v| {
        let mut parts = v.splitn(3, |b| *b == b'\'');
        let (charset, _, name) = (parts.next()?, parts.next()?, parts.next()?);
        let encoding = encoding_rs::Encoding::for_label(charset)?;
        Some(encoding.decode_without_bom_handling(&percent(name)).0.into_owned())
    });
    extended.or_else(|| {
        let plain = parameter(value, b"filename")?;
        let plain = if plain.contains(&b'%') { Cow::Owned(percent(plain)) } else { Cow::Borrowed(plain) };
        let (encoding, _) = crate::text::charset::choose(None, &plain);
        Some(encoding.decode_without_bom_handling(&plain).0.into_owned())
    })
}

/// `%XX` undone.
pub(crate) fn percent(text: &[u8]) -> Vec<u8> {
    let hex = |b: &u8| (*b as char).to_digit(16);
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(b) = text.get(at) {
        match (b, text.get(at + 1).and_then(hex), text.get(at + 2).and_then(hex)) {
            (b'%', Some(h), Some(l)) => {
                out.push((h << 4 | l) as u8);
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

/// The kind of a body of which the content type says `declared` and that starts with `start`.
pub(crate) fn choose(declared: Option<MediaKind>, start: &[u8]) -> MediaKind {
    let start = &start[..start.len().min(LOOK)];
    match declared {
        // Servers that call everything text or HTML are common.
        Some(MediaKind::Text | MediaKind::Html | MediaKind::Script) => match looks(start) {
            Some(MediaKind::Form | MediaKind::Csv) | None if is_table(start) => Some(MediaKind::Csv),
            Some(MediaKind::Form | MediaKind::Csv) | None => declared,
            Some(MediaKind::Xml) if declared == Some(MediaKind::Html) => declared,
            found => found,
        },
        // A form that is JSON is what some clients send by default.
        Some(MediaKind::Form) => match looks(start) {
            found @ Some(MediaKind::Json | MediaKind::Xml) => found,
            _ => declared,
        },
        Some(MediaKind::Json | MediaKind::Xml | MediaKind::Csv) => match looks(start) {
            found @ Some(
                MediaKind::Html | MediaKind::Json | MediaKind::Xml | MediaKind::Media | MediaKind::Document,
            ) => found,
            _ => declared,
        },
        // Exports that are called spreadsheets are often tables of another kind.
        Some(MediaKind::Document) => {
            looks(start).or_else(|| is_table(start).then_some(MediaKind::Csv)).or(declared)
        }
        Some(_) => declared,
        None => looks(start).or_else(|| {
            let readable = !start.is_empty() && !start.iter().any(|b| *b < 9);
            Some(match () {
                // Also of another charset than UTF-8.
                () if readable && is_table(start) => MediaKind::Csv,
                () if readable && is_utf8(start) => MediaKind::Text,
                () => MediaKind::Binary,
            })
        }),
    }
    .unwrap_or_default()
}

/// By media type alone; `None` where it is missing or says nothing.
pub(crate) fn declared(content_type: &[u8]) -> Option<MediaKind> {
    let end = memchr::memchr2(b';', b',', content_type).unwrap_or(content_type.len());
    let media = content_type[..end].trim_ascii().to_ascii_lowercase();
    let media = std::str::from_utf8(&media).ok()?;
    let (top, sub) = media.split_once('/').unwrap_or((media, ""));
    let any = |words: &[&str]| words.iter().any(|w| sub.contains(w));
    Some(match (top, sub) {
        ("multipart", _) => MediaKind::Multipart,
        ("image", "svg+xml") => MediaKind::Xml,
        ("image" | "audio" | "video" | "font", _) => MediaKind::Media,
        (_, "x-www-form-urlencoded") => MediaKind::Form,
        (_, "csv" | "tab-separated-values" | "x-csv") => MediaKind::Csv,
        (_, "html" | "xhtml+xml") => MediaKind::Html,
        _ if any(&["javascript", "ecmascript", "css"]) => MediaKind::Script,
        _ if any(&["officedocument", "opendocument", "msword", "ms-excel", "ms-powerpoint"]) => {
            MediaKind::Document
        }
        ("application", _) if any(&["pdf", "zip", "gzip", "x-tar", "rar", "7z"]) => MediaKind::Document,
        ("application", _) if any(&["font", "x-shockwave"]) => MediaKind::Media,
        _ if any(&["json"]) => MediaKind::Json,
        _ if sub == "xml" || sub.ends_with("+xml") || any(&["soap"]) => MediaKind::Xml,
        ("message", "rfc822" | "global") => MediaKind::Document,
        ("text", _) => MediaKind::Text,
        ("application", "wasm" | "grpc" | "protobuf" | "x-protobuf") => MediaKind::Binary,
        _ => return None,
    })
}

/// By the first bytes alone.
fn looks(start: &[u8]) -> Option<MediaKind> {
    let magic = |marks: &[&[u8]]| marks.iter().any(|m| start.starts_with(m));
    if magic(&[
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"OggS",
        b"ID3",
        b"wOFF",
        b"wOF2",
        b"\0\0\x01\0",
        b"RIFF",
    ]) {
        return Some(MediaKind::Media);
    }
    let files: [&[u8]; 9] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"%PDF-",
        b"\xd0\xcf\x11\xe0",
        b"\x1f\x8b\x08",
        b"Rar!",
        b"7z\xbc\xaf",
        b"BZh",
        b"\xfd7zXZ",
    ];
    if magic(&files) || is_tar(start) || is_mail(start) {
        return Some(MediaKind::Document);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let mut lower = [0; 64];
    let lower = &mut lower[..text.len().min(64)];
    lower.copy_from_slice(&text[..lower.len()]);
    lower.make_ascii_lowercase();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Some(MediaKind::Html);
    }
    if lower.starts_with(b"<?xml")
        || lower.first() == Some(&b'<') && memchr::memmem::find(lower, b":envelope").is_some()
    {
        return Some(MediaKind::Xml);
    }
    let second = text.get(1..).unwrap_or_default().trim_ascii_start().first();
    match (text.first(), second) {
        (Some(b'{'), Some(b'"' | b'}')) => Some(MediaKind::Json),
        (Some(b'['), Some(b'{' | b'[' | b'"' | b']' | b'0'..=b'9')) => Some(MediaKind::Json),
        _ if is_form(text) => Some(MediaKind::Form),
        _ => None,
    }
}

/// A row of names, and another with as many cells: a table that is called plain text.
fn is_table(start: &[u8]) -> bool {
    let mut rows = start.split(|b| *b == b'\n');
    let (Some(names), Some(next)) = (rows.next(), rows.next()) else { return false };
    let cells = |row: &[u8]| row.iter().filter(|b| matches!(b, b',' | b'\t')).count();
    let name = |cell: &[u8]| {
        let cell = cell.trim_ascii();
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'"') || !b.is_ascii();
        (1..=32).contains(&cell.len()) && cell.iter().all(plain) && !cell[0].is_ascii_digit()
    };
    // A cell of the next row may hold a quoted comma.
    cells(names) >= 2 && cells(next) >= cells(names) && names.split(|b| matches!(b, b',' | b'\t')).all(name)
}

/// `name=value&name=value` and nothing else.
fn is_form(text: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"=&%+-_.~*[]".contains(b);
    memchr::memchr(b'=', text).is_some_and(|n| n > 0 && n < 64)
        && text.contains(&b'&')
        && text.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_types_that_fit() {
        for (media, start, want) in [
            ("application/json; charset=utf-8", "{\"a\":1}", MediaKind::Json),
            ("application/problem+json", "{}", MediaKind::Json),
            ("text/html", "{\"a\":1}", MediaKind::Json),
            ("text/plain", "[{\"a\":1}]", MediaKind::Json),
            ("application/json", "<html>", MediaKind::Html),
            ("text/html", "<!DOCTYPE HTML>", MediaKind::Html),
            ("", "{\"a\":1}", MediaKind::Json),
            ("application/octet-stream", "hello there", MediaKind::Text),
            ("application/octet-stream", "\u{1}\u{2}", MediaKind::Binary),
            ("", "a=1&b=2", MediaKind::Form),
            ("application/soap+xml", "<s:Envelope>", MediaKind::Xml),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK", MediaKind::Document),
            ("image/png", "x", MediaKind::Media),
            ("application/x-www-form-urlencoded", "{\"a\":1}", MediaKind::Json),
            ("text/csv", "[1]", MediaKind::Json),
            ("text/plain", "id,姓名,phone\r\n1,a,2\r\n", MediaKind::Csv),
            ("text/plain", "Well, that is, so\nto say, no, table, is", MediaKind::Text),
            ("", "", MediaKind::Binary),
            ("application/octet-stream", "id,姓名,phone\r\n1,a,2\r\n", MediaKind::Csv),
            ("application/vnd.ms-excel", "id,姓名,phone\r\n1,a,2\r\n", MediaKind::Csv),
            ("application/vnd.ms-excel", "<html><table>", MediaKind::Html),
            ("application/zip", "\u{1}\u{2}", MediaKind::Document),
        ] {
            assert_eq!(choose(declared(media.as_bytes()), start.as_bytes()), want, "{media} {start}");
        }
    }

    #[test]
    fn reads_parameters() {
        assert_eq!(parameter(b"text/html; Charset=\"gbk\"; x=1", b"charset"), Some(&b"gbk"[..]));
        assert_eq!(parameter(b"form-data; name=a;filename=b.csv", b"filename"), Some(&b"b.csv"[..]));
        assert_eq!(
            file_name(b"attachment; filename=x; filename*=UTF-8''%E5%AE%A2.csv").as_deref(),
            Some("客.csv")
        );
        assert_eq!(file_name("attachment; filename=\"客.csv\"".as_bytes()).as_deref(), Some("客.csv"));
    }
}
