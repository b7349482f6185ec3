//! Identifiers of devices and SIM cards.

use super::Verdict;
use super::digits::{Digits, distinct, luhn};

/// IMEI (3GPP TS 23.003, 6.2): 15 digits, Luhn, a reporting body of phones in use. One run in ten passes, so it stays plausible.
pub(crate) fn imei(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    let body = matches!(d.first_chunk(), Some(b"01" | b"35" | b"86" | b"99" | b"98" | b"91" | b"45" | b"52"));
    let marks = value.iter().any(|b| !b.is_ascii_digit() && !matches!(b, b'-' | b' '));
    Verdict::plausible(!marks && d.len() == 15 && body && distinct(d) > 3 && luhn(d))
}

/// IMSI of a mainland network (ITU-T E.212): 460, a network code, 10 digits.
pub(crate) fn imsi(value: &[u8]) -> Verdict {
    let network = matches!(value.get(3..5), Some([b'0', b'0'..=b'9'] | [b'1', b'1' | b'5'] | [b'2', b'0']));
    let digits = value.len() == 15 && value.iter().all(u8::is_ascii_digit);
    Verdict::plausible(digits && value.starts_with(b"460") && network)
}

/// ICCID (ITU-T E.118) of a mainland operator: 8986, operator, 19 or 20 characters.
pub(crate) fn iccid(value: &[u8]) -> Verdict {
    let operator = matches!(value.get(4..6), Some([b'0', b'0'..=b'9'] | [b'1' | b'2', _]));
    let body = value.len() >= 19 && value[..19].iter().all(u8::is_ascii_digit);
    let last = value.get(19).is_none_or(u8::is_ascii_hexdigit);
    Verdict::verified(value.starts_with(b"8986") && operator && body && last && value.len() <= 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        assert_eq!(imei(b"356938035643809"), Verdict::Plausible);
        assert_eq!(imei(b"356938035643808"), Verdict::No);
        assert_eq!(imsi(b"460001234567890"), Verdict::Plausible);
        assert_eq!(imsi(b"460501234567890"), Verdict::No);
        assert_eq!(iccid(b"89860382999582357804"), Verdict::Verified);
        assert_eq!(iccid(b"89440382999582357804"), Verdict::No);
    }
}
