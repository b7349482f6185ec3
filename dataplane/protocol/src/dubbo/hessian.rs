//! Hessian 2.0 (hessian-serialization, grammar of section 3), as JSON.

use crate::framed::{Bytes, Json, MAX_DEPTH};

/// Classes, names of types and elements that are remembered or read of one message.
const MAX_CLASSES: usize = 256;
const MAX_FIELDS: usize = 256;
const MAX_TYPES: usize = 256;

/// Reads values of one message, in order.
pub(super) struct Hessian<'a> {
    bytes: Bytes<'a>,
    /// Names of fields, by class in the order of their definitions.
    classes: Vec<Vec<Vec<u8>>>,
    /// How many names of types there were: they are referred to by number.
    types: usize,
}

impl<'a> Hessian<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Hessian { bytes: Bytes(bytes), classes: Vec::new(), types: 0 }
    }

    /// A text.
    pub(super) fn text(&mut self) -> Option<Vec<u8>> {
        let tag = self.bytes.u8()?;
        self.string(tag)
    }

    /// A text that may be missing.
    pub(super) fn text_or_null(&mut self) -> Option<Vec<u8>> {
        match self.bytes.u8()? {
            b'N' => Some(Vec::new()),
            tag => self.string(tag),
        }
    }

    /// A number of 32 bits.
    pub(super) fn number(&mut self) -> Option<i32> {
        let tag = self.bytes.u8()?;
        self.int(tag)
    }

    /// The text of a key in a map that is next.
    pub(super) fn entry(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        match self.bytes.u8()? {
            b'H' => {}
            b'M' => self.kind()?,
            _ => return None,
        }
        while self.bytes.0.first() != Some(&b'Z') {
            let name = self.text()?;
            if name == key {
                return self.text().map(|t| t.iter().take(128).copied().collect());
            }
            self.write(&mut Json::new())?;
        }
        None
    }

    /// Adds the next value as JSON; `None` where it is broken, cut or beyond a bound: what was added by then is whole JSON.
    pub(super) fn write(&mut self, json: &mut Json) -> Option<()> {
        self.nested(json, 0)
    }

    fn nested(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        let before = json.out.len();
        let written = self.value(json, depth);
        if written.is_none() && json.out.len() == before {
            json.raw(b"null");
        }
        written
    }

    fn value(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        if depth >= MAX_DEPTH || !json.has_room() {
            return None;
        }
        let tag = self.bytes.u8()?;
        match tag {
            b'N' => json.raw(b"null"),
            b'T' | b'F' => json.truth(tag == b'T'),
            0x80..=0xd7 | b'I' => json.number(self.int(tag)?),
            0xd8..=0xff | 0x38..=0x3f | b'L' | 0x59 => json.number(self.long(tag)?),
            b'D' | 0x5b..=0x5f => json.float(self.double(tag)?),
            0x4a => json.moment(self.bytes.be64()?.cast_signed()),
            0x4b => json.moment(i64::from(self.bytes.be32()?.cast_signed()) * 60_000),
            0x00..=0x1f | 0x30..=0x33 | b'R' | b'S' => json.text(&self.string(tag)?),
            0x20..=0x2f | 0x34..=0x37 | b'A' | b'B' => {
                self.binary(tag)?;
                json.raw(b"null");
            }
            0x55..=0x58 | 0x70..=0x7f => return self.list(tag, json, depth + 1),
            b'H' => return self.map(json, depth + 1),
            b'M' => {
                self.kind()?;
                return self.map(json, depth + 1);
            }
            b'C' => {
                self.class()?;
                // What it is the class of follows.
                return self.value(json, depth + 1);
            }
            b'O' => {
                let class = usize::try_from(self.number()?).ok()?;
                return self.object(class, json, depth + 1);
            }
            0x60..=0x6f => return self.object(usize::from(tag - 0x60), json, depth + 1),
            // A value of before.
            0x51 => {
                self.number()?;
                json.raw(b"null");
            }
            _ => return None,
        }
        Some(())
    }

    fn int(&mut self, tag: u8) -> Option<i32> {
        let tag_value = i32::from(tag);
        Some(match tag {
            0x80..=0xbf => tag_value - 0x90,
            0xc0..=0xcf => (tag_value - 0xc8) << 8 | i32::from(self.bytes.u8()?),
            0xd0..=0xd7 => (tag_value - 0xd4) << 16 | i32::from(self.bytes.be16()?),
            b'I' => self.bytes.be32()?.cast_signed(),
            _ => return None,
        })
    }

    fn long(&mut self, tag: u8) -> Option<i64> {
        let tag_value = i64::from(tag);
        Some(match tag {
            0xd8..=0xef => tag_value - 0xe0,
            0xf0..=0xff => (tag_value - 0xf8) << 8 | i64::from(self.bytes.u8()?),
            0x38..=0x3f => (tag_value - 0x3c) << 16 | i64::from(self.bytes.be16()?),
            0x59 => self.bytes.be32()?.cast_signed().into(),
            _ => self.bytes.be64()?.cast_signed(),
        })
    }

    fn double(&mut self, tag: u8) -> Option<f64> {
        Some(match tag {
            0x5b => 0.0,
            0x5c => 1.0,
            0x5d => self.bytes.u8()?.cast_signed().into(),
            0x5e => self.bytes.be16()?.cast_signed().into(),
            0x5f => f64::from(self.bytes.be32()?.cast_signed()) / 1000.0,
            _ => f64::from_bits(self.bytes.be64()?),
        })
    }

    /// A text in chunks, their lengths in characters of UTF-16.
    fn string(&mut self, mut tag: u8) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            let (units, last) = match tag {
                0x00..=0x1f => (u16::from(tag), true),
                0x30..=0x33 => (u16::from(tag - 0x30) << 8 | u16::from(self.bytes.u8()?), true),
                b'S' => (self.bytes.be16()?, true),
                b'R' => (self.bytes.be16()?, false),
                _ => return None,
            };
            self.characters(units, &mut out)?;
            if last {
                return Some(paired(out));
            }
            tag = self.bytes.u8()?;
        }
    }

    /// So many characters, each of one to three bytes; one of four (as some write them) counts as two.
    fn characters(&mut self, mut units: u16, out: &mut Vec<u8>) -> Option<()> {
        while units > 0 {
            let (bytes, of) = match self.bytes.0.first()? {
                0x00..=0x7f => (1, 1),
                0xc0..=0xdf => (2, 1),
                0xe0..=0xef => (3, 1),
                0xf0..=0xf7 => (4, 2),
                _ => return None,
            };
            out.extend_from_slice(self.bytes.take(bytes)?);
            units = units.saturating_sub(of);
        }
        Some(())
    }

    fn binary(&mut self, mut tag: u8) -> Option<()> {
        loop {
            let (length, last) = match tag {
                0x20..=0x2f => (u16::from(tag - 0x20), true),
                0x34..=0x37 => (u16::from(tag - 0x34) << 8 | u16::from(self.bytes.u8()?), true),
                b'B' => (self.bytes.be16()?, true),
                b'A' => (self.bytes.be16()?, false),
                _ => return None,
            };
            self.bytes.take(length.into())?;
            if last {
                return Some(());
            }
            tag = self.bytes.u8()?;
        }
    }

    /// The name of a type, or the number of one of before.
    fn kind(&mut self) -> Option<()> {
        let tag = self.bytes.u8()?;
        if self.string_or(tag)?.is_some() {
            self.types += 1;
        }
        (self.types <= MAX_TYPES).then_some(())
    }

    fn string_or(&mut self, tag: u8) -> Option<Option<Vec<u8>>> {
        match tag {
            0x00..=0x1f | 0x30..=0x33 | b'R' | b'S' => self.string(tag).map(Some),
            _ => self.int(tag).map(|_| None),
        }
    }

    fn list(&mut self, tag: u8, json: &mut Json, depth: u8) -> Option<()> {
        let length = match tag {
            0x55 => {
                self.kind()?;
                None
            }
            0x56 => {
                self.kind()?;
                Some(self.number()?)
            }
            0x57 => None,
            0x58 => Some(self.number()?),
            0x70..=0x77 => {
                self.kind()?;
                Some(i32::from(tag - 0x70))
            }
            _ => Some(i32::from(tag - 0x78)),
        };
        json.raw(b"[");
        let read = self.elements(length, json, depth);
        json.raw(b"]");
        read
    }

    fn elements(&mut self, length: Option<i32>, json: &mut Json, depth: u8) -> Option<()> {
        let mut left = length;
        loop {
            match &mut left {
                Some(n) if *n <= 0 => return Some(()),
                Some(n) => *n -= 1,
                None if self.bytes.0.first() == Some(&b'Z') => return self.bytes.u8().map(|_| ()),
                None => {}
            }
            json.comma();
            self.nested(json, depth)?;
        }
    }

    fn map(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        json.raw(b"{");
        let read = self.entries(json, depth);
        json.raw(b"}");
        read
    }

    fn entries(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        while *self.bytes.0.first()? != b'Z' {
            let mut name = Json::new();
            let key = self.nested(&mut name, depth);
            json.name(name.out.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\"")).unwrap_or(&name.out));
            self.nested(json, depth)?;
            key?;
        }
        self.bytes.u8().map(|_| ())
    }

    fn class(&mut self) -> Option<()> {
        self.text()?;
        let count = usize::try_from(self.number()?).ok().filter(|n| *n <= MAX_FIELDS)?;
        let fields = (0..count).map(|_| self.text()).collect::<Option<Vec<_>>>()?;
        (self.classes.len() < MAX_CLASSES).then(|| self.classes.push(fields))
    }

    fn object(&mut self, class: usize, json: &mut Json, depth: u8) -> Option<()> {
        let fields = self.classes.get(class)?.clone();
        json.raw(b"{");
        let mut read = Some(());
        for field in fields {
            json.name(&field);
            read = self.nested(json, depth);
            if read.is_none() {
                break;
            }
        }
        json.raw(b"}");
        read
    }
}

/// Java writes a character beyond the basic plane as two of three bytes each (surrogates): as one of four, as UTF-8 has it.
fn paired(text: Vec<u8>) -> Vec<u8> {
    if !text.windows(2).any(|w| matches!(w, [0xed, 0xa0..=0xaf])) {
        return text;
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), &text[..]);
    while let Some(first) = rest.first() {
        if let [0xed, a @ 0xa0..=0xaf, b, 0xed, c @ 0xb0..=0xbf, d, after @ ..] = rest {
            let unit = |x: &u8, y: &u8| u32::from(x & 0x0f) << 6 | u32::from(y & 0x3f);
            let code = 0x1_0000 + (unit(a, b) << 10 | unit(c, d));
            if let Some(c) = char::from_u32(code) {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            rest = after;
        } else {
            out.push(*first);
            rest = &rest[1..];
        }
    }
    out
}
