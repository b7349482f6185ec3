//! JSON (RFC 8259), also several documents in a row, JSON with a call around it, and broken JSON as far as it goes.

use super::path::{Level, Path};
use super::{Field, Fields, cut, readable};
use memchr::memchr2;

/// Parser of JSON.
#[derive(Default)]
pub(crate) struct Json {
    path: Path,
    /// In an object, before a name.
    expects_name: bool,
    /// Inside a string longer than the window; whether it was cut inside a word.
    in_string: Option<bool>,
    broken: bool,
}

/// Offset of the quote that ends the string whose inside begins at `from`.
fn string_end(text: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        from = at + 2;
    }
}

fn ends_bare(b: u8) -> bool {
    matches!(b, b',' | b']' | b'}' | b'{' | b'[' | b':' | b'"' | b'(' | b')' | b';')
        || b.is_ascii_whitespace()
}

impl Json {
    /// Takes tokens; see [`Structure::parse`](super::Structure::parse).
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        let mut at = 0;
        if let Some(glued) = self.in_string {
            match self.string(text, 0, glued, last, full, out) {
                Some(end) if self.in_string.is_some() => return end,
                Some(end) => at = end,
                None => return 0,
            }
        }
        while let Some(b) = text.get(at).copied() {
            match b {
                b'"' => match self.string(text, at + 1, false, last, full && at == 0, out) {
                    Some(end) if self.in_string.is_some() => return end,
                    Some(end) => at = end,
                    None => return at,
                },
                b'{' | b'[' => {
                    self.path.enter(if b == b'{' { Level::Object } else { Level::Array });
                    self.expects_name = b == b'{';
                    at += 1;
                }
                b'}' | b']' => {
                    let level = if b == b'}' { Level::Object } else { Level::Array };
                    match self.path.leave(level) {
                        Some(n) if n > 0 => out.records(n),
                        Some(_) => {}
                        None => self.broken = true,
                    }
                    self.expects_name = false;
                    at += 1;
                }
                b':' => {
                    self.expects_name = false;
                    at += 1;
                }
                b',' => {
                    self.expects_name = self.path.level() == Some(Level::Object);
                    at += 1;
                }
                _ if ends_bare(b) => at += 1,
                _ => match self.bare(text, at, last, full && at == 0, out) {
                    Some(end) => at = end,
                    None => return at,
                },
            }
        }
        at
    }
    /// A string whose inside begins at `from`; returns the offset behind it, `None` to wait for its end.
    fn string(
        &mut self,
        text: &[u8],
        from: usize,
        glued: bool,
        last: bool,
        full: bool,
        out: &mut dyn Fields,
    ) -> Option<usize> {
        let carried = self.in_string.take().is_some();
        let end = string_end(text, from);
        if end.is_none() && !last && !full {
            self.in_string = carried.then_some(glued);
            return None;
        }
        let (stop, next) = match end {
            Some(end) => (end, end + 1),
            None if last => {
                self.broken = true;
                (text.len(), text.len())
            }
            None => {
                let (at, inside) = cut(text, from);
                self.in_string = Some(inside);
                (at, at)
            }
        };
        if self.expects_name && !carried && end.is_some() && self.path.level() == Some(Level::Object) {
            self.path.name(readable(&text[from..stop]));
            return Some(next);
        }
        let shown = if end.is_none() { text.len() } else { stop };
        out.field(Field {
            commit: stop,
            whole: end.is_some() && !carried,
            glued,
            ..Field::datum(self.path.text(), self.path.key(), from..shown)
        });
        Some(next)
    }
    /// A number, a literal, or something that should not be here.
    fn bare(
        &mut self,
        text: &[u8],
        from: usize,
        last: bool,
        full: bool,
        out: &mut dyn Fields,
    ) -> Option<usize> {
        let end = text[from..].iter().position(|b| ends_bare(*b)).map(|n| from + n);
        if end.is_none() && !last && !full {
            return None;
        }
        let end = end.unwrap_or(text.len());
        if self.expects_name && self.path.level() == Some(Level::Object) {
            self.path.name(readable(&text[from..end]));
        } else {
            out.field(Field::datum(self.path.text(), self.path.key(), from..end));
        }
        Some(end)
    }
    /// Whether brackets did not match.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken || self.path.depth() > 0 || self.in_string.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{SHORT, feed, fields};
    use super::super::*;

    fn json() -> Structure {
        Structure::for_kind(MediaKind::Json, None)
    }

    #[test]
    fn names_paths() {
        let text = r#"{"code":0,"data":{"list":[{"idCard":"1","tags":["a","b"]},{"idCard":"2"}],"n\"x":null},"e":[[1]]}"#;
        let want = [
            "code=0",
            "data.list[].idCard=1",
            "data.list[].tags[]=a",
            "data.list[].tags[]=b",
            "data.list[].idCard=2",
            "data.n\\\"x=null",
            "e[][]=1",
        ];
        assert_eq!(fields(json(), text), want);
        let (got, records, broken) = feed(json(), text.as_bytes(), 1 << 20);
        assert_eq!((records, broken), (2, false));
        assert_eq!(got[2].1.as_deref(), Some("tags"));
    }

    #[test]
    fn reads_what_is_not_quite_json() {
        assert_eq!(fields(json(), "cb({\"a\":1});"), ["=cb", "a=1"]);
        assert_eq!(fields(json(), "{\"a\":1}\n{\"a\":2}\n"), ["a=1", "a=2"]);
        assert_eq!(fields(json(), "{a:1,b:tr"), ["a=1", "b=tr"]);
        assert_eq!(fields(json(), "[{\"a\":\"x"), ["[].a=x"]);
        assert!(feed(json(), b"{\"a\":1", 99).2);
        let deep = "[".repeat(1000) + "1" + &"]".repeat(1000);
        assert!(!feed(json(), deep.as_bytes(), 4096).2);
    }

    #[test]
    fn windows_do_not_matter() {
        let long = "字 word,".repeat(4000);
        let text = format!("{{\"a\":[{{\"b\":\"{long}\",\"c\":12345}},{{\"b\":\"\\\\\",\"c\":\"é\"}}]}}");
        let whole = feed(json(), text.as_bytes(), 1 << 20);
        for window in [SHORT, SHORT + 201, 2 * SHORT] {
            assert_eq!(feed(json(), text.as_bytes(), window), whole);
        }
    }
}
