//! Codes of securities, of firms on markets, and what cards' stripes hold.

use super::Verdict;
use super::card::{bank_card, payment_card};
use super::country::is_two;
use super::date::number;
use super::digits::{distinct, mod_97};

/// The value of a character: digits as they are, letters from 10.
fn rank(b: u8) -> Option<u32> {
    match b {
        b'0'..=b'9' => Some(u32::from(b - b'0')),
        b'A'..=b'Z' => Some(u32::from(b - b'A') + 10),
        _ => None,
    }
}

/// International securities number (ISO 6166): country or clearing house, nine characters, Luhn over letters as two digits.
pub(crate) fn isin(value: &[u8]) -> Verdict {
    let (12, Some(country), Some(last)) = (value.len(), value.get(..2), value.last()) else {
        return Verdict::No;
    };
    let known = is_two(country) || matches!(country, b"XS" | b"XA" | b"XB" | b"XC" | b"XD" | b"XF" | b"EU");
    let (mut sum, mut double) = (0, false);
    let mut add = |digit: u32| {
        sum += if double { digit * 2 / 10 + digit * 2 % 10 } else { digit };
        double = !double;
    };
    for b in value.iter().rev() {
        match rank(*b) {
            Some(n) if n >= 10 => {
                add(n % 10);
                add(n / 10);
            }
            Some(n) => add(n),
            None => return Verdict::No,
        }
    }
    Verdict::verified(known && last.is_ascii_digit() && sum % 10 == 0)
}

/// CUSIP (ANSI X9.6): eight characters, every second one doubled, the sum of the digits MOD 10.
pub(crate) fn cusip(value: &[u8]) -> Verdict {
    let [body @ .., check] = value else { return Verdict::No };
    if body.len() != 8 || !check.is_ascii_digit() || distinct(body) < 2 {
        return Verdict::No;
    }
    let mut sum = 0;
    for (i, b) in body.iter().enumerate() {
        let Some(n) = rank(*b) else { return Verdict::No };
        let n = if i % 2 == 1 { n * 2 } else { n };
        sum += n / 10 + n % 10;
    }
    Verdict::plausible(u32::from(check - b'0') == (10 - sum % 10) % 10)
}

/// SEDOL of the London exchange: six characters without vowels, weights 1, 3, 1, 7, 3, 9, MOD 10.
pub(crate) fn sedol(value: &[u8]) -> Verdict {
    let [body @ .., check] = value else { return Verdict::No };
    if body.len() != 6 || !check.is_ascii_digit() || distinct(body) < 2 {
        return Verdict::No;
    }
    let mut sum = u32::from(check - b'0');
    for (b, weight) in body.iter().zip([1, 3, 1, 7, 3, 9]) {
        match rank(*b).filter(|_| !b"AEIOU".contains(b)) {
            Some(n) => sum += n * weight,
            None => return Verdict::No,
        }
    }
    Verdict::plausible(sum.is_multiple_of(10))
}

/// Legal entity identifier (ISO 17442): 20 characters, MOD 97-10.
pub(crate) fn lei(value: &[u8]) -> Verdict {
    let holds = value.len() == 20 && distinct(value) > 4 && number(&value[18..]).is_some();
    Verdict::verified(holds && mod_97(value.iter().copied()) == Some(1))
}

/// Track 1 or 2 of a magnetic stripe (ISO/IEC 7813): the number before the separator is a card's, the expiry's month is one.
pub(crate) fn track(value: &[u8]) -> Verdict {
    let text = value.strip_prefix(b"%B").or_else(|| value.strip_prefix(b";")).unwrap_or(value);
    let Some(end) = text.iter().position(|b| matches!(b, b'^' | b'=')) else { return Verdict::No };
    let (pan, rest) = (&text[..end], &text[end + 1..]);
    let rest = match text[end] {
        b'=' => rest,
        _ => rest.iter().position(|b| *b == b'^').map_or(&[][..], |at| &rest[at + 1..]),
    };
    let month = matches!(rest.get(2..4).and_then(number), Some(1..=12));
    let card = payment_card(pan) == Verdict::Verified || bank_card(pan) == Verdict::Verified;
    Verdict::verified(month && card)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::oracle::passing;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for (verdict, good, bad) in [
            (isin as fn(&[u8]) -> Verdict, "US0378331005", "US0378331006"),
            (isin, "XS0104440986", "QQ0104440986"),
            (cusip, "037833100", "037833101"),
            (cusip, "17275R102", "17275R103"),
            (sedol, "B0WNLY7", "B0WNLY8"),
            (lei, "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13"),
            (track, "%B4111111111111111^DOE/J^2512101", "%B4111111111111112^DOE/J^2512101"),
            (track, ";4111111111111111=25121010000000000000?", ";4111111111111111=25131010000000000000?"),
        ] {
            assert_ne!(verdict(good.as_bytes()), Verdict::No, "{good}");
            assert_eq!(verdict(bad.as_bytes()), Verdict::No, "{bad}");
        }
    }

    #[test]
    fn changed_digits_are_caught() {
        for (verdict, good) in [
            (isin as fn(&[u8]) -> Verdict, "US0378331005"),
            (cusip, "037833100"),
            (sedol, "0263494"),
            (lei, "5493001KJTIIGC8Y1R12"),
        ] {
            assert_eq!(passing(verdict, good), 0, "{good}");
        }
    }

    proptest! {
        #[test]
        fn equals_the_naive_way(nsin in "[0-9A-Z]{9}", issue in "[0-9]{3}[0-9A-Z]{5}", lse in "[0-9BCDFGHJ-NP-TV-Z]{6}", lou in "[0-9A-Z]{18}") {
            let holds = |v: Verdict| v != Verdict::No;
            let expand = |text: &str| text.chars().map(|c| c.to_digit(36).unwrap_or(0).to_string()).collect::<String>();
            for c in 0..10 {
                let text = format!("FR{nsin}{c}");
                let sum: u32 = expand(&text).chars().rev().enumerate().map(|(i, d)| {
                    let d = d.to_digit(10).unwrap_or(0);
                    if i % 2 == 1 { [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][d as usize] } else { d }
                }).sum();
                prop_assert_eq!(holds(isin(text.as_bytes())), sum.is_multiple_of(10));
                let sum: u32 = issue.chars().zip([1, 2].into_iter().cycle()).map(|(d, w)| {
                    (d.to_digit(36).unwrap_or(0) * w).to_string().chars().filter_map(|d| d.to_digit(10)).sum::<u32>()
                }).sum();
                let alike = |t: &str| t.bytes().all(|b| b == t.as_bytes()[0]);
                prop_assert_eq!(holds(cusip(format!("{issue}{c}").as_bytes())), (sum + c).is_multiple_of(10) && !alike(&issue));
                let sum: u32 = lse.chars().zip([1, 3, 1, 7, 3, 9]).map(|(d, w)| d.to_digit(36).unwrap_or(0) * w).sum();
                prop_assert_eq!(holds(sedol(format!("{lse}{c}").as_bytes())), (sum + c).is_multiple_of(10) && !alike(&lse));
            }
            // 98 less the remainder of the number with two zeros behind it.
            let rest = expand(&format!("{lou}00")).chars().fold(0, |r, d| (r * 10 + d.to_digit(10).unwrap_or(0)) % 97);
            let text = format!("{lou}{:02}", 98 - rest);
            prop_assume!(distinct(text.as_bytes()) > 4);
            prop_assert_eq!(lei(text.as_bytes()), Verdict::Verified);
        }
    }
}
