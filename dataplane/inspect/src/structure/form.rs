//! Pairs: forms and queries (`a=1&b=2`), cookies (`a=1; b=2`). Percent-encoding is undone before, its separators are not.

use super::{Field, Fields, cut, readable, trim};
use memchr::memchr;

/// Longest name kept of a value that is longer than the window.
const MAX_NAME: usize = 128;

/// Parser of pairs.
pub(crate) struct Form {
    separator: u8,
    /// Name of the value that is longer than the window, and whether it was cut inside a word.
    inside: Option<(String, bool)>,
}

impl Form {
    /// With the byte that parts the pairs.
    pub(crate) fn new(separator: &[u8; 1]) -> Self {
        Form { separator: separator[0], inside: None }
    }
    /// Takes pairs; see [`Structure::parse`](super::Structure::parse).
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        let mut at = 0;
        while at < text.len() {
            let end = memchr(self.separator, &text[at..]).map(|n| at + n);
            if end.is_none() && !last && !(full && at == 0) {
                return at;
            }
            let stop = end.unwrap_or(text.len());
            let carried = self.inside.take();
            let (name, value) = match &carried {
                Some(_) => (0..0, at..stop),
                None => match memchr(b'=', &text[at..stop]) {
                    Some(n) => (trim(text, at..at + n), at + n + 1..stop),
                    None => (0..0, at..stop),
                },
            };
            let own = readable(&text[name]);
            let (name, glued) = carried.as_ref().map_or((own, false), |(n, g)| (&n[..], *g));
            let whole = carried.is_none() && (end.is_some() || last);
            let mut commit = stop;
            if end.is_none() && !last {
                let (c, inside) = cut(text, value.start);
                commit = c;
                self.inside = Some((name.chars().take(MAX_NAME).collect(), inside));
            }
            let key = Some(name).filter(|n| !n.is_empty());
            let span = if whole { trim(text, value) } else { value };
            if !span.is_empty() || key.is_some() {
                out.field(Field { commit, whole, glued, ..Field::datum(name, key, span) });
            }
            at = if end.is_some() { stop + 1 } else { commit };
            if self.inside.is_some() {
                return at;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{SHORT, feed, fields};
    use super::super::*;

    #[test]
    fn reads_pairs() {
        let form = || Structure::for_kind(MediaKind::Form, None);
        assert_eq!(fields(form(), "a=1&b=&user[x]=2&&lone"), ["a=1", "b=", "user[x]=2", "=lone"]);
        assert_eq!(fields(Structure::cookie(), "a=1; b=x=y"), ["a=1", "b=x=y"]);
        let text = format!("a=1&long={}&z=3", "word, ".repeat(9999));
        let whole = feed(form(), text.as_bytes(), 1 << 20);
        let parts = feed(form(), text.as_bytes(), SHORT);
        assert_eq!(parts.0.iter().map(|f| f.0.clone()).collect::<Vec<_>>(), ["a", "long", "z"]);
        assert_eq!(parts.0[1].2.trim_end(), whole.0[1].2);
    }
}
