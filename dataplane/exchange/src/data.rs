//! Sensitive data found in an exchange.

use crate::{Column, DataTypeId, Distinct, Excerpt, Fingerprint, SignalId, Text};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// In which form a value stands (GB/T 46796-2025, 7.2.2 d 3: 明文、脱敏、加密).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Form {
    /// In clear (明文).
    Plain,
    /// Part of the characters replaced (脱敏).
    Masked,
    /// Ciphertext (加密).
    Encrypted,
    /// A digest (哈希).
    Hashed,
    /// In base64, hex or percent-encoding, which anyone can undo (编码).
    Encoded,
}

impl Form {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Form::Plain => "plain",
            Form::Masked => "masked",
            Form::Encrypted => "encrypted",
            Form::Hashed => "hashed",
            Form::Encoded => "encoded",
        }
    }
    /// Whether whoever holds it can read it: nothing of it is replaced, and no key is needed.
    pub const fn is_clear(self) -> bool {
        matches!(self, Form::Plain | Form::Encoded)
    }
}

/// The half of an exchange, and the part of it, that something stands in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// Whether it is the response; else the request.
    pub response: bool,
    /// Which part.
    pub part: Part,
}

/// A part of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// Path of the request target.
    Path,
    /// Query of the request target.
    Query,
    /// A header field other than a cookie.
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

impl Part {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Part::Path => "path",
            Part::Query => "query",
            Part::Header => "header",
            Part::Cookie => "cookie",
            Part::Body => "body",
        }
    }
}

/// Which characters of masked values stay readable, counted from both ends, united over the values seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct KeptPositions {
    /// Bit i set: the i-th character from the start is readable (first 32).
    pub head: u32,
    /// Bit i set: the i-th character from the end is readable (last 32).
    pub tail: u32,
    /// Characters in all, of the longest value.
    pub length: u8,
}

/// All values of one type and form at one field path of one message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataItem {
    /// What.
    pub data_type: DataTypeId,
    /// In which form.
    pub form: Form,
    /// Where.
    pub place: Place,
    /// Field path with array indices as `[]` (`data.list[].idCard`), the name of a header, cookie or query parameter, or empty.
    pub path: Text,
    /// How many values.
    pub count: u32,
    /// Grade 1 to 4, of type and form.
    pub level: u8,
    /// How sure, 0 to 100.
    pub confidence: u8,
    /// A masked sample of the first value.
    pub sample: Text,
    /// Readable characters of masked values.
    pub kept: KeptPositions,
    /// Fingerprints of distinct values, the first 64 of the item.
    pub values: SmallVec<[Fingerprint; 2]>,
    /// All distinct values, where there are more than those.
    pub distinct: Option<Box<Distinct>>,
    /// Figures of the field, where values of this type are judged by their column.
    pub column: Column,
}

impl DataItem {
    /// Adds its distinct values to a set.
    pub fn count_into(&self, set: &mut Distinct) {
        match &self.distinct {
            Some(all) => set.unite(all),
            None => self.values.iter().for_each(|v| set.add(*v)),
        }
    }
}

/// A signal found in a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalHit {
    /// Which.
    pub signal: SignalId,
    /// Where.
    pub place: Place,
    /// The text around it that shows it, sensitive values masked, bounded to 96 bytes.
    pub excerpt: Excerpt,
}
