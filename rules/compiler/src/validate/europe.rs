//! Numbers by which European states, Russia and Turkey know people.

use super::Verdict;
use super::date::{is_date, number};
use super::digits::{Digits, distinct, exactly, luhn, mod_11_10, weighted};

/// Dutch citizen service number: weights 9 to 2 and -1, MOD 11.
pub(crate) fn bsn(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<9>(value) else { return Verdict::No };
    let (sum, check) = (weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]), u32::from(d[8] - b'0'));
    Verdict::plausible(sum > 0 && sum % 11 == check)
}

/// Polish PESEL: birth with the century in the month, then weights 1, 3, 7 and 9, MOD 10.
pub(crate) fn pesel(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<11>(value) else { return Verdict::No };
    let (Some(year), Some(month), Some(day)) = (number(&d[..2]), number(&d[2..4]), number(&d[4..6])) else {
        return Verdict::No;
    };
    let century = [1900, 2000, 2100, 2200, 1800][(month / 20) as usize];
    let born = is_date(century + year, month % 20, day);
    let sum = weighted(&d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    Verdict::plausible(born && sum.is_multiple_of(10))
}

/// Swedish personal number, also with its century: birth (days of coordination numbers have 60 added) and Luhn over ten digits.
pub(crate) fn personnummer(value: &[u8]) -> Verdict {
    let Some(all) = Digits::of(value) else { return Verdict::No };
    let d = match all.text() {
        [b'1', b'8' | b'9', d @ ..] | [b'2', b'0', d @ ..] if d.len() == 10 => d,
        d if d.len() == 10 => d,
        _ => return Verdict::No,
    };
    let (Some(year), Some(month), Some(day)) = (number(&d[..2]), number(&d[2..4]), number(&d[4..6])) else {
        return Verdict::No;
    };
    let day = if day > 60 { day - 60 } else { day };
    Verdict::plausible(is_date(2000 + year, month, day) && luhn(d))
}

/// Finnish personal identity code: birth, a sign for the century, three digits and the number's remainder MOD 31 as a character. Where
/// that is a digit, lots numbered by day look the same.
pub(crate) fn hetu(value: &[u8]) -> Verdict {
    const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let &[ref birth @ .., sign, a, b, c, check] = value else { return Verdict::No };
    let century = match sign {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return Verdict::No,
    };
    let (6, Some(born), Some(serial)) = (birth.len(), number(birth), number(&[a, b, c])) else {
        return Verdict::No;
    };
    let dated = is_date(century + born % 100, born / 100 % 100, born / 10_000);
    let holds = dated && serial >= 2 && CHECKS[((born * 1000 + serial) % 31) as usize] == check;
    if check.is_ascii_digit() { Verdict::plausible(holds) } else { Verdict::verified(holds) }
}

/// Belgian national number: 97 less the remainder of nine digits, of those born from 2000 on with a 2 before them.
pub(crate) fn belgian(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<11>(value) else { return Verdict::No };
    let (Some(body), Some(month), Some(day), Some(check)) =
        (number(&d[..9]), number(&d[2..4]), number(&d[4..6]), number(&d[9..]))
    else {
        return Verdict::No;
    };
    // Of people who live elsewhere, months have 20 or 40 added.
    let dated = matches!(month % 20, 0..=12) && month < 60 && day <= 31;
    let holds = |n: u64| 97 - n % 97 == u64::from(check);
    Verdict::verified(dated && (holds(u64::from(body)) || holds(2_000_000_000 + u64::from(body))))
}

/// Swiss AHV number: 756 and ten digits with the check digit of EAN-13; without its dots, a barcode of that prefix looks the same.
pub(crate) fn ahv(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<13>(value) else { return Verdict::No };
    let sum = weighted(&d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    match d.starts_with(b"756") && sum.is_multiple_of(10) && distinct(&d) > 3 {
        true if value.contains(&b'.') => Verdict::Verified,
        holds => Verdict::plausible(holds),
    }
}

/// German tax identification number: MOD 11,10; of the first ten digits one occurs two or three times and no other more than once.
pub(crate) fn steuer_id(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<11>(value) else { return Verdict::No };
    let count = |digit: u8| d[..10].iter().filter(|b| **b == digit).count();
    let repeated = (b'0'..=b'9').filter(|n| count(*n) > 1).count();
    let few = (b'0'..=b'9').all(|n| count(n) <= 3);
    Verdict::plausible(d[0] != b'0' && repeated == 1 && few && mod_11_10(&d))
}

/// Russian individual insurance account: weights 9 to 1, MOD 101.
pub(crate) fn snils(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<11>(value) else { return Verdict::No };
    let sum = weighted(&d[..9], &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    Verdict::verified(sum > 0 && number(&d[9..]) == Some(sum % 101 % 100))
}

/// Russian taxpayer number: two check digits of a person's twelve, one of a company's ten, each MOD 11.
pub(crate) fn inn(value: &[u8]) -> Verdict {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    let holds =
        |n: usize| u32::from(d[n] - b'0') == weighted(&d[..n], &WEIGHTS[WEIGHTS.len() - n..]) % 11 % 10;
    Verdict::plausible(match d.len() {
        10 => distinct(d) > 1 && holds(9),
        12 => distinct(d) > 1 && holds(10) && holds(11),
        _ => false,
    })
}

/// Turkish identity number: the tenth digit from the places' sums, the last from all before it.
pub(crate) fn tckn(value: &[u8]) -> Verdict {
    let Some(d) = exactly::<11>(value) else { return Verdict::No };
    let odd = weighted(&d[..9], &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = weighted(&d[..9], &[0, 1, 0, 1, 0, 1, 0, 1, 0]);
    let tenth = (odd * 7 + 100 - even) % 10;
    let last = (odd + even + tenth) % 10;
    Verdict::plausible(d[0] != b'0' && d[9..] == [b'0' + tenth as u8, b'0' + last as u8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::oracle::{number_of, passing};
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for (verdict, good, bad) in [
            (bsn as fn(&[u8]) -> Verdict, "111222333", "111222334"),
            (pesel, "44051401359", "44051401358"),
            (pesel, "02070803628", "02370803628"),
            (personnummer, "811228-9874", "811228-9873"),
            (personnummer, "19811228-9874", "811328-9874"),
            (steuer_id, "36574261809", "36574261808"),
            (steuer_id, "36574261809", "12345678903"),
            (inn, "500100732259", "500100732258"),
            (inn, "7707083893", "7707083894"),
            (tckn, "10000000146", "10000000147"),
        ] {
            assert_eq!(verdict(good.as_bytes()), Verdict::Plausible, "{good}");
            assert_eq!(verdict(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for (verdict, good, bad) in [
            (hetu as fn(&[u8]) -> Verdict, "131052-308T", "131052-308U"),
            (hetu, "020594X903P", "310294X903P"),
            (belgian, "85.07.30-033.28", "85.07.30-033.29"),
            (ahv, "756.9217.0769.85", "756.9217.0769.86"),
            (snils, "112-233-445 95", "112-233-445 96"),
        ] {
            assert_eq!(verdict(good.as_bytes()), Verdict::Verified, "{good}");
            assert_eq!(verdict(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(hetu(b"010594Y9032"), Verdict::Plausible);
        assert_eq!(ahv(b"7569217076985"), Verdict::Plausible);
    }

    #[test]
    fn changed_digits_are_caught() {
        // MOD 11, MOD 97 and MOD 31 find every changed digit, and so do the odd weights of MOD 10, which have an inverse; the two
        // digits of the Turkish number do too.
        for (verdict, good) in [
            (bsn as fn(&[u8]) -> Verdict, "111222333"),
            (pesel, "44051401359"),
            (personnummer, "8112289874"),
            (hetu, "131052-308T"),
            (belgian, "85073003328"),
            (ahv, "756.9217.0769.85"),
            (steuer_id, "36574261809"),
            (inn, "500100732259"),
            (tckn, "10000000146"),
        ] {
            assert_eq!(passing(verdict, good), 0, "{good}");
        }
    }

    proptest! {
        #[test]
        fn equals_the_naive_way(n in 0u64..1_000_000_000_000) {
            let holds = |v: Verdict| v != Verdict::No;
            let (nine, eleven) = (format!("{:09}", n % 1_000_000_000), format!("{:011}", n % 100_000_000_000));
            let d = |i: usize| number_of(&eleven, i);
            let b: i64 = (0..9).map(|i| number_of(&nine, i) * [9, 8, 7, 6, 5, 4, 3, 2, -1][i]).sum();
            prop_assert_eq!(holds(bsn(nine.as_bytes())), b.rem_euclid(11) == 0 && nine != "000000000");
            let sum: i64 = (0..9).map(|i| d(i) * (9 - i as i64)).sum();
            let two = match sum { 100 | 101 => 0, 0..=99 => sum, _ => { let r = sum % 101; if r == 100 { 0 } else { r } } };
            prop_assert_eq!(holds(snils(eleven.as_bytes())), two == d(9) * 10 + d(10) && sum > 0);
            let all: i64 = (0..10).map(d).sum();
            let tenth = (7 * (d(0) + d(2) + d(4) + d(6) + d(8)) - (d(1) + d(3) + d(5) + d(7))).rem_euclid(10);
            prop_assert_eq!(holds(tckn(eleven.as_bytes())), d(0) != 0 && d(9) == tenth && d(10) == all % 10);
            // MOD 11,10 as ISO 7064 words it: from 10, add, MOD 10 (0 is 10), double, MOD 11; the last sum is 1 MOD 10.
            let mut p = 10;
            for i in 0..10 {
                let s = (p + d(i)) % 10;
                p = if s == 0 { 10 } else { s } * 2 % 11;
            }
            prop_assert_eq!(mod_11_10(eleven.as_bytes()), (p + d(10)) % 10 == 1);
        }
        #[test]
        fn made_numbers_hold(year in 0u32..100, month in 1u32..13, day in 1u32..29, serial in 2u32..900) {
            let (digits, n) = (format!("{day:02}{month:02}{year:02}"), day * 10_000_000 + month * 100_000 + year * 1000 + serial);
            let check = "0123456789ABCDEFHJKLMNPRSTUVWXY".chars().nth((n % 31) as usize).unwrap_or('?');
            prop_assert_ne!(hetu(format!("{digits}-{serial:03}{check}").as_bytes()), Verdict::No);
            let body = u64::from(year * 10_000_000 + month * 100_000 + day * 1000 + serial);
            let text = format!("{body:09}{:02}", 97 - body % 97);
            prop_assert_eq!(belgian(text.as_bytes()), Verdict::Verified);
            let nine = format!("{year:02}{month:02}{day:02}{serial:03}");
            let sum: i64 = (0..9).map(|i| { let p = number_of(&nine, i) * (2 - i as i64 % 2); p / 10 + p % 10 }).sum();
            let text = format!("{nine}{}", (10 - sum % 10) % 10);
            prop_assert_eq!(personnummer(text.as_bytes()), Verdict::Plausible);
            let body = format!("{year:02}{month:02}{day:02}{serial:04}");
            let sum: i64 = (0..10).map(|i| number_of(&body, i) * [1, 3, 7, 9][i % 4]).sum();
            prop_assert_eq!(pesel(format!("{body}{}", (10 - sum % 10) % 10).as_bytes()), Verdict::Plausible);
        }
    }
}
