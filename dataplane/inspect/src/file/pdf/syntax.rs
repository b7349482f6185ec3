//! The syntax of PDF (ISO 32000-1, 7.3): values as slices of the bytes they stand in, nothing built.

use memchr::memmem;

/// Most hops from a reference to what it names.
const MAX_HOPS: usize = 4;

fn is_delimiter(b: u8) -> bool {
    matches!(b, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_blank(b: u8) -> bool {
    b.is_ascii_whitespace() || b == 0
}

/// The next offset that is neither blank nor in a comment.
pub(super) fn skip_blank(b: &[u8], mut at: usize) -> usize {
    while let Some(c) = b.get(at) {
        match c {
            b'%' => at = memchr::memchr2(b'\n', b'\r', &b[at..]).map_or(b.len(), |n| at + n),
            c if is_blank(*c) => at += 1,
            _ => break,
        }
    }
    at
}

/// End of a literal string that opens at `at`: brackets nest, a backslash takes the next byte.
fn string_end(b: &[u8], at: usize) -> usize {
    let (mut depth, mut i) = (0u32, at);
    while let Some(c) = b.get(i) {
        match c {
            b'\\' => i += 1,
            b'(' => depth += 1,
            b')' if depth <= 1 => return i + 1,
            b')' => depth -= 1,
            _ => {}
        }
        i += 1;
    }
    b.len()
}

/// End of the one token at `at`; of a dictionary or an array, of its opening mark.
pub(super) fn token_end(b: &[u8], at: usize) -> usize {
    match b.get(at) {
        None => b.len(),
        Some(b'(') => string_end(b, at),
        Some(b'<') if b.get(at + 1) == Some(&b'<') => at + 2,
        Some(b'>') if b.get(at + 1) == Some(&b'>') => at + 2,
        Some(b'<') => memchr::memchr(b'>', &b[at..]).map_or(b.len(), |n| at + n + 1),
        Some(b'/') => word_end(b, at + 1),
        Some(c) if is_delimiter(*c) => at + 1,
        Some(_) => word_end(b, at),
    }
}

fn word_end(b: &[u8], at: usize) -> usize {
    b[at..].iter().position(|c| is_blank(*c) || is_delimiter(*c)).map_or(b.len(), |n| at + n)
}

/// End of the whole value at `at`.
pub(super) fn value_end(b: &[u8], at: usize) -> usize {
    let (mut depth, mut i) = (0u32, at);
    while i < b.len() {
        let end = token_end(b, i);
        match &b[i..end] {
            b"<<" | b"[" => depth += 1,
            b">>" | b"]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        i = end;
        if depth == 0 {
            break;
        }
        i = skip_blank(b, i);
    }
    reference(&b[at..]).map_or(i, |(_, n)| at + n)
}

/// The number of the object that a reference at the start names, and the length of the reference.
pub(super) fn reference(b: &[u8]) -> Option<(u32, usize)> {
    let n = word_end(b, 0);
    let number = number(&b[..n])?;
    let second = skip_blank(b, n);
    let end = word_end(b, second);
    self::number(&b[second..end])?;
    let mark = skip_blank(b, end);
    (b.get(mark) == Some(&b'R') && word_end(b, mark) == mark + 1).then_some((number, mark + 1))
}

/// A whole number.
pub(super) fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Pairs of name and value of the dictionary that `b` begins with.
pub(super) fn pairs(b: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = if b.starts_with(b"<<") { 2 } else { b.len() };
    std::iter::from_fn(move || {
        at = skip_blank(b, at);
        if b.get(at) != Some(&b'/') {
            return None;
        }
        let end = token_end(b, at);
        let value = skip_blank(b, end);
        let (name, next) = (&b[at + 1..end], value_end(b, value).max(value));
        at = next;
        Some((name, b.get(value..next)?))
    })
}

/// The value of a name in a dictionary.
pub(super) fn get<'b>(dictionary: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
    pairs(dictionary).find(|(n, _)| *n == name).map(|(_, v)| v)
}

/// Values of an array, or the one value that is none.
pub(super) fn each(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let inside = value.starts_with(b"[");
    let mut at = usize::from(inside);
    std::iter::from_fn(move || {
        at = skip_blank(value, at);
        if at >= value.len() || value[at] == b']' {
            return None;
        }
        let start = at;
        at = value_end(value, at).max(at + 1);
        value.get(start..at)
    })
}

/// The bytes of a string, literal or in hex.
pub(super) fn string(token: &[u8]) -> Vec<u8> {
    match token {
        [b'(', inner @ ..] => literal(inner.strip_suffix(b")").unwrap_or(inner)),
        [b'<', inner @ ..] => {
            let digits = inner.iter().filter_map(|b| (*b as char).to_digit(16).map(|d| d as u8));
            let mut digits: Vec<u8> = digits.collect();
            if digits.len() % 2 == 1 {
                digits.push(0);
            }
            digits.as_chunks::<2>().0.iter().map(|[h, l]| h << 4 | l).collect()
        }
        _ => Vec::new(),
    }
}

fn literal(inner: &[u8]) -> Vec<u8> {
    let (mut out, mut i) = (Vec::with_capacity(inner.len()), 0);
    while let Some(b) = inner.get(i) {
        i += 1;
        if *b != b'\\' {
            out.push(*b);
            continue;
        }
        let Some(c) = inner.get(i) else { break };
        i += 1;
        match c {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' | b'f' => out.push(b' '),
            b'\r' | b'\n' => {}
            b'0'..=b'7' => {
                let more = inner[i..].iter().take(2).take_while(|b| matches!(b, b'0'..=b'7')).count();
                let octal = &inner[i - 1..i + more];
                out.push(octal.iter().fold(0u32, |n, d| n << 3 | u32::from(d - b'0')) as u8);
                i += more;
            }
            c => out.push(*c),
        }
    }
    out
}

/// Where objects stand. Later ones of a number take the place of earlier ones, as updates are appended.
pub(super) trait Objects {
    /// The bytes of an object, from its value on.
    fn object(&self, number: u32) -> Option<&[u8]>;
    /// What a value stands for: of a reference, what it names.
    fn resolve<'s>(&'s self, mut value: &'s [u8]) -> &'s [u8] {
        for _ in 0..MAX_HOPS {
            match reference(value).and_then(|(n, _)| self.object(n)) {
                Some(v) => value = v,
                None => break,
            }
        }
        value
    }
    /// The value of a name, resolved.
    fn look<'s>(&'s self, dictionary: &'s [u8], name: &[u8]) -> Option<&'s [u8]> {
        get(dictionary, name).map(|v| self.resolve(v))
    }
}

/// The raw data of the stream that an object is.
pub(super) fn stream<'s>(objects: &'s dyn Objects, object: &'s [u8]) -> Option<&'s [u8]> {
    let at = skip_blank(object, value_end(object, 0));
    let rest = object.get(at..)?.strip_prefix(b"stream")?;
    let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    let length = get(object, b"Length").map(|v| match reference(v) {
        Some((n, _)) => objects.object(n).unwrap_or_default(),
        None => v,
    });
    let length = length.and_then(|v| number(&v[..word_end(v, 0)])).map(|n| n as usize);
    let ends = |n: &usize| rest.get(*n..).is_some_and(|r| r[skip_blank(r, 0)..].starts_with(b"endstream"));
    let end = length.filter(ends).or_else(|| memmem::find(rest, b"endstream")).unwrap_or(rest.len());
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_strings() {
        let d = b"<< /A 1 0 R /B [1 2 (a\\)b)] /C << /D /E >> /F<0a1> % x\n /G true >> stream";
        assert_eq!(get(d, b"A"), Some(&b"1 0 R"[..]));
        assert_eq!(get(d, b"B"), Some(&b"[1 2 (a\\)b)]"[..]));
        assert_eq!(get(get(d, b"C").unwrap_or_default(), b"D"), Some(&b"/E"[..]));
        assert_eq!(get(d, b"G"), Some(&b"true"[..]));
        assert_eq!(each(b"[1 0 R (x) 3]").collect::<Vec<_>>(), [&b"1 0 R"[..], b"(x)", b"3"]);
        assert_eq!(string(b"(a\\(\\101\\n\\\r(b))"), b"a(A\n(b)");
        assert_eq!(string(b"<48 65 6>"), b"He`");
    }

    #[test]
    fn broken_syntax_ends() {
        for text in ["<<", "<< /A", "<< /A <<", "[", "(((", "<< / / / >>", "/", "<", "<</A[[[[", ">>", "1 0"]
        {
            assert!(value_end(text.as_bytes(), 0) <= text.len());
            assert!(pairs(text.as_bytes()).count() < 9 && each(text.as_bytes()).count() < 9);
        }
    }
}
