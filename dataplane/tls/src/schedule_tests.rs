//! Known answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::record::ContentType;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter_map(|b| char::from(b).to_digit(16)).map(|d| d as u8).collect();
    digits.as_chunks::<2>().0.iter().map(|[h, l]| h << 4 | l).collect()
}

/// RFC 8448, 3: keys of the handshake and of the data, and the client's data record.
#[test]
fn rfc8448() {
    let suite = Suite::of(0x1301).unwrap();
    let derived = |secret: &str| {
        let (mut key, mut iv) = ([0; 16], [0; 12]);
        expand_label(Hash::Sha256, &hex(secret), b"key", &mut key).unwrap();
        expand_label(Hash::Sha256, &hex(secret), b"iv", &mut iv).unwrap();
        (key.to_vec(), iv.to_vec())
    };
    let handshake = "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38";
    assert_eq!(
        derived(handshake),
        (hex("3fce516009c21727d0f2e4e86ee403bc"), hex("5d313eb2671276ee13000b30"))
    );
    let client = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
    assert_eq!(derived(client), (hex("17422dda596ed5d9acd890e3c63f5051"), hex("5b78923dee08579033e523d9")));
    let record = hex(
        "17 03 03 00 43 a2 3f 70 54 b6 2c 94 d0 af fa fe 82 28 ba 55 cb ef ac ea 42 f9 14 aa 66 bc ab 3f 2b 98 19 a8 a5
         b4 6b 39 5b d5 4a 9a 20 44 1e 2b 62 97 4e 1f 5a 62 92 a2 97 70 14 bd 1e 3d ea e6 3a ee bb 21 69 49 15 e4",
    );
    let mut opener = openers13(suite, &hex(client)).unwrap();
    let mut text = Vec::new();
    assert_eq!(opener.open(&record[..5], &record[5..], &mut text), Some(ContentType::Data));
    assert_eq!(text, (0..0x32).collect::<Vec<u8>>());
    assert_eq!(opener.open(&record[..5], &record[5..], &mut text), None, "another number");
    assert!(text.is_empty());
}

/// The vector of P_SHA256 that implementations of TLS 1.2 share (posted to the IETF's TLS list in 2009).
#[test]
fn prf_of_tls12() {
    let mut out = [0; 100];
    let (secret, seed) = (hex("9bbe436ba940f017b17652849a71db35"), hex("a0ba9f936cda311827a6f796ffd5198c"));
    prf(TlsVersion::TLS12, Hash::Sha256, &secret, b"test label", &seed, &mut out).unwrap();
    let expected = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af
         0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66";
    assert_eq!(out.to_vec(), hex(expected));
}
