//! The text around a signal, fit to be shown.

use std::ops::Range;
use weir_exchange::Excerpt;

/// Bytes shown before the signal.
const BEFORE: usize = 16;
/// Digits of a run that stay readable.
const DIGITS: usize = 4;

/// The text around `at`, on one line, bounded, with `values` and long runs of digits masked.
pub(crate) fn excerpt(text: &[u8], at: Range<usize>, values: &[Range<usize>]) -> Excerpt {
    let from = at.start.saturating_sub(BEFORE);
    let window = &text[from..text.len().min(from + Excerpt::MAX)];
    let mut masked = [0; Excerpt::MAX];
    let masked = &mut masked[..window.len()];
    masked.copy_from_slice(window);
    for v in values {
        let (start, end) =
            (v.start.saturating_sub(from).min(masked.len()), v.end.saturating_sub(from).min(masked.len()));
        masked[start..end].fill(b'*');
    }
    if masked.iter().filter(|b| b.is_ascii_digit()).count() > DIGITS {
        mask_runs(masked);
    }
    // Control characters of one byte in UTF-8; those of two come with the characters.
    for b in masked.iter_mut() {
        *b = if b.is_ascii_control() { b' ' } else { *b };
    }
    let mut shown = [0; Excerpt::MAX];
    let mut length = 0;
    let mut show = |piece: &[u8]| {
        shown[length..length + piece.len()].copy_from_slice(piece);
        length += piece.len();
    };
    for piece in masked.utf8_chunks().map(|c| c.valid()) {
        // Control characters of two bytes, and the mark of what could not be read.
        if memchr::memchr2(0xc2, 0xef, piece.as_bytes()).is_none() {
            show(piece.as_bytes());
            continue;
        }
        for c in piece.chars().filter(|c| *c != '\u{fffd}') {
            let c = if c.is_control() { ' ' } else { c };
            show(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    Excerpt::new(std::str::from_utf8(&shown[..length]).unwrap_or_default().trim())
}

/// Masks what is too long of runs of digits.
fn mask_runs(text: &mut [u8]) {
    let mut run = 0;
    for b in text {
        run = if b.is_ascii_digit() { run + 1 } else { 0 };
        if run > DIGITS {
            *b = b'*';
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn masks() {
        let text = b"xx id=110101199001011234 mail=a@b.cn\nTraceback (most recent call last)";
        let shown = super::excerpt(text, 37..46, &[30..36, 0..0]);
        assert_eq!(&*shown, "234 mail=****** Traceback (most recent call last)");
        assert!(!super::excerpt(text, 3..5, &[]).contains("110101"));
    }
}
