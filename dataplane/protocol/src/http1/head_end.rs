//! Finding the empty line that ends a head or a trailer section.

use memchr::memchr_iter;

/// Looks for the first empty line in bytes that come in pieces, each looked at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct HeadEnd {
    /// The current line holds nothing but CR so far.
    blank: bool,
    /// The last byte was CR.
    cr: bool,
    /// A line ended by LF alone was met.
    pub bare_lf: bool,
}

impl HeadEnd {
    /// At the beginning of a line.
    pub const fn new() -> Self {
        HeadEnd { blank: true, cr: false, bare_lf: false }
    }
    /// Index behind the LF of the first empty line, if `bytes` hold it.
    pub fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut from = 0;
        for lf in memchr_iter(b'\n', bytes) {
            let line = &bytes[from..lf];
            self.bare_lf |= line.last().map_or(!self.cr, |b| *b != b'\r');
            if self.blank && line.iter().all(|b| *b == b'\r') {
                return Some(lf + 1);
            }
            (self.blank, self.cr) = (true, false);
            from = lf + 1;
        }
        let line = &bytes[from..];
        self.blank = self.blank && line.iter().all(|b| *b == b'\r');
        self.cr = line.last().map_or(self.cr, |b| *b == b'\r');
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_in_any_segmentation() {
        for (head, bare) in [(&b"A: b\r\nC: d\r\n\r\nbody\n\n"[..], false), (b"A: b\nC: d\r\n\nbody", true)] {
            let want = HeadEnd::new().scan(head);
            assert_eq!(want.map(|n| &head[n..n + 4]), Some(&b"body"[..]));
            let (mut end, mut found) = (HeadEnd::new(), None);
            for (i, b) in head.iter().enumerate() {
                if end.scan(&[*b]).is_some() {
                    found = Some(i + 1);
                    break;
                }
            }
            assert_eq!((found, end.bare_lf), (want, bare));
        }
    }
}
