//! Tokens of XML and HTML.

use memchr::{memchr, memmem};
use std::ops::Range;

/// A token and the offset behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Token {
    /// `<name attributes>`; the flag is set for `<name/>`.
    Open(Range<usize>, Range<usize>, bool),
    /// `</name>`.
    Close(Range<usize>),
    /// Characters, without a CDATA section's marks.
    Text(Range<usize>),
    /// Comment, declaration, processing instruction.
    Other,
}

/// The token at `from`; `None` where it is not complete.
pub(crate) fn token(text: &[u8], from: usize) -> Option<(Token, usize)> {
    let rest = &text[from..];
    if rest[0] != b'<' || !rest.get(1).is_none_or(|b| is_name_start(*b) || matches!(b, b'/' | b'!' | b'?')) {
        let n = 1 + memchr(b'<', &rest[1..])?;
        return Some((Token::Text(from..from + n), from + n));
    }
    let until = |mark: &[u8], skip: usize| {
        memmem::find(rest.get(skip..)?, mark).map(|n| (n + skip, n + skip + mark.len()))
    };
    if rest.starts_with(b"<![CDATA[") {
        let (end, next) = until(b"]]>", 9)?;
        return Some((Token::Text(from + 9..from + end), from + next));
    }
    if rest.starts_with(b"<!--") {
        return until(b"-->", 4).map(|(_, next)| (Token::Other, from + next));
    }
    // A mark cut by the end of the window may become either of those.
    if (rest.len() < 9 && b"<![CDATA[".starts_with(rest)) || (rest.len() < 4 && b"<!--".starts_with(rest)) {
        return None;
    }
    let end = tag_end(rest)?;
    let next = from + end + 1;
    match rest.get(1)? {
        b'/' => {
            let name = crate::structure::trim(text, from + 2..from + end);
            Some((Token::Close(local(text, name)), next))
        }
        b'!' | b'?' => Some((Token::Other, next)),
        _ => {
            let bare = rest[end - 1] == b'/';
            let inner = from + 1..from + end - usize::from(bare && end > 2);
            let n = text[inner.clone()].iter().position(|b| b.is_ascii_whitespace() || *b == b'/');
            let stop = n.map_or(inner.end, |n| inner.start + n);
            Some((Token::Open(local(text, inner.start..stop), stop..inner.end, bare), next))
        }
    }
}

fn is_name_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

/// Offset of the `>` that ends a tag; those inside quoted values do not.
fn tag_end(rest: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (i, b) in rest.iter().enumerate().skip(1) {
        match (quote, *b) {
            (None, b'>') => return Some(i),
            (None, b'"' | b'\'') => quote = Some(*b),
            (Some(q), b) if q == b => quote = None,
            _ => {}
        }
    }
    None
}

/// A name without its namespace prefix.
fn local(text: &[u8], name: Range<usize>) -> Range<usize> {
    match memchr(b':', &text[name.clone()]) {
        Some(n) => name.start + n + 1..name.end,
        None => name,
    }
}

/// The attributes in `span`, as ranges of local name and value, without declarations of namespaces.
pub(crate) fn attributes(text: &[u8], span: Range<usize>, mut each: impl FnMut(Range<usize>, Range<usize>)) {
    let mut at = span.start;
    while at < span.end {
        let rest = &text[at..span.end];
        let Some(eq) = memchr(b'=', rest) else { return };
        let name = crate::structure::trim(text, at..at + eq);
        // `disabled name=...`: the name is the last word.
        let word = text[name.clone()].iter().rposition(|b| b.is_ascii_whitespace() || *b == b'/');
        let name = word.map_or(name.start, |n| name.start + n + 1)..name.end;
        let declares = text[name.clone()].starts_with(b"xmlns");
        let name = local(text, name);
        let mut start = at + eq + 1;
        while start < span.end && text[start].is_ascii_whitespace() {
            start += 1;
        }
        let (value, next) = match text.get(start).filter(|_| start < span.end) {
            Some(q @ (b'"' | b'\'')) => {
                let end = memchr(*q, &text[start + 1..span.end]).map_or(span.end, |n| start + 1 + n);
                (start + 1..end, end + 1)
            }
            _ => {
                let len = text[start..span.end].iter().position(u8::is_ascii_whitespace);
                let end = len.map_or(span.end, |n| start + n);
                (start..end, end)
            }
        };
        if !declares {
            each(name, value);
        }
        at = next;
    }
}
