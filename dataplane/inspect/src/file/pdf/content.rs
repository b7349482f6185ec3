//! Content streams (ISO 32000-1, 9.4): what is shown, line by line.

use super::font::Codes;
use super::syntax::{number, skip_blank, string, token_end, value_end};
use std::collections::HashMap;
use std::rc::Rc;

/// Most operands kept before an operator.
const MAX_OPERANDS: usize = 64;
/// A gap in a line is a blank from this part of the size of the letters on.
const GAP: f32 = 0.2;

/// The fonts of a page, by the names it has for them.
pub(super) type Fonts = HashMap<Vec<u8>, Rc<Codes>>;

/// Appends what a content stream shows; whether all of it could be read. `fonts` are those of the page.
pub(super) fn read(content: &[u8], fonts: &Fonts, out: &mut String) -> bool {
    let mut state = Shown {
        fonts,
        font: None,
        size: 1.0,
        scale: 1.0,
        line: (0.0, 0.0),
        pen: (0.0, 0.0),
        leading: 0.0,
        fresh: false,
        all: true,
        out,
    };
    let (mut operands, mut at) = (Vec::<&[u8]>::new(), 0);
    loop {
        at = skip_blank(content, at);
        let Some(first) = content.get(at) else { break };
        let end = match first {
            b'[' => value_end(content, at),
            _ => token_end(content, at),
        }
        .max(at + 1);
        let token = &content[at..end];
        at = end;
        if first.is_ascii_alphabetic() || matches!(first, b'\'' | b'"') {
            if token == b"BI" {
                // The data of a picture in line is no text.
                at = memchr::memmem::find(&content[at..], b"EI").map_or(content.len(), |n| at + n + 2);
            }
            state.operator(token, &operands);
            operands.clear();
        } else if operands.len() < MAX_OPERANDS {
            operands.push(token);
        }
    }
    state.all
}

struct Shown<'a> {
    fonts: &'a Fonts,
    font: Option<&'a Codes>,
    /// Of the letters, and what the matrix makes of it.
    size: f32,
    scale: f32,
    /// Where the line begins.
    line: (f32, f32),
    /// Where the next letter is about to stand: widths of letters are guessed.
    pen: (f32, f32),
    leading: f32,
    /// Nothing was placed since the text object began.
    fresh: bool,
    all: bool,
    out: &'a mut String,
}

impl Shown<'_> {
    fn operator(&mut self, operator: &[u8], operands: &[&[u8]]) {
        match (operator, operands) {
            (b"Tf", [.., name, size]) => {
                self.font = name.strip_prefix(b"/").and_then(|n| self.fonts.get(n)).map(|f| &**f);
                self.size = real(size).abs();
            }
            (b"TL", [.., n]) => self.leading = real(n),
            (b"Tj", [.., text]) => self.show(text),
            (b"'" | b"\"", [.., text]) => {
                self.go_by(0.0, -self.leading);
                self.show(text);
            }
            (b"TJ", [.., array]) => self.array(array),
            (b"Td", [.., x, y]) => self.go_by(real(x), real(y)),
            (b"TD", [.., x, y]) => {
                self.leading = -real(y);
                self.go_by(real(x), real(y));
            }
            (b"T*", _) => self.go_by(0.0, -self.leading),
            (b"Tm", [.., a, b, _, _, x, y]) => {
                self.scale = real(a).abs().max(real(b).abs());
                self.go_to(real(x), real(y));
            }
            (b"BT", _) => (self.scale, self.line, self.fresh) = (1.0, (0.0, 0.0), true),
            (b"cm", _) => self.end_line(),
            _ => {}
        }
    }
    fn go_by(&mut self, x: f32, y: f32) {
        let to = (self.line.0 + x * self.scale, self.line.1 + y * self.scale);
        // Some leave the height of a line to be told elsewhere.
        if y != 0.0 || x == 0.0 {
            self.end_line();
        }
        self.go_to(to.0, to.1);
    }
    fn go_to(&mut self, x: f32, y: f32) {
        let size = (self.size * self.scale).max(0.1);
        if (y - self.pen.1).abs() > size / 3.0 {
            self.end_line();
        } else if (x - self.pen.0).abs() > size * GAP {
            self.blank();
        }
        (self.line, self.pen, self.fresh) = ((x, y), (x, y), false);
    }
    fn show(&mut self, token: &[u8]) {
        if self.fresh {
            self.go_to(0.0, 0.0);
        }
        let (bytes, from) = (string(token), self.out.len());
        self.all &= match self.font {
            Some(codes) => codes.read(&bytes, self.out),
            None => Codes::Bytes.read(&bytes, self.out),
        };
        let width = |c: char| {
            if c >= '\u{2e80}' {
                1.0
            } else if c.is_ascii_digit() {
                0.556
            } else {
                0.5
            }
        };
        let shown = self.out.get(from..).unwrap_or_default();
        self.pen.0 += shown.chars().map(width).sum::<f32>() * self.size * self.scale;
    }
    fn array(&mut self, array: &[u8]) {
        for item in super::syntax::each(array) {
            match item.first() {
                Some(b'(' | b'<') => self.show(item),
                _ => {
                    let gap = -real(item) / 1000.0;
                    if gap > GAP {
                        self.blank();
                    }
                    self.pen.0 += gap * self.size * self.scale;
                }
            }
        }
    }
    fn blank(&mut self) {
        if !self.out.ends_with([' ', '\n']) && !self.out.is_empty() {
            self.out.push(' ');
        }
    }
    fn end_line(&mut self) {
        if !self.out.ends_with('\n') && !self.out.is_empty() {
            self.out.push('\n');
        }
    }
}

fn real(token: &[u8]) -> f32 {
    let parsed = std::str::from_utf8(token).ok().and_then(|t| t.parse().ok());
    parsed.or_else(|| number(token).map(|n| n as f32)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept() {
        let content =
            b"BT /F1 12 Tf 1 0 0 1 50 700 Tm (Name) Tj 1 0 0 1 90 700 Tm [(138) -20 (12345678) -500 (x)] TJ \
            0 -14 Td (second\\)) Tj T* (third) Tj ET BI /W 1 ID \x01\x02(no) EI BT (fourth) Tj ET";
        let mut out = String::new();
        assert!(read(content, &HashMap::new(), &mut out));
        assert_eq!(out, "Name 13812345678 x\nsecond)\nthird\nfourth");
        // A number cut into runs that touch is one; columns are not.
        out.clear();
        let runs = b"BT /F 10 Tf 1 0 0 1 50 700 Tm (138) Tj ET BT 1 0 0 1 66.7 700 Tm (12345678) Tj ET BT 1 0 0 1 300 700 Tm (next) Tj ET";
        read(runs, &HashMap::new(), &mut out);
        assert_eq!(out, "13812345678 next");
        for broken in ["(", "[", "<<", "[ (a", "Tj Tj TJ", "1 2 3", "BI", "/F1", "'"] {
            read(broken.as_bytes(), &HashMap::new(), &mut out);
        }
    }
}
