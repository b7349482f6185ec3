//! Escapes of queries.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A name or value of a query (`application/x-www-form-urlencoded`) with `+` and percent escapes undone. Broken escapes stay as they
/// are; what is no UTF-8 is replaced.
pub fn form_decoded(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_escapes_once_and_leaves_broken_ones() {
        for (sent, meant) in [
            ("a+b", "a b"),
            ("a%20b+%e4%bd%a0%", "a b 你%"),
            ("a%2Bb+c", "a+b c"),
            ("%E8%AE%A2%e5%8d%95", "订单"),
            ("%2541", "%41"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(form_decoded(sent), meant, "{sent}");
        }
        assert!(matches!(form_decoded("plain"), Cow::Borrowed(_)));
    }
}
