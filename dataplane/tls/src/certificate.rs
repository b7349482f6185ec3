//! What certificates say, as far as it is recorded (RFC 5280).

use crate::reader::Reader;
use std::net::{Ipv4Addr, Ipv6Addr};
use weir_exchange::{Certificate, Text};
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

/// Longest name kept.
const MAX_NAME: usize = 255;
/// Most names kept.
const MAX_NAMES: usize = 64;

/// What a Certificate message holds.
#[derive(Default)]
pub(crate) struct Chain<'a> {
    /// The first two, as sent: that of whoever sends it, and in TLCP that for encryption.
    pub(crate) first: [Option<&'a [u8]>; 2],
    /// How many there are.
    pub(crate) count: u8,
}

impl<'a> Chain<'a> {
    /// Reads the body of the message. `tls13`: in the form of RFC 8446, 4.4.2.
    pub(crate) fn read(body: &'a [u8], tls13: bool) -> Option<Chain<'a>> {
        let mut r = Reader(body);
        if tls13 {
            r.vec8()?;
        }
        let mut list = r.vec24()?;
        let mut chain = Chain::default();
        while let Some(der) = list.vec24() {
            if let Some(first) = chain.first.get_mut(usize::from(chain.count)) {
                *first = Some(der.0);
            }
            chain.count = chain.count.saturating_add(1);
            if tls13 && list.vec16().is_none() {
                break;
            }
        }
        Some(chain)
    }
}

/// The public key of a certificate, as server keys are told apart by: of RSA the modulus without leading zeros, else the point as sent.
pub(crate) fn key_of(der: &[u8]) -> Option<Vec<u8>> {
    let (_, c) = X509Certificate::from_der(der).ok()?;
    match c.public_key().parsed().ok()? {
        PublicKey::RSA(key) => {
            let zeros = key.modulus.iter().take_while(|b| **b == 0).count();
            Some(key.modulus[zeros..].to_vec())
        }
        PublicKey::EC(point) => Some(point.data().to_vec()),
        _ => None,
    }
}

/// What a certificate says.
pub(crate) fn certificate(der: &[u8]) -> Option<Certificate> {
    let (_, c) = X509Certificate::from_der(der).ok()?;
    let mut names: Vec<Text> = Vec::new();
    for extension in c.extensions() {
        if let ParsedExtension::SubjectAlternativeName(san) = extension.parsed_extension() {
            names.extend(
                san.general_names.iter().filter_map(name).take(MAX_NAMES.saturating_sub(names.len())),
            );
        }
    }
    if names.is_empty() {
        let common = c.subject().iter_common_name().filter_map(|n| n.as_str().ok());
        names.extend(common.take(MAX_NAMES).map(bounded));
    }
    let (key, bits) = public_key(&c);
    Some(Certificate {
        subject: shown(c.subject()),
        names,
        issuer: shown(c.issuer()),
        not_before: c.validity().not_before.timestamp(),
        not_after: c.validity().not_after.timestamp(),
        key,
        bits,
        signature: signature(&c.signature_algorithm.algorithm.to_id_string()),
        self_signed: c.subject().as_raw() == c.issuer().as_raw(),
    })
}

fn name(name: &GeneralName<'_>) -> Option<Text> {
    match name {
        GeneralName::DNSName(name) => Some(bounded(name)),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|b| Ipv4Addr::from(b).to_string());
            let v6 = || <[u8; 16]>::try_from(*bytes).map(|b| Ipv6Addr::from(b).to_string());
            v4.or_else(|_| v6()).ok().map(Text::new)
        }
        _ => None,
    }
}

fn shown(name: &X509Name<'_>) -> Text {
    bounded(&name.to_string())
}

fn bounded(text: &str) -> Text {
    // Certificates hold what their makers please: no control characters reach records.
    Text::new(text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect::<String>())
}

/// Kind and bits of the key.
fn public_key(c: &X509Certificate<'_>) -> (Text, u32) {
    let id = c.public_key().algorithm.algorithm.to_id_string();
    let bits = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    match c.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => (Text::new_static("RSA"), bits(key.key_size())),
        Ok(PublicKey::EC(_)) => {
            let curve = c.public_key().algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
            let curve = curve.map(|c| c.to_id_string()).unwrap_or_default();
            match curve.as_str() {
                "1.2.840.10045.3.1.7" | "1.3.132.0.10" | "1.3.36.3.3.2.8.1.1.7" => {
                    (Text::new_static("EC"), 256)
                }
                "1.3.132.0.33" => (Text::new_static("EC"), 224),
                "1.3.132.0.34" => (Text::new_static("EC"), 384),
                "1.3.132.0.35" => (Text::new_static("EC"), 521),
                "1.2.156.10197.1.301" => (Text::new_static("SM2"), 256),
                _ => (Text::new_static("EC"), 0),
            }
        }
        Ok(PublicKey::DSA(y)) => (Text::new_static("DSA"), bits(y.len() / 8 * 64)),
        _ => match id.as_str() {
            "1.3.101.112" => (Text::new_static("Ed25519"), 256),
            "1.3.101.113" => (Text::new_static("Ed448"), 456),
            _ => (bounded(&id), 0),
        },
    }
}

/// Name of a signature algorithm (RFC 4055, 5758, 8410, 8692; GM/T 0006).
fn signature(id: &str) -> Text {
    Text::new(match id {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10040.4.3" => "dsa-with-sha1",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.156.10197.1.501" => "sm2-with-SM3",
        other => return bounded(other),
    })
}
