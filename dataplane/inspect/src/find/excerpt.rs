//! The text around a signal, fit to be shown.

use std::ops::Range;

/// Longest excerpt in bytes.
const MAX: usize = 96;
/// Bytes shown before the signal.
const BEFORE: usize = 16;
/// Digits of a run that stay readable.
const DIGITS: usize = 4;

/// The text around `at`, on one line, bounded, with `values` and long runs of digits masked.
pub(crate) fn excerpt(text: &[u8], at: Range<usize>, values: &[Range<usize>]) -> String {
    let from = at.start.saturating_sub(BEFORE);
    let window = &text[from..text.len().min(from + MAX)];
    let mut masked = window.to_vec();
    for v in values {
        let (start, end) =
            (v.start.saturating_sub(from).min(masked.len()), v.end.saturating_sub(from).min(masked.len()));
        masked[start..end].fill(b'*');
    }
    let mut run = 0;
    for b in &mut masked {
        run = if b.is_ascii_digit() { run + 1 } else { 0 };
        if run > DIGITS {
            *b = b'*';
        }
    }
    let mut shown = String::new();
    for c in String::from_utf8_lossy(&masked).chars().filter(|c| *c != '\u{fffd}') {
        let c = if c.is_control() { ' ' } else { c };
        if shown.len() + c.len_utf8() > MAX {
            break;
        }
        shown.push(c);
    }
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn masks() {
        let text = b"xx id=110101199001011234 mail=a@b.cn\nTraceback (most recent call last)";
        let shown = super::excerpt(text, 37..46, &[30..36, 0..0]);
        assert_eq!(shown, "234 mail=****** Traceback (most recent call last)");
        assert!(!super::excerpt(text, 3..5, &[]).contains("110101"));
    }
}
