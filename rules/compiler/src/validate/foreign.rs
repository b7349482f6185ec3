//! Documents for crossing borders, and identity numbers of other places.

use super::Verdict;
use super::date::{is_birth, is_date, number};
use super::digits::{Digits, mod_97, weighted};

/// A Chinese passport number: prefix and digits, no check digit.
pub(crate) fn chinese_passport(value: &[u8]) -> Verdict {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    Verdict::plausible(matches!(value.len(), 8..=9) && digits >= 7)
}

/// A permit of Taiwan residents: 8 digits that are no date.
pub(crate) fn taiwan_permit(value: &[u8]) -> Verdict {
    Verdict::plausible(value.len() == 8 && number(value).is_some() && !is_birth(value))
}

/// The machine-readable zone of a passport (ICAO 9303-4): check digits of number, birth and expiry on the second line.
pub(crate) fn mrz(value: &[u8]) -> Verdict {
    let Some(line) = value.len().checked_sub(44).and_then(|at| value.get(at..)) else { return Verdict::No };
    let check = |field: &[u8], digit: u8| {
        let sum: u32 = field
            .iter()
            .zip([7, 3, 1].into_iter().cycle())
            .map(|(b, w)| {
                w * match b {
                    b'0'..=b'9' => u32::from(b - b'0'),
                    b'A'..=b'Z' => u32::from(b - b'A') + 10,
                    _ => 0,
                }
            })
            .sum();
        digit == b'0' + (sum % 10) as u8
    };
    Verdict::verified(
        check(&line[..9], line[9]) && check(&line[13..19], line[19]) && check(&line[21..27], line[27]),
    )
}

/// US social security number: area, group and serial that can be issued.
pub(crate) fn us_ssn(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    let issued = d.len() == 9
        && !matches!(&d[..3], b"000" | b"666")
        && d[0] != b'9'
        && &d[3..5] != b"00"
        && &d[5..] != b"0000";
    Verdict::plausible(issued && value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b' ')))
}

/// Hong Kong identity card: letters, six digits, check character in brackets (verified) or bare (plausible).
pub(crate) fn hk_id(value: &[u8]) -> Verdict {
    let letters = value.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let Some(digits) =
        value.get(letters..letters + 6).filter(|d| (1..=2).contains(&letters) && number(d).is_some())
    else {
        return Verdict::No;
    };
    let (check, bracketed) = match &value[letters + 6..] {
        [b'(', c, b')'] => (*c, true),
        [c] => (*c, false),
        _ => return Verdict::No,
    };
    let letter = |b: u8| u32::from(b - b'A') + 10;
    let head = if letters == 1 {
        36 * 9 + letter(value[0]) * 8
    } else {
        letter(value[0]) * 9 + letter(value[1]) * 8
    };
    let sum = head + weighted(digits, &[7, 6, 5, 4, 3, 2]);
    let expected = b"0123456789A"[((11 - sum % 11) % 11) as usize];
    match check == expected {
        true if bracketed => Verdict::Verified,
        holds => Verdict::plausible(holds),
    }
}

/// Taiwan identity number.
pub(crate) fn tw_id(value: &[u8]) -> Verdict {
    // The letters in the order of their numbers, from 10.
    const LETTERS: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some((first, rest)) = value.split_first() else { return Verdict::No };
    let Some(n) = LETTERS.iter().position(|l| l == first).map(|n| n as u32 + 10) else { return Verdict::No };
    let digits = rest.len() == 9 && number(rest).is_some() && matches!(rest[0], b'1' | b'2' | b'8' | b'9');
    let sum = n / 10 + n % 10 * 9 + weighted(rest, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    Verdict::plausible(digits && sum.is_multiple_of(10))
}

/// Singapore NRIC and FIN.
pub(crate) fn sg_nric(value: &[u8]) -> Verdict {
    let (Some(prefix), Some(digits), Some(check), 9) =
        (value.first(), value.get(1..8), value.get(8), value.len())
    else {
        return Verdict::No;
    };
    let sum = weighted(digits, &[2, 7, 6, 5, 4, 3, 2])
        + match prefix {
            b'T' | b'G' => 4,
            b'M' => 3,
            _ => 0,
        };
    let table: &[u8; 11] = match prefix {
        b'S' | b'T' => b"JZIHGFEDCBA",
        b'F' | b'G' => b"XWUTRQPNMLK",
        b'M' => b"KLJNPQRTUWX",
        _ => return Verdict::No,
    };
    let index = if *prefix == b'M' { 10 - sum % 11 } else { sum % 11 };
    Verdict::verified(number(digits).is_some() && table[index as usize] == *check)
}

/// Korean resident registration number: date and check digit; numbers issued since October 2020 have none and are plausible.
pub(crate) fn kr_rrn(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    if d.len() != 13 || value.len() != 14 || value[6] != b'-' {
        return Verdict::No;
    }
    let (Some(y), Some(m), Some(day)) = (number(&d[..2]), number(&d[2..4]), number(&d[4..6])) else {
        return Verdict::No;
    };
    if !is_date(2000 + y, m, day) && !is_date(1900 + y, m, day) {
        return Verdict::No;
    }
    let sum = weighted(&d[..12], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    if d[12] == b'0' + ((11 - sum % 11) % 10) as u8 { Verdict::Verified } else { Verdict::Plausible }
}

/// Countries that issue IBANs and how long theirs are (SWIFT IBAN registry).
const IBAN_LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MT", 31),
    (b"MU", 30),
    (b"NL", 18),
    (b"NO", 15),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"SA", 24),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"XK", 20),
];

/// IBAN (ISO 13616): country, length, check digits (MOD 97-10).
pub(crate) fn iban(value: &[u8]) -> Verdict {
    // As people print it, in groups of four.
    let (mut plain, mut length) = ([0u8; 34], 0);
    for b in value.iter().filter(|b| **b != b' ') {
        let Some(place) = plain.get_mut(length) else { return Verdict::No };
        (*place, length) = (*b, length + 1);
    }
    let value = &plain[..length];
    let (Some(head), Some(body)) = (value.get(..4), value.get(4..)) else { return Verdict::No };
    let known = IBAN_LENGTHS.iter().any(|(country, n)| head.starts_with(&country[..]) && value.len() == *n);
    Verdict::verified(known && mod_97(body.iter().chain(head).copied()) == Some(1))
}

/// Brazilian CPF: two check digits.
pub(crate) fn cpf(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    if d.len() != 11 || d.iter().all(|b| *b == d[0]) {
        return Verdict::No;
    }
    let digit = |sum: u32| b'0' + (sum * 10 % 11 % 10) as u8;
    let first = digit(weighted(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = digit(weighted(&d[..10], &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]));
    Verdict::verified(d[9] == first && d[10] == second)
}

/// French NIR: two check digits, 97 less the remainder.
pub(crate) fn fr_nir(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    let holds = d.len() == 15
        && mod_97(d[..13].iter().copied()).zip(number(&d[13..])).is_some_and(|(r, check)| 97 - r == check);
    Verdict::plausible(holds)
}

/// British NHS number: weights 10 to 2, MOD 11.
pub(crate) fn nhs(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    let holds = d.len() == 10 && {
        let check = (11 - weighted(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        check < 10 && d[9] == b'0' + check as u8
    };
    Verdict::plausible(holds)
}

/// Indian Aadhaar number: Verhoeff over 12 digits, the first 2 to 9.
pub(crate) fn aadhaar(value: &[u8]) -> Verdict {
    /// The permutation of position 1; position n applies it n times.
    const STEP: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    if d.len() != 12 || d[0] < b'2' {
        return Verdict::No;
    }
    let mut check = 0u8;
    for (i, b) in d.iter().rev().enumerate() {
        let mut v = b - b'0';
        for _ in 0..i % 8 {
            v = STEP[usize::from(v)];
        }
        check = dihedral(check, v);
    }
    Verdict::plausible(check == 0)
}

/// The product of the dihedral group of the pentagon.
fn dihedral(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        let line =
            b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
        assert_eq!(mrz(line), Verdict::Verified);
        assert_eq!(us_ssn(b"536-22-1234"), Verdict::Plausible);
        assert_eq!(us_ssn(b"666-22-1234"), Verdict::No);
        assert_eq!(hk_id(b"A123456(3)"), Verdict::Verified);
        assert_eq!(hk_id(b"A123456(4)"), Verdict::No);
        assert_eq!(hk_id(b"Z893006(7)"), Verdict::Verified);
        assert_eq!(tw_id(b"A123456789"), Verdict::Plausible);
        assert_eq!(tw_id(b"A123456788"), Verdict::No);
        assert_eq!(sg_nric(b"S1234567D"), Verdict::Verified);
        assert_eq!(sg_nric(b"S1234567E"), Verdict::No);
        assert_eq!(kr_rrn(b"850804-1850995"), Verdict::Verified);
        assert_eq!(iban(b"GB82WEST12345698765432"), Verdict::Verified);
        assert_eq!(iban(b"GB82WEST12345698765431"), Verdict::No);
        assert_eq!(cpf(b"529.982.247-25"), Verdict::Verified);
        assert_eq!(cpf(b"529.982.247-26"), Verdict::No);
        assert_eq!(fr_nir(b"255081416802538"), Verdict::Plausible);
        assert_eq!(nhs(b"943 476 5919"), Verdict::Plausible);
        assert_eq!(nhs(b"943 476 5918"), Verdict::No);
        assert_eq!(aadhaar(b"682374438415"), Verdict::Plausible);
        assert_eq!(aadhaar(b"682374438416"), Verdict::No);
        assert_eq!(chinese_passport(b"E12345678"), Verdict::Plausible);
        assert_eq!(taiwan_permit(b"00012345"), Verdict::Plausible);
        assert_eq!(taiwan_permit(b"19991231"), Verdict::No);
    }
}
