//! Masked values: what stays readable; and samples of our own.

use weir_exchange::KeptPositions;

/// Longest value looked at as a masked one, in bytes.
pub(crate) const MAX_MASKED: usize = 256;

/// A masked value with every mask mark written `*`.
pub(crate) struct Masked {
    bytes: [u8; MAX_MASKED],
    len: usize,
    /// Characters in all.
    pub characters: usize,
    /// Readable characters.
    pub kept: KeptPositions,
}

impl Masked {
    /// Reads a value that holds mask marks; `None` where it holds none, is too long or no UTF-8.
    ///
    /// Marks are `*`, `＊`, `•`, `●`, `×`, `某`, runs of at least three `#`, and runs of at least three `x` or `X`.
    pub(crate) fn read(value: &[u8]) -> Option<Masked> {
        if value.len() > MAX_MASKED || !holds_mark(value) {
            return None;
        }
        let text = std::str::from_utf8(value).ok()?;
        let mut out =
            Masked { bytes: [0; MAX_MASKED], len: 0, characters: 0, kept: KeptPositions::default() };
        let mut marks = 0;
        let total = text.chars().count();
        for (at, c) in text.char_indices() {
            let mark = matches!(c, '*' | '＊' | '•' | '●' | '×' | '某')
                || matches!(c, '#' | 'x' | 'X') && in_run(value, at);
            let n = if mark {
                out.bytes[out.len] = b'*';
                marks += 1;
                1
            } else {
                c.encode_utf8(out.bytes.get_mut(out.len..)?.get_mut(..c.len_utf8())?).len()
            };
            if !mark {
                let (head, tail) = (out.characters, total - 1 - out.characters);
                out.kept.head |= if head < 32 { 1 << head } else { 0 };
                out.kept.tail |= if tail < 32 { 1 << tail } else { 0 };
            }
            out.len += n;
            out.characters += 1;
        }
        out.kept.length = u8::try_from(total).unwrap_or(u8::MAX);
        (marks > 0).then_some(out)
    }
    /// The value, every mark written `*`.
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Whether a value may hold a mask mark: nearly none does, and this costs a look at each byte.
fn holds_mark(value: &[u8]) -> bool {
    value.iter().enumerate().any(|(at, b)| {
        let goes_on = |rest: &[&str]| rest.iter().any(|mark| value[at..].starts_with(mark.as_bytes()));
        match b {
            b'*' => true,
            b'#' | b'x' | b'X' => value[at + 1..].starts_with(&[*b, *b]),
            0xc3 => goes_on(&["×"]),
            0xe2 => goes_on(&["•", "●"]),
            0xe6 => goes_on(&["某"]),
            0xef => goes_on(&["＊"]),
            _ => false,
        }
    })
}

/// Whether the byte at `at` stands in a run of at least three of its kind.
fn in_run(value: &[u8], at: usize) -> bool {
    let c = value[at];
    let after = value[at..].iter().take_while(|b| **b == c).count();
    let before = value[..at].iter().rev().take_while(|b| **b == c).count();
    before + after >= 3
}

/// Appends `value` with all but its first `head` and last `tail` characters replaced by `*`, at most eight of them; never more than a third
/// of the characters is shown at either end, so that short values hide most of theirs.
pub(crate) fn sample(value: &str, head: u8, tail: u8, out: &mut String) {
    let total = value.chars().count();
    let (head, tail) = (usize::from(head).min(total / 3), usize::from(tail).min(total / 3));
    let safe = |c: char| if c.is_control() { '*' } else { c };
    out.extend(value.chars().take(head).map(safe));
    out.extend(std::iter::repeat_n('*', (total - head - tail).clamp(1, 8)));
    out.extend(value.chars().skip(total - tail).map(safe));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn kept_positions_count_characters_from_both_ends() {
        let m = Masked::read("138****5678".as_bytes()).unwrap();
        assert_eq!(m.kept, KeptPositions { head: 0b111_1000_0111, tail: 0b111_0000_1111, length: 11 });
        let m = Masked::read("张*伟".as_bytes()).unwrap();
        assert_eq!((m.text(), m.kept.head), ("张*伟".as_bytes(), 0b101));
    }

    #[test]
    fn letters_mask_only_in_runs() {
        assert_eq!(Masked::read(b"110105XXXXXXXX002X").unwrap().text(), b"110105********002X");
        assert!(Masked::read(b"11010519491231002X").is_none());
    }

    #[test]
    fn every_mark_is_told_at_once() {
        let runs = ["#", "x", "X"].map(|letter| letter.repeat(3));
        let marks = ["*", "＊", "•", "●", "×", "某"].into_iter().chain(runs.iter().map(String::as_str));
        for mark in marks {
            let value = format!("张1{mark}2");
            assert!(holds_mark(value.as_bytes()) && Masked::read(value.as_bytes()).is_some(), "{mark}");
        }
        for value in ["", "李杨柏", "x", "xx#Xx", "Ãé€＋", "13812345678"] {
            assert!(!holds_mark(value.as_bytes()) && Masked::read(value.as_bytes()).is_none(), "{value}");
        }
    }

    #[test]
    fn samples_hide_most() {
        let mut out = String::new();
        sample("13812345678", 3, 4, &mut out);
        out.push(' ');
        sample("张伟", 1, 1, &mut out);
        assert_eq!(out, "138*****678 **");
    }
}
