//! Request targets as lists of segments that compare (RFC 3986, 6.2.2; RFC 9112, 3.2).

use smallvec::SmallVec;
use std::borrow::Cow;

/// Most segments that are told apart; what is deeper counts as one.
pub(crate) const MAX_DEPTH: usize = 24;

/// One segment of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Segment<'t> {
    /// As it compares and is shown: unreserved characters decoded, other escapes in capitals.
    pub text: Cow<'t, str>,
    /// Wholly decoded.
    pub plain: Cow<'t, str>,
}

/// A normalised path. Of a target without escapes nothing is copied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Path<'t> {
    /// Its segments; empty ones and matrix parameters left out, dot segments resolved.
    pub segments: SmallVec<[Segment<'t>; 8]>,
    /// Whether it ended in a slash: shown, not compared.
    pub slash: bool,
    /// Whether it went on beyond [`MAX_DEPTH`].
    pub cut: bool,
}

impl<'t> Path<'t> {
    /// The path of a request target in any of its forms; `*` and authorities (CONNECT) have none.
    pub fn of(target: &'t str) -> Path<'t> {
        let path = without_authority(target);
        let end = path.bytes().position(|b| matches!(b, b'?' | b'#')).unwrap_or(path.len());
        let path = &path[..end];
        let mut segments: SmallVec<[Segment<'t>; 8]> = SmallVec::new();
        let mut cut = false;
        let mut from = 0;
        while from <= end {
            let length = path.bytes().skip(from).position(|b| b == b'/').unwrap_or(end - from);
            let raw = &path[from..from + length];
            from += length + 1;
            let raw = &raw[..raw.bytes().position(|b| b == b';').unwrap_or(raw.len())];
            let text = normalised(raw);
            match &*text {
                "" | "." => {}
                ".." => drop(segments.pop()),
                _ if segments.len() == MAX_DEPTH => cut = true,
                _ => segments.push(Segment { plain: decoded(&text), text }),
            }
        }
        Path { slash: path.ends_with('/') && !segments.is_empty(), segments, cut }
    }
    /// The text of the last segment; empty where there is none.
    pub fn end(&self) -> &str {
        self.segments.last().map_or("", |s| &s.text)
    }
}

/// The target without scheme and authority.
fn without_authority(target: &str) -> &str {
    if target.starts_with('/') {
        return target;
    }
    match target.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) => {
            rest.find(['/', '?', '#']).map_or("", |at| &rest[at..])
        }
        _ => "",
    }
}

fn hex(b: Option<&u8>) -> Option<u8> {
    b.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok())
}

/// Escapes of unreserved characters decoded, the rest in capitals (RFC 3986, 6.2.2.1 and 6.2.2.2); broken escapes stay.
fn normalised(raw: &str) -> Cow<'_, str> {
    if !raw.bytes().any(|b| b == b'%') {
        return raw.into();
    }
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        match (b, hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) {
            (b'%', Some(h), Some(l)) => {
                let c = h << 4 | l;
                if c.is_ascii_alphanumeric() || b"-._~".contains(&c) {
                    out.push(c);
                } else {
                    out.extend(bytes[i..i + 3].to_ascii_uppercase());
                }
                i += 3;
            }
            _ => {
                out.push(b);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

/// All escapes decoded, as far as they are UTF-8.
fn decoded<'t>(text: &Cow<'t, str>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) if !text.bytes().any(|b| b == b'%') => Cow::Borrowed(*text),
        text => percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(target: &str) -> Vec<String> {
        Path::of(target).segments.iter().map(|s| s.text.to_string()).collect()
    }

    #[test]
    fn drops_what_does_not_name_the_resource() {
        assert_eq!(texts("/a/b?x=1"), ["a", "b"]);
        assert_eq!(texts("/a/b#x"), ["a", "b"]);
        assert_eq!(texts("/a;v=1/b;jsessionid=AB12"), ["a", "b"]);
        assert_eq!(texts("http://h:80/a/b?x"), ["a", "b"]);
        assert_eq!(texts("http://h?x"), [""; 0]);
        assert_eq!(texts("*"), [""; 0]);
        assert_eq!(texts("h:443"), [""; 0]);
        assert_eq!(texts("//a///b"), ["a", "b"]);
    }

    #[test]
    fn keeps_the_slash_for_show_only() {
        assert!(Path::of("/a/?x").slash && !Path::of("/a").slash && !Path::of("/").slash);
        assert_eq!(texts("/a/"), texts("/a"));
    }

    #[test]
    fn resolves_dots_and_escapes() {
        assert_eq!(texts("/a/./b/../c"), ["a", "c"]);
        assert_eq!(texts("/%61%2e%2E/x%2fy%zz"), ["a..", "x%2Fy%zz"]);
        assert_eq!(&*Path::of("/x%2fy").segments[0].plain, "x/y");
        assert_eq!(&*Path::of("/%E5%BC%A0").segments[0].plain, "张");
    }

    #[test]
    fn bounds_depth() {
        let deep = "/a".repeat(100);
        let p = Path::of(&deep);
        assert!(p.segments.len() == MAX_DEPTH && p.cut);
    }
}
