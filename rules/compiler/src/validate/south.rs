//! Numbers by which states of Asia, Africa and Oceania know people and firms.

use super::Verdict;
use super::date::{is_date, number};
use super::digits::{Digits, distinct, exactly, luhn, weighted};

/// Thai identity number: weights 13 to 2, MOD 11. Marked with its dashes it verifies.
pub(crate) fn thai(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<13>(value) else { return Verdict::No };
    let sum = weighted(&d[..12], &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 10;
    match (b'1'..=b'8').contains(&d[0]) && u32::from(d[12] - b'0') == check {
        true if value.contains(&b'-') => Verdict::Verified,
        holds => Verdict::plausible(holds),
    }
}

/// Malaysian identity number: birth and a place that has a code. It has no check digit.
pub(crate) fn mykad(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<12>(value) else { return Verdict::No };
    let (Some(year), Some(month), Some(day)) = (number(&d[..2]), number(&d[2..4]), number(&d[4..6])) else {
        return Verdict::No;
    };
    let place = matches!(number(&d[6..8]), Some(1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99));
    Verdict::plausible(is_date(2000 + year, month, day) && place)
}

/// Indonesian NIK: province, birth as day (women's have 40 added), month and year, a serial number. It has no check digit.
pub(crate) fn nik(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<16>(value) else { return Verdict::No };
    let province = matches!(
        number(&d[..2]),
        Some(11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97)
    );
    let (Some(day), Some(month), Some(year)) = (number(&d[6..8]), number(&d[8..10]), number(&d[10..12]))
    else {
        return Verdict::No;
    };
    let born = is_date(2000 + year, month, if day > 40 { day - 40 } else { day });
    Verdict::plausible(province && born && d[12..] != *b"0000")
}

/// Indian GST number: a state, a permanent account number, an entity, Z, and a check character (Luhn over 36 characters).
pub(crate) fn gstin(value: &[u8]) -> Verdict {
    let Ok(v) = <&[u8; 15]>::try_from(value) else { return Verdict::No };
    let state = matches!(number(&v[..2]), Some(1..=38 | 97 | 99));
    let letters = v[2..7].iter().chain([&v[11]]).all(u8::is_ascii_uppercase);
    if !state || !letters || number(&v[7..11]).is_none() || v[12] == b'0' || v[13] != b'Z' {
        return Verdict::No;
    }
    let rank = |b: u8| match b {
        b'0'..=b'9' => Some(u32::from(b - b'0')),
        b'A'..=b'Z' => Some(u32::from(b - b'A') + 10),
        _ => None,
    };
    let mut sum = 0;
    for (i, b) in v.iter().rev().enumerate() {
        let Some(n) = rank(*b) else { return Verdict::No };
        let product = if i % 2 == 1 { n * 2 } else { n };
        sum += product / 36 + product % 36;
    }
    Verdict::verified(sum % 36 == 0)
}

/// Australian business number: the first digit less one, then weights 10 and 1 to 19, MOD 89.
pub(crate) fn abn(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<11>(value) else { return Verdict::No };
    let sum = weighted(&d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    Verdict::plausible(d[0] != b'0' && (sum - 10).is_multiple_of(89))
}

/// Australian Medicare number: weights 1, 3, 7 and 9 over eight digits, MOD 10; then the card's issue and perhaps a person's line.
pub(crate) fn medicare(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    if !matches!(d.len(), 10 | 11) || !(b'2'..=b'6').contains(&d[0]) || d[9] == b'0' {
        return Verdict::No;
    }
    Verdict::plausible(weighted(&d[..8], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(d[8] - b'0'))
}

/// South African identity number: birth, citizenship, Luhn.
pub(crate) fn south_african(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<13>(value) else { return Verdict::No };
    let (Some(year), Some(month), Some(day)) = (number(&d[..2]), number(&d[2..4]), number(&d[4..6])) else {
        return Verdict::No;
    };
    let citizen = matches!(d[10], b'0'..=b'2') && matches!(d[11], b'8' | b'9');
    Verdict::plausible(is_date(2000 + year, month, day) && citizen && distinct(&d) > 3 && luhn(&d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::oracle::{number_of, passing};
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for (verdict, good, bad) in [
            (thai as fn(&[u8]) -> Verdict, "1101400000006", "1101400000007"),
            (mykad, "880101-14-5678", "881301-14-5678"),
            (mykad, "880101145678", "880101005678"),
            (nik, "3204110609970001", "3204113209970001"),
            (nik, "3204114609970001", "0004110609970001"),
            (abn, "51 824 753 556", "51 824 753 557"),
            (medicare, "2123 45670 1", "2123 45671 1"),
            (south_african, "8001015009087", "8001015009088"),
        ] {
            assert_eq!(verdict(good.as_bytes()), Verdict::Plausible, "{good}");
            assert_eq!(verdict(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(thai(b"1-1014-00000-00-6"), Verdict::Verified);
        assert_eq!(thai(b"1-1014-00000-00-7"), Verdict::No);
        assert_eq!(gstin(b"27AAPFU0939F1ZV"), Verdict::Verified);
        assert_eq!(gstin(b"27AAPFU0939F1ZW"), Verdict::No);
        assert_eq!(gstin(b"00AAPFU0939F1ZV"), Verdict::No);
    }

    #[test]
    fn changed_digits_are_caught() {
        for (verdict, good) in [
            (abn as fn(&[u8]) -> Verdict, "51824753556"),
            (south_african, "8001015009087"),
            (gstin, "27AAPFU0939F1ZV"),
        ] {
            assert_eq!(passing(verdict, good), 0, "{good}");
        }
        // The card's issue is not covered by the check digit.
        assert_eq!(passing(medicare, "2123456701"), 8);
        // MOD 11 written in one digit: remainders 0 and 10 share one, so that one change in ten at most passes.
        assert!(passing(thai, "1101400000006") <= 12);
    }

    proptest! {
        #[test]
        fn equals_the_naive_way(n in 0u64..10_000_000_000_000) {
            let holds = |v: Verdict| v != Verdict::No;
            let (eleven, thirteen) = (format!("{:011}", n % 100_000_000_000), format!("{n:013}"));
            let at = |i| number_of(&thirteen, i);
            let sum: i64 = (0..12).map(|i| at(i) * (13 - i as i64)).sum();
            prop_assert_eq!(holds(thai(thirteen.as_bytes())), (1..9).contains(&at(0)) && (11 - sum % 11) % 10 == at(12));
            let b = |i| number_of(&eleven, i);
            let sum: i64 = (b(0) - 1) * 10 + (1..11).map(|i| b(i) * (2 * i as i64 - 1)).sum::<i64>();
            prop_assert_eq!(holds(abn(eleven.as_bytes())), sum % 89 == 0 && b(0) > 0);
            let sum: i64 = (0..8).map(|i| b(i) * [1, 3, 7, 9][i % 4]).sum();
            prop_assert_eq!(holds(medicare(eleven.as_bytes())), sum % 10 == b(8) && (2..7).contains(&b(0)) && b(9) > 0);
        }
        #[test]
        fn a_gst_number_has_one_check_character(state in 1u32..39, pan in "[A-Z]{5}[0-9]{4}[A-Z]", entity in "[1-9A-Z]") {
            let body = format!("{state:02}{pan}{entity}Z");
            // From the left the factors are 1 and 2 by turns, and the check makes the sum a multiple of 36.
            let sum: u32 = body.chars().enumerate().map(|(i, c)| {
                let p = c.to_digit(36).unwrap_or(0) * (1 + i as u32 % 2);
                p / 36 + p % 36
            }).sum();
            for c in ('0'..='9').chain('A'..='Z') {
                let right = (sum + c.to_digit(36).unwrap_or(0)).is_multiple_of(36);
                prop_assert_eq!(gstin(format!("{body}{c}").as_bytes()) == Verdict::Verified, right);
            }
        }
    }
}
