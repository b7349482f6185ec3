//! The same parser token by token, without index and memory: what the fast one is held against.

use super::super::path::{Level, Path};
use super::super::trial::Got;
use super::super::{Field, cut, readable};
use super::ends_bare;
use memchr::memchr2;

/// What it finds in a window.
#[derive(Default)]
struct Out<'t> {
    text: &'t [u8],
    got: Got,
}

impl Out<'_> {
    fn field(&mut self, f: Field<'_>) {
        let value = String::from_utf8_lossy(&self.text[f.span.start..f.commit.min(f.span.end)]).into_owned();
        let list = &mut self.got.0;
        match list.last_mut() {
            Some(before) if !f.whole && before.0 == f.path => before.2 += &value,
            _ => list.push((f.path.to_owned(), f.key.map(str::to_owned), value)),
        }
    }
    fn records(&mut self, count: u32) {
        self.got.1 = self.got.1.max(count);
    }
}

/// Parser of JSON.
#[derive(Default)]
struct Json {
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

impl Json {
    /// Takes tokens.
    fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut Out<'_>) -> usize {
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
        out: &mut Out<'_>,
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
    fn bare(&mut self, text: &[u8], from: usize, last: bool, full: bool, out: &mut Out<'_>) -> Option<usize> {
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
    fn is_broken(&self) -> bool {
        self.broken || self.path.depth() > 0 || self.in_string.is_some()
    }
}

/// Fields of `text` fed in windows of `window` bytes.
pub(super) fn feed(text: &[u8], window: usize) -> Got {
    let (mut json, mut got, mut start) = (Json::default(), Got::default(), 0);
    loop {
        let end = text.len().min(start + window);
        let last = end == text.len();
        let mut out = Out { text: &text[start..end], got: std::mem::take(&mut got) };
        start += json.parse(&text[start..end], last, end - start == window, &mut out);
        got = out.got;
        if last {
            got.2 = json.is_broken();
            return got;
        }
    }
}
