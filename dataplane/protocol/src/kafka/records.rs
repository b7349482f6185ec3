//! Record batches of version 2 (magic 2), as JSON.

use crate::framed::{Bytes, Json};

/// What could be made of batches.
#[derive(Clone, Copy, Default)]
pub(super) struct Batches {
    /// Records told.
    pub(super) records: usize,
    /// Some are compressed, or of an older kind.
    pub(super) unread: bool,
}

/// Fields of a batch between its length and its records, by place.
const MAGIC: usize = 4;
const ATTRIBUTES: usize = 9;
const COUNT: usize = 45;
const RECORDS: usize = 49;
/// Bits of the attributes that name a compression, and the one that marks a batch of the log itself.
const COMPRESSION: u8 = 7;
const CONTROL: u8 = 0x20;

/// Adds the records of batches in a row to a JSON array under way; the last may be cut.
pub(super) fn write(bytes: &[u8], json: &mut Json) -> Batches {
    let mut told = Batches::default();
    let mut b = Bytes(bytes);
    while json.has_room() {
        let (Some(_), Some(length)) = (b.be64(), b.be32()) else { break };
        let batch = b.take_part(length as usize);
        let [Some(magic), Some(attributes)] = [MAGIC, ATTRIBUTES + 1].map(|at| batch.get(at).copied()) else {
            break;
        };
        if magic != 2 || attributes & COMPRESSION != 0 {
            told.unread = true;
            continue;
        }
        let count = batch.get(COUNT..).and_then(|b| Bytes(b).be32()).unwrap_or(0);
        let mut records = Bytes(batch.get(RECORDS..).unwrap_or_default());
        for _ in 0..count {
            if attributes & CONTROL != 0 || !json.has_room() || record(&mut records, json).is_none() {
                break;
            }
            told.records += 1;
        }
    }
    told
}

/// A record: length, attributes, differences of time and offset, key, value, headers.
fn record(b: &mut Bytes<'_>, json: &mut Json) -> Option<()> {
    let length = usize::try_from(b.zigzag()?).ok()?;
    let mut r = Bytes(b.take(length)?);
    r.u8()?;
    r.zigzag()?;
    r.zigzag()?;
    let (key, value) = (sized(&mut r)?, sized(&mut r)?);
    json.comma();
    json.raw(b"{");
    if let Some(key) = key {
        json.name(b"key");
        json.document_or_text(key);
    }
    json.name(b"value");
    match value {
        Some(value) => json.document_or_text(value),
        None => json.raw(b"null"),
    }
    headers(&mut r, json);
    json.raw(b"}");
    Some(())
}

fn headers(r: &mut Bytes<'_>, json: &mut Json) -> Option<()> {
    let count = r.zigzag().filter(|n| *n > 0)?;
    json.name(b"headers");
    json.raw(b"{");
    for _ in 0..count {
        let (Some(Some(name)), Some(value)) = (sized(r), sized(r)) else { break };
        json.name(name);
        json.text(value.unwrap_or_default());
    }
    json.raw(b"}");
    Some(())
}

/// Bytes with their length before them; `Some(None)` is null.
fn sized<'a>(r: &mut Bytes<'a>) -> Option<Option<&'a [u8]>> {
    match usize::try_from(r.zigzag()?) {
        Ok(n) => r.take(n).map(Some),
        Err(_) => Some(None),
    }
}
