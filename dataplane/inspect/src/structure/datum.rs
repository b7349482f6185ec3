//! A text that is one value: a part of a multipart form.

use super::{Field, Fields, cut, trim};

/// Takes the whole text as one value.
pub(crate) struct Datum {
    name: Box<str>,
    /// Inside a value longer than the window; whether it was cut inside a word.
    inside: Option<bool>,
}

impl Datum {
    /// Of a name; may be empty.
    pub(crate) fn new(name: &str) -> Self {
        Datum { name: name.into(), inside: None }
    }
    /// Takes the value; see [`Structure::parse`](super::Structure::parse).
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        if text.is_empty() || !(last || full) {
            return 0;
        }
        let carried = self.inside.take();
        let (whole, glued) = (last && carried.is_none(), carried.unwrap_or(false));
        let (commit, span) = if last {
            (text.len(), trim(text, 0..text.len()))
        } else {
            let (commit, inside) = cut(text, 0);
            self.inside = Some(inside);
            (commit, 0..text.len())
        };
        let key = Some(&*self.name).filter(|n| !n.is_empty());
        out.field(Field { commit, whole, glued, ..Field::datum("", key, span) });
        commit
    }
}
