//! Codes of organisations.

use super::Verdict;
use super::digits::mod_11_10;
use super::division::is_prefecture;

/// The characters of a unified social credit code in order of value (GB 32100-2015, 4.2): no I, O, S, V, Z.
const CREDIT: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Unified social credit code (GB 32100-2015): 18 characters, check character, and inside it an organisation code with its own.
pub(crate) fn social_credit_code(value: &[u8]) -> Verdict {
    if value.len() != 18 || !value[2..8].iter().all(u8::is_ascii_digit) {
        return Verdict::No;
    }
    let known = matches!(
        (value[0], value[1]),
        (b'1', b'1'..=b'5' | b'9')
            | (b'2', b'1' | b'9')
            | (b'3', b'1'..=b'5' | b'9')
            | (b'4', b'1' | b'9')
            | (b'5', b'1'..=b'3' | b'9')
            | (b'6', b'1' | b'2' | b'9')
            | (b'7', b'1' | b'2' | b'9')
            | (b'8', b'1' | b'9')
            | (b'9', b'1'..=b'3')
            | (b'A', b'1' | b'9')
            | (b'N', b'1'..=b'3' | b'9')
            | (b'Y', b'1')
    );
    // What refuses most comes first.
    if !known || !has_org_check(&value[8..16], value[16]) || !is_registrar(&value[2..6]) {
        return Verdict::No;
    }
    let (mut sum, mut weight) = (0u32, 1u32);
    for b in value {
        let Some(n) = CREDIT.iter().position(|c| c == b) else { return Verdict::No };
        sum += n as u32 * weight;
        weight = weight * 3 % 31;
    }
    // The check character has weight 3^17 mod 31 = 22 and not 1, so it is compared by itself.
    let check = CREDIT.iter().position(|c| *c == value[17]).unwrap_or(0) as u32;
    let body = sum - check * 22;
    Verdict::verified((31 - body % 31) % 31 == check)
}

/// Whether four digits name who registers: a prefecture, a whole province, or the State (1000).
fn is_registrar(code: &[u8]) -> bool {
    let &[a, b, c, d] = code else { return false };
    let whole = c == b'0' && d == b'0';
    is_prefecture([a, b, c, d]) || whole && ((a, b) == (b'1', b'0') || is_prefecture([a, b, b'0', b'1']))
}

/// Organisation code (GB 11714-1997): eight characters, dash, check character.
pub(crate) fn org_code(value: &[u8]) -> Verdict {
    match value {
        [body @ .., b'-', check] if body.len() == 8 => Verdict::plausible(has_org_check(body, *check)),
        [body @ .., check] if body.len() == 8 => Verdict::plausible(has_org_check(body, *check)),
        _ => Verdict::No,
    }
}

/// Number of a tax registration until 2015: a division and an organisation code.
pub(crate) fn tax_registration(value: &[u8]) -> Verdict {
    let (15, Some(code), Some(check)) = (value.len(), value.first_chunk(), value.last()) else {
        return Verdict::No;
    };
    let division = value[..6].iter().all(u8::is_ascii_digit) && is_prefecture(*code);
    Verdict::plausible(division && has_org_check(&value[6..14], *check))
}

/// Number of a business licence until 2015: who registers, and the check digit of MOD 11,10.
pub(crate) fn business_licence(value: &[u8]) -> Verdict {
    let holds = value.len() == 15 && is_registrar(&value[..4]) && mod_11_10(value);
    Verdict::plausible(holds)
}

fn has_org_check(body: &[u8], check: u8) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (b, w) in body.iter().zip(WEIGHTS) {
        sum += w * match b {
            b'0'..=b'9' => u32::from(b - b'0'),
            b'A'..=b'Z' => u32::from(b - b'A') + 10,
            _ => return false,
        };
    }
    check == b"0X987654321"[(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::oracle::passing;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for good in ["91110000600037341L", "91210304730818226A", "9235090228853166XT", "12431022436052119Q"] {
            assert_eq!(social_credit_code(good.as_bytes()), Verdict::Verified, "{good}");
        }
        assert_eq!(social_credit_code(b"91110000600037342L"), Verdict::No);
        // Check characters hold, but no division has that code: numbers made by counting.
        assert_eq!(social_credit_code(b"125387306772351946"), Verdict::No);
        assert_eq!(org_code(b"60003734-1"), Verdict::Plausible);
        assert_eq!(org_code(b"60003734-2"), Verdict::No);
        assert_eq!(tax_registration(b"110108600037341"), Verdict::Plausible);
        assert_eq!(tax_registration(b"110108600037342"), Verdict::No);
        assert_eq!(tax_registration(b"990108600037341"), Verdict::No);
        assert_eq!(business_licence(b"110108000000016"), Verdict::Plausible);
        assert_eq!(business_licence(b"110108000000017"), Verdict::No);
        // MOD 11,10 and the weights of MOD 11 find every changed digit.
        assert_eq!(passing(business_licence, "110108000000016"), 0);
        assert_eq!(passing(|v| Verdict::plausible(has_org_check(&v[..8], v[8])), "600037341"), 0);
    }

    proptest! {
        #[test]
        fn a_changed_character_is_found(at in 2usize..8, by in 1u8..10) {
            let mut code = *b"91110000600037341L";
            code[at] = b'0' + (code[at] - b'0' + by) % 10;
            prop_assert_eq!(social_credit_code(&code), Verdict::No);
        }
    }
}
