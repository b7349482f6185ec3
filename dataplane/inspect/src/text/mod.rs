//! From decoded bytes to text that can be matched: charset, escapes, and the way back to raw offsets.

pub(crate) mod charset;
pub(crate) mod encoded;
mod offsets;
pub(crate) mod unescape;

pub(crate) use offsets::OffsetMap;
pub(crate) use unescape::Escapes;
