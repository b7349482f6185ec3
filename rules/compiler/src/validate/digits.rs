//! Check digit schemes.

/// Luhn (ISO/IEC 7812-1 Annex B): whether the digits hold; other bytes are skipped.
pub(crate) fn luhn(value: &[u8]) -> bool {
    let (mut sum, mut double, mut n) = (0u32, false, 0);
    for d in value.iter().rev().filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0')) {
        sum += if double { d * 2 / 10 + d * 2 % 10 } else { d };
        double = !double;
        n += 1;
    }
    n > 1 && sum % 10 == 0
}

/// ISO 7064 MOD 11-2 over digits, the last of which may be X.
pub(crate) fn mod_11_2(value: &[u8]) -> bool {
    let Some((last, body)) = value.split_last() else { return false };
    let mut sum = 0u32;
    for b in body {
        if !b.is_ascii_digit() {
            return false;
        }
        sum = (sum + u32::from(b - b'0')) * 2 % 11;
    }
    let check = match last {
        b'0'..=b'9' => u32::from(last - b'0'),
        b'X' | b'x' => 10,
        _ => return false,
    };
    (sum + check) % 11 == 1
}

/// ISO 7064 MOD 97-10 over letters (A = 10) and digits, in the order given.
pub(crate) fn mod_97(value: impl Iterator<Item = u8>) -> Option<u32> {
    value.filter(|b| *b != b' ').try_fold(0u32, |n, b| match b {
        b'0'..=b'9' => Some((n * 10 + u32::from(b - b'0')) % 97),
        b'A'..=b'Z' => Some((n * 100 + u32::from(b - b'A') + 10) % 97),
        _ => None,
    })
}

/// The sum of digits times weights; bytes other than digits are skipped.
pub(crate) fn weighted(value: &[u8], weights: &[u32]) -> u32 {
    value.iter().filter(|b| b.is_ascii_digit()).zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum()
}

/// The digits of a value, others skipped, at most 32.
pub(crate) struct Digits {
    bytes: [u8; 32],
    len: usize,
}

impl Digits {
    /// Of `value`; `None` where there are more.
    pub(crate) fn of(value: &[u8]) -> Option<Digits> {
        let mut out = Digits { bytes: [0; 32], len: 0 };
        for b in value.iter().filter(|b| b.is_ascii_digit()) {
            *out.bytes.get_mut(out.len)? = *b;
            out.len += 1;
        }
        Some(out)
    }
    /// As ASCII.
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// The digits of a value as ASCII, others skipped, where there are exactly `N`.
pub(crate) fn exactly<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    let (mut out, mut n) = ([0; N], 0);
    for b in value.iter().filter(|b| b.is_ascii_digit()) {
        *out.get_mut(n)? = *b;
        n += 1;
    }
    (n == N).then_some(out)
}

/// ISO 7064 MOD 11,10 over digits, the check digit last.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((last, body)) = digits.split_last() else { return false };
    let step = |p: u32, b: &u8| {
        let sum = (p + u32::from(b.wrapping_sub(b'0'))) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    };
    digits.iter().all(u8::is_ascii_digit) && (body.iter().fold(10, step) + u32::from(last - b'0')) % 10 == 1
}

/// Shannon entropy of the bytes, in bits a byte.
pub(crate) fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0u16; 256];
    for b in value.iter().take(512) {
        counts[usize::from(*b)] += 1;
    }
    let n = value.len().clamp(1, 512) as f32;
    counts.iter().filter(|c| **c > 0).map(|c| f32::from(*c) / n).map(|p| -p * p.log2()).sum()
}

/// How many different bytes there are.
pub(crate) fn distinct(value: &[u8]) -> u32 {
    let mut seen = [0u64; 4];
    for b in value {
        seen[usize::from(b >> 6)] |= 1 << (b & 63);
    }
    seen.iter().map(|w| w.count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        assert!(luhn(b"4111111111111111") && luhn(b"6222 0210 0111 6245 702") && !luhn(b"4111111111111112"));
        assert!(mod_11_2(b"11010519491231002X") && !mod_11_2(b"110105194912310021") && !mod_11_2(b""));
        assert_eq!(mod_97(b"WEST12345698765432GB82".iter().copied()), Some(1));
        assert_eq!(weighted(b"12-3", &[1, 10, 100]), 321);
    }

    #[test]
    fn entropy_of_constant_text_is_nothing() {
        assert!(entropy(b"aaaaaaaa") < 0.01 && entropy(b"abcdefgh") > 2.9);
    }
}
