//! What stands in a value or a part in a form of its own: another text in an encoding, a file.

use super::pass::{MAX_NESTED, Reading, escapes_of};
use super::walk::Walk;
use crate::facts::kind;
use crate::file::{FileKind, Io, Opening, Unread, Windows, open};
use crate::structure::{File, Structure};
use crate::text::charset;
use crate::text::encoded::{self, may_be_encoded};
use std::ops::Range;
use weir_exchange::MediaKind;
use weir_rules::RuleSet;

/// Bytes of text read at a time inside files that values hold.
const WINDOW: usize = 64 * 1024;

impl Walk<'_, '_> {
    /// Reads a value that is another text in an encoding; whether anything was found in it. Where nothing was, the value is what it is.
    pub(super) fn opened(&mut self, path: &str, key: Option<&str>, span: &Range<usize>) -> bool {
        let value = &self.text[span.clone()];
        if self.depth >= MAX_NESTED || !may_be_encoded(value) {
            return false;
        }
        let (mut text, mut map) = (self.finder.spare.text(), self.finder.spare.map());
        let before = *self.reported;
        let undone = encoded::undo(value, &mut text, &mut map);
        let kind = kind::choose(None, &text);
        if let Some(kind) = FileKind::of(&text).filter(|_| undone) {
            let raw = self.origin.raw(span.clone());
            self.file_in(path, kind, &text, true, raw);
        } else if undone && !matches!(kind, MediaKind::Binary | MediaKind::Media | MediaKind::Document) {
            let datum = kind == MediaKind::Text;
            let structure = if datum {
                Structure::datum(key.filter(|k| !names_secret(self.finder.rules, k)).unwrap_or_default())
            } else {
                Structure::for_kind(kind, None)
            };
            let reading = Reading {
                encoding: charset::choose(None, &text).0,
                encoded: self.encoded || datum,
                ..Reading::new(structure, escapes_of(kind), self.scope)
            };
            self.read_inside(path, reading, &text, &map, span.start);
        }
        self.finder.spare.put_text(text);
        self.finder.spare.put_map(map);
        *self.reported > before
    }
    /// Takes a piece of a file; opens it when it is whole.
    pub(super) fn attached(&mut self, file: &mut File, piece: &[u8], last: bool) {
        let Some(kind) = file.kind else {
            return if last && !file.is_media {
                self.budget.note(Unread::Unknown)
            };
        };
        file.gathered.add(piece, &self.finder.spare.quota);
        if !last {
            return;
        }
        let (gathered, path) = (std::mem::take(&mut file.gathered), self.prefix);
        let end = self.origin.raw(0..piece.len()).end;
        let raw = end.saturating_sub(gathered.bytes().len() as u64)..end;
        self.file_in(path, kind, gathered.bytes(), !gathered.cut, raw);
        if gathered.cut {
            self.budget.note(Unread::Beyond);
        }
    }
    /// Reads a file that stands at `raw` of the body.
    fn file_in(&mut self, path: &str, kind: FileKind, bytes: &[u8], whole: bool, raw: Range<u64>) {
        self.budget.grant(bytes.len());
        let before = self.budget.found;
        let mut io = Io {
            finder: &mut *self.finder,
            windows: &mut Windows::default(),
            out: &mut *self.out,
            budget: &mut *self.budget,
        };
        let depth = self.depth + 1;
        let end = raw.end;
        open(&Opening { kind, bytes, whole, prefix: path, raw, depth, window: WINDOW }, &mut io);
        if self.budget.found > before {
            *self.reported = (*self.reported).max(end);
        }
    }
}

/// Whether a name promises a secret: what opens something is the value as it stands, not what is encoded in it.
fn names_secret(rules: &RuleSet, key: &str) -> bool {
    let secret = |id| rules.catalogue().data_type(id).is_some_and(|t| t.secret);
    rules.types_of(&rules.name(key)).iter().any(|m| secret(m.data_type))
}
