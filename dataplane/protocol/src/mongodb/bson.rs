//! BSON (bsonspec.org, version 1.1): elements of a document, and JSON made of it.

use crate::framed::{Bytes, Json, MAX_DEPTH};

/// An element of a document: its name, its type, and its bytes, of which the end may be missing.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) name: &'a [u8],
    pub(super) kind: u8,
    pub(super) value: &'a [u8],
}

/// Elements of a document, in order, as far as its bytes go.
pub(super) struct Document<'a>(Bytes<'a>);

impl<'a> Document<'a> {
    /// Of the bytes from its length on.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Document<'a>> {
        let mut b = Bytes(bytes);
        let length = usize::try_from(b.le32()?).ok()?.checked_sub(5)?;
        Some(Document(Bytes(b.take_part(length))))
    }

    /// The element of a name.
    pub(super) fn get(bytes: &'a [u8], name: &[u8]) -> Option<Element<'a>> {
        Document::new(bytes)?.find(|e| e.name == name)
    }
}

impl<'a> Iterator for Document<'a> {
    type Item = Element<'a>;
    fn next(&mut self) -> Option<Element<'a>> {
        let kind = self.0.u8()?;
        let name = self.0.ended()?;
        let length = length(kind, self.0)?;
        Some(Element { name, kind, value: self.0.take_part(length) })
    }
}

/// Bytes of a value.
fn length(kind: u8, value: Bytes<'_>) -> Option<usize> {
    let mut b = value;
    Some(match kind {
        1 | 9 | 0x11 | 0x12 => 8,
        2 | 0x0d | 0x0e => usize::try_from(b.le32()?).ok()?.checked_add(4)?,
        3 | 4 => usize::try_from(b.le32()?).ok()?.max(5),
        5 => usize::try_from(b.le32()?).ok()?.checked_add(5)?,
        6 | 0x0a | 0x7f | 0xff => 0,
        7 => 12,
        8 => 1,
        0x0b => b.ended()?.len() + b.ended()?.len() + 2,
        0x0c => usize::try_from(b.le32()?).ok()?.checked_add(16)?,
        0x0f => usize::try_from(b.le32()?).ok()?.max(14),
        0x10 => 4,
        0x13 => 16,
        _ => return None,
    })
}

impl<'a> Element<'a> {
    /// A text, without the zero behind it.
    pub(super) fn text(&self) -> Option<&'a [u8]> {
        let mut b = Bytes(self.value);
        (self.kind == 2).then_some(())?;
        let n = usize::try_from(b.le32()?).ok()?.checked_sub(1)?;
        Some(b.take_part(n))
    }
    /// Bytes, whatever they stand for.
    pub(super) fn binary(&self) -> Option<&'a [u8]> {
        let mut b = Bytes(self.value);
        (self.kind == 5).then_some(())?;
        let n = usize::try_from(b.le32()?).ok()?;
        b.u8()?;
        Some(b.take_part(n))
    }
    /// A number, of whatever type.
    pub(super) fn number(&self) -> Option<f64> {
        let mut b = Bytes(self.value);
        Some(match self.kind {
            1 => f64::from_bits(b.le64()?),
            8 => f64::from(b.u8()?),
            0x10 => f64::from(b.le32()?.cast_signed()),
            0x12 => b.le64()?.cast_signed() as f64,
            _ => return None,
        })
    }
    /// A document or an array.
    pub(super) fn document(&self) -> Option<&'a [u8]> {
        matches!(self.kind, 3 | 4).then_some(self.value)
    }

    /// Adds it as JSON.
    pub(super) fn write(&self, json: &mut Json, depth: u8) {
        let mut b = Bytes(self.value);
        match self.kind {
            1 => json.float(b.le64().map_or(f64::NAN, f64::from_bits)),
            2 => json.text(self.text().unwrap_or_default()),
            3 | 4 if depth < MAX_DEPTH => write(self.value, self.kind == 4, json, depth + 1),
            7 => {
                let digits: String = self.value.iter().map(|b| format!("{b:02x}")).collect();
                json.text(digits.as_bytes());
            }
            8 => json.truth(b.u8() == Some(1)),
            9 => json.moment(b.le64().map_or(-1, u64::cast_signed)),
            0x10 => json.number(b.le32().unwrap_or(0).cast_signed()),
            0x12 => json.number(b.le64().unwrap_or(0).cast_signed()),
            _ => json.raw(b"null"),
        }
    }
}

/// Adds a document, or an array, as JSON.
pub(super) fn write(bytes: &[u8], array: bool, json: &mut Json, depth: u8) {
    json.raw(if array { b"[" } else { b"{" });
    for element in Document::new(bytes).into_iter().flatten() {
        if !json.has_room() {
            break;
        }
        if array {
            json.comma();
        } else {
            json.name(element.name);
        }
        element.write(json, depth);
    }
    json.raw(if array { b"]" } else { b"}" });
}
