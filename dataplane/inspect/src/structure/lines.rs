//! Running text by lines; server-sent events, and lines that are JSON documents, as such.

use super::{Field, Fields, cut, trim};
use memchr::{memchr, memrchr};

/// Parser of text.
#[derive(Default)]
pub(crate) struct Lines {
    /// The line before was cut inside a word.
    glued: bool,
}

impl Lines {
    /// Takes lines; see [`Structure::parse`](super::Structure::parse).
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        let whole = if last { text.len() } else { memrchr(b'\n', text).map_or(0, |n| n + 1) };
        let mut at = 0;
        while at < whole {
            let end = memchr(b'\n', &text[at..whole]).map_or(whole, |n| at + n);
            self.line(text, at, end, out);
            at = (end + 1).min(whole);
        }
        if at == 0 && full && !last {
            let (commit, inside) = cut(text, 0);
            let glued = std::mem::replace(&mut self.glued, inside);
            let piece =
                Field { commit, whole: false, scalar: false, glued, ..Field::datum("", None, 0..text.len()) };
            out.field(piece);
            return commit;
        }
        at
    }
    fn line(&mut self, text: &[u8], start: usize, end: usize, out: &mut dyn Fields) {
        let glued = std::mem::take(&mut self.glued);
        let mut span = trim(text, start..end);
        if span.is_empty() {
            return;
        }
        if text[span.clone()].starts_with(b"data:") {
            span = trim(text, span.start + 5..span.end);
        }
        let document = !glued && matches!(text.get(span.start), Some(b'{' | b'['));
        out.field(Field { scalar: document, glued, ..Field::datum("", None, span) });
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{SHORT, feed, fields};
    use super::super::*;

    #[test]
    fn reads_lines_and_events() {
        let lines = || Structure::for_kind(MediaKind::Text, None);
        assert_eq!(fields(lines(), "a b\r\n\n c\ndata: {\"x\":1}\n"), ["=a b", "=c", "={\"x\":1}"]);
        let text = "x".repeat(50_000) + "\nend";
        let got = feed(lines(), text.as_bytes(), SHORT).0;
        assert_eq!(got.iter().map(|f| f.2.len()).sum::<usize>(), 50_003);
    }
}
