//! Values of both encodings, as JSON.

use crate::framed::{Bytes, Json, MAX_DEPTH};

/// How values are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    Binary,
    Compact,
}

/// Kinds of values, by their number in the binary encoding.
mod kind {
    pub(super) const STOP: u8 = 0;
    pub(super) const BOOL: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const DOUBLE: u8 = 4;
    pub(super) const I16: u8 = 6;
    pub(super) const I32: u8 = 8;
    pub(super) const I64: u8 = 10;
    pub(super) const STRING: u8 = 11;
    pub(super) const STRUCT: u8 = 12;
    pub(super) const MAP: u8 = 13;
    pub(super) const SET: u8 = 14;
    pub(super) const LIST: u8 = 15;
    pub(super) const UUID: u8 = 16;
}

/// The kind of a number of the compact encoding.
fn compact(number: u8) -> Option<u8> {
    const KINDS: [u8; 14] = [
        kind::STOP,
        kind::BOOL,
        kind::BOOL,
        kind::BYTE,
        kind::I16,
        kind::I32,
        kind::I64,
        kind::DOUBLE,
        kind::STRING,
        kind::LIST,
        kind::SET,
        kind::MAP,
        kind::STRUCT,
        kind::UUID,
    ];
    KINDS.get(usize::from(number)).copied()
}

/// A field before its value: its number, its kind, and its value where that stands in the header (a truth of the compact encoding).
pub(super) struct Field {
    pub(super) number: i16,
    kind: u8,
    truth: Option<bool>,
}

/// Reads values.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) bytes: Bytes<'a>,
    pub(super) encoding: Encoding,
}

impl<'a> Values<'a> {
    /// The next field of a struct; `None` at its end. `before` is the number of the field before it.
    pub(super) fn field(&mut self, before: i16) -> Option<Field> {
        let head = self.bytes.u8()?;
        match self.encoding {
            Encoding::Binary => {
                let number = (head != kind::STOP).then(|| self.bytes.be16())??;
                Some(Field { number: number.cast_signed(), kind: head, truth: None })
            }
            Encoding::Compact => {
                let (step, low) = (head >> 4, head & 0x0f);
                let kind = compact(low).filter(|k| *k != kind::STOP)?;
                let number = match step {
                    0 => i16::try_from(self.bytes.zigzag()?).ok()?,
                    step => before.checked_add(i16::from(step))?,
                };
                Some(Field { number, kind, truth: (kind == kind::BOOL).then_some(low == 1) })
            }
        }
    }

    /// Adds a struct as an object by field number.
    pub(super) fn write_struct(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        json.raw(b"{");
        let read = self.fields(json, depth);
        json.raw(b"}");
        read
    }

    fn fields(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        let mut before = 0;
        while self.bytes.0.first() != Some(&kind::STOP) {
            let field = self.field(before)?;
            before = field.number;
            json.name(field.number.to_string().as_bytes());
            self.write_field(&field, json, depth)?;
        }
        self.bytes.u8().map(|_| ())
    }

    /// Adds the value of a field.
    pub(super) fn write_field(&mut self, field: &Field, json: &mut Json, depth: u8) -> Option<()> {
        match field.truth {
            Some(is) => {
                json.truth(is);
                Some(())
            }
            None => self.write(field.kind, json, depth),
        }
    }

    fn write(&mut self, kind: u8, json: &mut Json, depth: u8) -> Option<()> {
        let before = json.out.len();
        let written = self.value(kind, json, depth);
        if written.is_none() && json.out.len() == before {
            json.raw(b"null");
        }
        written
    }

    fn value(&mut self, kind: u8, json: &mut Json, depth: u8) -> Option<()> {
        if depth >= MAX_DEPTH || !json.has_room() {
            return None;
        }
        match kind {
            kind::BOOL => json.truth(self.bytes.u8()? == 1),
            kind::BYTE => json.number(self.bytes.u8()?.cast_signed()),
            kind::DOUBLE => {
                let bits: [u8; 8] = self.bytes.array()?;
                json.float(match self.encoding {
                    Encoding::Binary => f64::from_be_bytes(bits),
                    Encoding::Compact => f64::from_le_bytes(bits),
                });
            }
            kind::I16 | kind::I32 | kind::I64 => json.number(self.integer(kind)?),
            kind::STRING => {
                let n = self.size()?;
                json.text(self.bytes.take(n)?);
            }
            kind::STRUCT => return self.write_struct(json, depth + 1),
            kind::MAP => return self.map(json, depth + 1),
            kind::SET | kind::LIST => return self.list(json, depth + 1),
            kind::UUID => {
                self.bytes.take(16)?;
                json.raw(b"null");
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn integer(&mut self, kind: u8) -> Option<i64> {
        Some(match (self.encoding, kind) {
            (Encoding::Compact, _) => self.bytes.zigzag()?,
            (Encoding::Binary, kind::I16) => self.bytes.be16()?.cast_signed().into(),
            (Encoding::Binary, kind::I32) => self.bytes.be32()?.cast_signed().into(),
            (Encoding::Binary, _) => self.bytes.be64()?.cast_signed(),
        })
    }

    /// A number of 32 bits.
    pub(super) fn number(&mut self) -> Option<i64> {
        self.integer(kind::I32)
    }

    fn size(&mut self) -> Option<usize> {
        match self.encoding {
            Encoding::Binary => usize::try_from(self.bytes.be32()?).ok(),
            Encoding::Compact => usize::try_from(self.bytes.varint()?).ok(),
        }
    }

    fn list(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        let (kind, size) = match self.encoding {
            Encoding::Binary => (self.bytes.u8()?, self.size()?),
            Encoding::Compact => {
                let head = self.bytes.u8()?;
                let size = if head >> 4 == 15 { self.size()? } else { usize::from(head >> 4) };
                (compact(head & 0x0f)?, size)
            }
        };
        json.raw(b"[");
        let mut read = Some(());
        for _ in 0..size {
            json.comma();
            read = self.write(kind, json, depth);
            if read.is_none() {
                break;
            }
        }
        json.raw(b"]");
        read
    }

    /// As an object whose names are the keys; keys that are no texts are told as they would be as values.
    fn map(&mut self, json: &mut Json, depth: u8) -> Option<()> {
        let (key, value, size) = match self.encoding {
            Encoding::Binary => (self.bytes.u8()?, self.bytes.u8()?, self.size()?),
            Encoding::Compact => match self.size()? {
                0 => (kind::STOP, kind::STOP, 0),
                size => {
                    let kinds = self.bytes.u8()?;
                    (compact(kinds >> 4)?, compact(kinds & 0x0f)?, size)
                }
            },
        };
        json.raw(b"{");
        let mut read = Some(());
        for _ in 0..size {
            let mut name = Json::new();
            read = self.write(key, &mut name, depth);
            json.name(name.out.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\"")).unwrap_or(&name.out));
            let written = self.write(value, json, depth);
            read = read.and(written);
            if read.is_none() {
                break;
            }
        }
        json.raw(b"}");
        read
    }
}
