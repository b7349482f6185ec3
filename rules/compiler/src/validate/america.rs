//! Numbers by which American states know people, firms, physicians and banks.

use super::Verdict;
use super::date::{is_date, number};
use super::digits::{distinct, exactly, luhn, weighted};

/// US individual taxpayer number: 9, and a group of those given out.
pub(crate) fn itin(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<9>(value) else { return Verdict::No };
    let group = matches!(number(&d[3..5]), Some(50..=65 | 70..=88 | 90..=92 | 94..=99));
    Verdict::plausible(d[0] == b'9' && group)
}

/// US employer number: a prefix of those that campuses give out.
pub(crate) fn ein(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<9>(value) else { return Verdict::No };
    let prefix = number(&d[..2]);
    let given = matches!(
        prefix,
        Some(1..=6 | 10..=16 | 20..=27 | 30..=48 | 50..=68 | 71..=77 | 80..=88 | 90..=95 | 98 | 99)
    );
    Verdict::plausible(given && distinct(&d[2..]) > 1)
}

/// US provider number: Luhn over 80840, which stands for health in the US, and the ten digits.
pub(crate) fn npi(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<10>(value) else { return Verdict::No };
    let mut whole = *b"80840..........";
    whole[5..].copy_from_slice(&d);
    Verdict::plausible(matches!(d[0], b'1' | b'2') && luhn(&whole))
}

/// Number of the US Drug Enforcement Administration: kind, initial, six digits and a check digit.
pub(crate) fn dea(value: &[u8]) -> Verdict {
    let &[kind, initial, ref digits @ ..] = value else { return Verdict::No };
    let kinds = kind.is_ascii_uppercase() && !b"INOQVWYZ".contains(&kind);
    let letters = kinds && (initial.is_ascii_uppercase() || initial == b'9');
    let sum = weighted(digits, &[1, 2, 1, 2, 1, 2]);
    let check = (digits.len() == 7 && number(digits).is_some()).then(|| u32::from(digits[6] - b'0'));
    Verdict::plausible(letters && check == Some(sum % 10))
}

/// US Medicare beneficiary identifier: each place has its class, without letters that look like digits. It has no check digit.
pub(crate) fn mbi(value: &[u8]) -> Verdict {
    let mut text = [0u8; 11];
    let mut n = 0;
    for b in value.iter().filter(|b| **b != b'-') {
        let Some(slot) = text.get_mut(n) else { return Verdict::No };
        *slot = *b;
        n += 1;
    }
    let letter = |b: u8| b.is_ascii_uppercase() && !b"SLOIBZ".contains(&b);
    let fits = |(b, class): (&u8, &u8)| match class {
        b'c' => matches!(b, b'1'..=b'9'),
        b'n' => b.is_ascii_digit(),
        b'a' => letter(*b),
        _ => b.is_ascii_digit() || letter(*b),
    };
    Verdict::plausible(n == 11 && text.iter().zip(b"camnamnaann").all(fits))
}

/// US bank routing number: weights 3, 7, 1, MOD 10, and a prefix of the Federal Reserve.
pub(crate) fn aba(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<9>(value) else { return Verdict::No };
    let prefix = matches!(number(&d[..2]), Some(0..=12 | 21..=32 | 61..=72 | 80));
    let sum = weighted(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]);
    Verdict::plausible(prefix && distinct(&d) > 1 && sum.is_multiple_of(10))
}

/// Brazilian CNPJ: two check digits; since 2026 the twelve characters before them may be letters, which count from 17.
pub(crate) fn cnpj(value: &[u8]) -> Verdict {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let mut text = [0u8; 14];
    let mut n = 0;
    for b in value.iter().filter(|b| !matches!(b, b'.' | b'/' | b'-')) {
        let Some(slot) = text.get_mut(n).filter(|_| b.is_ascii_digit() || b.is_ascii_uppercase()) else {
            return Verdict::No;
        };
        *slot = *b;
        n += 1;
    }
    let digit = |n: usize| {
        let weights = &WEIGHTS[WEIGHTS.len() - n..];
        let sum: u32 = text[..n].iter().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
        if sum % 11 < 2 { b'0' } else { b'0' + (11 - sum % 11) as u8 }
    };
    Verdict::verified(n == 14 && distinct(&text) > 1 && text[12] == digit(12) && text[13] == digit(13))
}

/// Where Mexicans are born: the states' letters, NE for abroad.
const STATES: &[u8] = b"ASBCBSCCCLCMCSCHDFDGGTGRHGJCMCMNMSNTNLOCPLQTQRSPSLSRTCTSTLVZYNZSNE";

/// Mexican CURP: birth, sex, state, and weights 18 to 2 over characters that count from 0 to 36 with Ñ behind N.
pub(crate) fn curp(value: &[u8]) -> Verdict {
    let Ok(v) = <&[u8; 18]>::try_from(value) else { return Verdict::No };
    let (Some(year), Some(month), Some(day)) = (number(&v[4..6]), number(&v[6..8]), number(&v[8..10])) else {
        return Verdict::No;
    };
    let state = STATES.as_chunks::<2>().0.iter().any(|s| s[..] == v[11..13]);
    if !is_date(2000 + year, month, day) || !matches!(v[10], b'H' | b'M' | b'X') || !state {
        return Verdict::No;
    }
    let mut sum = 0;
    for (b, weight) in v[..17].iter().zip((2..=18u32).rev()) {
        sum += weight
            * match b {
                b'0'..=b'9' => u32::from(b - b'0'),
                b'A'..=b'N' => u32::from(b - b'A') + 10,
                b'O'..=b'Z' => u32::from(b - b'A') + 11,
                _ => return Verdict::No,
            };
    }
    Verdict::verified(v[17] == b'0' + ((10 - sum % 10) % 10) as u8)
}

/// Argentine CUIT and CUIL: a kind, the document, and a check digit MOD 11; where that would be 10, another kind is given.
pub(crate) fn cuit(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<11>(value) else { return Verdict::No };
    let kind = matches!(number(&d[..2]), Some(20 | 23..=27 | 30 | 33 | 34));
    let check = (11 - weighted(&d[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    Verdict::verified(kind && distinct(&d[2..10]) > 1 && u32::from(d[10] - b'0') == check)
}

/// Chilean RUT: weights 2 to 7 from the right, MOD 11, K for 10. Without its dots it looks like other numbers with a dash.
pub(crate) fn rut(value: &[u8]) -> Verdict {
    let [body @ .., b'-', check] = value else { return Verdict::No };
    let (mut sum, mut n) = (0, 0u32);
    for b in body.iter().rev().filter(|b| **b != b'.') {
        if !b.is_ascii_digit() || n == 8 {
            return Verdict::No;
        }
        sum += u32::from(b - b'0') * (2 + n % 6);
        n += 1;
    }
    let holds = n >= 7 && b"0K987654321"[(sum % 11) as usize] == check.to_ascii_uppercase();
    if holds && body.contains(&b'.') { Verdict::Verified } else { Verdict::plausible(holds) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::oracle::{number_of, passing};
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for (verdict, good, bad) in [
            (itin as fn(&[u8]) -> Verdict, "912-70-1234", "912-66-1234"),
            (ein, "12-3456789", "07-3456789"),
            (npi, "1234567893", "1234567890"),
            (dea, "AB1234563", "AB1234564"),
            (mbi, "1EG4-TE5-MK73", "1SG4-TE5-MK73"),
            (aba, "021000021", "021000022"),
            (rut, "12345678-5", "12345678-6"),
        ] {
            assert_eq!(verdict(good.as_bytes()), Verdict::Plausible, "{good}");
            assert_eq!(verdict(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for (verdict, good, bad) in [
            (cnpj as fn(&[u8]) -> Verdict, "11.222.333/0001-81", "11.222.333/0001-82"),
            // The example of the revenue service's note on letters.
            (cnpj, "12.ABC.345/01DE-35", "12.ABC.345/01DE-36"),
            (curp, "BOXW310820HNERXN09", "BOXW310820HNERXN08"),
            (cuit, "20-12345678-6", "20-12345678-5"),
            (rut, "12.345.678-5", "12.345.678-6"),
        ] {
            assert_eq!(verdict(good.as_bytes()), Verdict::Verified, "{good}");
            assert_eq!(verdict(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(STATES.len(), 33 * 2);
    }

    #[test]
    fn changed_digits_are_caught() {
        for (verdict, good) in [
            (npi as fn(&[u8]) -> Verdict, "1234567893"),
            (aba, "021000021"),
            (cnpj, "11.222.333/0001-81"),
            (cuit, "20-12345678-6"),
            (rut, "12.345.678-5"),
        ] {
            assert_eq!(passing(verdict, good), 0, "{good}");
        }
        // A weight of 2 or 5 has no inverse MOD 10: of a digit weighed so, one change in nine or five in nine pass.
        assert_eq!(passing(dea, "AB1234563"), 3);
        assert!(passing(curp, "BOXW310820HNERXN09") <= 6);
    }

    proptest! {
        #[test]
        fn equals_the_naive_way(n in 0u64..1_000_000_000_000) {
            let holds = |v: Verdict| v != Verdict::No;
            let (nine, ten, twelve) = (format!("{:09}", n % 1_000_000_000), format!("{:010}", n % 10_000_000_000), format!("{n:012}"));
            let at = |i| number_of(&nine, i);
            let sum = 3 * (at(0) + at(3) + at(6)) + 7 * (at(1) + at(4) + at(7)) + at(2) + at(5) + at(8);
            let prefix = at(0) * 10 + at(1);
            let known = (0..13).chain(21..33).chain(61..73).chain([80]).any(|p| p == prefix);
            let mixed = nine.bytes().any(|b| b != nine.as_bytes()[0]);
            prop_assert_eq!(holds(aba(nine.as_bytes())), known && mixed && sum % 10 == 0);
            let doubled: i64 = (0..10).map(|i| { let p = number_of(&ten, i) * if i % 2 == 0 { 2 } else { 1 }; p / 10 + p % 10 }).sum();
            // 24 is what 80840 adds.
            prop_assert_eq!(holds(npi(ten.as_bytes())), (doubled + 24) % 10 == 0 && matches!(number_of(&ten, 0), 1 | 2));
            let seven = &nine[2..];
            let d = |i| number_of(seven, i);
            let sum = d(0) + d(2) + d(4) + 2 * (d(1) + d(3) + d(5));
            prop_assert_eq!(holds(dea(format!("AB{seven}").as_bytes())), sum % 10 == d(6));
            let check = |text: &str, len: i64| {
                let sum: i64 = (0..len).map(|i| number_of(text, i as usize) * (2 + (len - 1 - i) % 8)).sum();
                if sum % 11 < 2 { 0 } else { 11 - sum % 11 }
            };
            let first = format!("{twelve}{}", check(&twelve, 12));
            let good = format!("{first}{}", check(&first, 13));
            prop_assert_eq!(holds(cnpj(good.as_bytes())), good.bytes().any(|b| b != b'0'));
            let body = format!("20{:08}", n % 100_000_000);
            let sum: i64 = (0..10).map(|i| number_of(&body, i) * (2 + (9 - i as i64) % 6)).sum();
            for c in 0..10 {
                let even = body[2..].bytes().all(|b| b == body.as_bytes()[2]);
                prop_assert_eq!(holds(cuit(format!("{body}{c}").as_bytes())), (sum + c) % 11 == 0 && !even);
            }
            let eight = &body[2..];
            let sum: i64 = (0..8).map(|i| number_of(eight, i) * (2 + (7 - i as i64) % 6)).sum();
            let wanted = match 11 - sum % 11 { 11 => "0".into(), 10 => "K".into(), c => c.to_string() };
            for c in "0123456789K".chars() {
                prop_assert_eq!(holds(rut(format!("{eight}-{c}").as_bytes())), c.to_string() == wanted);
            }
        }
        #[test]
        fn a_curp_has_one_check_digit(name in "[A-Z]{4}", year in 0u32..100, sex in "[HMX]", rest in "[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z]") {
            let body = format!("{name}{year:02}0820{sex}NE{rest}");
            let table: Vec<char> = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ".chars().collect();
            let value = |c: char| table.iter().position(|t| *t == c).unwrap_or(0);
            let sum: usize = body.chars().enumerate().map(|(i, c)| value(c) * (18 - i)).sum();
            for c in 0..10 {
                prop_assert_eq!(curp(format!("{body}{c}").as_bytes()) == Verdict::Verified, (sum + c).is_multiple_of(10));
            }
        }
    }
}
