//! Messages of Protocol Buffers without their schema, told as JSON: fields by their numbers.
//!
//! The wire says number and one of four forms of each field, not its type. A field of bytes is taken for a text where it is one
//! of UTF-8 without control characters, else for a message where all of it reads as one, else for bytes, which are passed over.
//! Numbers of fixed width may be integers or floats: they are passed over too, as half of a float would look like a number of an
//! account. Fields that stand behind each other with one number are an array.

use std::io::Write;

/// Deepest nesting read.
const MAX_DEPTH: u32 = 16;

/// A field: its number, and what it holds.
enum Value<'a> {
    Integer(u64),
    Fixed,
    Bytes(&'a [u8]),
}

/// Takes the next field off the front; `None` at what is none.
fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = integer(bytes)?;
    let number = tag >> 3;
    if number == 0 || number > (1 << 29) - 1 {
        return None;
    }
    let value = match tag & 7 {
        0 => Value::Integer(integer(bytes)?),
        1 => {
            *bytes = bytes.get(8..)?;
            Value::Fixed
        }
        5 => {
            *bytes = bytes.get(4..)?;
            Value::Fixed
        }
        2 => {
            let length = usize::try_from(integer(bytes)?).ok()?;
            let (value, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Value::Bytes(value)
        }
        // Groups went out of use with version 2.
        _ => return None,
    };
    Some((number, value))
}

/// A base-128 integer.
fn integer(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for (i, b) in bytes.iter().take(10).enumerate() {
        n |= u64::from(b & 0x7f) << (7 * i);
        if b & 0x80 == 0 {
            *bytes = &bytes[i + 1..];
            return Some(n);
        }
    }
    None
}

/// Whether all of `bytes` reads as one message, by its outermost fields.
fn is_message(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        if field(&mut bytes).is_none() {
            return false;
        }
    }
    true
}

/// Text without control characters but line ends and tabs; the flag: without those too.
fn as_text(bytes: &[u8]) -> Option<(&str, bool)> {
    let soft = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r');
    if bytes.iter().any(|b| (*b < 0x20 && !soft(b)) || *b == 0x7f) {
        return None;
    }
    std::str::from_utf8(bytes).ok().map(|s| (s, !bytes.iter().any(soft)))
}

/// Appends a message as a JSON object; `false` where it breaks off, which is told as far as it goes.
pub(super) fn to_json(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    object(bytes, 0, out)
}

fn object(mut bytes: &[u8], depth: u32, out: &mut Vec<u8>) -> bool {
    out.push(b'{');
    let mut run = None::<u64>;
    let mut whole = true;
    let mut take = || {
        let more = !bytes.is_empty();
        let next = if more { field(&mut bytes) } else { None };
        whole &= next.is_some() || !more;
        next
    };
    let mut next = take();
    while let Some((number, value)) = next {
        next = take();
        let again = next.as_ref().is_some_and(|n| n.0 == number);
        if run == Some(number) {
            out.push(b',');
        } else {
            if out.last() != Some(&b'{') {
                out.push(b',');
            }
            let _infallible = write!(out, "\"{number}\":");
            if again {
                out.push(b'[');
                run = Some(number);
            }
        }
        one(&value, depth, out);
        if run.is_some() && !again {
            out.push(b']');
            run = None;
        }
    }
    out.push(b'}');
    whole
}

fn one(value: &Value<'_>, depth: u32, out: &mut Vec<u8>) {
    match value {
        Value::Integer(n) => {
            let _infallible = write!(out, "{n}");
        }
        Value::Fixed => out.extend_from_slice(b"null"),
        Value::Bytes(bytes) => match as_text(bytes) {
            Some((text, true)) => string(text, out),
            _ if depth < MAX_DEPTH && !bytes.is_empty() && is_message(bytes) => {
                object(bytes, depth + 1, out);
            }
            Some((text, false)) => string(text, out),
            None => out.extend_from_slice(b"null"),
        },
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for b in text.bytes() {
        match b {
            b'"' | b'\\' => out.extend([b'\\', b]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b => out.push(b),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(bytes: &[u8]) -> (String, bool) {
        let mut out = Vec::new();
        let whole = to_json(bytes, &mut out);
        (String::from_utf8_lossy(&out).into_owned(), whole)
    }

    #[test]
    fn messages_without_schema() {
        // From the guide to the encoding: 1: 150; 2: "testing"; 3: { 1: 150 }.
        assert_eq!(json(&[8, 0x96, 1]), (r#"{"1":150}"#.into(), true));
        assert_eq!(json(b"\x12\x07testing"), (r#"{"2":"testing"}"#.into(), true));
        assert_eq!(json(&[0x1a, 3, 8, 0x96, 1]), (r#"{"3":{"1":150}}"#.into(), true));
        let phone = b"\x0a\x0b13800138000";
        let person = [&[0x1a, 13][..], phone, &[0x1a, 13], phone, &[8, 1]].concat();
        assert_eq!(json(&person), (r#"{"3":[{"1":"13800138000"},{"1":"13800138000"}],"1":1}"#.into(), true));
        assert_eq!(json(b""), ("{}".into(), true));
        assert_eq!(json(b"\x0a\x05a\"\\\n\t").0, r#"{"1":"a\"\\\n\t"}"#);
        assert_eq!(
            json(b"\x0a\x04\xff\xd8\xff\xe0\x19\x01\x02\x03\x04\x05\x06\x07\x08\x25\x01\x02\x03\x04").0,
            r#"{"1":null,"3":null,"4":null}"#
        );
    }

    #[test]
    fn broken_messages_end_where_they_break() {
        assert_eq!(json(b"\x12\x07testing\x0a\x7fshort"), (r#"{"2":"testing"}"#.into(), false));
        assert_eq!(json(&[0x0b]), ("{}".into(), false));
        assert_eq!(json(&[0xff; 30]), ("{}".into(), false));
        // Deep nesting ends at the bound: what is left is bytes or text.
        let mut deep = vec![8, 1];
        for _ in 0..40 {
            deep = [&[0x0a, deep.len() as u8][..], &deep].concat();
        }
        assert!(json(&deep).0.matches('{').count() <= MAX_DEPTH as usize + 1);
    }
}
