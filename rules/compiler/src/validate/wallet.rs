//! Addresses of cryptocurrencies: who holds one can be followed through every payment.

use super::Verdict;
use super::digits::distinct;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

/// Bitcoin: base58 with the double SHA-256 of versions 0 and 5, or bech32 and bech32m (BIP 173, BIP 350).
pub(crate) fn bitcoin(value: &[u8]) -> Verdict {
    match value.get(..3) {
        Some(hrp) if hrp.eq_ignore_ascii_case(b"bc1") => Verdict::verified(segwit(value)),
        _ if !(26..=35).contains(&value.len()) => Verdict::No,
        _ => Verdict::verified(base58_check::<25>(value).is_some_and(|b| matches!(b[0], 0 | 5))),
    }
}

/// Letters and digits without those that look alike.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The `N` bytes that base58 writes, where the last four are the first of the digest's digest of the others.
fn base58_check<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0u8; N];
    for c in value {
        let mut carry = BASE58.iter().position(|a| a == c)? as u32;
        for b in bytes.iter_mut().rev() {
            carry += u32::from(*b) * 58;
            *b = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    let (body, check) = bytes.split_at(N.checked_sub(4)?);
    // Each leading 1 is a byte of zeros.
    let ones = value.iter().take_while(|b| **b == b'1').count();
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    (ones == zeros && Sha256::digest(Sha256::digest(body))[..4] == *check).then_some(bytes)
}

/// TRON: base58 of version 65.
pub(crate) fn tron(value: &[u8]) -> Verdict {
    let known = value.len() == 34 && value.starts_with(b"T");
    Verdict::verified(known && base58_check::<25>(value).is_some_and(|b| b[0] == 0x41))
}

/// What opens a wallet: a private key (WIF), an extended one (BIP 32), or the words of a seed (BIP 39), of which only their number
/// and their form are known.
pub(crate) fn wallet_secret(value: &[u8]) -> Verdict {
    match value {
        [b'x', b'p', b'r', b'v', ..] if value.len() == 111 => {
            Verdict::verified(base58_check::<82>(value).is_some_and(|b| b[..4] == [0x04, 0x88, 0xad, 0xe4]))
        }
        [b'5', ..] if value.len() == 51 => {
            Verdict::verified(base58_check::<37>(value).is_some_and(|b| b[0] == 0x80))
        }
        [b'K' | b'L', ..] if value.len() == 52 => {
            Verdict::verified(base58_check::<38>(value).is_some_and(|b| b[0] == 0x80 && b[33] == 1))
        }
        _ => {
            let mut words = value.split(|b| *b == b' ');
            let word = |w: &[u8]| (3..=8).contains(&w.len()) && w.iter().all(u8::is_ascii_lowercase);
            let count = value.iter().filter(|b| **b == b' ').count() + 1;
            Verdict::plausible(matches!(count, 12 | 15 | 18 | 21 | 24) && words.all(word))
        }
    }
}

/// The polynomial's remainder is 1 for version 0 and another constant for later ones.
fn segwit(value: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    const BECH32M: u32 = 0x2bc8_30a3;
    let mixed = value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase);
    let Some(data) = value.get(3..).filter(|d| (11..=71).contains(&d.len()) && !mixed) else { return false };
    let step = |sum: u32, n: u32| {
        let top = sum >> 25;
        let next = (sum & 0x01ff_ffff) << 5 ^ n;
        GENERATOR.iter().enumerate().filter(|(i, _)| top >> i & 1 == 1).fold(next, |s, (_, g)| s ^ g)
    };
    let mut sum = [3, 3, 0, 2, 3].into_iter().fold(1, step);
    let mut version = None;
    for c in data {
        let Some(n) = ALPHABET.iter().position(|a| *a == c.to_ascii_lowercase()) else { return false };
        version.get_or_insert(n);
        sum = step(sum, n as u32);
    }
    match version {
        Some(0) => sum == 1 && matches!(data.len(), 39 | 59),
        Some(1..=16) => sum == BECH32M,
        _ => false,
    }
}

/// Ethereum: 20 bytes in hex; where both cases are used, they are a checksum (EIP-55).
pub(crate) fn ethereum(value: &[u8]) -> Verdict {
    let Some(hex) = value.strip_prefix(b"0x").and_then(|h| <&[u8; 40]>::try_from(h).ok()) else {
        return Verdict::No;
    };
    if !hex.iter().all(u8::is_ascii_hexdigit) || distinct(hex) < 6 {
        return Verdict::No;
    }
    let lower = hex.map(|b| b.to_ascii_lowercase());
    let mixed = hex.iter().any(u8::is_ascii_lowercase) && hex.iter().any(u8::is_ascii_uppercase);
    if !mixed {
        return Verdict::Verified;
    }
    let digest = Keccak256::digest(lower);
    let capital = |i: usize| digest[i / 2] >> (4 * (1 - i % 2)) & 8 == 8;
    let holds =
        hex.iter().enumerate().all(|(i, b)| b.is_ascii_digit() || b.is_ascii_uppercase() == capital(i));
    Verdict::verified(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for good in [
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ] {
            assert_eq!(bitcoin(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in [
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
            "1111111111111111111111111111111111",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            // BIP 350: bech32 where bech32m is due.
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        ] {
            assert_eq!(bitcoin(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for good in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0x2f9ebc88599dfb26ca2ae97c115a1ddf8ea4b76d",
        ] {
            assert_eq!(ethereum(good.as_bytes()), Verdict::Verified, "{good}");
        }
        assert_eq!(ethereum(b"0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), Verdict::No);
        assert_eq!(ethereum(b"0x0000000000000000000000000000000000000000"), Verdict::No);
    }

    #[test]
    fn other_wallets() {
        assert_eq!(tron(b"TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC"), Verdict::Verified);
        assert_eq!(tron(b"TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeD"), Verdict::No);
        let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        for good in [
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
            // BIP 32, the first test vector's master.
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        ] {
            assert_eq!(wallet_secret(good.as_bytes()), Verdict::Verified, "{good}");
        }
        assert_eq!(wallet_secret(b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK"), Verdict::No);
        assert_eq!(wallet_secret(words.as_bytes()), Verdict::Plausible);
        assert_eq!(wallet_secret(b"legal winner thank"), Verdict::No);
    }

    /// Base58 by division of a number held as digits of 256: another way than the validator's.
    fn encode(bytes: &[u8]) -> String {
        let (mut number, mut out) = (bytes.to_vec(), Vec::new());
        while number.iter().any(|b| *b > 0) {
            let mut rest = 0;
            for b in &mut number {
                let n = rest * 256 + u32::from(*b);
                (*b, rest) = ((n / 58) as u8, n % 58);
            }
            out.push(BASE58[rest as usize]);
        }
        out.extend(bytes.iter().take_while(|b| **b == 0).map(|_| b'1'));
        out.reverse();
        String::from_utf8(out).unwrap_or_default()
    }

    proptest! {
        #[test]
        fn made_addresses_hold_and_changed_ones_do_not(
            script in any::<bool>(), hash in any::<[u8; 20]>(), at in 1usize..26, by in 1u8..9,
        ) {
            let mut bytes = vec![if script { 5 } else { 0 }];
            bytes.extend(hash);
            let check = Sha256::digest(Sha256::digest(&bytes));
            bytes.extend(&check[..4]);
            let mut address = encode(&bytes).into_bytes();
            prop_assert_eq!(bitcoin(&address), Verdict::Verified);
            let digit = b'1' + (address[at].wrapping_sub(b'1').wrapping_add(by)) % 9;
            if digit != address[at] {
                address[at] = digit;
                prop_assert_eq!(bitcoin(&address), Verdict::No);
            }
        }
        #[test]
        fn made_secrets_hold(key in any::<[u8; 32]>(), hash in any::<[u8; 20]>(), compressed in any::<bool>()) {
            let sealed = |mut bytes: Vec<u8>| {
                let check = Sha256::digest(Sha256::digest(&bytes));
                bytes.extend(&check[..4]);
                encode(&bytes)
            };
            let secret = [&[0x80][..], &key, if compressed { &[1] } else { &[] }].concat();
            prop_assert_eq!(wallet_secret(sealed(secret).as_bytes()), Verdict::Verified);
            prop_assert_eq!(tron(sealed([&[0x41][..], &hash].concat()).as_bytes()), Verdict::Verified);
            prop_assert_eq!(tron(sealed([&[0x42][..], &hash].concat()).as_bytes()), Verdict::No);
        }
    }
}
