//! Bodies as facts.

use crate::Text;
use serde::{Deserialize, Serialize};

/// What kind of content a body holds, by media type and, where that is missing or wrong, by its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub enum MediaKind {
    /// No body, or nothing known.
    #[default]
    None,
    /// JSON (also `+json`, NDJSON).
    Json,
    /// XML (also `+xml`, SOAP).
    Xml,
    /// HTML.
    Html,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/*`.
    Multipart,
    /// Comma- or tab-separated tables.
    Csv,
    /// Script or style.
    Script,
    /// Other text.
    Text,
    /// Image, audio, video, font.
    Media,
    /// Office document, PDF or archive.
    Document,
    /// Other bytes.
    Binary,
}

/// How far a body was read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum BodyState {
    /// There is none.
    #[default]
    Absent,
    /// Whole.
    Whole,
    /// Cut by a gap or the end of the flow.
    Cut,
    /// Its content coding is broken; read to the break.
    Broken,
    /// It expands beyond the limit; read to the limit.
    Limited,
    /// Not scanned, or not to its end, because the lane was overloaded; `wire_bytes` counts all of it.
    Shed,
}

/// The body of one half of an exchange.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Body {
    /// `Content-Type` as sent, bounded to 128 bytes; empty where absent.
    pub content_type: Text,
    /// What it holds.
    pub kind: MediaKind,
    /// How far it was read.
    pub state: BodyState,
    /// Bytes after removing transfer and content codings, as far as read.
    pub bytes: u64,
    /// Bytes after removing the transfer coding alone.
    pub wire_bytes: u64,
    /// SHA-256 of the decoded bytes; only where digests were asked for and there are bytes.
    pub sha256: Option<[u8; 32]>,
    /// File name of an attachment or download (`Content-Disposition`), bounded to 128 bytes.
    pub file_name: Option<Text>,
    /// Records in the body: rows of a table, or elements of the largest array of objects; 0 where it has no such form or was not parsed.
    pub records: u32,
}
