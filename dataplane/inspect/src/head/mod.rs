//! Heads: what their fields say, worked out once for those that come again.
//!
//! ```text
//! fields --> classes --> digest --> known? --> shared facts, findings
//!                |                   '-- no --> read, scanned, remembered
//!                '--> what is announced of the body
//! ```
//! A connection sends the same fields with each message, but for those of the body and of the protocol, which say nothing that is kept:
//! the others are read and scanned once, and the records share what came of it.

mod class;
mod fields;
mod known;
mod target;

pub(crate) use known::Heads;

/// Where the scheme of an absolute-form target ends.
fn scheme_end(target: &[u8]) -> Option<usize> {
    let start = &target[..target.len().min(16)];
    memchr::memmem::find(start, b"://").filter(|n| target[..*n].iter().all(u8::is_ascii_alphanumeric))
}

/// Target without scheme and authority: path and query.
pub(crate) fn path_and_query(target: &[u8]) -> (&[u8], &[u8]) {
    let origin = match scheme_end(target) {
        Some(n) => {
            let rest = &target[n + 3..];
            &rest[memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len())..]
        }
        None => target,
    };
    match memchr::memchr(b'?', origin) {
        Some(n) => (&origin[..n], &origin[n + 1..]),
        None => (origin, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_targets() {
        assert_eq!(path_and_query(b"/a/b?c=1"), (&b"/a/b"[..], &b"c=1"[..]));
        assert_eq!(path_and_query(b"http://h:1/a?b"), (&b"/a"[..], &b"b"[..]));
        assert_eq!(path_and_query(b"/r?u=http://x/"), (&b"/r"[..], &b"u=http://x/"[..]));
    }
}
