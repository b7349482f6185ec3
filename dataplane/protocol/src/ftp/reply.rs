//! Replies (RFC 959, 4.2).

use crate::Verdict;

/// Whether a server that begins so speaks FTP: "220" also opens SMTP, so a line of it must say the word; else the client tells.
pub(super) fn greets(first: &[u8]) -> Verdict {
    let n = first.len().min(3);
    if first[..n] != b"220"[..n] || first.len() > 2_048 {
        return Verdict::No;
    }
    let says = |word: &[u8]| first.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word));
    let mut lines = first.split_inclusive(|b| *b == b'\n').filter(|l| l.ends_with(b"\n"));
    match lines.any(|l| l.get(3) != Some(&b'-')) {
        _ if says(b"SMTP") => Verdict::No,
        _ if says(b"FTP") && first.contains(&b'\n') => Verdict::Yes,
        true => Verdict::No,
        false => Verdict::More,
    }
}

/// One line of a reply: its code, and whether the reply goes on.
pub(super) fn code(line: &[u8]) -> Option<(u16, bool)> {
    let [a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = line else { return None };
    let digit = |d: &u8| u16::from(d - b'0');
    let code = digit(a) * 100 + digit(b) * 10 + digit(c);
    match rest.first() {
        None | Some(b' ' | b'\r') => Some((code, false)),
        Some(b'-') => Some((code, true)),
        Some(_) => None,
    }
}

/// The port of six numbers `h1,h2,h3,h4,p1,p2`, wherever they begin.
pub(super) fn six(text: &[u8]) -> Option<u16> {
    let start = text.iter().position(u8::is_ascii_digit)?;
    let end = text[start..]
        .iter()
        .position(|b| !b.is_ascii_digit() && *b != b',')
        .map_or(text.len(), |n| start + n);
    let mut numbers = [0u8; 6];
    let mut given = std::str::from_utf8(&text[start..end]).ok()?.split(',');
    for n in &mut numbers {
        *n = given.next()?.parse().ok()?;
    }
    let port = u16::from_be_bytes([numbers[4], numbers[5]]);
    (given.next().is_none() && port > 0).then_some(port)
}

/// The port of reply 227, with or without brackets (RFC 1123, 4.1.2.6).
pub(super) fn passive(text: &[u8]) -> Option<u16> {
    let open = text.iter().position(|b| *b == b'(').map_or(0, |n| n + 1);
    six(&text[open..])
}

/// The port of reply 229: `(|||6446|)`.
pub(super) fn extended(text: &[u8]) -> Option<u16> {
    let open = text.iter().position(|b| *b == b'(')? + 1;
    let delimiter = *text.get(open)?;
    let port = text[open..].split(|b| *b == delimiter).nth(3)?;
    std::str::from_utf8(port).ok()?.parse().ok().filter(|p| *p > 0)
}

/// The path in reply 257: in quotes, quotes in it doubled (RFC 959, appendix II).
pub(super) fn quoted(text: &[u8]) -> Option<Vec<u8>> {
    let start = text.iter().position(|b| *b == b'"')? + 1;
    let (mut path, mut rest) = (Vec::new(), text[start..].iter().peekable());
    while let Some(b) = rest.next() {
        if *b == b'"' && rest.next_if(|n| **n == b'"').is_none() {
            return Some(path);
        }
        path.push(*b);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies() {
        assert_eq!(code(b"220-Hello"), Some((220, true)));
        assert_eq!(code(b"226 Done"), Some((226, false)));
        assert_eq!((code(b"+OK"), code(b"22"), code(b"9999")), (None, None, None));
        assert_eq!(passive(b" Entering Passive Mode (10,77,0,10,117,49)."), Some(30_001));
        assert_eq!(passive(b" =10,77,0,10,117,49"), Some(30_001));
        assert_eq!(extended(b" Entering Extended Passive Mode (|||6446|)"), Some(6446));
        assert_eq!(quoted(b" \"/a \"\"b\"\"\" is here").as_deref(), Some(&b"/a \"b\""[..]));
        assert_eq!(quoted(b" \"/a"), None);
    }

    #[test]
    fn greetings() {
        assert_eq!(greets(b"220 (vsFTPd 3.0.3)\r\n"), Verdict::Yes);
        assert_eq!(greets(b"220 mail ESMTP\r\n"), Verdict::No);
        assert_eq!(greets(b"220 hello\r\n"), Verdict::No);
        assert_eq!(greets(b"220-hello\r\n"), Verdict::More);
        assert_eq!(greets(b"220-hello\r\n220 FTP\r\n"), Verdict::Yes);
        assert_eq!(greets(b"220 hel"), Verdict::More);
        assert_eq!(greets(b"HTTP"), Verdict::No);
    }
}
