//! Numbers by which other states know people and taxpayers, and codes of banks.

use super::Verdict;
use super::country::is_two;
use super::date::number;
use super::digits::{Digits, luhn, weighted};

/// British National Insurance number: prefixes that can be issued; it has no check digit.
pub(crate) fn nino(value: &[u8]) -> Verdict {
    let mut text = [0u8; 9];
    let Some(t) = squeezed(value, &mut text) else { return Verdict::No };
    let never = [&b"BG"[..], b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"];
    let prefix = !never.contains(&&t[..2])
        && !b"DFIQUV".contains(&t[0])
        && !b"DFIOQUV".contains(&t[1])
        && t[..2].iter().all(u8::is_ascii_uppercase);
    Verdict::plausible(prefix && number(&t[2..8]).is_some() && matches!(t[8], b'A'..=b'D'))
}

/// Indian permanent account number: the fourth letter tells the kind of holder; the check letter's rule is not published.
pub(crate) fn pan(value: &[u8]) -> Verdict {
    let &[a, b, c, kind, name, ref digits @ .., check] = value else { return Verdict::No };
    let letters = [a, b, c, name, check].iter().all(u8::is_ascii_uppercase);
    Verdict::plausible(
        letters
            && b"ABCFGHJLPTK".contains(&kind)
            && digits.len() == 4
            && number(digits).is_some_and(|n| n > 0),
    )
}

/// Japanese individual number: MOD 11 over 11 digits, weights 2 to 7 and 2 to 6 from the right.
pub(crate) fn my_number(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    if d.len() != 12 || d.iter().all(|b| *b == d[0]) {
        return Verdict::No;
    }
    let rest = weighted(&d[..11], &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest <= 1 { 0 } else { 11 - rest };
    Verdict::plausible(d[11] == b'0' + check as u8)
}

/// Australian tax file number: nine digits, weighted sum a multiple of 11.
pub(crate) fn tfn(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    let sum = weighted(d, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    Verdict::plausible(d.len() == 9 && sum > 0 && sum.is_multiple_of(11))
}

/// Canadian social insurance number: Luhn over nine digits; none begins with 0 or 8.
pub(crate) fn sin(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    Verdict::plausible(d.len() == 9 && !matches!(d[0], b'0' | b'8') && luhn(d))
}

/// Spanish DNI and NIE: the letter is the number MOD 23; X, Y and Z stand for 0, 1 and 2.
pub(crate) fn nif(value: &[u8]) -> Verdict {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let Some((check, body)) = value.split_last() else { return Verdict::No };
    let body = body.strip_suffix(b"-").unwrap_or(body);
    let (first, digits) = match body {
        [n @ b'X'..=b'Z', rest @ ..] if rest.len() == 7 => (u32::from(n - b'X') * 10_000_000, rest),
        _ if body.len() == 8 => (0, body),
        _ => return Verdict::No,
    };
    let holds = number(digits).is_some_and(|n| LETTERS[((first + n) % 23) as usize] == *check);
    Verdict::plausible(holds)
}

/// Italian tax code: consonants, birth (women's days have 40 added), place and a check letter; where two people would have the same,
/// letters stand for digits.
pub(crate) fn codice_fiscale(value: &[u8]) -> Verdict {
    /// Values of the characters at odd places, 0 to 9 as A to J.
    const ODD: [u8; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    /// Letters that stand for the digits 0 to 9.
    const OMOCODES: &[u8; 10] = b"LMNPQRSTUV";
    let Ok(v) = <&[u8; 16]>::try_from(value) else { return Verdict::No };
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(u32::from(b - b'0')),
        _ => OMOCODES.iter().position(|o| *o == b).map(|n| n as u32),
    };
    let letters = v[..6].iter().chain([&v[11], &v[15]]).all(u8::is_ascii_uppercase);
    let numbers = [6, 7, 9, 10, 12, 13, 14].iter().all(|i| digit(v[*i]).is_some());
    let day = digit(v[9]).zip(digit(v[10])).map_or(0, |(a, b)| a * 10 + b);
    if !letters || !numbers || !b"ABCDEHLMPRST".contains(&v[8]) || !matches!(day, 1..=31 | 41..=71) {
        return Verdict::No;
    }
    let rank = |b: u8| usize::from(if b.is_ascii_digit() { b - b'0' } else { b - b'A' });
    let sum: usize =
        (0..15).map(|i| if i % 2 == 0 { usize::from(ODD[rank(v[i])]) } else { rank(v[i]) }).sum();
    Verdict::verified(sum % 26 == rank(v[15]))
}

/// Bank identifier code (ISO 9362): its fifth and sixth letters are a country.
pub(crate) fn bic(value: &[u8]) -> Verdict {
    let (8 | 11, Some(head), Some(rest)) = (value.len(), value.get(..6), value.get(6..)) else {
        return Verdict::No;
    };
    let shaped = head.iter().all(u8::is_ascii_uppercase)
        && rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    Verdict::plausible(shaped && is_two(&head[4..]))
}

/// `value` without blanks, where it then fills `text`.
fn squeezed<'t>(value: &[u8], text: &'t mut [u8; 9]) -> Option<&'t [u8; 9]> {
    let mut n = 0;
    for b in value.iter().filter(|b| **b != b' ') {
        *text.get_mut(n)? = *b;
        n += 1;
    }
    (n == text.len()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for (verdict, good, bad) in [
            (nino as fn(&[u8]) -> Verdict, "AB123456C", "GB123456C"),
            (nino, "AB 12 34 56 C", "AB123456E"),
            (pan, "ABCPE1234F", "ABCDE1234F"),
            (my_number, "123456789018", "123456789019"),
            (tfn, "123 456 782", "123 456 783"),
            (sin, "130 692 544", "130 692 545"),
            (sin, "130692544", "046454286"),
            (nif, "12345678Z", "12345678A"),
            (nif, "X1234567L", "Y1234567L"),
            (bic, "BKCHCNBJ", "BKCHQQBJ"),
            (bic, "DEUTDEFF500", "DEUTDEFF50"),
        ] {
            assert_eq!(verdict(good.as_bytes()), Verdict::Plausible, "{good}");
            assert_eq!(verdict(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(codice_fiscale(b"RSSMRA85T10A562S"), Verdict::Verified);
        // The same person's omocode; a wrong check letter; a day that is none.
        assert_eq!(codice_fiscale(b"RSSMRA85T10A56NH"), Verdict::Verified);
        assert_eq!(codice_fiscale(b"RSSMRA85T10A562T"), Verdict::No);
        assert_eq!(codice_fiscale(b"RSSMRA85T39A562S"), Verdict::No);
    }

    /// The values of odd places as the ministry's table lists them, by character.
    fn odd(c: char) -> u32 {
        let table = "0:1 1:0 2:5 3:7 4:9 5:13 6:15 7:17 8:19 9:21 A:1 B:0 C:5 D:7 E:9 F:13 G:15 H:17 I:19 J:21 K:2 L:4 M:18 \
                     N:20 O:11 P:3 Q:6 R:8 S:12 T:14 U:16 V:10 W:22 X:25 Y:24 Z:23";
        let of = |pair: &str| pair.split_once(':').map(|(k, v)| (k.to_owned(), v.parse().unwrap_or(99)));
        table.split_whitespace().filter_map(of).find(|(k, _)| *k == c.to_string()).map_or(99, |(_, v)| v)
    }

    proptest! {
        #[test]
        fn equals_the_naive_way(n in 0u64..1_000_000_000_000, letter in "[A-Z]") {
            let holds = |v: Verdict| v == Verdict::Plausible;
            let nine = format!("{:09}", n % 1_000_000_000);
            let d = |text: &str| text.chars().map(|c| u64::from(c as u32 - 48)).collect::<Vec<_>>();
            let t = d(&nine);
            let sum = t[0] + 4 * t[1] + 3 * t[2] + 7 * t[3] + 5 * t[4] + 8 * t[5] + 6 * t[6] + 9 * t[7] + 10 * t[8];
            prop_assert_eq!(holds(tfn(nine.as_bytes())), sum % 11 == 0 && sum > 0);
            let luhn: u64 = t.iter().enumerate().map(|(i, n)| if i % 2 == 1 { [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][*n as usize] } else { *n }).sum();
            prop_assert_eq!(holds(sin(nine.as_bytes())), luhn.is_multiple_of(10) && t[0] != 0 && t[0] != 8);
            let eight = n % 100_000_000;
            let wanted = "TRWAGMYFPDXBNJZSQVHLCKE".chars().nth((eight % 23) as usize).map(String::from);
            prop_assert_eq!(holds(nif(format!("{eight:08}{letter}").as_bytes())), wanted == Some(letter));
            let twelve = format!("{n:012}");
            let m = d(&twelve);
            let sum: u64 = (1..=11).map(|i| m[11 - i] * if i <= 6 { i as u64 + 1 } else { i as u64 - 5 }).sum();
            let check = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
            prop_assert_eq!(holds(my_number(twelve.as_bytes())), m[11] == check && m.iter().any(|x| *x != m[0]));
        }
        #[test]
        fn one_changed_character_of_a_tax_code_is_seldom_right(
            name in "[A-Z]{6}", year in 0u32..100, month in "[ABCDEHLMPRST]", day in 1u32..32, place in "[A-Z][0-9]{3}",
        ) {
            let body = format!("{name}{year:02}{month}{day:02}{place}");
            let even = |c: char| c.to_digit(10).unwrap_or_else(|| c as u32 - 65);
            let sum: u32 = body.chars().enumerate().map(|(i, c)| if i % 2 == 0 { odd(c) } else { even(c) }).sum();
            let check = char::from(b'A' + (sum % 26) as u8);
            for c in 'A'..='Z' {
                let verdict = codice_fiscale(format!("{body}{c}").as_bytes());
                prop_assert_eq!(verdict == Verdict::Verified, c == check);
            }
        }
    }
}
