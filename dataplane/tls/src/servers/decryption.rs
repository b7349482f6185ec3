//! Decryption by SM2 (GB/T 32918.4-2016, 7.1), over the curve of the crate `sm2`, whose version of the RustCrypto generation in use has no
//! encryption of its own.

use crate::keys::Secret;
use sm2::elliptic_curve::sec1::{Coordinates, FromEncodedPoint, ToEncodedPoint};
use sm2::{AffinePoint, EncodedPoint, FieldBytes, ProjectivePoint, SecretKey};
use sm3::{Digest, Sm3};
use zeroize::Zeroizing;

/// Longest text: a premaster secret is 48 bytes.
const MAX_TEXT: usize = 1024;

/// What was encrypted for a key, in the form of GB/T 35276-2017, 7.2: a sequence of x, y, hash and cipher text.
pub(super) fn decrypt(key: &SecretKey, sealed: &[u8]) -> Option<Secret> {
    let (mut sequence, _) = element(sealed, 0x30)?;
    let mut next = |tag| {
        let (content, rest) = element(sequence, tag)?;
        sequence = rest;
        Some(content)
    };
    let (x, y, hash, text) = (coordinate(next(2)?)?, coordinate(next(2)?)?, next(4)?, next(4)?);
    if text.is_empty() || text.len() > MAX_TEXT {
        return None;
    }
    // A point that is not on the curve is none.
    let point = EncodedPoint::from_affine_coordinates(&x, &y, false);
    let point = Option::<AffinePoint>::from(AffinePoint::from_encoded_point(&point))?;
    let shared =
        (ProjectivePoint::from(point) * *key.to_nonzero_scalar()).to_affine().to_encoded_point(false);
    let Coordinates::Uncompressed { x, y } = shared.coordinates() else { return None };
    let mut clear = Zeroizing::new(text.to_vec());
    for (counter, chunk) in (1u32..).zip(clear.chunks_mut(32)) {
        let stream =
            Sm3::new().chain_update(x).chain_update(y).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(stream).for_each(|(c, s)| *c ^= s);
    }
    let told = Sm3::new().chain_update(x).chain_update(&*clear).chain_update(y).finalize();
    (told.as_slice() == hash).then_some(clear)
}

/// Content of the element at the front, if it has this tag, and what follows (ITU-T X.690, 8.1).
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match *bytes {
        [t, len @ 0..=0x7f, ref rest @ ..] if t == tag => (usize::from(len), rest),
        [t, 0x81, len, ref rest @ ..] if t == tag => (usize::from(len), rest),
        [t, 0x82, a, b, ref rest @ ..] if t == tag => (usize::from(u16::from_be_bytes([a, b])), rest),
        _ => return None,
    };
    rest.split_at_checked(len)
}

/// An integer as a coordinate of 32 bytes.
fn coordinate(integer: &[u8]) -> Option<FieldBytes> {
    let zeros = integer.iter().take_while(|b| **b == 0).count();
    let digits = &integer[zeros..];
    let mut bytes = FieldBytes::default();
    let at = bytes.len().checked_sub(digits.len())?;
    bytes[at..].copy_from_slice(digits);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sm4::Sm4;
    use sm4::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    /// GM/T 0003.5-2012, annex C: "encryption standard" on the recommended curve.
    #[test]
    fn the_example_of_the_standard() {
        let key = hex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
        let key = SecretKey::from_slice(&key).unwrap();
        let x = "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73";
        let y = "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0";
        let hash = "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766";
        let sealed = |y: &str| {
            hex(&format!("307c0220{x}022100{y}0420{hash}041321886ca989ca9c7d58087307ca93092d651efa"))
        };
        assert_eq!(
            decrypt(&key, &sealed(y)).as_deref().map(Vec::as_slice),
            Some(&b"encryption standard"[..])
        );
        let whole = sealed(y);
        for at in 0..whole.len() {
            assert!(decrypt(&key, &whole[..at]).is_none(), "cut at {at}");
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert!(decrypt(&key, &damaged).is_none() || at < 2, "damaged at {at}");
        }
        assert!(decrypt(&key, &sealed(&y.replace('e', "f"))).is_none(), "no point of the curve");
    }

    /// GB/T 32905-2016, annex A.
    #[test]
    fn sm3_by_its_examples() {
        let of = |text: &[u8]| Sm3::digest(text).to_vec();
        assert_eq!(of(b"abc"), hex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
        assert_eq!(
            of(&b"abcd".repeat(16)),
            hex("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
        );
    }

    /// GB/T 32907-2016, annex A.1.
    #[test]
    fn sm4_by_its_example() {
        let text = hex("0123456789abcdeffedcba9876543210");
        let cipher = Sm4::new_from_slice(&text).unwrap();
        let mut block = *sm4::cipher::Block::<Sm4>::from_slice(&text);
        cipher.encrypt_block(&mut block);
        assert_eq!(block.to_vec(), hex("681edf34d206965e86b3e94f536e4246"));
        cipher.decrypt_block(&mut block);
        assert_eq!(block.to_vec(), text);
    }
}
