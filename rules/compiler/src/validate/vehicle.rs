//! Vehicles.

use super::Verdict;
use super::digits::distinct;

/// Vehicle identification number (GB 16735-2019): check digit at the ninth place. One in eleven runs passes, so only numbers of Chinese
/// makers (L) with a digit run at the end are verified; others are plausible.
pub(crate) fn vin(value: &[u8]) -> Verdict {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if value.len() != 17 || distinct(value) < 5 {
        return Verdict::No;
    }
    let mut sum = 0;
    for (b, w) in value.iter().zip(WEIGHTS) {
        sum += w * match b {
            b'0'..=b'9' => u32::from(b - b'0'),
            b'A'..=b'H' => u32::from(b - b'A') + 1,
            b'J'..=b'N' => u32::from(b - b'J') + 1,
            b'P' => 7,
            b'R' => 9,
            b'S'..=b'Z' => u32::from(b - b'S') + 2,
            _ => return Verdict::No,
        };
    }
    let holds = value[8] == b"0123456789X"[(sum % 11) as usize] && value[13..].iter().all(u8::is_ascii_digit);
    match value[0] {
        _ if !holds => Verdict::No,
        b'L' => Verdict::Verified,
        _ => Verdict::plausible(value.iter().any(u8::is_ascii_alphabetic)),
    }
}

/// The part of a plate behind its province and an optional mark.
fn behind_province(value: &[u8]) -> Option<&[u8]> {
    let rest = value.get(3..)?;
    let (letter, rest) = rest.split_first()?;
    let rest =
        rest.strip_prefix("·".as_bytes()).or_else(|| rest.strip_prefix("•".as_bytes())).unwrap_or(rest);
    let rest = rest
        .strip_prefix(b"-")
        .or_else(|| rest.strip_prefix(b" "))
        .or_else(|| rest.strip_prefix(b"."))
        .unwrap_or(rest);
    (letter.is_ascii_uppercase() && !matches!(letter, b'I' | b'O')).then_some(rest)
}

fn is_plate_character(b: &u8) -> bool {
    b.is_ascii_digit() || b.is_ascii_uppercase() && !matches!(b, b'I' | b'O')
}

/// A licence plate (GA 36-2018): province, letter, five letters and digits with at least two digits, the last also 挂, 学, 警, 港, 澳.
pub(crate) fn plate(value: &[u8]) -> Verdict {
    let Some(rest) = behind_province(value) else { return Verdict::No };
    let (body, special) = match rest.len() {
        5 => (rest, true),
        7 => (
            &rest[..4],
            matches!(std::str::from_utf8(&rest[4..]), Ok("挂" | "学" | "警" | "港" | "澳" | "领")),
        ),
        _ => return Verdict::No,
    };
    let digits = body.iter().filter(|b| b.is_ascii_digit()).count();
    Verdict::verified(special && digits >= 2 && body.iter().all(is_plate_character))
}

/// A plate of a new-energy vehicle: small ones have a letter at the first of six places, large ones at the last.
pub(crate) fn plate_new_energy(value: &[u8]) -> Verdict {
    let class = |b: &u8| matches!(b, b'A'..=b'H' | b'J' | b'K');
    Verdict::verified(match behind_province(value) {
        Some([first, second, rest @ ..]) if rest.len() == 4 && class(first) => {
            is_plate_character(second) && rest.iter().all(u8::is_ascii_digit)
        }
        Some([rest @ .., last]) if rest.len() == 5 && class(last) => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for good in ["LVSEA1LN9BS369143", "LSVDWPTM0WF132606", "LSV5F20D9H4113823"] {
            assert_eq!(vin(good.as_bytes()), Verdict::Verified, "{good}");
        }
        assert_eq!(vin(b"1HGCM82633A004352"), Verdict::Plausible);
        assert_eq!(vin(b"1HGCM82633A004353"), Verdict::No);
        for good in ["京A12345", "京E904D7", "沪B·12345", "粤Z1234港", "浙G674H2"] {
            assert_eq!(plate(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in ["京I12345", "京A1234", "新ABCDEF", "京A123O5", "京"] {
            assert_eq!(plate(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for good in ["京AD12345", "粤BD12345", "浙F36629F", "粤GR6764"] {
            assert_eq!(plate_new_energy(good.as_bytes()) == Verdict::Verified, good != "粤GR6764", "{good}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_digit_is_found(at in 13usize..17, by in 1u8..10) {
            let mut bad = *b"LVSEA1LN9BS369143";
            bad[at] = b'0' + (bad[at] - b'0' + by) % 10;
            prop_assert_eq!(vin(&bad), Verdict::No);
        }
    }
}
