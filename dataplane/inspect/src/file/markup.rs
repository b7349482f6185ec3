//! XML in pieces: whole tokens as they come, in bounded memory, and the text of what is escaped in it.

use crate::structure::{Token, token};

/// Most bytes held for a token to be whole; a longer text comes in pieces, a longer tag is passed over.
const MAX_HELD: usize = 128 * 1024;

/// Tokens of a stream.
#[derive(Default)]
pub(super) struct Markup {
    held: Vec<u8>,
}

impl Markup {
    /// Takes the next bytes; gives the tokens that are whole, with the text they stand in.
    pub(super) fn push(&mut self, piece: &[u8], each: &mut dyn FnMut(Token, &[u8])) {
        self.held.extend_from_slice(piece);
        let mut at = 0;
        while at < self.held.len() {
            match token(&self.held, at) {
                Some((t, next)) => {
                    each(t, &self.held);
                    at = next;
                }
                None => break,
            }
        }
        self.held.drain(..at);
        if self.held.len() > MAX_HELD {
            if self.held[0] != b'<' {
                each(Token::Text(0..self.held.len()), &self.held);
            }
            self.held.clear();
        }
    }
}

/// Appends `text` with references undone, up to `limit` bytes in all.
pub(super) fn unescape(text: &[u8], limit: usize, out: &mut String) {
    const NAMED: [(&str, char); 5] = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];
    let text = String::from_utf8_lossy(text);
    let mut rest = &*text;
    while let Some(at) = rest.find('&') {
        push(&rest[..at], limit, out);
        rest = &rest[at + 1..];
        let Some((name, behind)) = rest.split_once(';').filter(|(n, _)| n.len() <= 8) else {
            push("&", limit, out);
            continue;
        };
        let code = match name.strip_prefix('#') {
            Some(n) => match n.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => n.parse().ok(),
            }
            .and_then(char::from_u32),
            None => NAMED.iter().find(|(n, _)| *n == name).map(|(_, c)| *c),
        };
        match code {
            Some(c) => {
                push(c.encode_utf8(&mut [0; 4]), limit, out);
                rest = behind;
            }
            None => push("&", limit, out),
        }
    }
    push(rest, limit, out);
}

/// Appends what there is room for.
pub(super) fn push(text: &str, limit: usize, out: &mut String) {
    let mut end = text.len().min(limit.saturating_sub(out.len()));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    out.push_str(&text[..end]);
}

/// Appends `text` as markup holds it.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_no_difference_and_memory_is_bounded() {
        let xml = "<a x='1'>b&amp;c<d/></a>";
        let run = |n: usize| {
            let (mut m, mut got) = (Markup::default(), Vec::new());
            for piece in xml.as_bytes().chunks(n) {
                m.push(piece, &mut |t, text| {
                    got.push(
                        format!("{}", matches!(t, Token::Text(_)) as u8)
                            + &String::from_utf8_lossy(&match t {
                                Token::Text(s) | Token::Close(s) | Token::Open(s, ..) => text[s].to_vec(),
                                Token::Other => Vec::new(),
                            }),
                    )
                });
            }
            got
        };
        assert_eq!(run(1), run(99));
        assert_eq!(run(1), ["0a", "1b&amp;c", "0d", "0a"]);
        let (mut m, mut texts) = (Markup::default(), 0);
        for _ in 0..100 {
            m.push(&[b'x'; 10_000], &mut |t, _| texts += usize::from(matches!(t, Token::Text(_))));
            assert!(m.held.len() <= MAX_HELD);
        }
        assert!(texts >= 7);
        for _ in 0..100 {
            m.push(b"<", &mut |_, _| {});
            m.push(&[b'"'; 10_001], &mut |_, _| {});
            assert!(m.held.len() <= MAX_HELD);
        }
    }

    #[test]
    fn references() {
        let mut out = String::new();
        unescape("&#24352;&#x4e09;&lt;&amp;lt;&bogus;&x".as_bytes(), 99, &mut out);
        assert_eq!(out, "张三<&lt;&bogus;&x");
        let mut out = String::new();
        unescape("张三李四".as_bytes(), 7, &mut out);
        assert_eq!(out, "张三");
    }
}
