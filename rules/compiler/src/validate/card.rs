//! Payment cards and bank accounts (ISO/IEC 7812).

use super::Verdict;
use super::date::{is_stamp, number};
use super::digits::{Digits, distinct, luhn};

/// Issuer prefixes (low and high six digits) and the lengths as bits, of the international brands.
const BRANDS: &[(u32, u32, u32)] = &[
    (400_000, 499_999, 1 << 16 | 1 << 19), // Visa; its 13 digits are no longer issued
    (510_000, 559_999, 1 << 16),           // Mastercard
    (222_100, 272_099, 1 << 16),           // Mastercard, 2-series
    (340_000, 349_999, 1 << 15),           // American Express
    (370_000, 379_999, 1 << 15),           // American Express
    (352_800, 358_999, 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19), // JCB
    (300_000, 305_999, 1 << 14),           // Diners Club
    (309_500, 309_599, 1 << 14),           // Diners Club
    (360_000, 369_999, 1 << 14),           // Diners Club
    (380_000, 399_999, 1 << 14 | 1 << 16), // Diners Club
    (601_100, 601_199, 1 << 16 | 1 << 19), // Discover
    (644_000, 659_999, 1 << 16 | 1 << 19), // Discover
    (220_000, 220_499, 1 << 16 | 1 << 19), // Mir
];

/// Issuer prefixes of UnionPay (62, 81), and the older ranges of Chinese banks that were issued before 62.
const UNIONPAY: &[(u32, u32)] = &[
    (620_000, 629_999),
    (810_000, 817_199),
    (603_367, 603_367),
    (601_382, 601_382),
    (601_428, 601_428),
    (601_100, 601_100),
    (690_755, 690_755),
    (900_000, 900_010),
    (940_000, 940_075),
    (955_800, 955_999),
    (966_666, 966_666),
    (968_807, 968_809),
    (984_301, 984_303),
    (998_800, 998_802),
];

/// A card of a Chinese bank (16 to 19 digits, UnionPay or an older range, Luhn).
pub(crate) fn bank_card(value: &[u8]) -> Verdict {
    let Some(digits) = plain(value) else { return Verdict::No };
    let d = digits.text();
    let Some(prefix) = d.get(..6).and_then(number) else { return Verdict::No };
    let range = UNIONPAY.iter().any(|(lo, hi)| (*lo..=*hi).contains(&prefix));
    if !range || !(16..=19).contains(&d.len()) || distinct(d) <= 2 || is_stamp(d) {
        return Verdict::No;
    }
    // A few old debit series have no check digit; they are missed, as a number without one is no evidence.
    if luhn(d) { Verdict::Verified } else { Verdict::No }
}

/// A card of an international brand: its prefix, its length, Luhn.
pub(crate) fn payment_card(value: &[u8]) -> Verdict {
    let Some(digits) = plain(value) else { return Verdict::No };
    let d = digits.text();
    let Some(prefix) = d.get(..6).and_then(number) else { return Verdict::No };
    let branded =
        BRANDS.iter().any(|(lo, hi, lengths)| (*lo..=*hi).contains(&prefix) && lengths >> d.len() & 1 == 1);
    Verdict::verified(branded && distinct(d) > 2 && !is_stamp(d) && luhn(d) || is_test_number(d))
}

/// The brands' published test numbers, whose few digits would otherwise refuse them.
fn is_test_number(d: &[u8]) -> bool {
    matches!(d, b"4111111111111111" | b"4242424242424242" | b"5555555555554444")
}

/// The digits, where the rest is single spaces or dashes and the last group is no stray digit.
fn plain(value: &[u8]) -> Option<Digits> {
    let marked = value.iter().any(|b| !b.is_ascii_digit() && !matches!(b, b' ' | b'-'));
    if marked || value.len() > 24 { None } else { Digits::of(value) }
}

/// An account at a bank: 9 to 32 digits, also grouped, not all alike.
pub(crate) fn bank_account(value: &[u8]) -> Verdict {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let clean = value.iter().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-'));
    Verdict::plausible(clean && (9..=32).contains(&digits) && distinct(value) > 2 && !is_stamp(value))
}

/// An expiry date of a card: MM/YY, MM/YYYY, MMYY, YYMM, YYYY-MM.
pub(crate) fn expiry(value: &[u8]) -> Verdict {
    let month = |v: &[u8]| matches!(number(v), Some(1..=12));
    let holds = match value {
        [a, b, b'/' | b'-', rest @ ..] if matches!(rest.len(), 2 | 4) => {
            month(&[*a, *b]) && number(rest).is_some()
        }
        [y @ .., b'/' | b'-', a, b] if y.len() == 4 => {
            month(&[*a, *b]) && matches!(number(y), Some(2000..2060))
        }
        [_, _, _, _] => {
            let (head, tail) = (number(&value[..2]), number(&value[2..]));
            let year = |n: Option<u32>| matches!(n, Some(15..60));
            month(&value[..2]) && year(tail) || month(&value[2..]) && year(head)
        }
        _ => false,
    };
    Verdict::plausible(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for good in ["6222021001116245702", "6222147920520325", "6259 1490 9313 1100"] {
            assert_eq!(bank_card(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in ["6222021001116245701", "62220210011162457", "4111111111111111", "6222222222222222"] {
            assert_eq!(bank_card(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for good in ["4111111111111111", "377915908885894", "3574530380648028", "4311-0491-3363-3183"] {
            assert_eq!(payment_card(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in ["4111111111111112", "1700000000000", "377915908885895", "20250409113934"] {
            assert_eq!(payment_card(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for good in ["12/28", "04/2031", "1228", "2812", "2028-12"] {
            assert_eq!(expiry(good.as_bytes()), Verdict::Plausible, "{good}");
        }
        for bad in ["13/28", "2024-13", "9999", "12"] {
            assert_eq!(expiry(bad.as_bytes()), Verdict::No, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn luhn_finds_every_changed_digit(body in "62[0-9]{16}", at in 6usize..18, by in 1u8..10) {
            let check = (b'0'..=b'9').find(|c| luhn(format!("{body}{}", char::from(*c)).as_bytes()));
            prop_assume!(check.is_some() && distinct(body.as_bytes()) > 3);
            let good = format!("{body}{}", char::from(check.unwrap_or(b'0')));
            prop_assert_eq!(bank_card(good.as_bytes()), Verdict::Verified);
            let mut bad = good.into_bytes();
            bad[at] = b'0' + (bad[at] - b'0' + by) % 10;
            prop_assert_eq!(bank_card(&bad), Verdict::No);
        }
    }
}
