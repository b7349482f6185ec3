//! Resident identity numbers (GB 11643-1999).

use super::Verdict;
use super::country::is_three;
use super::date::{is_birth, is_date, number};
use super::digits::{distinct, mod_11_2};
use super::division::is_prefecture;

/// 18 characters: division, birth date, serial, check character (ISO 7064 MOD 11-2). Also the residence permits of Hong Kong, Macao and
/// Taiwan residents (810000, 820000, 830000) and foreigners' permanent residence cards since 2023 (first digit 9).
pub(crate) fn id18(value: &[u8]) -> Verdict {
    let (Some(code), Some(birth)) = (value.first_chunk::<4>(), value.get(6..14)) else { return Verdict::No };
    let known = is_prefecture(*code) || code[0] == b'9' && (b'1'..=b'4').contains(&code[1]);
    Verdict::verified(value.len() == 18 && known && is_birth(birth) && mod_11_2(value))
}

/// The 15 digits issued until 1999: no century, no check character.
pub(crate) fn id15(value: &[u8]) -> Verdict {
    let (Some(code), Some(birth)) = (value.first_chunk::<4>(), value.get(6..12)) else { return Verdict::No };
    let parts = number(&birth[..2]).zip(number(&birth[2..4])).zip(number(&birth[4..6]));
    let dated = matches!(parts, Some(((y, m), d)) if is_date(1900 + y, m, d));
    Verdict::plausible(
        value.len() == 15 && dated && is_prefecture(*code) && value.iter().all(u8::is_ascii_digit),
    )
}

/// The same of residents of Hong Kong, Macao and Taiwan: their places stand for a division.
pub(crate) fn residence_permit(value: &[u8]) -> Verdict {
    let place = [&b"810000"[..], b"820000", b"830000"].iter().any(|p| value.starts_with(p));
    if place { id18(value) } else { Verdict::No }
}

/// A foreigner's permanent residence: 18 characters from 9, or, until 2023, a nationality, a division, birth and two digits.
pub(crate) fn permanent_residence(value: &[u8]) -> Verdict {
    if value.first() == Some(&b'9') {
        return id18(value);
    }
    let (15, Some(country), Some(digits)) = (value.len(), value.get(..3), value.get(3..)) else {
        return Verdict::No;
    };
    let parts = number(&digits[4..6]).zip(number(&digits[6..8])).zip(number(&digits[8..10]));
    let dated = matches!(parts, Some(((y, m), d)) if is_date(2000 + y, m, d));
    Verdict::plausible(is_three(country) && dated && digits.iter().all(u8::is_ascii_digit))
}

/// A number of a school: the national one holds the pupil's identity number; others are digits.
pub(crate) fn student(value: &[u8]) -> Verdict {
    match value {
        [b'G' | b'L' | b'J', id @ ..] if id.len() == 18 => id18(id),
        _ => Verdict::plausible((6..=16).contains(&value.len()) && distinct(value) > 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The check character of 17 digits, by the weights as the standard prints them: another way than the validator's.
    fn check(body: &str) -> char {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
        char::from(b"10X98765432"[(sum % 11) as usize])
    }

    #[test]
    fn vectors() {
        for good in ["11010519491231002X", "11010519491231002x", "370602199511014667", "810000199408230021"] {
            assert_eq!(id18(good.as_bytes()), Verdict::Verified, "{good}");
        }
        // Check digit, date, division, length.
        for bad in ["110105194912310021", "11010519490231002X", "100105194912310028", "1101051949123100", ""]
        {
            assert_eq!(id18(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(id15(b"110105491231002"), Verdict::Plausible);
        assert_eq!(id15(b"110105491331002"), Verdict::No);
        assert_eq!(residence_permit(b"810000199408230021"), Verdict::Verified);
        assert_eq!(residence_permit(b"810000199408230022"), Verdict::No);
        assert_eq!(residence_permit(b"11010519491231002X"), Verdict::No);
        assert_eq!(permanent_residence(b"CAN110185040901"), Verdict::Plausible);
        assert_eq!(permanent_residence(b"ORD110185040901"), Verdict::No);
        assert_eq!(permanent_residence(b"CAN110185130901"), Verdict::No);
        assert_eq!(student(b"G11010519491231002X"), Verdict::Verified);
        assert_eq!(student(b"G110105194912310021"), Verdict::No);
        assert_eq!(student(b"2019302110"), Verdict::Plausible);
    }

    proptest! {
        #[test]
        fn generated_numbers_hold_and_no_changed_digit_does(
            year in 1900u32..2040, month in 1u32..13, day in 1u32..29, serial in 0u32..1000, at in 0usize..17, by in 1u8..10,
        ) {
            let body = format!("330106{year}{month:02}{day:02}{serial:03}");
            let good = format!("{body}{}", check(&body));
            prop_assert_eq!(id18(good.as_bytes()), Verdict::Verified);
            // MOD 11-2 finds every change of one digit.
            let mut bad = good.into_bytes();
            bad[at] = b'0' + (bad[at] - b'0' + by) % 10;
            prop_assert_eq!(id18(&bad), Verdict::No);
        }
    }
}
