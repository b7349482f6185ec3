//! A part that is a file: its bytes as they are.

use super::Fields;
use crate::file::{FileKind, Gathered};

/// Takes the bytes of a file, piece by piece.
#[derive(Default)]
pub(crate) struct File {
    /// Its kind is known: by the first bytes.
    begun: bool,
    /// Pictures and sounds are recognised and hold no text.
    pub(crate) is_media: bool,
    pub(crate) kind: Option<FileKind>,
    pub(crate) gathered: Gathered,
}

impl File {
    /// Of a picture or a sound, or of anything else.
    pub(crate) fn new(is_media: bool) -> Self {
        File { is_media, ..File::default() }
    }
    /// Takes the whole piece; see [`Structure::parse`](super::Structure::parse).
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        if !(last || full) {
            return 0;
        }
        if !std::mem::replace(&mut self.begun, true) {
            self.kind = FileKind::of(text);
        }
        out.file(self, text, last);
        text.len()
    }
}
