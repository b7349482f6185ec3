//! Records (RFC 8446, 5.1; RFC 5246, 6.2; of TLCP, GB/T 38636-2020, 6.3.3).

/// Bytes of a record's header: type, version, length.
pub const HEADER: usize = 5;
/// Longest payload of a record: 16,384 and the 2,048 that RFC 5246, 6.2.3 allows for.
pub const MAX_RECORD: usize = 16_384 + 2_048;

/// What a record holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContentType {
    /// `change_cipher_spec`.
    Change,
    /// `alert`.
    Alert,
    /// `handshake`.
    Handshake,
    /// `application_data`.
    Data,
    /// `heartbeat` (RFC 6520).
    Heartbeat,
}

impl ContentType {
    /// Of its number.
    pub const fn of(number: u8) -> Option<ContentType> {
        match number {
            20 => Some(ContentType::Change),
            21 => Some(ContentType::Alert),
            22 => Some(ContentType::Handshake),
            23 => Some(ContentType::Data),
            24 => Some(ContentType::Heartbeat),
            _ => None,
        }
    }
}

/// The header of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordHeader {
    pub(crate) content: ContentType,
    /// Payload bytes that follow.
    pub(crate) len: usize,
}

impl RecordHeader {
    /// Reads the header at the front of `bytes`, of which there are [`HEADER`] at least; `None` where it is none.
    pub(crate) fn read(bytes: &[u8]) -> Option<RecordHeader> {
        let ([kind, 3, 0..=4, high, low, ..] | [kind, 1, 1, high, low, ..]) = *bytes else { return None };
        let len = usize::from(u16::from_be_bytes([high, low]));
        let content = ContentType::of(kind)?;
        (len <= MAX_RECORD && (len > 0 || content == ContentType::Data))
            .then_some(RecordHeader { content, len })
    }
}
