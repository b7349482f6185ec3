//! Judging a value: is it of a type, in which form, how sure.

use crate::compile::{TypeRule, is_word};
use crate::keys::{Name, Promise};
use crate::mask::Masked;
use crate::pack::Stands;
use crate::validate::Verdict;
use crate::{Context, Judgement, MAX_VALUE};
use std::ops::Range;
use weir_exchange::{Form, KeptPositions};

/// What the name of a field says about a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    /// It promises it.
    Promises,
    /// It promises it, but is used for other things too.
    Suggests,
    /// It says nothing.
    Silent,
    /// It speaks against it.
    Refuses,
}

/// Judges a value for one type; `promises` are those of the field's `name`, `ty` is the type's index.
pub(crate) fn judge(
    rule: &TypeRule,
    ty: u16,
    value: &[u8],
    context: &Context<'_>,
    name: &Name,
    promises: &[Promise],
) -> Option<Judgement> {
    let range = trimmed(value);
    let text = value.get(range.clone())?;
    if text.is_empty() || rule.not_values.iter().any(|v| text.eq_ignore_ascii_case(v)) {
        return None;
    }
    let key = key_says(rule, ty, name, promises);
    if key == Key::Refuses || key == Key::Silent && rule.stands == Stands::Key && !has_word(rule, context) {
        return None;
    }
    // Masked values of several types look alike: where the name promises another type, it is that one.
    let other = key == Key::Silent && !promises.is_empty();
    let (form, confidence, kept) = match masked(rule, text, key, other, context) {
        Some(Some((confidence, kept))) => (Form::Masked, confidence, kept),
        Some(None) => return None,
        // Digests and ciphertext come first: a password's field would take them for passwords.
        None => match opaque(rule, text, key) {
            Some((form, confidence)) => (form, confidence, KeptPositions::default()),
            None => (Form::Plain, plain(rule, text, key, context)?, KeptPositions::default()),
        },
    };
    let level = if form == Form::Plain { rule.level } else { rule.level.saturating_sub(1).max(1) };
    Some(Judgement { form, confidence, level, kept, value: range })
}

/// Without blanks and quotes around, also escaped ones.
pub(crate) fn trimmed(value: &[u8]) -> Range<usize> {
    let mark = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'\\');
    let start = value.iter().take_while(|b| mark(b)).count();
    let end = value.len() - value[start..].iter().rev().take_while(|b| mark(b)).count();
    start..end
}

pub(crate) fn key_says(rule: &TypeRule, ty: u16, name: &Name, promises: &[Promise]) -> Key {
    let Some(folded) = &name.folded else { return Key::Silent };
    if let Some(p) = promises.iter().find(|p| p.seen.data_type.0 == ty) {
        return if p.weak { Key::Suggests } else { Key::Promises };
    }
    let listed = |s: &[u8]| rule.reject.binary_search_by(|r| (**r).cmp(s)).is_ok();
    if folded.suffixes().any(listed) || listed(folded.text()) { Key::Refuses } else { Key::Silent }
}

/// Whether a word of the type stands shortly before the value. ASCII words count whatever their case and only as whole words.
pub(crate) fn has_word(rule: &TypeRule, context: &Context<'_>) -> bool {
    word_of(rule, context).is_some()
}

/// The first word of the type that stands there, in lower case.
pub(crate) fn word_of<'r>(rule: &'r TypeRule, context: &Context<'_>) -> Option<&'r [u8]> {
    let mut before = [0u8; 64];
    let tail = &context.before[context.before.len().saturating_sub(before.len())..];
    let before = &mut before[..tail.len()];
    before.copy_from_slice(tail);
    before.make_ascii_lowercase();
    let word = rule.context.iter().find(|word| {
        before.windows(word.len()).enumerate().any(|(i, w)| {
            let edge = |b: Option<&u8>| !word.is_ascii() || b.is_none_or(|b| !is_word(*b));
            w == &***word
                && edge(i.checked_sub(1).and_then(|i| before.get(i)))
                && edge(before.get(i + word.len()))
        })
    });
    word.map(|w| &**w)
}

/// `None`: holds no mask. `Some(None)`: masked, but not a value of this type.
#[allow(clippy::option_option)]
fn masked(
    rule: &TypeRule,
    text: &[u8],
    key: Key,
    other: bool,
    context: &Context<'_>,
) -> Option<Option<(u8, KeptPositions)>> {
    let masked = Masked::read(text)?;
    let fits = masked_fits(rule, &masked);
    // A password may hold a star of its own, an address a cross; only many marks are a mask.
    let marks = masked.text().iter().filter(|b| **b == b'*').count();
    if !fits {
        return if marks >= 3 && marks * 3 >= masked.characters { Some(None) } else { None };
    }
    let confidence = match key {
        Key::Promises => 95,
        Key::Suggests => 75,
        _ if has_word(rule, context) => 85,
        _ if rule.masked_alone && !other => 80,
        _ => return Some(None),
    };
    Some(Some((confidence, masked.kept)))
}

/// Whether a masked value is one of the type's forms.
pub(crate) fn masked_fits(rule: &TypeRule, masked: &Masked) -> bool {
    let length = rule.masked_lengths == 0
        || masked.characters < 64 && rule.masked_lengths >> masked.characters & 1 == 1;
    length && rule.masked.iter().any(|m| m.is_match(masked.text()))
}

/// What the patterns, the field's expression, the closed set and the validator say of a whole value.
pub(crate) fn verdict(rule: &TypeRule, text: &[u8], keyed: bool) -> Verdict {
    let head = &text[..text.len().min(MAX_VALUE)];
    if keyed && !rule.values.is_empty() {
        let known = rule.values.iter().any(|v| head.eq_ignore_ascii_case(v));
        return if known { Verdict::Plausible } else { Verdict::No };
    }
    if !rule.words.is_empty() && text.len() <= MAX_VALUE {
        let known = rule.words.contains(text.to_ascii_lowercase().as_slice());
        return if known { Verdict::Verified } else { Verdict::No };
    }
    let shaped = rule.patterns.iter().any(|p| p.is_whole(text));
    if !(shaped || keyed && rule.field.as_ref().is_some_and(|f| f.is_match(head))) {
        return Verdict::No;
    }
    match rule.verify(head) {
        Some(verdict) => verdict,
        None if shaped && rule.stands == Stands::Alone => Verdict::Verified,
        None => Verdict::Plausible,
    }
}

fn plain(rule: &TypeRule, text: &[u8], key: Key, context: &Context<'_>) -> Option<u8> {
    let named = matches!(key, Key::Promises | Key::Suggests);
    let word = !named && has_word(rule, context);
    match (verdict(rule, text, named || word), key) {
        (Verdict::No, _) => None,
        (Verdict::Verified, Key::Promises) => Some(99),
        (Verdict::Verified, Key::Suggests) => Some(95),
        (Verdict::Verified, _) if word => Some(95),
        (Verdict::Verified, _) if rule.stands == Stands::Alone => Some(90),
        (Verdict::Plausible, Key::Promises) => Some(90),
        (Verdict::Plausible, Key::Suggests) => Some(65),
        (_, _) if word => Some(80),
        _ => None,
    }
}

/// Digests and ciphertext in a field that promises the type.
fn opaque(rule: &TypeRule, text: &[u8], key: Key) -> Option<(Form, u8)> {
    if !rule.opaque || key != Key::Promises && key != Key::Suggests {
        return None;
    }
    let less = if key == Key::Suggests { 10 } else { 0 };
    let hex = text.iter().all(u8::is_ascii_hexdigit);
    let (digits, letters) = (text.iter().any(u8::is_ascii_digit), text.iter().any(u8::is_ascii_alphabetic));
    if hex && digits && letters && matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128) {
        return Some((Form::Hashed, 85 - less));
    }
    is_ciphertext(text).then_some((Form::Encrypted, 75 - less))
}

/// Base64 of whole cipher blocks of 8 or 16 bytes, mixed as ciphertext is; or long hex of whole blocks.
fn is_ciphertext(text: &[u8]) -> bool {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if !text.len().is_multiple_of(4)
        || text.len() < 24
        || !body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
    {
        return text.len() >= 48 && text.len().is_multiple_of(32) && text.iter().all(u8::is_ascii_hexdigit);
    }
    let bytes = body.len() * 3 / 4;
    let kinds = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let mixed = kinds.iter().filter(|k| body.iter().any(k)).count();
    bytes.is_multiple_of(8) && mixed >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ciphertext_is_whole_blocks() {
        assert!(is_ciphertext(b"k85WpAfvOGZsiryc3G+RjQ=="));
        assert!(is_ciphertext(b"OHyqFyPWFwfjppnDtVG7XZcofJ2oP33WketeV6SvRgY="));
        assert!(
            !is_ciphertext(b"13812345678")
                && !is_ciphertext(b"hello-world-hello-world!")
                && !is_ciphertext(b"")
        );
    }

    #[test]
    fn quotes_and_blanks_are_cut() {
        assert_eq!(trimmed(b" \"abc\" "), 2..5);
        assert_eq!(trimmed(b"  "), 2..2);
    }
}
